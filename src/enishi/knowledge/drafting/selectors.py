"""Questions to drafts: as pages and papers show them, and how much of them was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.selectors import readable_documents
from enishi.knowledge.drafting.access import draft_access, template_access
from enishi.knowledge.drafting.assembling import sections_of
from enishi.knowledge.drafting.enums import DraftKind, DraftStatus, Origin, SentenceState
from enishi.knowledge.models import Draft, DraftSentence, DraftTemplate


@dataclass(frozen=True)
class Part:
    """A heading of a draft with its guide and its sentences."""

    number: int
    heading: str
    guide: str
    sentences: Sequence[DraftSentence]

    @property
    def is_unanswered(self) -> bool:
        """A question to which only the template's own sentences stand has found no answer."""
        kept = [row for row in self.sentences if row.state != SentenceState.DELETED]
        return self.heading[:1].isdigit() and all(row.origin == Origin.TEMPLATE for row in kept)


def parts_of(draft: Draft) -> list[Part]:
    """The headings in the template's order; headings only sentences know come last."""
    guides = {section.heading: section.guide for section in sections_of(draft)}
    rows: dict[str, list[DraftSentence]] = {heading: [] for heading in guides}
    for row in draft.sentences.select_related("origin_document", "origin_case").defer(
        "origin_document__text"
    ):
        rows.setdefault(row.heading, []).append(row)
    return [Part(n, heading, guides.get(heading, ""), each) for n, (heading, each) in enumerate(rows.items())]


def addresses(person: Actor, draft: Draft) -> Mapping[int, str]:
    """Where each borrowed sentence may be looked up by this person."""
    rows = list(draft.sentences.select_related("origin_case"))
    documents = readable_documents(person, [row.origin_document_id for row in rows])
    wanted = [row.origin_case_id for row in rows if row.origin_case_id]
    cases = (
        set(case_access.visible(person).filter(pk__in=wanted).values_list("pk", flat=True))
        if wanted
        else set()
    )
    found: dict[int, str] = {}
    for row in rows:
        document = documents.get(row.origin_document_id or 0)
        if document is not None:
            found[row.pk] = document.passage_url(row.origin_passage or 0)
        elif row.origin_case is not None and row.origin_case_id in cases:
            found[row.pk] = row.origin_case.get_absolute_url()
    return found


def unseen(draft: Draft) -> int:
    return draft.sentences.filter(state=SentenceState.SUGGESTED).count()


def templates(person: Person, *, kind: str = "") -> QuerySet[DraftTemplate, DraftTemplate]:
    rows = template_access.visible(person).select_related("organization", "section")
    return rows.filter(kind=kind) if kind else rows


@dataclass(frozen=True)
class Statistic:
    """Of the finished drafts of a kind: how many characters there are, and of them kept from what was offered."""

    kind: DraftKind
    finished: int
    characters: int
    suggested: int
    sources: int
    own: int
    dropped: int


def statistics(person: Actor) -> list[Statistic]:
    """Kind by kind, over all finished drafts this person may read."""
    rows = (
        draft_access.visible(person)
        .filter(status=DraftStatus.FINAL)
        .order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            final=Sum("final_characters"),
            suggested=Sum("suggested_characters"),
            sources=Sum("source_characters"),
            own=Sum("own_characters"),
            without=Sum("dropped"),
        )
    )
    by_kind: dict[str, dict[str, Any]] = {row["kind"]: dict(row) for row in rows}
    return [_statistic(kind, by_kind.get(kind.value, {})) for kind in DraftKind]


def _statistic(kind: DraftKind, row: Mapping[str, Any]) -> Statistic:
    number = {
        name: int(row.get(name) or 0) for name in ("n", "final", "suggested", "sources", "own", "without")
    }
    return Statistic(
        kind,
        number["n"],
        number["final"],
        number["suggested"],
        number["sources"],
        number["own"],
        number["without"],
    )
