"""Numbers of an organisation as pages show them: with their parents, in words, against their targets."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.foundation.charts import ChartTable
from enishi.foundation.days import day_in_words, fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Figure, Metric, Period, all_metrics, fact
from enishi.indicators.wording import reason_in_words
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

YEARS_SHOWN = 5
OF_THE_DESK = "desk-record"
LOWER_IS_BETTER = "lower-is-better"


@dataclass(frozen=True)
class Asked:
    """Whose numbers, of which fiscal year, as things stood on which day."""

    organization: Organization
    year: FiscalYear
    as_of: dt.date

    @property
    def period(self) -> Period:
        return Period(self.year.first_day, self.year.last_day)

    @property
    def year_in_words(self) -> str:
        return fiscal_year_in_words(self.year)

    @property
    def query(self) -> str:
        return f"organization={self.organization.pk}&year={self.year.year}"


@dataclass(frozen=True)
class Shown:
    """A number ready for a page."""

    metric: Metric
    figure: Figure
    asked: Asked

    @property
    def value(self) -> str:
        return in_words(self.metric, self.figure.value)

    @property
    def parents(self) -> str:
        """Numerator and denominator, where something was divided."""
        if self.figure.denominator is None or self.figure.numerator is None:
            return ""
        return f"{_plain(self.figure.numerator)} ÷ {_plain(self.figure.denominator)}"

    @property
    def target(self) -> str:
        if self.metric.target is None:
            return ""
        words = in_words(self.metric, self.metric.target)
        form = _("%(value)s以内") if LOWER_IS_BETTER in self.metric.tags else _("%(value)s以上")
        return form % {"value": words}

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What is said beside the number. Words of an engine know no catalogue; here they meet it."""
        return [(_(str(label)), _(str(value))) for label, value in self.figure.beside]

    @property
    def missing(self) -> str:
        """Why there is no number."""
        return reason_in_words(str(self.figure.missing))

    @property
    def verdict(self) -> str:
        """``met``, ``missed`` or nothing where there is no target or no value."""
        if self.metric.target is None or self.figure.value is None:
            return ""
        gap = self.figure.value - self.metric.target
        good = gap <= 0 if LOWER_IS_BETTER in self.metric.tags else gap >= 0
        return "met" if good else "missed"

    @property
    def answer(self) -> str:
        """The number as one sentence: the title of its chart."""
        parts = {
            "year": self.asked.year_in_words,
            "title": str(self.metric.title),
            "value": self.value,
            "target": self.target,
        }
        if self.figure.value is None:
            return _("%(year)sの%(title)sは、まだ言えません") % parts
        if self.verdict == "met":
            return _("%(year)sの%(title)sは%(value)sで、目標(%(target)s)に届いています") % parts
        if self.verdict == "missed":
            return _("%(year)sの%(title)sは%(value)sで、目標(%(target)s)に届いていません") % parts
        return _("%(year)sの%(title)sは%(value)sです") % parts


def in_words(metric: Metric, value: Decimal | None) -> str:
    if value is None:
        return ""
    return f"{value:,.{metric.decimals}f}{metric.unit}"


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def houses_of(actor: Actor) -> list[Organization]:
    """The organisations whose numbers this person may read: those they work for or audit."""
    return list(Organization.objects.filter(pk__in=reach_of(actor).organization_ids).order_by("pk"))


def years(today: dt.date) -> list[FiscalYear]:
    """The running fiscal year and the ones before it, newest first."""
    this = FiscalYear.of(today)
    return [FiscalYear(this.year - back) for back in range(YEARS_SHOWN)]


def shown(metric: Metric, asked: Asked) -> Shown:
    return Shown(metric, _figure(metric.figure, asked.organization.pk, asked.period, asked.as_of), asked)


@fact
def _figure(
    count: Callable[[int, Period, dt.date], Figure], organization_id: int, period: Period, as_of: dt.date
) -> Figure:
    return count(organization_id, period, as_of)


def of_the_desk(asked: Asked) -> list[Shown]:
    """The four numbers of 「窓口の成績」, those that a room offers."""
    return [shown(metric, asked) for metric in all_metrics() if OF_THE_DESK in metric.tags]


def others(asked: Asked) -> list[Shown]:
    return [shown(metric, asked) for metric in all_metrics() if OF_THE_DESK not in metric.tags]


def beside(metric: Metric, asked: Asked) -> list[Shown]:
    """The other ways to count the same: cohort and period, plain and Kaplan–Meier."""
    words = {tag for tag in metric.tags if tag.startswith("beside:")}
    return [
        shown(other, asked)
        for other in all_metrics()
        if other.key != metric.key and words.intersection(other.tags)
    ]


def over_the_years(metric: Metric, asked: Asked) -> list[Shown]:
    """The same number for each fiscal year up to the asked one, oldest first."""
    span = [FiscalYear(asked.year.year - back) for back in reversed(range(YEARS_SHOWN))]
    return [
        shown(metric, Asked(asked.organization, year, min(asked.as_of, year.last_day)))
        if year != asked.year
        else shown(metric, asked)
        for year in span
    ]


def table_of(several: Iterable[Shown]) -> ChartTable:
    rows = [(each.asked.year_in_words, each.value or None, each.parents or None) for each in several]
    return ChartTable([_("年度"), _("値"), _("分子 ÷ 分母")], rows)


def chart_of(metric: Metric, several: Sequence[Shown]) -> dict[str, Any]:
    """Bars by fiscal year and the target as a line."""
    values = [
        {"year": each.asked.year_in_words, "value": float(each.figure.value), "label": each.value}
        for each in several
        if each.figure.value is not None
    ]
    axis = {"field": "year", "type": "nominal", "title": None, "sort": None}
    scale = {"domain": [each.asked.year_in_words for each in several]}
    height = {"field": "value", "type": "quantitative", "title": f"{metric.title}({metric.unit})"}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "width": 36}, "encoding": {"x": {**axis, "scale": scale}, "y": height}},
        {
            "mark": {"type": "text", "dy": -8, "fontSize": 13},
            "encoding": {"x": {**axis, "scale": scale}, "y": height, "text": {"field": "label"}},
        },
    ]
    if metric.target is not None:
        layers.append(
            {
                "mark": "rule",
                "data": {"values": [{"target": float(metric.target)}]},
                "encoding": {"y": {"field": "target", "type": "quantitative"}},
            }
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 460,
        "height": 220,
        "data": {"values": values},
        "layer": layers,
    }


HEADINGS = ("指標", "値", "単位", "分子", "分母", "目標", "あわせて読む数字", "定義", "基準日")


def rows_of(several: Iterable[Shown]) -> list[list[object]]:
    """One line a number, for a spreadsheet: real numbers, not words."""
    return [
        [
            str(each.metric.title),
            each.figure.value if each.figure.value is not None else each.missing,
            str(each.metric.unit),
            each.figure.numerator,
            each.figure.denominator,
            each.metric.target,
            "、".join(f"{label}: {value}" for label, value in each.parts),
            str(each.metric.definition),
            each.asked.as_of,
        ]
        for each in several
    ]


def as_data(each: Shown) -> dict[str, Any]:
    """A number as a program reads it; exact decimals stay text."""
    figure = each.figure
    return {
        "key": each.metric.key,
        "title": str(each.metric.title),
        "definition": str(each.metric.definition),
        "unit": str(each.metric.unit),
        "value": _text(figure.value),
        "numerator": _text(figure.numerator),
        "denominator": _text(figure.denominator),
        "missing": str(figure.missing),
        "target": _text(each.metric.target),
        "beside": [{"label": str(label), "value": str(value)} for label, value in figure.beside],
        "organization": each.asked.organization.pk,
        "fiscal_year": each.asked.year.year,
        "as_of": each.asked.as_of.isoformat(),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def as_of_in_words(asked: Asked) -> str:
    return day_in_words(asked.as_of, weekday=False)
