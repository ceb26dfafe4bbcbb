"""Which blocks of a region are titles."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Quote, Who
from enishi.engines.policydoc.outline import is_title, label_of, title_of

_SUBJECT = re.compile(r"[^\s、。]{1,12}(?:都|道|府|県|市|区|町|村)(?:では|で|は|が)")


def titles_in(
    blocks: Sequence[Block],
    head_of: Callable[[str], re.Match[str] | None],
    *,
    taken: dict[int, tuple[Quote, str, Who]] | None = None,
) -> tuple[dict[int, tuple[Quote, str]], str | None]:
    """Return which blocks of a region are titles, and what makes that doubtful.

    Numbered heads (課題1:…) decide where there are any; otherwise all short lines of the style of the first one;
    where there are only sentences, each listed one is its own title.
    """
    heads = {at: head for at, block in enumerate(blocks) if (head := head_of(block.plain)) and _stands(block)}
    if heads:
        return _headed(blocks, heads), None
    if taken:
        return {}, None
    free = [at for at in range(len(blocks)) if _may_be_title(blocks, at)]
    first = _first_of_style(blocks, free)
    if first is not None:
        style = blocks[first].style
        flat = any(is_label(blocks[at]) and blocks[at].style == style for at in range(len(blocks)))
        chosen = [
            at
            for at in free
            if at >= first
            and _same_style(blocks[at], style)
            and is_title(blocks[at])
            and not (flat and _holds_figure(blocks[at]))
        ]
        return {at: title_of(blocks[at]) for at in chosen}, None
    listed = (
        [at for at in free if blocks[at].mark]
        or [at for at in free if _SUBJECT.match(blocks[at].plain)]
        or free[:1]
    )
    if not listed:
        return {}, None
    style = blocks[listed[0]].style
    sentences = {
        at: title_of_span(blocks[at], 0, len(blocks[at].text)) for at in listed if blocks[at].style == style
    }
    return sentences, "題がなく、文をそのまま題とした"


def _headed(blocks: Sequence[Block], heads: dict[int, re.Match[str]]) -> dict[int, tuple[Quote, str]]:
    titles = {}
    for at, head in heads.items():
        quote, title = title_of(blocks[at], head.end())
        if not title and at + 1 < len(blocks) and is_title(blocks[at + 1]) and at + 1 not in heads:
            titles[at + 1] = title_of(blocks[at + 1])
        elif title:
            titles[at] = quote, title
    return titles


def _stands(block: Block) -> bool:
    return not block.plain.rstrip().endswith(("。", "、"))


def is_label(block: Block) -> bool:
    label = label_of(block)
    return label is not None and label[0] in (
        words.Label.EVIDENCE,
        words.Label.HARM,
        words.Label.SOURCE,
        words.Label.DETAIL,
    )


def _may_be_title(blocks: Sequence[Block], at: int) -> bool:
    """Neither a label, nor a note, nor what stands under a label."""
    block = blocks[at]
    if is_label(block) or block.mark == "※" or words.source_inside(block.plain):
        return False
    for before in range(at - 1, -1, -1):
        if not is_label(blocks[before]):
            continue
        label = blocks[before]
        found = label_of(label)
        if found and found[1] is None and before == at - 1:
            return False
        return block.indent <= label.indent or block.style != blocks[min(before + 1, at)].style
    return True


def _first_of_style(blocks: Sequence[Block], free: Sequence[int]) -> int | None:
    """Return the first title: the first short line that is not itself a detail of a sentence above it."""
    if not free:
        return None
    first = next((at for at in free if is_title(blocks[at])), None)
    if first is None:
        return None
    for at in free:
        if at >= first:
            break
        if blocks[at].mark and blocks[at].style == blocks[first].style:
            return None
    return first


def _same_style(block: Block, style: tuple[str, int]) -> bool:
    return block.style[0] == style[0] and abs(block.indent - style[1]) <= 1


def _holds_figure(block: Block) -> bool:
    return bool(re.search(r"\d", block.plain))


def title_of_span(block: Block, start: int, end: int) -> tuple[Quote, str]:
    """Return a stretch of a block as a title, without blanks and closing stops."""
    while end > start and (block.plain[end - 1].isspace() or block.plain[end - 1] in "。、,."):
        end -= 1
    return block.quote(start, end), block.words(start, end)
