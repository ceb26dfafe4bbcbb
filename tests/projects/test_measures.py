"""Values are only ever added, a correction shows what it replaced, missing is a value with a reason."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from enishi.projects import selectors, services
from enishi.projects.errors import RefusedError
from enishi.projects.models import Measure
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, cast, draft, outcome, running

pytestmark = pytest.mark.django_db


def record(actor, measure, **values):
    given = {"on": TODAY, "value": Decimal(3)} | values
    return services.record_value(measure_id=measure.pk, values=given, actor=actor, at=NOON)


def correct(actor, wrong, /, **values):
    reason = values.pop("reason", "写し間違い")
    return services.correct_value(value_id=wrong.pk, values=values, reason=reason, actor=actor, at=NOON)


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "value", "status", "percent"),
    [
        ("DOWN", 6, 2, 3, "やや遅れ", "75.0"),
        ("DOWN", 6, 2, 2, "達成", "100.0"),
        ("DOWN", 6, 2, 7, "後退", "-25.0"),
        ("UP", 0, 30, 27, "順調", "90.0"),
        ("KEEP", 50, 50, 51, "達成", None),
        ("KEEP", 50, 50, 57, "遅れ", None),
    ],
)
def test_how_a_measure_stands(direction, baseline, target, value, status, percent):
    who = cast()
    project = draft(who)
    measure = outcome(
        who,
        project,
        direction=direction,
        baseline_value=Decimal(baseline),
        target_value=Decimal(target),
        tolerance=Decimal(2),
    )
    record(who.officer, measure, value=Decimal(value))

    standing = selectors.standings(project)[0]

    assert standing.status == status
    assert (str(standing.percent) if standing.percent is not None else None) == percent
    assert status in standing.explanation


def test_a_measure_without_value_cannot_be_judged():
    who = cast()
    project = draft(who)
    outcome(who, project)

    assert selectors.standings(project)[0].status == "判定不能"


def test_a_correction_leaves_the_old_value_readable():
    who = cast()
    measure = running(who).measures.get()
    old = record(who.officer, measure)

    new = correct(who.officer, old, value=Decimal("2.5"))

    assert [row.value for row in measure.values.current()] == [Decimal("2.5")]
    assert [row.value for row in measure.values.order_by("pk")] == [Decimal(3), Decimal("2.5")]
    assert (new.replaces, new.correction_reason) == (old, "写し間違い")
    with pytest.raises(RefusedError, match="すでに訂正"):
        correct(who.officer, old, value=Decimal(1))
    with pytest.raises(ValidationError):
        correct(who.officer, new, value=Decimal(1), reason=" ")


def test_missing_needs_a_reason_and_a_value_takes_none():
    who = cast()
    measure = running(who).measures.get()

    with pytest.raises(ValidationError):
        record(who.officer, measure, value=None)
    with pytest.raises(ValidationError):
        record(who.officer, measure, missing_reason="故障")
    assert record(who.officer, measure, value=None, missing_reason="故障").value is None
    with pytest.raises(ValidationError, match="すでにあります"):
        record(who.officer, measure)


def test_no_value_of_a_day_to_come():
    who = cast()

    with pytest.raises(ValidationError):
        record(who.officer, running(who).measures.get(), on=TODAY + DAY)


def test_a_partner_records_its_own_measures_only():
    who = cast()
    project = running(who)
    place = project.participants.get(organization=who.partner)
    own = outcome(who, project, title="配った台数", participant=place)

    assert record(who.member, own).recorded_by == who.member
    with pytest.raises(PermissionDenied):
        record(who.member, project.measures.exclude(pk=own.pk).get())
    with pytest.raises(PermissionDenied):
        record(who.stranger, own)


def test_moving_the_goal_after_the_approval_needs_a_reason():
    who = cast()
    measure = running(who).measures.get()
    edit = {"measure_id": measure.pk, "version": measure.version, "actor": who.officer, "at": NOON}

    with pytest.raises(ValidationError, match="理由"):
        services.edit_measure(values={"target_value": Decimal(3)}, **edit)
    moved = services.edit_measure(values={"target_value": Decimal(3)}, reason="対象が倍になった", **edit)

    assert moved.target_value == 3


@pytest.mark.parametrize(("direction", "target"), [("UP", 5), ("DOWN", 7), ("DOWN", 6)])
def test_a_target_on_the_wrong_side_is_refused(direction, target):
    who = cast()

    with pytest.raises(ValidationError, match="目標値"):
        outcome(who, draft(who), direction=direction, target_value=Decimal(target))


def test_the_last_whole_outcome_is_not_given_up():
    who = cast()
    measure = running(who).measures.get()

    with pytest.raises(RefusedError, match="成果の指標"):
        services.retire_measure(measure_id=measure.pk, reason="測れない", actor=who.officer, at=NOON)


def test_the_next_day_moves_on_until_the_target():
    who = cast()
    project = running(who)
    measure = outcome(
        who,
        project,
        title="月ごと",
        frequency="monthly",
        next_due_on=TODAY - 5 * DAY,
        target_on=TODAY + 40 * DAY,
    )

    record(who.officer, measure, on=TODAY - 5 * DAY)
    measure = Measure.objects.get(pk=measure.pk)
    assert (measure.next_due_on.year, measure.next_due_on.month, measure.next_due_on.day) == (2026, 12, 17)
    record(who.officer, measure, on=TODAY)
    assert Measure.objects.get(pk=measure.pk).next_due_on == TODAY + 40 * DAY
