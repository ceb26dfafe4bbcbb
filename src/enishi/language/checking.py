"""Checks that what a model wrote is what its sources say, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines.answers import Reading, Verdict, check
from enishi.language.generator import cited
from enishi.language.ports import Source
from enishi.language.reading import read
from enishi.language.sentences import sentences

_NOTHING_FOUND = "該当する資料が見つかりません"


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence with the sources it may keep, or the reasons why it was dropped."""

    text: str
    keys: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    @property
    def is_supported(self) -> bool:
        return not self.reasons


def supported(statement: str, source: str) -> Verdict:
    """Compare one sentence with the text it is said to come from.

    >>> supported("手数料は500円です。", "手数料は1点につき500円です。").is_supported
    True
    >>> supported("手数料は300円です。", "手数料は1点につき500円です。").reasons
    ('number:300円',)
    """
    return check(read(statement), lines_of(source))


def lines_of(source: str) -> list[Reading]:
    return [read(sentence.text) for sentence in sentences(source)]


def check_written(text: str, sources: Sequence[Source]) -> list[CheckedSentence]:
    """Return every sentence of a written text with its verdict; one that names no source is not supported.

    A model's own 「該当する資料が見つかりません」 gives an empty list: the caller refuses.
    """
    if text.strip().startswith(_NOTHING_FOUND):
        return []
    lines = {source.key: lines_of(source.text) for source in sources}
    checked = []
    for sentence, keys in cited(text, sources):
        named = [line for key in keys for line in lines[key]]
        reasons = check(read(sentence), named).reasons if named else ("source",)
        checked.append(CheckedSentence(sentence, keys, reasons))
    return checked
