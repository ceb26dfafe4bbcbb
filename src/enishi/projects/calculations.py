"""Where a measure stands and what a trial's criteria say: rows to engine input, engine output to words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from enishi.engines import progress
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.wording import judged_in_words, status_in_words
from enishi.projects.enums import Comparator, Suggestion
from enishi.projects.models import Measure, MeasureValue, Trial


@dataclass(frozen=True)
class Standing:
    """How a measure stands: the figure with its parents, one word, and the sentence that says why."""

    measure: Measure
    latest: MeasureValue | None
    judgement: progress.Judgement
    percent: Decimal | None

    @property
    def status(self) -> str:
        return status_in_words(self.judgement.status)

    @property
    def explanation(self) -> str:
        return judged_in_words(self.judgement)

    @property
    def tone(self) -> str:
        return {
            progress.Status.ACHIEVED: "positive",
            progress.Status.ON_TRACK: "positive",
            progress.Status.SLIGHTLY_LATE: "warning",
            progress.Status.LATE: "danger",
            progress.Status.REGRESSED: "danger",
        }.get(self.judgement.status, "neutral")


def standing_of(measure: Measure, values: Sequence[MeasureValue]) -> Standing:
    """Judge the measure by its latest value against its final target. ``values`` are current ones, by day."""
    known = [each for each in values if each.value is not None]
    latest = known[-1] if known else (values[-1] if values else None)
    judgement = progress.judge(_series(measure, latest), fiscal_year=_year(latest, measure), by="final")
    value = judgement.figure.value
    rate = isinstance(value, Fraction) and measure.direction in ("UP", "DOWN")
    percent = progress.rounded(value * 100, 1) if rate and isinstance(value, Fraction) else None
    return Standing(measure, latest, judgement, percent)


def _series(measure: Measure, latest: MeasureValue | None) -> progress.Series:
    readings: tuple[progress.Reading, ...] = ()
    if latest is not None:
        amount = latest.value if latest.value is not None else progress.Missing(latest.missing_reason)
        readings = (progress.Reading(start=latest.on, end=latest.on, value=amount),)
    return progress.Series(
        progress.Direction(measure.direction),
        baseline=_baseline(measure),
        targets=_targets(measure),
        readings=readings,
        unit=measure.unit,
        tolerance=measure.tolerance or 0,
    )


def _baseline(measure: Measure) -> progress.Baseline | None:
    if measure.baseline_value is not None:
        year = FiscalYear.of(measure.baseline_on).year if measure.baseline_on else 0
        return progress.Baseline(year, measure.baseline_value)
    if measure.baseline_missing:
        return progress.Baseline(0, progress.Missing(measure.baseline_missing))
    return None


def _targets(measure: Measure) -> tuple[progress.Target, ...]:
    if measure.target_value is None:
        return ()
    year = FiscalYear.of(measure.target_on).year if measure.target_on else 9999
    return (progress.Target(year, measure.target_value),)


def _year(latest: MeasureValue | None, measure: Measure) -> int:
    day = latest.on if latest is not None else measure.target_on
    return FiscalYear.of(day).year if day else 9999


# --- Criteria of a trial -----------------------------------------------------------------------------------------------------

_HOLDS = {
    Comparator.AT_LEAST: lambda value, limit: value >= limit,
    Comparator.ABOVE: lambda value, limit: value > limit,
    Comparator.AT_MOST: lambda value, limit: value <= limit,
    Comparator.BELOW: lambda value, limit: value < limit,
}


def holds(comparator: str, value: Decimal, limit: Decimal) -> bool:
    """Whether the value meets the criterion, exactly.

    >>> holds("gte", Decimal("0.3"), Decimal("0.30")), holds("lt", Decimal(3), Decimal(3))
    (True, False)
    """
    return bool(_HOLDS[Comparator(comparator)](value, limit))


@dataclass(frozen=True)
class GateJudgement:
    """What the criteria say, and the values they say it of."""

    suggestion: Suggestion
    value: MeasureValue | None
    stopped_by: MeasureValue | None = None


def judgement_of(trial: Trial, *, on: dt.date) -> GateJudgement:
    """Hold the measured values against the frozen criteria.

    The success criterion looks at the last value measured after the start, up to the day of judgement if there is one
    by then, otherwise at the latest. The stop criterion is hit by any value from the start up to its day.
    """
    value = _criterion_value(trial, on)
    stopped_by = _stopping_value(trial, on)
    if stopped_by is not None:
        return GateJudgement(Suggestion.STOP_HIT, value, stopped_by)
    if value is None or value.value is None or trial.success_value is None:
        return GateJudgement(Suggestion.UNKNOWN, value)
    met = holds(trial.success_comparator, value.value, trial.success_value)
    return GateJudgement(Suggestion.MET if met else Suggestion.NOT_MET, value)


def _criterion_value(trial: Trial, on: dt.date) -> MeasureValue | None:
    values = [each for each in _values(trial, trial.measure, on) if each.value is not None]
    in_time = [each for each in values if trial.judged_on is None or each.on <= trial.judged_on]
    return (in_time or values)[-1] if values else None


def _stopping_value(trial: Trial, on: dt.date) -> MeasureValue | None:
    limit = trial.stop_value
    if limit is None or not trial.stop_comparator:
        return None
    last = min(on, trial.stop_on) if trial.stop_on else on
    for each in _values(trial, trial.stop_measure or trial.measure, last):
        if each.value is not None and holds(trial.stop_comparator, each.value, limit):
            return each
    return None


def _values(trial: Trial, measure: Measure | None, last: dt.date) -> list[MeasureValue]:
    if measure is None:
        return []
    rows = measure.values.current().filter(on__lte=last)
    if trial.starts_on is not None:
        rows = rows.filter(on__gte=trial.starts_on)
    return list(rows.order_by("on", "pk"))
