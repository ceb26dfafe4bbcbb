"""The heading row of a plan's table: which columns we know, which are levels, and what is left unread."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from enishi.foundation.joined_cells import Join, are_headings, heading_lines, headings_in_one
from enishi.foundation.tables import LINES_ABOVE
from enishi.plans.transfer import exporting
from enishi.plans.transfer.cells import Cell, Grid, IsHeadingLine, normal

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": (
        "名称",
        "名前",
        "項目",
        "項目名",
        "体系",
        "体系名",
        "施策体系",
        "施策の体系",
        "施策・事業名",
        "取組",
        "取組名",
        "件名",
        "枝",
    ),
    "code": ("番号", "コード", "No", "No.", "NO", "体系番号", "体系コード"),
    "parent": ("上位番号", "上位コード", "親番号", "親コード", "上位"),
    "level": ("階層", "区分", "段", "レベル"),
    "target": ("対象", "対象(だれ・何を)", "対象(誰・何を)"),
    "intent": ("意図", "目的", "めざす姿", "目指す姿", "意図(どういう状態にするか)"),
    "result": ("結果", "結果(上位の目的にどう役立つか)"),
    "plain": ("住民への説明", "やさしい説明", "住民への説明(やさしい言葉)"),
    "section": (
        "担当課",
        "主担当課",
        "所管課",
        "主管課",
        "担当",
        "所管",
        "主管",
        "担当部署",
        "所管部署",
        "担当課名",
        "所管課名",
    ),
    "weight": ("重み", "ウェイト"),
    "uid": ("事業番号", "事務事業番号", "事業コード", "事務事業コード"),
    "standing": ("位置づけ", "主・副", "再掲"),
    "indicators": ("指標番号", "指標コード"),
}
LEVEL_WORDS = (
    "基本目標",
    "将来像",
    "大綱",
    "政策",
    "基本政策",
    "分野",
    "章",
    "施策",
    "基本施策",
    "基本方針",
    "節",
    "単位施策",
    "基本事業",
    "主要施策",
    "主な取組",
    "取組",
    "取組方針",
    "柱",
    "施策の柱",
    "施策の大綱",
    "まちづくりの目標",
    "事務事業",
    "事業",
)
_PARTS = re.compile(r"[・/、>→]")
_BESIDE = re.compile(r"\([^()]*\)$")
"""What stands in brackets after a heading: 担当課(係)."""
PROGRAMME_LEVELS = ("事務事業", "事業")
_NAMES = {name: key for key, names in COLUMNS.items() for name in names}


@dataclass
class Heads:
    """The heading row: recognised columns, and the columns of levels with their names and codes."""

    row: int
    last: int
    """Where the headings end: they may take more than one line."""
    columns: dict[str, int]
    levels: list[tuple[str, int, int | None]]
    unread: list[str]
    """Headings that say nothing to us."""
    width: int = 0
    taken: frozenset[int] = frozenset()
    """Columns with a heading of their own."""
    steps: list[str] = field(default_factory=list)
    """The levels that one heading names for a column of names: 政策・施策・事務事業."""

    @property
    def name_columns(self) -> list[int]:
        return [name for _label, name, _code in self.levels] or [self.columns["title"]]


OUR_ORDER = (
    "code",
    "level",
    "title",
    "section",
    "target",
    "intent",
    "result",
    "plain",
    "weight",
    "uid",
    "standing",
    "indicators",
)


def _known_headings() -> dict[str, str]:
    """The headings offices write, and those of our own export in the reader's language."""
    own = zip(exporting.headings(), OUR_ORDER, strict=True)
    return {**_NAMES, **{normal(words).replace(" ", ""): key for words, key in own}}


def heads_of(grid: Grid, known_levels: Sequence[str]) -> Heads | None:
    """The first row that holds two headings we know, not further down than a title and some notes."""
    labels = [*known_levels, *LEVEL_WORDS]
    for number in sorted(grid.rows)[:LINES_ABOVE]:
        found = _head(number, grid.rows[number], labels)
        if found is not None:
            return _stacked(grid, found, labels)
    return None


def _stacked(grid: Grid, heads: Heads, labels: Sequence[str]) -> Heads:
    """Headings that take two lines, as joined cells say it: 施策 over 番号 and 名称."""
    last = heads.row + heading_lines(heads.row, grid.joins) - 1
    several = [grid.rows.get(number, []) for number in range(heads.row, last + 1)]
    if heads.steps or any(
        _is_stepped(join, several[1:]) for join in grid.joins if join.first_row == heads.row
    ):
        return heads
    words = [[cell.text for cell in line] for line in several]
    if len(several) == 1 or not are_headings(words, heads.row, grid.joins):
        return heads
    texts = headings_in_one(words, heads.row, grid.joins)
    cells = [Cell(text, 0, cell.address) for text, cell in zip(texts, several[0], strict=False)]
    found = _head(heads.row, cells, labels) or heads
    return replace(found, last=last)


def _is_stepped(join: Join, below: Sequence[Sequence[Cell]]) -> bool:
    """A heading over several columns of which the next line fills one: names begin there, no second headings."""
    columns = range(join.first_column, join.last_column + 1)
    if len(columns) < 2 or not below:
        return False
    return sum(bool(below[0][column].text) for column in columns if column < len(below[0])) == 1


def heading_line(known_levels: Sequence[str]) -> IsHeadingLine:
    """Whether a line of a sheet can be the headings of a plan's table."""
    labels = [*known_levels, *LEVEL_WORDS]
    return lambda cells: _head(0, cells, labels) is not None


def _head(number: int, cells: Sequence[Cell], labels: Sequence[str]) -> Heads | None:
    known = _known_headings()
    columns: dict[str, int] = {}
    names: dict[str, int] = {}
    codes: dict[str, int] = {}
    unread: list[str] = []
    steps: list[str] = []
    for place, cell in enumerate(cells):
        text = normal(cell.text).replace(" ", "")
        if text not in known:
            text = _BESIDE.sub("", text)
        stem = re.sub(r"(名称|名)$", "", text)
        coded = re.sub(r"(コード|番号|No\.?|NO\.?)$", "", text)
        if text in known:
            columns.setdefault(known[text], place)
        elif stem in labels:
            names.setdefault(stem, place)
        elif coded in labels:
            codes.setdefault(coded, place)
        elif len(parts := _PARTS.split(text)) > 1 and all(part in labels for part in parts):
            columns.setdefault("title", place)
            steps = parts
        elif text:
            unread.append(cell.text)
    levels = [
        (label, place, codes.get(label)) for label, place in sorted(names.items(), key=lambda pair: pair[1])
    ]
    if len(levels) == 1 and "title" not in columns:
        columns["title"] = levels[0][1]
    if len(levels) < 2:
        levels = []
    is_head = len(levels) >= 2 or ("title" in columns and len(columns) >= 2)
    taken = frozenset(place for place, cell in enumerate(cells) if cell.text)
    found = Heads(number, number, columns, levels, unread, len(cells), taken, steps)
    return found if is_head else None
