"""The sums over entries, kept beside the codes: rebuilt for a year, or grown by one amount."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet, Sum

from enishi.budgets import rolling
from enishi.budgets.breaking import refuse_breaches
from enishi.budgets.enums import Level, RunState, Stage
from enishi.budgets.models import BudgetCode, BudgetEntry, BudgetImport, CodeTotal
from enishi.budgets.rolling import Raw, Sums
from enishi.indicators.bulk import insert_rows

COLUMNS = ("code", "binds", *(stage.column for stage in Stage), "current_yen")


def standing_entries(organization_id: int, fiscal_year: int) -> QuerySet[BudgetEntry, BudgetEntry]:
    """Entries that count: a file that was taken back and its opposite are both left out, as if it had never come."""
    return BudgetEntry.objects.exclude(import_run__in=_undone_runs(organization_id, fiscal_year))


def _undone_runs(organization_id: int, fiscal_year: int) -> list[Any]:
    runs = BudgetImport.objects.filter(organization_id=organization_id, fiscal_year=fiscal_year)
    undone = runs.filter(
        Q(state=RunState.TAKEN_BACK) | Q(corrects__state=RunState.TAKEN_BACK, source="typed")
    )
    return list(undone.values_list("pk", flat=True))


def _emptied(organization_id: int, fiscal_year: int, totals: Mapping[str, Sums]) -> set[str]:
    """Codes that only a file taken back ever used. They stay for its entries, and no list shows them."""
    undone = _undone_runs(organization_id, fiscal_year)
    if not undone:
        return set()
    used = BudgetEntry.objects.filter(import_run__in=undone).order_by().values_list("code__path", flat=True)
    left = {above for path in used.distinct() for above in _and_above(path) if not totals.get(above)}
    # What somebody opened by hand waits for its first amount, and with it all that stands above.
    parents = {path.rpartition("-")[0] for path in totals}
    waiting = [path for path in totals if path not in left and not totals[path] and path not in parents]
    return left - {above for path in waiting for above in _and_above(path)}


def _and_above(path: str) -> list[str]:
    parts = path.split("-")
    return ["-".join(parts[:depth]) for depth in range(2, len(parts) + 1)]


def raw_of_year(organization_id: int, fiscal_year: int) -> dict[str, Raw]:
    """What the entries of a year sum to, by path."""
    codes = BudgetCode.objects.filter(organization_id=organization_id, fiscal_year=fiscal_year)
    paths = dict(codes.values_list("pk", "path"))
    rows = (
        standing_entries(organization_id, fiscal_year)
        .filter(code__in=codes.values("pk"))
        .order_by()
        .values_list("code_id", "stage", "round_no")
        .annotate(amount=Sum("amount_yen"))
    )
    found: dict[str, Raw] = {}
    for code_id, stage, round_no, amount in rows.iterator(chunk_size=5_000):
        found.setdefault(paths[code_id], Raw()).add(stage, round_no, amount)
    return found


def rebuild(organization_id: int, fiscal_year: int) -> dict[str, Sums]:
    """Sum the year's entries anew and keep the sums; a code without sums of its own is in no list. Refuses what breaks B2; the caller's transaction undoes it."""
    codes = {
        path: (key, level)
        for key, path, level in BudgetCode.objects.filter(
            organization_id=organization_id, fiscal_year=fiscal_year
        ).values_list("pk", "path", "level")
    }
    totals = rolling.rolled_up(rolling.own_sums(raw_of_year(organization_id, fiscal_year)), codes)
    refuse_breaches(organization_id, fiscal_year, rolling.breaches(totals))
    CodeTotal.objects.filter(code__organization_id=organization_id, code__fiscal_year=fiscal_year).delete()
    emptied = _emptied(organization_id, fiscal_year, totals)
    insert_rows(
        CodeTotal, COLUMNS, (_row(*codes[path], sums) for path, sums in totals.items() if path not in emptied)
    )
    return totals


def _row(key: int, level: int, sums: Mapping[str, int]) -> tuple[Any, ...]:
    stages = (sums.get(stage.value) for stage in Stage)
    return (key, level <= Level.MOKU, *stages, rolling.current(sums))


def add(code: BudgetCode, stage: Stage, amount: int) -> None:
    """Let the sums of a code and of all above it grow by one entry. Not for 査定, where a new round replaces the old."""
    for total in _lineage(code):
        before = total.amount(stage.value)
        setattr(total, stage.column, (before or 0) + amount)
        total.current_yen = rolling.current(_sums(total))
        faults = rolling.breaches({total.code.path: _sums(total)})
        refuse_breaches(code.organization_id, code.fiscal_year, faults)
        total.save()


def _sums(total: CodeTotal) -> Sums:
    amounts = {stage.value: total.amount(stage.value) for stage in Stage}
    return {stage: amount for stage, amount in amounts.items() if amount is not None}


def _lineage(code: BudgetCode) -> list[CodeTotal]:
    """The sums of the code and of all above it, the widest first so that everybody locks in the same order."""
    paths = _and_above(code.path)
    codes = BudgetCode.objects.filter(
        organization_id=code.organization_id, fiscal_year=code.fiscal_year, path__in=paths
    ).order_by("path")
    missing = [each for each in codes if not CodeTotal.objects.filter(pk=each.pk).exists()]
    CodeTotal.objects.bulk_create(
        [CodeTotal(code=each, binds=each.level <= Level.MOKU) for each in missing], ignore_conflicts=True
    )
    return list(
        CodeTotal.objects.select_for_update()
        .filter(code__in=[each.pk for each in codes])
        .select_related("code")
        .order_by("code__path")
    )


def begin(codes: Iterable[BudgetCode]) -> None:
    """Give new codes their empty sums, so that lists and trees need no second question."""
    CodeTotal.objects.bulk_create(
        [CodeTotal(code=code, binds=code.level <= Level.MOKU) for code in codes], ignore_conflicts=True
    )
