"""Whom to ask when nothing answers: the section whose duties are nearest, and how it is reached."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from enishi.engines.answers import AskedPieces
from enishi.knowledge.answers import machines
from enishi.knowledge.answers.calculations import MOST_QUESTION
from enishi.knowledge.answers.meaning import Vectors
from enishi.knowledge.models import ApprovedAnswer
from enishi.language.errors import LanguageError
from enishi.language.everyday import others_of
from enishi.language.kana import in_usual_spelling
from enishi.language.normalising import normalise
from enishi.language.reading import read
from enishi.language.sentences import sentences
from enishi.language.tokens import content_words
from enishi.organizations.models import Organization, Section

_MOST_SECTIONS = 200
_MOST_DUTIES = 12
_EVERYDAY = frozenset(
    "申請 手続き 手続 届け 届け出 届出 申し込み 申込み 方法 料金 手数料 費用 補助 助成 相談 場所 時間 電話 窓口 市 町 村 市民 町民 住民 利用 必要 書類 金額 期限 "
    "受付 予約 支援 制度 対象 情報 教える 知る 出す 貰う 行く 何処 何 何時 幾ら 如何 日 発行 交付 事業 業務 管理 施策 推進 運営 計画 調整 今 家 人 年 月".split()
)
"""Words every section has to do with: none tells one from another."""
_OTHER = 0.5
"""What is done (借りる) tells half of what is named."""
_NAMED = 0.34
"""The least share of a question's telling words that the name, duties and answers of a section hold."""
_CLOSE = 2.2
"""Or so many spreads of closeness to one of its duties."""
_SPREADS, _MOST_CLOSE = 6.0, 0.6
"""Spreads that say as much as all words together, and the most that closeness may say."""
_APART = 1.15
"""So much more than the next one, or the question could be either's: then the switchboard knows."""


@dataclass(frozen=True)
class Help:
    """Who can help. What a section does not say of itself is the organisation's."""

    organization: Organization
    section: Section | None = None
    hours: str = ""
    main_phone: str = ""
    """Of the section that answers where nobody else does, for a house that states no number of its own."""
    is_unsure: bool = False
    """Whether nobody knows which section: the one named only puts the caller through."""

    @property
    def name(self) -> str:
        """The section; where nobody knows which, the switchboard, which puts the caller through."""
        if self.section is None:
            return f"{self.organization.name} 代表"
        section = f"代表({self.section.name})" if self.is_unsure else self.section.name
        return f"{self.organization.name} {section}"

    @property
    def phone(self) -> str:
        return (self.section.phone if self.section else "") or self.organization.phone or self.main_phone

    @property
    def email(self) -> str:
        return self.section.email if self.section else ""

    @property
    def opening_hours(self) -> str:
        return (self.section.opening_hours if self.section else "") or self.hours


def whom_to_ask(
    organization: Organization, question: str, *, default_id: int | None = None, on: dt.date
) -> Help:
    """The section that has to do with the question; the default one, or the switchboard, where none clearly does."""
    sections = _answering(Section.objects.filter(organization=organization).open_on(on))
    default = next((section for section in sections if section.pk == default_id), None)
    desk = getattr(organization, "concierge", None)
    hours = desk.opening_hours if desk is not None else ""
    plain = in_usual_spelling(normalise(question, limit=MOST_QUESTION))
    main = default or getattr(desk, "default_section", None)
    found = _nearest(sections, plain)
    return Help(organization, found or default, hours, main.phone if main else "", is_unsure=found is None)


def _answering(rows: QuerySet[Section, Section]) -> list[Section]:
    """The sections a resident is put through to: no department where it has sections of its own."""
    sections = list(rows[:_MOST_SECTIONS])
    above = {section.parent_id for section in sections}
    return [section for section in sections if section.pk not in above] or sections


def _nearest(sections: list[Section], question: str) -> Section | None:
    words = {word for word in content_words(question) if word not in _EVERYDAY}
    if not sections or not words:
        return None
    others = others_of(words)
    answered = _answered_by(sections)
    held = [_words_of(section, answered.get(section.pk, "")) for section in sections]
    # A word that many sections hold tells little of which one it is.
    nouns = read(question).nouns
    weight = {
        word: (1.0 if word in nouns else _OTHER)
        / (1 + sum(_holds(word, others, each) for each in held)) ** 0.5
        for word in words
    }
    total = sum(weight.values())
    shares = np.array(
        [sum(weight[word] for word in words if _holds(word, others, each)) / total for each in held]
    )
    close = _closest(sections, question)
    scores = shares + np.clip(close / _SPREADS, 0.0, _MOST_CLOSE)
    best = int(np.argmax(scores))
    speaks = shares[best] >= _NAMED or close[best] >= _CLOSE
    rest = np.delete(scores, best)
    is_clear = not len(rest) or scores[best] >= _APART * rest.max()
    return sections[best] if speaks and is_clear else None


def _words_of(section: Section, answered: str) -> frozenset[str]:
    return frozenset(content_words(f"{section.name} {section.duties} {answered}"))


def _holds(word: str, others: dict[str, tuple[frozenset[str], ...]], held: frozenset[str]) -> bool:
    ways = (other for other in others.get(word, ()) if not other <= _EVERYDAY)
    return word in held or any(other <= held for other in ways)


def _answered_by(sections: Sequence[Section]) -> dict[int, str]:
    """The questions each section has answered: what it has to do with, in residents' words."""
    rows = ApprovedAnswer.objects.filter(
        section__in=[section.pk for section in sections], deleted_at__isnull=True
    ).values_list("section_id", "question")[:2_000]
    found: dict[int, list[str]] = {}
    for pk, question in rows:
        found.setdefault(int(pk or 0), []).append(question)
    return {pk: " ".join(questions) for pk, questions in found.items()}


def _closest(sections: Sequence[Section], question: str) -> np.ndarray:
    """How closely one of each section's duties meets the question; nothing with a model that tells no pieces."""
    none = np.zeros(len(sections))
    opened = machines.vectors()
    if opened is None:
        return none
    try:
        asked = opened.asked_pieces(question)
        return none if asked is None else np.array([_close(opened, asked, section) for section in sections])
    except LanguageError:
        return none


def _close(opened: Vectors, asked: AskedPieces, section: Section) -> float:
    duties = [each.text for each in sentences(section.duties)][:_MOST_DUTIES] or [section.duties]
    signs = opened.signs([f"{section.name} {duty}" for duty in duties])
    return max(asked.of(each).total for each in signs)
