"""Programmes: the list, a programme's record with its years and money, and everything written on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit.selectors import history as acts_on
from enishi.budgets import selectors, services, showing
from enishi.budgets.access import may_steer, programme_access, published_years, reads_everything
from enishi.budgets.calculations import execution_rate, unit_cost
from enishi.budgets.enums import FundKind, LegalKind, Stage, YearStatus
from enishi.budgets.files import as_file, file_form
from enishi.budgets.forms import EndForm, MergeForm, NewProgrammeForm, ProgrammeForm, ProgrammeYearForm
from enishi.budgets.models import Programme, ProgrammeYear
from enishi.budgets.pages import (
    now,
    number,
    programmes_crumb,
    require_programme,
    signed_in,
    stages_for,
    today,
    visible_programme,
)
from enishi.budgets.selectors import Money
from enishi.budgets.services.years import YearValues
from enishi.budgets.transfer.programmes import HEADINGS, sheet_row
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.indicators.models import OWN_FRAME, Standing
from enishi.organizations.models import Section
from enishi.organizations.visibility import reach_of

TEMPLATE = "budgets/form.html"
SIZE = 30
YEARS_SHOWN = 4


def found_programmes(request: HttpRequest, year: int) -> QuerySet[Programme, Programme]:
    """The programmes that the address asks for."""
    rows: QuerySet[Programme, Programme] = programme_access.visible(request.user)
    words = clean_text(request.GET.get("q", "")).strip()[:100]
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(uid__startswith=words) | Q(summary__icontains=words))
    house, section = number(request.GET.get("house")), number(request.GET.get("section"))
    if house:
        rows = rows.filter(organization_id=house)
    if section:
        rows = rows.filter(section_id=section)
    kinds = [kind for kind in request.GET.getlist("kind") if kind in LegalKind.values]
    if kinds:
        rows = rows.filter(legal_kind__in=kinds)
    state = request.GET.get("state", "")
    active = Programme.objects.active_in(year).values("pk")
    if state == "ended":
        rows = rows.exclude(pk__in=active)
    elif state == "zero":
        rows = rows.filter(zero_budget=True)
    elif state == "unfunded":
        funded = ProgrammeYear.objects.filter(fiscal_year=year, allocations__isnull=False)
        rows = rows.filter(pk__in=active, zero_budget=False).exclude(pk__in=funded.values("programme"))
    elif state != "all":
        rows = rows.filter(pk__in=active)
    return rows


@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """Programmes with this year's money."""
    year = _year(request)
    rows = found_programmes(request, year)
    form = file_form(request)
    if form:
        return _list_as_file(request, form, rows, year)
    count = rows.count()
    page = paginate(
        rows.select_related("organization", "section", "merged_into"),
        order_by=("uid", "pk"),
        parameters=request.GET,
        size=SIZE,
    )
    money = _money(request, page.rows, year)
    context = {
        "page": page,
        "rows": [(row, money[row.pk]) for row in page.rows],
        "facets": _facets(request),
        "summary": ngettext("%(year)sの事務事業 %(n)s件", "%(year)sの事務事業 %(n)s件", count)
        % {"year": fiscal_year_in_words(FiscalYear(year)), "n": f"{count:,}"},
        "query": request.GET.get("q", ""),
        "year": year,
        "may_create": programme_access.owners(request.user).exists(),
    }
    return render(request, "budgets/programme_list.html", context)


def _money(request: HttpRequest, rows: Sequence[Programme], year: int) -> dict[int, Money]:
    """This year's money, as far as the reader may know: of other houses only what they published."""
    mine = reach_of(request.user).organization_ids
    published = published_years(row.organization_id for row in rows)
    seen = [row.pk for row in rows if row.organization_id in mine or (row.organization_id, year) in published]
    return dict.fromkeys((row.pk for row in rows), selectors.NOTHING) | selectors.programme_money(seen, year)


def _year(request: HttpRequest) -> int:
    wanted = number(request.GET.get("year"))
    return wanted if wanted and 1900 <= wanted <= 2200 else FiscalYear.of(today()).year


def _facets(request: HttpRequest) -> list[Facet]:
    this = FiscalYear.of(today()).year
    year, state = _year(request), request.GET.get("state", "")
    years = [
        FacetChoice(str(each), fiscal_year_in_words(FiscalYear(each)), None, each == year)
        for each in range(this + 1, this - 3, -1)
    ]
    states = [
        FacetChoice("", _("その年度に行う事業"), None, state == ""),
        FacetChoice("ended", _("終わった・統合された事業"), None, state == "ended"),
        FacetChoice("zero", _("ゼロ予算事業"), None, state == "zero"),
        FacetChoice("unfunded", _("予算との結び付けがありません"), None, state == "unfunded"),
        FacetChoice("all", _("すべて"), None, state == "all"),
    ]
    kinds = [
        FacetChoice(kind.value, kind.label, None, kind.value in request.GET.getlist("kind"))
        for kind in LegalKind
    ]
    section = number(request.GET.get("section"))
    mine = reach_of(request.user).organization_ids
    sections = [
        FacetChoice(str(row.pk), row.name, None, row.pk == section)
        for row in Section.objects.filter(
            organization_id__in=mine, programmes__isnull=False, valid_to__isnull=True
        ).distinct()[:40]
    ]
    found = [
        Facet("year", _("年度"), years, many=False),
        Facet("state", _("状態"), states, many=False),
        Facet("kind", _("事務の種類"), kinds),
    ]
    return [*found, Facet("section", _("担当課"), sections, many=False)] if sections else found


def _list_as_file(
    request: HttpRequest, form: str, rows: QuerySet[Programme, Programme], year: int
) -> HttpResponse:
    """The same sheet that can be brought back in, with the money beside it."""
    programmes = list(rows.select_related("section", "merged_into", "output_indicator").order_by("uid", "pk"))
    money = _money(request, programmes, year)
    years = {
        row.programme_id: row
        for row in ProgrammeYear.objects.filter(programme__in=rows.values("pk"), fiscal_year=year)
    }
    amounts = [_("当初(円)"), _("予算現額(円)"), _("支出・決算(円)"), _("人件費(円)")]

    def lines() -> Iterator[list[object]]:
        for row in programmes:
            each = money[row.pk]
            yield [
                *sheet_row(row, years.get(row.pk), year),
                each.initial,
                each.current,
                each.spent,
                each.personnel_yen,
            ]

    title = _("事務事業一覧 %(year)s") % {"year": fiscal_year_in_words(FiscalYear(year))}
    return as_file(form, [*HEADINGS, *amounts], lines(), title=title, name="programmes")


@dataclass(frozen=True)
class YearShown:
    """One year of a programme as the page tells it."""

    year: FiscalYear
    fiscal_year: int
    row: ProgrammeYear
    money: Money
    rate: str
    unit_cost: str
    output: str
    unit_words: str


@require_safe
def programme_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a programme is, what it was given and spent year by year, and which codes pay for it."""
    programme = visible_programme(request, pk)
    inside = reads_everything(request.user, programme.organization_id)
    stages = stages_for(request.user, programme.organization_id)
    readable = {year for _house, year in published_years([programme.organization_id])}
    years = [each for each in years_shown(programme) if inside or each.fiscal_year in readable]
    chosen = _chosen_year(request, years)
    shares = selectors.codes_of_programmes([pk], chosen.fiscal_year)[pk] if chosen else []
    funds = (
        selectors.programme_funds([pk], chosen.fiscal_year, Stage.INITIAL)[pk] if chosen and shares else {}
    )
    setsu = selectors.setsu_below([each.code for each in shares])
    context = {
        "programme": programme,
        "years": years,
        "chosen": chosen,
        "amounts": showing.money_amounts(chosen.money, stages) if chosen else [],
        "shares": [(each, each.amounts, setsu[each.code.pk]) for each in shares],
        "funds": [(_fund_label(kind), yen) for kind, yen in funds.items()],
        "merged_from": list(
            programme_access.visible(request.user).filter(merged_into=programme).order_by("uid")
        ),
        "may_edit": programme_access.allows(request.user, "edit", programme),
        "may_steer": may_steer(request.user, programme.organization_id),
        "inside": inside,
        "this_year": FiscalYear.of(today()).year,
        "needs_allocation": _needs_allocation(programme, chosen, bool(shares)),
        "events": history.told(acts_on(programme)[:30]) if inside else [],
    }
    return render(request, "budgets/programme_detail.html", context)


def _needs_allocation(programme: Programme, chosen: YearShown | None, has_shares: bool) -> bool:
    """A running programme has money or says that it needs none."""
    return bool(
        chosen and not has_shares and not programme.zero_budget and programme.runs_in(chosen.fiscal_year)
    )


def _fund_label(kind: str) -> str:
    return str(FundKind(kind).label)


def _chosen_year(request: HttpRequest, years: list[YearShown]) -> YearShown | None:
    wanted = number(request.GET.get("year")) or FiscalYear.of(today()).year
    found = next((each for each in years if each.fiscal_year == wanted), None)
    return found or (years[0] if years else None)


def years_shown(programme: Programme) -> list[YearShown]:
    """The recorded years, the latest first, each with its rate and what one unit of output cost."""
    rows = {row.fiscal_year: row for row in programme.years.order_by("-fiscal_year")}
    money = selectors.money_of_years(programme.pk)
    outputs = _outputs(programme)
    return [
        _shown(programme, rows[year], money[year], outputs.get(year)) for year in sorted(rows, reverse=True)
    ]


def _outputs(programme: Programme) -> dict[int, Decimal | None]:
    """What came out, by year, as the indicator's own house counts it."""
    if programme.output_indicator_id is None:
        return {}
    rows = Standing.objects.filter(indicator_id=programme.output_indicator_id, frame=OWN_FRAME)
    return dict(rows.values_list("fiscal_year", "value"))


def _shown(programme: Programme, row: ProgrammeYear, money: Money, output: Decimal | None) -> YearShown:
    unit = programme.output_indicator.unit if programme.output_indicator else ""
    figure = unit_cost(
        spent=money.spent, personnel=money.personnel_yen, output=output, output_unit=unit or _("単位")
    )
    cost = ""
    if figure is not None and not figure.is_missing:
        cost = _("%(yen)s円(1%(unit)sあたり)") % {
            "yen": f"{round(Decimal(figure.value.numerator) / figure.value.denominator):,}",  # type: ignore[union-attr]
            "unit": unit,
        }
    return YearShown(
        year=FiscalYear(row.fiscal_year),
        fiscal_year=row.fiscal_year,
        row=row,
        money=money,
        rate=showing.rate_alone(execution_rate(money.spent, money.current)),
        unit_cost=cost,
        output=f"{output.normalize():f}{unit}" if output is not None else "",
        unit_words=figure.explanation if figure is not None else "",
    )


# --- Writing --------------------------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    form: Any,
    save: Any,
    *,
    title: str,
    submit: str,
    done: str,
    to: Any,
    programme: Programme | None = None,
    also: Mapping[str, Any] | None = None,
) -> HttpResponse:
    crumbs = [programmes_crumb()]
    if programme is not None:
        crumbs.append((programme.get_absolute_url(), str(programme)))
    context = {"title": title, "submit": submit, "crumbs": crumbs, "cancel": crumbs[-1][0], **(also or {})}
    return form_page(request, form, save, done=done, to=to, template=TEMPLATE, also=context)


def _address(row: Programme) -> str:
    return row.get_absolute_url()


@signed_in
def programme_new(request: HttpRequest) -> HttpResponse:
    """Give a programme its number."""
    owners = list(programme_access.owners(request.user))
    wanted = number(request.GET.get("house"))
    house = next((row for row in owners if wanted in (None, row.pk)), None)
    if house is None:
        raise PermissionDenied(_("事務事業を登録できるのは、自治体の担当・管理職・企画・管理者です。"))
    initial = {"uid": services.next_uid(house), "start_fy": FiscalYear.of(today()).next.year}
    form = NewProgrammeForm(request.POST or None, initial=initial, organization=house)

    def save(filled: NewProgrammeForm) -> Programme:
        return services.register_programme(
            organization=house,
            uid=filled.cleaned_data["uid"],
            values=filled.values(),
            actor=person_of(request),
            at=now(),
        )

    return _form(
        request,
        form,
        save,
        title=_("事務事業を登録する"),
        submit=_("登録する"),
        done=_("登録しました。"),
        to=_address,
    )


@signed_in
def programme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    programme = visible_programme(request, pk)
    require_programme(request, "edit", programme)
    form = ProgrammeForm(
        request.POST or None,
        instance=programme,
        organization=programme.organization,
        initial={"version": programme.version},
    )

    def save(filled: ProgrammeForm) -> Programme:
        version = filled.cleaned_data.get("version") or 0
        return services.edit_programme(
            programme_id=pk, values=filled.values(), version=version, actor=person_of(request), at=now()
        )

    return _form(
        request,
        form,
        save,
        title=_("事務事業を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        to=_address,
        programme=programme,
    )


@signed_in
def programme_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sunset."""
    programme = visible_programme(request, pk)
    require_programme(request, "edit", programme)
    initial = {"end_fy": programme.end_fy or FiscalYear.of(today()).year, "reason": programme.end_reason}
    form = EndForm(request.POST or None, initial=initial)

    def save(filled: EndForm) -> Programme:
        data = filled.cleaned_data
        return services.end_programme(
            programme_id=pk,
            end_fy=data["end_fy"],
            reason=data["reason"],
            actor=person_of(request),
            at=now(),
        )

    return _form(
        request,
        form,
        save,
        title=_("終わりの年度を決める"),
        submit=_("決める"),
        done=_("終わりの年度を決めました。"),
        to=_address,
        programme=programme,
    )


@signed_in
def programme_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a programme go on within another."""
    programme = visible_programme(request, pk)
    require_programme(request, "merge", programme)
    form = MergeForm(
        request.POST or None, initial={"end_fy": FiscalYear.of(today()).year}, programme=programme
    )

    def save(filled: MergeForm) -> Programme:
        assert filled.target is not None
        data = filled.cleaned_data
        return services.merge_programmes(
            programme_id=pk,
            into_id=filled.target.pk,
            last_fy=data["end_fy"],
            reason=data["reason"],
            actor=person_of(request),
            at=now(),
        )

    lead = _("番号と、これまでの年度の記録は残ります。この事業のページは、統合した先を案内します。")
    return _form(
        request,
        form,
        save,
        title=_("ほかの事業に統合する"),
        submit=_("統合する"),
        done=_("統合しました。"),
        to=_address,
        programme=programme,
        also={"lead": lead, "danger": True},
    )


@signed_in
def programme_year(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """A programme's state, work and narrative of one year."""
    programme = visible_programme(request, pk)
    require_programme(request, "edit", programme)
    row = ProgrammeYear.objects.filter(programme=programme, fiscal_year=year).first()
    instance = row or ProgrammeYear(programme=programme, fiscal_year=year, status=YearStatus.PLANNED)
    form = ProgrammeYearForm(request.POST or None, instance=instance)

    def save(filled: ProgrammeYearForm) -> ProgrammeYear:
        values: YearValues = filled.values()
        return services.set_programme_year(
            programme_id=pk, fiscal_year=year, values=values, actor=person_of(request), at=now()
        )

    return _form(
        request,
        form,
        save,
        title=_("%(year)sのこと") % {"year": fiscal_year_in_words(FiscalYear(year))},
        submit=_("保存する"),
        done=_("保存しました。"),
        to=f"{programme.get_absolute_url()}?year={year}",
        programme=programme,
    )
