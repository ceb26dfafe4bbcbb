"""Where an indicator stands year by year, without the sentences: for thousands of indicators at once.

The same numbers as :func:`judge`, :func:`series_progress` and :func:`series_trend` give one by one (the tests compare
them on every published vector and on drawn series); a page asks those for the sentence behind a number.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.attainment import TargetPath, target_in_force
from enishi.engines.progress.series import Direction, Series, Target, YearValue, value_of_year
from enishi.engines.progress.status import STANDARD, Scheme, Status
from enishi.engines.progress.trend import MINIMUM_POINTS
from enishi.engines.progress.values import Because, Exact, Missing, exact, exact_or_missing

INTERPOLATED = "補間"
Goal: TypeAlias = "Fraction | tuple[Fraction, Fraction] | Missing"


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
    walk = _Walk(series, scheme, allow_provisional)
    return [walk.standing(year) for year in fiscal_years]


class _Walk:
    """What is the same for every year of an indicator, worked out once."""

    def __init__(self, series: Series, scheme: Scheme, allow_provisional: bool) -> None:
        self.series, self.scheme = series, scheme
        self.known = {
            year: value_of_year(series, year, allow_provisional=allow_provisional)
            for year in sorted({each.fiscal_year for each in series.readings})
        }
        self.latest = _latest_values(self.known)
        self.trends = _trends(series, self.known)
        self.path = TargetPath.of(series)
        self.start = _start(series)
        self.final = self._goal_of(series.final_target)
        self.width = exact(series.tolerance, "tolerance")
        self.first_due = min((each.fiscal_year for each in series.targets), default=None)

    def standing(self, year: int) -> YearStanding:
        reached = self.known.get(year) or YearValue(year, Missing(Because.NO_VALUE), 1, "")
        before = max((each for each in self.latest if each <= year), default=None)
        latest = YearValue(year, Missing(Because.NO_VALUE), 1, "") if before is None else self.latest[before]
        goal, interpolated = self._goal(year)
        attainment = self._rate(goal, reached)
        status, reason = self._status(attainment.value, year)
        slope, points = (Missing(Because.TOO_FEW_POINTS), 0) if before is None else self.trends[before]
        return YearStanding(
            fiscal_year=year,
            status=status,
            value=reached.value,
            latest=latest.value,
            latest_year=None if before is None else latest.fiscal_year,
            target=Missing(Because.NO_TARGET) if isinstance(goal, tuple) else goal,
            progress=self._rate(self.final, latest),
            attainment=attainment,
            trend=slope,
            trend_points=points,
            reason=reason,
            marks=((INTERPOLATED,) if interpolated else ()) + reached.marks,
        )

    def _goal(self, year: int) -> tuple[Goal, bool]:
        if self.series.direction not in (Direction.UP, Direction.DOWN):
            return self._goal_of(target_in_force(self.series, year)), False
        return self.path.at(year)

    def _goal_of(self, target: Target | None) -> Goal:
        if target is None:
            return Missing(Because.NO_TARGET)
        if self.series.direction in (Direction.KEEP, Direction.RANGE):
            low, high = target.bounds
            return low if low == high else (low, high)
        return Missing(Because.NO_TARGET) if target.value is None else exact(target.value, "target")

    def _rate(self, goal: Goal, reached: YearValue) -> Rate:
        value = reached.value
        if isinstance(goal, Missing):
            return _no_rate(goal)
        if self.series.direction in (Direction.KEEP, Direction.RANGE):
            return self._distance(*(goal if isinstance(goal, tuple) else (goal, goal)), value)
        assert isinstance(goal, Fraction)
        if self.series.direction is Direction.BINARY:
            if not isinstance(value, Missing) and value not in (0, 1):
                raise InvalidInputError("value", "BINARY takes 1 (済) or 0 (未)")
            return Rate(value, value, Fraction(1))
        return self._way(goal, reached)

    def _way(self, goal: Fraction, reached: YearValue) -> Rate:
        base, start, value = self.series.baseline, self.start, reached.value
        if base is None or isinstance(start, Missing):
            return _no_rate(start if isinstance(start, Missing) else Missing(Because.NO_BASELINE))
        if not isinstance(value, Missing) and not self.series.comparable(base.definition, reached.definition):
            return _no_rate(Missing(Because.DEFINITION_CHANGED))
        bottom = goal - start
        if bottom and (bottom < 0) is (self.series.direction is Direction.UP):
            raise InvalidInputError(
                "target", f"{self.series.direction} の指標なのに、目標が基準より悪い側にある"
            )
        if isinstance(value, Missing):
            return Rate(value, value, bottom)
        top = value - start
        return Rate(top / bottom if bottom else Missing(Because.TARGET_IS_BASELINE), top, bottom)

    def _distance(self, low: Fraction, high: Fraction, value: Exact) -> Rate:
        if isinstance(value, Missing):
            return Rate(value, value, self.width)
        apart = max(low - value, value - high, Fraction(0))
        if apart == 0:
            return Rate(apart, apart, self.width)
        return Rate(apart / self.width if self.width else Missing(Because.NO_TOLERANCE), apart, self.width)

    def _status(self, value: Exact, year: int) -> tuple[Status, str]:
        direction = self.series.direction
        if isinstance(value, Missing):
            if value.reason == Because.NO_TOLERANCE:
                return Status.LATE, ""
            return Status.UNDECIDABLE, value.reason
        if direction is Direction.BINARY:
            if value == 1:
                return Status.ACHIEVED, ""
            is_due = self.first_due is None or year >= self.first_due
            return (Status.LATE, "") if is_due else (Status.UNDECIDABLE, str(Because.NOT_DUE))
        if direction in (Direction.UP, Direction.DOWN):
            return self.scheme.status_of_rate(value), ""
        return self.scheme.status_of_distance(value), ""


def _latest_values(known: dict[int, YearValue]) -> dict[int, YearValue]:
    return {year: each for year, each in known.items() if not isinstance(each.value, Missing)}


def _start(series: Series) -> Exact:
    if series.baseline is None:
        return Missing(Because.NO_BASELINE)
    return exact_or_missing(series.baseline.value, "baseline")


def _no_rate(missing: Missing) -> Rate:
    return Rate(missing, missing, missing)


def _trends(series: Series, known: dict[int, YearValue]) -> dict[int, tuple[Exact, int]]:
    """The trend as of each year with a value: the median of all slopes, kept sorted while years are added.

    Slopes are whole numbers over one denominator, so they are exact and quick to compare.
    """
    present = [each for _year, each in sorted(_latest_values(known).items())]
    values = [each.value for each in present if not isinstance(each.value, Missing)]
    scale = lcm(*(value.denominator for value in values)) if values else 1
    spans = lcm(*range(1, present[-1].fiscal_year - present[0].fiscal_year + 1)) if present else 1
    found: dict[int, tuple[Exact, int]] = {}
    points: list[tuple[int, int, int]] = []
    slopes: list[int] = []
    for each, value in zip(present, values, strict=True):
        whole = value.numerator * (scale // value.denominator)
        if any(not series.comparable(definition, each.definition) for _y, _w, definition in points):
            points = [point for point in points if series.comparable(point[2], each.definition)]
            slopes = sorted(
                _slope(left, right, spans) for n, left in enumerate(points) for right in points[n + 1 :]
            )
        point = (each.fiscal_year, whole, each.definition)
        for earlier in points:
            insort(slopes, _slope(earlier, point, spans))
        points.append(point)
        enough = len(points) >= MINIMUM_POINTS
        slope = _median(slopes, scale * spans) if enough else Missing(Because.TOO_FEW_POINTS)
        found[each.fiscal_year] = (slope, len(points))
    return found


def _slope(earlier: tuple[int, int, int], later: tuple[int, int, int], spans: int) -> int:
    return (later[1] - earlier[1]) * (spans // (later[0] - earlier[0]))


def _median(ordered: list[int], denominator: int) -> Fraction:
    middle = len(ordered) // 2
    twice = 2 * ordered[middle] if len(ordered) % 2 else ordered[middle - 1] + ordered[middle]
    return Fraction(twice, 2 * denominator)
