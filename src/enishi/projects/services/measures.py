"""Measures and their values. A value once written stays; a correction is written beside it."""

import calendar
import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.projects.access import may_touch, project_access
from enishi.projects.calculations import judgement_of
from enishi.projects.enums import Direction, Frequency, TrialState
from enishi.projects.errors import FrozenError, RefusedError
from enishi.projects.models import Measure, MeasureValue, Project, Trial
from enishi.projects.services.writing import (
    assign,
    changed,
    locked_project,
    own_participant,
    require_open,
    require_version,
    tell,
    touch,
    write_down,
)
from enishi.projects.signals import stop_criterion_hit

WRITABLE = (
    "title",
    "definition",
    "kind",
    "tier",
    "unit",
    "direction",
    "baseline_value",
    "baseline_on",
    "baseline_missing",
    "target_value",
    "target_on",
    "tolerance",
    "source",
    "frequency",
    "next_due_on",
    "participant",
)
GOALS = frozenset({"baseline_value", "baseline_on", "target_value", "target_on", "direction", "unit"})
LED_BY_REGISTER = frozenset(
    {
        "title",
        "definition",
        "unit",
        "direction",
        "tolerance",
        "source",
        "frequency",
        "next_due_on",
        "participant",
    }
)
"""What the register of indicators says of a measure that is one of them."""
VALUE_WRITABLE = ("on", "value", "missing_reason", "source", "note")


@transaction.atomic
def add_measure(*, project_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Measure:
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    measure = Measure(project=project)
    assign(measure, values, WRITABLE)
    _check(measure, project)
    if measure.next_due_on is None:
        measure.next_due_on = measure.target_on
    measure.save()
    touch(project, actor=actor, at=at)
    write_down(project, "add_measure", actor=actor, at=at, note=measure.title)
    tell(project)
    return measure


@transaction.atomic
def edit_measure(
    *,
    measure_id: int,
    values: Mapping[str, Any],
    version: int,
    reason: str = "",
    actor: Person,
    at: dt.datetime,
) -> Measure:
    """Write a measure anew. Moving the goal once the project was approved needs a reason, and a running trial none at all."""
    project = locked_project(Measure.objects.get(pk=measure_id).project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    measure = project.measures.select_for_update().get(pk=measure_id)
    require_version(measure, version)
    before = trail.values(measure)
    led = LED_BY_REGISTER if measure.indicator_id else frozenset()
    assign(measure, {name: value for name, value in values.items() if name not in led}, WRITABLE)
    _check(measure, project)
    changes = changed(before, measure)
    reason = clean_text(reason).strip()[:300]
    if GOALS & set(changes):
        _refuse_moved_goal(measure, project, reason)
    if changes:
        measure.version += 1
        measure.save()
        touch(project, actor=actor, at=at)
        note = f"{measure.title}: {reason}" if reason else measure.title
        write_down(project, "edit_measure", actor=actor, at=at, row=measure, changes=changes, note=note)
        tell(project)
    return measure


def _refuse_moved_goal(measure: Measure, project: Project, reason: str) -> None:
    running = Trial.objects.filter(project=project, state=TrialState.RUNNING)
    if running.filter(measure=measure).exists() or running.filter(stop_measure=measure).exists():
        raise FrozenError
    if project.approved_at is not None and not reason:
        raise ValidationError(
            {"reason": _("承認のあとで基準や目標を変えるときは、理由を書いてください。履歴に残ります。")}
        )


def _check(measure: Measure, project: Project) -> None:
    own_participant(project, measure.participant)
    faults: dict[str, str] = {}
    base, target = measure.baseline_value, measure.target_value
    if base is not None and measure.baseline_missing:
        faults["baseline_missing"] = _("基準値があるときは、理由を空にしてください。")
    if base is not None and target is not None:
        if measure.direction == Direction.UP and target <= base:
            faults["target_value"] = _("「増やす」指標の目標値は、基準値より大きくしてください。")
        if measure.direction == Direction.DOWN and target >= base:
            faults["target_value"] = _("「減らす」指標の目標値は、基準値より小さくしてください。")
    if measure.baseline_on and measure.target_on and measure.target_on <= measure.baseline_on:
        faults["target_on"] = _("目標の日は、基準値の日より後にしてください。")
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def retire_measure(*, measure_id: int, reason: str, actor: Person, at: dt.datetime) -> Measure:
    """Stop using a measure; its values stay."""
    project = locked_project(Measure.objects.get(pk=measure_id).project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    measure = project.measures.select_for_update().get(pk=measure_id)
    reason = clean_text(reason).strip()[:300]
    if not reason:
        raise RefusedError(_("使うのをやめる理由を書いてください。"))
    others = list(project.measures.filter(retired_at__isnull=True).exclude(pk=measure.pk))
    if project.approved_at and not any(each.is_outcome and each.is_complete for each in others):
        raise RefusedError(
            _(
                "承認済みの事業には、基準値・目標値・出所のそろった成果の指標が一つは必要です。先に別の指標を加えてください。"
            )
        )
    measure.retired_at, measure.next_due_on = at, None
    measure.version += 1
    measure.save()
    touch(project, actor=actor, at=at)
    write_down(project, "retire_measure", actor=actor, at=at, note=f"{measure.title}: {reason}")
    tell(project)
    return measure


@transaction.atomic
def record_value(
    *, measure_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> MeasureValue:
    """Write down what was measured, or why nothing was."""
    measure, project = _for_recording(measure_id, actor)
    value = MeasureValue(measure=measure, recorded_by=actor, recorded_at=at)
    assign(value, values, VALUE_WRITABLE)
    value.source = value.source or measure.source
    _check_value(value, at)
    same_day = measure.values.current().filter(on=value.on)
    if same_day.exists():
        raise ValidationError(
            {"on": _("この日の値はすでにあります。直すときは、その値の「訂正する」を押してください。")}
        )
    value.save()
    _ask_for_next(measure, value.on)
    touch(project, actor=actor, at=at)
    write_down(project, "record_value", actor=actor, at=at, note=_said(measure, value))
    tell(project)
    tell_of_stop(value, at)
    return value


def tell_of_stop(value: MeasureValue, at: dt.datetime) -> None:
    """When this is the first value by which a running trial was to be stopped, those who decide must hear of it."""
    watched = Q(stop_measure=value.measure) | Q(stop_measure=None, measure=value.measure)
    running = Trial.objects.filter(watched, project=value.measure.project_id, state=TrialState.RUNNING)
    for trial in running.select_related("measure", "stop_measure"):
        if judgement_of(trial, on=timezone.localdate(at)).stopped_by == value:
            transaction.on_commit(partial(stop_criterion_hit.send_robust, Trial, trial_id=trial.pk, at=at))


@transaction.atomic
def correct_value(
    *, value_id: int, values: Mapping[str, Any], reason: str, actor: Person, at: dt.datetime
) -> MeasureValue:
    """Write a new value in the place of one that was wrong; both stay readable."""
    old = MeasureValue.objects.get(pk=value_id)
    measure, project = _for_recording(old.measure_id, actor)
    old = measure.values.select_for_update().get(pk=value_id)
    if MeasureValue.objects.filter(replaces=old).exists():
        raise RefusedError(_("この値はすでに訂正されています。新しいほうの値を訂正してください。"))
    reason = clean_text(reason).strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("訂正の理由を書いてください。")})
    value = MeasureValue(
        measure=measure, recorded_by=actor, recorded_at=at, replaces=old, correction_reason=reason, on=old.on
    )
    assign(value, values, VALUE_WRITABLE)
    value.source = value.source or old.source
    _check_value(value, at)
    if measure.values.current().filter(on=value.on).exclude(pk=old.pk).exists():
        raise ValidationError(
            {"on": _("この日の値はほかにもあります。別の日にするか、そちらを訂正してください。")}
        )
    value.save()
    touch(project, actor=actor, at=at)
    write_down(project, "correct_value", actor=actor, at=at, note=_said(measure, value))
    tell(project)
    tell_of_stop(value, at)
    return value


def _for_recording(measure_id: int, actor: Person) -> tuple[Measure, Project]:
    project = locked_project(Measure.objects.get(pk=measure_id).project_id)
    measure = project.measures.select_for_update().get(pk=measure_id)
    if not may_touch(actor, project, measure.participant):
        raise PermissionDenied("record")
    if measure.retired_at is not None:
        raise RefusedError(_("この指標は使うのをやめています。"))
    if measure.indicator_id is not None:
        raise RefusedError(
            _(
                "この指標の値は、指標の台帳で入れます。承認されるとここに出るので、二度入れる必要はありません。"
            )
        )
    return measure, project


def _check_value(value: MeasureValue, at: dt.datetime) -> None:
    faults: dict[str, str] = {}
    if value.value is None and not value.missing_reason:
        faults["value"] = _("値を書くか、値がない理由を書いてください。空のままにはできません。")
    if value.value is not None and value.missing_reason:
        faults["missing_reason"] = _("値があるときは、理由を空にしてください。")
    if value.on > timezone.localdate(at):
        faults["on"] = _("まだ来ていない日の値は書けません。")
    if faults:
        raise ValidationError(faults)


def _ask_for_next(measure: Measure, on: dt.date) -> None:
    """The next day a value is due: one step further, until the target day."""
    months = Frequency(measure.frequency).months
    due = measure.next_due_on
    if due is None or on < due - dt.timedelta(days=31 * max(months, 1)):
        return
    further = _months_later(max(due, on), months) if months else None
    if further is None and measure.target_on and on < measure.target_on:
        further = measure.target_on
    if further is not None and measure.target_on and further > measure.target_on:
        further = measure.target_on if on < measure.target_on else None
    measure.next_due_on, measure.reminded_on = further, None
    measure.save(update_fields=["next_due_on", "reminded_on"])


def _months_later(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _said(measure: Measure, value: MeasureValue) -> str:
    return f"{measure.title} {value.on.isoformat()}"
