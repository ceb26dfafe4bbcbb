"""Tables: of challenges and of cases, one a row; and what the columns of a table of indicators hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.vocabulary import Label

_WHO = re.compile(r"区分|主体|対象|立場|視点|(?:だれ|誰)の(?:課題か?)?|分類")
_CHALLENGE = re.compile(r"(?:主な)?(?:課題|問題)(?:の?内容|名|点)?|項目|内容")
_PLACE = re.compile(r"(?:自治体|団体|市区?町村|都市|市町|実施主体)(?:名)?")
_CASE = re.compile(r"(?:取組|取り組み|事例|事業|施策)(?:名|の?名称|の?内容|の?概要)?|名称|内容|概要")


@dataclass(frozen=True, slots=True)
class Cell:
    block: Block
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by what their column holds: who, title, evidence, harm, source, place."""

    cells: dict[str, Cell]


def rows_of(blocks: Sequence[Block], *, of_cases: bool) -> tuple[list[Row], list[Block]]:
    """Return the rows of the tables among the blocks, and the blocks that belong to no table."""
    rows: list[Row] = []
    rest: list[Block] = []
    columns: list[str] = []
    for block in blocks:
        cells = block.cells
        header = _columns([block.plain[start:end] for start, end in cells], of_cases=of_cases)
        if header:
            columns = header
        elif columns and len(cells) == len(columns):
            if not all(re.fullmatch(r":?-+:?", block.plain[start:end]) for start, end in cells):
                named = zip(columns, cells, strict=True)
                rows.append(Row({name: Cell(block, *span) for name, span in named if span[0] < span[1]}))
        else:
            columns = []
            rest.append(block)
    return [row for row in rows if "title" in row.cells], rest


def _columns(heads: Sequence[str], *, of_cases: bool) -> list[str]:
    names = [_column(head, of_cases=of_cases) for head in heads]
    # The second column of the same kind only describes the first.
    names = [name if name not in names[:at] else f"{name}{at}" for at, name in enumerate(names)]
    needed = {"place", "title"} if of_cases else {"title"}
    known = [name for name in names if not name.startswith("other")]
    return names if len(heads) >= 2 and needed <= set(names) and len(known) >= 2 else []


def _column(head: str, *, of_cases: bool) -> str:
    key = words.key_of(head)
    label = words.label_alone(head)
    if label in (Label.EVIDENCE, Label.HARM, Label.SOURCE):
        return {Label.EVIDENCE: "evidence", Label.HARM: "harm", Label.SOURCE: "source"}[label]
    if of_cases:
        return "place" if _PLACE.fullmatch(key) else "title" if _CASE.fullmatch(key) else "other"
    return "title" if _CHALLENGE.fullmatch(key) else "who" if _WHO.fullmatch(key) else "other"


def columns_of_indicators(heads: Sequence[str]) -> list[Label] | None:
    """Return what the columns hold if these are the heads of a table of indicators."""
    labels = [words.column_of(each) for each in heads]
    known = [label for label in labels if label in words.COLUMNS]
    extra = sum(label in (Label.UNIT, Label.MEASURE) for label in labels)
    told = Label.TARGET in known or Label.NAME in known
    if len(known) < 2 or not told or len(known) + extra < len(heads) - 1:
        return None
    kept = (*words.COLUMNS, Label.UNIT, Label.MEASURE)
    columns = [label if label in kept else Label.DETAIL for label in labels]
    if Label.NAME not in columns and labels[0] not in kept:
        columns[0] = Label.NAME
    # Of 基準値 and 現状値 the present value is what the indicator starts from.
    now = [at for at, label in enumerate(columns) if label is Label.BASELINE]
    present = next((at for at in now if re.search("現|直近|実績", heads[at])), now[-1] if now else None)
    # Of 中間目標 and 最終目標 the last one counts.
    goals = [at for at, label in enumerate(columns) if label is Label.TARGET]
    left_out = {*now, *goals} - {present, *goals[-1:]}
    return [Label.DETAIL if at in left_out else label for at, label in enumerate(columns)]
