"""Lessons that may help with what somebody is writing or reading now, each with the reason why it is shown."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.language.tokens import tokens
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.enums import LessonStatus, NamelessState
from enishi.projects.lessons.models import Lesson, NamelessLesson

ASKED_WORDS = 10
CANDIDATES = 200
SHARED_SHOWN = 3
FEWEST_SHARED = 2
OF_THE_FIELD = 1.0
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
    """Recorded lessons this reader may see, and those published without names, nearest first.

    A lesson is the nearer the more of the text's telling words it holds, rare words counting more. Two words must be
    shared, or one and the field of work.
    """
    words = _telling_words(text)
    if not words:
        return []
    own = _own(actor, words, but_project)
    public = _public(words, [lesson.pk for lesson in own], but_project)
    rows: list[Lesson | NamelessLesson] = [*own, *public]
    held = [(row, _held_by(row, words)) for row in rows]
    weights = _weights(words, [shared for _row, shared in held])
    found = [_measured(row, shared, weights, fields) for row, shared in held]
    near = [one for one in found if one is not None]
    return sorted(near, key=lambda one: (-one.nearness, one.url))[:limit]


def _telling_words(text: str) -> list[str]:
    telling = [token.surface for token in tokens(text[:2_000]) if token.is_telling and len(token.surface) > 1]
    return list(dict.fromkeys(telling))[:ASKED_WORDS]


def _weights(words: Sequence[str], held: Sequence[Sequence[str]]) -> dict[str, float]:
    """How much each word tells: the fewer lessons speak of it, the more."""
    counts = Counter(word for shared in held for word in shared)
    return {word: math.log(2 + len(held) / (1 + counts[word])) for word in words}


def _holding(words: Sequence[str]) -> Q:
    wanted = Q(pk__in=[])
    for word in words:
        for name in TEXTS:
            wanted |= Q(**{f"{name}__contains": word})
    return wanted


def _own(actor: Actor, words: Sequence[str], but_project: int | None) -> list[Lesson]:
    rows = lesson_access.visible(actor).filter(_holding(words), status=LessonStatus.RECORDED)
    if but_project is not None:
        rows = rows.exclude(project_id=but_project)
    return list(rows.prefetch_related("fields").order_by("-updated_at", "-pk")[:CANDIDATES])


def _public(
    words: Sequence[str], but_lessons: Sequence[int], but_project: int | None
) -> list[NamelessLesson]:
    """Those without names, whoever's they are; not beside the lesson they were made from."""
    rows = NamelessLesson.objects.filter(_holding(words), state=NamelessState.PUBLISHED)
    rows = rows.exclude(lesson_id__in=but_lessons)
    if but_project is not None:
        rows = rows.exclude(lesson__project_id=but_project)
    found = rows.select_related("lesson").prefetch_related("lesson__fields").order_by("-checked_at", "-pk")
    return list(found[:CANDIDATES])


def _held_by(row: Lesson | NamelessLesson, words: Sequence[str]) -> list[str]:
    text = "\n".join(getattr(row, name) for name in TEXTS)
    return [word for word in words if word in text]


def _measured(
    row: Lesson | NamelessLesson, shared: Sequence[str], weights: Mapping[str, float], fields: Sequence[int]
) -> SimilarLesson | None:
    lesson = row if isinstance(row, Lesson) else row.lesson
    same = [field.name for field in lesson.fields.all() if field.pk in set(fields)]
    if not shared or len(shared) + bool(same) < FEWEST_SHARED:
        return None
    telling = sorted(shared, key=lambda word: -weights[word])[:SHARED_SHOWN]
    return SimilarLesson(
        title=row.title,
        url=row.get_absolute_url(),
        next_time=row.next_time,
        why=_why(telling, same),
        nearness=sum(weights[word] for word in shared) + OF_THE_FIELD * bool(same),
        is_nameless=isinstance(row, NamelessLesson),
    )


def _why(shared: Sequence[str], fields: Sequence[str]) -> str:
    parts = []
    if shared:
        parts.append(_("「%(words)s」が共通しています") % {"words": _("」「").join(shared)})
    if fields:
        parts.append(_("同じ分野(%(fields)s)です") % {"fields": _("、").join(fields)})
    return _("。").join(parts)
