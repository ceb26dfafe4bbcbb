"""One code with everything on it, and everything written on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit.selectors import history as acts_on
from enishi.budgets import selectors, services, showing
from enishi.budgets.access import (
    code_access,
    may_keep_books,
    may_request,
    may_steer,
    programme_access,
    reads_everything,
)
from enishi.budgets.dividing import Part
from enishi.budgets.enums import FundKind, Level, Stage
from enishi.budgets.files import as_file, file_form
from enishi.budgets.forms import CodeForm, EntryForm, LinkForm, MoveForm, NameForm, SharesForm
from enishi.budgets.models import Allocation, BudgetCode, BudgetEntry, CodeEquivalence, CodeTotal
from enishi.budgets.pages import (
    code_crumbs,
    now,
    require_books,
    require_steering,
    signed_in,
    stages_for,
    visible_code,
)
from enishi.budgets.transfer.shares import share_line
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.lists import paginate

TEMPLATE = "budgets/form.html"
SHOWN_ENTRIES = 50


@require_safe
def code_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One code: amounts by stage, what pays for it, whom it pays for, and every entry with where it came from."""
    code = visible_code(request, pk)
    stages = stages_for(request.user, code.organization_id)
    entries = code.entries.filter(stage__in=[stage.value for stage in stages])
    form = file_form(request)
    if form:
        return _entries_as_file(form, code, stages)
    inside = reads_everything(request.user, code.organization_id)
    total = getattr(code, "total", None)
    readable = code_access.visible(request.user).values("pk")
    context = {
        "code": code,
        "crumbs": code_crumbs(code)[:-1],
        "fiscal_year": FiscalYear(code.fiscal_year),
        "amounts": showing.amounts_of(total, stages) if total else [],
        "rate": showing.rate_words(showing.rate_of(total)),
        "children": _children(code),
        "paid": (paid := _paid(request, code, total)),
        "paid_above": [] if paid else _paid_above(request, code),
        "rest": getattr(code, "unallocated", None),
        "funds": _funds(code, stages),
        "page": paginate(
            entries.select_related("import_run__person"),
            order_by=("-pk",),
            parameters=request.GET,
            size=SHOWN_ENTRIES,
        ),
        "entry_count": entries.count(),
        "came_from": list(code.came_from.filter(old__in=readable).select_related("old")),
        "became": list(code.became.filter(new__in=readable).select_related("new")),
        "inside": inside,
        "keeps_books": may_keep_books(request.user, code.organization_id),
        "may_request": inside and may_request(request.user, code),
        "may_steer": may_steer(request.user, code.organization_id),
        "is_closed": selectors.is_closed(code.organization_id, code.fiscal_year),
        "events": history.told(acts_on(code)[:30]) if inside else [],
    }
    return render(request, "budgets/code_detail.html", context)


def _children(code: BudgetCode) -> list[tuple[BudgetCode, CodeTotal | None, str]]:
    rows = code.children.listed().select_related("total").order_by("path")
    totals = [(row, getattr(row, "total", None)) for row in rows]
    return [(row, total, showing.rate_words(showing.rate_of(total))) for row, total in totals]


def _paid(
    request: HttpRequest, code: BudgetCode, total: CodeTotal | None
) -> list[tuple[Allocation, dict[str, int]]]:
    """Programmes that get something of this code, as far as the reader may know of them."""
    rows = selectors.allocations_of_code(code)
    keys = [row.programme_year.programme_id for row in rows]
    seen = set(programme_access.visible(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    parts = [Part(row.programme_year_id, row.share_bp, row.fixed_yen) for row in rows]
    return [
        (row, selectors.part_of(row.programme_year_id, total, parts) if total else {})
        for row in rows
        if row.programme_year.programme_id in seen
    ]


def _paid_above(request: HttpRequest, code: BudgetCode) -> list[Allocation]:
    """Programmes that get this money by way of a code above, as far as the reader may know of them."""
    rows = selectors.allocations_above(code)
    keys = [row.programme_year.programme_id for row in rows]
    seen = set(programme_access.visible(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    return [row for row in rows if row.programme_year.programme_id in seen]


def _funds(code: BudgetCode, stages: list[Stage]) -> list[tuple[str, list[tuple[str, int]], int]]:
    """What pays for the latest stage that says so."""
    found = []
    for stage in (Stage.INITIAL, Stage.SETTLEMENT):
        if stage in stages:
            funds = selectors.funds_of_code(code, stage)
            if funds:
                named = [(str(FundKind(kind).label), yen) for kind, yen in funds.items()]
                found.append((str(stage.label), named, sum(funds.values())))
    return found


def _entries_as_file(form: str, code: BudgetCode, stages: list[Stage]) -> HttpResponse:
    headings = [
        *(_("予算科目コード"), _("名称"), _("段階"), _("回"), _("金額(円)"), _("日付")),
        *(_("議案・決裁番号"), _("摘要"), _("もとのファイル"), _("ファイルの行")),
    ]
    entries = (
        BudgetEntry.objects.filter(
            code__in=selectors.below(code).values("pk"), stage__in=[stage.value for stage in stages]
        )
        .select_related("code", "import_run")
        .order_by("pk")
    )
    rows = (
        [
            entry.code.path,
            entry.code.name,
            entry.get_stage_display(),
            entry.round_no or "",
            entry.amount_yen,
            entry.dated_on,
            entry.resolution_no,
            entry.note,
            entry.import_run.filename,
            entry.row_no or "",
        ]
        for entry in entries.iterator(chunk_size=2_000)
    )
    return as_file(form, headings, rows, title=code.name, name=f"code-{code.pk}")


# --- Writing on a code ----------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    code: BudgetCode,
    form: Any,
    save: Any,
    *,
    title: str,
    submit: str,
    done: str,
    lead: str = "",
) -> HttpResponse:
    also = {
        "title": title,
        "submit": submit,
        "lead": lead,
        "crumbs": code_crumbs(code),
        "cancel": code.get_absolute_url(),
    }
    return form_page(request, form, save, done=done, to=code.get_absolute_url(), template=TEMPLATE, also=also)


@signed_in
def entry_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Type one amount."""
    code = visible_code(request, pk)
    keeps = may_keep_books(request.user, code.organization_id)
    if not keeps:
        code_access.require(request.user, "request", code)
    stages = [stage for stage in Stage if not stage.is_zero_sum] if keeps else [Stage.REQUEST]
    form = EntryForm(request.POST or None, stages=stages)

    def save(filled: EntryForm) -> Any:
        return services.record_entry(code_id=pk, typed=filled.typed(), actor=person_of(request), at=now())

    return _page(
        request,
        code,
        form,
        save,
        title=_("金額を記録する"),
        submit=_("記録する"),
        done=_("記録しました。"),
        lead=_("記録は足すだけで、消したり書き換えたりしません。誤りは、反対の符号の金額で直します。"),
    )


@signed_in
def money_move(request: HttpRequest, pk: int) -> HttpResponse:
    """流用, 予備費充用."""
    code = visible_code(request, pk)
    require_books(request, code.organization)
    form = MoveForm(request.POST or None, code=code)

    def save(filled: MoveForm) -> Any:
        assert filled.taker is not None
        return services.move_money(
            from_id=pk, to_id=filled.taker.pk, typed=filled.typed(), actor=person_of(request), at=now()
        )

    return _page(
        request,
        code,
        form,
        save,
        title=_("流用・予備費充用"),
        submit=_("動かす"),
        done=_("動かしました。"),
        lead=_("この科目から出し、選んだ科目で受けます。合計は0円になります。"),
    )


@signed_in
def allocations_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Which programmes this code pays for."""
    code = visible_code(request, pk)
    require_steering(request, code.organization)
    rows = list(
        Allocation.objects.filter(code=code).select_related("programme_year__programme").order_by("pk")
    )
    initial = {
        "lines": "\n".join(share_line(row) for row in rows),
        "method": rows[0].method if rows else "direct",
    }
    form = SharesForm(request.POST or None, initial=initial, code=code)

    def save(filled: SharesForm) -> Any:
        return services.allocate(code_id=pk, shares=filled.shares, actor=person_of(request), at=now())

    return _page(
        request,
        code,
        form,
        save,
        title=_("事業への配賦を決める"),
        submit=_("決める"),
        done=_("配賦を決めました。残りは未配賦です。"),
    )


@signed_in
def link_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which code of an earlier year this one was."""
    code = visible_code(request, pk)
    require_books(request, code.organization)
    form = LinkForm(request.POST or None, code=code)

    def save(filled: LinkForm) -> Any:
        assert filled.old is not None
        return services.link_codes(
            old=filled.old,
            new=code,
            note=filled.cleaned_data["note"],
            actor=person_of(request),
            at=now(),
        )

    return _page(
        request,
        code,
        form,
        save,
        title=_("前の年度の科目と対応させる"),
        submit=_("対応させる"),
        done=_("対応させました。年度の比較で、一つの行になります。"),
        lead=_("一つを二つに分けたときは二度、二つをまとめたときも二度、対応させます。"),
    )


@signed_in
@require_POST
def link_remove(request: HttpRequest, pk: int) -> HttpResponse:
    link = CodeEquivalence.objects.select_related("new__organization", "old").filter(pk=pk).first()
    if link is None:
        return redirect("budgets:budget_tree")
    code = visible_code(request, link.new_id)
    require_books(request, code.organization)
    return press(
        request,
        lambda: services.unlink_codes(equivalence_id=pk, actor=person_of(request), at=now()),
        done=_("対応を外しました。"),
        to=code,
    )


@signed_in
def code_edit(request: HttpRequest, pk: int) -> HttpResponse:
    code = visible_code(request, pk)
    require_books(request, code.organization)
    form = NameForm(request.POST or None, initial={"name": code.name})

    def save(filled: NameForm) -> Any:
        return services.rename_code(
            code_id=pk, name=filled.cleaned_data["name"], actor=person_of(request), at=now()
        )

    return _page(
        request, code, form, save, title=_("名称を直す"), submit=_("保存する"), done=_("保存しました。")
    )


@signed_in
def code_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A code below another one, by hand."""
    parent = visible_code(request, pk)
    require_books(request, parent.organization)
    form = CodeForm(request.POST or None, initial={"level": min(parent.level + 1, Level.SAISETSU)})

    def save(filled: CodeForm) -> Any:
        data = filled.cleaned_data
        return services.open_code(
            account=parent.account,
            fiscal_year=parent.fiscal_year,
            parent=parent,
            level=Level(data["level"]),
            code=data["code"],
            name=data["name"],
            actor=person_of(request),
            at=now(),
        )

    return _page(
        request,
        parent,
        form,
        save,
        title=_("下に科目を加える"),
        submit=_("加える"),
        done=_("科目を加えました。"),
    )
