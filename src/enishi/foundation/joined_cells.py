"""Cells of a workbook that were made one: what stands in the first is meant for all of them."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, get_column_letter

_REFERENCE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
MAX_JOINS = 100_000


@dataclass(frozen=True)
class Join:
    """A block of cells made one; rows count from 1, columns from 0."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def cells(self) -> str:
        """As Excel says it: D40:D41."""
        first, last = (get_column_letter(column + 1) for column in (self.first_column, self.last_column))
        return f"{first}{self.first_row}:{last}{self.last_row}"

    def covers(self, column: int) -> bool:
        return self.first_column <= column <= self.last_column


def joins_of(content: bytes, path: str) -> list[Join]:
    """The joined cells of the sheet at ``path`` inside the xlsx."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if path not in archive.namelist():
            return []
        found = _REFERENCE.findall(archive.read(path))[:MAX_JOINS]
    return [Join(int(top), int(bottom), _column(left), _column(right)) for left, top, right, bottom in found]


def _column(letters: bytes) -> int:
    return column_index_from_string(letters.decode()) - 1


def carried_down(lines: Iterable[list[str]], joins: Sequence[Join]) -> Iterator[list[str]]:
    """Each line with what the joined cells above it say."""
    starting: dict[int, list[Join]] = {}
    for join in joins:
        if join.last_row > join.first_row:
            starting.setdefault(join.first_row, []).append(join)
    carried: dict[int, tuple[int, str]] = {}
    for number, line in enumerate(lines, start=1):
        for column, (until, text) in list(carried.items()):
            if number > until:
                del carried[column]
            elif column < len(line) and not line[column].strip() and any(cell.strip() for cell in line):
                line[column] = text
        for join in starting.get(number, ()):
            if join.first_column < len(line):
                carried[join.first_column] = (join.last_row, line[join.first_column])
        yield line


def heading_lines(number: int, joins: Sequence[Join]) -> int:
    """How many lines the headings take that begin in line ``number``."""
    starting = [join for join in joins if join.first_row == number]
    below = max((join.last_row for join in starting), default=number)
    is_split = any(join.last_column > join.first_column for join in starting)
    return max(below - number + 1, 2 if is_split else 1)


def are_headings(lines: Sequence[Sequence[str]], number: int, joins: Sequence[Join]) -> bool:
    """Whether the lines below the first are headings too; a line of data is not.

    They stand under headings that are split, and beside those that reach down over them.
    """
    here = [join for join in joins if join.first_row == number]
    split = {column for join in here if join.last_column > join.first_column for column in _columns(join)}
    reaching = {column for join in here if join.last_row > number for column in _columns(join)}
    return all(
        column in split or (reaching and column not in reaching) or cell.strip() in {"", heading.strip()}
        for line in lines[1:]
        for column, (cell, heading) in enumerate(zip(line, lines[0], strict=False))
    )


def _columns(join: Join) -> range:
    return range(join.first_column, join.last_column + 1)


def headings_in_one(lines: Sequence[Sequence[str]], number: int, joins: Sequence[Join]) -> list[str]:
    """Headings of several lines as one each: 予算額 over R8当初 is 予算額 R8当初."""
    rows = [list(line) for line in lines]
    for join in joins:
        row = join.first_row - number
        if 0 <= row < len(rows) and join.last_column > join.first_column:
            for column in range(join.first_column + 1, min(join.last_column + 1, len(rows[row]))):
                rows[row][column] = rows[row][join.first_column]
    width = max(map(len, rows))
    stacked = [[row[column].strip() if column < len(row) else "" for row in rows] for column in range(width)]
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in stacked]
