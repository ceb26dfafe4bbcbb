"""Questions to the documents. Whatever is found, the person may read."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from django.db.models import QuerySet

from enishi.foundation.access import Actor
from enishi.knowledge.documents.models import Document, Passage
from enishi.language.tokens import content_words
from enishi.organizations.models import Organization

SNIPPET = 160


@dataclass(frozen=True)
class Found:
    """A passage that answers, and why.

    ``words`` are the words of the question that stand in it; ``meaning`` says how near its meaning is, from 0 (the farthest of
    what was compared) to 1, or ``None`` where only words were compared. Scores compare within one answer only.
    """

    passage: Passage
    document: Document
    score: float
    words: tuple[str, ...] = ()
    meaning: float | None = None
    snippet: str = ""

    @property
    def url(self) -> str:
        return self.document.passage_url(self.passage.order)


def documents_for(
    person: Actor, *, kinds: Sequence[str] = (), organization: Organization | None = None, on: dt.date | None
) -> QuerySet[Document, Document]:
    """The documents that may answer this person: readable, kept and, with ``on``, in force on that day."""
    rows = Document.objects.all().visible_to(person).readable()
    if on is not None:
        rows = rows.current(on)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if organization is not None:
        rows = rows.filter(organization=organization)
    return rows


def find(
    person: Actor,
    query: str,
    *,
    kinds: Sequence[str] = (),
    organization: Organization | None = None,
    limit: int = 20,
    on: dt.date,
) -> list[Found]:
    """The passages that answer best, the best first; of documents this person may read and that hold on this day."""
    asked = list(dict.fromkeys(content_words(query[:2_000])))
    documents = documents_for(person, kinds=kinds, organization=organization, on=on)
    rows = list(
        Passage.objects.filter(document__in=documents).select_related("document").defer("document__text")
    )
    counts = [Counter(content_words(f"{row.heading_path} {row.text}")) for row in rows]
    rarity = {word: log1p(len(rows) / (1 + sum(word in one for one in counts))) for word in asked}
    found = [
        Found(
            passage=row,
            document=row.document,
            score=sum(rarity[word] * one[word] / (one[word] + 1.5) for word in asked),
            words=tuple(word for word in asked if word in one),
            snippet=row.text[:SNIPPET],
        )
        for row, one in zip(rows, counts, strict=True)
        if any(word in one for word in asked)
    ]
    return sorted(found, key=lambda each: -each.score)[:limit]
