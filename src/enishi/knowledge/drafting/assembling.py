"""A first draft out of the template and the past: every sentence says where it was taken from, none is invented."""

import datetime as dt
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.fiscal_year import FiscalYear
from enishi.knowledge.answers.machines import vectors
from enishi.knowledge.answers.meaning import Nearness
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.ranking import rank
from enishi.knowledge.documents.selectors import Found, find
from enishi.knowledge.drafting.borrowing import LONGEST, Fit, belonging, fit_sentences, titles_in
from enishi.knowledge.drafting.carrying import Flag, Here, carried_over
from enishi.knowledge.drafting.enums import DraftKind, Origin
from enishi.knowledge.drafting.minutes import taken_apart
from enishi.knowledge.drafting.proposals import terms_of
from enishi.knowledge.drafting.questions import by_question, questions_of
from enishi.knowledge.drafting.sections import Section, of_stored, usual
from enishi.knowledge.models import Case, Document, Draft
from enishi.language.errors import LanguageError
from enishi.language.sentences import sentences
from enishi.language.tokens import content_words

logger = logging.getLogger(__name__)

LOOKED_INTO: dict[DraftKind, tuple[str, ...]] = {
    DraftKind.PLAN: ("plan", "proposal", "case", "minutes"),
    DraftKind.EVALUATION: ("plan", "council", "minutes", "case", "other"),
    DraftKind.COUNCIL: ("council", "minutes", "plan", "faq"),
    DraftKind.PRESS: ("notice", "plan", "proposal", "other"),
    DraftKind.REPLY: ("proposal", "notice", "manual", "council"),
    DraftKind.LETTER: ("notice", "manual", "other"),
    DraftKind.MINUTES: (),
}
_OF_CASES = ("事例", "実績", "先例", "教訓")
PER_HEADING = 3
PASSAGES = 8
NOTED = frozenset(
    {DraftKind.PLAN.value, DraftKind.EVALUATION.value, DraftKind.PRESS.value, DraftKind.LETTER.value}
)
"""Kinds for which somebody types what they want to say, not what they answer or sum up."""
MOST_NOTED = 30
_OF_CASE = 4.0
_TAIL = re.compile(r"(?:のご?提案|について|に関すること|の件|に関して)$")
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


def first_draft(person: Person, draft: Draft, *, on: dt.date) -> list[Suggested]:
    """Sentences for each heading: the template's own, what was noted for this draft, then borrowed ones."""
    sections = sections_of(draft)
    if draft.kind == DraftKind.MINUTES:
        return list(_of_minutes(draft, sections))
    noted = _noted(draft, sections) if draft.kind != DraftKind.REPLY else _told_by_proposal(draft, sections)
    borrowed = _borrowed(person, draft, sections, on=on)
    return [
        each
        for at, section in enumerate(sections)
        for each in [
            *_of_template(draft, section, section.sentences),
            *noted.get(at, []),
            *borrowed.get(at, []),
            *_of_template(draft, section, section.closing),
        ]
    ]


def sections_of(draft: Draft) -> list[Section]:
    """The headings of a draft: its template's, with one for each question of a notice."""
    asked = draft.material if draft.kind == DraftKind.COUNCIL else ""
    if draft.template is not None:
        return by_question([of_stored(each) for each in draft.template.sections], asked)
    usual_ones = usual(DraftKind(draft.kind), by_question=bool(questions_of(asked)))
    return by_question(usual_ones, asked)


def here_of(draft: Draft) -> Here:
    """What belongs to this draft: its place, its year, and all that was given for it."""
    place = draft.place or draft.organization.name
    given = [draft.title, draft.topic, draft.material, draft.organization.name]
    return Here(place, draft.year, given)


def candidates(person: Person, draft: Draft, query: str, *, on: dt.date, limit: int = 12) -> list[Suggested]:
    """Sentences a person may choose to borrow: from any document or case they may read."""
    here = here_of(draft)
    found = [
        _of_passage("", fit, each, here)
        for each in find(person, query, limit=PASSAGES * 2, on=on)
        for fit in _best(each, query, most=2)
    ]
    return [*found, *_of_cases(person, "", query, here)][:limit]


def _of_template(draft: Draft, section: Section, fixed: Sequence[str]) -> list[Suggested]:
    return [
        Suggested(section.heading, text, Origin.TEMPLATE.value)
        for each in fixed
        if (text := _filled(each, draft))
    ]


def closing_of(draft: Draft, heading: str) -> list[str]:
    """The fixed sentences that end a heading: whatever is added stands before them."""
    return [
        each.text
        for section in sections_of(draft)
        if section.heading == heading
        for each in _of_template(draft, section, section.closing)
    ]


def _noted(draft: Draft, sections: Sequence[Section]) -> dict[int, list[Suggested]]:
    """What somebody typed for this draft, under the heading it suits: their own words, nothing borrowed."""
    found: dict[int, list[Suggested]] = {}
    if draft.kind not in NOTED or not any(section.look_for for section in sections):
        return found
    first = next(at for at, section in enumerate(sections) if section.look_for)
    for text in [each.text for each in sentences(draft.material)][:MOST_NOTED]:
        told = text.lstrip("・-*● 　")[:LONGEST]
        caption = re.split(r"[::\s　]", told, maxsplit=1)[0]
        suits = [_suits(Fit(told, caption), section) for section in sections]
        at = max(range(len(sections)), key=lambda each: (suits[each], -each)) if any(suits) else first
        found.setdefault(at, []).append(Suggested(sections[at].heading, told, Origin.OWN.value))
    return found


def _told_by_proposal(draft: Draft, sections: Sequence[Section]) -> dict[int, list[Suggested]]:
    """What the proposal itself says of time, cost and the rest, under the first heading: a reply names what it answers."""
    if not sections:
        return {}
    told = [
        Suggested(
            sections[0].heading,
            _("%(name)sについて、ご提案では「%(words)s」とされています。")
            % {"name": each.name, "words": each.words},
            Origin.MINUTES.value,
            label=_("提案の文章 %(line)d行目") % {"line": each.line},
            quote=each.words,
        )
        for each in terms_of(draft.material)
    ]
    return {0: told}


def _suits(fit: Fit, section: Section) -> float:
    look_for = section.look_for or section.heading
    return belonging(fit, heading=section.heading, look_for=look_for)


@dataclass(frozen=True)
class _Offer:
    """A sentence that could stand under a heading, and how well."""

    suggested: Suggested
    score: float
    suits: bool
    order: int


def _borrowed(
    person: Person, draft: Draft, sections: Sequence[Section], *, on: dt.date
) -> dict[int, list[Suggested]]:
    """For each heading the few sentences that suit it best; no sentence stands under two."""
    offers = {
        at: _offers(person, draft, section, on=on) for at, section in enumerate(sections) if section.look_for
    }
    place: dict[str, tuple[float, int]] = {}
    for at, offered in offers.items():
        for each in offered:
            text = _plain(each.suggested.text)
            place[text] = max(place.get(text, (0.0, 0)), (each.score, -at))
    found: dict[int, list[Suggested]] = {}
    for at, offered in offers.items():
        own = [each for each in offered if place[_plain(each.suggested.text)][1] == -at]
        suiting = [each for each in own if each.suits]
        # A heading nothing suits gets the nearest sentence alone, for a person to judge.
        # For a question, and for what was thought of a proposal, the honest answer is that nothing was found.
        nearest = [] if sections[at].is_question or draft.kind == DraftKind.REPLY else own[:1]
        best = sorted(suiting or nearest, key=lambda each: -each.score)[:PER_HEADING]
        found[at] = [each.suggested for each in sorted(best, key=lambda each: each.order)]
    return found


def _offers(person: Person, draft: Draft, section: Section, *, on: dt.date) -> list[_Offer]:
    asks = section.look_for if section.is_question else draft.topic or draft.title
    about = section.about if section.is_question else draft.topic or draft.title
    query = f"{about} {section.look_for}".strip()
    wanted = _told_words(asks)
    here = here_of(draft)
    offers: dict[str, _Offer] = {}
    found = find(person, query, kinds=LOOKED_INTO[DraftKind(draft.kind)], limit=PASSAGES, on=on)
    fits = [(each, _fits(each)) for each in found]
    near = _nearness(asks, [[fit.text for fit in stated] for _each, stated in fits])
    # An answer to the council is about several things at once, and nearness to all of them is nearness to none.
    is_several = draft.kind == DraftKind.COUNCIL
    for each, stated in fits:
        around = _told_words(
            f"{each.document.title} {each.passage.heading_path} {titles_in(each.passage.text)}"
        )
        for fit in stated:
            said = len(wanted & _told_words(f"{fit.label} {fit.text}"))
            # What shares nothing with the topic only shares the heading's everyday words.
            is_answer = section.is_question and fit.text in near
            if not said and not wanted & around and not is_answer:
                continue
            if not said and not is_several and near.get(fit.text, ELSEWHERE) < ELSEWHERE:
                continue
            if is_answer:
                suits = near[fit.text] >= MEANS_IT or said >= SAYS_IT
                score = near[fit.text] + min(said, 4) / 4 + ANSWERS * suits
            else:
                weight = said if section.is_question else _suits(fit, section)
                score = weight + min(said, 4) + (1.0 if wanted & around else 0.0)
                suits = weight > (1 if section.is_question and len(wanted) > 2 else 0)
            offers.setdefault(
                _plain(fit.text),
                _Offer(_of_passage(section.heading, fit, each, here), score, suits, len(offers)),
            )
    if any(word in section.look_for for word in _OF_CASES):
        for number, case in enumerate(_of_cases(person, section.heading, query, here)):
            offers.setdefault(_plain(case.text), _Offer(case, _OF_CASE, True, 1_000 + number))
    return sorted(offers.values(), key=lambda offer: -offer.score)


ANSWERS = 10.0
"""What answers a question stands there rather than under any other heading."""
FOLLOWS, ELSEWHERE = 0.5, 0.3
"""What lies farther from the topic than this and shares no word with it was said of something else in the same paper."""
MEANS_IT, SAYS_IT = 1.15, 3
"""A sentence answers a question when it lies so near to it (in threes of the spread of unrelated sentences), or holds so many of its words:
「便を減らしたいと事業者から申出がありました」 is the reason for 「減便」 without sharing one."""


def _fits(found: Found) -> list[Fit]:
    return fit_sentences(found.passage.text, under=found.passage.heading_path)


def _nearness(asked: str, passages: Sequence[Sequence[str]]) -> dict[str, float]:
    """How near each sentence is to what is asked or written about; what follows a near one is half as near. Nothing without a model."""
    readers = vectors()
    if readers is None:
        return {}
    told: dict[str, float] = {}
    try:
        nearness = Nearness(readers, asked)
        for texts in passages:
            near = nearness.of(texts)
            for text, own, before in zip(texts, near, [0.0, *near], strict=False):
                told[text] = max(told.get(text, own), own, before * FOLLOWS)
    except LanguageError:
        logger.exception("sentences were not compared by their meaning")
        return {}
    return told


def _told_words(text: str) -> set[str]:
    return set(content_words(text)) - _EVERYDAY


def _of_passage(heading: str, fit: Fit, found: Found, here: Here) -> Suggested:
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
        flags=[*_of_others(document, here), *carried_over(fit.text, here)],
    )


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


def _best(found: Found, query: str, *, most: int) -> list[Fit]:
    """The sentences of a passage that say most of what was asked, in the order they stand in."""
    return _saying(_fits(found), query, most=most)


def _saying(fits: Sequence[Fit], query: str, *, most: int) -> list[Fit]:
    wanted = set(content_words(query))
    told = [(len(wanted & set(content_words(each.text))), at, each) for at, each in enumerate(fits)]
    best = sorted((each for each in told if each[0]), key=lambda each: (-each[0], each[1]))[:most]
    return [fit for _score, _at, fit in sorted(best, key=lambda each: each[1])]


def _filled(sentence: str, draft: Draft) -> str:
    """The sentence with the draft's words; empty where it asks for a section that is not named."""
    values = {
        "何について": _TAIL.sub("", draft.topic or draft.title),
        "どこの": draft.place or draft.organization.name,
        "何年度": str(FiscalYear(draft.year)) if draft.year else _("(年度)"),
        "題名": draft.title,
        "担当課": _contact(draft),
    }
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", value).replace("{" + name + "}", value)
    return sentence


def _contact(draft: Draft) -> str:
    """Whom to ask: the section with its telephone and address."""
    section = draft.section
    if section is None:
        return ""
    parts = [f"{draft.organization.name} {section.name}"]
    parts += [_("電話 %(phone)s") % {"phone": section.phone}] if section.phone else []
    parts += [_("メール %(email)s") % {"email": section.email}] if section.email else []
    return " ".join(parts)


def _of_minutes(draft: Draft, sections: Sequence[Section]) -> Iterator[Suggested]:
    """When, where and who as they stand in the minutes; decisions and homework have a table of their own."""
    facts = taken_apart(draft.material).facts
    for section in sections:
        yield from _of_template(draft, section, section.sentences)
        if section is sections[0]:
            for text, line in facts:
                label = _("もとの議事録 %(line)d行目") % {"line": line}
                yield Suggested(section.heading, text, Origin.MINUTES.value, label=label, quote=text)
        yield from _of_template(draft, section, section.closing)


def _plain(text: str) -> str:
    return "".join(text.split())
