"""How records moved from state to state, read from the record of acts: for the page of a whole case."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise

from enishi.audit.access import may_read_history
from enishi.audit.models import AuditEvent
from enishi.foundation.access import Actor
from enishi.foundation.thread import CaseStep


def steps_of(
    instances: Sequence[models.Model],
    column: str,
    labels: Mapping[str, str | Promise],
    *,
    actor: Actor,
    today: dt.date,
    over: frozenset[str] = frozenset(),
    private: frozenset[str] = frozenset(),
) -> dict[int, list[CaseStep]]:
    """For each record the states it went through, each with the days spent in it; names only for people of the house.

    A state in ``over`` ends the way: no days are counted in it. What went on in ``private`` states, before the record was
    shared, is for people of the house too.
    """
    if not instances:
        return {}
    by_id = {str(each.pk): each for each in instances}
    events = (
        AuditEvent.objects.filter(
            subject_type=instances[0]._meta.label_lower, subject_id__in=by_id, changes__has_key=column
        )
        .order_by("sequence")
        .values_list("subject_id", "at", "actor_name", "changes")
    )
    moves: dict[int, list[tuple[str, CaseStep]]] = defaultdict(list)
    for subject_id, at, actor_name, changes in events:
        state = changes[column][1]
        instance = by_id[subject_id]
        inside = may_read_history(actor, instance)
        if state in labels and (inside or state not in private):
            who = actor_name if inside else ""
            moves[instance.pk].append((state, CaseStep(timezone.localdate(at), labels[state], who)))
    return {pk: _with_days(found, today, over) for pk, found in moves.items()}


def _with_days(moves: Sequence[tuple[str, CaseStep]], today: dt.date, over: frozenset[str]) -> list[CaseStep]:
    ends = [*(step.on for _state, step in moves[1:]), today]
    return [
        step
        if state in over and index == len(moves) - 1
        else replace(step, days=max(0, (end - step.on).days))
        for index, ((state, step), end) in enumerate(zip(moves, ends, strict=True))
    ]
