"""Sentences of the past that suit a heading of a draft: looked for, weighed, and each with its origin."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.knowledge.answers.machines import vectors
from enishi.knowledge.answers.meaning import Nearness
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.ranking import rank
from enishi.knowledge.documents.selectors import Found, find
from enishi.knowledge.drafting.borrowing import ADDS, LEANS, Fit, belonging, fit_sentences, titles_in
from enishi.knowledge.drafting.carrying import Flag, Here, carried_over
from enishi.knowledge.drafting.enums import DraftKind, Origin
from enishi.knowledge.drafting.papers import Papers
from enishi.knowledge.drafting.paragraphs import NARROW
from enishi.knowledge.drafting.sections import Section
from enishi.knowledge.models import Case, Document, Draft
from enishi.language.errors import LanguageError
from enishi.language.tokens import content_words
from enishi.organizations.enums import Visibility

logger = logging.getLogger(__name__)

LOOKED_INTO: dict[DraftKind, tuple[str, ...]] = {
    DraftKind.PLAN: ("plan", "proposal", "case", "minutes"),
    DraftKind.EVALUATION: ("plan", "council", "minutes", "case", "other"),
    DraftKind.COUNCIL: ("council", "minutes", "plan", "faq"),
    DraftKind.PRESS: ("notice", "plan", "proposal", "council", "minutes", "other"),
    DraftKind.REPLY: ("proposal", "notice", "manual", "council", "minutes", "plan"),
    DraftKind.LETTER: ("notice", "manual", "other"),
    DraftKind.MINUTES: (),
}
_OF_CASES = ("事例", "実績", "先例", "教訓")
PER_HEADING, PER_QUESTION, PASSAGES, MOST_LEADS = 3, 4, 8, 2
OUTWARD = frozenset({DraftKind.PRESS.value, DraftKind.REPLY.value, DraftKind.LETTER.value})
"""Kinds that leave the house: a sentence that was written for inside says so."""
_OF_OFFICES = frozenset({DraftKind.PLAN.value, DraftKind.EVALUATION.value, DraftKind.COUNCIL.value})
_OF_TABLES = frozenset({DraftKind.PLAN.value, DraftKind.EVALUATION.value})
_BIDS = re.compile(r"(?:ください|下さい)。?$")
"""What a paper for residents asks of its readers has no place in what an office says of its work."""
_OF_CASE = 4.0
_EVERYDAY = frozenset(
    content_words("こと もの 市 町 村 県 年度 年 行う する 対策 事業 取組 実施 課 効果 考え方 件")
)
"""Words nearly every paper of an office holds: sharing one of them says nothing."""


@dataclass(frozen=True)
class Suggested:
    """A sentence for a heading, with its origin and what in it has to be looked at."""

    heading: str
    text: str
    origin: str
    label: str = ""
    quote: str = ""
    document: Document | None = None
    passage: int | None = None
    case: Case | None = None
    flags: Sequence[Flag] = field(default_factory=list)


def here_of(draft: Draft) -> Here:
    """What belongs to this draft: its place, its year, and all that was given for it."""
    place = draft.place or draft.organization.name
    given = [draft.title, draft.topic, draft.material, draft.organization.name]
    return Here(place, draft.year, given)


def candidates(person: Person, draft: Draft, query: str, *, on: dt.date, limit: int = 12) -> list[Suggested]:
    """Sentences a person may choose to borrow: from any document or case they may read."""
    here, papers = here_of(draft), Papers()
    found = [
        of_passage(draft, "", fit, each, here)
        for each in find(person, query, limit=PASSAGES * 2, on=on)
        for fit in _saying(papers.fits(each), query, most=2)
    ]
    return [*found, *_of_cases(person, "", query, here)][:limit]


@dataclass(frozen=True)
class _Offer:
    """A sentence that could stand under a heading, and how well."""

    suggested: Suggested
    score: float
    suits: bool
    order: tuple[int, int]
    """Which of the documents found, and where in it."""
    fit: Fit | None = None
    make: Callable[[Fit], Suggested] | None = None
    """How a sentence it leans on is suggested with it."""


def borrowed(
    person: Person, draft: Draft, sections: Sequence[Section], *, on: dt.date
) -> dict[int, list[Suggested]]:
    """For each heading the few sentences that suit it best; no sentence stands under two."""
    papers = Papers()
    offers = {
        at: _offers(person, draft, section, papers, on=on)
        for at, section in enumerate(sections)
        if section.look_for
    }
    place: dict[str, tuple[float, int]] = {}
    for at, offered in offers.items():
        for each in offered:
            text = _plain(each.suggested.text)
            place[text] = max(place.get(text, (0.0, 0)), (each.score, -at))
    found: dict[int, list[Suggested]] = {}
    taken: set[str] = set()
    for at, offered in offers.items():
        own = [
            each
            for each in offered
            if place[_plain(each.suggested.text)][1] == -at and _plain(each.suggested.text) not in taken
        ]
        # A heading nothing suits stays empty: the honest answer is that nothing was found.
        best = [each for each in own if each.suits][
            : PER_QUESTION if sections[at].is_question else PER_HEADING
        ]
        found[at] = list(_read_on(sorted(best, key=lambda each: each.order), taken))
    return found


def _read_on(best: Sequence[_Offer], taken: set[str]) -> Iterator[Suggested]:
    """The sentences in their documents' order, each with the one it leans on, or without a word that joined it to that."""
    chosen = {_plain(each.suggested.text) for each in best}
    for offer in best:
        told, fit = offer.suggested, offer.fit
        if fit is not None and offer.make is not None and fit.before is not None:
            for lead in _leads(fit):
                if _plain(lead.text) not in chosen | taken:
                    taken.add(_plain(lead.text))
                    yield offer.make(lead)
            joined = ADDS.match(told.text.translate(NARROW))
            if joined and _plain(fit.before.text) not in chosen | taken:
                told = replace(told, text=told.text[joined.end() :])
        taken.add(_plain(offer.suggested.text))
        yield told


def _leads(fit: Fit) -> list[Fit]:
    """What stands before a sentence as far as it cannot be read without it: 「しかし、…」 needs its sentence, too."""
    leads: list[Fit] = []
    while len(leads) < MOST_LEADS and fit.before is not None and LEANS.match(fit.text.translate(NARROW)):
        fit = fit.before
        leads.insert(0, fit)
    return leads


@dataclass(frozen=True)
class _Subject:
    """One thing that is asked or written about: its words, and how near each sentence lies to it."""

    words: frozenset[str]
    near: dict[str, float]
    nearest: float = inf
    """How near the nearest sentence lies, if any of them speaks of it."""

    def said(self, fit: Fit) -> int:
        return len(self.words & _told_words(f"{fit.label} {fit.topic} {fit.text}"))

    def nearness(self, fit: Fit) -> float:
        return self.near.get(fit.text, 0.0)

    def is_named(self, fit: Fit) -> bool:
        """Whether what the speaker announced is this very thing: all they say then is about it."""
        announced = _told_words(fit.topic)
        return bool(announced) and len(announced & self.words) >= NAMED * len(announced)

    def says_half(self, fit: Fit) -> bool:
        return bool(self.words) and 2 * self.said(fit) >= len(self.words)

    def speaks_of_it(self, fit: Fit) -> bool:
        return self.is_named(fit) or self.says_half(fit) or self.nearness(fit) >= SPOKEN_OF

    def holds(self, fit: Fit, around: set[str]) -> bool:
        """Whether a sentence is about this, and not of something else that shares a word with it or stands in the same paper."""
        if self.is_named(fit) or self.says_half(fit):
            return True
        if not self.near:
            return bool(self.said(fit) or self.words & around)
        return self.nearness(fit) >= self.nearest / FARTHER


NAMED = 0.6
ANSWERS = 10.0
"""What answers a question stands there rather than under any other heading."""
FOLLOWS, SPOKEN_OF, FARTHER = 0.5, 1.5, 2.5
"""What follows a near sentence is half as near. Where nothing lies nearer than this nor holds half of the words, nobody spoke of
the subject; and what lies much farther than the nearest was said of something else."""
MEANS_IT, SAYS_IT = 1.15, 3
"""A sentence answers a question when it lies so near to it (in threes of the spread of unrelated sentences), or holds so many of its words:
「便を減らしたいと事業者から申出がありました」 is the reason for 「減便」 without sharing one."""


def _offers(person: Person, draft: Draft, section: Section, papers: Papers, *, on: dt.date) -> list[_Offer]:
    about = section.about if section.is_question else draft.topic or draft.title
    query = f"{about} {section.look_for}".strip()
    here = here_of(draft)
    found = find(person, query, kinds=LOOKED_INTO[DraftKind(draft.kind)], limit=PASSAGES, on=on)
    fits = [(each, papers.fits(each)) for each in found]
    subjects = _subjects(draft, section, [stated for _each, stated in fits])
    first = {each.document.pk: rank for rank, each in reversed(list(enumerate(found)))}
    offers: dict[str, _Offer] = {}
    for each, stated in fits:
        around = _told_words(
            f"{each.document.title} {each.passage.heading_path} {titles_in(each.passage.text)}"
        )
        for fit in stated:
            subject = max(subjects, key=lambda one: (one.is_named(fit), one.said(fit), one.nearness(fit)))
            if not (subject.holds(fit, around) and _is_wanted(draft, fit)):
                continue
            weight, suits = _weight(section, subject, fit)
            make = partial(of_passage, draft, section.heading, found=each, here=here)
            offers.setdefault(
                _plain(fit.text),
                _Offer(
                    make(fit),
                    weight + (1.0 if subject.words & around else 0.0),
                    suits,
                    (first[each.document.pk], fit.at),
                    fit,
                    make,
                ),
            )
    if any(word in section.look_for for word in _OF_CASES):
        for number, case in enumerate(_of_cases(person, section.heading, query, here)):
            offers.setdefault(_plain(case.text), _Offer(case, _OF_CASE, True, (len(found), number)))
    return sorted(offers.values(), key=lambda offer: -offer.score)


def _is_wanted(draft: Draft, fit: Fit) -> bool:
    """Whether a sentence of this kind has a place in such a text: rows of tables belong to plans and their evaluation."""
    if fit.is_row and draft.kind not in _OF_TABLES:
        return False
    return draft.kind not in _OF_OFFICES or not _BIDS.search(fit.text)


def _subjects(draft: Draft, section: Section, passages: Sequence[Sequence[Fit]]) -> list[_Subject]:
    """The question; or what the draft is about, several things where a notice asks of several."""
    asked = [section.look_for]
    if not section.is_question:
        topic = draft.topic or draft.title
        asked = topic.split("、") if draft.kind == DraftKind.COUNCIL else [topic]
    found = [_Subject(frozenset(_told_words(each)), _nearness(each, passages)) for each in asked]
    fits = [fit for each in passages for fit in each]
    return [
        replace(one, nearest=max(one.near.values())) if one.near and any(map(one.speaks_of_it, fits)) else one
        for one in found
    ]


def _weight(section: Section, subject: _Subject, fit: Fit) -> tuple[float, bool]:
    """How well a sentence stands under a heading, and whether it belongs there at all."""
    said, near = subject.said(fit), subject.nearness(fit)
    if not section.is_question:
        suits = belonging(fit, heading=section.heading, look_for=section.look_for or section.heading)
        return suits + min(said, 4), suits > 0
    enough = SAYS_IT if subject.near else min(len(subject.words), 2)
    answers = subject.is_named(fit) or near >= MEANS_IT or said >= enough
    return near + min(said, 4) / 4 + ANSWERS * answers, answers


def _nearness(asked: str, passages: Sequence[Sequence[Fit]]) -> dict[str, float]:
    """How near each sentence is to what is asked or written about; what follows a near one is half as near. Nothing without a model."""
    readers = vectors()
    if readers is None:
        return {}
    told: dict[str, float] = {}
    try:
        nearness = Nearness(readers, asked)
        for fits in passages:
            near = dict(zip(texts := [fit.text for fit in fits], nearness.of(texts), strict=True))
            for fit in fits:
                before = near.get(fit.before.text, 0.0) if fit.before is not None else 0.0
                told[fit.text] = max(told.get(fit.text, near[fit.text]), near[fit.text], before * FOLLOWS)
    except LanguageError:
        logger.exception("sentences were not compared by their meaning")
        return {}
    return told


def _told_words(text: str) -> set[str]:
    return set(content_words(text)) - _EVERYDAY


def of_passage(draft: Draft, heading: str, fit: Fit, found: Found, here: Here) -> Suggested:
    document = found.document
    parts = [document.title, found.passage.heading_path]
    if found.passage.page:
        parts.append(_("%(page)dページ") % {"page": found.passage.page})
    return Suggested(
        heading,
        fit.text,
        Origin.SOURCE.value,
        label=" › ".join(part for part in parts if part)[:250],
        quote=fit.quote or fit.text,
        document=document,
        passage=found.passage.order,
        flags=[*_of_inside(draft, document), *_of_others(document, here), *carried_over(fit.text, here)],
    )


def _of_inside(draft: Draft, document: Document) -> list[Flag]:
    """A paper that not everybody may read says what nobody has published yet."""
    is_shown = draft.kind not in OUTWARD or document.visibility == Visibility.PUBLIC
    return [] if is_shown else [Flag("inside", str(document.get_visibility_display()))]


def _of_others(document: Document, here: Here) -> list[Flag]:
    """Another town's paper says what holds there, even where the sentence names no place."""
    owner = document.organization.name
    return [] if owner in (here.place, *here.given) else [Flag("place", owner)]


def _of_cases(person: Person, heading: str, query: str, here: Here) -> list[Suggested]:
    ranked = [each for each in rank(case_access.visible(person), query, limit=4) if each.is_about_it][:2]
    rows = Case.objects.in_bulk([each.case_id for each in ranked])
    found = []
    for case in (rows[each.case_id] for each in ranked):
        for text in (fit.text for fit in _saying(fit_sentences(case.result), query, most=1)):
            label = (_("事例「%(title)s」") % {"title": case.title})[:250]
            found.append(
                Suggested(
                    heading,
                    text,
                    Origin.SOURCE.value,
                    label=label,
                    quote=text,
                    case=case,
                    flags=carried_over(text, here),
                )
            )
    return found


def _saying(fits: Sequence[Fit], query: str, *, most: int) -> list[Fit]:
    wanted = set(content_words(query))
    told = [(len(wanted & set(content_words(each.text))), at, each) for at, each in enumerate(fits)]
    best = sorted((each for each in told if each[0]), key=lambda each: (-each[0], each[1]))[:most]
    return [fit for _score, _at, fit in sorted(best, key=lambda each: each[1])]


def _plain(text: str) -> str:
    return "".join(text.split())
