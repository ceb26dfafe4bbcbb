"""What a case is made of, read from a form or a sheet: the same rules for both."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.foundation.forms import clean_text, shortened
from enishi.language.places import PREFECTURE_CODES
from enishi.organizations.prefectures import PREFECTURES

MOST_FIGURES = 20
MOST_NAMES = 10


@dataclass(frozen=True)
class CaseValues:
    """Everything that is written about a case. ``None`` for a day means not known."""

    title: str
    situation: str
    action: str
    result: str
    outcome: str
    visibility: str
    cause: str = ""
    lesson: str = ""
    transfer: str = ""
    place: str = ""
    prefecture_code: str = ""
    partner: str = ""
    fields: Sequence[str] = ()
    themes: Sequence[str] = ()
    figures: Sequence[dict[str, str]] = ()
    started_on: Any = None
    ended_on: Any = None
    source_note: str = ""
    source_url: str = ""
    section_id: int | None = None


PLAIN = (
    "title situation action result outcome visibility cause lesson transfer place prefecture_code partner "
    "started_on ended_on source_note source_url section_id"
).split()


def read_names(text: str) -> list[str]:
    """Names parted by 、, commas, ・ or lines; each once.

    >>> read_names("食・観光、移住")
    ['食', '観光', '移住']
    """
    marks = str.maketrans(dict.fromkeys("、,，・/／\n", "\t"))
    plain = unicodedata.normalize("NFKC", clean_text(text, lines=True).translate(marks))
    names = [name.strip() for name in plain.translate(marks).split("\t")]
    found = list(dict.fromkeys(name for name in names if name))
    if len(found) > MOST_NAMES:
        raise ValidationError(_("%(limit)d個までにしてください。") % {"limit": MOST_NAMES})
    long = next((name for name in found if len(name) > 30), "")
    if long:
        raise ValidationError(_("「%(name)s」は長すぎます。30文字までの言葉で。") % {"name": shortened(long)})
    return found


def read_figures(text: str) -> list[dict[str, str]]:
    """One figure a line: 名前|数|単位|出典. A figure without a source is refused: every number names where it comes from.

    >>> read_figures("参加者|120|人|実施報告書 p.3")
    [{'name': '参加者', 'value': '120', 'unit': '人', 'source': '実施報告書 p.3'}]
    """
    found = []
    for number, line in enumerate(clean_text(text, lines=True).splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in unicodedata.normalize("NFKC", line).split("|")]
        if len(cells) != 4 or not cells[0] or not cells[1]:
            raise ValidationError(
                _(
                    "%(line)d行目は「名前|数|単位|出典」の形で書いてください。例: 参加者|120|人|実施報告書 3ページ"
                )
                % {"line": number}
            )
        if not cells[3]:
            raise ValidationError(
                _(
                    "%(line)d行目の「%(name)s」に出典がありません。どの資料の数か、分からなければ「担当者の記憶」と書いてください。"
                )
                % {"line": number, "name": shortened(cells[0])}
            )
        found.append(
            dict(zip(("name", "value", "unit", "source"), (cell[:200] for cell in cells), strict=True))
        )
    if len(found) > MOST_FIGURES:
        raise ValidationError(_("数字は%(limit)d個までにしてください。") % {"limit": MOST_FIGURES})
    return found


def figures_in_words(figures: Sequence[dict[str, str]]) -> str:
    return "\n".join(
        "|".join(figure.get(key, "") for key in ("name", "value", "unit", "source")) for figure in figures
    )


def prefecture_of(place: str) -> str:
    """The code of the prefecture a place begins with; empty when it names none.

    >>> prefecture_of("北海道美幌町"), prefecture_of("あおば市")
    ('01', '')
    """
    plain = unicodedata.normalize("NFKC", place).strip()
    return next((code for name, code in PREFECTURE_CODES.items() if plain.startswith(name)), "")


def prefecture_name(code: str) -> str:
    return PREFECTURES.get(code, "")
