"""A city's own risk table: joined phases, 負担者 over 市 and 事業者 with marks below, notes at the end."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from enishi.agreements.enums import Bearer
from enishi.agreements.knowledge import phases
from enishi.foundation.spreadsheets import Row, Table

_LIKE = (
    ("段階", re.compile(r"段階|フェーズ|時期")),
    ("分かれ目", re.compile(r"分かれ目|上限|割合")),
    ("起きたときの対応", re.compile(r"対応|対策|備考|摘要")),
    ("内容", re.compile(r"内容|概要|説明")),
    ("種類", re.compile(r"種類|項目|区分|名称|リスク")),
)
_OWN = re.compile(r"(市|町|村|県|都|府|道|区|組合|自治体|行政|公共|甲|発注者|委託者|設置者)$")
_THEIRS = re.compile(r"(事業者|民間|乙|指定管理者|管理者|相手方?|受託者|企業|会社|提案者|運営者)$")
_MAIN, _SECOND = frozenset("○〇◯◎●"), frozenset("△▲▽")
_NOTE = re.compile(r"^(※|\*|注|\(注)")


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def is_heading(text: str) -> bool:
    """Whether this may stand above a column of a risk table, in our words or a city's."""
    plain = _plain(text)
    if not plain or len(plain) > 16:
        return False
    return any(pattern.search(plain) for pattern in (_OWN, _THEIRS, *(like for _name, like in _LIKE))) or any(
        word in plain for word in ("負担", "番号", "出所")
    )


def in_our_columns(table: Table) -> Table:
    """The table under the headings of the one that is written out; one that has them already stays as it is."""
    if {"種類", "内容", "負担する側"} <= set(table.headings):
        return table
    columns, own, theirs = _columns(table)
    if own is None or theirs is None or "内容" not in columns.values():
        return table
    kept = tuple(_row(row, columns, own, theirs) for row in table.rows if not _is_note(row, columns))
    headings = ("段階", "種類", "内容", "負担する側", "分かれ目", "起きたときの対応", "出所")
    return replace(table, headings=headings, rows=kept)


def _columns(table: Table) -> tuple[dict[str, str], str | None, str | None]:
    columns: dict[str, str] = {}
    own = theirs = None
    for heading in table.headings:
        plain = _plain(heading)
        if theirs is None and _THEIRS.search(plain):
            theirs = heading
        elif own is None and _OWN.search(plain):
            own = heading
        else:
            name = next((name for name, like in _LIKE if like.search(plain)), None)
            if name is not None and name not in columns.values():
                columns[heading] = name
    return columns, own, theirs


def _is_note(row: Row, columns: Mapping[str, str]) -> bool:
    first = next((text for text in row.cells.values() if text.strip()), "")
    told = [row.cells.get(heading, "").strip() for heading, name in columns.items() if name == "内容"]
    return bool(_NOTE.match(_plain(first))) or not any(told)


def _row(row: Row, columns: Mapping[str, str], own: str, theirs: str) -> Row:
    cells = {name: " ".join(row.cells.get(heading, "").split()) for heading, name in columns.items()}
    cells["種類"] = cells.get("種類") or cells["内容"][:40]
    written = cells.get("段階", "")
    bare = re.sub(r"(段階|期間|フェーズ)$", "", _plain(written))
    known = next((phase for phase in phases() if bare and (bare in phase or phase in bare)), "")
    cells["段階"] = known or phases()[0]
    cells["出所"] = written if written and not known else ""
    cells["負担する側"] = str(
        _bearer(_plain(row.cells.get(own, "")), _plain(row.cells.get(theirs, ""))).label
    )
    return Row(row.number, cells)


def _bearer(own: str, theirs: str) -> Bearer:
    """From the marks of the two columns: a circle bears, a triangle bears the lesser part."""
    mine, other = _weight(own), _weight(theirs)
    if mine and mine == other:
        return Bearer.BOTH
    if mine > other:
        return Bearer.MAINLY_MUNICIPALITY if other else Bearer.MUNICIPALITY
    if other > mine:
        return Bearer.MAINLY_PARTNER if mine else Bearer.PARTNER
    return Bearer.NOBODY


def _weight(mark: str) -> int:
    if set(mark) & _MAIN:
        return 2
    return 1 if set(mark) & _SECOND else 0
