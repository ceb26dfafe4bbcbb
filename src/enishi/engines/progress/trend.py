"""The slope of an indicator over the years that one odd year cannot turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from enishi.engines.progress.series import Direction, Series, YearValue, value_of_year
from enishi.engines.progress.values import (
    Amount,
    Because,
    Exact,
    Figure,
    Formula,
    Missing,
    exact_or_missing,
    spoken,
)

MINIMUM_POINTS = 4
THEIL_SEN = Formula("theil_sen", 1, "すべての2年の組の傾きの中央値(4点以上)")


@dataclass(frozen=True, slots=True)
class Trend:
    """The slope per fiscal year, the line through the middle, and the points it came from."""

    slope: Figure
    intercept: Exact
    points: tuple[tuple[int, Fraction], ...]

    def at(self, fiscal_year: int) -> Exact:
        """Return where the line stands in a year; missing where there is no line."""
        if isinstance(self.slope.value, Missing) or isinstance(self.intercept, Missing):
            return Missing(Because.TOO_FEW_POINTS)
        return self.intercept + self.slope.value * fiscal_year


def trend(values: Mapping[int, Amount], *, unit: str = "") -> Trend:
    """Return the Theil–Sen trend of yearly values; missing years are left out, never filled.

    Parameters
    ----------
    values : fiscal year → value in ``unit``, all comparable with each other

    Returns
    -------
    Trend; its slope is missing (点数不足) for fewer than four values

    Source
    ------
    H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950;
    P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968.

    Examples
    --------
    >>> trend({2020: 10, 2021: 12, 2022: 14, 2023: 99}).slope.value
    Fraction(95, 6)
    >>> trend({2020: 10, 2021: 12, 2022: 14, 2023: 16, 2024: 99}).slope.value
    Fraction(2, 1)
    >>> trend({2020: 10, 2021: 12, 2022: Missing("調査中止"), 2023: 16}).slope.explanation
    '傾向は算出できない(点数不足: 3点、4点以上が要る)'
    """
    found = {year: exact_or_missing(value, "values") for year, value in sorted(values.items())}
    points = tuple((year, value) for year, value in found.items() if not isinstance(value, Missing))
    if len(points) < MINIMUM_POINTS:
        return Trend(_too_few(len(points), unit), Missing(Because.TOO_FEW_POINTS), points)
    slope = _median(
        [(right - left) / (later - earlier) for (earlier, left), (later, right) in combinations(points, 2)]
    )
    intercept = _median([value - slope * year for year, value in points])
    return Trend(_slope_figure(slope, points, unit), intercept, points)


def series_trend(series: Series, *, as_of: int, allow_provisional: bool = False) -> Trend:
    """Return the trend over the years that can be compared with the latest one; years before a break are left out."""
    years = sorted({each.fiscal_year for each in series.readings if each.fiscal_year <= as_of})
    values = [value_of_year(series, year, allow_provisional=allow_provisional) for year in years]
    last = next((each for each in reversed(values) if not isinstance(each.value, Missing)), None)
    if last is None:
        return trend({}, unit=series.unit)
    return trend({each.fiscal_year: _comparable(series, each, last) for each in values}, unit=series.unit)


def trend_is_good(trend_found: Trend, direction: Direction) -> bool | None:
    """Return whether the slope points the better way; None where there is no slope or no better way."""
    slope = trend_found.slope.value
    if isinstance(slope, Missing) or direction not in (Direction.UP, Direction.DOWN) or slope == 0:
        return None
    return (slope > 0) is (direction is Direction.UP)


def _comparable(series: Series, each: YearValue, last: YearValue) -> Exact:
    if not isinstance(each.value, Missing) and not series.comparable(each.definition, last.definition):
        return Missing(Because.DEFINITION_CHANGED)
    return each.value


def _median(values: list[Fraction]) -> Fraction:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _too_few(count: int, unit: str) -> Figure:
    missing = Missing(Because.TOO_FEW_POINTS)
    sentence = f"傾向は算出できない(点数不足: {count}点、{MINIMUM_POINTS}点以上が要る)"
    return Figure("傾向", missing, missing, missing, THEIL_SEN, sentence, unit)


def _slope_figure(slope: Fraction, points: tuple[tuple[int, Fraction], ...], unit: str) -> Figure:
    way = "横ばい" if slope == 0 else "増加" if slope > 0 else "減少"
    first, last = points[0][0], points[-1][0]
    sentence = (
        f"{first}〜{last}年度の{len(points)}点では、1年あたり{spoken(slope, unit)}({way})。{THEIL_SEN.text}"
    )
    return Figure("傾向", slope, slope, Fraction(1), THEIL_SEN, sentence, unit)
