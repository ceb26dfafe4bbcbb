"""What every service of the room does: lock, compare, write down, tell."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.enums import Criterion
from enishi.evaluation.errors import RefusedError, StaleVersionError
from enishi.evaluation.models import EvaluationCycle, ImprovementDecision, Subject
from enishi.evaluation.signals import decision_made, subject_changed, subject_moved
from enishi.foundation import trail
from enishi.foundation.forms import clean_text

MOST_YEN = 10**13


def locked_cycle(cycle_id: int) -> EvaluationCycle:
    """The cycle, held against other writers until the transaction ends."""
    cycle: EvaluationCycle = EvaluationCycle.objects.select_for_update().get(pk=cycle_id)
    if cycle.deleted_at is not None:
        raise RefusedError(_("この評価の周期は削除されています。"))
    return cycle


def locked_subject(subject_id: int) -> Subject:
    """The sheet with its cycle; only the sheet's own row is locked."""
    subject = Subject.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=subject_id)
    if subject.cycle.deleted_at is not None:
        raise RefusedError(_("この評価の周期は削除されています。"))
    if not subject.included:
        raise RefusedError(
            _("この事業は今回の評価の対象ではありません。対象にするには行革担当に頼んでください。")
        )
    return subject


def require_running(cycle: EvaluationCycle) -> None:
    if not cycle.is_running:
        raise RefusedError(
            _("「%(cycle)s」は%(state)sです。書けるのは実施中の周期だけです。")
            % {"cycle": cycle, "state": cycle.get_state_display()}
        )


def require_version(row: Any, version: int) -> None:
    if row.version != version:
        raise StaleVersionError(opened=version, current=row.version)


def assign(row: models.Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Put the values on the row, cleaned; a ``ValidationError`` says at which field something is wrong."""
    known = set(names)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise TypeError(f"unknown values: {unknown}")
    for name, value in values.items():
        column = row._meta.get_field(name)
        if isinstance(column, models.TextField):
            value = clean_text(str(value or ""), lines=True).strip()
        elif isinstance(column, models.CharField):
            value = clean_text(str(value or "")).strip()
        elif name.endswith("_yen") and value is not None and abs(value) > MOST_YEN:
            raise ValidationError({name: _("金額が大きすぎます。円で書いてください。")})
        setattr(row, name, value)
    given = {
        column.name
        for column in row._meta.concrete_fields
        if column.name in values and not column.is_relation
    }
    row.clean_fields(exclude={column.name for column in row._meta.concrete_fields} - given)


def changed(before: Mapping[str, Any], row: models.Model) -> dict[str, tuple[Any, Any]]:
    """What the history tells; grades by the names of their criteria."""
    hidden = {"id", "version", "updated_at", "updated_by_id", "created_at", "placed_at"}
    found = trail.differences(before, trail.values(row))
    if "scores" in found:
        told, now = found["scores"]
        found["scores"] = _grades(told), _grades(now)
    return {name: pair for name, pair in found.items() if name not in hidden}


def _grades(scores: Mapping[str, str] | None) -> str:
    return "、".join(f"{Criterion(name).label} {grade}" for name, grade in (scores or {}).items())


def write_down(
    subject: Subject | EvaluationCycle,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
    row: models.Model | None = None,
) -> None:
    """Record the act with the sheet or the cycle, so that its history is one list."""
    prefix = f"{row._meta.label_lower}." if row is not None else ""
    if isinstance(subject, Subject):
        Subject.objects.filter(pk=subject.pk).update(updated_at=at)
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=subject,
            at=at,
            organization_id=subject.organization_id,
            changes={f"{prefix}{name}": pair for name, pair in (changes or {}).items()},
            note=note,
        )
    )


def move(subject: Subject, place: str, at: dt.datetime) -> tuple[str, str]:
    """Lay the sheet at another station. Returns where it was and is, for the record."""
    before = subject.place
    subject.place, subject.placed_at = place, at
    subject.told_on = None
    subject.save(update_fields=["place", "placed_at", "told_on"])
    key = subject.pk
    transaction.on_commit(lambda: _send_move(key, before, place))
    return before, place


def _send_move(key: int, before: str, after: str) -> None:
    subject_moved.send_robust(Subject, subject_id=key, before=before, after=after)


def tell(subject: Subject) -> None:
    key = subject.pk
    transaction.on_commit(lambda: _send(key))


def _send(key: int) -> None:
    subject_changed.send_robust(Subject, subject_id=key)


def tell_decision(decision: ImprovementDecision) -> None:
    key = decision.pk
    transaction.on_commit(lambda: _send_decision(key))


def _send_decision(key: int) -> None:
    decision_made.send_robust(ImprovementDecision, decision_id=key)
