"""Lessons that may help with what somebody is writing or reading now, each with the reason why it is shown."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.knowledge.selectors import search
from enishi.language.tokens import tokens
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.enums import LessonStatus, NamelessState
from enishi.projects.lessons.models import Lesson, NamelessLesson

ASKED_WORDS = 8
HITS_A_WORD = 100
PUBLIC_CANDIDATES = 60
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

    The telling words of the text are looked up one by one in the index of words; a lesson is the nearer the more of them
    it holds, rare words counting more. Two words must be shared, or one and the field of work.
    """
    words = _telling_words(text)
    if not words:
        return []
    held, weights = _looked_up(actor, words)
    own = _own(actor, list(held), but_project)
    public = _public(words, [lesson.pk for lesson in own], but_project)
    found = [_measured(lesson, held[lesson.pk], weights, fields) for lesson in own]
    found += [_measured(row, _held_by(row, words), weights, fields) for row in public]
    near = [one for one in found if one is not None]
    return sorted(near, key=lambda one: (-one.nearness, one.url))[:limit]


def _telling_words(text: str) -> list[str]:
    telling = [token.surface for token in tokens(text[:2_000]) if token.is_telling]
    return list(dict.fromkeys(telling))[:ASKED_WORDS]


def _looked_up(actor: Actor, words: Sequence[str]) -> tuple[dict[int, list[str]], dict[str, float]]:
    """Which lessons hold which words, and how much each word tells: the fewer speak of it, the more."""
    held: dict[int, list[str]] = defaultdict(list)
    counts: dict[str, int] = {}
    for word in words:
        hits = search(actor, word, kinds=["lesson"], limit=HITS_A_WORD, faceted=False)
        counts[word] = hits.count
        for key in hits.object_ids:
            held[key].append(word)
    most = max(counts.values(), default=0) + 1
    return held, {word: math.log(2 + most / (1 + count)) for word, count in counts.items()}


def _own(actor: Actor, keys: Sequence[int], but_project: int | None) -> list[Lesson]:
    rows = lesson_access.visible(actor).filter(pk__in=keys, status=LessonStatus.RECORDED)
    if but_project is not None:
        rows = rows.exclude(project_id=but_project)
    return list(rows.prefetch_related("fields"))


def _public(
    words: Sequence[str], but_lessons: Sequence[int], but_project: int | None
) -> list[NamelessLesson]:
    """Those without names stand outside the index, which would tell whose they are."""
    wanted = Q(pk__in=[])
    for word in words:
        for name in TEXTS:
            wanted |= Q(**{f"{name}__contains": word})
    rows = NamelessLesson.objects.filter(wanted, state=NamelessState.PUBLISHED)
    rows = rows.exclude(lesson_id__in=but_lessons)
    if but_project is not None:
        rows = rows.exclude(lesson__project_id=but_project)
    found = rows.select_related("lesson").prefetch_related("lesson__fields").order_by("-checked_at", "-pk")
    return list(found[:PUBLIC_CANDIDATES])


def _held_by(row: NamelessLesson, words: Sequence[str]) -> list[str]:
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
        parts.append(_("「%(words)s」が共通しています") % {"words": "」「".join(shared)})
    if fields:
        parts.append(_("同じ分野(%(fields)s)です") % {"fields": "、".join(fields)})
    return "。".join(parts)
