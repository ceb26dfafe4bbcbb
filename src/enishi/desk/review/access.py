"""Who runs a review, who scores in it, and who may see the scores when."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.desk.office.access import run_by, runs
from enishi.desk.review.enums import ReviewStatus
from enishi.desk.review.models import Review, Reviewer
from enishi.foundation.access import Access, Actor


class ReviewAccess(Access[Review]):
    """The office that holds it, and the reviewers. Proposers never."""

    def visible(self, actor: Actor) -> models.QuerySet[Review, Review]:
        if not actor.is_authenticated:
            return Review.objects.none()
        mine = Reviewer.objects.filter(person_id=actor.pk).values("review_id")
        return Review.objects.filter(run_by(actor) | Q(pk__in=mine))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        """``run`` is the office's; ``chair``, ``declare`` and ``score`` are a reviewer's; ``see_scores`` depends on the moment."""
        if not actor.is_authenticated:
            return False
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        seat = seat_of(actor, instance)
        if action == "run":
            return runs(actor, instance.organization_id, instance.section_id) and not _is_out(seat)
        if action == "see_scores":
            opened = instance.status in {ReviewStatus.DISCUSSING, ReviewStatus.CLOSED}
            return opened and (_scores(seat) if seat else self.allows(actor, "run", instance))
        if action == "chair":
            return _scores(seat) and seat is not None and seat.is_chair
        if action == "declare":
            return _awaits_word(seat) and instance.status != ReviewStatus.CLOSED
        return action == "score" and _scores(seat)


def seat_of(actor: Actor, review: Review) -> Reviewer | None:
    """This person's seat among the reviewers."""
    if not actor.is_authenticated:
        return None
    return Reviewer.objects.filter(review=review, person_id=actor.pk).first()


def _scores(seat: Reviewer | None) -> bool:
    """Declared, and free of ties."""
    return seat is not None and seat.declared_at is not None and not seat.is_excluded


def _awaits_word(seat: Reviewer | None) -> bool:
    return seat is not None and seat.declared_at is None and not seat.is_excluded


def _is_out(seat: Reviewer | None) -> bool:
    """An official who declared a tie steps back from running the review too."""
    return seat is not None and seat.is_excluded


review_access = ReviewAccess()
