"""Pictures of a branch: how its indicators are spread over the statuses, for it and for each part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from enishi.engines.progress import RollUp, Status
from enishi.foundation.charts import ChartTable
from enishi.indicators.calculations import Yardstick, yardstick_of, yardsticks
from enishi.indicators.charts import PHONE, chart_of, chart_title, trend_points, trend_table
from enishi.indicators.models import OWN_FRAME, Indicator, Standing
from enishi.indicators.wording import status_in_words
from enishi.plans.dashboards import Line
from enishi.plans.models import PlanVersion

MOST_TRENDS = 6

SHADES = {
    Status.ACHIEVED: "#0031d8",
    Status.ON_TRACK: "#7096f8",
    Status.SLIGHTLY_LATE: "#e2b000",
    Status.LATE: "#927200",
    Status.REGRESSED: "#4d4d4d",
    Status.UNDECIDABLE: "#d8d8db",
}
"""They part in lightness too; red belongs to the thread."""


def spread_chart(parts: Sequence[tuple[str, RollUp]], *, for_phone: bool = False) -> dict[str, Any]:
    """Stacked bars: one for each part, one piece for each status, with its number in the table beside.

    On a phone the names stand in short lines, so that bars and numbers are seen without scrolling.
    """
    values = [
        {
            "part": _in_lines(name) if for_phone else name,
            "status": status_in_words(status),
            "count": count,
            "order": order,
        }
        for name, rolled in parts
        for order, (status, count) in enumerate(rolled.distribution.items())
        if count
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 190 if for_phone else 560,
        "height": {"step": 62 if for_phone else 30},
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "y": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"labelLimit": 260, "labelExpr": f"split(datum.label, '{_BREAK}')"},
            },
            "x": {
                "field": "count",
                "type": "quantitative",
                "title": _("指標の数"),
                "axis": {"tickMinStep": 1, "format": "d"},
            },
            "color": {
                "field": "status",
                "type": "nominal",
                "title": None,
                "scale": {
                    "domain": [status_in_words(status) for status in SHADES],
                    "range": list(SHADES.values()),
                },
                "legend": {"orient": "top", "columns": 3 if for_phone else 0},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
    }


_BREAK = "|"
_LINE, _MOST_LINES = 8, 3


def _in_lines(name: str) -> str:
    """The name in lines of eight letters; a long one ends in …, its whole is in the table beside."""
    most = _LINE * _MOST_LINES
    shown = name if len(name) <= most else f"{name[: most - 1]}…"
    return _BREAK.join(shown[at : at + _LINE] for at in range(0, len(shown), _LINE))


def spread_table(parts: Sequence[tuple[str, RollUp]]) -> ChartTable:
    return ChartTable(
        [_("枝"), *(status_in_words(status) for status in SHADES), _("合計")],
        [
            [
                name,
                *(rolled.distribution[status] for status in SHADES),
                sum(rolled.distribution.values()),
            ]
            for name, rolled in parts
        ],
    )


@dataclass(frozen=True)
class Trend:
    """One indicator of a branch, drawn: its answer as title, its numbers beside."""

    indicator: Indicator
    title: str
    table: ChartTable


def trends_of(lines: Sequence[Line], version: PlanVersion) -> list[Trend]:
    """The first indicators of a branch with their years; a fixed number of queries."""
    shown = {line.indicator.pk: line for line in lines[:MOST_TRENDS]}
    if not shown:
        return []
    standings: dict[int, dict[int, Standing]] = {}
    rows = Standing.objects.filter(indicator_id__in=shown, frame__in=["", version.uid]).order_by("frame")
    for row in rows:
        standings.setdefault(row.indicator_id, {})[row.fiscal_year] = row
    found = {}
    for yardstick in yardsticks(list(shown)):
        line = shown[yardstick.id]
        points = trend_points(yardstick, frame_of(yardstick, version))
        table = trend_table(line.indicator, points, standings.get(line.indicator.pk, {}))
        found[line.indicator.pk] = Trend(line.indicator, chart_title(line.indicator, line.standing), table)
    return [found[key] for key in shown if key in found]


def frame_of(yardstick: Yardstick, version: PlanVersion) -> str:
    """The targets of this version where the indicator has some, else the municipality's own."""
    return version.uid if version.uid in yardstick.targets else OWN_FRAME


def trend_picture(indicator: Indicator, version: PlanVersion, *, for_phone: bool = False) -> dict[str, Any]:
    size = PHONE if for_phone else {}
    yardstick = yardstick_of(indicator)
    points = trend_points(yardstick, frame_of(yardstick, version))
    return chart_of(indicator, points, yardstick.breaks, **size)
