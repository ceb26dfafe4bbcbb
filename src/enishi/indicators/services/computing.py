"""Values nobody types: of formulas over data elements, and of the numbers that other rooms register."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.engines import progress
from enishi.engines.core import InvalidInputError
from enishi.foundation import metrics
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators import calculations, formulas, periods
from enishi.indicators.access import element_access, indicator_access
from enishi.indicators.enums import (
    AcquisitionMethod,
    Certainty,
    Frequency,
    RunKind,
    ValueState,
)
from enishi.indicators.models import AcquisitionRun, DataElement, Indicator, IndicatorDefinition, Measurement
from enishi.indicators.models_values import TOTAL
from enishi.indicators.numbers import decimal_of
from enishi.indicators.services.indicators import definition_on, uses_of
from enishi.indicators.services.writing import locked_element, locked_indicator, restand, write_down

WHY = "もとの値が変わったため計算し直した"


@transaction.atomic
def compute_indicator(indicator: Indicator, *, at: dt.datetime) -> list[Measurement]:
    """Work the formula out for every period its elements have values for; what changed supersedes what was."""
    definitions = list(indicator.definitions.all())
    with_formula = [each for each in definitions if each.numerator]
    if not with_formula:
        return []
    made = []
    run: AcquisitionRun | None = None
    for span in _spans_of(indicator, with_formula):
        definition = definition_on(indicator, span.end)
        if definition is None or not definition.numerator:
            continue
        worked_out = work_out(indicator, definition, span)
        if worked_out is None:
            continue
        run = run or _run(
            indicator, RunKind.COMPUTED, AcquisitionMethod.FORMULA, formula_words(definition), at
        )
        row = _keep(indicator, span, worked_out, run, definition.version, at)
        if row is not None:
            made.append(row)
    if run is not None and not made:
        run.delete()
    return made


def formula_words(definition: IndicatorDefinition) -> str:
    """(分子) ÷ (分母) × 100."""
    words = definition.numerator
    if definition.denominator:
        words = f"({definition.numerator}) ÷ ({definition.denominator})"
    scale = definition.scale if definition.scale is not None else Decimal(1)
    return words if scale == 1 else f"{words} × {scale.normalize():f}"


@dataclass(frozen=True)
class WorkedOut:
    """A value from a formula or a metric with its parents, or why there is none."""

    value: Decimal | None
    missing: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    note: str = ""
    is_provisional: bool = False


def work_out(indicator: Indicator, definition: IndicatorDefinition, span: periods.Span) -> WorkedOut | None:
    """The formula's value for one period; ``None`` where no element has anything to say yet."""
    top = formulas.parse(definition.numerator)
    bottom = formulas.parse(definition.denominator) if definition.denominator else None
    codes = formulas.codes_of(top) | (formulas.codes_of(bottom) if bottom else set())
    found, provisional = _quantities(indicator, codes, span)
    if codes and not found:
        return None
    for code in codes - set(found):
        found[code] = formulas.Quantity(progress.Missing(str(progress.Because.NO_VALUE)))
    try:
        upper = formulas.evaluate(top, found)
        lower = formulas.evaluate(bottom, found) if bottom else None
    except formulas.FormulaError as error:
        return WorkedOut(None, str(error)[:200])
    return _quotient(definition, upper, lower, provisional)


def _quotient(
    definition: IndicatorDefinition,
    upper: formulas.Quantity,
    lower: formulas.Quantity | None,
    provisional: bool,
) -> WorkedOut:
    scale = Fraction(definition.scale if definition.scale is not None else 1)
    if isinstance(upper.value, progress.Missing):
        return WorkedOut(None, upper.value.reason[:200])
    if lower is None:
        return WorkedOut(decimal_of(upper.value * scale), is_provisional=provisional)
    if isinstance(lower.value, progress.Missing):
        return WorkedOut(None, lower.value.reason[:200])
    top, bottom = decimal_of(upper.value), decimal_of(lower.value)
    if lower.value == 0:
        return WorkedOut(None, str(progress.Because.ZERO_DENOMINATOR), top, bottom)
    value = decimal_of(upper.value / lower.value * scale)
    return WorkedOut(value, "", top, bottom, is_provisional=provisional)


def _quantities(
    indicator: Indicator, codes: Iterable[str], span: periods.Span
) -> tuple[dict[str, formulas.Quantity], bool]:
    """What each element says of the period: its own value of it, or that of its fiscal year."""
    found: dict[str, formulas.Quantity] = {}
    provisional = False
    elements = DataElement.objects.filter(organization_id=indicator.organization_id, code__in=list(codes))
    for element in elements:
        rows = Measurement.objects.current().totals().filter(element=element)
        exact = rows.filter(period_start=span.start, period_end=span.end).first()
        if exact is not None:
            value = progress.Missing(exact.missing_reason) if exact.value is None else Fraction(exact.value)
            found[element.code] = formulas.Quantity(value, element.unit or None)
            provisional |= exact.status == Certainty.PROVISIONAL
        elif span == periods.fiscal(span.fiscal_year):
            several = list(rows.filter(fiscal_year=span.fiscal_year).order_by("period_end", "period_start"))
            if several:
                found[element.code] = formulas.Quantity(_of_year(element, several), element.unit or None)
                provisional |= any(each.status == Certainty.PROVISIONAL for each in several)
    return found, provisional


def _of_year(element: DataElement, rows: Iterable[Measurement]) -> Fraction | progress.Missing:
    series = progress.Series(
        progress.Direction.UP,
        aggregation=progress.Aggregation(element.aggregation),
        readings=tuple(calculations.reading_of(row) for row in rows),
    )
    try:
        return progress.value_of_year(series, series.readings[0].fiscal_year, allow_provisional=True).value
    except InvalidInputError as refused:
        return progress.Missing(f"計算できない({refused.field})")


def _spans_of(indicator: Indicator, definitions: Iterable[IndicatorDefinition]) -> list[periods.Span]:
    codes: set[str] = set()
    for each in definitions:
        for text in (each.numerator, each.denominator):
            codes |= formulas.codes_of(formulas.parse(text)) if text else set()
    rows = (
        Measurement.objects.current()
        .totals()
        .filter(element__organization_id=indicator.organization_id, element__code__in=codes)
    )
    spans = {
        periods.Span(end, start) for start, end in rows.values_list("period_start", "period_end").distinct()
    }
    months = Frequency(indicator.frequency).months
    if months == 12:
        return sorted({periods.fiscal(span.fiscal_year) for span in spans})
    return sorted(spans)


def _keep(
    owner: Indicator | DataElement,
    span: periods.Span,
    worked_out: WorkedOut,
    run: AcquisitionRun,
    definition: int,
    at: dt.datetime,
) -> Measurement | None:
    """Put a computed value in force, unless it says what the one in force says already."""
    mine = {"indicator": owner} if isinstance(owner, Indicator) else {"element": owner}
    same = Measurement.objects.select_for_update(of=("self",)).filter(
        **mine, period_start=span.start, period_end=span.end, dims=TOTAL
    )
    old = same.current().first()
    open_ended = span.end >= timezone.localdate(at) or worked_out.is_provisional
    status = Certainty.PROVISIONAL if open_ended else Certainty.CONFIRMED
    if old is not None:
        unchanged = old.value == worked_out.value and old.missing_reason == worked_out.missing
        if unchanged and (old.status == Certainty.PROVISIONAL) is open_ended:
            return None
        if old.status != Certainty.PROVISIONAL and not open_ended:
            status = Certainty.REVISED
        Measurement.objects.filter(pk=old.pk).update(state=ValueState.SUPERSEDED)
    return Measurement.objects.create(
        **mine,
        fiscal_year=span.fiscal_year,
        period_start=span.start,
        period_end=span.end,
        value=worked_out.value,
        missing_reason="" if worked_out.value is not None else (worked_out.missing or "算定できない")[:200],
        numerator=worked_out.numerator,
        denominator=worked_out.denominator,
        status=status,
        state=ValueState.APPROVED,
        definition=definition,
        run=run,
        note=worked_out.note[:300],
        recorded_at=at,
        approved_at=at,
        supersedes=old,
        change_reason=WHY if old is not None else "",
    )


def _run(
    owner: Indicator | DataElement, kind: RunKind, method: AcquisitionMethod, source: str, at: dt.datetime
) -> AcquisitionRun:
    return AcquisitionRun.objects.create(
        organization_id=owner.organization_id, kind=kind, method=method, source=source[:300], at=at
    )


def compute_users_of(element: DataElement, *, at: dt.datetime) -> set[int]:
    """Compute every indicator whose formula names the element. Returns those with new values."""
    return {each.pk for each in uses_of(element) if compute_indicator(each, at=at)}


def metric_of(element: DataElement) -> metrics.Metric | None:
    return next((each for each in metrics.all_metrics() if each.key == element.metric), None)


@transaction.atomic
def compute_metric(
    element: DataElement, span: periods.Span, *, at: dt.datetime, run: AcquisitionRun | None = None
) -> Measurement | None:
    """What another room says of the period, kept as a value of the element; ``None`` where nothing is new."""
    metric = metric_of(element)
    if metric is None:
        return None
    today = timezone.localdate(at)
    figure = metric.figure(
        element.organization_id, metrics.Period(span.start, span.end), min(today, span.end)
    )
    worked_out = WorkedOut(
        value=None if figure.value is None else decimal_of(Fraction(figure.value)),
        missing=str(figure.missing),
        numerator=figure.numerator,
        denominator=figure.denominator,
        note="、".join(f"{name} {words}" for name, words in figure.beside),
    )
    words = f"{metric.title}: {metric.definition}"
    run = run or _run(element, RunKind.COMPUTED, AcquisitionMethod.METRIC, words, at)
    return _keep(element, span, worked_out, run, 1, at)


def compute_element(element: DataElement, *, years: int = 3, at: dt.datetime) -> int:
    """The running fiscal year, and those before it, from the records as they are now. Returns how many values are new."""
    current = FiscalYear.of(timezone.localdate(at)).year
    with transaction.atomic():
        made = [
            row
            for year in range(current - years + 1, current + 1)
            if (row := compute_metric(element, periods.fiscal(year), at=at)) is not None
        ]
        if made:
            write_down(
                element, "compute", actor=None, at=at, note="、".join(str(row.fiscal_year) for row in made)
            )
            restand(compute_users_of(element, at=at), at=at)
        AcquisitionRun.objects.filter(
            organization_id=element.organization_id, kind=RunKind.COMPUTED, at=at, measurements__isnull=True
        ).delete()
    return len(made)


def compute_all(at: dt.datetime) -> int:
    """Each night: every element that follows a number of another room."""
    rows = DataElement.objects.in_use().exclude(metric="")
    return sum(compute_element(each, years=2, at=at) for each in rows)


@transaction.atomic
def compute_indicator_now(*, indicator_id: int, actor: Person, at: dt.datetime) -> int:
    """Somebody asked, or a formula was just written. Returns how many values are new."""
    indicator = locked_indicator(indicator_id)
    indicator_access.require(actor, "enter", indicator)
    made = compute_indicator(indicator, at=at)
    if made:
        write_down(
            indicator, "compute", actor=actor, at=at, note="、".join(str(row.fiscal_year) for row in made)
        )
        restand([indicator.pk], at=at)
    return len(made)


@transaction.atomic
def compute_element_now(*, element_id: int, actor: Person, at: dt.datetime) -> int:
    element = locked_element(element_id)
    element_access.require(actor, "enter", element)
    return compute_element(element, at=at)
