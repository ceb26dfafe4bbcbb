"""Where an indicator stands year by year, without the sentences: for thousands of indicators at once.

The same numbers as :func:`judge`, :func:`series_progress` and :func:`series_trend` give one by one (the tests compare
them on every published vector and on drawn series); a page asks those for the sentence behind a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.attainment import target_in_force, target_of_year
from enishi.engines.progress.series import Direction, Series, Target, YearValue, value_of_year
from enishi.engines.progress.status import STANDARD, Scheme, Status
from enishi.engines.progress.trend import MINIMUM_POINTS
from enishi.engines.progress.values import Because, Exact, Missing, exact, exact_or_missing

INTERPOLATED = "補間"


@dataclass(frozen=True, slots=True)
class Rate:
    """A quotient with its parents, nothing else."""

    value: Exact
    numerator: Exact
    denominator: Exact


@dataclass(frozen=True, slots=True)
class YearStanding:
    """One fiscal year of one indicator.

    ``progress`` is the latest value on the way to the final target, ``attainment`` the year's value on the way to the
    year's target; for KEEP and RANGE both are distances in tolerances, for BINARY 1 or 0. ``trend`` is the slope per
    year from ``trend_points`` points. ``reason`` says why the status is 判定不能, otherwise it is empty.
    """

    fiscal_year: int
    status: Status
    value: Exact
    latest: Exact
    latest_year: int | None
    target: Exact
    progress: Rate
    attainment: Rate
    trend: Exact
    trend_points: int
    reason: str
    marks: tuple[str, ...]


def standings(
    series: Series, fiscal_years: Iterable[int], *, scheme: Scheme = STANDARD, allow_provisional: bool = False
) -> list[YearStanding]:
    """Return how the indicator stood in each of the fiscal years, as known now.

    Raises
    ------
    InvalidInputError
        As :func:`judge` does: a target on the wrong side of the baseline, overlapping flows, a BINARY value of 0.5.

    Examples
    --------
    >>> from enishi.engines.progress.series import Baseline, yearly
    >>> series = Series(
    ...     Direction.UP, baseline=Baseline(2024, 60), targets=(Target(2028, 80),), readings=(yearly(2026, 69),)
    ... )
    >>> (found,) = standings(series, [2026])
    >>> found.status.value, found.attainment.value, found.progress.value, found.marks
    ('順調', Fraction(9, 10), Fraction(9, 20), ('補間',))
    """
    known = {
        year: value_of_year(series, year, allow_provisional=allow_provisional)
        for year in sorted({each.fiscal_year for each in series.readings})
    }
    return [_standing(series, year, known, scheme) for year in fiscal_years]


def _standing(series: Series, year: int, known: dict[int, YearValue], scheme: Scheme) -> YearStanding:
    reached = known.get(year) or YearValue(year, Missing(Because.NO_VALUE), 1, "")
    latest = _latest(known, year)
    goal, interpolated = _goal(series, year)
    attainment = _rate(series, goal, reached)
    status, reason = _status(series, attainment, year, scheme)
    slope, points = _trend(series, year, known)
    return YearStanding(
        fiscal_year=year,
        status=status,
        value=reached.value,
        latest=latest.value,
        latest_year=None if isinstance(latest.value, Missing) else latest.fiscal_year,
        target=_single(goal),
        progress=_rate(series, series.final_target, latest),
        attainment=attainment,
        trend=slope,
        trend_points=points,
        reason=reason,
        marks=((INTERPOLATED,) if interpolated else ()) + reached.marks,
    )


def _latest(known: dict[int, YearValue], year: int) -> YearValue:
    for each in sorted(known, reverse=True):
        if each <= year and not isinstance(known[each].value, Missing):
            return known[each]
    return YearValue(year, Missing(Because.NO_VALUE), 1, "")


def _goal(series: Series, year: int) -> tuple[Target | Missing | None, bool]:
    if series.direction in (Direction.UP, Direction.DOWN):
        goal, interpolated = target_of_year(series, year)
        return (goal, False) if isinstance(goal, Missing) else (Target(year, goal), interpolated)
    return target_in_force(series, year), False


def _single(goal: Target | Missing | None) -> Exact:
    if isinstance(goal, Missing):
        return goal
    if goal is None or goal.value is None:
        return Missing(Because.NO_TARGET)
    return exact(goal.value, "target")


def _rate(series: Series, goal: Target | Missing | None, reached: YearValue) -> Rate:
    if goal is None or isinstance(goal, Missing):
        return _no_rate(goal or Missing(Because.NO_TARGET))
    if series.direction in (Direction.KEEP, Direction.RANGE):
        return _distance(series, goal, reached.value)
    if goal.value is None:
        raise InvalidInputError("target", f"{series.direction} needs a value, not bounds")
    if series.direction is Direction.BINARY:
        if not isinstance(reached.value, Missing) and reached.value not in (0, 1):
            raise InvalidInputError("value", "BINARY takes 1 (済) or 0 (未)")
        return Rate(reached.value, reached.value, Fraction(1))
    return _way(series, exact(goal.value, "target"), reached)


def _way(series: Series, goal: Fraction, reached: YearValue) -> Rate:
    base = series.baseline
    if base is None:
        return _no_rate(Missing(Because.NO_BASELINE))
    value = reached.value
    if not isinstance(value, Missing) and not series.comparable(base.definition, reached.definition):
        return _no_rate(Missing(Because.DEFINITION_CHANGED))
    start = exact_or_missing(base.value, "baseline")
    if isinstance(start, Missing):
        return _no_rate(start)
    bottom = goal - start
    if (bottom < 0) if series.direction is Direction.UP else (bottom > 0):
        raise InvalidInputError("target", f"{series.direction} の指標なのに、目標が基準より悪い側にある")
    if isinstance(value, Missing):
        return Rate(value, value, bottom)
    if bottom == 0:
        return Rate(Missing(Because.TARGET_IS_BASELINE), value - start, bottom)
    return Rate((value - start) / bottom, value - start, bottom)


def _distance(series: Series, goal: Target, value: Exact) -> Rate:
    width = exact(series.tolerance, "tolerance")
    if isinstance(value, Missing):
        return Rate(value, value, width)
    low, high = goal.bounds
    apart = max(low - value, value - high, Fraction(0))
    if apart == 0:
        return Rate(Fraction(0), apart, width)
    return Rate(apart / width if width else Missing(Because.NO_TOLERANCE), apart, width)


def _no_rate(missing: Missing) -> Rate:
    return Rate(missing, missing, missing)


def _status(series: Series, rate: Rate, year: int, scheme: Scheme) -> tuple[Status, str]:
    value = rate.value
    if series.direction is Direction.BINARY:
        first = min((each.fiscal_year for each in series.targets), default=year)
        if not isinstance(value, Missing) and value != 1 and year < first:
            return Status.UNDECIDABLE, str(Because.NOT_DUE)
        if not isinstance(value, Missing):
            return (Status.ACHIEVED if value == 1 else Status.LATE), ""
    elif series.direction in (Direction.UP, Direction.DOWN):
        if not isinstance(value, Missing):
            return scheme.status_of_rate(value), ""
    elif not isinstance(value, Missing) or value.reason == Because.NO_TOLERANCE:
        return scheme.status_of_distance(value), ""
    assert isinstance(value, Missing)
    return Status.UNDECIDABLE, value.reason


def _trend(series: Series, year: int, known: dict[int, YearValue]) -> tuple[Exact, int]:
    """The median of all slopes, in whole numbers over one denominator: exact, and quick."""
    values = [(each, known[each]) for each in sorted(known) if each <= year]
    present = [(each, found) for each, found in values if not isinstance(found.value, Missing)]
    if not present:
        return Missing(Because.TOO_FEW_POINTS), 0
    last = present[-1][1].definition
    points = [
        (each, found.value)
        for each, found in present
        if not isinstance(found.value, Missing) and series.comparable(found.definition, last)
    ]
    if len(points) < MINIMUM_POINTS:
        return Missing(Because.TOO_FEW_POINTS), len(points)
    return _median_slope(points), len(points)


def _median_slope(points: Sequence[tuple[int, Fraction]]) -> Fraction:
    scale = lcm(*(value.denominator for _year, value in points))
    whole = [(year, value.numerator * (scale // value.denominator)) for year, value in points]
    spans = lcm(*range(1, points[-1][0] - points[0][0] + 1))
    slopes = sorted(
        (right - left) * (spans // (later - earlier))
        for index, (earlier, left) in enumerate(whole)
        for later, right in whole[index + 1 :]
    )
    middle = len(slopes) // 2
    twice = 2 * slopes[middle] if len(slopes) % 2 else slopes[middle - 1] + slopes[middle]
    return Fraction(twice, 2 * scale * spans)
