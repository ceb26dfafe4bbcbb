"""The way of a proposal: which stage may follow which, and what is written when one does."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk import clock
from enishi.desk.access import proposal_access
from enishi.desk.enums import (
    DECIDED_STATUSES,
    ENDED_STATUSES,
    ProposalKind,
    ProposalStatus,
)
from enishi.desk.errors import ChangedMeanwhileError, IllegalMoveError, ReasonNeededError, RefusedError
from enishi.desk.models import Consultation, DeskSettings, Proposal, StageEntry
from enishi.desk.services import letters, times
from enishi.desk.signals import proposal_changed, proposal_moved
from enishi.foundation import trail
from enishi.foundation.access import Actor
from enishi.foundation.business_days import after_business_days, business_days_between
from enishi.foundation.forms import clean_text

S = ProposalStatus

TRANSITIONS: dict[ProposalStatus, tuple[ProposalStatus, ...]] = {
    S.DRAFT: (),
    S.RECEIVED: (S.CHECKING, S.WITHDRAWN),
    S.CHECKING: (S.CONSULTING, S.IN_DIALOGUE, S.REVIEWING, S.DECLINED, S.WITHDRAWN),
    S.CONSULTING: (S.IN_DIALOGUE, S.REVIEWING, S.CHECKING, S.DECLINED, S.WITHDRAWN),
    S.IN_DIALOGUE: (S.REVIEWING, S.CONSULTING, S.DECLINED, S.WITHDRAWN),
    S.REVIEWING: (S.ADOPTED, S.TRIAL, S.DECLINED, S.IN_DIALOGUE, S.WITHDRAWN),
    S.TRIAL: (S.ADOPTED, S.DECLINED, S.WITHDRAWN),
    S.ADOPTED: (S.WITHDRAWN,),
    S.DECLINED: (S.CHECKING,),
    S.WITHDRAWN: (),
}
"""Where a proposal may go from each stage. A draft becomes received by being sent, never by a move."""

_ORDER = tuple(TRANSITIONS)
_FOLLOWED = ("status", "status_reason", "decided_at", "officer", "section")


def possible_moves(proposal: Proposal) -> list[ProposalStatus]:
    """The stages this proposal may go to now."""
    found = list(TRANSITIONS[proposal.stage])
    if proposal.stage == S.IN_DIALOGUE and not ProposalKind(proposal.kind).needs_review:
        # An idea, a gift or help in disasters is agreed in the talk itself: nothing is chosen among others.
        found[:0] = [S.ADOPTED, S.TRIAL]
    if proposal.stage == S.ADOPTED and proposal.started_on is not None:
        found = []
    return found


def needs_reason(before: ProposalStatus, after: ProposalStatus) -> bool:
    """Whoever is turned down, sent back or leaves gets to know why."""
    return after in ENDED_STATUSES or _ORDER.index(after) < _ORDER.index(before)


@transaction.atomic
def move(
    *,
    proposal_id: int,
    status: ProposalStatus,
    actor: Person,
    at: dt.datetime,
    reason: str = "",
    version: int | None = None,
    tells: bool = True,
) -> Proposal:
    """Take a proposal to another stage. ``tells`` is false where the caller writes the proposer a letter of its own.

    ``version`` is the one the officer's page was opened with: with two officers the second is told what the
    first did. Raises ``IllegalMoveError``, ``ReasonNeededError``, ``ChangedMeanwhileError``.
    """
    proposal = locked(proposal_id)
    proposal_access.require(actor, "move", proposal)
    refuse_stale(proposal, version)
    _go(proposal, ProposalStatus(status), actor=actor, at=at, reason=reason, tells=tells)
    return proposal


@transaction.atomic
def withdraw(*, proposal_id: int, actor: Actor | None, at: dt.datetime, reason: str = "") -> Proposal:
    """Take one's proposal back. ``actor`` is ``None`` for a visitor, whose secret link the caller has proved."""
    proposal = locked(proposal_id)
    if actor is not None:
        proposal_access.require(actor, "withdraw", proposal)
    elif not proposal.is_from_visitor:
        raise RefusedError(_("この提案は、サインインして取り下げてください。"))
    if proposal.stage == S.DRAFT:
        raise RefusedError(_("まだ送っていない提案です。下書きを消せば、何も残りません。"))
    person = actor if isinstance(actor, Person) else None
    _go(proposal, S.WITHDRAWN, actor=person, at=at, reason=reason or str(_("提案者からの取下げ")))
    letters.tell_desk(
        proposal,
        kind="desk_message",
        title=_("取り下げられました: %(number)s %(title)s")
        % {"number": proposal.number, "title": proposal.title},
        at=at,
    )
    return proposal


def locked(proposal_id: int) -> Proposal:
    """The proposal, held against other writers until the transaction ends."""
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("organization")
    proposal = rows.get(pk=proposal_id)
    if proposal.deleted_at is not None:
        raise RefusedError(_("この提案は削除されています。"))
    return proposal


def refuse_stale(proposal: Proposal, version: int | None) -> None:
    if version is not None and version != proposal.version:
        by = proposal.updated_by
        raise ChangedMeanwhileError(now=proposal.stage, by=by.name if by else "")


def _go(
    proposal: Proposal,
    after: ProposalStatus,
    *,
    actor: Person | None,
    at: dt.datetime,
    reason: str,
    tells: bool = True,
) -> None:
    before, reason = proposal.stage, clean_text(reason).strip()[:500]
    possible = possible_moves(proposal)
    if after not in possible:
        raise IllegalMoveError(before, after, possible, _why_not(proposal, after))
    if needs_reason(before, after) and not reason:
        raise ReasonNeededError
    kept = trail.values(proposal, _FOLLOWED)
    proposal.status, proposal.status_reason = after, reason
    if after in DECIDED_STATUSES:
        proposal.decided_at = at
    elif after.is_open:
        proposal.decided_at = None
    enter(proposal, after, actor=actor, at=at, reason=reason)
    if not after.is_open:
        _cancel_questions(proposal, at)
    save(proposal, actor=actor, at=at)
    record(proposal, "move", actor=actor, at=at, before=kept, note=reason)
    if tells:
        letters.tell_moved(proposal, before, at)
    transaction.on_commit(lambda: _announce(proposal.pk, before, after))


def _why_not(proposal: Proposal, after: ProposalStatus) -> str:
    if proposal.stage == S.DRAFT:
        return str(_("下書きは、送られるまで窓口では扱えません。"))
    if proposal.stage == S.ADOPTED and proposal.started_on is not None:
        return str(_("事業がもう始まっています。変えるときは、事業のページで行ってください。"))
    if after in {S.ADOPTED, S.TRIAL}:
        return str(_("採択や実証を決める前に、審査を通してください。"))
    return ""


def enter(
    proposal: Proposal, stage: ProposalStatus, *, actor: Person | None, at: dt.datetime, reason: str = ""
) -> StageEntry:
    """Close the stretch the proposal is in and begin the next, with the day by which it should be over."""
    today = timezone.localdate(at)
    for entry in proposal.stages.filter(left_at__isnull=True, consultation__isnull=True):
        leave(entry, at)
        times.estimate(proposal, entry, actor=actor, at=at)
    target = clock.target_of(stage, targets_of(proposal.organization_id))
    due_on = None if target is None else after_business_days(today, target)
    proposal.stage_entered_at, proposal.stage_due_on = at, due_on
    return StageEntry.objects.create(
        proposal=proposal,
        organization_id=proposal.organization_id,
        stage=stage,
        entered_at=at,
        due_on=due_on,
        actor=actor,
        reason=reason,
    )


def leave(entry: StageEntry, at: dt.datetime) -> None:
    """End a stretch and count its business days."""
    at = max(at, entry.entered_at)
    entry.left_at = at
    entry.business_days = business_days_between(timezone.localdate(entry.entered_at), timezone.localdate(at))
    entry.save(update_fields=["left_at", "business_days"])


def targets_of(organization_id: int) -> dict[str, int]:
    chosen = DeskSettings.objects.filter(organization_id=organization_id).values_list("targets", flat=True)
    return dict(chosen.first() or {})


def _cancel_questions(proposal: Proposal, at: dt.datetime) -> None:
    """Nobody is left with a question about a case that is over."""
    waiting: Sequence[Consultation] = list(proposal.consultations.waiting())
    for consultation in waiting:
        consultation.cancelled_at = at
        consultation.save(update_fields=["cancelled_at"])
        for stretch in consultation.stretches.filter(left_at__isnull=True):
            leave(stretch, at)


def save(proposal: Proposal, *, actor: Person | None, at: dt.datetime) -> None:
    proposal.version += 1
    proposal.updated_at, proposal.updated_by = at, actor
    proposal.save()
    pk = proposal.pk
    transaction.on_commit(lambda: _changed(pk))


def _changed(pk: int) -> None:
    proposal_changed.send_robust(Proposal, proposal_id=pk)


def _announce(pk: int, before: ProposalStatus, after: ProposalStatus) -> None:
    proposal_moved.send_robust(Proposal, proposal_id=pk, before=before, after=after)


def record(
    proposal: Proposal,
    action: str,
    *,
    actor: Actor | None,
    at: dt.datetime,
    before: dict[str, object] | None = None,
    note: str = "",
) -> None:
    """Tell the trail; only what the open columns held before and after."""
    changes = trail.differences(before, trail.values(proposal, before_names(before))) if before else {}
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=proposal,
            at=at,
            organization_id=proposal.organization_id,
            changes=changes,
            note=note,
        )
    )


def before_names(before: dict[str, object]) -> list[str]:
    return [name.removesuffix("_id") for name in before]
