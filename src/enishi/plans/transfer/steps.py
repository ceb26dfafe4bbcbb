"""Names as cities set them out: stepping to the right under one heading, with their number written before them.

Both become what the shapes know: one column of indented names, and a column of numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from enishi.plans.transfer.cells import Cell, Grid, normal
from enishi.plans.transfer.headings import Heads

Rows = dict[int, list[Cell]]
_NUMBER_BEFORE = re.compile(r"(\d{1,3}(?:[-.]\d{1,3}){0,5})[.)\s\u3000]+(\S.*)", re.DOTALL)


def in_one_column(grid: Grid, heads: Heads, rows: Rows) -> Rows:
    """Names under a heading that spans columns, one step to the right a level: as indentation in the first of them."""
    first = heads.columns.get("title")
    if heads.levels or first is None:
        return rows
    last = first + 1
    while last < heads.width and last not in heads.taken:
        last += 1
    steps = {number: _filled(cells, first, last) for number, cells in rows.items()}
    if not any(places and places[0] > first for places in steps.values()):
        return rows
    for number, places in steps.items():
        for place in places[1:]:
            cell = rows[number][place]
            grid.fault(
                number,
                cell.address,
                cell.text,
                _("%(row)d行目には名称が二つあります。一行に一つずつ書いてください。") % {"row": number},
            )
    return {
        number: _moved(cells, first, places[0]) if places else cells
        for (number, cells), places in zip(rows.items(), steps.values(), strict=True)
    }


def _filled(cells: Sequence[Cell], first: int, last: int) -> list[int]:
    return [place for place in range(first, min(last, len(cells))) if cells[place].text]


def _moved(cells: Sequence[Cell], first: int, place: int) -> list[Cell]:
    found = list(cells)
    if place > first:
        found[first] = replace(cells[place], indent=place - first)
        found[place] = replace(cells[place], text="")
    return found


def numbers_apart(heads: Heads, rows: Rows) -> Rows:
    """「1-2 子育て」 as number and name, where every name has one and no column holds the numbers."""
    names = heads.name_columns
    if "code" in heads.columns or any(code is not None for _label, _name, code in heads.levels):
        return rows
    cells = [row[place] for row in rows.values() for place in names if place < len(row) and row[place].text]
    if not cells or not all(_NUMBER_BEFORE.fullmatch(normal(cell.text)) for cell in cells):
        return rows
    width = max(map(len, rows.values()))
    found = {number: [*row, *[Cell("", 0, "")] * (width - len(row))] for number, row in rows.items()}
    for column in names:
        for row in found.values():
            row.append(Cell("", 0, ""))
            match = _NUMBER_BEFORE.fullmatch(normal(row[column].text))
            if match is not None:
                row[-1] = replace(row[column], text=match[1])
                row[column] = replace(row[column], text=match[2].strip())
    _say_where(heads, width)
    return found


def _say_where(heads: Heads, width: int) -> None:
    if not heads.levels:
        heads.columns["code"] = width
    heads.levels = [(label, name, width + n) for n, (label, name, _code) in enumerate(heads.levels)]
