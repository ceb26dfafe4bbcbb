"""The budget over all codes: as a tree, two years side by side, and what no programme claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.budgets import comparing, selectors, showing
from enishi.budgets.access import may_keep_books, may_steer, reads_everything
from enishi.budgets.enums import Level, Stage
from enishi.budgets.files import as_file, file_form
from enishi.budgets.models import BudgetCode, Unallocated
from enishi.budgets.pages import house_of, houses, number, stages_for, year_of, years_for
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import paginate

TREE_STAGES = (Stage.REQUEST, Stage.ASSESSMENT, Stage.INITIAL, Stage.SPENDING, Stage.SETTLEMENT)


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
        "years": [(each, fiscal_year_in_words(FiscalYear(each))) for each in years],
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
        "columns": _columns(stages, sums),
        "base": f"?house={house.pk}&year={year}&account={account.pk}",
    }
    return render(request, "budgets/tree.html", context)


def _columns(stages: list[Stage], sums: Mapping[str, int]) -> list[tuple[str, str]]:
    """Heading and field of the amounts that the tree shows: of what happens in the year only what has happened."""
    always = (Stage.INITIAL,)
    shown = [stage for stage in TREE_STAGES if stage in stages and (stage in always or stage in sums)]
    found = [(str(stage.label), stage.column) for stage in shown]
    at = next((place for place, stage in enumerate(shown) if stage.is_execution), len(shown))
    return [*found[:at], (_("予算現額"), "current_yen"), *found[at:]]


def _tree_as_file(form: str, context: dict[str, Any], stages: list[Stage]) -> HttpResponse:
    """Every code of the account with its amounts: the whole tree as one table."""
    house, year, account = context["house"], context["year"], context["account"]
    codes = (
        BudgetCode.objects.listed()
        .filter(organization=house, fiscal_year=year, account=account)
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
        form,
        headings,
        rows(),
        title=_("%(year)s予算") % {"year": fiscal_year_in_words(FiscalYear(year))},
        name="budget",
    )


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
        "sum_change": sum(row.change or 0 for row in rows),
        "linked": sum(row.is_linked for row in rows),
    }
    return render(request, "budgets/compare.html", context)


def _comparison_as_file(form: str, rows: list[comparing.Pair], old: int, new: int) -> HttpResponse:
    headings = [
        *(fiscal_year_in_words(FiscalYear(old)), _("名称")),
        *(fiscal_year_in_words(FiscalYear(new)), _("名称(後)")),
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
    tops = BudgetCode.objects.listed().filter(
        organization_id=organization_id, fiscal_year=year, level=Level.KAN
    )
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
