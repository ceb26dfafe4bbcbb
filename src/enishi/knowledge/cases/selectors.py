"""Questions to the case library. Whatever is found, the person may read."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.foundation.erasing import RESTORABLE
from enishi.knowledge.cases.access import case_access, path_access
from enishi.knowledge.cases.ranking import Ranked, rank, telling_words
from enishi.knowledge.cases.registry import Contribution, contributors
from enishi.knowledge.cases.search import KIND, tag_of_field
from enishi.knowledge.documents.selectors import Found, find
from enishi.knowledge.models import Case, CaseFile, Document, LearningItem, LearningPath, ReadMark
from enishi.knowledge.selectors import Hits, search
from enishi.knowledge.staff.access import owners_of
from enishi.knowledge.staff.english import in_japanese
from enishi.language.tokens import content_words
from enishi.organizations.visibility import reach_of

PRECEDENT_KINDS = ("manual", "council", "minutes", "notice", "faq", "case")


@dataclass(frozen=True)
class Conditions:
    """What narrows the list, as the address says it."""

    q: str = ""
    outcome: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    pref: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    mine: bool = False
    order: str = "relevance"

    @classmethod
    def read(cls, parameters: Any) -> "Conditions":
        several = {
            name: tuple(parameters.getlist(name)[:20]) for name in ("outcome", "field", "pref", "verified")
        }
        order = "recent" if parameters.get("sort") == "recent" else "relevance"
        return cls(parameters.get("q", "")[:200], mine=bool(parameters.get("mine")), order=order, **several)

    def tags(self, person: Actor) -> list[str]:
        mine = [f"org:{pk}" for pk in sorted(reach_of(person).organization_ids)] if self.mine else []
        return [
            *(f"outcome:{value}" for value in self.outcome),
            *(tag_of_field(value) for value in self.field),
            *(f"pref:{value}" for value in self.pref),
            *(f"verified:{value}" for value in self.verified),
            *mine,
        ]


def cases(
    person: Actor, conditions: Conditions, *, after: str = "", before: str = "", limit: int = 20
) -> tuple[list[Case], Hits]:
    """One page of the list."""
    hits = search(
        person,
        conditions.q,
        kinds=[KIND],
        tags=conditions.tags(person),
        after=after,
        before=before,
        limit=limit,
        order=conditions.order,
    )
    return rows_of(person, hits.object_ids), hits


def rows_of(person: Actor, ids: Sequence[int]) -> list[Case]:
    """Cases in the order of their keys, those this person may not read left out."""
    rows = case_access.visible(person).filter(pk__in=ids).select_related("organization", "section")
    found = {row.pk: row for row in rows}
    return [found[pk] for pk in ids if pk in found]


def known_fields(person: Actor, *, most: int = 30) -> list[str]:
    """The fields in which there are cases, the most used first."""
    rows = case_access.visible(person).order_by("-pk").values_list("fields", flat=True)[:3_000]
    counts = Counter(name for fields in rows for name in fields)
    return [name for name, _n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]]


def similar(person: Actor, case: Case, *, limit: int = 5) -> list[tuple[Case, Ranked]]:
    """Cases that tell of something alike."""
    text = "\n".join([case.title, "・".join([*case.fields, *case.themes]), case.situation, case.action])
    ranked = rank(case_access.visible(person).exclude(pk=case.pk), text, limit=limit * 2)
    rows = {row.pk: row for row in rows_of(person, [each.case_id for each in ranked])}
    near = [(rows[each.case_id], each) for each in ranked if each.case_id in rows and len(each.words) >= 3]
    return near[:limit]


@dataclass(frozen=True)
class Precedents:
    """What there is to a question of "how did we handle it": cases about it, and passages."""

    cases: Sequence[tuple[Case, Ranked]]
    passages: Sequence[Found]
    near: Sequence[tuple[Case, Ranked]] = ()
    """Cases that only touch the question: shown as such when none is about it."""


def precedents(person: Actor, question: str, *, on: dt.date, limit: int = 5) -> Precedents:
    """Cases with their steps and letters, and passages of documents, that tell how it was handled."""
    ranked = rank(case_access.visible(person), question, limit=limit * 2)
    rows = {row.pk: row for row in _with_steps(person, [each.case_id for each in ranked])}
    found = [(rows[each.case_id], each) for each in ranked if each.case_id in rows]
    about = [pair for pair in found if pair[1].is_about_it]
    passages = passages_about(person, question, kinds=PRECEDENT_KINDS, on=on)
    return Precedents(about[:limit], passages, [] if about else found[:3])


def passages_about(
    person: Actor,
    question: str,
    *,
    kinds: Sequence[str],
    on: dt.date,
    limit: int = 5,
    about: set[str] | None = None,
) -> list[Found]:
    """The nearest passages that share a telling word with the question (or are ``about`` something): a nearest one there always is."""
    wanted = telling_words(question) if about is None else about
    if not wanted:
        return []
    found = find(person, in_japanese(question), kinds=kinds, limit=limit * 2, on=on)
    return [
        each
        for each in found
        if wanted
        & set(content_words(f"{each.document.title} {each.passage.heading_path} {each.passage.text}"))
    ][:limit]


def _with_steps(person: Actor, ids: Sequence[int]) -> QuerySet[Case, Case]:
    return (
        case_access.visible(person)
        .filter(pk__in=ids)
        .select_related("organization", "section")
        .prefetch_related("steps__document", "files")
    )


def files_of(case: Case) -> list[CaseFile]:
    return [file for file in case.files.all() if file.removed_at is None]


def readable_documents(person: Actor, ids: Sequence[int | None]) -> dict[int, Document]:
    """Of these documents the ones this person may read: a case may be read more widely than what it cites."""
    wanted = [pk for pk in ids if pk]
    if not wanted:
        return {}
    rows = Document.objects.all().visible_to(person).filter(pk__in=wanted).defer("text")
    return {row.pk: row for row in rows}


def open_contributions(person: Person, *, limit: int = 50) -> list[tuple[Any, list[Contribution]]]:
    """Records that came to an end and of which nobody has made a case yet, kind by kind."""
    owners = frozenset(owners_of(person).values_list("pk", flat=True))
    found = []
    for contributor in contributors():
        ended = list(contributor.ended(person, owners, limit))
        done = set(
            Case.objects.filter(
                organization_id__in=owners,
                contributed_kind=contributor.kind,
                contributed_key__in=[each.key for each in ended],
            ).values_list("organization_id", "contributed_key")
        )
        waiting = [each for each in ended if (each.organization_id, each.key) not in done]
        if waiting:
            found.append((contributor, waiting))
    return found


def paths(person: Actor) -> QuerySet[LearningPath, LearningPath]:
    return path_access.visible(person).select_related("organization", "section")


def my_paths(person: Person) -> QuerySet[LearningPath, LearningPath]:
    """Those of the sections this person belongs to, that have something unread."""
    sections = reach_of(person).section_ids
    read = ReadMark.objects.filter(person=person, item=OuterRef("pk"))
    unread = LearningItem.objects.filter(~Exists(read), path=OuterRef("pk"))
    return paths(person).filter(Exists(unread), section_id__in=sections)


def progress(person: Person, paths: Sequence[LearningPath]) -> Mapping[int, tuple[int, int]]:
    """How many items of each path this person has read, and how many there are."""
    totals: Counter[int] = Counter()
    done: Counter[int] = Counter()
    marks = set(
        ReadMark.objects.filter(person=person, item__path__in=paths).values_list("item_id", flat=True)
    )
    for path in paths:
        for item in path.items.all():
            totals[path.pk] += 1
            done[path.pk] += item.pk in marks
    return {path.pk: (done[path.pk], totals[path.pk]) for path in paths}


def thrown_away(person: Actor, *, at: dt.datetime) -> QuerySet[Case, Case]:
    """Cases of one's own organisation that may still come back."""
    owners = owners_of(person).values_list("pk", flat=True)
    return Case.objects.filter(organization_id__in=owners, deleted_at__gt=at - RESTORABLE).order_by(
        "-deleted_at"
    )
