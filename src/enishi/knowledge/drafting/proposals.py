"""What a proposal says of its own terms: when, where, for how much. Pure; taken over in its own words."""

import re
import unicodedata
from dataclasses import dataclass

from enishi.language.sentences import sentences

LONGEST = 120
_NAMES = (
    ("実施の時期", r"(?:実施|事業|実証|提案|開始)?(?:期間|時期|予定日|日程|スケジュール)|開始(?:時期|日)"),
    (
        "費用",
        r"(?:概算|事業|所要|総)?(?:費用?|経費|事業費|金額|予算)(?:\(税[込抜別]\)|の(?:見込み|概算|内訳))?|見積(?:り|額)?",
    ),
    (
        "費用の負担",
        r"(?:費用|経費)の?(?:負担|分担)|(?:市|町|村|行政|自治体)(?:の|に求める)?負担|負担(?:区分|割合)",
    ),
    ("場所", r"(?:実施|実証)?(?:場所|地区|エリア|フィールド)"),
    ("対象と規模", r"対象(?:者|世帯|人数|地区)?|規模|定員"),
)
_MARK = r"^[\s・\-*■◆○●【\[]*(?:[0-9]{1,2}[.)\s]|\([0-9]{1,2}\))?\s*"
_CAPTIONED = tuple(
    re.compile(rf"{_MARK}([^::\]】。]{{1,14}}?)(?:{parted})\s*(\S.*)$")
    for parted in (r"\s*[】\]]\s*[::]?|\s*[::]", r"\s{2,}", r"\s")
)
"""A caption ends at a bracket or a colon, else at a wide gap, else at any."""
_MONEY = re.compile(r"[0-9][0-9,.]*\s*(?:[億万千百]+[0-9]*)*\s*円|無償|無料")
_TIME = re.compile(
    r"(?:令和|R)?\s?(?:[0-9]{1,4}|元)\s?年度?(?:\s?[0-9]{1,2}\s?月)?|[0-9]{1,2}月[0-9]{0,2}日?"
)
_PLANNED = re.compile(r"から|より|まで|開始|予定|期間|実施|間")


@dataclass(frozen=True)
class Term:
    """A term of the proposal, in its own words; ``line`` counted from 1."""

    name: str
    words: str
    line: int


def terms_of(material: str) -> list[Term]:
    """When, for how much, who pays, where and for whom, as far as the proposal says so.

    >>> [(each.name, each.words) for each in terms_of("実施期間:令和9年4月〜9月\n費用は年120万円を見込みます。")]
    [('実施の時期', '令和9年4月〜9月'), ('費用', '費用は年120万円を見込みます')]
    """
    lines = unicodedata.normalize("NFKC", material).replace("~", "〜").splitlines()
    found: dict[str, Term] = {}
    for number, line in enumerate(lines, start=1):
        for pattern in _CAPTIONED:
            caption = pattern.match(line)
            name = _named(caption.group(1)) if caption else ""
            if caption and name:
                found.setdefault(name, Term(name, _short(caption.group(2)), number))
                break
    captioned = {each.line for each in found.values()}
    for number, line in enumerate(lines, start=1):
        if number in captioned:
            continue
        for sentence in sentences(line):
            for name in _said(sentence.text):
                found.setdefault(name, Term(name, _short(sentence.text), number))
    told: dict[str, Term] = {}
    for each in found.values():
        told.setdefault(each.words, each)
    order = [name for name, _pattern in _NAMES]
    return sorted(told.values(), key=lambda each: order.index(each.name))


def _named(caption: str) -> str:
    plain = re.sub(r"\s", "", caption)
    return next((name for name, pattern in _NAMES if re.fullmatch(pattern, plain)), "")


def _said(sentence: str) -> list[str]:
    """What a sentence without a caption tells: money named as cost, or a time in which something is to happen."""
    told = []
    if _MONEY.search(sentence) and re.search(r"費|負担|見積|予算|無償|無料", sentence):
        told.append("費用の負担" if "負担" in sentence else "費用")
    if (
        _TIME.search(sentence)
        and _PLANNED.search(sentence)
        and re.search(r"実施|開始|実証|予定|行い", sentence)
    ):
        told.append("実施の時期")
    return told


def _short(words: str) -> str:
    told = words.strip().rstrip("。").strip()
    return told if len(told) <= LONGEST else told[:LONGEST] + "…"
