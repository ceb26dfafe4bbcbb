"""Expenses with receipts, their approval, and the settlement."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange.files import MOST_BYTES
from enishi.foundation.lists import paginate
from enishi.foundation.money import yen_in_words
from enishi.projects import downloads, selectors, services, settlement_book
from enishi.projects.access import (
    may_decide,
    may_touch,
    participants_of,
    project_access,
    readable_expenses,
)
from enishi.projects.enums import ExpenseState
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, kept_file, table_response
from enishi.projects.forms import DecisionNoteForm, ExpenseForm, FileForm, SettleForm
from enishi.projects.models import Expense, Project, Receipt, Settlement
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    require,
    signed_in,
)
from enishi.projects.views_projects import page_context


@signed_in
@require_safe
def expense_list(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    expenses = readable_expenses(request.user, project)
    related = expenses.select_related("participant__organization", "claimed_by", "decided_by", "settlement")
    if request.GET.get("format") in FORMATS:
        rows = [_row(each) for each in related.order_by("spent_on", "pk")]
        return table_response(
            request.GET["format"], expense_headings(), rows, title=_("支出"), name="expenses"
        )
    count = expenses.count()
    sums = selectors.sums_of(expenses)
    context = page_context(request, project, tab="expenses") | {
        "page": paginate(related, order_by=("-spent_on", "-pk"), parameters=request.GET, size=50),
        "summary": ngettext("支出 %(count)s件", "支出 %(count)s件", count) % {"count": f"{count:,}"},
        "sums": sums,
        "total": yen_in_words(sums.total),
        "settlements": _settlements(request, project),
        "may_claim": project.approved_at is not None
        and project_access.allows(request.user, "take_part", project),
        "may_settle": project_access.allows(request.user, "settle", project)
        and project.expenses.filter(state=ExpenseState.APPROVED).exists(),
    }
    return render(request, "projects/expense_list.html", context)


def expense_headings() -> list[str]:
    return [
        _("支払日"),
        _("団体"),
        _("費目"),
        _("内容"),
        _("支払先"),
        _("金額(円)"),
        _("状態"),
        _("申請した人"),
        _("承認した人"),
        _("精算"),
        _("領収書がない理由"),
    ]


def _row(expense: Expense) -> list[Any]:
    return [
        expense.spent_on,
        str(expense.participant),
        str(expense.get_category_display()),
        expense.what,
        expense.payee,
        expense.amount_yen,
        str(expense.get_state_display()),
        str(expense.claimed_by),
        str(expense.decided_by or ""),
        str(expense.settlement or ""),
        expense.no_receipt_reason,
    ]


def _settlements(request: HttpRequest, project: Project) -> list[Settlement]:
    own = readable_expenses(request.user, project).values("settlement_id")
    return list(project.settlements.filter(pk__in=own).select_related("participant__organization", "made_by"))


def _list_url(project: Project) -> str:
    return reverse("projects:expense_list", args=[project.pk])


def _visible(request: HttpRequest, pk: int) -> tuple[Expense, Project]:
    """The expense, for the leading organisation and for the participant that paid it."""
    rows = Expense.objects.select_related(
        "participant__organization", "claimed_by", "decided_by", "settlement"
    )
    expense = get_object_or_404(rows, pk=pk)
    project = inside_project(request, expense.project_id)
    if not readable_expenses(request.user, project).filter(pk=pk).exists():
        raise Http404
    expense.project = project
    return expense, project


@signed_in
def expense_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "take_part", project)
    form = ExpenseForm(
        request.POST or None,
        request.FILES or None,
        instance=Expense(project=project),
        project=project,
        participants=participants_of(request.user, project),
    )

    def save(filled: ExpenseForm) -> Expense:
        file = filled.cleaned_data.get("receipt")
        return services.claim_expense(
            project_id=pk,
            values=filled.values(),
            receipt=(file.name, read_small(file)) if file else None,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=lambda expense: reverse("projects:expense_detail", args=[expense.pk]),
        title=_("支出を申請する"),
        lead=_("承認は、申請した人とは別の人が行います。"),
        submit=_("申請する"),
        done=_("支出を申請しました。"),
        project=project,
        crumbs=[(_list_url(project), _("支出と精算"))],
        back=_list_url(project),
    )


def read_small(file: Any) -> bytes:
    if file.size > MOST_BYTES:
        raise RefusedError(
            _("「%(name)s」は大きすぎます。10MBまでのファイルを選んでください。") % {"name": file.name[:80]}
        )
    content: bytes = file.read()
    return content


@signed_in
@require_safe
def expense_detail(request: HttpRequest, pk: int) -> HttpResponse:
    expense, project = _visible(request, pk)
    own = may_touch(request.user, project, expense.participant)
    context = page_context(request, project, tab="expenses") | {
        "expense": expense,
        "receipts": list(expense.receipts.all()),
        "may_decide": may_decide(request.user, expense) and expense.state == ExpenseState.CLAIMED,
        "may_return": may_decide(request.user, expense) and expense.state == ExpenseState.APPROVED,
        "may_mend": own and expense.state in {ExpenseState.CLAIMED, ExpenseState.RETURNED},
        "may_attach": own and expense.state != ExpenseState.SETTLED,
        "is_own_claim": expense.claimed_by_id == request.user.pk
        and expense.state == ExpenseState.CLAIMED
        and project_access.allows(request.user, "decide_expense", project),
        "file_form": FileForm(),
        "note_form": DecisionNoteForm(),
    }
    return render(request, "projects/expense_detail.html", context)


@signed_in
def expense_edit(request: HttpRequest, pk: int) -> HttpResponse:
    expense, project = _visible(request, pk)
    if not may_touch(request.user, project, expense.participant):
        require(request, "edit", project)
    form = ExpenseForm(
        request.POST or None,
        instance=Expense.objects.get(pk=pk),
        project=project,
        participants=participants_of(request.user, project),
    )

    def save(filled: ExpenseForm) -> Expense:
        return services.edit_expense(
            expense_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=reverse("projects:expense_detail", args=[pk]),
        title=expense.what,
        submit=_("保存して申請する"),
        done=_("保存し、申請しました。"),
        project=project,
        crumbs=[(_list_url(project), _("支出と精算"))],
        back=reverse("projects:expense_detail", args=[pk]),
        row=expense,
    )


@signed_in
@require_POST
def expense_decide(request: HttpRequest, pk: int) -> HttpResponse:
    expense, project = _visible(request, pk)
    require(request, "decide_expense", project)
    approve = request.POST.get("then") == "approve"
    try:
        services.decide_expense(
            expense_id=expense.pk,
            approve=approve,
            note=request.POST.get("note", ""),
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("承認しました。") if approve else _("差し戻しました。"))
    return redirect("projects:expense_detail", pk)


@signed_in
@require_POST
def expense_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    expense, project = _visible(request, pk)
    if not may_touch(request.user, project, expense.participant):
        require(request, "edit", project)
    try:
        services.withdraw_expense(expense_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("projects:expense_detail", pk)
    messages.success(request, _("申請を取り下げました。"))
    return redirect(_list_url(project))


@signed_in
@require_POST
def receipt_add(request: HttpRequest, pk: int) -> HttpResponse:
    expense, project = _visible(request, pk)
    if not may_touch(request.user, project, expense.participant):
        require(request, "edit", project)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("領収書のファイルを選んでください。"))
        return redirect("projects:expense_detail", pk)
    file = form.cleaned_data["file"]
    try:
        services.attach_receipt(
            expense_id=pk, name=file.name, content=read_small(file), actor=person_of(request), at=now()
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("領収書を加えました。"))
    return redirect("projects:expense_detail", pk)


@signed_in
@require_safe
def receipt_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    receipt = get_object_or_404(Receipt, pk=pk)
    _visible(request, receipt.expense_id)
    return kept_file(receipt)


@signed_in
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "settle", project)

    def save(filled: SettleForm) -> Settlement:
        return services.settle(
            project_id=pk,
            participant=filled.cleaned_data["participant"],
            note=filled.cleaned_data["note"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=SettleForm(request.POST or None, project=project),
        save=save,
        to=lambda settlement: reverse("projects:settlement_detail", args=[settlement.pk]),
        title=_("精算する"),
        lead=_("承認済みの支出を団体ごとに合計し、まとめて閉じます。閉じた支出は書き直せません。"),
        submit=_("精算する"),
        done=_("精算しました。"),
        project=project,
        crumbs=[(_list_url(project), _("支出と精算"))],
        back=_list_url(project),
    )


@signed_in
@require_safe
def settlement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_object_or_404(
        Settlement.objects.select_related("participant__organization", "made_by"), pk=pk
    )
    project = inside_project(request, settlement.project_id)
    expenses = list(
        readable_expenses(request.user, project)
        .filter(settlement=settlement)
        .select_related("participant__organization", "claimed_by", "decided_by", "settlement")
    )
    if not expenses:
        raise Http404
    if request.GET.get("format") == "xlsx":
        content = settlement_book.as_xlsx(settlement, expenses, headings=expense_headings(), row=_row)
        return downloads.attachment(content, f"{settlement}.xlsx", downloads.XLSX)
    if request.GET.get("format") in FORMATS:
        total = [None, None, None, _("合計"), None, sum(each.amount_yen for each in expenses)]
        rows = [*(_row(each) for each in expenses), [*total, *[None] * 5]]
        return table_response(
            request.GET["format"],
            expense_headings(),
            rows,
            title=_("精算書"),
            name=f"settlement-{settlement.number}",
        )
    by_category = selectors.sums_of(project.expenses.filter(settlement=settlement))
    context = page_context(request, project, tab="expenses") | {
        "settlement": settlement,
        "expenses": expenses,
        "by_category": by_category,
    }
    return render(request, "projects/settlement_detail.html", context)
