"""Pictures of a branch: how its indicators are spread over the statuses, for it and for each part of it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from enishi.engines.progress import RollUp, Status
from enishi.foundation.charts import LOOK, ChartTable

SHADES = {
    Status.ACHIEVED: "#0031d8",
    Status.ON_TRACK: "#7096f8",
    Status.SLIGHTLY_LATE: "#e2b000",
    Status.LATE: "#927200",
    Status.REGRESSED: "#4d4d4d",
    Status.UNDECIDABLE: "#d8d8db",
}
"""They part in lightness too; red belongs to the thread."""


def spread_chart(parts: Sequence[tuple[str, RollUp]]) -> dict[str, Any]:
    """Stacked bars: one for each part, one piece for each status, with its number in the table beside."""
    values = [
        {"part": name, "status": status.value, "count": count, "order": order}
        for name, rolled in parts
        for order, (status, count) in enumerate(rolled.distribution.items())
        if count
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 560,
        "height": {"step": 30},
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "y": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"labelLimit": 260},
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
                    "domain": [status.value for status in SHADES],
                    "range": list(SHADES.values()),
                },
                "legend": {"orient": "top"},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def spread_table(parts: Sequence[tuple[str, RollUp]]) -> ChartTable:
    return ChartTable(
        [_("枝"), *(status.value for status in SHADES), _("合計")],
        [
            [
                name,
                *(rolled.distribution[status] for status in SHADES),
                sum(rolled.distribution.values()),
            ]
            for name, rolled in parts
        ],
    )


def png_of(chart: dict[str, Any]) -> bytes:
    """The same picture for a slide or a document that takes no SVG."""
    # Loaded when the first picture is drawn: it brings a JavaScript engine of 100 MB along.
    import vl_convert

    look = {**chart, "config": {**LOOK, **chart.get("config", {})}}
    drawn: bytes = vl_convert.vegalite_to_png(look, scale=2)
    return drawn
