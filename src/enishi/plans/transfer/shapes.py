"""What a plan's table says: which columns it has, and how its rows show the tree.

Four shapes are read: a column for each level (政策 | 施策 | 事務事業), names that are indented in one column, numbers that
hold the tree (1-2-3), and a column that names the number above (上位番号).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.foundation.tables import is_remark
from enishi.plans.paths import DEEPEST, cycle_in
from enishi.plans.transfer.cells import Cell, Grid, normal
from enishi.plans.transfer.headings import PROGRAMME_LEVELS, Heads, heads_of
from enishi.plans.transfer.steps import in_one_column, numbers_apart

_TOTAL = re.compile(r"[総合小中累]?計|総合計|総数|.{1,20}(?:合計|小計)")
_COUNT = re.compile(r"[全計]?\d+(?:政策|施策|取組|事業|項目|本|件)")
_SPACES = re.compile(r"\s+")
_AGAIN = re.compile(r"[(（【\[]?\s*再掲\s*[)）】\]]?")
_NUMBERED = re.compile(r"^\d+(?:[-.．ー‐–]\d+)*$")
_SPLIT = re.compile(r"[-.．ー‐–]")
_BETWEEN = re.compile(r"[\s、,;・/]+")
TEXTS = ("target", "intent", "result", "plain")


@dataclass
class Line:
    """One branch, or one programme, of the file. ``parent`` is the place of another line in the list."""

    row: int
    cell: str
    order: int
    title: str
    code: str = ""
    parent: int | None = None
    label: str = ""
    uid: str = ""
    is_primary: bool = True
    texts: dict[str, str] = field(default_factory=dict)
    section: str = ""
    weight: str = ""
    indicators: list[str] = field(default_factory=list)
    """The numbers of the indicators by which the branch is judged."""
    cells: dict[str, str] = field(default_factory=dict)
    """Where in the file the section, the weight and the numbers stand: a fault names that cell."""

    def cell_of(self, name: str) -> str:
        return self.cells.get(name) or self.cell


def read_lines(grid: Grid, known_levels: Sequence[str]) -> tuple[list[Line], list[str]]:
    """The lines of the file in order, and the labels of its levels from the top."""
    heads = heads_of(grid, known_levels)
    if heads is None:
        first = min(grid.rows, default=1)
        grid.fault(
            first,
            "",
            "",
            _(
                "見出しの行が見つかりません。「番号」「名称」か、「政策」「施策」のような段ごとの見出しを1行目に置いてください。"
            ),
        )
        return [], []
    _refuse_bands(grid, heads)
    if heads.unread:
        words = _("、").join(f"「{heading[:20]}」" for heading in heads.unread[:20])
        grid.notes.append(
            _("次の列は、計画の木に入れるものがないため読みませんでした: %(names)s") % {"names": words}
        )
    rows = {number: cells for number, cells in grid.rows.items() if number > heads.last}
    rows = {
        number: cells
        for number, cells in rows.items()
        if not _is_total(grid, heads, cells) and not _is_note(grid, cells)
    }
    rows = numbers_apart(heads, in_one_column(grid, heads, rows))
    if heads.levels:
        return _numbers_of_branches(grid, _by_columns(grid, heads, rows)), [
            label for label, _name, _code in heads.levels
        ]
    if "parent" in heads.columns:
        return _by_parent(grid, heads, rows), []
    return _by_depth(grid, heads, rows, known_levels), heads.steps


def _refuse_bands(grid: Grid, heads: Heads) -> None:
    """A value merged across columns below the headings belongs to nobody."""
    for block, row, _column, value in grid.bands:
        if row > heads.last and not _is_sum(value) and not is_remark([value]):
            grid.fault(
                row,
                block,
                value,
                _(
                    "%(block)s は横に結合されていて、どの列の値か分かりません。結合を解いて、一つの列に書いてください。"
                )
                % {"block": block},
            )


def _is_sum(text: str) -> bool:
    """合 計, 福祉 小計: what is added up, however it is spaced."""
    return bool(_TOTAL.fullmatch(_SPACES.sub("", normal(text))))


def _is_total(grid: Grid, heads: Heads, cells: Sequence[Cell]) -> bool:
    """A row with sums, or one whose only name is a count: 12施策."""
    columns = [name for _label, name, _code in heads.levels] or [heads.columns.get("title", 0)]
    named = [cell for column in columns if (cell := _at(cells, column)).text]
    is_count = len(named) == 1 and _COUNT.fullmatch(_SPACES.sub("", normal(named[0].text)))
    hit = named[0] if is_count else next((cell for cell in cells[:6] if _is_sum(cell.text)), None)
    if hit is None:
        return False
    grid.notes.append(
        _("%(cell)s「%(value)s」は合計の行と読み、取り込みません。")
        % {"cell": hit.address, "value": hit.text[:30]}
    )
    return True


def _is_note(grid: Grid, cells: Sequence[Cell]) -> bool:
    if not is_remark([cell.text for cell in cells]):
        return False
    told = next(cell for cell in cells if cell.text)
    grid.notes.append(
        _("%(cell)s「%(value)s」は注記と読み、取り込みません。")
        % {"cell": told.address, "value": told.text[:30]}
    )
    return True


def _at(cells: Sequence[Cell], place: int | None) -> Cell:
    if place is None or place >= len(cells):
        return Cell("", 0, "")
    return cells[place]


def _filled(line: Line, cells: Sequence[Cell], heads: Heads) -> Line:
    line.texts = {name: _at(cells, heads.columns[name]).text for name in TEXTS if name in heads.columns}
    line.section = _at(cells, heads.columns.get("section")).text
    line.weight = normal(_at(cells, heads.columns.get("weight")).text)
    line.uid = normal(_at(cells, heads.columns.get("uid")).text)
    line.indicators = [
        code for code in _BETWEEN.split(normal(_at(cells, heads.columns.get("indicators")).text)) if code
    ]
    line.cells = {
        name: _at(cells, heads.columns[name]).address
        for name in ("section", "weight", "uid", "indicators")
        if name in heads.columns
    }
    standing = normal(_at(cells, heads.columns.get("standing")).text)
    if _AGAIN.search(line.title):
        line.title, line.is_primary = _AGAIN.sub("", line.title).strip(), False
    if standing in ("副", "再掲", "従", "その他", "○", "その他の位置づけ", _("副")):
        line.is_primary = False
    return line


# --- A column for each level ---------------------------------------------------------------------------------------------


def _by_columns(grid: Grid, heads: Heads, rows: dict[int, list[Cell]]) -> list[Line]:
    lines: list[Line] = []
    here: list[int | None] = [None] * len(heads.levels)
    known: dict[tuple[int | None, int, str, str], int] = {}
    for number in sorted(rows):
        cells = rows[number]
        named = [
            place for place, (_label, column, _code) in enumerate(heads.levels) if _at(cells, column).text
        ]
        if not named:
            first = next(cell for cell in cells if cell.text)
            grid.fault(
                number,
                first.address,
                first.text,
                _("%(row)d行目には、どの段の名称もありません。名称を書くか、行を消してください。")
                % {"row": number},
            )
            continue
        for place in named:
            label, column, code_column = heads.levels[place]
            cell, code = _at(cells, column), normal(_at(cells, code_column).text)
            parent = next((each for each in reversed(here[:place]) if each is not None), None)
            if place and parent is None:
                grid.fault(
                    number,
                    cell.address,
                    cell.text,
                    _("%(cell)s「%(value)s」の上の段「%(upper)s」が空です。上の段の名称を書いてください。")
                    % {"cell": cell.address, "value": cell.text[:30], "upper": heads.levels[place - 1][0]},
                )
                continue
            key = (parent, place, code, _AGAIN.sub("", cell.text).strip())
            is_last = place == named[-1]
            if key in known and not (is_last and label in PROGRAMME_LEVELS):
                here[place] = known[key]
            else:
                line = Line(number, cell.address, place + 1, cell.text, code, parent, label)
                lines.append(_filled(line, cells, heads) if is_last else line)
                known[key] = here[place] = len(lines) - 1
            here[place + 1 :] = [None] * (len(here) - place - 1)
    _refuse_two_parents(grid, lines)
    return lines


def _numbers_of_branches(grid: Grid, lines: list[Line]) -> list[Line]:
    """One number on several names is counted anew under each branch: it numbers the branches, not the programmes."""
    names: dict[str, set[str]] = {}
    for line in lines:
        if line.uid:
            names.setdefault(line.uid, set()).add(line.title)
    if all(len(titles) == 1 for titles in names.values()):
        return lines
    for line in lines:
        line.code, line.uid = line.code or line.uid, ""
    grid.notes.append(
        _(
            "事業の番号は上の段ごとに1から振り直されているため、6桁の事業番号ではなく、枝の番号として読みました。"
        )
    )
    return lines


def _refuse_two_parents(grid: Grid, lines: Sequence[Line]) -> None:
    """A numbered branch that stands under two others (I2)."""
    seen: dict[tuple[int, str, str], Line] = {}
    for line in lines:
        if not line.code or line.label in PROGRAMME_LEVELS or not _is_whole_code(line):
            continue
        key = (line.order, line.code, line.title)
        before = seen.setdefault(key, line)
        if before is not line and before.parent != line.parent:
            grid.fault(
                line.row,
                line.cell,
                line.title,
                _("%(cell)s「%(title)s」は、%(other)s でも別の枝の下にあります。上の枝は一つにしてください。")
                % {"cell": line.cell, "title": line.title[:30], "other": before.cell},
            )


def _is_whole_code(line: Line) -> bool:
    """A code that means one place in the whole plan, not the third of some parent."""
    return len(_SPLIT.split(line.code)) == line.order or len(line.code) >= 3


# --- A column that names the number above --------------------------------------------------------------------------------


def _by_parent(grid: Grid, heads: Heads, rows: dict[int, list[Cell]]) -> list[Line]:
    lines: list[Line] = []
    above: dict[str, str] = {}
    by_code: dict[str, int] = {}
    for number in sorted(rows):
        cells = rows[number]
        title, code = (
            _at(cells, heads.columns.get("title")),
            normal(_at(cells, heads.columns.get("code")).text),
        )
        parent = _at(cells, heads.columns["parent"])
        if not title.text or not code:
            missing = title if not title.text else _at(cells, heads.columns.get("code"))
            grid.fault(
                number,
                missing.address,
                "",
                _("%(row)d行目の番号か名称が空です。両方を書いてください。") % {"row": number},
            )
            continue
        if code in by_code:
            before = lines[by_code[code]]
            grid.fault(
                number,
                title.address,
                code,
                _(
                    "番号「%(code)s」が%(row)d行目にもあります。上の枝は一つにし、番号は一度だけ使ってください。"
                )
                % {"code": code, "row": before.row},
            )
            continue
        line = Line(number, title.address, 0, title.text, code)
        line.label = _at(cells, heads.columns.get("level")).text
        lines.append(_filled(line, cells, heads))
        by_code[code] = len(lines) - 1
        if normal(parent.text):
            above[code] = normal(parent.text)
            if above[code] == code:
                grid.fault(
                    number,
                    parent.address,
                    code,
                    _("%(cell)s で、枝が自分自身を上位にしています。") % {"cell": parent.address},
                )
    return _joined(grid, lines, by_code, above)


def _joined(grid: Grid, lines: list[Line], by_code: dict[str, int], above: dict[str, str]) -> list[Line]:
    ring = cycle_in((code, above.get(code)) for code in by_code)
    if ring and len(ring) > 1:
        line = lines[by_code[ring[0]]]
        grid.fault(
            line.row,
            line.cell,
            line.title,
            _("上位番号をたどると輪になっています(%(ring)s)。どれか一つの上位番号を直してください。")
            % {"ring": " → ".join([*ring, ring[0]])},
        )
    for code, upper in above.items():
        line = lines[by_code[code]]
        if upper not in by_code:
            grid.fault(
                line.row,
                line.cell,
                upper,
                _(
                    "%(row)d行目の上位番号「%(upper)s」の行がありません。番号を直すか、その行を足してください。"
                )
                % {"row": line.row, "upper": upper},
            )
        else:
            line.parent = by_code[upper]
    if grid.faults:
        return lines
    for line in lines:
        line.order = _depth(lines, line)
    return _parents_first(lines)


def _depth(lines: Sequence[Line], line: Line) -> int:
    depth, parent = 1, line.parent
    while parent is not None and depth <= DEEPEST:
        depth, parent = depth + 1, lines[parent].parent
    return depth


def _parents_first(lines: list[Line]) -> list[Line]:
    """The same lines, every one after the one above it."""
    order = sorted(range(len(lines)), key=lambda place: (lines[place].order, place))
    places = {old: new for new, old in enumerate(order)}
    for line in lines:
        line.parent = None if line.parent is None else places[line.parent]
    return [lines[place] for place in order]


# --- Names that are indented, or numbers that hold the tree --------------------------------------------------------------


def _by_depth(
    grid: Grid, heads: Heads, rows: dict[int, list[Cell]], known_levels: Sequence[str]
) -> list[Line]:
    depths = _depths(heads, rows, known_levels)
    lines: list[Line] = []
    here: list[int] = []
    for number in sorted(rows):
        cells = rows[number]
        title = _at(cells, heads.columns["title"])
        if not title.text:
            first = next(cell for cell in cells if cell.text)
            grid.fault(
                number,
                first.address,
                first.text,
                _("%(row)d行目の名称が空です。名称を書くか、行を消してください。") % {"row": number},
            )
            continue
        depth = depths[number]
        if depth > len(here) + 1:
            grid.fault(
                number,
                title.address,
                title.text,
                _("%(cell)s「%(value)s」は、上の段をとばして深くなっています。段を一つずつ下げてください。")
                % {"cell": title.address, "value": title.text[:30]},
            )
            depth = len(here) + 1
        line = Line(
            number, title.address, depth, title.text, normal(_at(cells, heads.columns.get("code")).text)
        )
        line.label = _at(cells, heads.columns.get("level")).text or "".join(heads.steps[depth - 1 : depth])
        line.parent = here[depth - 2] if depth > 1 else None
        lines.append(_filled(line, cells, heads))
        here = [*here[: depth - 1], len(lines) - 1]
    return lines


def _depths(heads: Heads, rows: dict[int, list[Cell]], known_levels: Sequence[str]) -> dict[int, int]:
    """By the named level where there is one, by the number 1-2-3 where all have one, else by indentation."""
    labels = {number: normal(_at(cells, heads.columns.get("level")).text) for number, cells in rows.items()}
    if labels and all(label in known_levels for label in labels.values()):
        return {number: list(known_levels).index(label) + 1 for number, label in labels.items()}
    indents = {number: _at(cells, heads.columns["title"]).indent for number, cells in rows.items()}
    codes = {number: normal(_at(cells, heads.columns.get("code")).text) for number, cells in rows.items()}
    steps = {number: len(_SPLIT.split(code)) for number, code in codes.items() if _NUMBERED.match(code)}
    if not any(indents.values()) and len(steps) == len(rows) and max(steps.values(), default=1) > 1:
        return steps
    widths = sorted(set(indents.values()))
    return {number: widths.index(indent) + 1 for number, indent in indents.items()}


def as_rows(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What is kept of the lines until somebody says yes."""
    return [dict(line.__dict__) for line in lines]


def as_lines(rows: Sequence[dict[str, Any]]) -> list[Line]:
    return [Line(**row) for row in rows]
