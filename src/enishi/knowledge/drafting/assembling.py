"""A first draft out of the template and the past: every sentence says where it was taken from, none is invented."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.fiscal_year import FiscalYear
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.ranking import rank
from enishi.knowledge.documents.selectors import Found, find
from enishi.knowledge.drafting.carrying import Flag, Here, carried_over
from enishi.knowledge.drafting.enums import DraftKind, Origin
from enishi.knowledge.drafting.minutes import taken_apart
from enishi.knowledge.drafting.sections import Section
from enishi.knowledge.models import Case, Document, Draft
from enishi.language.sentences import sentences
from enishi.language.tokens import content_words

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
PASSAGES = 6
SHORTEST, LONGEST = 10, 300


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


def first_draft(person: Person, draft: Draft, sections: Sequence[Section], *, on: dt.date) -> list[Suggested]:
    """Sentences for each heading: the template's own, then borrowed ones."""
    if draft.kind == DraftKind.MINUTES:
        return list(_of_minutes(draft, sections))
    here = here_of(draft)
    taken: set[str] = set()
    found: list[Suggested] = []
    for section in sections:
        found += [
            Suggested(section.heading, _filled(each, draft), Origin.TEMPLATE.value)
            for each in section.sentences
        ]
        if section.look_for:
            found += _borrowed(person, draft, section, here, taken, on=on)
    return found


def here_of(draft: Draft) -> Here:
    """What belongs to this draft: its place, its year, and all that was given for it."""
    place = draft.place or draft.organization.name
    given = [draft.title, draft.topic, draft.material, draft.organization.name]
    return Here(place, draft.year, given)


def candidates(person: Person, draft: Draft, query: str, *, on: dt.date, limit: int = 12) -> list[Suggested]:
    """Sentences a person may choose to borrow: from any document or case they may read."""
    here = here_of(draft)
    found = [
        _of_passage("", text, each, here)
        for each in find(person, query, limit=PASSAGES * 2, on=on)
        for text in _best(each.passage.text, query, most=2)
    ]
    return [*found, *_of_cases(person, "", query, here)][:limit]


def _borrowed(
    person: Person, draft: Draft, section: Section, here: Here, taken: set[str], *, on: dt.date
) -> Iterator[Suggested]:
    topic = draft.topic or draft.title
    query = f"{topic} {section.look_for} {draft.material[:300]}".strip()
    wanted = set(content_words(topic))
    kinds = LOOKED_INTO[DraftKind(draft.kind)]
    chosen: list[Suggested] = []
    for each in find(person, query, kinds=kinds, limit=PASSAGES, on=on):
        # A passage that shares nothing with the topic only shares the heading's everyday words.
        if wanted and not wanted & set(
            content_words(f"{each.document.title} {each.passage.heading_path} {each.passage.text}")
        ):
            continue
        chosen += [
            _of_passage(section.heading, text, each, here) for text in _best(each.passage.text, query, most=2)
        ]
    if any(word in section.look_for for word in _OF_CASES):
        chosen += _of_cases(person, section.heading, query, here)
    fresh = [each for each in chosen if _plain(each.text) not in taken][:PER_HEADING]
    taken |= {_plain(each.text) for each in fresh}
    yield from fresh


def _of_passage(heading: str, text: str, found: Found, here: Here) -> Suggested:
    document = found.document
    parts = [document.title, found.passage.heading_path]
    if found.passage.page:
        parts.append(_("%(page)dページ") % {"page": found.passage.page})
    return Suggested(
        heading,
        text,
        Origin.SOURCE.value,
        label=" › ".join(part for part in parts if part)[:250],
        quote=text,
        document=document,
        passage=found.passage.order,
        flags=carried_over(text, here),
    )


def _of_cases(person: Person, heading: str, query: str, here: Here) -> list[Suggested]:
    ranked = [each for each in rank(case_access.visible(person), query, limit=4) if each.is_about_it][:2]
    rows = Case.objects.in_bulk([each.case_id for each in ranked])
    found = []
    for case in (rows[each.case_id] for each in ranked):
        for text in _best(case.result, query, most=1):
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


def _best(text: str, query: str, *, most: int) -> list[str]:
    """The sentences of a passage that say most of what was asked, in the order they stand in."""
    wanted = set(content_words(query))
    told = [
        (len(wanted & set(content_words(each.text))), at, each.text.lstrip("・#-*| 　"))
        for at, each in enumerate(sentences(text))
        if SHORTEST <= len(each.text) <= LONGEST and not each.text.endswith(("?", "?", "か。"))
    ]
    best = sorted((each for each in told if each[0]), key=lambda each: (-each[0], each[1]))[:most]
    return [words for _score, _at, words in sorted(best, key=lambda each: each[1])]


def _filled(sentence: str, draft: Draft) -> str:
    values = {
        "何について": draft.topic or draft.title,
        "どこの": draft.place or draft.organization.name,
        "何年度": str(FiscalYear(draft.year)) if draft.year else _("(年度)"),
        "題名": draft.title,
    }
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", value).replace("{" + name + "}", value)
    return sentence


def _of_minutes(draft: Draft, sections: Sequence[Section]) -> Iterator[Suggested]:
    """When, where and who as they stand in the minutes; decisions and homework have a table of their own."""
    facts = taken_apart(draft.material).facts
    for section in sections:
        for each in section.sentences:
            yield Suggested(section.heading, _filled(each, draft), Origin.TEMPLATE.value)
        if section is sections[0]:
            for text, line in facts:
                label = _("もとの議事録 %(line)d行目") % {"line": line}
                yield Suggested(section.heading, text, Origin.MINUTES.value, label=label, quote=text)


def _plain(text: str) -> str:
    return "".join(text.split())
