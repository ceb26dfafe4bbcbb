"""Who judges: people of the house, outsiders with an account, and seats kept for outsiders without one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.review.enums import ReviewStatus
from enishi.desk.review.models import InvitedReviewer, Review, Reviewer
from enishi.desk.review.services import held, record
from enishi.exchange.errors import RefusedError
from enishi.foundation.forms import clean_text
from enishi.organizations import services as organizations


@transaction.atomic
def seat(
    *,
    review_id: int,
    person: Person,
    affiliation: str,
    is_chair: bool,
    is_external: bool,
    actor: Person,
    at: dt.datetime,
) -> Reviewer:
    """Ask somebody to judge. They declare their ties before they see anything."""
    review = held(review_id, actor, ReviewStatus.PREPARING)
    if is_chair and review.reviewers.filter(is_chair=True).exclude(person=person).exists():
        raise RefusedError(_("委員長はもう決まっています。先に今の委員長を外してください。"))
    reviewer, _is_new = Reviewer.objects.update_or_create(
        review=review,
        person=person,
        defaults={
            "affiliation": clean_text(affiliation).strip()[:150],
            "is_chair": is_chair,
            "is_external": is_external,
        },
    )
    record(review, "seat", actor, at)
    return reviewer


@transaction.atomic
def invite(
    *, review_id: int, email: str, affiliation: str, is_chair: bool, actor: Person, at: dt.datetime
) -> InvitedReviewer:
    """Keep a seat for an outsider without an account, and send them the way in."""
    review = held(review_id, actor, ReviewStatus.PREPARING)
    invitation = organizations.invite_outsider(
        organization_id=review.organization_id, email=email, actor=actor, at=at
    )
    invited, _is_new = InvitedReviewer.objects.update_or_create(
        review=review,
        invitation=invitation,
        defaults={"affiliation": clean_text(affiliation).strip()[:150], "is_chair": is_chair},
    )
    record(review, "invite_reviewer", actor, at)
    return invited


@transaction.atomic
def uninvite(*, invited_id: int, actor: Person, at: dt.datetime) -> Review:
    """Keep the seat no longer. The invitation itself stays: other reviews may wait for the same person."""
    invited = InvitedReviewer.objects.select_related("review").get(pk=invited_id)
    review = held(invited.review_id, actor, ReviewStatus.PREPARING)
    invited.delete()
    record(review, "unseat", actor, at)
    return review


@transaction.atomic
def take_kept_seats(*, invitation_id: int, person: Person, at: dt.datetime) -> list[Reviewer]:
    """Whoever accepted the invitation sits down where a seat was kept, as long as scoring has not begun."""
    kept = InvitedReviewer.objects.filter(
        invitation_id=invitation_id, review__status=ReviewStatus.PREPARING
    ).select_related("review")
    taken = []
    for each in kept:
        has_chair = each.review.reviewers.filter(is_chair=True).exists()
        reviewer, _is_new = Reviewer.objects.get_or_create(
            review=each.review,
            person=person,
            defaults={
                "affiliation": each.affiliation,
                "is_chair": each.is_chair and not has_chair,
                "is_external": True,
            },
        )
        taken.append(reviewer)
        record(each.review, "seat", person, at)
        each.delete()
    return taken


@transaction.atomic
def unseat(*, reviewer_id: int, actor: Person, at: dt.datetime) -> Review:
    reviewer = Reviewer.objects.select_related("review").get(pk=reviewer_id)
    review = held(reviewer.review_id, actor, ReviewStatus.PREPARING)
    reviewer.delete()
    record(review, "unseat", actor, at)
    return review
