"""Pages of numbers: what an organisation reached in a fiscal year, and the list behind each number."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.foundation import downloads
from enishi.foundation.charts import svg_response
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.limits import limited
from enishi.foundation.lists import CursorPage
from enishi.foundation.metrics import Counted, Metric, metric, together
from enishi.organizations.selectors import current_membership
from enishi.portal import numbers
from enishi.portal.numbers import Asked, Shown

PAGE = 50
ROW_HEADINGS = ("件名", "数に入る", "補足", "アドレス")


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; somebody else's numbers are not there."""
    houses = numbers.houses_of(request.user)
    place = current_membership(request)
    named = request.GET.get("organization", "")
    if named:
        house = next((each for each in houses if str(each.pk) == named), None)
    else:
        house = next((each for each in houses if place and each.pk == place.organization_id), None) or next(
            iter(houses), None
        )
    if house is None:
        raise Http404
    today = timezone.localdate()
    known = {str(year.year): year for year in numbers.years(today)}
    year = known.get(request.GET.get("year", ""), FiscalYear.of(today))
    return Asked(house, year, min(today, year.last_day))


def _metric(key: str) -> Metric:
    try:
        return metric(key)
    except KeyError as unknown:
        raise Http404 from unknown


@login_required
@require_safe
@limited("numbers", times=120, seconds=60)
@together()
def metric_list(request: HttpRequest) -> HttpResponse:
    if not numbers.houses_of(request.user):
        return render(request, "portal/metrics_none.html")
    asked = _asked(request)
    desk, others = numbers.of_the_desk(asked), numbers.others(asked)
    form = request.GET.get("format", "")
    if form:
        several = [*desk, *others]
        if form == "json":
            return _json({"metrics": [numbers.as_data(each) for each in several]})
        name = _("数字_%(year)s") % {"year": asked.year_in_words}
        return _file(form, numbers.HEADINGS, numbers.rows_of(several), name, "metrics")
    context = _choices(request, asked) | {
        "desk": desk,
        "others": others,
        "figures": [_figure(each) for each in desk],
    }
    return render(request, "portal/metrics.html", context)


def _figure(each: Shown) -> dict[str, Any]:
    """One question, one chart, the answer as its title."""
    return {"shown": each, "table": numbers.table_of(numbers.over_the_years(each.metric, each.asked))}


@login_required
@require_safe
@limited("numbers", times=120, seconds=60)
def metric_detail(request: HttpRequest, key: str) -> HttpResponse:
    chosen, asked = _metric(key), _asked(request)
    each = numbers.shown(chosen, asked)
    rows = chosen.rows(asked.organization.pk, asked.period, asked.as_of, request.user)
    form = request.GET.get("format", "")
    if form == "json":
        listed = [
            {"title": row.title, "url": row.url, "counts": row.counts, "note": row.note} for row in rows
        ]
        return _json(numbers.as_data(each) | {"rows": listed})
    if form:
        name = f"{chosen.title}_{asked.year_in_words}"
        return _file(form, ROW_HEADINGS, _lines(rows), name, "metric")
    years = numbers.over_the_years(chosen, asked)
    context = _choices(request, asked) | {
        "each": each,
        "beside": numbers.beside(chosen, asked),
        "table": numbers.table_of(years),
        "page": _page(rows, request.GET.get("after") or request.GET.get("before") or ""),
        "counted": sum(1 for row in rows if row.counts),
        "listed": len(rows),
    }
    return render(request, "portal/metric.html", context)


@login_required
@require_safe
@limited("numbers", times=240, seconds=60)
def metric_chart(request: HttpRequest, key: str) -> HttpResponse:
    chosen, asked = _metric(key), _asked(request)
    years = numbers.over_the_years(chosen, asked)
    return svg_response(numbers.chart_of(chosen, years), filename="metric.svg")


def _choices(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    return {
        "asked": asked,
        "houses": numbers.houses_of(request.user),
        "years": [
            (year.year, Asked(asked.organization, year, asked.as_of).year_in_words)
            for year in numbers.years(timezone.localdate())
        ],
    }


def _page(rows: Sequence[Counted], cursor: str) -> CursorPage:
    """The list behind a number is made, not stored: its place is a number of rows."""
    begin = int(cursor) if cursor.isdecimal() and len(cursor) < 8 else 0
    ends = begin + PAGE
    return CursorPage(
        rows[begin:ends],
        next_cursor=str(ends) if ends < len(rows) else "",
        previous_cursor=str(max(0, begin - PAGE)) if begin else "",
        size=PAGE,
    )


def _lines(rows: Sequence[Counted]) -> list[list[object]]:
    return [[row.title, "○" if row.counts else "", row.note, row.url] for row in rows]


def _json(data: dict[str, Any]) -> JsonResponse:
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})


def _file(
    form: str, headings: Sequence[str], rows: Sequence[Sequence[object]], name: str, plain: str
) -> HttpResponse:
    sheet = downloads.sheet(form, headings, rows, title=name)
    plain, name = f"{plain}.{sheet.ending}", f"{name}.{sheet.ending}"
    return downloads.attachment(sheet.content, sheet.content_type, plain=plain, name=name)
