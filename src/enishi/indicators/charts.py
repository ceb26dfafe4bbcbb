"""The chart of an indicator: yearly values, the path of its targets, and the table of the same numbers."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from enishi.engines import progress
from enishi.foundation.charts import ChartTable
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.calculations import Yardstick
from enishi.indicators.models import OWN_FRAME, Indicator, Standing
from enishi.indicators.numbers import shown
from enishi.indicators.wording import reason_in_words


@dataclass(frozen=True)
class YearPoint:
    """One fiscal year: what was reached and what should have been."""

    fiscal_year: int
    value: progress.Exact
    target: progress.Exact
    is_interpolated: bool
    is_provisional: bool
    definition: int
    marks: tuple[str, ...]
    lower: progress.Exact | None = None
    upper: progress.Exact | None = None

    @property
    def label(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.fiscal_year))


def trend_points(yardstick: Yardstick, frame: str = OWN_FRAME) -> list[YearPoint]:
    """From the baseline to the last target; provisional values are there and marked."""
    series = yardstick.series(frame)
    years = {each.fiscal_year for each in series.readings} | {each.fiscal_year for each in series.targets}
    if series.baseline:
        years.add(series.baseline.fiscal_year)
    if not years:
        return []
    return [_point(series, year) for year in range(min(years), max(years) + 1)]


def _point(series: progress.Series, year: int) -> YearPoint:
    found = progress.value_of_year(series, year, allow_provisional=True)
    value = found.value
    is_start = series.baseline is not None and series.baseline.fiscal_year == year
    if is_start and isinstance(value, progress.Missing) and series.baseline:
        start = series.baseline.value
        value = start if isinstance(start, progress.Missing) else Fraction(start)
    goal, interpolated = progress.target_of_year(series, year)
    bounds = next((each.bounds for each in series.targets if each.fiscal_year == year), None)
    return YearPoint(
        fiscal_year=year,
        value=value,
        target=goal,
        is_interpolated=interpolated,
        is_provisional="速報" in found.marks,
        definition=found.definition,
        marks=found.marks,
        lower=bounds[0] if bounds else None,
        upper=bounds[1] if bounds else None,
    )


PHONE = {"width": 260, "height": 220}
"""As wide as a phone shows without scrolling, labels and all."""


def chart_of(
    indicator: Indicator,
    points: list[YearPoint],
    breaks: frozenset[int],
    *,
    width: int = 640,
    height: int = 280,
) -> dict[str, Any]:
    """Values as a line with points, targets dashed; a break of the definition parts the line."""
    rows = [_plain(point, _part(point, breaks)) for point in points]
    unit = f"({indicator.unit})" if indicator.unit else ""
    # Years in their own order: as words, 令和10年度 would come before 令和2年度.
    order = [point.label for point in points]
    x = {"field": "year", "type": "ordinal", "title": None, "sort": order, "axis": {"labelOverlap": True}}
    y = {"type": "quantitative", "title": f"{indicator.name}{unit}"[:40], "scale": {"zero": False}}
    target = {
        "mark": {
            "type": "line",
            "strokeDash": [6, 4],
            "color": "#4d4d4d",
            "point": {"shape": "diamond", "size": 40, "color": "#4d4d4d"},
        },
        "encoding": {"x": x, "y": {**y, "field": "target"}},
        "transform": [{"filter": "datum.target != null"}],
    }
    band = {
        "mark": {"type": "area", "opacity": 0.25, "color": "#4d4d4d"},
        "encoding": {"x": x, "y": {**y, "field": "lower"}, "y2": {"field": "upper"}},
        "transform": [{"filter": "datum.lower != null"}],
    }
    value = {
        "mark": {"type": "line", "point": {"size": 70, "filled": True}},
        "encoding": {"x": x, "y": {**y, "field": "value"}, "detail": {"field": "part"}},
        "transform": [{"filter": "datum.value != null"}],
    }
    open_points = {
        "mark": {"type": "point", "size": 110, "filled": False, "strokeWidth": 2},
        "encoding": {"x": x, "y": {**y, "field": "value"}},
        "transform": [{"filter": "datum.provisional && datum.value != null"}],
    }
    layers = [band if indicator.direction == "RANGE" else target, value, open_points]
    return {"width": width, "height": height, "data": {"values": rows}, "layer": layers}


def _plain(point: YearPoint, part: int) -> dict[str, Any]:
    return {
        "year": point.label,
        "value": _float(point.value),
        "target": _float(point.target),
        "lower": _float(point.lower),
        "upper": _float(point.upper),
        "provisional": point.is_provisional,
        "part": part,
    }


def _part(point: YearPoint, breaks: frozenset[int]) -> int:
    return sum(version <= point.definition for version in breaks)


def _float(value: progress.Exact | None) -> float | None:
    """For drawing only."""
    return None if value is None or isinstance(value, progress.Missing) else float(value)


def trend_table(indicator: Indicator, points: list[YearPoint], standings: dict[int, Standing]) -> ChartTable:
    """The numbers of the chart with how each year was judged."""
    rows: list[list[object]] = []
    for point in points:
        standing = standings.get(point.fiscal_year)
        rows.append(
            [
                point.label,
                value_words(point.value, indicator.decimals),
                _target_words(point, indicator.decimals),
                standing.get_status_display() if standing else "",
                "・".join(point.marks),
            ]
        )
    unit = f"({indicator.unit})" if indicator.unit else ""
    return ChartTable([_("年度"), _("実績値") + unit, _("目標値") + unit, _("状況"), _("添え書き")], rows)


def _target_words(point: YearPoint, decimals: int) -> str:
    if point.lower is not None and point.lower != point.upper:
        return f"{value_words(point.lower, decimals)}〜{value_words(point.upper, decimals)}"
    if isinstance(point.target, progress.Missing):
        return ""
    words = value_words(point.target, decimals)
    return _("%(value)s(補間)") % {"value": words} if point.is_interpolated else words


def value_words(value: progress.Exact | None, decimals: int) -> str:
    """A number for a table, or why there is none."""
    if value is None:
        return ""
    if isinstance(value, progress.Missing):
        return "" if value.reason == progress.Because.NO_VALUE else str(value)
    return shown(progress.rounded(value, decimals), decimals)


def chart_title(indicator: Indicator, standing: Standing | None) -> str:
    """The answer as the chart's title."""
    if standing is None:
        return indicator.name
    words = {
        "name": indicator.name,
        "year": fiscal_year_in_words(FiscalYear(standing.fiscal_year)),
        "status": standing.get_status_display(),
    }
    if standing.status == "undecidable":
        return _("%(name)s: %(year)sは判定不能(%(reason)s)") % {
            **words,
            "reason": reason_in_words(standing.reason),
        }
    return _("%(name)s: %(year)sは「%(status)s」") % words
