"""What translations wait for: another person's approval, or new words because the Japanese changed."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from enishi.knowledge.answers.services import text_mark
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer

STALE, WAITING = "stale", "waiting"


def stale(answers: QuerySet[ApprovedAnswer]) -> list[AnswerTranslation]:
    """Translations of earlier words: residents read the Japanese until somebody mends them."""
    # What was written after the answer was approved is of its words, and need not be compared.
    older = _of(answers).filter(updated_at__lt=F("answer__approved_at"))
    return [row for row in older if row.of_text != text_mark(row.answer)]


def awaiting(answers: QuerySet[ApprovedAnswer]) -> list[AnswerTranslation]:
    """Translations of the present words that nobody else has stood for yet."""
    return [row for row in _of(answers).filter(approved_at=None) if row.of_text == text_mark(row.answer)]


def _of(answers: QuerySet[ApprovedAnswer]) -> QuerySet[AnswerTranslation]:
    rows = AnswerTranslation.objects.filter(answer__in=answers.order_by().values("pk"))
    return rows.select_related("answer").order_by("-updated_at", "-pk")


def languages_of(rows: Iterable[AnswerTranslation]) -> list[str]:
    return [str(row.get_language_display()) for row in rows]
