"""The list of indicators, an indicator's page with its chart, and what is done to it as a whole."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as acts
from enishi.audit.access import may_read_history
from enishi.engines import progress
from enishi.engines.core import InvalidInputError
from enishi.foundation.charts import for_phone, png_response, svg_response
from enishi.foundation.downloads import FORMATS
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.indicators import calculations, charts, listing, selectors, services, wording
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import ValueState
from enishi.indicators.forms import AcquisitionForm, DefinitionForm, IndicatorForm, RetireForm
from enishi.indicators.models import Acquisition, DataElement, Indicator, IndicatorDefinition, Measurement
from enishi.indicators.pages import (
    list_crumb,
    now,
    own_house,
    require,
    signed_in,
    table_response,
    today,
    visible_indicator,
    way_to,
)
from enishi.organizations.visibility import reach_of

MOST_AT_ONCE = 20_000
VALUES_SHOWN = 40


@require_safe
@limited("indicators", times=240, seconds=60)
def indicator_list(request: HttpRequest) -> HttpResponse:
    conditions = listing.Conditions.read(request.GET, today())
    rows = listing.find(request.user, conditions, today())
    if request.GET.get("format") in FORMATS:
        return _as_file(request.GET["format"], rows, conditions)
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=listing.SORTS[conditions.sort],
        parameters=request.GET,
    )
    standings = selectors.standings([row.pk for row in page.rows], conditions.year)
    context = {
        "conditions": conditions,
        "page": page,
        "rows": [(row, standings.get(row.pk)) for row in page.rows],
        "facets": listing.facets(request.user, conditions),
        "sorts": listing.sorts(),
        "summary": _summary(conditions, rows.count()),
        "today": today(),
        "years": range(FiscalYear.of(today()).year - 9, FiscalYear.of(today()).year + 1),
        "may_create": request.user.is_authenticated and indicator_access.allows(request.user, "create", None),
    }
    return render(request, "indicators/indicator_list.html", context)


def _summary(conditions: listing.Conditions, count: int) -> str:
    shown = {"count": f"{count:,}"}
    if conditions.is_narrowed:
        return ngettext("条件に合う指標 %(count)s件", "条件に合う指標 %(count)s件", count) % shown
    return ngettext("指標 %(count)s件", "指標 %(count)s件", count) % shown


def _as_file(form: str, rows: Any, conditions: listing.Conditions) -> HttpResponse:
    chosen = list(rows.select_related("section").order_by(*listing.SORTS[conditions.sort])[:MOST_AT_ONCE])
    standings = selectors.standings([row.pk for row in chosen], conditions.year)
    return table_response(
        form,
        listing.headings(),
        listing.as_rows(chosen, standings, conditions.year),
        title=_("指標"),
        name="indicators",
    )


@require_safe
def indicator_detail(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    return render(request, "indicators/indicator_detail.html", _page(request, indicator))


@require_safe
def indicator_print(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    return render(request, "indicators/indicator_print.html", _page(request, indicator))


def _page(request: HttpRequest, indicator: Indicator) -> dict[str, Any]:
    inside = indicator_access.allows(request.user, "read_inside", indicator)
    yardstick = calculations.yardstick_of(indicator)
    standings = selectors.standings_of(indicator)
    chosen = _chosen(request, standings) or selectors.judged_year(standings, today())
    points = charts.trend_points(yardstick)
    values = list(selectors.current_values(indicator).filter(dims="")[:VALUES_SHOWN])
    context: dict[str, Any] = {
        "indicator": indicator,
        "inside": inside,
        "definition": indicator.definitions.order_by("-version").first(),
        "definitions": list(indicator.definitions.select_related("created_by").order_by("-version")),
        "baseline": indicator.baselines.filter(frame="", is_current=True).first(),
        "standing": chosen,
        "sentence": explained(yardstick, chosen.fiscal_year) if chosen else "",
        "trend_sentence": trend_explained(yardstick, chosen.fiscal_year) if chosen else "",
        "chart_title": charts.chart_title(indicator, chosen),
        "table": charts.trend_table(indicator, points, standings),
        "has_points": bool(points),
        "values": values,
        "parts": _parts(indicator, inside),
        "targets": selectors.targets_of(indicator),
        "change": indicator.change_targets.filter(is_current=True).select_related("indicator").first(),
        "may_edit": indicator_access.allows(request.user, "edit", indicator),
        "may_write": indicator.retired_at is None
        and indicator_access.allows(request.user, "edit", indicator),
        "may_enter": indicator.retired_at is None
        and indicator_access.allows(request.user, "enter", indicator),
        "today": today(),
        "simple": simple_rate(indicator, chosen),
    }
    if inside:
        context["pending"] = list(
            Measurement.objects.pending()
            .filter(indicator=indicator)
            .select_related("recorded_by")
            .order_by("-period_end", "dims")[:VALUES_SHOWN]
        )
        context["superseded"] = list(
            Measurement.objects.filter(indicator=indicator, state=ValueState.SUPERSEDED)
            .select_related("recorded_by", "approved_by")
            .order_by("-period_end", "-pk")[:VALUES_SHOWN]
        )
    if may_read_history(request.user, indicator):
        context["events"] = history.told(acts.history(indicator)[:10])
    return context


def _chosen(request: HttpRequest, standings: dict[int, Any]) -> Any:
    year = request.GET.get("year", "")
    return standings.get(int(year)) if year.isascii() and year.isdigit() and len(year) == 4 else None


def _parts(indicator: Indicator, inside: bool) -> dict[str, Any] | None:
    """The parts of the last period that has any."""
    if not indicator.dims:
        return None
    rows = selectors.current_values(indicator).exclude(dims="")
    last = rows.first()
    if last is None:
        return None
    same = list(rows.filter(period_start=last.period_start, period_end=last.period_end).order_by("dims"))
    return {"row": last, "parts": selectors.parts_of(indicator, same, inside=inside)}


def explained(yardstick: calculations.Yardstick, year: int) -> str:
    """The sentence behind a standing, with its formula and its parents."""
    try:
        return wording.judged_in_words(progress.judge(yardstick.series(), fiscal_year=year))
    except InvalidInputError as refused:
        return str(refused)


def trend_explained(yardstick: calculations.Yardstick, year: int) -> str:
    try:
        return wording.figure_in_words(progress.series_trend(yardstick.series(), as_of=year).slope)
    except InvalidInputError as refused:
        return str(refused)


def simple_rate(indicator: Indicator, standing: Any) -> progress.Figure | None:
    """単純達成率 for forms that ask for it, with its formula."""
    if standing is None or standing.target is None or indicator.direction not in ("UP", "DOWN"):
        return None
    value = progress.Missing(standing.reason or "実績値なし") if standing.value is None else standing.value
    variant = progress.SimpleRate(indicator.simple_rate) if indicator.direction == "DOWN" else None
    return progress.simple_rate(
        direction=progress.Direction(indicator.direction),
        target=standing.target,
        value=value,
        variant=variant,
    )


@require_safe
def indicator_chart(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    yardstick = calculations.yardstick_of(indicator)
    points = charts.trend_points(yardstick)
    size = charts.PHONE if for_phone(request) else {}
    chart = charts.chart_of(indicator, points, yardstick.breaks, **size)
    if form == "png":
        return png_response(chart, filename=f"indicator-{pk}.png")
    if form == "csv":
        table = charts.trend_table(indicator, points, selectors.standings_of(indicator))
        return table_response("csv", table.columns, table.rows, title=indicator.name, name=f"indicator-{pk}")
    return svg_response(chart, filename=f"indicator-{pk}.svg")


@signed_in
def indicator_new(request: HttpRequest) -> HttpResponse:
    house = own_house(request)
    form = IndicatorForm(request.POST or None, instance=Indicator(organization=house), organization=house)

    def save(filled: IndicatorForm) -> Indicator:
        return services.create_indicator(
            organization=house,
            values=filled.values(),
            definition=filled.cleaned_data["definition"],
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=lambda made: str(made.get_absolute_url()),
        title=_("指標を加える"),
        lead=_("名前と定義だけでも保存できます。基準値と目標値は、次の画面で入れます。"),
        submit=_("保存する"),
        done=_("指標を加えました。次は基準値と目標値を入れます。"),
        back=reverse("indicators:indicator_list"),
        crumbs=[list_crumb()],
    )


@signed_in
def indicator_edit(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    form = IndicatorForm(request.POST or None, instance=indicator, organization=indicator.organization)

    def save(filled: IndicatorForm) -> Indicator:
        return services.edit_indicator(
            indicator_id=pk,
            values=filled.values(),
            version=filled.cleaned_data.get("version"),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=indicator.get_absolute_url(),
        title=_("指標を書き直す"),
        submit=_("保存する"),
        done=_("指標を書き直しました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


@signed_in
def definition_new(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    last = indicator.definitions.order_by("-version").first()
    initial = (
        {"text": last.text, "numerator": last.numerator, "denominator": last.denominator, "scale": last.scale}
        if last
        else {}
    )
    form = DefinitionForm(
        request.POST or None, instance=IndicatorDefinition(indicator=indicator), initial=initial
    )

    def save(filled: DefinitionForm) -> IndicatorDefinition:
        made = services.define(indicator_id=pk, values=filled.values(), actor=person_of(request), at=now())
        if made.numerator:
            services.compute_indicator_now(indicator_id=pk, actor=person_of(request), at=now())
        return made

    return titled_page(
        request,
        form=form,
        save=save,
        to=indicator.get_absolute_url(),
        title=_("定義を新しい版にする"),
        lead=_("前の版は残ります。数え方が変わって前の値と比べられないときは、その印を付けてください。"),
        submit=_("新しい版にする"),
        done=_("定義を新しい版にしました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


def acquisition_page(request: HttpRequest, owner: Indicator | DataElement, new: Acquisition) -> HttpResponse:
    """How the values of an indicator or an element are come by; ``new`` is there when nothing was said yet."""
    require(request, "edit", owner)
    instance = getattr(owner, "acquisition", None) or new
    form = AcquisitionForm(request.POST or None, instance=instance, organization=owner.organization)

    def save(filled: AcquisitionForm) -> Acquisition:
        return services.set_acquisition(
            owner=owner, values=filled.values(), actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=owner.get_absolute_url(),
        title=_("値の取得方法"),
        submit=_("保存する"),
        done=_("取得方法を保存しました。"),
        back=owner.get_absolute_url(),
        crumbs=way_to(owner),
    )


@signed_in
def acquisition_edit(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    return acquisition_page(request, indicator, Acquisition(indicator=indicator))


@signed_in
def indicator_retire(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "retire", indicator)
    form = RetireForm(request.POST or None, indicator=indicator, actor=request.user)

    def save(filled: RetireForm) -> Indicator:
        return services.retire_indicator(
            indicator_id=pk,
            reason=filled.cleaned_data["reason"],
            successor=filled.cleaned_data["successor"],
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=indicator.get_absolute_url(),
        title=_("指標を使うのをやめる"),
        lead=_("値と目標はそのまま読めます。新しい値は入れられなくなります。"),
        submit=_("使うのをやめる"),
        done=_("使うのをやめました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


@signed_in
def indicator_delete(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "delete", indicator)
    return throw_away(
        request,
        indicator,
        lambda: services.delete_indicator(indicator_id=pk, actor=person_of(request), at=now()),
        title=_("指標をごみ箱に入れる"),
        crumbs=way_to(indicator),
        to=reverse("indicators:trash"),
        consequence=_("30日のあいだは元に戻せます。承認済みの値がある指標は、使うのをやめるだけにします。"),
    )


def _thrown(request: HttpRequest) -> models.QuerySet[Indicator, Indicator]:
    houses = reach_of(request.user).organization_ids
    rows = Indicator.objects.filter(organization_id__in=houses, deleted_at__isnull=False)
    return rows.select_related("organization").order_by("-deleted_at", "-pk")


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    own_house(request)
    shelf = Shelf(_thrown(request), "indicators:indicator_restore")
    return trash_page(request, shelf, title=_("指標のごみ箱"), crumbs=[list_crumb()])


@signed_in
@require_POST
def indicator_restore(request: HttpRequest, pk: int) -> HttpResponse:
    require(request, "restore", get_object_or_404(_thrown(request), pk=pk))
    return put_back(
        request,
        lambda: services.restore_indicator(indicator_id=pk, actor=person_of(request), at=now()),
        to=reverse("indicators:trash"),
    )
