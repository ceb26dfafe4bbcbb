"""Between rows and the engine: series for one indicator, and standings for thousands."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from enishi.engines import progress
from enishi.engines.core import InvalidInputError
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.bulk import raw_rows
from enishi.indicators.enums import StandingStatus
from enishi.indicators.models import (
    OWN_FRAME,
    Baseline,
    Indicator,
    IndicatorDefinition,
    Measurement,
    Target,
)
from enishi.indicators.models_values import TOTAL

STATUS_OF = {
    progress.Status.ACHIEVED: StandingStatus.ACHIEVED,
    progress.Status.ON_TRACK: StandingStatus.ON_TRACK,
    progress.Status.SLIGHTLY_LATE: StandingStatus.SLIGHTLY_LATE,
    progress.Status.LATE: StandingStatus.LATE,
    progress.Status.REGRESSED: StandingStatus.REGRESSED,
    progress.Status.UNDECIDABLE: StandingStatus.UNDECIDABLE,
}
ENGINE_STATUS = {ours: theirs for theirs, ours in STATUS_OF.items()}
YEARS_KEPT = 60
ADDED_UP = frozenset({"sum", "mean"})
_READ = (
    "indicator_id",
    "fiscal_year",
    "period_start",
    "period_end",
    "value",
    "missing_reason",
    "status",
    "definition",
    "weight",
)


@dataclass
class Yardstick:
    """Everything about one indicator that its standings need, as the engine takes it."""

    id: int
    direction: progress.Direction
    tolerance: Decimal
    lower: Decimal | None
    upper: Decimal | None
    aggregation: progress.Aggregation
    cumulative: bool
    unit: str
    breaks: frozenset[int] = frozenset()
    baselines: dict[str, progress.Baseline] = field(default_factory=dict)
    targets: dict[str, list[progress.Target]] = field(default_factory=dict)
    readings: list[progress.Reading] = field(default_factory=list)

    @property
    def frames(self) -> list[str]:
        return sorted({OWN_FRAME, *self.baselines, *self.targets})

    def series(self, frame: str = OWN_FRAME) -> progress.Series:
        """The series of one frame. A plan that set no baseline of its own goes by the municipality's."""
        targets = self.targets.get(frame, [])
        if not targets and self.direction is progress.Direction.RANGE and self.upper is not None:
            targets = self._standing_bounds()
        return progress.Series(
            direction=self.direction,
            baseline=self.baselines.get(frame) or self.baselines.get(OWN_FRAME),
            targets=tuple(targets),
            readings=tuple(self.readings),
            unit=self.unit,
            aggregation=self.aggregation,
            cumulative=self.cumulative,
            tolerance=self.tolerance,
            breaks=self.breaks,
        )

    def _standing_bounds(self) -> list[progress.Target]:
        """Bounds written with the indicator itself hold for every year."""
        first = min(
            (each.fiscal_year for each in self.readings), default=FiscalYear.of(dt.date(2019, 4, 1)).year
        )
        return [progress.Target(first, lower=self.lower, upper=self.upper)] if self.lower is not None else []

    def years(self, current: int) -> range:
        """From where it began to the running year; later years have nothing to say yet."""
        known = [each.fiscal_year for each in self.readings]
        known += [each.fiscal_year for each in self.baselines.values()]
        known += [each.fiscal_year for several in self.targets.values() for each in several]
        first = max(min([*known, current]), current - YEARS_KEPT)
        last = max([current, *(each.fiscal_year for each in self.readings)])
        return range(first, min(last, current + YEARS_KEPT) + 1)


def yardsticks(indicator_ids: Sequence[int]) -> Iterator[Yardstick]:
    """Load what is needed, in five queries however many indicators there are."""
    found = {
        each.pk: Yardstick(
            id=each.pk,
            direction=progress.Direction(each.direction),
            tolerance=each.tolerance or Decimal(0),
            lower=each.lower,
            upper=each.upper,
            aggregation=progress.Aggregation(each.aggregation),
            cumulative=each.cumulative,
            unit=each.unit,
        )
        for each in Indicator.objects.filter(pk__in=indicator_ids).only(
            "direction", "tolerance", "lower", "upper", "aggregation", "cumulative", "unit"
        )
    }
    _add_frames(found)
    of_indicator = Measurement.objects.current().filter(indicator_id__in=list(found), dims=TOTAL)
    rows = of_indicator.order_by("indicator_id", "period_end", "period_start").values_list(*_READ)
    for key, several in groupby(raw_rows(rows), key=lambda row: row[0]):
        found[key].readings = list(_readings(several, found[key]))
    yield from found.values()


def _add_frames(found: Mapping[int, Yardstick]) -> None:
    keys = list(found)
    breaks = IndicatorDefinition.objects.filter(indicator_id__in=keys, comparability_break=True)
    for key, version in breaks.values_list("indicator_id", "version"):
        found[key].breaks |= {version}
    baselines = Baseline.objects.filter(indicator_id__in=keys, is_current=True)
    for key, frame, year, value, definition in baselines.values_list(
        "indicator_id", "frame", "fiscal_year", "value", "definition"
    ):
        assert value is not None
        found[key].baselines[frame] = progress.Baseline(year, value, definition)
    targets = Target.objects.filter(indicator_id__in=keys, is_current=True).order_by("fiscal_year")
    for key, frame, year, value, lower, upper in targets.values_list(
        "indicator_id", "frame", "fiscal_year", "value", "lower", "upper"
    ):
        found[key].targets.setdefault(frame, []).append(
            progress.Target(year, value=value, lower=lower, upper=upper)
        )


def _readings(rows: Iterable[tuple[Any, ...]], yardstick: Yardstick) -> Iterator[progress.Reading]:
    """Readings of one indicator. Years whose periods follow each other without a gap become one reading each.

    What the engine would make of the twelve months it makes of their sum too; a year with anything unusual in it
    (a gap, a missing or provisional month, a changed definition) goes to the engine as it is.
    """
    for _year, several in groupby(rows, key=lambda row: row[1]):
        months = list(several)
        joined = _joined(months, yardstick) if len(months) > 1 else None
        if joined is not None:
            yield joined
        else:
            yield from (_reading(row) for row in months)


def _joined(months: list[tuple[Any, ...]], yardstick: Yardstick) -> progress.Reading | None:
    first, last = months[0], months[-1]
    for row in months:
        if row[4] is None or row[6] != "confirmed" or row[7] != first[7]:
            return None
    if yardstick.cumulative or yardstick.aggregation is progress.Aggregation.LAST:
        return _reading(last)
    if yardstick.aggregation.value not in ADDED_UP:
        return None
    days = [(_ordinal(row[2]), _ordinal(row[3])) for row in months]
    if any(later[0] != earlier[1] + 1 for earlier, later in pairwise(days)):
        return None
    total = sum((number_of(row[4]) for row in months), Decimal(0))
    mean = yardstick.aggregation is progress.Aggregation.MEAN
    return progress.Reading(
        start=_day(first[2]),
        end=_day(last[3]),
        value=Fraction(total) / len(months) if mean else total,
        definition=first[7],
    )


def _reading(row: tuple[Any, ...]) -> progress.Reading:
    _key, _year, start, end, value, missing, certainty, definition, weight = row
    return progress.Reading(
        start=_day(start),
        end=_day(end),
        value=progress.Missing(missing) if value is None else number_of(value),
        certainty=progress.Certainty(certainty),
        definition=definition,
        weight=None if weight is None else number_of(weight),
    )


def reading_of(row: Measurement) -> progress.Reading:
    """A stored value as the engine takes it."""
    return progress.Reading(
        start=row.period_start,
        end=row.period_end,
        value=progress.Missing(row.missing_reason) if row.value is None else row.value,
        certainty=progress.Certainty(row.status),
        definition=row.definition,
        weight=row.weight,
    )


_days: dict[str, dt.date] = {}


def _day(raw: Any) -> dt.date:
    """Drivers give days as dates or as text; there are few different ones."""
    if isinstance(raw, dt.date):
        return raw
    known = _days.get(raw)
    if known is None:
        if len(_days) > 10_000:
            _days.clear()
        known = _days[raw] = dt.date.fromisoformat(raw)
    return known


def _ordinal(raw: Any) -> int:
    return _day(raw).toordinal()


def number_of(raw: Any) -> Decimal:
    """A stored number, exact: six places fit the shortest text of a float that came from them."""
    if isinstance(raw, Decimal):
        return raw
    return Decimal(raw) if isinstance(raw, int) else Decimal(repr(raw))


def yardstick_of(indicator: Indicator) -> Yardstick:
    return next(yardsticks([indicator.pk]))


def judged(yardstick: Yardstick, frame: str, current: int) -> list[progress.YearStanding]:
    """The standings of one frame; data that cannot be computed with says so instead of stopping everything."""
    years = yardstick.years(current)
    try:
        return progress.standings(yardstick.series(frame), years)
    except InvalidInputError as refused:
        nothing = progress.Missing(f"計算できない({refused.field})")
        rate = progress.Rate(nothing, nothing, nothing)
        return [
            progress.YearStanding(
                year, progress.Status.UNDECIDABLE, nothing, nothing, None, nothing, rate, rate, nothing, 0,
                nothing.reason, (),
            )
            for year in years
        ]  # fmt: skip


def column(value: progress.Exact | None, places: int = 8) -> str | None:
    """An exact number as its column takes it: text with as many places as there are, none for a missing one."""
    if value is None or isinstance(value, progress.Missing):
        return None
    if value.denominator == 1:
        return str(value.numerator)
    scaled, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    scaled += 2 * rest >= value.denominator
    sign = "-" if value < 0 and scaled else ""
    whole, part = divmod(scaled, 10**places)
    return f"{sign}{whole}.{part:0{places}d}"
