"""Data elements: what formulas are made of, where each comes from, and the list behind a computed one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation import metrics
from enishi.foundation.downloads import FORMATS
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.lists import paginate
from enishi.indicators import services
from enishi.indicators.access import element_access
from enishi.indicators.forms import ElementForm, ReasonForm
from enishi.indicators.models import Acquisition, DataElement, Measurement
from enishi.indicators.pages import (
    elements_crumb,
    list_crumb,
    now,
    own_house,
    require,
    signed_in,
    table_response,
    today,
    visible_element,
    way_to,
)
from enishi.indicators.services.computing import metric_of
from enishi.indicators.services.indicators import uses_of
from enishi.indicators.views_indicators import acquisition_page

VALUES_SHOWN = 60
MOST_AT_ONCE = 20_000


@require_safe
def element_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    retired = request.GET.get("state") == "retired"
    readable = element_access.visible(request.user)
    rows = readable.filter(retired_at__isnull=not retired)
    for word in words.split()[:8]:
        rows = rows.filter(name__icontains=word) | rows.filter(code__icontains=word)
    if request.GET.get("format") in FORMATS:
        headings = [_("コード"), _("名称"), _("単位"), _("説明"), _("算定する数字"), _("担当課")]
        table = (
            [row.code, row.name, row.unit, row.meaning, row.metric, row.section.name if row.section else ""]
            for row in rows.select_related("section").order_by("code", "pk")[:MOST_AT_ONCE]
        )
        return table_response(
            request.GET["format"], headings, table, title=_("データ項目"), name="data-elements"
        )
    page = paginate(
        rows.select_related("organization", "section"), order_by=("code", "pk"), parameters=request.GET
    )
    context = {
        "page": page,
        "words": words,
        "total": rows.count(),
        "retired": retired,
        "retired_total": readable.filter(retired_at__isnull=False).count(),
        "may_create": request.user.is_authenticated and element_access.allows(request.user, "create", None),
    }
    return render(request, "indicators/element_list.html", context)


@require_safe
def element_detail(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    inside = element_access.allows(request.user, "read_inside", element)
    in_use = element.retired_at is None
    values = Measurement.objects.current().filter(element=element).select_related("run")
    context: dict[str, Any] = {
        "element": element,
        "inside": inside,
        "values": list(values.order_by("-period_end", "dims")[:VALUES_SHOWN]),
        "uses": uses_of(element) if inside else [],
        "may_edit": in_use and element_access.allows(request.user, "edit", element),
        "may_enter": in_use and not element.metric and element_access.allows(request.user, "enter", element),
        "may_retire": element_access.allows(request.user, "retire", element),
        **_behind(request, element, inside),
    }
    if inside:
        pending = Measurement.objects.pending().filter(element=element).select_related("recorded_by")
        context["pending"] = list(pending.order_by("-period_end", "dims")[:VALUES_SHOWN])
    return render(request, "indicators/element_detail.html", context)


def _behind(request: HttpRequest, element: DataElement, inside: bool) -> dict[str, Any]:
    """The definition of a computed element, and the list behind its number for one year."""
    metric = metric_of(element) if element.metric else None
    if metric is None or not inside:
        return {"metric": metric}
    wanted = request.GET.get("year", "")
    current = FiscalYear.of(today())
    year = FiscalYear(int(wanted)) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else current
    if not 1950 <= year.year <= current.year:
        year = current
    period = metrics.Period(year.first_day, year.last_day)
    as_of = min(today(), year.last_day)
    rows = list(metric.rows(element.organization_id, period, as_of, request.user))
    return {
        "metric": metric,
        "year": year,
        "figure": metric.figure(element.organization_id, period, as_of),
        "behind": rows[:200],
        "behind_total": len(rows),
        "years": range(current.year - 4, current.year + 1),
    }


@signed_in
def element_new(request: HttpRequest) -> HttpResponse:
    house = own_house(request, element_access)
    form = ElementForm(request.POST or None, instance=DataElement(organization=house), organization=house)

    def save(filled: ElementForm) -> DataElement:
        made = services.create_element(
            organization=house, values=filled.values(), actor=person_of(request), at=now()
        )
        if made.metric:
            services.compute_element_now(element_id=made.pk, actor=person_of(request), at=now())
        return made

    return titled_page(
        request,
        form=form,
        save=save,
        to=lambda made: str(made.get_absolute_url()),
        title=_("データ項目を加える"),
        lead=_("指標の式の材料です。値を入れるものと、この仕組みの記録から毎晩算定するものがあります。"),
        submit=_("保存する"),
        done=_("データ項目を加えました。"),
        back=reverse("indicators:element_list"),
        crumbs=[list_crumb(), elements_crumb()],
    )


@signed_in
def element_edit(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    require(request, "edit", element)
    form = ElementForm(request.POST or None, instance=element, organization=element.organization)

    def save(filled: ElementForm) -> DataElement:
        return services.edit_element(
            element_id=pk,
            values=filled.values(),
            version=filled.cleaned_data.get("version"),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=element.get_absolute_url(),
        title=_("データ項目を書き直す"),
        submit=_("保存する"),
        done=_("データ項目を書き直しました。"),
        back=element.get_absolute_url(),
        crumbs=way_to(element),
    )


@signed_in
def element_retire(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    require(request, "retire", element)
    form = ReasonForm(request.POST or None)

    def save(filled: ReasonForm) -> DataElement:
        return services.retire_element(
            element_id=pk, reason=filled.cleaned_data["reason"], actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=element.get_absolute_url(),
        title=_("データ項目を使うのをやめる"),
        lead=_("値はそのまま読めます。新しい値は入れられなくなり、毎晩の算定も止まります。"),
        submit=_("使うのをやめる"),
        done=_("使うのをやめました。"),
        back=element.get_absolute_url(),
        crumbs=way_to(element),
    )


@signed_in
@require_POST
def element_take_up(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    require(request, "retire", element)
    return press(
        request,
        lambda: services.take_up_element(element_id=pk, actor=person_of(request), at=now()),
        done=_("また使えるようにしました。"),
        to=element.get_absolute_url(),
    )


@signed_in
def element_acquisition(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    return acquisition_page(request, element, Acquisition(element=element))


@signed_in
@require_POST
def element_compute(request: HttpRequest, pk: int) -> HttpResponse:
    element = visible_element(request, pk)
    require(request, "enter", element)
    return press(
        request,
        lambda: services.compute_element_now(element_id=pk, actor=person_of(request), at=now()),
        done=_("いまの記録から算定し直しました。"),
        to=element.get_absolute_url(),
    )
