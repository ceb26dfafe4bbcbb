"""The chart of a measure: its values over time, and the line it is to reach."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from enishi.foundation.charts import ChartTable
from enishi.foundation.days import short_day
from enishi.projects.calculations import Standing
from enishi.projects.models import Measure, MeasureValue
from enishi.projects.thread import plain_number


def measure_chart(measure: Measure, values: Sequence[MeasureValue]) -> dict[str, Any]:
    """Values as a line with points, the target as a dashed one, baseline first. Missing values leave a gap."""
    points: list[dict[str, Any]] = []
    if measure.baseline_value is not None and measure.baseline_on is not None:
        points.append({"day": measure.baseline_on.isoformat(), "value": float(measure.baseline_value)})
    points += [
        {"day": each.on.isoformat(), "value": float(each.value) if each.value is not None else None}
        for each in values
    ]
    title = f"{measure.title}({measure.unit})"
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "point": {"size": 60, "filled": True}},
            "encoding": {
                "x": {"field": "day", "type": "temporal", "title": None, "axis": {"format": "%Y/%m"}},
                "y": {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": False}},
            },
        }
    ]
    if measure.target_value is not None:
        target = float(measure.target_value)
        words = _("目標 %(value)s%(unit)s") % {
            "value": plain_number(measure.target_value),
            "unit": measure.unit,
        }
        line = {"values": [{"target": target, "words": words}]}
        y = {"field": "target", "type": "quantitative"}
        layers.append({"data": line, "mark": {"type": "rule", "strokeDash": [6, 4]}, "encoding": {"y": y}})
        layers.append(
            {
                "data": line,
                "mark": {"type": "text", "align": "left", "x": 4, "dy": -6, "fontSize": 13},
                "encoding": {"y": y, "text": {"field": "words"}},
            }
        )
    return {"width": 640, "height": 280, "data": {"values": points}, "layer": layers}


def measure_table(measure: Measure, values: Sequence[MeasureValue]) -> ChartTable:
    rows: list[list[object]] = []
    if measure.baseline_value is not None:
        day = short_day(measure.baseline_on) if measure.baseline_on else ""
        rows.append([day, _("基準値"), plain_number(measure.baseline_value)])
    for each in values:
        said = (
            plain_number(each.value)
            if each.value is not None
            else _("値なし(%(reason)s)") % {"reason": each.missing_reason}
        )
        rows.append([short_day(each.on), _("実績値"), said])
    if measure.target_value is not None:
        day = short_day(measure.target_on) if measure.target_on else ""
        rows.append([day, _("目標値"), plain_number(measure.target_value)])
    return ChartTable([_("日"), _("種類"), f"{_('値')}({measure.unit})"], rows)


def chart_title(standing: Standing) -> str:
    """The answer as the chart's title."""
    if standing.percent is not None:
        return _("%(title)s: %(status)s(目標までの %(percent)s%%)") % {
            "title": standing.measure.title,
            "status": standing.status,
            "percent": standing.percent,
        }
    return _("%(title)s: %(status)s") % {"title": standing.measure.title, "status": standing.status}
