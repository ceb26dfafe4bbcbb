"""The budget as a tree, one code with everything on it, two years side by side, and what no programme claims."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.audit import history
from enishi.audit.selectors import history as acts_on
from enishi.budgets import comparing, selectors, services, showing
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
from enishi.budgets.models import Allocation, BudgetCode, BudgetEntry, CodeEquivalence, CodeTotal, Unallocated
from enishi.budgets.pages import (
    code_crumbs,
    house_of,
    houses,
    now,
    number,
    person_of,
    require_books,
    require_steering,
    signed_in,
    stages_for,
    visible_code,
    year_of,
    years_for,
)
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.lists import paginate

TEMPLATE = "budgets/form.html"
SHOWN_ENTRIES = 50


def choices(request: HttpRequest) -> dict[str, Any] | None:
    """Municipality, year and account of the address, with what else could be chosen; nothing where no budget is readable."""
    house = house_of(request)
    years = years_for(request.user, house) if house else []
    if house is None or not years:
        return None
    year = year_of(request, years)
    accounts = list(selectors.accounts_of(house.pk))
    wanted = number(request.GET.get("account"))
    account = next((row for row in accounts if row.pk == wanted), accounts[0])
    return {
        "house": house,
        "houses": houses(request.user),
        "year": year,
        "years": [(each, FiscalYear(each)) for each in years],
        "fiscal_year": FiscalYear(year),
        "accounts": accounts,
        "account": account,
        "keeps_books": may_keep_books(request.user, house.pk),
        "reads_everything": reads_everything(request.user, house.pk),
        "is_closed": selectors.is_closed(house.pk, year),
    }


@require_safe
def budget_tree(request: HttpRequest) -> HttpResponse:
    """款, and below it whatever was opened."""
    context = choices(request)
    if context is None:
        house = house_of(request)
        keeps = house is not None and may_keep_books(request.user, house.pk)
        return render(request, "budgets/no_budget.html", {"keeps_books": keeps})
    house, year, account = context["house"], context["year"], context["account"]
    stages = stages_for(request.user, house.pk)
    form = file_form(request)
    if form:
        return _tree_as_file(form, context, stages)
    rows = showing.tree(house, year, account.pk, request.GET.getlist("open"))
    top = [row.total for row in rows if row.depth == 1 and row.total is not None]
    sums = showing.totals_of(top)
    context |= {
        "rows": rows,
        "sums": sums,
        "current": showing.current_of(sums),
        "shows_request": Stage.REQUEST in stages,
        "base": f"?house={house.pk}&year={year}&account={account.pk}",
    }
    return render(request, "budgets/tree.html", context)


def _tree_as_file(form: str, context: dict[str, Any], stages: list[Stage]) -> HttpResponse:
    """Every code of the account with its amounts: the whole tree as one table."""
    house, year, account = context["house"], context["year"], context["account"]
    codes = (
        BudgetCode.objects.filter(organization=house, fiscal_year=year, account=account)
        .select_related("total")
        .order_by("path")
    )
    shown = stages
    headings = [
        _("予算科目コード"),
        _("区分"),
        _("コード"),
        _("名称"),
        *(str(stage.label) for stage in shown),
    ]
    headings.append(_("予算現額"))

    def rows() -> Iterator[list[object]]:
        for code in codes.iterator(chunk_size=2_000):
            total = getattr(code, "total", None)
            amounts = [total.amount(stage.value) if total else None for stage in shown]
            yield [
                code.path,
                code.get_level_display(),
                code.code,
                code.name,
                *amounts,
                total.current_yen if total else None,
            ]

    return as_file(
        form, headings, rows(), title=_("%(year)s予算") % {"year": FiscalYear(year)}, name="budget"
    )


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
        "paid": _paid(request, code, total),
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
    rows = code.children.select_related("total").order_by("path")
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
        "lines": "\n".join(_share_line(row) for row in rows),
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


def _share_line(row: Allocation) -> str:
    share = f"{row.share_bp / 100:g}%" if row.share_bp is not None else f"{row.fixed_yen:,}円"
    return f"{row.programme_year.programme.uid} {share} {row.note}".strip()


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


# --- Across codes ---------------------------------------------------------------------------------------------------------


@require_safe
def year_compare(request: HttpRequest) -> HttpResponse:
    """Two years at one level, by purpose."""
    context = choices(request)
    if context is None:
        return render(request, "budgets/no_budget.html", {"keeps_books": False})
    house, years = context["house"], [year for year, _name in context["years"]]
    new = context["year"]
    wanted = number(request.GET.get("old"))
    earlier = [year for year in years if year < new]
    old: int = wanted if wanted is not None and wanted in years else (earlier[0] if earlier else new)
    asked = number(request.GET.get("level"))
    level: int = asked if asked is not None and asked in Level.values else Level.MOKU.value
    stages = stages_for(request.user, house.pk)
    stage = request.GET.get("stage")
    if stage not in [each.value for each in stages]:
        stage = Stage.INITIAL.value
    rows = comparing.pairs(house, old, new, Level(level), stage)
    form = file_form(request)
    if form:
        return _comparison_as_file(form, rows, old, new)
    context |= {
        "rows": rows,
        "old": old,
        "old_year": FiscalYear(old),
        "level": level,
        "levels": [(each.value, each.label) for each in Level if each <= Level.SAIJIGYO],
        "stage": stage,
        "stages": [(each.value, each.label) for each in stages],
        "sum_old": sum(row.old_yen or 0 for row in rows),
        "sum_new": sum(row.new_yen or 0 for row in rows),
        "linked": sum(row.is_linked for row in rows),
    }
    return render(request, "budgets/compare.html", context)


def _comparison_as_file(form: str, rows: list[comparing.Pair], old: int, new: int) -> HttpResponse:
    headings = [
        *(str(FiscalYear(old)), _("名称"), str(FiscalYear(new)), _("名称(後)")),
        *(_("前(円)"), _("後(円)"), _("差(円)"), _("対応")),
    ]
    lines = (
        [
            "、".join(code.path for code in row.old),
            "、".join(code.name for code in row.old),
            "、".join(code.path for code in row.new),
            "、".join(code.name for code in row.new),
            row.old_yen,
            row.new_yen,
            row.change,
            _("対応表") if row.is_linked else _("同じコード"),
        ]
        for row in rows
    )
    return as_file(form, headings, lines, title=_("年度の比較"), name="compare")


@require_safe
def unallocated_list(request: HttpRequest) -> HttpResponse:
    """未配賦: what no programme claims, code by code."""
    context = choices(request)
    if context is None:
        return render(request, "budgets/no_budget.html", {"keeps_books": False})
    house, year = context["house"], context["year"]
    rows = (
        Unallocated.objects.filter(organization_id=house.pk, fiscal_year=year, share_bp__gt=0)
        .select_related("code")
        .order_by("path")
    )
    form = file_form(request)
    if form:
        headings = [
            _("予算科目コード"),
            _("名称"),
            _("割合(%)"),
            _("当初(円)"),
            _("予算現額(円)"),
            _("支出(円)"),
        ]
        lines = (
            [row.path, row.code.name, row.share_bp / 100, row.initial_yen, row.current_yen, row.spending_yen]
            for row in rows.iterator(chunk_size=2_000)
        )
        return as_file(form, headings, lines, title=_("未配賦"), name="unallocated")
    context |= {
        "page": paginate(rows, order_by=("path", "pk"), parameters=request.GET, size=100),
        "count": rows.count(),
        "shares": _shares(house.pk, year),
        "may_steer": may_steer(request.user, house.pk),
    }
    return render(request, "budgets/unallocated.html", context)


def _shares(organization_id: int, year: int) -> list[dict[str, Any]]:
    """By 款: the whole, what programmes get, and the rest. They add up to the yen (B5)."""
    tops = BudgetCode.objects.filter(organization_id=organization_id, fiscal_year=year, level=Level.KAN)
    rests = Unallocated.objects.filter(
        organization_id=organization_id, fiscal_year=year, initial_yen__isnull=False
    )
    by_top: dict[str, int] = {}
    for path, amount in rests.values_list("path", "initial_yen"):
        top = "-".join(path.split("-")[:2])
        by_top[top] = by_top.get(top, 0) + (amount or 0)
    found = []
    for code in tops.select_related("total").order_by("path"):
        total = getattr(code, "total", None)
        whole = (total.initial_yen if total else None) or 0
        rest = by_top.get(code.path, 0)
        found.append({"code": code, "whole": whole, "given": whole - rest, "rest": rest})
    return found
