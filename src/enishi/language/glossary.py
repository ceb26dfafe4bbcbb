"""Words offices use, in the languages of residents: what a question in another language is about, in Japanese words.

The sentence model understands such questions as a whole; these words let an answer be checked for what was asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from enishi.language.normalising import normalise
from enishi.language.tables import lines_of
from enishi.language.tokens import content_words

_COLUMNS = ("en", "zh", "ko", "vi")
_EMPTY_WORDS = {
    "en": "a an the is are am was were be do does did can could may must should will would i my me we our you your it its in on at to for of from "
    "with by and or if when where what which who how much many long there here get want need please tell any about this that have has day time "
    "apply go take use make receive pay hours number city town japan japanese people old one until week month year today bring possible use used",
    "zh": "我 你 您 们 的 了 吗 呢 是 在 有 可以 能 要 想 需要 请问 请 什么 时候 哪里 哪儿 多少 钱 几点 几 怎么 如何 办理 去 到 和 与 从 开始 时间 星期 里 每月 每年 每天 一 个 本 上课 领取 办",
    "ko": "은 는 이 가 을 를 에 에서 의 도 로 으로 까지 부터 과 와 입니까 습니까 나요 까 요 인가요 언제 어디 얼마 몇 무엇 어떻게 하나요 합니까 있나요 있습니까 수 받을 할 시 권 됩니까 해야 싶어요 하고",
    "vi": "là bao nhiêu tiền ở đâu khi nào mấy giờ đến từ có không được tôi muốn cần cho của và thì làm thế nào sao với một các những này ngày tháng năm nào xin hãy vui lòng bị lớp mất",
}


@dataclass(frozen=True)
class Understanding:
    """Japanese words for what a question names; ``unknown`` is the share of its own words that no entry explains."""

    words: tuple[str, ...]
    unknown: float


def understanding(text: str, language: str) -> Understanding:
    """Return what a question in another language is about; nothing for a language that is not kept here."""
    if language not in _COLUMNS:
        return Understanding((), 1.0)
    rest = f" {normalise(text, limit=2_000).lower()} "
    found: list[str] = []
    explained = 0
    for term, japanese in _terms(language):
        pattern = _pattern(term, language)
        if pattern.search(rest):
            explained += len(term)
            rest = pattern.sub(" ", rest)
            found.append(japanese)
    left = _left(rest, language)
    total = explained + left
    words = dict.fromkeys(word for japanese in found for word in content_words(japanese))
    return Understanding(tuple(words), left / total if total else 1.0)


@lru_cache(maxsize=4)
def _terms(language: str) -> list[tuple[str, str]]:
    """Every term with its Japanese word, the longest first: 「bulky waste」 before 「waste」."""
    column = _COLUMNS.index(language) + 1
    pairs = []
    for line in lines_of("glossary.tsv"):
        cells = line.split("\t")
        pairs += [(term.strip().lower(), cells[0]) for term in cells[column].split("/") if term.strip()]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@lru_cache(maxsize=2_000)
def _pattern(term: str, language: str) -> re.Pattern[str]:
    escaped = re.escape(normalise(term).lower())
    plural = "(?:e?s)?" if language == "en" else ""
    return re.compile(rf"(?<!\w){escaped}{plural}(?!\w)" if language in ("en", "vi") else escaped)


def _left(rest: str, language: str) -> int:
    """How many letters remain that neither an entry nor a filler word explains."""
    empty = _EMPTY_WORDS[language].split()
    if language in ("en", "vi"):
        return sum(len(word) for word in re.findall(r"[^\W\d_]+", rest) if word not in empty)
    for word in sorted(empty, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return sum(character.isalpha() for character in rest)
