"""The sheet that says which programmes the codes of a year pay for: looked at first, brought in when it is right."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.accounts.signed_in import person_of
from enishi.budgets.access import may_keep_books
from enishi.budgets.files import SheetForm, Waiting, as_file, file_form
from enishi.budgets.pages import budget_crumb, house_of, now, require_steering, signed_in
from enishi.budgets.transfer import shares
from enishi.budgets.views_across import choices
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import press
from enishi.organizations.models import Organization


@signed_in
def share_sheet(request: HttpRequest) -> HttpResponse:
    """The sheet out, its look, and in."""
    asked = house_of(request)
    if asked is None:
        return redirect("budgets:budget_tree")
    require_steering(request, asked)
    chosen = choices(request)
    if chosen is None:
        keeps = may_keep_books(request.user, asked.pk)
        return render(request, "budgets/no_budget.html", {"keeps_books": keeps})
    house, year = chosen["house"], chosen["year"]
    form_of_file = file_form(request)
    if form_of_file:
        title = _("%(year)sの配賦") % {"year": FiscalYear(year)}
        return as_file(form_of_file, shares.HEADINGS, shares.rows(house, year), title=title, name="shares")
    waiting = Waiting(f"shares/{house.pk}/{year}", person_of(request).pk)
    if request.method == "POST" and request.POST.get("then") == "save":
        return _bring_in(request, house, year, waiting)
    form = SheetForm(
        request.POST or None,
        request.FILES or None,
        help_text=_("変わるところを先に見せます。表にない科目は、いまのままです。"),
    )
    found = None
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        found = shares.look(organization=house, fiscal_year=year, content=content)
        waiting.forget() if found.faults or found.is_empty else waiting.keep(content)
    context = chosen | {
        "form": form,
        "preview": found,
        "back": _back(house, year),
        "crumbs": [budget_crumb()],
    }
    status = 422 if form.is_bound and (found is None or found.faults) else 200
    return render(request, "budgets/share_sheet.html", context, status=status)


def _back(house: Organization, year: int) -> str:
    return f"{reverse('budgets:unallocated_list')}?house={house.pk}&year={year}"


def _bring_in(request: HttpRequest, house: Organization, year: int, waiting: Waiting) -> HttpResponse:
    content = waiting.content()
    if content is None:
        messages.error(request, _("確かめたファイルが残っていません。もう一度ファイルを選んでください。"))
        return redirect(request.get_full_path())

    def bring() -> None:
        shares.bring_in(
            organization=house,
            fiscal_year=year,
            content=content,
            seen=request.POST.get("seen", ""),
            actor=person_of(request),
            at=now(),
        )
        waiting.forget()

    return press(request, bring, done=_("配賦を決めました。残りは未配賦です。"), to=_back(house, year))
