"""A paper as a sheet of a workbook, A4 when printed, the parts in the order of the form."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from enishi.evaluation.papers.composing import Paper, Part
from enishi.foundation.spreadsheets import defused

COLUMNS = 7
_EDGE = Side(style="thin", color="999999")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_GREY = PatternFill("solid", fgColor="F0F0F0")
_WRAP = Alignment(wrap_text=True, vertical="top")
_RIGHT = Alignment(wrap_text=True, vertical="top", horizontal="right")
_WIDTHS = (24, 14, 14, 14, 14, 14, 14)


def xlsx_of(papers: Sequence[Paper]) -> bytes:
    """One sheet for each paper."""
    book = Workbook()
    for empty in list(book.worksheets):
        book.remove(empty)
    used: set[str] = set()
    for paper in papers:
        _write(book.create_sheet(_title(paper, used)), paper)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _title(paper: Paper, used: set[str]) -> str:
    plain = "".join(letter for letter in paper.name if letter not in r"[]:*?/\'")[:24] or paper.title[:24]
    name, number = plain, 2
    while name in used:
        name, number = f"{plain}({number})", number + 1
    used.add(name)
    return name


def _write(sheet: Any, paper: Paper) -> None:
    for index, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[index]].width = width
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"
    row = _line(sheet, 1, paper.title, size=14, bold=True)
    row = _line(sheet, row, f"{paper.subtitle}　{paper.name}", bold=True)
    for part in paper.parts:
        row = _part(sheet, row + 1, part)
    sheet.oddFooter.center.text = paper.foot.replace("&", "&&")
    _line(sheet, row + 1, paper.foot, size=9)


def _part(sheet: Any, row: int, part: Part) -> int:
    row = _line(sheet, row, part.title, bold=True)
    for label, value in part.grid:
        _cell(sheet, row, 1, label, fill=True)
        _wide(sheet, row, 2, COLUMNS, value)
        row += 1
    if part.rows:
        row = _table(sheet, row, part)
    for label, text in part.texts:
        _cell(sheet, row, 1, label, fill=True)
        _wide(sheet, row, 2, COLUMNS, text)
        row += 1
    return row


def _table(sheet: Any, row: int, part: Part) -> int:
    """Few columns share the width of the form: the last but the first takes what is left."""
    spans = _spans(len(part.headings))
    for line in [part.headings, *part.rows]:
        for (first, last), (index, value) in zip(spans, enumerate(line), strict=True):
            _wide(sheet, row, first, last, value, fill=line is part.headings, right=index in part.numeric)
        row += 1
    return row


def _spans(count: int) -> list[tuple[int, int]]:
    if count >= COLUMNS:
        return [(column, column) for column in range(1, count + 1)]
    extra = COLUMNS - count
    widest = {3: 3, 5: 4}.get(count, count)
    spans, column = [], 1
    for number in range(1, count + 1):
        width = 1 + (extra if number == widest else 0)
        spans.append((column, column + width - 1))
        column += width
    return spans


def _line(sheet: Any, row: int, text: str, *, size: int = 11, bold: bool = False) -> int:
    cell = sheet.cell(row, 1, _plain(text))
    cell.font = Font(size=size, bold=bold)
    return row + 1


def _cell(sheet: Any, row: int, column: int, text: str, *, fill: bool = False, right: bool = False) -> Any:
    cell = sheet.cell(row, column, _plain(text))
    cell.alignment, cell.border = (_RIGHT if right else _WRAP), _BOX
    if fill:
        cell.fill = _GREY
    return cell


def _wide(
    sheet: Any, row: int, first: int, last: int, text: str, *, fill: bool = False, right: bool = False
) -> None:
    _cell(sheet, row, first, text, fill=fill, right=right)
    for column in range(first + 1, last + 1):
        sheet.cell(row, column).border = _BOX
    if last > first:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    width = sum(_WIDTHS[column - 1] for column in range(first, min(last, COLUMNS) + 1))
    lines = sum(len(line) * 2 // max(width, 1) + 1 for line in str(text).split("\n"))
    height = 15 * max(lines, 1)
    sheet.row_dimensions[row].height = max(sheet.row_dimensions[row].height or 15, min(height, 400))


def _plain(text: str) -> object:
    return ILLEGAL_CHARACTERS_RE.sub("", str(defused(text)))
