"""The list of 参考資料: one source a line, with the lines that only head them left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from enishi.engines.policydoc.facts import source_from
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Source
from enishi.engines.policydoc.outline import begin_behind
from enishi.engines.policydoc.vocabulary import Label

_SUBHEAD = re.compile(
    r"(?:資料|文献|サイト|関係|論文|データ|統計|情報|計画|条例|法令|その他|Web|ウェブ)(?:等|類)?(?:\([^()]*\))?[::]?$"
)
_NOTE = re.compile(r"[*※]?注\s?\d{1,3}[)::.]?\s*")
_FLAT_SUBHEAD = re.compile(r"[^「」、。()]{0,16}(?:資料|文献|サイト)[::]?")
"""Such a line above titles in brackets heads them, whatever its style."""


def references_in(blocks: Sequence[Block]) -> list[Source]:
    """Return the sources that a list of references names."""
    return [
        source
        for at, block in enumerate(blocks)
        if not _is_subhead(blocks, at)
        and (source := source_from(block, _begin(block), len(block.text), None)).quote.words
    ]


def _begin(block: Block) -> int:
    """Return where the source begins behind 出典: or the number of its note."""
    begin = begin_behind(Label.SOURCE, block)
    if begin is not None:
        return begin
    note = _NOTE.match(block.plain)
    return note.end() if note else 0


def _is_subhead(blocks: Sequence[Block], at: int) -> bool:
    text = blocks[at].plain
    if "「" in text or re.search(r"\d{4}|令和|平成|http", text) or at + 1 >= len(blocks):
        return False
    below = blocks[at + 1]
    if _FLAT_SUBHEAD.fullmatch(text.strip()) and re.search("「|http", below.plain):
        return True
    heads = blocks[at].mark.startswith("#")
    listed_below = below.style != blocks[at].style and (
        heads or bool(below.mark) or below.indent > blocks[at].indent
    )
    return listed_below and (
        heads or not blocks[at].mark or _SUBHEAD.search(text.strip(" *【】<>")) is not None
    )
