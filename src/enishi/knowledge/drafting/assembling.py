"""A first draft out of the template and the past: every sentence says where it was taken from, none is invented."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.fiscal_year import FiscalYear
from enishi.knowledge.drafting.borrowing import LONGEST, Fit, belonging
from enishi.knowledge.drafting.enums import DraftKind, Origin
from enishi.knowledge.drafting.minutes import taken_apart
from enishi.knowledge.drafting.offers import Suggested, borrowed
from enishi.knowledge.drafting.proposals import terms_of
from enishi.knowledge.drafting.questions import by_question, questions_of
from enishi.knowledge.drafting.sections import Section, of_stored, usual
from enishi.knowledge.models import Draft
from enishi.language.sentences import sentences

NOTED = frozenset(
    {DraftKind.PLAN.value, DraftKind.EVALUATION.value, DraftKind.PRESS.value, DraftKind.LETTER.value}
)
"""Kinds for which somebody types what they want to say, not what they answer or sum up."""
MOST_NOTED = 30
_CAPTION = re.compile("^([^:\uff1a\\s。]{1,14})[:\uff1a\\s]")
_TAIL = re.compile(r"(?:のご?提案|について|に関すること|の件|に関して)$")


def first_draft(person: Person, draft: Draft, *, on: dt.date) -> list[Suggested]:
    """Sentences for each heading: the template's own, what was noted for this draft, then borrowed ones."""
    sections = sections_of(draft)
    if draft.kind == DraftKind.MINUTES:
        return list(_of_minutes(draft, sections))
    noted = _noted(draft, sections) if draft.kind != DraftKind.REPLY else _told_by_proposal(draft, sections)
    found = borrowed(person, draft, sections, on=on)
    return [
        each
        for at, section in enumerate(sections)
        for each in [
            *_of_template(draft, section, section.sentences),
            *noted.get(at, []),
            *found.get(at, []),
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
        parted = _CAPTION.match(told)
        caption = parted[1] if parted else ""
        suits = [
            belonging(Fit(told, caption), heading=each.heading, look_for=each.look_for or each.heading)
            for each in sections
        ]
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
        sentence = sentence.replace("{" + name + "}", value)
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
