"""Charts: one Vega-Lite specification for page, print and report, drawn on the server as SVG."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse

# The Digital Agency's tokens; the series differ in lightness too, so that they part without colour.
SERIES = ["#0031d8", "#008299", "#7096f8", "#4d4d4d", "#927200", "#5109ad"]
FONT = "BIZ UDPGothic, BIZ UDGothic, Noto Sans CJK JP, Noto Sans JP, sans-serif"
LOOK: dict[str, Any] = {
    "background": "#ffffff",
    "font": FONT,
    "range": {"category": SERIES},
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "gridColor": "#e6e6e6",
        "domainColor": "#767676",
        "labelAngle": 0,
    },
    "legend": {"labelFontSize": 13, "titleFontSize": 13},
    "bar": {"color": SERIES[0]},
    "line": {"color": SERIES[0], "strokeWidth": 2},
    "rule": {"color": "#1a1a1a", "strokeDash": [4, 3]},
    "view": {"stroke": None},
}


@dataclass(frozen=True)
class ChartTable:
    """The numbers of a chart, to be read beside it."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def drawn(chart: Any) -> str:
    """The SVG of a chart: an Altair chart or a Vega-Lite specification."""
    specification = chart if isinstance(chart, Mapping) else chart.to_dict()
    return _drawn(json.dumps(specification, ensure_ascii=False, sort_keys=True, default=str))


@lru_cache(maxsize=64)
def _drawn(specification: str) -> str:
    # Loaded when the first chart is drawn: it brings a JavaScript engine of 100 MB along.
    import vl_convert

    look = {**json.loads(specification)}
    look["config"] = {**LOOK, **look.get("config", {})}
    return vl_convert.vegalite_to_svg(look)


def for_phone(request: HttpRequest) -> bool:
    """A page asks for the narrow drawing where its screen is narrow."""
    return request.GET.get("size") == "narrow"


def png_response(chart: Mapping[str, Any], *, filename: str = "chart.png") -> HttpResponse:
    """The chart as a picture for documents, at twice its size so that print stays sharp."""
    import vl_convert

    look = {**chart, "config": {**LOOK, **chart.get("config", {})}}
    response = HttpResponse(vl_convert.vegalite_to_png(look, scale=2), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def png_of(svg: str) -> bytes:
    """A picture that was drawn as SVG, for documents that take no SVG: twice its size, on white."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=2))


def svg_response(chart: Any, *, filename: str = "chart.svg") -> HttpResponse:
    """The chart as an answer of its own, for ``<img>`` and download."""
    response = HttpResponse(drawn(chart), content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    return response
