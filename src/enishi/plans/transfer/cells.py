"""A file as a grid of cells: merged cells spread, hidden parts named, indentation kept. Nothing is guessed in silence."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter

from enishi.foundation.forms import clean_text
from enishi.foundation.hidden_parts import hidden_in, told_columns
from enishi.foundation.joined_cells import Join, joins_of
from enishi.foundation.spreadsheets import UnreadableTableError, decode, read_table
from enishi.foundation.tables import LINES_ABOVE

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


IsHeadingLine = Callable[[Sequence[Cell]], bool]


@dataclass
class Grid:
    """The rows of one sheet, by their number in the file. ``notes`` says what was put right, ``faults`` what cannot be."""

    rows: dict[int, list[Cell]] = field(default_factory=dict)
    bands: list[tuple[str, int, int, str]] = field(default_factory=list)
    """Blocks merged across columns: address, row, first column (from 0), value."""
    joins: list[Join] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    same: dict[str, list[str]] = field(default_factory=dict)
    """A sentence that holds for several cells, and the cells: told once, in ``settle``."""

    def note_at(self, cell: str, sentence: str) -> None:
        self.same.setdefault(sentence, []).append(cell)

    def settle(self) -> None:
        for sentence, cells in self.same.items():
            self.notes.append(_("%(cells)s: %(sentence)s") % {"cells": named(cells), "sentence": sentence})
        self.same.clear()

    def fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.faults.append({"row": row, "column": column, "value": value[:60], "reason": reason})


def read_grid(content: bytes, is_heading: IsHeadingLine = lambda _cells: False) -> Grid:
    """The first visible sheet of a workbook that has a heading line, else the first; or a CSV.

    Raises
    ------
    UnreadableTableError
        If the file is none; the sentence says why and how to mend it.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableTableError(_("ファイルが大きすぎます。10MBまでのファイルを選んでください。"))
    # Refuses what swells, what is broken and what has formulas without results, in words that people know.
    read_table(content, max_rows=MOST_ROWS, is_filled=True)
    grid = Grid()
    if content[:4] == b"PK\x03\x04":
        _read_book(content, grid, is_heading)
    else:
        _read_csv(content, grid)
    return grid


def named(cells: Sequence[str]) -> str:
    """B4、B6 … of many cells the first ones."""
    rest = _("ほか%(n)dか所") % {"n": len(cells) - MOST_NAMED} if len(cells) > MOST_NAMED else ""
    return _("、").join(filter(None, [*cells[:MOST_NAMED], rest]))


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


def _read_book(content: bytes, grid: Grid, is_heading: IsHeadingLine) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise UnreadableTableError(
            _("見えるシートがありません。取り込むシートを表示してから保存し直してください。")
        )
    sheet = next((each for each in visible if any(map(is_heading, _lines(each, LINES_ABOVE)))), visible[0])
    for other in book.worksheets:
        if other.sheet_state != "visible":
            words = _("シート「%(title)s」は非表示のため、読みませんでした。")
        elif other is not sheet:
            words = _("シート「%(title)s」は読みませんでした。一度に読むのは、一つのシートだけです。")
        else:
            continue
        grid.notes.append(words % {"title": other.title})
    path = str(getattr(sheet, "_worksheet_path", ""))
    hidden = hidden_in(content, path)
    if hidden.columns:
        grid.notes.append(told_columns(hidden.columns))
    rows = dict(enumerate(_lines(sheet, MOST_ROWS + 30), start=1))
    grid.joins = joins_of(content, path)
    _spread(rows, grid)
    for number, cells in rows.items():
        seen = [replace(cell, text="") if at in hidden.columns else cell for at, cell in enumerate(cells)]
        if not any(cell.text for cell in seen):
            continue
        if number in hidden.rows:
            grid.notes.append(_("%(row)d行目は非表示のため、読みませんでした。") % {"row": number})
        else:
            grid.rows[number] = seen


def _lines(sheet: Any, most: int) -> Iterator[list[Cell]]:
    """As wide as what stands in the sheet: the width that a file gives for itself may be wrong."""
    sheet.reset_dimensions()
    rows = [row[:MOST_COLUMNS] for row in sheet.iter_rows(max_row=most)]
    width = max(map(len, rows), default=0)
    for number, row in enumerate(rows, start=1):
        yield [
            _cell(cell.value, f"{get_column_letter(place)}{number}", _indent(cell))
            for place, cell in enumerate([*row, *[EMPTY_CELL] * (width - len(row))], start=1)
        ]


def _indent(cell: Any) -> int:
    alignment = getattr(cell, "alignment", None) if cell.value is not None else None
    return int(getattr(alignment, "indent", 0) or 0)


MOST_NAMED = 8
MOST_TOLD = 3
"""Merged cells that are named one by one; a plan's table has hundreds."""


def _spread(rows: dict[int, list[Cell]], grid: Grid) -> None:
    """What the first of joined cells says holds for all below it, in its indentation; bands across columns are kept apart."""
    notes: list[str] = []
    for join in sorted(grid.joins, key=lambda each: (each.first_row, each.first_column)):
        line = rows.get(join.first_row, [])
        first = line[join.first_column] if join.first_column < len(line) else Cell("", 0, "")
        if not first.text:
            continue
        if join.last_column > join.first_column:
            # A band across columns: a title, or a value of which nobody can say whose it is.
            grid.bands.append((join.cells, join.first_row, join.first_column, first.text[:40]))
            continue
        for number in range(join.first_row + 1, join.last_row + 1):
            if join.first_column < len(rows.get(number, ())):
                here = rows[number][join.first_column]
                rows[number][join.first_column] = replace(first, address=here.address)
        notes.append(
            _("結合セル %(block)s の「%(value)s」は、%(first)d〜%(last)d行目のすべての値として読みました。")
            % {
                "block": join.cells,
                "value": first.text[:30],
                "first": join.first_row,
                "last": join.last_row,
            }
        )
    grid.notes += notes[:MOST_TOLD]
    if len(notes) > MOST_TOLD:
        grid.notes.append(
            _("ほかの縦の結合セル %(count)dか所も、同じように読みました。")
            % {"count": len(notes) - MOST_TOLD}
        )
