"""What a reviewer does: say what ties there are, score, hand in, and change a point with a reason once all are open."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from enishi.accounts.models import Person
from enishi.desk.review.access import review_access
from enishi.desk.review.enums import Interest, ReviewStatus
from enishi.desk.review.models import Declaration, Review, ReviewEntry, Reviewer, Score, ScoreRevision
from enishi.desk.review.services import NotNowError, exclude, proposer_of, record
from enishi.exchange.errors import ReasonNeededError, RefusedError
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.knowledge.registry import forget_barred


@transaction.atomic
def declare(
    *,
    review_id: int,
    answers: Mapping[int, tuple[Sequence[str], str]],
    actor: Person,
    at: dt.datetime,
) -> Reviewer:
    """Say of every proposer what ties there are. A tie to one of them excludes from judging its rivals too."""
    review = Review.objects.select_for_update().get(pk=review_id)
    reviewer = _my_seat(review, actor)
    if review.status == ReviewStatus.CLOSED or reviewer.declared_at is not None:
        raise NotNowError(review)
    entries = list(review.entries.select_related("proposal"))
    if set(answers) != {entry.pk for entry in entries}:
        raise RefusedError(_("すべての提案者について答えてください。"))
    for entry in entries:
        interests, details = answers[entry.pk]
        if interests and not details.strip():
            raise RefusedError(
                _("「%(name)s」との利害関係の内容を書いてください。") % {"name": proposer_of(entry.proposal)}
            )
        Declaration.objects.create(
            reviewer=reviewer,
            entry=entry,
            interests=[each for each in interests if each in Interest.values],
            details=clean_text(details).strip()[:500],
            declared_at=at,
        )
    reviewer.declared_at = at
    reviewer.save(update_fields=["declared_at"])
    tied = [proposer_of(entry.proposal) for entry in entries if answers[entry.pk][0]]
    exclude(reviewer, _("%(names)sとの利害関係を申告しました") % {"names": "、".join(tied)} if tied else "")
    forget_barred(actor)
    record(review, "declare", actor, at)
    return reviewer


@transaction.atomic
def score(
    *,
    entry_id: int,
    points: Mapping[int, tuple[int, str]],
    actor: Person,
    at: dt.datetime,
) -> ReviewEntry:
    """Keep one reviewer's points for one proposal: for that reviewer alone until the discussion."""
    entry = ReviewEntry.objects.select_related("review").get(pk=entry_id)
    review, reviewer = _scoring(entry.review_id, actor)
    if entry.withdrawn_at is not None:
        raise RefusedError(_("この提案は取り下げられました。採点は要りません。"))
    criteria = {row.pk for row in review.criteria.all()}
    for key, (value, comment) in points.items():
        if key not in criteria or not 0 <= value <= review.most_points:
            raise RefusedError(
                _("点は0から%(most)dまでの整数で付けてください。") % {"most": review.most_points}
            )
        Score.objects.update_or_create(
            reviewer=reviewer,
            entry=entry,
            criterion_id=key,
            defaults={"points": value, "comment": clean_text(comment).strip()[:500], "scored_at": at},
        )
    record(review, "score", actor, at)
    return entry


@transaction.atomic
def submit(*, review_id: int, actor: Person, at: dt.datetime) -> Reviewer:
    """Hand in one's scores; from now on they change in the discussion only."""
    review, reviewer = _scoring(review_id, actor)
    open_entries = review.entries.filter(withdrawn_at__isnull=True)
    needed = open_entries.count() * review.criteria.count()
    have = Score.objects.filter(reviewer=reviewer, entry__in=open_entries).count()
    if have < needed:
        raise RefusedError(
            _("まだ採点していない観点があと%(count)dあります。全部付けてから提出してください。")
            % {"count": needed - have}
        )
    reviewer.submitted_at = at
    reviewer.save(update_fields=["submitted_at"])
    record(review, "submit_scores", actor, at)
    return reviewer


@transaction.atomic
def revise(*, score_id: int, points: int, reason: str, actor: Person, at: dt.datetime) -> Score:
    """Change one's own score after the discussion; what it was and why stays on record."""
    found = Score.objects.select_for_update(of=("self",)).select_related("reviewer", "entry").get(pk=score_id)
    review = Review.objects.select_for_update().get(pk=found.entry.review_id)
    if found.reviewer.person_id != actor.pk or found.reviewer.is_excluded:
        raise PermissionDenied
    if review.status != ReviewStatus.DISCUSSING:
        raise NotNowError(review)
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    if not 0 <= points <= review.most_points:
        raise RefusedError(_("点は0から%(most)dまでの整数で付けてください。") % {"most": review.most_points})
    ScoreRevision.objects.create(score=found, before=found.points, after=points, reason=reason, revised_at=at)
    found.points = points
    found.save(update_fields=["points"])
    record(review, "revise_score", actor, at)
    return found


@transaction.atomic
def order_tied(*, entry_id: int, order: int, reason: str, actor: Person, at: dt.datetime) -> ReviewEntry:
    """The chair's order among equals, with the reason."""
    entry = ReviewEntry.objects.select_for_update(of=("self",)).select_related("review").get(pk=entry_id)
    if not review_access.allows(actor, "chair", entry.review):
        raise PermissionDenied
    if entry.review.status != ReviewStatus.DISCUSSING:
        raise NotNowError(entry.review)
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    entry.chair_order, entry.chair_reason = order, reason
    entry.save(update_fields=["chair_order", "chair_reason"])
    record(entry.review, "order_tied", actor, at)
    return entry


def _my_seat(review: Review, actor: Person) -> Reviewer:
    seat_here = Reviewer.objects.select_for_update().filter(review=review, person=actor).first()
    if seat_here is None:
        raise PermissionDenied
    return seat_here


def _scoring(review_id: int, actor: Person) -> tuple[Review, Reviewer]:
    """The review and the actor's seat, when this person may score now."""
    review = Review.objects.select_for_update().get(pk=review_id)
    reviewer = _my_seat(review, actor)
    if not review_access.allows(actor, "score", review):
        raise PermissionDenied(
            _("利害関係があるか、まだ申告していないため、採点はできません。事務局に連絡してください。")
        )
    if review.status != ReviewStatus.SCORING or reviewer.submitted_at is not None:
        raise NotNowError(review)
    return review, reviewer
