"""Lessons that may help with what somebody is writing or reading now, each with the reason why it is shown."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.language.tokens import content_words, tokens
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.enums import LessonStatus, NamelessState
from enishi.projects.lessons.models import Lesson, NamelessLesson

CANDIDATES = 200
ASKED_WORDS = 12
SHARED_SHOWN = 3
NEAR_ENOUGH = 0.1
OF_THE_FIELD = 0.05
TEXTS = ("title", "what_happened", "cause", "next_time")


@dataclass(frozen=True)
class SimilarLesson:
    """A lesson that may help. ``why`` says what it shares with what is being looked at."""

    title: str
    url: str
    next_time: str
    why: str
    nearness: float
    is_nameless: bool = False


def similar_lessons(
    actor: Actor,
    text: str,
    *,
    fields: Sequence[int] = (),
    but_project: int | None = None,
    limit: int = 3,
) -> list[SimilarLesson]:
    """Recorded lessons this reader may see, and those published without names, nearest first."""
    asked = Counter(content_words(text[:4_000]))
    nouns = _nouns(text)
    if not nouns:
        return []
    own = _own(actor, nouns, but_project)
    public = _public(nouns, [lesson.pk for lesson in own], but_project)
    rows: list[Lesson | NamelessLesson] = [*own, *public]
    read = [Counter(_words(type(row).__name__, row.pk, _text(row))) for row in rows]
    weights = _rarity(asked, read)
    wanted = set(fields)
    found = [
        one
        for row, words in zip(rows, read, strict=True)
        if (one := _measured(row, asked, words, weights, wanted)) is not None
    ]
    return sorted(found, key=lambda one: (-one.nearness, one.url))[:limit]


def _nouns(text: str) -> list[str]:
    telling = [token.surface for token in tokens(text[:2_000]) if token.is_telling]
    return list(dict.fromkeys(telling))[:ASKED_WORDS]


def _holding(nouns: Iterable[str]) -> Q:
    wanted = Q(pk__in=[])
    for noun in nouns:
        for name in TEXTS:
            wanted |= Q(**{f"{name}__icontains": noun})
    return wanted


def _own(actor: Actor, nouns: Sequence[str], but_project: int | None) -> list[Lesson]:
    rows = lesson_access.visible(actor).filter(_holding(nouns), status=LessonStatus.RECORDED)
    if but_project is not None:
        rows = rows.exclude(project_id=but_project)
    return list(rows.prefetch_related("fields").order_by("-updated_at", "-pk")[:CANDIDATES])


def _public(
    nouns: Sequence[str], but_lessons: Sequence[int], but_project: int | None
) -> list[NamelessLesson]:
    rows = NamelessLesson.objects.filter(_holding(nouns), state=NamelessState.PUBLISHED).exclude(
        lesson_id__in=but_lessons
    )
    if but_project is not None:
        rows = rows.exclude(lesson__project_id=but_project)
    return list(
        rows.select_related("lesson").prefetch_related("lesson__fields").order_by("-checked_at")[:CANDIDATES]
    )


def _text(row: Lesson | NamelessLesson) -> str:
    return "\n".join(getattr(row, name) for name in ("title", *TEXTS))


@lru_cache(maxsize=4_000)
def _words(kind: str, pk: int, text: str) -> tuple[str, ...]:
    return tuple(content_words(text))


def _rarity(asked: Counter[str], read: Sequence[Counter[str]]) -> dict[str, float]:
    """The fewer lessons speak of a word, the more it tells."""
    count = len(read)
    return {
        word: math.log(1 + (count + 1) / (1 + sum(1 for words in read if word in words))) for word in asked
    }


def _measured(
    row: Lesson | NamelessLesson,
    asked: Counter[str],
    words: Counter[str],
    weights: dict[str, float],
    wanted: set[int],
) -> SimilarLesson | None:
    total = sum(weights.values())
    shared = sorted((word for word in asked if word in words), key=lambda word: -weights[word])
    nearness = sum(weights[word] for word in shared) / total if total else 0.0
    lesson = row if isinstance(row, Lesson) else row.lesson
    same = [field.name for field in lesson.fields.all() if field.pk in wanted]
    nearness += OF_THE_FIELD * bool(same)
    if nearness < NEAR_ENOUGH:
        return None
    return SimilarLesson(
        title=row.title,
        url=row.get_absolute_url(),
        next_time=row.next_time,
        why=_why(shared[:SHARED_SHOWN], same),
        nearness=nearness,
        is_nameless=isinstance(row, NamelessLesson),
    )


def _why(shared: Sequence[str], fields: Sequence[str]) -> str:
    parts = []
    if shared:
        parts.append(_("「%(words)s」が共通しています") % {"words": "」「".join(shared)})
    if fields:
        parts.append(_("同じ分野(%(fields)s)です") % {"fields": "、".join(fields)})
    return "。".join(parts)
