"""Checks that what a model wrote is what its sources say, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines.answers import Reading, Verdict, check
from enishi.language.generator import cited
from enishi.language.normalising import normalise
from enishi.language.planted import without_orders
from enishi.language.ports import Source
from enishi.language.reading import read
from enishi.language.sentences import sentences

_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_SPOKEN = re.compile(
    r"\d{1,2}時|午後\d{1,2}時?|\d{1,2}:\d{2}|(?:令和|平成|昭和)\d+年度?|\d{1,2}月(?:\d{1,2}日)?|第\d+|\d+つ|1人|1つ|1回"
)
"""Written in words or in another way in other languages: 5 p.m., April, the second."""
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
    return [read(sentence.text) for sentence in sentences(without_orders(source))]


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


def numbers_kept(original: str, translated: str) -> set[str]:
    """Return the numbers of a text that its translation lost, as digits; times and dates may be written in another way.

    >>> numbers_kept("手数料は500円です。", "The fee is 500 yen."), numbers_kept("500円です", "It is free.")
    (set(), {'500'})
    """
    there = set(_DIGITS.findall(normalise(translated).replace(",", "")))
    wanted = _DIGITS.findall(_SPOKEN.sub("", normalise(original).replace(",", "")))
    plain = {number.lstrip("0") for number in there}
    # 「1点につき」 becomes "an item" elsewhere: a one says nothing by its digit.
    return {number for number in wanted if number != "1" and number.lstrip("0") not in plain}
