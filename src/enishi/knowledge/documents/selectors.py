"""Questions to the documents. Whatever is found, the person may read."""

import datetime as dt
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from django.db.models import QuerySet

from enishi.engines.core import Float32Array, InvalidInputError
from enishi.engines.retrieval import Candidate
from enishi.foundation.access import Actor
from enishi.foundation.shelves import ShelfDamagedError
from enishi.knowledge.documents import synonyms
from enishi.knowledge.documents.access import collection_access
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.documents.index import pieces
from enishi.knowledge.documents.index.store import Standing, store, unpacked
from enishi.knowledge.documents.models import Collection, Document, Passage
from enishi.language.kana import in_usual_spelling
from enishi.language.normalising import normalise
from enishi.language.retrieval_inputs import asks_for_figures, figures_at, figures_of, question_mean, words_of
from enishi.language.tokens import tokens
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

logger = logging.getLogger(__name__)
SNIPPET = 160
LONGEST_QUESTION = 2_000
LEAST_KANA = 3
"""So long a word in kana alone may be one that offices write in kanji."""
_LEAD = 30
_BARS = re.compile(r"(?:\s*\|)+\s*")
_CANDIDATES = 200
_MOST_CANDIDATES = 3_200
AGING_YEARS = 4.0
AGING_SAY = 0.12
"""What ages loses at most so much of its score: two minutes that say the same come with the newer first."""

COVERED_ENOUGH = 0.35
NEAR_ENOUGH = 0.2
"""Centred cosines: the nearest passage to a question about something else had 0.12 to 0.16 in the middle and 0.2 in nine of
ten collections of the kept-back sets; the right one 0.27 in the middle."""


@dataclass(frozen=True)
class Found:
    """A passage that answers, and why.

    ``words`` are the words of the question that stand in it, as they stand there; ``meaning`` says how near its meaning is, from 0
    (the farthest of what was compared) to 1, or ``None`` where only words were compared. Scores compare within one answer only.
    """

    passage: Passage
    document: Document
    score: float
    words: tuple[str, ...] = ()
    meaning: float | None = None
    snippet: str = ""
    covered: float = 0.0
    cosine: float | None = None

    @property
    def is_close(self) -> bool:
        """Whether it says something about what was asked, not only more than all others do."""
        if self.cosine is None:
            # Nobody has read its meaning yet: any word of the question is better than nothing.
            return self.covered > 0
        return self.covered >= COVERED_ENOUGH or self.cosine >= NEAR_ENOUGH

    @property
    def url(self) -> str:
        return self.document.passage_url(self.passage.order)


def documents_for(
    person: Actor,
    *,
    kinds: Sequence[str] = (),
    organization: Organization | None = None,
    on: dt.date | None = None,
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
    collections: Sequence[Collection] = (),
    limit: int = 20,
    on: dt.date | None,
) -> list[Found]:
    """The passages that answer best, the best first; of documents this person may read.

    Parameters
    ----------
    on : date or None
        The day on which the documents must hold; replaced, expired and future ones are left out. ``None``: all.
    """
    plain = normalise(query, limit=LONGEST_QUESTION)
    question = in_usual_spelling(plain, least=LEAST_KANA)
    words = figures_of(question) if asks_for_figures(question) else words_of(question)
    if not question or limit < 1:
        return []
    try:
        standing = store.standing()
        allowed = standing.table.allowed(
            person,
            kinds=kinds,
            organization_id=organization.pk if organization else None,
            collection_ids=[each.pk for each in collections],
            on=on,
        )
        houses = _houses(person, organization, collections)
        also = synonyms.weighed(words, houses)
        if question != plain:
            also |= {word: synonyms.OWN_SAY for word in words_of(plain) if word not in words}
        rows = documents_for(person, kinds=kinds, organization=organization, on=on)
        if collections:
            rows = rows.filter(collection__in=collections)
        charged = min(houses, default=None)
        return _found(standing, rows, allowed, words, also, question, limit, on, charged)
    except (InvalidInputError, ShelfDamagedError) as error:
        # A file that broke under a running process: thrown away, made again from the tables.
        logger.warning("the index of documents is damaged and will be made again: %s", error)
        store.distrust()
        return []


def _houses(
    person: Actor, organization: Organization | None, collections: Sequence[Collection]
) -> frozenset[int]:
    """Whose own words count: of the house that is asked, otherwise of the houses the person belongs to."""
    if organization is not None:
        return frozenset({organization.pk})
    if collections:
        return frozenset(each.organization_id for each in collections)
    return reach_of(person).organization_ids


def more_like(passage: Passage, person: Actor, *, limit: int = 5, on: dt.date | None) -> list[Found]:
    """Passages of other documents that say something like it."""
    asked = f"{passage.heading_path.replace('›', ' ')} {passage.text}"[:600]
    found = find(person, asked, limit=limit * 4, on=on)
    seen: set[int] = {passage.document_id}
    kept = []
    for each in found:
        if each.document.pk not in seen and each.is_close:
            seen.add(each.document.pk)
            kept.append(each)
    return kept[:limit]


def _found(
    standing: Standing,
    documents: QuerySet[Document, Document],
    allowed: np.ndarray[tuple[int], np.dtype[np.bool_]],
    words: Sequence[str],
    also: Mapping[str, float],
    question: str,
    limit: int,
    on: dt.date | None,
    charged: int | None,
) -> list[Found]:
    asked = {name: pieces.question_said(name, question, charged) for name in standing.passages}
    vectors = {name: vector for name, (vector, _pieces) in asked.items()}
    top = max(_CANDIDATES, limit * 4)
    while True:
        candidates = _candidates(standing, allowed, words, also, vectors, top)
        owners = {candidate.owner for candidate in candidates}
        # Of all candidates only what decides their order; whole documents are read for those that are shown.
        rows = documents.filter(pk__in=owners).values_list(
            "pk", "kind", "published_on", "valid_from", "superseded_by_id"
        )
        readable = {row[0]: _Standing(*row[1:]) for row in rows}
        kept = [each for each in candidates if each.owner in readable]
        # The sieve lets few through that the person may not read, so one turn is nearly always enough.
        if len(kept) >= limit or len(candidates) < top or top >= _MOST_CANDIDATES:
            break
        top *= 4
    name = next((name for name, (_vector, told) in asked.items() if told is not None), "")
    told = asked[name][1] if name else None
    kept = pieces.reordered(kept, question, name, told, epoch=standing.epoch)
    kept = _aged(kept, readable, on)[:limit]
    passages = Passage.objects.defer("vector").in_bulk([each.key for each in kept])
    shown = (
        Document.objects.defer("text")
        .select_related("organization", "section")
        .in_bulk({each.owner for each in kept})
    )
    marks = frozenset((*words, *also))
    return [_one(passages[each.key], shown[each.owner], each, marks) for each in kept if each.key in passages]


def _candidates(
    standing: Standing,
    allowed: np.ndarray[tuple[int], np.dtype[np.bool_]],
    words: Sequence[str],
    also: Mapping[str, float],
    vectors: Mapping[str, Float32Array | None],
    top: int,
) -> list[Candidate]:
    found: list[Candidate] = []
    for name, passages in standing.passages.items():
        found += passages.best(
            words,
            vectors[name],
            allowed=standing.masks(name, allowed),
            also=also,
            question_mean=question_mean(name) if name else None,
            top=top,
        )
    return sorted(found, key=lambda each: (-each.score, each.key))[:top]


@dataclass(frozen=True)
class _Standing:
    """What of a document decides how far its passages go down."""

    kind: str
    published_on: dt.date | None
    valid_from: dt.date | None
    superseded_by: int | None

    def share(self, on: dt.date | None) -> float:
        """What ages with its kind goes down as it does; what is replaced, where that is asked for at all, a little."""
        if on is None:
            return 1.0 - (AGING_SAY if self.superseded_by is not None else 0.0)
        day = self.published_on or self.valid_from
        if day is None or not DocumentKind(self.kind).ages:
            return 1.0
        years = max(0.0, (on - day).days / 365.25)
        return 1.0 - AGING_SAY * (1 - exp(-years / AGING_YEARS))


def _aged(
    candidates: Sequence[Candidate], documents: Mapping[int, _Standing], on: dt.date | None
) -> list[Candidate]:
    return sorted(candidates, key=lambda each: (-each.score * documents[each.owner].share(on), each.key))


def _one(passage: Passage, document: Document, each: Candidate, asked: frozenset[str]) -> Found:
    passage.document = document
    met = _words_met(passage.text, asked)
    return Found(
        passage=passage,
        document=document,
        score=each.score,
        words=tuple(dict.fromkeys(passage.text[start:end] for start, end in _joined(met))),
        meaning=each.near,
        snippet=snippet(passage.text, met),
        covered=each.covered,
        cosine=each.cosine,
    )


def _words_met(text: str, asked: Iterable[str]) -> list[tuple[int, int]]:
    wanted = set(asked)
    words = [
        (token.start, token.end) for token in tokens(text) if token.normal in wanted and token.is_content
    ]
    return sorted([*words, *((start, end) for figure, start, end in figures_at(text) if figure in wanted)])


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words that touch as one: 「粗大ごみ」 is marked as it stands."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def snippet(text: str, met: Sequence[tuple[int, int]], *, length: int = SNIPPET) -> str:
    """The stretch of a passage that holds most of the words met."""
    if len(text) <= length:
        return _flat(text)
    starts = [max(0, start - _LEAD) for start, _end in met] or [0]
    best = max(starts, key=lambda at: (sum(at <= start < at + length for start, _end in met), -at))
    best = min(best, len(text) - length)
    shown = _flat(text[best : best + length])
    return ("…" if best else "") + shown + ("…" if best + length < len(text) else "")


def with_neighbours(documents: Iterable[Document], person: Actor) -> list[Document]:
    """Each document knows its collection and its newer version as far as this person may read these, too.

    A public document may lie in a collection, or be replaced by a document, of which others are not to read even the name.
    """
    rows = list(documents)
    collections = collection_access.visible(person).in_bulk({row.collection_id for row in rows})
    newer = Document.objects.all().visible_to(person).defer("text")
    newer_by_key = newer.in_bulk({row.superseded_by_id for row in rows if row.superseded_by_id is not None})
    for row in rows:
        row.shown_collection = collections.get(row.collection_id)
        row.newer = newer_by_key.get(row.superseded_by_id or 0)
    return rows


def _flat(text: str) -> str:
    """A stretch on one line; the bars of a table part its cells no more than a stroke does."""
    return _BARS.sub(" / ", " ".join(text.split())).strip(" /")


def similar_documents(document: Document, person: Actor, *, limit: int = 3) -> list[tuple[Document, float]]:
    """Documents of the same organisation that hold many of the same passages: earlier versions, probably."""
    hashes = list(document.passages.values_list("content_hash", flat=True)[:400])
    if not hashes:
        return []
    rows = (
        Passage.objects.filter(
            content_hash__in=hashes,
            document__organization_id=document.organization_id,
            document__deleted_at__isnull=True,
            document__superseded_by__isnull=True,
        )
        .exclude(document_id=document.pk)
        .values_list("document_id", "content_hash")
    )
    shared: dict[int, set[str]] = {}
    for owner, digest in rows:
        shared.setdefault(owner, set()).add(digest)
    others = Document.objects.all().visible_to(person).in_bulk(list(shared))
    found = [
        (others[owner], len(same) / len(set(hashes)))
        for owner, same in shared.items()
        if owner in others and len(same) / len(set(hashes)) >= LIKELY_VERSION
    ]
    return sorted(found, key=lambda pair: -pair[1])[:limit]


LIKELY_VERSION = 0.4
"""With so many of its passages word for word in another document it is probably a version of that one."""

__all__ = ["Found", "documents_for", "find", "more_like", "similar_documents", "snippet", "unpacked"]
