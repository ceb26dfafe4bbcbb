"""What the case library says to a question: cases, counts, and lessons that cases support. Nothing without a source."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.ranking import ENOUGH, rank
from enishi.knowledge.cases.selectors import passages_about
from enishi.knowledge.cases.values import prefecture_name
from enishi.knowledge.documents.selectors import Found
from enishi.knowledge.models import Case
from enishi.knowledge.sparring.grouping import Group, Lesson, grouped
from enishi.knowledge.sparring.understanding import FIELD_WORDS, Understood, narrowed, understand
from enishi.language.sentences import sentences
from enishi.language.tokens import content_words

FEW = 3
"""With fewer cases no tendency is told, only the cases themselves."""
MOST_CASES = 5_000
SHOWN = 30
LISTENED = 100
"""Lessons are taken from so many cases, the nearest; each thing to mind says how many it was looked for in."""
DOCUMENT_KINDS = ("case", "minutes", "plan", "proposal", "council")


@dataclass(frozen=True)
class Count:
    """How many of the cases ended so: never a share without both its numbers."""

    outcome: CaseOutcome
    cases: int
    of: int


@dataclass(frozen=True)
class Widening:
    """The same question with one condition less, and how many cases there are then."""

    name: str
    label: str
    cases: int


@dataclass(frozen=True)
class Supported:
    """A thing to mind: words from a case, and the cases that say so."""

    group: Group
    cases: Sequence[Case]
    of: int


@dataclass(frozen=True)
class Answer:
    understood: Understood
    cases: Sequence[Case]
    total: int
    counts: Sequence[Count]
    lessons: Sequence[Supported]
    passages: Sequence[Found]
    widenings: Sequence[Widening]
    without_lesson: int = 0

    @property
    def is_few(self) -> bool:
        return self.total < FEW


def vocabulary(person: Actor) -> tuple[list[str], list[str]]:
    """The fields and places that the cases this person may read are told of."""
    fields: dict[str, int] = {}
    places: dict[str, int] = {}
    rows = case_access.visible(person).order_by("-pk").values_list("fields", "place")[:MOST_CASES]
    for names, place in rows:
        for name in names:
            fields[name] = fields.get(name, 0) + 1
        if place:
            places[place] = places.get(place, 0) + 1
    return sorted(fields, key=lambda name: (-fields[name], name)), sorted(places)


def understood(person: Actor, texts: Sequence[str]) -> Understood:
    """A first question and those that narrow it, as one."""
    fields, places = vocabulary(person)
    found = understand(texts[0], fields=fields, places=places)
    for text in texts[1:]:
        found = narrowed(found, text, fields=fields, places=places)
    return found


def answer(person: Actor, question: Understood, *, text: str, on: dt.date) -> Answer:
    """The cases that meet the question, best first, what became of them, and what they teach."""
    every = case_access.visible(person)
    # Outcomes are counted over all that was tried; what was asked for is only shown first.
    found = matching(every, replace(question, outcomes=()), text)
    total = len(found)
    wanted = [pk for pk, outcome in found.items() if not question.outcomes or outcome in question.outcomes]
    near = _loaded(every, wanted[:LISTENED])
    return Answer(
        understood=question,
        cases=near[:SHOWN],
        total=total,
        counts=[Count(each, sum(one == each for one in found.values()), total) for each in CaseOutcome],
        lessons=_supported(near, question.lessons),
        passages=passages_about(person, text, kinds=DOCUMENT_KINDS, on=on, about=_subject(question)),
        widenings=_widenings(every, question, text) if total < FEW else [],
        without_lesson=sum(not case.lesson.strip() for case in near),
    )


def _subject(question: Understood) -> set[str]:
    """The words by which a passage is about what was asked: its themes, else its fields and place."""
    if question.themes:
        return set(question.themes)
    named = [word for field in question.fields for word in (field, *FIELD_WORDS.get(field, ()))]
    return {*named, *content_words(" ".join([*named, question.place]))}


def matching(every: QuerySet[Case, Case], question: Understood, text: str) -> dict[int, str]:
    """The keys of the cases that meet place, field and theme, nearest first, and how each ended."""
    rows = every
    if question.prefectures or question.place:
        where = Q(prefecture_code__in=question.prefectures)
        if question.place:
            where = Q(place__contains=question.place)
        rows = rows.filter(where)
    newest = rows.order_by("-updated_at", "-pk").values_list("pk", "outcome", "fields", "themes")[:MOST_CASES]
    wanted = set(question.fields)
    found = {
        pk: outcome
        for pk, outcome, fields, themes in newest
        if not wanted or not wanted.isdisjoint(fields) or not wanted.isdisjoint(themes)
    }
    if not question.themes:
        return found
    # Ranked among all: how far a case stands out shows only beside those of other places and fields.
    ranked = rank(every, " ".join(question.themes), limit=MOST_CASES, spoken=text)
    return {
        each.case_id: found[each.case_id]
        for each in ranked
        if each.case_id in found and (each.coverage >= ENOUGH or each.is_about_it)
    }


def _loaded(rows: QuerySet[Case, Case], ids: Sequence[int]) -> list[Case]:
    loaded = rows.select_related("organization", "section").in_bulk(list(ids))
    return [loaded[pk] for pk in ids if pk in loaded]


def _supported(cases: Sequence[Case], wanted: int) -> list[Supported]:
    """The things to mind. Where lessons are too few, reasons of failures speak, and are marked as such."""
    by_key = {case.pk: case for case in cases}
    lessons = [Lesson(line, case.pk) for case in cases for line in case.lessons]
    groups = grouped(lessons)
    if len(groups) < wanted:
        groups = grouped([*lessons, *_causes(cases)])
    return [Supported(group, [by_key[pk] for pk in group.cases], len(cases)) for group in groups[:wanted]]


def _causes(cases: Sequence[Case]) -> list[Lesson]:
    ended_badly = {CaseOutcome.FAILED.value, CaseOutcome.STOPPED.value}
    return [
        Lesson(sentence.text, case.pk, is_cause=True)
        for case in cases
        if case.outcome in ended_badly
        for sentence in sentences(case.cause)[:3]
    ]


def _widenings(rows: QuerySet[Case, Case], question: Understood, text: str) -> list[Widening]:
    """What one would find with one condition less; only what finds more is offered."""
    asked = replace(question, outcomes=())
    now = len(matching(rows, asked, text))
    options = [
        ("place", _("場所を問わない"), replace(asked, prefectures=(), place="")),
        ("fields", _("分野を問わない"), replace(asked, fields=())),
        ("themes", _("言葉を問わない"), replace(asked, themes=())),
    ]
    counted = [
        (name, label, len(matching(rows, wider, text))) for name, label, wider in options if wider != asked
    ]
    return [Widening(name, label, count) for name, label, count in counted if count > now]


def in_words(question: Understood) -> list[tuple[str, str]]:
    """The question as it was understood, for people to check."""
    names = [prefecture_name(code) for code in question.prefectures]
    outcomes = "・".join(str(CaseOutcome(value).label) for value in question.outcomes)
    return [
        (_("場所"), question.place or "・".join(names) or _("どこでも")),
        (_("分野"), "・".join(question.fields) or _("すべて")),
        (_("言葉"), "・".join(question.themes) or _("問わない")),
        (_("終わり方"), outcomes or _("すべて")),
    ]
