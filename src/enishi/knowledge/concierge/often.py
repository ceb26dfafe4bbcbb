"""What residents ask most: shown before somebody has asked anything."""

import datetime as dt

from django.core.cache import cache
from django.db.models import Count, QuerySet

from enishi.knowledge.answers.asking import offers_of
from enishi.knowledge.answers.replies import Offer
from enishi.knowledge.answers.services import text_mark
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer, AskedQuestion, Concierge
from enishi.organizations.enums import Visibility

SHOWN = 4
_LOOKED_BACK = dt.timedelta(days=90)
_KEPT_SECONDS = 600
_MOST_RANKED = 200


def often_asked(desk: Concierge, language: str, *, on: dt.date) -> list[Offer]:
    """Approved answers of the desk, the most asked first; in another language only those that are approved in it."""
    key = f"often-asked:{desk.pk}:{language}"
    chosen = cache.get(key)
    if chosen is None:
        chosen = _chosen(desk, language, on)
        cache.set(key, chosen, _KEPT_SECONDS)
    found = {
        row.pk: row for row in _told(desk, on).filter(pk__in=chosen).select_related("organization", "section")
    }
    return offers_of([found[pk] for pk in chosen if pk in found], language)


def _chosen(desk: Concierge, language: str, on: dt.date) -> list[int]:
    asked = (
        AskedQuestion.objects.filter(
            organization=desk.organization,
            at__gte=dt.datetime.combine(on - _LOOKED_BACK, dt.time.min, dt.UTC),
        )
        .exclude(answer=None)
        .values("answer")
        .annotate(n=Count("pk"))
        .values_list("answer", "n")
    )
    times = dict(asked.order_by("-n")[:_MOST_RANKED])
    answers = list(_told(desk, on).order_by("-approved_at", "-pk")[:_MOST_RANKED])
    answers += list(_told(desk, on).filter(pk__in=times.keys() - {answer.pk for answer in answers}))
    if language != "ja":
        spoken = dict(
            AnswerTranslation.objects.filter(answer__in=answers, language=language, approved_at__isnull=False)
            .values_list("answer", "of_text")
        )  # fmt: skip
        answers = [answer for answer in answers if spoken.get(answer.pk) == text_mark(answer)]
    return [answer.pk for answer in sorted(answers, key=lambda answer: -times.get(answer.pk, 0))[:SHOWN]]


def _told(desk: Concierge, on: dt.date) -> QuerySet[ApprovedAnswer]:
    """What residents may be told today, without what is due for another look."""
    rows = ApprovedAnswer.objects.in_force(on).filter(
        organization=desk.organization, visibility=Visibility.PUBLIC
    )
    return rows.exclude(pk__in=ApprovedAnswer.objects.to_review(on).values("pk"))
