"""Staff time: one tap, or an estimate from what was done. A tap takes the place of the estimate for its stage."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.enums import Speaker
from enishi.desk.errors import RefusedError
from enishi.desk.models import Proposal, StaffTime, StageEntry

MINUTES_OF_A_MOVE = 10
MINUTES_OF_A_REPLY = 20
MINUTES_OF_A_QUESTION = 10
MINUTES_OF_AN_ANSWER = 15
"""Rules of thumb of our own, shown as estimates: no survey stands behind them."""
TAPS = (5, 15, 30, 60)
"""Minutes offered as one tap."""


@transaction.atomic
def record_time(
    *, proposal_id: int, minutes: int, actor: Person, at: dt.datetime, note: str = ""
) -> StaffTime:
    """Write down minutes spent on a case, in the stage it stands in."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    proposal_access.require(actor, "record_time", proposal)
    if not 1 <= minutes <= 1_440:
        raise RefusedError(_("時間は1分から1440分(24時間)までで入れてください。"))
    StaffTime.objects.filter(proposal=proposal, stage=proposal.status, is_estimate=True).delete()
    return StaffTime.objects.create(
        proposal=proposal,
        organization_id=proposal.organization_id,
        stage=proposal.status,
        person=actor,
        minutes=minutes,
        note=note.strip()[:200],
        at=at,
    )


def estimate(proposal: Proposal, entry: StageEntry, *, actor: Person | None, at: dt.datetime) -> None:
    """When a stage is left and nobody tapped in it: what its activity would have taken."""
    tapped = StaffTime.objects.filter(proposal=proposal, stage=entry.stage, at__gte=entry.entered_at)
    if actor is None or tapped.exists():
        return
    replies = proposal.messages.filter(side=Speaker.DESK, written_at__gte=entry.entered_at).count()
    asked = proposal.consultations.filter(asked_at__gte=entry.entered_at).count()
    answered = proposal.consultations.filter(answered_at__gte=entry.entered_at).count()
    minutes = (
        MINUTES_OF_A_MOVE
        + replies * MINUTES_OF_A_REPLY
        + asked * MINUTES_OF_A_QUESTION
        + answered * MINUTES_OF_AN_ANSWER
    )
    StaffTime.objects.create(
        proposal=proposal,
        organization_id=proposal.organization_id,
        stage=entry.stage,
        person=actor,
        minutes=min(minutes, 1_440),
        is_estimate=True,
        at=at,
    )
