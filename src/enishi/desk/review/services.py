"""Holding a review: by what is judged, when the scores are opened, the end. What a reviewer does stands in ``judging``."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.calls.models import Call
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.office.access import runs, section_for
from enishi.desk.review.access import review_access
from enishi.desk.review.enums import ReviewStatus
from enishi.desk.review.models import Review, ReviewCriterion, ReviewEntry, Reviewer
from enishi.desk.review.ties import known_tie
from enishi.desk.services import flow
from enishi.exchange.errors import RefusedError
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify

FEWEST = 2
"""Reviewers who score independently of each other: one alone is no review."""


class NotNowError(RefusedError):
    def __init__(self, review: Review) -> None:
        super().__init__(
            _("審査はいま「%(now)s」のため、この操作はできません。画面を読み直してください。")
            % {"now": review.get_status_display()}
        )


@transaction.atomic
def prepare(
    *,
    actor: Person,
    at: dt.datetime,
    values: Mapping[str, Any],
    call: Call | None = None,
    proposal: Proposal | None = None,
    is_demo: bool = False,
) -> Review:
    """Make ready the review of a call, or of one free proposal. The criteria are copied: later changes do not move them."""
    source = call or proposal
    assert source is not None
    if not runs(actor, source.organization_id, source.section_id):
        raise PermissionDenied
    if call is not None and Review.objects.filter(call=call).exists():
        raise RefusedError(_("この募集の審査は、もう用意されています。"))
    review = Review.objects.create(
        organization_id=source.organization_id,
        section=section_for(actor, source.organization, source.section),
        call=call,
        created_by=actor,
        created_at=at,
        is_demo=is_demo,
        **values,
    )
    if call is not None:
        _copy_criteria(review, [(row.name, row.description, row.weight) for row in call.criteria.all()])
    rows = (
        call.proposals.filter(status__in=OPEN_STATUSES).order_by("received_at", "pk")
        if call is not None
        else [proposal]
    )
    ReviewEntry.objects.bulk_create(
        ReviewEntry(review=review, proposal=row) for row in rows if row is not None
    )
    record(review, "create", actor, at)
    return review


@transaction.atomic
def set_criteria(
    *, review_id: int, rows: Sequence[tuple[str, str, int]], actor: Person, at: dt.datetime
) -> Review:
    review = held(review_id, actor, ReviewStatus.PREPARING)
    if review.call_id is not None:
        raise RefusedError(_("募集で公開した観点と重みで審査します。ここでは変えられません。"))
    if len({name for name, _description, _weight in rows}) != len(rows):
        raise RefusedError(_("同じ名前の観点が二つあります。名前を変えるか、一つにまとめてください。"))
    review.criteria.all().delete()
    _copy_criteria(review, rows)
    record(review, "edit", actor, at, note="criteria")
    return review


def _copy_criteria(review: Review, rows: Sequence[tuple[str, str, int]]) -> None:
    ReviewCriterion.objects.bulk_create(
        ReviewCriterion(review=review, name=name, description=description, weight=weight, order=place)
        for place, (name, description, weight) in enumerate(rows)
    )


@transaction.atomic
def open_scoring(*, review_id: int, actor: Person, at: dt.datetime) -> Review:
    """Begin. Ties that the records show exclude a reviewer before they see anything."""
    review = held(review_id, actor, ReviewStatus.PREPARING)
    entries = list(review.entries.select_related("proposal"))
    wanting = []
    if not review.criteria.exists():
        wanting.append(_("審査の観点と重みを決めてください。"))
    if not entries:
        wanting.append(_("審査する提案がありません。"))
    if review.reviewers.count() < FEWEST:
        wanting.append(_("審査する人を%(count)d人以上選んでください。") % {"count": FEWEST})
    if not review.reviewers.filter(is_chair=True).exists():
        wanting.append(_("委員長を決めてください。"))
    if wanting:
        raise RefusedError(" ".join(wanting))
    for reviewer in review.reviewers.select_related("person"):
        exclude(reviewer, known_tie(reviewer, entries))
    for entry in entries:
        _bring_to_review(entry.proposal, actor, at)
    _move(review, ReviewStatus.SCORING, actor, at, opened_at=at)
    _tell_reviewers(review, _("「%(title)s」の審査をお願いします"), at)
    return review


def _bring_to_review(proposal: Proposal, actor: Person, at: dt.datetime) -> None:
    """On the way of the proposal it is now under review; where that step is not possible it stays and is judged all the same."""
    if proposal.stage == ProposalStatus.REVIEWING or not proposal_access.allows(actor, "move", proposal):
        return
    if proposal.stage == ProposalStatus.RECEIVED:
        flow.move(proposal_id=proposal.pk, status=ProposalStatus.CHECKING, actor=actor, at=at, tells=False)
        proposal.refresh_from_db()
    if ProposalStatus.REVIEWING in flow.possible_moves(proposal):
        flow.move(proposal_id=proposal.pk, status=ProposalStatus.REVIEWING, actor=actor, at=at)


def proposer_of(proposal: Proposal) -> str:
    return proposal.proposer_name or (proposal.proposer.name if proposal.proposer else _("名前のない提案者"))


def exclude(reviewer: Reviewer, reason: str) -> None:
    """A tie, known or declared: the first reason stays."""
    if reason and not reviewer.excluded_because:
        reviewer.excluded_because = reason[:300]
        reviewer.save(update_fields=["excluded_because"])


def waiting_for(review: Review) -> list[Reviewer]:
    """Those whose scores are still awaited."""
    rows = review.reviewers.filter(excluded_because="", submitted_at__isnull=True)
    return list(rows.select_related("person"))


@transaction.atomic
def discuss(*, review_id: int, reason: str, actor: Person, at: dt.datetime) -> Review:
    """Open the scores to all who may see them: when everybody handed in, or when the chair says why before."""
    review = Review.objects.select_for_update().get(pk=review_id)
    if not review_access.allows(actor, "chair", review):
        raise PermissionDenied
    if review.status != ReviewStatus.SCORING:
        raise NotNowError(review)
    missing = waiting_for(review)
    reason = clean_text(reason).strip()[:300]
    if missing and not reason:
        raise RefusedError(
            _("まだ採点を出していない人がいます: %(names)s。待てないときは、開く理由を書いてください。")
            % {"names": "、".join(each.person.name for each in missing)}
        )
    if not review.reviewers.filter(submitted_at__isnull=False).exists():
        raise RefusedError(_("採点を出した人がまだいません。"))
    _move(
        review,
        ReviewStatus.DISCUSSING,
        actor,
        at,
        discussed_at=at,
        opened_early_because=reason if missing else "",
    )
    return review


@transaction.atomic
def close(*, review_id: int, conclusion: str, actor: Person, at: dt.datetime) -> Review:
    """End the review. The decision on each proposal is made after it, by the office."""
    review = Review.objects.select_for_update().get(pk=review_id)
    if not (review_access.allows(actor, "run", review) or review_access.allows(actor, "chair", review)):
        raise PermissionDenied
    if review.status != ReviewStatus.DISCUSSING:
        raise NotNowError(review)
    conclusion = clean_text(conclusion, lines=True).strip()[:4_000]
    if not conclusion:
        raise RefusedError(
            _("審査のまとめを書いてください。なぜこの順になったかが、あとから分かるようにします。")
        )
    _move(review, ReviewStatus.CLOSED, actor, at, closed_at=at, conclusion=conclusion)
    return review


@transaction.atomic
def take_out(*, proposal_id: int, at: dt.datetime) -> int:
    """A proposal was withdrawn while it was judged: it leaves the ranking, its scores stay on record."""
    rows = ReviewEntry.objects.filter(proposal_id=proposal_id, withdrawn_at__isnull=True).exclude(
        review__status=ReviewStatus.CLOSED
    )
    taken = list(rows.select_related("review"))
    for entry in taken:
        entry.withdrawn_at = at
        entry.save(update_fields=["withdrawn_at"])
        record(entry.review, "entry_withdrawn", None, at)
        _tell_reviewers(entry.review, _("「%(title)s」の審査から、取り下げられた提案を外しました"), at)
    return len(taken)


def held(review_id: int, actor: Person, status: ReviewStatus) -> Review:
    review = Review.objects.select_for_update().get(pk=review_id)
    if not review_access.allows(actor, "run", review):
        raise PermissionDenied
    if review.status != status:
        raise NotNowError(review)
    return review


def _move(review: Review, status: ReviewStatus, actor: Person, at: dt.datetime, **also: Any) -> None:
    before, review.status = review.status, status
    for name, value in also.items():
        setattr(review, name, value)
    review.save()
    record(review, "change_status", actor, at, changes={"status": (before, str(status))})


def _tell_reviewers(review: Review, sentence: str, at: dt.datetime) -> None:
    people = [each.person for each in review.reviewers.select_related("person") if not each.is_excluded]
    transaction.on_commit(
        lambda: notify(
            kind="desk_review",
            persons=people,
            title=sentence % {"title": review.title},
            url=review.get_absolute_url(),
            at=at,
        ),
        robust=True,
    )


def record(
    review: Review,
    action: str,
    actor: Person | None,
    at: dt.datetime,
    *,
    note: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Never a score: the record of acts is read before the scores are opened."""
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=review,
            at=at,
            organization_id=review.organization_id,
            note=note,
            changes=changes or {},
        )
    )
