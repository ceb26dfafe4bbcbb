"""How the answers did night after night, as a table and as a picture."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.foundation.charts import ChartTable
from enishi.knowledge.models import QuestionSet, TestRun

SHOWN_NIGHTS = 60
KINDS = ("right", "rightly_refused", "refused", "wrong")


def nights(kept: QuestionSet) -> list[TestRun]:
    """The last result of each day, the latest first: two of one day would stand on top of one another."""
    days: dict[str, TestRun] = {}
    for run in kept.runs.all()[: SHOWN_NIGHTS * 2]:
        days.setdefault(timezone.localdate(run.at).isoformat(), run)
    return list(days.values())[:SHOWN_NIGHTS]


def labels() -> dict[str, str]:
    """What the numbers of a result are called."""
    return {
        "day": _("日"),
        "right": _("正しく答えた"),
        "rightly_refused": _("正しく断った"),
        "refused": _("答えられるのに断った"),
        "wrong": _("誤って答えた"),
    }


def table(runs: list[TestRun], words: Mapping[str, str]) -> ChartTable:
    headings = [words["day"], *(words[kind] for kind in KINDS)]
    return ChartTable(headings, [[day_of(run), *(getattr(run, kind) for kind in KINDS)] for run in runs])


def day_of(run: TestRun) -> str:
    return timezone.localdate(run.at).isoformat()


def chart(runs: list[TestRun], words: Mapping[str, str]) -> dict[str, Any]:
    """Right, wrong and refused, as parts of the whole."""
    values = [
        {"day": day_of(run), "kind": words[kind], "order": order, "count": getattr(run, kind)}
        for run in runs
        for order, kind in enumerate(KINDS)
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 640,
        "height": 240,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "title": words["day"], "axis": {"labelOverlap": True}},
            "y": {"field": "count", "type": "quantitative", "title": None},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "sort": [words[kind] for kind in KINDS],
                "legend": {"orient": "bottom", "columns": 2, "labelLimit": 320},
            },
            "order": {"field": "order"},
        },
    }
