"""Fair reach: who is seen among the first ten places, and what a floor would cost."""

import csv
import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
)
from enishi.exchange.matches import services
from enishi.exchange.matches.access import conflict_access
from enishi.exchange.matches.forms import FloorForm
from enishi.exchange.matches.models import ReachFloor
from enishi.exchange.matches.reach import Reach, offered_underserved, reach_of_organization
from enishi.foundation.charts import ChartTable, svg_response
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of


def _house(request: HttpRequest) -> Organization:
    """The public body the person works in; 404 for everybody else."""
    place = current_membership(request)
    houses = reach_of(request.user).organization_ids
    if place is None or place.organization_id not in houses or not place.organization.is_public_body:
        raise Http404
    return place.organization


@signed_in
@require_safe
def reach(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    measured = reach_of_organization(house.pk)
    floor = ReachFloor.objects.filter(organization=house).first()
    few, offered = offered_underserved()
    context = {
        "house": house,
        "measured": measured,
        "percent": round(100 * measured.exposure, 1),
        "few": few,
        "offered": offered,
        "table": chart_table(measured),
        "floor": floor,
        "form": FloorForm(initial={"percent": floor.percent if floor else 0}),
        "may_choose": conflict_access.allows(request.user, "mark", house),
        "as_of": today(),
        "title": _("先頭10件のうち、小さな団体や遠い町は%(percent)s%%(%(few)d/%(places)d)")
        % {
            "percent": f"{100 * measured.exposure:.1f}",
            "few": measured.underserved,
            "places": measured.places,
        },
    }
    return render(request, "exchange/matches/reach.html", context)


def chart_table(measured: Reach) -> ChartTable:
    return ChartTable(
        [_("団体の種類"), _("先頭10件に出た数"), _("登録されている資源の数")],
        [[OrganizationKind(group.name).label, group.places, group.offered] for group in measured.groups],
    )


@signed_in
@require_safe
def reach_chart(request: HttpRequest) -> HttpResponse:
    measured = reach_of_organization(_house(request).pk)
    rows = [
        {"kind": str(OrganizationKind(group.name).label), "what": what, "share": share}
        for group in measured.groups
        for what, share in (
            (_("先頭10件"), group.places / measured.places if measured.places else 0),
            (_("登録全体"), group.offered / measured.offered if measured.offered else 0),
        )
    ]
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 560,
        "height": {"step": 16},
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "y": {"field": "kind", "type": "nominal", "title": None, "sort": None},
            "yOffset": {"field": "what", "sort": None},
            "x": {"field": "share", "type": "quantitative", "title": _("割合"), "axis": {"format": "%"}},
            "color": {"field": "what", "type": "nominal", "title": None, "sort": None},
        },
    }
    return svg_response(chart, filename="reach.svg")


@signed_in
@require_safe
def reach_numbers(request: HttpRequest) -> HttpResponse:
    table = chart_table(reach_of_organization(_house(request).pk))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    content = "\ufeff" + text.getvalue()
    answer = HttpResponse(content.encode(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="reach.csv"'
    return answer


@signed_in
@require_POST
def reach_floor(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    form = FloorForm(request.POST)
    if form.is_valid():
        services.choose_floor(
            organization=house, percent=form.cleaned_data["percent"], actor=person_of(request), at=now()
        )
        messages.success(request, _("下限を変えました。次に開く縁の一覧から効きます。"))
    else:
        messages.error(request, _("下限は0から50までの整数で書いてください。"))
    return redirect("matches:reach")
