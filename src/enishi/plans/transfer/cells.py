"""A file as a grid of cells: merged cells spread, hidden parts named, indentation kept. Nothing is guessed in silence."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from enishi.foundation.forms import clean_text
from enishi.foundation.spreadsheets import UnreadableTableError, decode, read_table

MOST_ROWS = 6_000
MOST_COLUMNS = 60
MOST_BYTES = 10 * 1024 * 1024
_LEADING = re.compile(r"^[ \u3000\t]+")


@dataclass(frozen=True)
class Cell:
    """A cell's text and how far it is indented, by spaces or by the spreadsheet's own indentation."""

    text: str
    indent: int
    address: str


@dataclass
class Grid:
    """The rows of one sheet, by their number in the file. ``notes`` says what was put right, ``faults`` what cannot be."""

    rows: dict[int, list[Cell]] = field(default_factory=dict)
    bands: list[tuple[str, int, int, str]] = field(default_factory=list)
    """Blocks merged across columns: address, row, first column (from 0), value."""
    notes: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.faults.append({"row": row, "column": column, "value": value[:60], "reason": reason})


def read_grid(content: bytes) -> Grid:
    """The first visible sheet of a workbook, or a CSV.

    Raises
    ------
    UnreadableTableError
        If the file is none; the sentence says why and how to mend it.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableTableError(_("ファイルが大きすぎます。10MBまでのファイルを選んでください。"))
    # Refuses what swells, what is broken and what has formulas without results, in words that people know.
    read_table(content, max_rows=MOST_ROWS)
    grid = Grid()
    if content[:4] == b"PK\x03\x04":
        _read_book(content, grid)
    else:
        _read_csv(content, grid)
    return grid


def normal(text: str) -> str:
    """Full and half width alike, and the many dashes between digits (2−1, 2ー1) as one; one line."""
    return _DASH.sub("-", unicodedata.normalize("NFKC", clean_text(text)).strip())


_DASH = re.compile(r"(?<=\d)[‐‑‒–—―−ー](?=\d)")


def _cell(value: object, address: str, indent: int = 0) -> Cell:
    text = "" if value is None else clean_text(str(value))
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    leading = _LEADING.match(text)
    spaces = sum(2 if each == "\t" else 1 for each in leading.group()) if leading else 0
    return Cell(text.strip(" \u3000\t"), indent or spaces, address)


def _read_csv(content: bytes, grid: Grid) -> None:
    text, _encoding = decode(content)
    delimiter = "\t" if text.split("\n", 1)[0].count("\t") > text.split("\n", 1)[0].count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, line in enumerate(lines, start=1):
        cells = [
            _cell(value.removeprefix("'"), f"{get_column_letter(place)}{number}")
            for place, value in enumerate(line[:MOST_COLUMNS], start=1)
        ]
        if any(cell.text for cell in cells):
            grid.rows[number] = cells


def _read_book(content: bytes, grid: Grid) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise UnreadableTableError(
            _("見えるシートがありません。取り込むシートを表示してから保存し直してください。")
        )
    for title in hidden:
        grid.notes.append(_("シート「%(title)s」は非表示のため、読みませんでした。") % {"title": title})
    sheet = next((each for each in visible if each.max_row > 1), visible[0])
    for other in visible:
        if other is not sheet:
            grid.notes.append(
                _("シート「%(title)s」は読みませんでした。一度に読むのは、はじめのシートだけです。")
                % {"title": other.title}
            )
    spread = _spread(sheet, grid)
    for number, row in enumerate(_rows(sheet), start=1):
        if sheet.row_dimensions[number].hidden:
            if any(cell.value not in (None, "") for cell in row):
                grid.notes.append(_("%(row)d行目は非表示のため、読みませんでした。") % {"row": number})
            continue
        cells = [_of_sheet(cell, spread) for cell in row]
        if any(cell.text for cell in cells):
            grid.rows[number] = cells


def _rows(sheet: Any) -> Iterator[Any]:
    yield from sheet.iter_rows(
        max_row=min(sheet.max_row, MOST_ROWS + 30), max_col=min(sheet.max_column, MOST_COLUMNS)
    )


def _of_sheet(cell: Any, spread: dict[str, Any]) -> Cell:
    source = spread.get(cell.coordinate, cell)
    alignment = getattr(source, "alignment", None)
    indent = int(getattr(alignment, "indent", 0) or 0)
    return _cell(source.value, cell.coordinate, indent)


MOST_TOLD = 3
"""Merged cells that are named one by one; a plan's table has hundreds."""


def _spread(sheet: Any, grid: Grid) -> dict[str, Any]:
    """Cells inside a merged block, and the cell whose value holds for all of them."""
    found: dict[str, Any] = {}
    notes: list[str] = []
    for block in sorted(sheet.merged_cells.ranges, key=lambda each: (each.min_row, each.min_col)):
        first = sheet.cell(block.min_row, block.min_col)
        if first.value in (None, ""):
            continue
        if block.max_col > block.min_col:
            # A band across columns: a title, or a value of which nobody can say whose it is.
            grid.bands.append((block.coord, block.min_row, block.min_col - 1, str(first.value)[:40]))
            continue
        for number in range(block.min_row, block.max_row + 1):
            found[f"{get_column_letter(block.min_col)}{number}"] = first
        notes.append(
            _("結合セル %(block)s の「%(value)s」は、%(first)d〜%(last)d行目のすべての値として読みました。")
            % {
                "block": block.coord,
                "value": str(first.value)[:30],
                "first": block.min_row,
                "last": block.max_row,
            }
        )
    grid.notes += notes[:MOST_TOLD]
    if len(notes) > MOST_TOLD:
        grid.notes.append(
            _("ほかの縦の結合セル %(count)dか所も、同じように読みました。")
            % {"count": len(notes) - MOST_TOLD}
        )
    return found
