"""Rows as pages and files show them: amounts by stage, rates with their parents, codes in their tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _

from enishi.budgets import rolling
from enishi.budgets.calculations import execution_rate, in_percent
from enishi.budgets.enums import Level, Stage
from enishi.budgets.models import BudgetCode, CodeTotal
from enishi.budgets.selectors import Money
from enishi.engines.progress import Figure
from enishi.organizations.models import Organization

MOST_OPEN = 200


@dataclass(frozen=True)
class Amount:
    """One stage's amount with its name."""

    name: str
    yen: int | None
    note: str = ""


@dataclass(frozen=True)
class TreeRow:
    """A line of the tree: ``toggle`` is the address that opens or closes what lies below."""

    code: BudgetCode
    depth: int
    total: CodeTotal | None
    rate: str
    is_open: bool
    has_children: bool
    opened: tuple[str, ...]


def rate_words(figure: Figure | None) -> str:
    """「83.2%(1,234円/5,678円)」: never a bare percentage."""
    percent = in_percent(figure)
    if figure is None or percent is None:
        return ""
    return f"{percent}%({_whole(figure.numerator)}/{_whole(figure.denominator)})"


def rate_alone(figure: Figure | None) -> str:
    """「83.2%」 for a table with both parts in the columns beside it; they stand in the title, too."""
    percent = in_percent(figure)
    return (
        format_html('<span title="{}">{}%</span>', rate_words(figure), percent) if percent is not None else ""
    )


def _whole(value: Any) -> str:
    return f"{int(value):,}"


def rate_of(total: CodeTotal | None) -> Figure | None:
    if total is None:
        return None
    spent = total.settlement_yen if total.settlement_yen is not None else total.spending_yen
    return execution_rate(spent, total.current_yen)


def amounts_of(row: Any, stages: Sequence[Stage]) -> list[Amount]:
    """The recorded stages of a row, with 予算現額 behind its parts (B1)."""
    found: list[Amount] = []
    for stage in Stage:
        if stage is Stage.COMMITMENT and row.current_yen is not None:
            found.append(Amount(_("予算現額"), row.current_yen, _("当初+補正+繰越±流用+予備費充用")))
        if stage in stages and row.amount(stage.value) is not None:
            found.append(Amount(str(stage.label), row.amount(stage.value)))
    return found


def money_amounts(money: Money, stages: Sequence[Stage]) -> list[Amount]:
    found: list[Amount] = []
    for stage in Stage:
        if stage is Stage.COMMITMENT and money.current is not None:
            found.append(Amount(_("予算現額"), money.current, _("当初+補正+繰越±流用+予備費充用")))
        if stage in stages and money.at(stage) is not None:
            found.append(Amount(str(stage.label), money.at(stage)))
    return found


def tree(house: Organization, fiscal_year: int, account_id: int, opened: Iterable[str]) -> list[TreeRow]:
    """款, and what was opened below: two queries, however much is open."""
    wanted = sorted(set(opened))[:MOST_OPEN]
    rows = (
        BudgetCode.objects.listed()
        .filter(organization=house, fiscal_year=fiscal_year, account_id=account_id)
        .filter(Q(parent__isnull=True) | Q(parent__path__in=wanted))
        .select_related("total")
        .order_by("path")
    )
    codes = list(rows)
    parents = set(
        BudgetCode.objects.listed()
        .filter(parent__in=[code.pk for code in codes])
        .values_list("parent_id", flat=True)
    )
    shown = {code.path for code in codes}
    found = []
    for code in codes:
        if code.parent_id is not None and not _is_shown(code.path, shown, wanted):
            continue
        is_open = code.path in wanted
        others = [path for path in wanted if path != code.path and not path.startswith(f"{code.path}-")]
        total = getattr(code, "total", None)
        found.append(
            TreeRow(
                code=code,
                depth=code.path.count("-"),
                total=total,
                rate=rate_alone(rate_of(total)),
                is_open=is_open,
                has_children=code.pk in parents,
                opened=tuple(others if is_open else [*wanted, code.path]),
            )
        )
    return found


def _is_shown(path: str, shown: set[str], opened: Sequence[str]) -> bool:
    """Everything above is open, too: an address with a gap shows no orphans."""
    above = path.rpartition("-")[0]
    while "-" in above:
        if above not in shown or above not in opened:
            return False
        above = above.rpartition("-")[0]
    return True


def totals_of(rows: Iterable[CodeTotal]) -> dict[str, int]:
    """Σ over several codes, stage by stage."""
    found: dict[str, int] = {}
    for row in rows:
        for stage in Stage:
            amount = row.amount(stage.value)
            if amount is not None:
                found[stage.value] = found.get(stage.value, 0) + amount
    return found


def current_of(sums: Mapping[str, int]) -> int | None:
    return rolling.current(sums)


def level_label(level: int) -> str:
    return str(Level(level).label)
