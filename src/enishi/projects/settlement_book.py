"""The settlement as a workbook that goes on counting in Excel: what was spent, by category, and what each side brought."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from enishi.foundation.days import day_in_words
from enishi.foundation.spreadsheets import plain_cell, print_across
from enishi.projects.models import Expense, Participant, Settlement

SPENT, BY_CATEGORY, BROUGHT = "精算書", "費目ごと", "持ち寄り"
_HEADINGS_AT = 5
_Counted = dict[str, dict[str, int | Decimal]]
"""Of each sheet, the cells with a formula and what it comes to today."""


def as_xlsx(
    settlement: Settlement,
    expenses: Sequence[Expense],
    *,
    headings: Sequence[str],
    row: Callable[[Expense], Sequence[Any]],
) -> bytes:
    """Sums are formulas, so that whoever changes a number sees the total change; each also holds today's result."""
    book, counted = openpyxl.Workbook(), _Counted()
    spent: Any = book.active
    spent.title = SPENT
    made_on = day_in_words(timezone.localdate(settlement.made_at), weekday=False)
    spent.append([plain_cell(_("精算書 %(what)s") % {"what": settlement})])
    spent.append([plain_cell(settlement.project.title)])
    spent.append([plain_cell(f"{made_on} {settlement.made_by}")])
    if settlement.note:
        spent.append([plain_cell(settlement.note)])
    spent["A1"].font = Font(bold=True, size=14)
    _table(spent, _HEADINGS_AT, headings, [row(each) for each in expenses], counted, sums=(5,))
    _by_category(book.create_sheet(BY_CATEGORY), expenses, headings, counted)
    places = list(settlement.project.participants.select_related("organization"))
    _brought(book.create_sheet(BROUGHT), places, counted)
    target = io.BytesIO()
    book.save(target)
    return _with_results(target.getvalue(), [sheet.title for sheet in book], counted)


def _table(
    sheet: Any,
    at: int,
    headings: Sequence[str],
    rows: Sequence[Sequence[Any]],
    counted: _Counted,
    *,
    sums: Iterable[int],
) -> None:
    """Headings, rows, and below them the sum of some columns."""
    for column, heading in enumerate(headings, start=1):
        cell = sheet.cell(at, column, plain_cell(heading))
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = 18
    for number, values in enumerate(rows, start=at + 1):
        for column, value in enumerate(values, start=1):
            sheet.cell(number, column, plain_cell(value))
    last, total = at + len(rows), at + len(rows) + 1
    sheet.cell(total, 1, _("合計")).font = Font(bold=True)
    for index in sums:
        letter = get_column_letter(index + 1)
        cell = sheet.cell(total, index + 1, f"=SUM({letter}{at + 1}:{letter}{last})")
        cell.font = Font(bold=True)
        counted.setdefault(sheet.title, {})[cell.coordinate] = sum(values[index] for values in rows)
        has_parts = any(isinstance(values[index], Decimal) for values in rows)
        for number in range(at + 1, total + 1):
            sheet.cell(number, index + 1).number_format = "#,##0.##" if has_parts else "#,##0"
    sheet.freeze_panes = sheet.cell(at + 1, 1)
    print_across(sheet)


def _by_category(sheet: Any, expenses: Sequence[Expense], headings: Sequence[str], counted: _Counted) -> None:
    sums: dict[str, int] = {}
    for each in expenses:
        label = str(each.get_category_display())
        sums[label] = sums.get(label, 0) + each.amount_yen
    _table(sheet, 1, [headings[2], headings[5]], list(sums.items()), counted, sums=(1,))
    first, last = _HEADINGS_AT + 1, _HEADINGS_AT + len(expenses)
    for number, amount in enumerate(sums.values(), start=2):
        where = f"{SPENT}!$C${first}:$C${last},A{number},{SPENT}!$F${first}:$F${last}"
        sheet.cell(number, 2, f"=SUMIF({where})")
        counted[sheet.title][f"B{number}"] = amount


def _brought(sheet: Any, places: Sequence[Participant], counted: _Counted) -> None:
    headings = [
        _("団体"),
        _("役割"),
        _("負担する予算(円)"),
        _("物品・役務の見込み(円)"),
        _("提供した物品・役務(円)"),
        _("人手の見込み(時間)"),
        _("提供した人手(時間)"),
        _("説明"),
    ]
    rows = [
        [
            str(each),
            str(each.get_role_display()),
            each.budget_yen,
            each.in_kind_yen,
            each.provided_yen,
            each.in_kind_hours,
            each.provided_hours,
            each.contribution_note,
        ]
        for each in places
    ]
    _table(sheet, 1, headings, rows, counted, sums=range(2, 7))


def _with_results(content: bytes, titles: Sequence[str], counted: _Counted) -> bytes:
    """Write today's results beside the formulas: a viewer that does not count shows them, and Excel counts anew."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            if found:
                results = counted.get(titles[int(found[1]) - 1], {})
                data = _filled(data.decode("utf-8"), results).encode("utf-8")
            new.writestr(name, data)
    return target.getvalue()


def _filled(xml: str, results: dict[str, int | Decimal]) -> str:
    for place, value in results.items():
        pattern = rf'(<c r="{place}"[^>]*><f>[^<]*</f>)<v\s*/?>(?:</v>)?'
        xml = re.sub(pattern, rf"\g<1><v>{value}</v>", xml)
    return xml
