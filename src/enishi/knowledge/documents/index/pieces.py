"""The finer comparison: letters and pieces of the passages at the head of a list, as ``enishi retrieve`` compares all.

Pieces are kept for the latest passages, as many as ``RETRIEVAL_PIECES`` says (seven kilobytes each); beyond, and with an embedder
that tells no pieces, words, letters and meaning decide.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from enishi.engines.core import Float32Array
from enishi.engines.retrieval import HEAD, Candidate, Pieces, PieceSigns, Reread, Sample, reread, signs_of
from enishi.knowledge.documents.index.embedders import embed_for, embedder, embedder_named
from enishi.knowledge.documents.models import Passage, PassagePieces
from enishi.language.errors import LanguageError
from enishi.language.normalising import normalise
from enishi.language.retrieval_inputs import (
    PieceEmbedder,
    asks_for_figures,
    figures_of,
    kept,
    letters_of,
    pieces_mean,
    with_title,
)

logger = logging.getLogger(__name__)
SAMPLE = 600
MOST_KEPT = 200_000
_BYTES = 48
_BATCH = 64

_keepers: list[Callable[[], QuerySet[Any, Any]]] = []
_sampling = threading.Lock()
_samples: dict[tuple[int, int], Sample] = {}


def told_in_pieces(model: object) -> bool:
    """Whether an embedder tells pieces, and it is known where its pieces lie."""
    return isinstance(model, PieceEmbedder) and pieces_mean(model.name) is not None


def read_waiting(wanted: int = _BATCH) -> int:
    """Have the embedder read the pieces of passages whose pieces are not kept yet, the newest first. Returns how many."""
    model = embedder()
    if model is None or not told_in_pieces(model):
        return 0
    most = getattr(settings, "RETRIEVAL_PIECES", MOST_KEPT)
    if PassagePieces.objects.filter(embedder=model.name).count() >= most:
        return 0
    there = PassagePieces.objects.filter(embedder=model.name).values("content_hash")
    waiting = Passage.objects.filter(document__deleted_at__isnull=True).exclude(content_hash__in=there)
    rows = list(
        waiting.order_by("-pk").values_list("content_hash", "heading_path", "text")[: min(wanted, most)]
    )
    try:
        made = [_row(model, digest, path, text) for digest, (path, text) in _once(rows).items()]
    except LanguageError:
        logger.exception("pieces of passages were not read")
        return 0
    PassagePieces.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["content_hash"],
        update_fields=["embedder", "ids", "signs"],
    )
    return len(made)


def _once(rows: Sequence[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    return {digest: (path, text) for digest, path, text in rows}


def _row(model: object, digest: str, path: str, text: str) -> PassagePieces:
    assert isinstance(model, PieceEmbedder)
    mean = pieces_mean(model.name)
    assert mean is not None
    _vector, pieces = model.embed_in_pieces(with_title(path.replace("›", " "), text), side="passage")
    found = signs_of(kept(pieces), mean)
    return PassagePieces(
        content_hash=digest,
        embedder=model.name,
        ids=found.ids.astype("<u4").tobytes(),
        signs=found.signs.tobytes(),
    )


def clear_orphans() -> int:
    """Take away pieces of words that stand in no passage and no approved answer any more."""
    gone = PassagePieces.objects.exclude(content_hash__in=Passage.objects.values("content_hash"))
    for others in _keepers:
        gone = gone.exclude(content_hash__in=others())
    return gone.delete()[0]


def also_kept_for(others: Callable[[], QuerySet[Any, Any]]) -> None:
    """Have pieces of other texts than passages stay: ``others`` gives their hashes. To be called in ``apps.ready``."""
    _keepers.append(others)


def keep(digest: str, embedder_name: str, signs: PieceSigns) -> None:
    """Keep the pieces of a text that is no passage, by the hash of it."""
    PassagePieces.objects.update_or_create(
        content_hash=digest,
        defaults={
            "embedder": embedder_name,
            "ids": signs.ids.astype("<u4").tobytes(),
            "signs": signs.signs.tobytes(),
        },
    )


def question_said(
    name: str, question: str, organization_id: int | None = None
) -> tuple[Float32Array | None, Pieces | None]:
    """The question's vector by this embedder and, where it tells them, its pieces; a service's work is the organisation's."""
    model = embedder_named(name) if name else None
    if model is None:
        return None, None
    try:
        if told_in_pieces(model):
            assert isinstance(model, PieceEmbedder)
            vector, pieces = model.embed_in_pieces(question, side="query")
            return np.asarray(vector, np.float32), kept(pieces)
        (found,) = embed_for(organization_id, model, [question], side="query")
        return np.asarray(found, np.float32), None
    except LanguageError:
        logger.exception("a question was not embedded")
        return None, None


NAMED_SAY, NAMED_ALONE_SAY = 0.5, 4.0
"""What naming the article or day counts, beside other words and where nothing else was asked: more than all else together."""


def _named_first(candidates: Sequence[Candidate], texts: Mapping[int, str], question: str) -> list[Candidate]:
    """The best first; who asks for an article or a day wants what names it, before what is only near."""
    asked = set(figures_of(question))
    if asked:
        say = NAMED_ALONE_SAY if asks_for_figures(question) else NAMED_SAY
        named = {each.key: asked & set(figures_of(normalise(texts[each.key]))) for each in candidates}
        candidates = [
            replace(each, score=each.score + say * len(named[each.key]) / len(asked)) for each in candidates
        ]
    return sorted(candidates, key=lambda each: (-each.score, each.key))


def reordered(
    candidates: Sequence[Candidate], question: str, name: str, pieces: Pieces | None, *, epoch: int
) -> list[Candidate]:
    """Candidates with the first of them read once more; the rest stays below in its order.

    Parameters
    ----------
    name, pieces : the embedder the question was read with, and its pieces
    epoch : of the index: a sample of another database tells nothing
    """
    head, rest = candidates[:HEAD], candidates[HEAD:]
    if len(head) < 2:
        return list(candidates)
    texts = {
        row[0]: row[1:]
        for row in Passage.objects.filter(pk__in=[each.key for each in head]).values_list(
            "pk", "content_hash", "document__title", "heading_path", "text"
        )
    }
    head = [each for each in head if each.key in texts]
    signs = signs_kept([texts[each.key][0] for each in head], name) if pieces is not None else {}
    mean = pieces_mean(name) if signs else None
    scores = reread(
        [
            Reread(
                each.covered,
                0.5 if each.near is None else each.near,
                letters_of("\n".join(texts[each.key][1:])),
                signs.get(texts[each.key][0]),
            )
            for each in head
        ],
        letters_of(question),
        pieces if mean is not None else None,
        _sample(epoch),
        mean if mean is not None else np.zeros(1, np.float32),
    )
    again = [replace(each, score=float(score)) for each, score in zip(head, scores, strict=True)]
    # Scores of the rest are brought below those of the head: the two are not of one measure.
    again = _named_first(again, {key: "\n".join(row[1:]) for key, row in texts.items()}, question)
    lowest = again[-1].score if again else 0.0
    highest = rest[0].score if rest else 0.0
    below = min(0.0, lowest - highest)
    return again + [replace(each, score=each.score + below) for each in rest]


def signs_kept(hashes: Sequence[str], name: str) -> dict[str, PieceSigns]:
    """The pieces that are kept of texts, by their hashes."""
    rows = PassagePieces.objects.filter(content_hash__in=set(hashes), embedder=name).values_list(
        "content_hash", "ids", "signs"
    )
    return {
        digest: PieceSigns(
            np.frombuffer(bytes(ids), "<u4"), np.frombuffer(bytes(signs), np.uint8).reshape(-1, _BYTES)
        )
        for digest, ids, signs in rows
    }


def _sample(epoch: int) -> Sample:
    """What letters and pieces are usual here; taken anew when the collection has doubled."""
    high = Passage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    key = epoch, high if high < SAMPLE else high.bit_length()
    with _sampling:
        found = _samples.get(key)
        if found is None:
            found = _taken(high)
            _samples.clear()
            _samples[key] = found
    return found


def _taken(high: int) -> Sample:
    keys = range(1, high + 1) if high <= SAMPLE else np.linspace(1, high, SAMPLE).astype(int).tolist()
    rows = list(
        Passage.objects.filter(pk__in=list(keys)).values_list(
            "content_hash", "document__title", "heading_path", "text"
        )
    )
    ids = PassagePieces.objects.filter(content_hash__in=[row[0] for row in rows]).values_list(
        "ids", flat=True
    )
    return Sample.of(
        (letters_of("\n".join(row[1:])) for row in rows),
        (np.frombuffer(bytes(each), "<u4") for each in ids),
    )
