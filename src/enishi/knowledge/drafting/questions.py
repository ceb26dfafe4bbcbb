"""The questions of a notice (通告), and the headings a draft gets for them. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from enishi.knowledge.drafting.sections import Section

MARK = "{質問}"
MOST, MOST_TOPIC = 20, 300
_MAIN = re.compile(r"^\s*(?:(?:大項目|質問(?:事項|項目)?|件\s?名|項目|第)\s*)?\d{1,2}[\s.、:]\s*(\S.*)$")
_PART = re.compile(r"^\s*(?:\(\s*(?:\d{1,2}|[ア-コ])\s*\)|[ア-コ][\s.、)])\s*(\S.*)$")
_INSIDE = re.compile(r"(?<=\S)\s*(?=\(\d{1,2}\))")
_CIRCLED = re.compile(r"[①-⑳]")
_POINT = re.compile(r"(?<!大きな)\d{1,2}点目(?:は|に)?[、,]?\s*([^。\n]{4,150})")
_TAIL = re.compile(
    r"(?:について)?[、,]?の?(?:(?:市|町|村|区|知事|教育)長?の)?(?:ご?(?:考え|所見|見解|認識)(?![一-龠ぁ-ん]*方))?(?:は|を)?\s*"
    r"(?:お?伺(?:う|い(?:ます|します|いたします|たい)?)|お?尋ね(?:る|します|いたします)|問う|聞く|質問します|ただす|いかに|どうか|どのように考えるか)?[。??]*$"
)


@dataclass(frozen=True)
class Asked:
    """A question of a notice, in its own words, and the item it stands under."""

    question: str
    about: str = ""


def questions_of(material: str) -> list[Asked]:
    """What a notice asks, question by question; an item without questions of its own is one.

    >>> [(each.about, each.question) for each in questions_of("1 空き家について\\n(1)補助の件数を伺う。\\n2 給食について")]
    [('空き家', '補助の件数'), ('', '給食')]
    """
    lines = _lines(material)
    points = [point for line in lines for point in _POINT.findall(line)]
    if points and not any(_PART.match(line) for line in lines):
        return _once([Asked(_bare(each)) for each in points])
    found: list[Asked] = []
    about, is_open = "", False
    for line in lines:
        if part := _PART.match(line):
            found.append(Asked(_bare(part[1]), about))
            is_open = False
        elif (main := _MAIN.match(line)) and "番" not in line[:6]:
            found += [Asked(about)] if is_open else []
            about, is_open = _bare(main[1]), True
    return _once([*found, *([Asked(about)] if is_open else [])])


def _lines(material: str) -> list[str]:
    """A line for each item and question, however wide they are typed; a table of Word gives its cells one by one."""
    plain = unicodedata.normalize(
        "NFKC", _CIRCLED.sub(lambda found: f"({ord(found[0]) - ord('①') + 1})", material)
    )
    lines: list[str] = []
    for line in plain.splitlines():
        row = line.strip()
        cells = row.strip("|").split("|") if row.startswith("|") else []
        lines += [each for cell in cells for each in _INSIDE.split(cell.strip())] or [line]
    return lines


def topics_of(material: str) -> str:
    """What a notice is about, where nobody said it in other words.

    >>> topics_of("1 空き家について\\n(1)補助の件数を伺う。\\n2 給食について")
    '空き家、給食'
    """
    return "、".join(dict.fromkeys(each.about or each.question for each in questions_of(material)))[
        :MOST_TOPIC
    ]


def _bare(text: str) -> str:
    return _TAIL.sub("", text.strip()).strip("、 ")[:100]


def _once(asked: Sequence[Asked]) -> list[Asked]:
    return list(dict.fromkeys(each for each in asked if len(each.question) >= 2))[:MOST]


def by_question(sections: Sequence[Section], material: str) -> list[Section]:
    """The headings with one for each question where the template has ``{質問}``."""
    asked = questions_of(material)
    return [each for section in sections for each in _each_question(section, asked)]


def _each_question(section: Section, asked: Sequence[Asked]) -> list[Section]:
    if MARK not in section.heading:
        return [section]
    if not asked:
        plain = section.heading.replace(MARK, "").strip() or _("現状と取組")
        kept = [
            [each for each in lines if MARK not in each] for lines in (section.sentences, section.closing)
        ]
        return [replace(section, heading=plain, sentences=kept[0], closing=kept[1])]
    return [
        replace(
            section,
            heading=f"{number} {section.heading.replace(MARK, each.question)}"[:120],
            look_for=each.question,
            about=each.about,
            is_question=True,
            sentences=[text.replace(MARK, each.question) for text in section.sentences],
            closing=[text.replace(MARK, each.question) for text in section.closing],
        )
        for number, each in enumerate(asked, start=1)
    ]
