"""Tables that a page draws with rules: which words stand in which cell, whatever lines the page broke them into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_NEAR = 1.5
"""Points within which two rules count as one."""
_STEP = 20
MOST_IN_A_CELL = 400
"""More is a text set in columns."""
MOST_RULES = 4_000
"""A page with more rules than this is a drawing."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something on a page; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float
    words: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(slots=True)
class Cell:
    left: float
    bottom: float
    right: float
    top: float
    pieces: list[Box] = field(default_factory=list)

    def take(self, letter: Box) -> None:
        last = self.pieces[-1] if self.pieces else None
        if last and abs(last.middle[1] - letter.middle[1]) <= _NEAR and letter.left >= last.left:
            self.pieces[-1] = Box(last.left, last.bottom, letter.right, last.top, last.words + letter.words)
        else:
            self.pieces.append(letter)

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    @property
    def words(self) -> str:
        """The words line by line, joined as Japanese is: a blank only between Latin words."""
        found = ""
        last: float | None = None
        for piece in sorted(self.pieces, key=lambda each: (-round(each.middle[1]), each.left)):
            text = piece.words.strip()
            broken = last is not None and abs(piece.middle[1] - last) > _NEAR
            latin = found[-1:].isascii() and text[:1].isascii() and found and text
            found += (" " if broken and latin else "") + text
            last = piece.middle[1]
        return found


@dataclass(frozen=True, slots=True)
class TableRow:
    top: float
    bottom: float
    cells: tuple[Cell, ...]

    @property
    def is_table(self) -> bool:
        return sum(1 for cell in self.cells if cell.pieces) >= 2 and all(
            len(cell.words) <= MOST_IN_A_CELL for cell in self.cells
        )

    @property
    def words(self) -> str:
        return "| " + " | ".join(cell.words for cell in self.cells) + " |"


def rows_of(rules: Iterable[Box]) -> list[TableRow]:
    """Return the rows of the tables that the rules draw; a cell that reaches further down belongs to its first row."""
    across: list[Box] = []
    down: list[Box] = []
    for rule in rules:
        wide, high = rule.right - rule.left, rule.top - rule.bottom
        if high <= 2 * _NEAR < wide:
            across.append(rule)
        elif wide <= 2 * _NEAR < high:
            down.append(rule)
        elif wide > 2 * _NEAR and high > 2 * _NEAR:
            across += [Box(rule.left, y, rule.right, y) for y in (rule.bottom, rule.top)]
            down += [Box(x, rule.bottom, x, rule.top) for x in (rule.left, rule.right)]
    if not across or not down or len(across) + len(down) > MOST_RULES:
        return []
    levels = _merged([rule.middle[1] for rule in across])
    found = []
    for bottom, top in pairwise(levels):
        cells = _cells(top, bottom, levels, across, down)
        if len(cells) >= 2:
            found.append(TableRow(top, bottom, tuple(cells)))
    return sorted(found, key=lambda row: -row.top)


def _cells(
    top: float, bottom: float, levels: Sequence[float], across: Sequence[Box], down: Sequence[Box]
) -> list[Cell]:
    middle = (top + bottom) / 2
    places = _merged([rule.middle[0] for rule in down if rule.bottom <= middle <= rule.top])
    cells = []
    for left, right in pairwise(places):
        x = (left + right) / 2
        if not _is_ruled(x, top, across):
            # Merged with the cell above: its place stays, empty.
            cells.append(Cell(left, top, right, top))
            continue
        foot = next((y for y in reversed(levels) if y < top - _NEAR and _is_ruled(x, y, across)), bottom)
        cells.append(Cell(left, foot, right, top))
    return cells


def _is_ruled(x: float, y: float, across: Sequence[Box]) -> bool:
    return any(rule.left <= x <= rule.right and abs(rule.middle[1] - y) <= _NEAR for rule in across)


def _merged(places: Iterable[float]) -> list[float]:
    """Return places in order, near ones as one."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > 2 * _NEAR:
            found.append(place)
    return found


def words_in_cells(rows: Sequence[TableRow], lines: Iterable[Sequence[Box]]) -> set[int]:
    """Put the letters of lines into the cells they stand in; return the numbers of the lines that went there.

    A line goes as a whole; a row of which only one cell holds words is a frame around a text, not a table.
    """
    by_height: dict[int, list[Cell]] = defaultdict(list)
    for row in rows:
        for cell in row.cells:
            for step in range(int(cell.bottom) // _STEP, int(cell.top) // _STEP + 1):
                by_height[step].append(cell)
    held: dict[int, list[Cell]] = {}
    for at, letters in enumerate(lines):
        cells = [_cell_at(by_height, letter) for letter in letters]
        if cells and all(cells):
            held[at] = [cell for cell in cells if cell is not None]
            for letter, cell in zip(letters, held[at], strict=True):
                cell.take(letter)
    within = {id(cell) for row in rows if row.is_table for cell in row.cells}
    return {at for at, cells in held.items() if all(id(cell) in within for cell in cells)}


def _cell_at(by_height: dict[int, list[Cell]], letter: Box) -> Cell | None:
    x, y = letter.middle
    return next((each for each in by_height[int(y) // _STEP] if each.holds(x, y)), None)
