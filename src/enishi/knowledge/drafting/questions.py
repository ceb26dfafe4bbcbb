"""The questions of a notice (通告), and the headings a draft gets for them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from enishi.knowledge.drafting.sections import Section

MARK = "{質問}"
MOST = 20
_MAIN = re.compile(r"^\s*(?:大項目\s*)?(?:\d{1,2}|[0-9]{1,2})[\s ..、]\s*(\S.*)$")
_PART = re.compile(r"^\s*(?:[((]\s*([\d0-9]{1,2})\s*[))]|([①-⑳]))\s*(\S.*)$")
_POINT = re.compile(r"[\d0-9]{1,2}点目(?:は|に)?[、,]?\s*([^。\n]{4,150})")
_TAIL = re.compile(
    r"(?:について)?の?(?:(?:市|町|村|区|知事|教育)長?の)?(?:ご?(?:考え|所見|見解|認識)(?![一-龠ぁ-ん]*方))?(?:は|を)?\s*"
    r"(?:お?伺(?:う|い(?:ます|します|いたします|たい)?)|お?尋ね(?:る|します|いたします)|問う|聞く|質問します|ただす|いかに|どうか|どのように考えるか)?[。??]*$"
)


def questions_of(material: str) -> list[str]:
    """What a notice asks, question by question, in its own words.

    >>> questions_of("1 空き家対策について\\n(1)補助の申請状況について伺う。\\n(2)今後の予算の考え方を伺う。")
    ['補助の申請状況', '今後の予算の考え方']
    """
    lines = material.splitlines()
    parts = [match.group(3) for line in lines if (match := _PART.match(line))]
    found = parts or [match.group(1) for match in _POINT.finditer(material)]
    if not found:
        found = [match.group(1) for line in lines if (match := _MAIN.match(line)) and "番" not in line[:6]]
    asked = [_TAIL.sub("", each.strip()).strip("、 ") for each in found]
    return list(dict.fromkeys(each[:100] for each in asked if len(each) >= 2))[:MOST]


def by_question(sections: Sequence[Section], material: str) -> list[Section]:
    """The headings with one for each question where the template has ``{質問}``."""
    asked = questions_of(material)
    return [each for section in sections for each in _each_question(section, asked)]


def _each_question(section: Section, asked: Sequence[str]) -> list[Section]:
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
            heading=f"{number} {section.heading.replace(MARK, question)}"[:120],
            look_for=question,
            is_question=True,
            sentences=[each.replace(MARK, question) for each in section.sentences],
            closing=[each.replace(MARK, question) for each in section.closing],
        )
        for number, question in enumerate(asked, start=1)
    ]
