"""The lines of a file into the books: all of them, or for a correction what is different."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from enishi.budgets.enums import RunState
from enishi.budgets.models import BudgetEntry, BudgetImport, FundSource
from enishi.budgets.transfer.model import Reading
from enishi.indicators.bulk import insert_rows

ENTRY = (
    "code",
    "stage",
    "round_no",
    "amount_yen",
    "dated_on",
    "resolution_no",
    "note",
    "import_run",
    "row_no",
)
FUND = ("code", "stage", "round_no", "kind", "amount_yen", "import_run")


def write_lines(run: BudgetImport, reading: Reading, codes: Sequence[int]) -> None:
    """Write the file's lines on the codes, in the order of the reading's places."""
    if run.corrects is None:
        insert_rows(BudgetEntry, ENTRY, _entries(run, reading, codes))
        insert_rows(FundSource, FUND, _funds(run, reading, codes))
    else:
        _write_differences(run, reading, codes)


def chain_of(run: BudgetImport | None) -> list[BudgetImport]:
    """A run, what it corrected, what that corrected …"""
    found = []
    while run is not None:
        found.append(run)
        run = run.corrects
    return found


def _entries(run: BudgetImport, reading: Reading, codes: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    stage, round_no, key = run.stage, run.round_no, key_of(run)
    texts = len(reading.resolutions) == reading.count
    notes = len(reading.notes_of) == reading.count
    own = run.resolution_no
    for line, index in enumerate(reading.place_of):
        if index in reading.dropped:
            continue
        yield (
            codes[index],
            stage,
            round_no,
            reading.amounts[line],
            reading.days[reading.day_of[line]],
            (reading.resolutions[line] or own) if texts else own,
            reading.notes_of[line] if notes else "",
            key,
            reading.rows[line],
        )


def key_of(run: BudgetImport) -> str:
    """The run's key as the database keeps it."""
    field_of = BudgetImport._meta.pk
    assert field_of is not None
    return str(field_of.get_db_prep_value(run.pk, connection))


def _funds(run: BudgetImport, reading: Reading, codes: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    key = key_of(run)
    for (index, kind), amount in sorted(reading.funds.items()):
        if index not in reading.dropped:
            yield codes[index], run.stage, run.round_no, kind, amount, key


def _write_differences(run: BudgetImport, reading: Reading, codes: Sequence[int]) -> None:
    """A correction adds what is different, code by code and day by day; what was written stays (B6)."""
    before: dict[tuple[int, str], int] = {}
    funds_before: dict[tuple[int, str], int] = {}
    for each in chain_of(run.corrects):
        rows = BudgetEntry.objects.filter(import_run=each).order_by()
        for code_id, day, amount in rows.values_list("code_id", "dated_on").annotate(sum=Sum("amount_yen")):
            before[code_id, day.isoformat()] = before.get((code_id, day.isoformat()), 0) + amount
        funds = FundSource.objects.filter(import_run=each).order_by()
        for code_id, kind, amount in funds.values_list("code_id", "kind").annotate(sum=Sum("amount_yen")):
            funds_before[code_id, kind] = funds_before.get((code_id, kind), 0) + amount
    after: dict[tuple[int, str], int] = {}
    first_row: dict[tuple[int, str], int] = {}
    for line, index in enumerate(reading.place_of):
        if index not in reading.dropped:
            place = codes[index], reading.days[reading.day_of[line]]
            after[place] = after.get(place, 0) + reading.amounts[line]
            first_row.setdefault(place, reading.rows[line])
    key, note = key_of(run), _("訂正")
    insert_rows(
        BudgetEntry,
        ENTRY,
        (
            (code, run.stage, run.round_no, change, day, run.resolution_no, note, key, row)
            for code, day in sorted({*before, *after})
            if (change := after.get((code, day), 0) - before.get((code, day), 0))
            for row in [first_row.get((code, day), 0)]
        ),
    )
    funds_after = {(codes[index], kind): yen for (index, kind), yen in reading.funds.items()}
    insert_rows(
        FundSource,
        FUND,
        (
            (code, run.stage, run.round_no, kind, change, key)
            for code, kind in sorted({*funds_before, *funds_after})
            if (change := funds_after.get((code, kind), 0) - funds_before.get((code, kind), 0))
        ),
    )
    if run.corrects is not None:
        BudgetImport.objects.filter(pk=run.corrects.pk).update(state=RunState.CORRECTED)
