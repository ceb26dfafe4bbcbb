"""Calls and soundings on the page of a challenge, and questions that wait for an answer at home."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.desk.calls.access import call_access
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import CallQuestion
from enishi.desk.soundings.access import sounding_access
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records
from enishi.organizations.visibility import reach_of

SHOWN = 8


def register() -> None:
    records.register(
        RecordPanel(
            "exchange.challenge", "desk/calls/_of_challenge.html", 15, of_challenge, _("募集とサウンディング")
        )
    )
    home.register(HomePanel("", 36, to_answer, "today"))


def of_challenge(actor: Actor, challenge: Any) -> Mapping[str, Any] | None:
    calls = list(call_access.visible(actor).filter(challenges=challenge).order_by("-deadline")[:SHOWN])
    soundings = list(
        sounding_access.visible(actor).filter(challenges=challenge).order_by("-apply_until")[:SHOWN]
    )
    may_call = actor.is_authenticated and call_access.allows(actor, "create", challenge.organization)
    if not calls and not soundings and not may_call:
        return None
    return {"challenge": challenge, "calls": calls, "soundings": soundings, "may_call": may_call}


def to_answer(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Questions about the own office's calls, those due first on top."""
    houses = reach_of(actor).organization_ids
    if not houses:
        return None
    rows = (
        CallQuestion.objects.filter(
            call__organization_id__in=houses, call__status=CallStatus.OPEN, answered_at__isnull=True
        )
        .select_related("call")
        .order_by("call__answers_by", "asked_at")[: SHOWN * 2]
    )
    items = [
        Todo(row.text[:60], row.call.get_absolute_url(), due=row.call.answers_by, why=_("募集への質問です"))
        for row in rows
        if call_access.allows(actor, "answer", row.call)
    ][:SHOWN]
    return {"items": items} if items else None
