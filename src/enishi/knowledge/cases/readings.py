"""What each case's text says, kept for ranking: words at once, meaning as soon as a model reads it."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from enishi.knowledge.cases import meaning
from enishi.knowledge.models import Case, CaseReading
from enishi.language.tokens import content_words

BATCH = 50
MOST_CHARACTERS = 6_000
NAMED_TIMES = 2
"""So many times more than in the text count the words of title, fields and themes."""
VERSION = "2"
"""Changes when a text is read in another way, so that every case is read again."""


def text_of(case: Case) -> str:
    """What ranking reads of a case: what it is about first."""
    parts = (
        case.title,
        "・".join([*case.fields, *case.themes]),
        f"{case.place} {case.partner}",
        case.situation,
        case.action,
        case.lesson,
        case.cause,
        case.result,
        case.transfer,
    )
    return "\n".join(part for part in parts if part.strip())[:MOST_CHARACTERS]


def refresh(ids: Iterable[int]) -> int:
    """Read these cases again where their text changed. Returns how many were read."""
    rows = Case.objects.filter(pk__in=list(ids)).select_related("reading").order_by("pk")
    return sum(_read(case) for case in rows)


def catch_up(at: dt.datetime) -> None:
    """The worker's round: read what has no reading, or none of the model that reads now."""
    name = meaning.name()
    unread = ~Exists(CaseReading.objects.filter(case=OuterRef("pk")))
    waiting = Q(reading__isnull=False) & ~Q(reading__embedder=name) if name else Q(pk__in=[])
    ids = Case.objects.filter(unread | waiting).order_by("pk").values_list("pk", flat=True)[:BATCH]
    refresh(ids)


def _read(case: Case) -> bool:
    text = text_of(case)
    digest = hashlib.sha256(f"{VERSION}\n{text}".encode()).hexdigest()
    known: CaseReading | None = getattr(case, "reading", None)
    name = meaning.name()
    if known is not None and known.content_hash == digest and (not name or known.embedder == name):
        return False
    named = content_words("\n".join([case.title, *case.fields, *case.themes]))
    embedder, vector = meaning.vector(text, side="passage")
    CaseReading.objects.update_or_create(
        case=case,
        defaults={
            "content_hash": digest,
            # What a case is called says more of what it is about than what it mentions.
            "words": "\n".join([*content_words(text), *named * NAMED_TIMES]),
            "embedder": embedder,
            "vector": vector,
        },
    )
    return True


def words_of(words: str) -> dict[str, int]:
    """How often each word stands in a text."""
    counts: dict[str, int] = {}
    for word in words.split("\n"):
        if word:
            counts[word] = counts.get(word, 0) + 1
    return counts
