"""Words of a file that are not ours: which they are, what they may stand for, and what a person chose."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.exchange.models import Field
from enishi.exchange.transfer.columns import SHEETS, Column, folded
from enishi.organizations.models import Organization, Section

HEADINGS = "headings"
Chosen = Mapping[str, Mapping[str, str]]
"""By column (or ``headings``), what each word of the file stands for; "" when it is left out."""

_ASKED = frozenset({"fields", "section", "choice", "choices"})
_CLOSE = 0.6
_EVERYDAY = {
    "無償": ("無料", "0円"), "有償": ("有料",), "相談": ("応相談", "要相談"), "実費": ("実費のみ", "実費負担"),
    "人材": ("人", "人手", "ボランティア", "専門家", "講師"), "物品": ("車両", "物資", "機材", "備品", "車"),
    "空間": ("場所", "会場", "土地", "空き店舗"), "施設": ("建物", "会議室"), "資金": ("補助金", "寄附", "寄付"),
    "住民": ("市民", "町民", "村民", "区民", "高齢者", "子ども", "こども", "障害者"), "行政": ("職員", "市", "役所"),
    "地域社会": ("地域", "事業者", "自治会", "町会"),
    "インフラ": ("都市基盤", "土木", "道路", "建設"), "地域づくり": ("まちづくり", "コミュニティ", "協働"),
    "行政運営": ("総務", "DX", "行財政", "企画", "情報化"), "産業": ("商工", "経済", "労働"), "福祉": ("高齢", "介護", "障害"),
    "子育て": ("こども", "子ども", "保育", "少子化"), "環境": ("ごみ", "脱炭素", "衛生"), "交通": ("移動", "公共交通"),
    "農林水産": ("農業", "林業", "農政"), "防災": ("危機管理", "消防"), "健康": ("保健", "医療"), "観光": ("文化", "スポーツ"),
}  # fmt: skip
"""What offices write for the beginning of our names; only to choose beforehand, a person decides."""


@dataclass
class UnknownWords:
    """The words of one sheet that nobody knows yet, with how often each stands there."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, column: Column, word: str) -> None:
        if column.reader in _ASKED and len(word) <= 100:
            self.counts[column.value, word] = self.counts.get((column.value, word), 0) + 1

    def as_json(self) -> list[list[object]]:
        return [[column, word, count] for (column, word), count in self.counts.items()][:200]


@dataclass(frozen=True)
class Question:
    """What one word stands for: the choices, and the one that seems closest."""

    name: str
    column: str
    heading: str
    word: str
    count: int
    options: Sequence[tuple[str, str]]
    chosen: str


def questions(
    kind: str, preview: Mapping[str, Any], organization: Organization, on: dt.date, chosen: Chosen
) -> list[Question]:
    """What the page asks after it has looked at a file: headings nobody read, and words that are not ours."""
    columns = {column.value: column for column in SHEETS[kind]}
    asked: list[Question] = []
    options: dict[str, list[tuple[str, str]]] = {}
    words = sorted(preview.get("unknown", []), key=lambda each: (each[0], -each[2], each[1]))
    for value, word, count in words:
        if value in columns:
            known = options.setdefault(value, _options(columns[value], organization, on))
            before = chosen.get(value, {}).get(folded(word))
            likely = closest(word, known) if before is None else before
            name = f"word-{len(asked)}"
            asked.append(Question(name, value, columns[value].heading, word, count, known, likely))
    free = [(value, columns[value].heading) for value in preview.get("free_columns", []) if value in columns]
    for heading in preview.get("unread_headings", []) if free else []:
        asked.append(Question(f"word-{len(asked)}", HEADINGS, _("見出し"), heading, 0, free, ""))
    return asked


def _options(column: Column, organization: Organization, on: dt.date) -> list[tuple[str, str]]:
    match column.reader:
        case "fields":
            rows: Iterable[Any] = Field.objects.filter(is_active=True)
            return [(str(row.pk), f"　{row.name}" if row.parent_id else row.name) for row in rows]
        case "section":
            rows = Section.objects.filter(organization=organization).open_on(on)
            return [(str(row.pk), row.name) for row in rows]
    return [(str(choice.value), str(choice.label)) for choice in column.choices]


def closest(word: str, options: Iterable[tuple[str, str]]) -> str:
    """The choice one of whose words begins like this one, or which shares most pairs of letters with it."""
    everyday = next((ours for ours, theirs in _EVERYDAY.items() if word.strip() in theirs), word)
    sought = folded(everyday)
    best, key = _CLOSE, ""
    for value, name in options:
        if any(_begin_alike(sought, folded(part)) for part in re.split("[・、]", name)):
            return value
        likeness = _likeness(sought, folded(name))
        if likeness > best:
            best, key = likeness, value
    return key


def _begin_alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) > 1 and (one.startswith(other) or other.startswith(one))


def _likeness(one: str, other: str) -> float:
    ours, theirs = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other))
    return 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))


def answers(
    asked: Iterable[Question], written: Mapping[str, str], before: Chosen
) -> dict[str, dict[str, str]]:
    """What was chosen before and now, ready to be kept. A choice that was not offered is left out."""
    chosen = {column: dict(words) for column, words in before.items()}
    for question in asked:
        value = written.get(question.name, "")
        offered = {option for option, _name in question.options}
        if question.column == HEADINGS and not value:
            continue
        chosen.setdefault(question.column, {})[folded(question.word)] = value if value in offered else ""
    return chosen
