"""Whom to ask when nothing answers: the section whose duties are nearest, and how it is reached."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from enishi.knowledge.answers import machines
from enishi.knowledge.answers.calculations import MOST_QUESTION
from enishi.language.errors import LanguageError
from enishi.language.everyday import others_of
from enishi.language.normalising import normalise
from enishi.language.tokens import content_words
from enishi.organizations.models import Organization, Section

_LEAST = 0.3
_MOST_SECTIONS = 200


@dataclass(frozen=True)
class Help:
    """Who can help. What a section does not say of itself is the organisation's."""

    organization: Organization
    section: Section | None = None
    hours: str = ""

    @property
    def name(self) -> str:
        return f"{self.organization.name} {self.section.name}" if self.section else self.organization.name

    @property
    def phone(self) -> str:
        return (self.section.phone if self.section else "") or self.organization.phone

    @property
    def email(self) -> str:
        return self.section.email if self.section else ""

    @property
    def opening_hours(self) -> str:
        return (self.section.opening_hours if self.section else "") or self.hours


def whom_to_ask(
    organization: Organization, question: str, *, default_id: int | None = None, on: dt.date
) -> Help:
    """The section whose name and duties share most with the question; the default one where none does."""
    sections = list(Section.objects.filter(organization=organization).open_on(on)[:_MOST_SECTIONS])
    default = next((section for section in sections if section.pk == default_id), None)
    desk = getattr(organization, "concierge", None)
    hours = desk.opening_hours if desk is not None else ""
    return Help(organization, _nearest(sections, question) or default, hours)


def _nearest(sections: list[Section], question: str) -> Section | None:
    words = set(content_words(normalise(question, limit=MOST_QUESTION)))
    if not sections or not words:
        return None
    others = {part for found in others_of(words).values() for other in found for part in other}
    shares = []
    for section in sections:
        held = set(content_words(f"{section.name} {section.duties}"))
        shares.append(len(words & held) + 0.5 * len((others - words) & held))
    scores = np.array(shares, float) / len(words)
    if scores.max() < _LEAST:
        return None
    # Words decide; meaning only between sections that share as many.
    best = np.flatnonzero(scores >= scores.max() - 1e-9)
    if len(best) == 1:
        return sections[int(best[0])]
    return sections[_nearest_in_meaning([sections[int(place)] for place in best], question, best)]


def _nearest_in_meaning(sections: list[Section], question: str, places: np.ndarray) -> int:
    opened = machines.vectors()
    if opened is None:
        return int(places[0])
    try:
        near = opened.of([f"{section.name} {section.duties}" for section in sections]) @ opened.question(
            normalise(question, limit=MOST_QUESTION)
        )
    except LanguageError:
        return int(places[0])
    return int(places[int(np.argmax(near))])
