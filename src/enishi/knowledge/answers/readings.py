"""What approved answers mean, kept as vectors beside them, and the nearest ones to a question."""

import datetime as dt
import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Max

from enishi.engines.retrieval import PieceSigns
from enishi.foundation.access import Actor
from enishi.knowledge.answers import machines
from enishi.knowledge.answers.meaning import Vectors
from enishi.knowledge.documents.index import pieces
from enishi.knowledge.documents.models import PassagePieces
from enishi.knowledge.models import AnswerVector, ApprovedAnswer
from enishi.language.errors import LanguageError
from enishi.language.normalising import normalise
from enishi.language.ports import FloatArray
from enishi.language.tokens import content_words
from enishi.organizations.models import Organization

logger = logging.getLogger(__name__)

_WORDS = 0.7
"""Weight of shared words beside stretched cosines: the fusion measured best (docs/engines/answers.md)."""
_A_ROUND = 500
_MOST_SAID = 600
_KEPT_HOUSES = 20
MOST_FOUND = 12
"""So many are compared with the question piece by piece."""


@dataclass(frozen=True)
class _Shelf:
    """One organisation's answers as they are compared: a row for each way of asking."""

    stamp: tuple[object, ...]
    answers: np.ndarray
    texts: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    matrix: FloatArray


@dataclass(frozen=True)
class NearAnswer:
    """An approved answer near a question; ``asked_as`` is the way of asking that is nearest."""

    answer: ApprovedAnswer
    asked_as: str
    score: float
    signs: PieceSigns | None = None
    """Its question and answer in pieces, where the model tells them and they were read."""


_shelves: dict[int, _Shelf] = {}
_lock = threading.Lock()


def texts_of(answer: ApprovedAnswer) -> list[str]:
    """The ways of asking, in every language there is a translation in, and the question with its answer."""
    translated = [row.question_text for row in answer.translations.all()]
    return [*answer.asked_as, *translated, whole_text(answer)]


def whole_text(answer: ApprovedAnswer) -> str:
    return f"{answer.question} {answer.answer[:_MOST_SAID]}"


def read_answers(keys: Sequence[int]) -> int:
    """Work out the missing vectors of these answers and drop those of earlier words. Returns how many were made."""
    opened = machines.vectors()
    if opened is None:
        return 0
    made = 0
    for answer in ApprovedAnswer.objects.filter(pk__in=keys).prefetch_related("translations"):
        try:
            made += _read(answer, opened)
        except LanguageError:
            # The next round tries again; until then words alone find it.
            logger.exception("an answer was not read", extra={"answer": answer.pk})
    return made


def catch_up(at: dt.datetime) -> int:
    """Read answers that have no vectors of the present embedder: new ones, or all after a change of model."""
    opened = machines.vectors()
    if opened is None:
        return 0
    vectors = AnswerVector.objects.filter(embedder=opened.embedder.name)
    if opened.tells_pieces:
        there = PassagePieces.objects.filter(embedder=opened.embedder.name).values("content_hash")
        vectors = vectors.filter(content_hash__in=there)
    waiting = ApprovedAnswer.objects.filter(deleted_at__isnull=True).exclude(
        pk__in=vectors.values("answer_id")
    )
    return read_answers(list(waiting.order_by("pk").values_list("pk", flat=True)[:_A_ROUND]))


def _read(answer: ApprovedAnswer, opened: Vectors) -> int:
    name = opened.embedder.name
    texts = {_hash(text): text for text in texts_of(answer)}
    AnswerVector.objects.filter(answer=answer).exclude(content_hash__in=texts, embedder=name).delete()
    known = set(AnswerVector.objects.filter(answer=answer).values_list("content_hash", flat=True))
    new = [mark for mark in texts if mark not in known]
    if new:
        found = opened.embedder.embed([texts[mark] for mark in new], side="passage")
        AnswerVector.objects.bulk_create(
            [
                AnswerVector(
                    answer=answer,
                    content_hash=mark,
                    embedder=name,
                    vector=np.asarray(vector, np.float16).tobytes(),
                )
                for mark, vector in zip(new, found, strict=True)
            ],
            ignore_conflicts=True,
        )
    return len(new) + _read_pieces(answer, opened)


def _read_pieces(answer: ApprovedAnswer, opened: Vectors) -> int:
    """Keep the question and its answer in pieces, where the model tells them and they are not kept yet."""
    text = whole_text(answer)
    mark = _hash(text)
    if (
        not opened.tells_pieces
        or PassagePieces.objects.filter(content_hash=mark, embedder=opened.embedder.name).exists()
    ):
        return 0
    _vector, signs = opened.read_in_pieces(text)
    pieces.keep(mark, opened.embedder.name, signs)
    return 1


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find(
    person: Actor,
    question: str,
    *,
    vector: FloatArray,
    opened: Vectors,
    organizations: Sequence[Organization],
    on: dt.date,
    limit: int = MOST_FOUND,
) -> list[NearAnswer]:
    """The answers in force that this person may read and that are nearest to the question, best first."""
    found: list[NearAnswer] = []
    for organization in organizations:
        found += _find_of(person, question, vector, opened, organization, on, limit)
    return sorted(found, key=lambda near: -near.score)[:limit]


def _find_of(
    person: Actor,
    question: str,
    vector: FloatArray,
    opened: Vectors,
    organization: Organization,
    on: dt.date,
    limit: int,
) -> list[NearAnswer]:
    shelf = _shelf(organization.pk, opened)
    if not len(shelf.answers):
        return []
    near = shelf.matrix @ vector
    spread = float(near.max() - near.min())
    near = (near - near.min()) / spread if spread > 0 else near * 0
    asked = frozenset(content_words(normalise(question, limit=1_000)))
    held = np.array([len(asked & words) / max(len(asked), 1) for words in shelf.words], np.float32)
    scores = near + _WORDS * held
    may_read = set(
        ApprovedAnswer.objects.visible_to(person)
        .in_force(on)
        .filter(organization=organization)
        .values_list("pk", flat=True)
    )
    best: dict[int, int] = {}
    for place in np.argsort(-scores, kind="stable").tolist():
        key = int(shelf.answers[place])
        if key in may_read and key not in best:
            best[key] = place
            if len(best) == limit:
                break
    rows = ApprovedAnswer.objects.select_related("organization", "section").in_bulk(list(best))
    marks = {key: _hash(whole_text(row)) for key, row in rows.items()} if opened.tells_pieces else {}
    signs = pieces.signs_kept(list(marks.values()), opened.embedder.name) if marks else {}
    return [
        NearAnswer(rows[key], shelf.texts[place], float(scores[place]), signs.get(marks.get(key, "")))
        for key, place in best.items()
        if key in rows
    ]


def _shelf(organization_id: int, opened: Vectors) -> _Shelf:
    """The organisation's vectors, read again when an answer or a vector changed."""
    answers = ApprovedAnswer.objects.filter(organization_id=organization_id).aggregate(
        last=Max("updated_at"), count=Count("pk")
    )
    rows = AnswerVector.objects.filter(
        answer__organization_id=organization_id,
        answer__deleted_at__isnull=True,
        embedder=opened.embedder.name,
    )
    vectors = rows.aggregate(last=Max("pk"), count=Count("pk"))
    stamp = (opened.embedder.name, *answers.values(), *vectors.values())
    with _lock:
        known = _shelves.get(organization_id)
    if known is not None and known.stamp == stamp:
        return known
    made = _build(stamp, list(rows.order_by("pk")), opened.embedder.dimensions)
    with _lock:
        if len(_shelves) >= _KEPT_HOUSES:
            _shelves.pop(next(iter(_shelves)))
        _shelves[organization_id] = made
    return made


def _build(stamp: tuple[object, ...], rows: list[AnswerVector], dimensions: int) -> _Shelf:
    answers = ApprovedAnswer.objects.prefetch_related("translations").in_bulk({row.answer_id for row in rows})
    texts = {(answer.pk, _hash(text)): text for answer in answers.values() for text in texts_of(answer)}
    kept = [row for row in rows if (row.answer_id, row.content_hash) in texts]
    matrix = np.zeros((len(kept), dimensions), np.float32)
    for place, row in enumerate(kept):
        matrix[place] = np.frombuffer(row.vector, np.float16)
    said = tuple(texts[row.answer_id, row.content_hash] for row in kept)
    return _Shelf(
        stamp,
        np.array([row.answer_id for row in kept], np.int64),
        said,
        tuple(frozenset(content_words(text)) for text in said),
        matrix,
    )
