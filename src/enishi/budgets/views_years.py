"""Fiscal years: what staff cost, publication, closing; and the sheet of programmes coming in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets import selectors, services
from enishi.budgets.access import programme_access
from enishi.budgets.files import SheetForm, Waiting
from enishi.budgets.forms import BudgetYearForm, NeededReasonForm, ReasonForm
from enishi.budgets.models import BudgetYear, YearClosure
from enishi.budgets.pages import (
    budget_crumb,
    now,
    number,
    own_house,
    programmes_crumb,
    signed_in,
)
from enishi.budgets.transfer import programmes
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page, press
from enishi.organizations.models import Organization

TEMPLATE = "budgets/form.html"


@signed_in
@require_safe
def year_list(request: HttpRequest) -> HttpResponse:
    """Every year with a budget: staff cost, published or not, closed or not."""
    house = own_house(request)
    settings = {row.fiscal_year: row for row in BudgetYear.objects.filter(organization=house)}
    closed = {
        row.fiscal_year: row
        for row in YearClosure.objects.filter(organization=house, reopened_at__isnull=True).select_related(
            "closed_by"
        )
    }
    years = sorted({*selectors.years_with_budget(house.pk), *settings}, reverse=True)
    rows = [
        (year, fiscal_year_in_words(FiscalYear(year)), settings.get(year), closed.get(year)) for year in years
    ]
    past = YearClosure.objects.filter(organization=house, reopened_at__isnull=False).select_related(
        "closed_by", "reopened_by"
    )
    return render(request, "budgets/year_list.html", {"rows": rows, "house": house, "past": past[:20]})


def _page(
    request: HttpRequest, form: Any, save: Any, *, title: str, submit: str, done: str, **also: Any
) -> HttpResponse:
    address = reverse("budgets:year_list")
    crumbs = [budget_crumb(), (address, _("年度の設定"))]
    context = {"title": title, "submit": submit, "crumbs": crumbs, "cancel": address, **also}
    return form_page(request, form, save, done=done, to=address, template=TEMPLATE, also=context)


@signed_in
def year_edit(request: HttpRequest, year: int) -> HttpResponse:
    """What one member of staff cost."""
    house = own_house(request)
    row = selectors.budget_year(house.pk, year)
    names = ("yen_per_fte", "hours_per_fte", "fte_source")
    form = BudgetYearForm(
        request.POST or None, initial={name: getattr(row, name) for name in names} if row else {}
    )

    def save(filled: BudgetYearForm) -> Any:
        return services.set_budget_year(
            organization=house, fiscal_year=year, actor=person_of(request), at=now(), **filled.cleaned_data
        )

    return _page(
        request,
        form,
        save,
        title=_("%(year)sの人件費") % {"year": fiscal_year_in_words(FiscalYear(year))},
        submit=_("保存する"),
        done=_("保存しました。"),
        lead=_("人工にこの額をかけたものが、事務事業の人件費になります。"),
    )


@signed_in
def year_close(request: HttpRequest, year: int) -> HttpResponse:
    house = own_house(request)
    form = ReasonForm(request.POST or None)

    def save(filled: ReasonForm) -> Any:
        return services.close_year(
            organization=house,
            fiscal_year=year,
            reason=filled.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )

    return _page(
        request,
        form,
        save,
        title=_("%(year)sを締める") % {"year": fiscal_year_in_words(FiscalYear(year))},
        submit=_("締める"),
        done=_("締めました。"),
        lead=_("締めた年度には、取り込みも入力もできなくなります。開け直すには理由が要ります。"),
        danger=True,
    )


@signed_in
def year_reopen(request: HttpRequest, year: int) -> HttpResponse:
    house = own_house(request)
    form = NeededReasonForm(request.POST or None)

    def save(filled: NeededReasonForm) -> Any:
        return services.reopen_year(
            organization=house,
            fiscal_year=year,
            reason=filled.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )

    return _page(
        request,
        form,
        save,
        title=_("%(year)sを開け直す") % {"year": fiscal_year_in_words(FiscalYear(year))},
        submit=_("開け直す"),
        done=_("開け直しました。"),
    )


@signed_in
@require_POST
def year_publish(request: HttpRequest, year: int) -> HttpResponse:
    house = own_house(request)
    return press(
        request,
        lambda: services.publish_year(
            organization=house, fiscal_year=year, actor=person_of(request), at=now()
        ),
        done=_("公開しました。要求と査定は、庁内だけで読めます。"),
        to=reverse("budgets:year_list"),
    )


@signed_in
@require_POST
def year_withdraw(request: HttpRequest, year: int) -> HttpResponse:
    house = own_house(request)
    return press(
        request,
        lambda: services.withdraw_year(
            organization=house, fiscal_year=year, actor=person_of(request), at=now()
        ),
        done=_("公開を取りやめました。"),
        to=reverse("budgets:year_list"),
    )


# --- The sheet of programmes ---------------------------------------------------------------------------------------------


@signed_in
def programme_import(request: HttpRequest) -> HttpResponse:
    """A sheet of programmes: looked at first, brought in when the differences are right."""
    house = _writable_house(request)
    person = person_of(request)
    if request.method == "POST" and request.POST.get("then") == "save":
        return _bring_in(request, house)
    form = SheetForm(
        request.POST or None,
        request.FILES or None,
        help_text=_(
            "事務事業の一覧から書き出した Excel・CSV か、同じ見出しの表。事業番号で見つけて、違うところだけを変えます。番号のない新しい事業には、次の番号が付きます。"
        ),
    )
    found = None
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        found = programmes.preview(organization=house, content=content, actor=person)
        waiting = Waiting("sheets", person.pk)
        waiting.forget() if found.faults else waiting.keep(content)
    context = {
        "form": form,
        "preview": found,
        "headings": programmes.HEADINGS,
        "crumbs": [programmes_crumb()],
        "house": house,
    }
    status = 422 if form.is_bound and (found is None or found.faults) else 200
    return render(request, "budgets/programme_import.html", context, status=status)


def _bring_in(request: HttpRequest, house: Organization) -> HttpResponse:
    person = person_of(request)
    waiting = Waiting("sheets", person.pk)
    content = waiting.content()
    if content is None:
        messages.error(request, _("確かめたファイルが残っていません。もう一度ファイルを選んでください。"))
        return redirect("budgets:programme_import")

    def bring() -> None:
        programmes.bring_in(organization=house, content=content, actor=person, at=now())
        waiting.forget()

    return press(request, bring, done=_("事務事業を取り込みました。"), to=reverse("budgets:programme_list"))


def _writable_house(request: HttpRequest) -> Organization:
    owners = list(programme_access.owners(request.user))
    wanted = number(request.GET.get("house"))
    house = next((row for row in owners if wanted in (None, row.pk)), None)
    if house is None:
        raise PermissionDenied(_("事務事業を登録できるのは、自治体の担当・管理職・企画・管理者です。"))
    return house
