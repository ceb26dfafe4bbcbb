"""What an indicator is and what was measured: readings, targets, and the value of a fiscal year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.units import convert
from enishi.engines.progress.values import Amount, Because, Exact, Missing, Number, exact, exact_or_missing

WITHOUT_PROVISIONAL = "速報の期間を除く"


class Direction(StrEnum):
    """Which way is better."""

    UP = "UP"
    DOWN = "DOWN"
    KEEP = "KEEP"
    RANGE = "RANGE"
    BINARY = "BINARY"


class Aggregation(StrEnum):
    """How the readings within one fiscal year become the value of the year."""

    SUM = "sum"
    LAST = "last"
    MEAN = "mean"
    WEIGHTED = "weighted"
    NONE = "none"


class Certainty(StrEnum):
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    REVISED = "revised"


def fiscal_year_of(day: dt.date) -> int:
    """Return the year in which the day's fiscal year (April to March) begins.

    >>> fiscal_year_of(dt.date(2026, 3, 31)), fiscal_year_of(dt.date(2026, 4, 1))
    (2025, 2026)
    """
    return day.year if day.month >= 4 else day.year - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """One current, undisaggregated measurement.

    ``definition`` is the version of the indicator's definition it was measured by; ``weight`` counts only
    for :attr:`Aggregation.WEIGHTED` (a denominator such as the number of persons asked).
    """

    start: dt.date
    end: dt.date
    value: Amount
    certainty: Certainty = Certainty.CONFIRMED
    definition: int = 1
    weight: Number | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInputError("end", "a period cannot end before it begins")

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def yearly(
    fiscal_year: int,
    value: Amount,
    *,
    certainty: Certainty = Certainty.CONFIRMED,
    definition: int = 1,
    unit: str = "",
) -> Reading:
    """Return a reading that stands for a whole fiscal year."""
    return Reading(
        start=dt.date(fiscal_year, 4, 1),
        end=dt.date(fiscal_year + 1, 3, 31),
        value=value,
        certainty=certainty,
        definition=definition,
        unit=unit,
    )


@dataclass(frozen=True, slots=True)
class Baseline:
    fiscal_year: int
    value: Amount
    definition: int = 1


@dataclass(frozen=True, slots=True)
class Target:
    """What a fiscal year should reach: a value, or for RANGE a lower and an upper bound."""

    fiscal_year: int
    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None

    def __post_init__(self) -> None:
        bounds = self.lower is not None and self.upper is not None
        if (self.value is None) == (not bounds) or (self.lower is None) != (self.upper is None):
            raise InvalidInputError("target", "needs either a value or both bounds")
        if bounds and exact(self.lower or 0, "lower") > exact(self.upper or 0, "upper"):
            raise InvalidInputError("lower", "is above the upper bound")

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """The interval to stay in; a single value is an interval of no width."""
        if self.value is not None:
            return exact(self.value, "target"), exact(self.value, "target")
        assert self.lower is not None
        assert self.upper is not None
        return exact(self.lower, "lower"), exact(self.upper, "upper")


@dataclass(frozen=True, slots=True)
class Series:
    """Everything about one indicator that progress and status need.

    Parameters
    ----------
    tolerance : for KEEP and RANGE, in the unit of the indicator
    cumulative : the readings already contain those before them; then they are never summed
    breaks : versions of the definition from which on earlier values can no longer be compared
    """

    direction: Direction
    baseline: Baseline | None = None
    targets: tuple[Target, ...] = ()
    readings: tuple[Reading, ...] = ()
    unit: str = ""
    aggregation: Aggregation = Aggregation.LAST
    cumulative: bool = False
    tolerance: Number = 0
    breaks: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        years = [target.fiscal_year for target in self.targets]
        if len(set(years)) != len(years):
            raise InvalidInputError("targets", "two targets for one fiscal year; pass only the current one")
        if exact(self.tolerance, "tolerance") < 0:
            raise InvalidInputError("tolerance", "cannot be negative")

    @property
    def final_target(self) -> Target | None:
        return max(self.targets, key=lambda target: target.fiscal_year, default=None)

    @property
    def is_flow(self) -> bool:
        """The periods of a year add up."""
        return self.aggregation is Aggregation.SUM and not self.cumulative

    @property
    def takes_last(self) -> bool:
        return self.cumulative or self.aggregation is Aggregation.LAST

    def comparable(self, one: int, other: int) -> bool:
        """True if no break lies between two versions of the definition."""
        if not self.breaks:
            return True
        low, high = sorted((one, other))
        return not any(low < version <= high for version in self.breaks)


@dataclass(frozen=True, slots=True)
class YearValue:
    """The value of one fiscal year, how it came about, and what has to be said beside it."""

    fiscal_year: int
    value: Exact
    definition: int
    explanation: str
    marks: tuple[str, ...] = ()


def value_of_year(series: Series, fiscal_year: int, *, allow_provisional: bool = False) -> YearValue:
    """Return the indicator's value of a fiscal year.

    A cumulative indicator takes the last value there is and is never summed (a period after it without a value is named
    in the marks); a flow indicator (``sum``) adds the periods within the
    year, and one missing or still provisional period makes the year missing, because a sum with a hole looks like a
    decline. A mean leaves provisional periods out and says so.

    Parameters
    ----------
    allow_provisional : count provisional readings too; the result is then marked 速報

    Raises
    ------
    InvalidInputError
        If periods of a flow overlap, definitions that cannot be compared meet within the year, or ``none``
        meets more than one reading.

    Examples
    --------
    >>> from decimal import Decimal
    >>> halves = (
    ...     Reading(dt.date(2025, 4, 1), dt.date(2025, 9, 30), Decimal(30)),
    ...     Reading(dt.date(2025, 10, 1), dt.date(2026, 3, 31), Decimal(50)),
    ... )
    >>> value_of_year(Series(Direction.UP, readings=halves, aggregation=Aggregation.SUM), 2025).value
    Fraction(80, 1)
    >>> value_of_year(Series(Direction.UP, readings=halves, cumulative=True), 2025).value
    Fraction(50, 1)
    """
    known = _readings_of(series, fiscal_year)
    chosen = [each for each in known if allow_provisional or each.certainty is not Certainty.PROVISIONAL]
    if not chosen:
        return YearValue(
            fiscal_year, Missing(Because.NO_VALUE), 1, f"{fiscal_year}年度の確定した実績値がない"
        )
    if any(not series.comparable(chosen[0].definition, each.definition) for each in chosen):
        return YearValue(
            fiscal_year,
            Missing(Because.DEFINITION_CHANGED),
            chosen[-1].definition,
            f"{fiscal_year}年度の途中で定義が変わった",
        )
    left_out = len(chosen) < len(known)
    if left_out and series.is_flow:
        return YearValue(
            fiscal_year,
            Missing(Because.PARTLY_PROVISIONAL),
            chosen[-1].definition,
            f"{fiscal_year}年度には速報の期間がある",
        )
    value, how = _aggregate(series, chosen)
    marks = _marks(series, chosen)
    if left_out and not series.takes_last:
        marks += (WITHOUT_PROVISIONAL,)
    return YearValue(fiscal_year, value, chosen[-1].definition, f"{fiscal_year}年度の値は{how}", marks)


def latest_value(series: Series, *, as_of: int, allow_provisional: bool = False) -> YearValue:
    """Return the value of the latest fiscal year up to ``as_of`` that has one; years without a value are named.

    >>> from decimal import Decimal
    >>> series = Series(Direction.UP, readings=(yearly(2024, Decimal(7)), yearly(2025, Missing("調査中止"))))
    >>> found = latest_value(series, as_of=2025)
    >>> found.fiscal_year, found.marks
    (2024, ('2025年度は値なし(調査中止)',))
    """
    years = sorted({each.fiscal_year for each in series.readings if each.fiscal_year <= as_of}, reverse=True)
    skipped: list[str] = []
    for year in years:
        found = value_of_year(series, year, allow_provisional=allow_provisional)
        if not isinstance(found.value, Missing):
            return YearValue(year, found.value, found.definition, found.explanation, (*found.marks, *skipped))
        skipped.append(f"{year}年度は{found.value}")
    return YearValue(
        as_of, Missing(Because.NO_VALUE), 1, f"{as_of}年度までに確定した実績値がない", tuple(skipped)
    )


def _readings_of(series: Series, fiscal_year: int) -> list[Reading]:
    return sorted(
        (each for each in series.readings if each.fiscal_year == fiscal_year),
        key=lambda each: (each.end, each.start),
    )


def _aggregate(series: Series, readings: Sequence[Reading]) -> tuple[Exact, str]:
    values = [_in_unit(each, series.unit) for each in readings]
    if series.takes_last:
        last = next((value for value in reversed(values) if not isinstance(value, Missing)), values[-1])
        return last, "累計の最後の値" if series.cumulative else "最後の値"
    if series.aggregation is Aggregation.NONE and len(values) > 1:
        raise InvalidInputError("readings", "more than one reading in a year that is not aggregated")
    _refuse_overlap(readings)
    missing = next((value for value in values if isinstance(value, Missing)), None)
    if missing is not None:
        return missing, f"{len(values)}期間のうち値のない期間がある"
    present = [value for value in values if not isinstance(value, Missing)]
    if series.aggregation is Aggregation.WEIGHTED:
        return _weighted(present, readings)
    total = sum(present, Fraction(0))
    if series.aggregation is Aggregation.MEAN:
        return total / len(present), f"{len(present)}期間の平均"
    return total, f"{len(present)}期間の合計"


def _weighted(values: Sequence[Fraction], readings: Sequence[Reading]) -> tuple[Exact, str]:
    weights = [exact(each.weight, "weight") for each in readings if each.weight is not None]
    if len(weights) != len(values) or any(weight < 0 for weight in weights):
        raise InvalidInputError("weight", "every reading needs a weight of zero or more")
    if not sum(weights):
        return Missing(Because.ZERO_DENOMINATOR), "重みの合計が0"
    pairs = zip(values, weights, strict=True)
    return sum((value * weight for value, weight in pairs), Fraction(0)) / sum(
        weights
    ), f"{len(values)}期間の加重平均"


def _in_unit(reading: Reading, unit: str) -> Exact:
    value = exact_or_missing(reading.value, "value")
    if isinstance(value, Missing) or not reading.unit or not unit:
        return value
    return convert(value, unit=reading.unit, to=unit, field="value")


def _refuse_overlap(readings: Sequence[Reading]) -> None:
    for before, after in pairwise(readings):
        if after.start <= before.end:
            raise InvalidInputError("readings", "periods overlap: the same days would count twice")


def _marks(series: Series, readings: Sequence[Reading]) -> tuple[str, ...]:
    marks = []
    if any(each.certainty is Certainty.PROVISIONAL for each in readings):
        marks.append("速報")
    if any(each.certainty is Certainty.REVISED for each in readings):
        marks.append("改訂")
    if (
        series.takes_last
        and isinstance(readings[-1].value, Missing)
        and not all(isinstance(each.value, Missing) for each in readings)
    ):
        marks.append(f"最後の期間は{readings[-1].value}")
    if series.is_flow and sum(each.days for each in readings) < 365:
        marks.append("年度の一部")
    return tuple(marks)
