"""Measures that are indicators of the municipality: chosen from its register or entered into it, and kept in step with it.

What is measured and what the value is are said in the register alone; the project keeps its own goal (docs/adr/0007).
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.days import day_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.sentences import speaking
from enishi.indicators import periods
from enishi.indicators import services as register
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import Certainty
from enishi.indicators.enums import Direction as Way
from enishi.indicators.enums import Frequency as Often
from enishi.indicators.models import OWN_FRAME, Baseline, Indicator, Measurement, Standing, Target
from enishi.indicators.models_values import TOTAL
from enishi.organizations.enums import Visibility
from enishi.projects.access import project_access
from enishi.projects.enums import Direction, Frequency, MeasureKind, MeasureTier, TrialState
from enishi.projects.errors import RefusedError
from enishi.projects.models import Measure, MeasureValue, Project, Trial
from enishi.projects.services.measures import add_measure, tell_of_stop
from enishi.projects.services.writing import locked_project, require_open, tell, touch, write_down

WIDEST_FIRST = [each.value for each in Visibility]
FREQUENCY = {
    "monthly": Frequency.MONTHLY,
    "quarterly": Frequency.QUARTERLY,
    "half": Frequency.HALF_YEARLY,
    "yearly": Frequency.YEARLY,
}


def shows_more(indicator: Indicator, project: Project) -> bool:
    """Whether readers of the project would see numbers that the register keeps to fewer people."""
    return WIDEST_FIRST.index(project.visibility) < WIDEST_FIRST.index(indicator.visibility)


@transaction.atomic
def take_up_indicator(
    *,
    project_id: int,
    indicator_id: int,
    kind: MeasureKind,
    tier: MeasureTier,
    may_be_shown: bool,
    actor: Person,
    at: dt.datetime,
) -> Measure:
    """Judge the project by one of its municipality's indicators."""
    project = locked_project(project_id)
    indicator = (
        indicator_access.visible(actor)
        .filter(organization_id=project.organization_id, retired_at__isnull=True)
        .get(pk=indicator_id)
    )
    if project.measures.filter(indicator=indicator).exists():
        raise RefusedError(_("この指標は、もうこの事業の指標になっています。"))
    if shows_more(indicator, project) and not may_be_shown:
        raise ValidationError(
            {"may_be_shown": _("値が見える人が広がります。見せてよいことを確かめて、印を付けてください。")}
        )
    measure = add_measure(
        project_id=project_id,
        values={**_words(indicator), **_goal(indicator, project), "kind": kind, "tier": tier},
        actor=actor,
        at=at,
    )
    Measure.objects.filter(pk=measure.pk).update(indicator=indicator, next_due_on=None)
    write_down(project, "take_up_indicator", actor=actor, at=at, note=str(indicator))
    keep_in_step([indicator.pk], at=at)
    return Measure.objects.get(pk=measure.pk)


@speaking("ja")
def _words(indicator: Indicator) -> dict[str, Any]:
    """What the register says of the indicator, in a measure's columns: kept in Japanese, whoever pressed the button."""
    definition = indicator.definitions.order_by("-version").first()
    acquisition = getattr(indicator, "acquisition", None)
    source = acquisition.source if acquisition and acquisition.source else _("指標の台帳")
    way = Way(indicator.direction)
    return {
        "title": indicator.name[:120],
        "definition": (definition.text if definition else "")[:1_000],
        "unit": indicator.unit or _("(単位なし)"),
        "direction": {Way.DOWN: Direction.DOWN, Way.KEEP: Direction.KEEP, Way.RANGE: Direction.KEEP}.get(
            way, Direction.UP
        ),
        "tolerance": _tolerance(indicator),
        "source": f"{source}({indicator.code})"[:200],
        "frequency": FREQUENCY.get(indicator.frequency, Frequency.ONCE),
    }


def _tolerance(indicator: Indicator) -> Decimal | None:
    if indicator.direction == Way.RANGE and indicator.lower is not None and indicator.upper is not None:
        return (indicator.upper - indicator.lower) / 2
    return indicator.tolerance if indicator.direction == Way.KEEP else None


def _goal(indicator: Indicator, project: Project) -> dict[str, Any]:
    """The municipality's own baseline, and the first target that falls due when the project ends or later."""
    found: dict[str, Any] = {}
    base = Baseline.objects.filter(indicator=indicator, frame=OWN_FRAME, is_current=True).first()
    if base is not None:
        found |= {"baseline_value": base.value, "baseline_on": FiscalYear(base.fiscal_year).last_day}
    last = FiscalYear.of(project.ends_on).year if project.ends_on else 0
    targets = list(
        Target.objects.filter(indicator=indicator, frame=OWN_FRAME, is_current=True).order_by("fiscal_year")
    )
    target = next((each for each in targets if each.fiscal_year >= last), targets[-1] if targets else None)
    if target is None:
        return found
    value = target.value
    if value is None and target.lower is not None and target.upper is not None:
        value = (target.lower + target.upper) / 2
    return found | {"target_value": value, "target_on": FiscalYear(target.fiscal_year).last_day}


def goal_in_words(indicator: Indicator, project: Project) -> str:
    """What the project would start from and aim at, and what the register would have to say first."""
    goal = _goal(indicator, project)
    told = []
    for name, label in (("baseline", _("基準値")), ("target", _("目標"))):
        value, on = goal.get(f"{name}_value"), goal.get(f"{name}_on")
        words = (
            f"{value.normalize():f}{indicator.unit}({FiscalYear.of(on)})" if value is not None and on else ""
        )
        told.append(f"{label} {words or _('台帳にまだありません')}")
    return "、".join(told)


@transaction.atomic
def enter_into_register(*, measure_id: int, actor: Person, at: dt.datetime) -> Indicator:
    """Make a measure one of the municipality's indicators. Its values are handed in there and wait for approval.

    What the project has recorded stays where it is; from now on new values come from the register.
    """
    project = locked_project(Measure.objects.get(pk=measure_id).project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    measure = project.measures.select_for_update().get(pk=measure_id)
    if measure.indicator_id is not None or measure.retired_at is not None:
        raise RefusedError(_("この指標は、指標の台帳にもう載っているか、使うのをやめています。"))
    _refuse_what_the_register_cannot_hold(measure, project)
    values = list(measure.values.current().filter(value__isnull=False).order_by("on", "pk"))
    indicator = _entered(measure, project, values, actor, at)
    Measure.objects.filter(pk=measure.pk).update(indicator=indicator, next_due_on=None)
    touch(project, actor=actor, at=at)
    write_down(project, "enter_into_register", actor=actor, at=at, note=str(indicator))
    tell(project)
    return indicator


def _refuse_what_the_register_cannot_hold(measure: Measure, project: Project) -> None:
    """A partner cannot write there, and a trial is judged by the value of a day."""
    if measure.participant is not None and measure.participant.organization_id != project.organization_id:
        raise RefusedError(
            _(
                "値を入れるのは%(partner)sです。台帳に値を入れられるのは%(owner)sの人だけなので、先に「値を入れる団体」を変えてください。"
            )
            % {"partner": measure.participant, "owner": project.organization.name}
        )
    judged_by = Trial.objects.filter(Q(measure=measure) | Q(stop_measure=measure), project=project)
    if judged_by.exclude(state=TrialState.DECIDED).exists():
        raise RefusedError(
            _(
                "実証の判断に使う指標です。実証は日ごとの値で判断するので、判断が済んでから台帳に載せてください。"
            )
        )


def _entered(
    measure: Measure, project: Project, values: list[MeasureValue], actor: Person, at: dt.datetime
) -> Indicator:
    numbers = [each.value for each in values if each.value is not None]
    numbers += [each for each in (measure.baseline_value, measure.target_value) if each is not None]
    indicator = register.create_indicator(
        organization=project.organization,
        values={
            "name": measure.title,
            "unit": measure.unit,
            "direction": measure.direction,
            "tolerance": measure.tolerance or Decimal(0),
            "frequency": _frequency(measure),
            "decimals": max((_decimals(each) for each in numbers), default=0),
            "stage": "output" if measure.kind == MeasureKind.OUTPUT else "intermediate",
            "section": project.section,
            "officer": project.officer,
            "visibility": Visibility.INTERNAL,
        },
        definition=measure.definition or measure.title,
        actor=actor,
        at=at,
    )
    _set_goal(indicator, measure, project, actor, at)
    _hand_in(indicator, measure, values, actor, at)
    return indicator


def _set_goal(
    indicator: Indicator, measure: Measure, project: Project, actor: Person, at: dt.datetime
) -> None:
    """Baseline and target by fiscal year. A project of one year starts, for the register, from the year before."""
    target_year = FiscalYear.of(measure.target_on).year if measure.target_on else None
    if measure.baseline_value is not None and measure.baseline_on is not None:
        year = FiscalYear.of(measure.baseline_on).year
        register.set_baseline(
            indicator_id=indicator.pk,
            fiscal_year=year if target_year is None else min(year, target_year - 1),
            value=measure.baseline_value,
            basis=_("%(source)s(%(day)sの値)")
            % {"source": measure.source, "day": day_in_words(measure.baseline_on, weekday=False)},
            actor=actor,
            at=at,
        )
    if measure.target_value is not None and target_year is not None:
        register.set_target(
            indicator_id=indicator.pk,
            fiscal_year=target_year,
            value=measure.target_value,
            rationale=_("事業「%(title)s」の目標") % {"title": project.title},
            actor=actor,
            at=at,
        )


def _frequency(measure: Measure) -> Often:
    """How often the register asks: as the project did, and each year where it asked once."""
    known = {ours: theirs for theirs, ours in FREQUENCY.items()}
    return Often(known.get(Frequency(measure.frequency), "yearly"))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _hand_in(
    indicator: Indicator, measure: Measure, values: list[MeasureValue], actor: Person, at: dt.datetime
) -> None:
    """The last value of each period, for somebody else to approve."""
    last = {
        (span.start, span.end): each
        for each in values
        if (span := periods.current(each.on, _frequency(measure))) is not None
    }
    today = timezone.localdate(at)
    if last:
        register.record_values(
            owner=indicator,
            entries=[
                register.Entry(
                    start=start,
                    end=end,
                    value=each.value,
                    status=Certainty.CONFIRMED if end <= today else Certainty.PROVISIONAL,
                    note=each.note[:300],
                )
                for (start, end), each in sorted(last.items())
            ],
            source=measure.source or _("事業「%(title)s」の記録") % {"title": measure.project.title},
            submit=True,
            actor=actor,
            at=at,
        )


# --- Keeping in step -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_in_step(indicator_ids: Iterable[int], *, at: dt.datetime) -> int:
    """Write down what the register now says of these indicators in every open project judged by them."""
    rows = Measure.objects.filter(retired_at__isnull=True, project__deleted_at__isnull=True)
    linked = set(rows.filter(indicator__isnull=False).values_list("indicator_id", flat=True))
    found = rows.filter(indicator__in=linked & set(indicator_ids)).order_by("pk")
    written = 0
    for measure in found.select_related("indicator__acquisition", "project"):
        if measure.project.is_open and measure.indicator is not None:
            written += _step(measure, measure.indicator, at)
    return written


@speaking("ja")
def _step(measure: Measure, indicator: Indicator, at: dt.datetime) -> int:
    told = {name: value for name, value in _words(indicator).items() if getattr(measure, name) != value}
    if told:
        Measure.objects.filter(pk=measure.pk).update(**told)
    said, known = _said(indicator, timezone.localdate(at)), _known(measure)
    own = _own_numbers(measure)
    rows = [
        row
        for year in sorted({*said, *known})
        if (row := _row(measure, year, said.get(year), known.get(year))) is not None
        and (row.replaces_id is not None or (FiscalYear.of(row.on).year, row.value) not in own)
    ]
    for row in rows:
        row.source, row.recorded_at = _words(indicator)["source"], at
        row.save()
    for row in rows:
        tell_of_stop(row, at)
    if rows or told:
        touch(measure.project, actor=None, at=at)
        tell(measure.project)
    return len(rows)


def _said(indicator: Indicator, today: dt.date) -> dict[int, tuple[dt.date, Decimal]]:
    """The value of each fiscal year in the register, and the day it is of."""
    ends = dict(
        Measurement.objects.current()
        .filter(indicator=indicator, dims=TOTAL, value__isnull=False)
        .values_list("fiscal_year")
        .annotate(last=Max("period_end"))
    )
    rows = Standing.objects.filter(indicator=indicator, frame=OWN_FRAME, value__isnull=False)
    return {
        year: (min(ends[year], today), value)
        for year, value in rows.values_list("fiscal_year", "value")
        if year in ends and value is not None
    }


def _known(measure: Measure) -> dict[int, MeasureValue]:
    rows = measure.values.current().filter(indicator_year__isnull=False)
    return {row.indicator_year: row for row in rows if row.indicator_year is not None}


def _own_numbers(measure: Measure) -> set[tuple[int, Decimal | None]]:
    """What the project wrote down itself before: the register repeats it and need not be written again."""
    rows = measure.values.current().filter(indicator_year__isnull=True)
    return {(FiscalYear.of(row.on).year, row.value) for row in rows}


def _row(
    measure: Measure, year: int, said: tuple[dt.date, Decimal] | None, known: MeasureValue | None
) -> MeasureValue | None:
    """What must be written so that the project says what the register says; ``None`` when it does."""
    if said is None:
        if known is None or known.value is None:
            return None
        reason = _("指標の台帳で取り下げられました")
        return MeasureValue(
            measure=measure,
            on=known.on,
            indicator_year=year,
            missing_reason=reason,
            replaces=known,
            correction_reason=reason,
        )
    on, value = said
    if known is None:
        return MeasureValue(measure=measure, on=on, value=value, indicator_year=year)
    if known.value == value:
        return None
    return MeasureValue(
        measure=measure,
        on=on,
        value=value,
        indicator_year=year,
        replaces=known,
        correction_reason=_("指標の台帳の値が変わりました"),
    )
