"""Who accompanies a case, and which section takes it on."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk.access import STAFF_ROLES, proposal_access
from enishi.desk.errors import RefusedError
from enishi.desk.models import Proposal, Routing
from enishi.desk.services import flow
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.models import Membership, Section

_TAKEN = 1.5
"""A section that took a case on teaches more than one that was only interested."""


@transaction.atomic
def assign(
    *,
    proposal_id: int,
    officer: Person | None,
    section: Section | None,
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Proposal:
    """Name the officer at the desk and the section that takes the case on."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "assign", proposal)
    flow.refuse_stale(proposal, version)
    _refuse_others(proposal, officer, section, timezone.localdate(at))
    before = trail.values(proposal, ("officer", "section"))
    is_new = officer is not None and officer.pk != proposal.officer_id
    proposal.officer, proposal.section = officer, section
    flow.save(proposal, actor=actor, at=at)
    flow.record(proposal, "assign", actor=actor, at=at, before=before)
    if section is not None:
        Routing.objects.update_or_create(
            proposal=proposal,
            section=section,
            defaults={"organization_id": proposal.organization_id, "weight": _TAKEN, "at": at},
        )
    if is_new and officer is not None and officer.pk != actor.pk:
        notify(
            kind="desk_new",
            persons=[officer],
            title=_("提案の担当になりました: %(number)s %(title)s")
            % {"number": proposal.number, "title": proposal.title},
            url=proposal.get_absolute_url(),
            at=at,
        )
    return proposal


def _refuse_others(
    proposal: Proposal, officer: Person | None, section: Section | None, today: dt.date
) -> None:
    if section is not None and section.organization_id != proposal.organization_id:
        raise RefusedError(_("担当課は、提案を受けた自治体の課から選んでください。"))
    if officer is None:
        return
    places = Membership.objects.current(today).filter(
        person=officer, organization_id=proposal.organization_id, role__in=list(STAFF_ROLES)
    )
    if not officer.is_active or not places.exists():
        raise RefusedError(
            _("%(name)sさんは、いまこの自治体の職員として登録されていません。別の人を選んでください。")
            % {"name": officer.name}
        )


@transaction.atomic
def set_start(*, proposal_id: int, started_on: dt.date, actor: Person, at: dt.datetime) -> Proposal:
    """Write down the day the work began: the end of the way this room measures."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "work", proposal)
    if proposal.status not in {"adopted", "trial"}:
        raise RefusedError(_("事業の開始日を入れられるのは、採択か実証になった提案です。"))
    assert proposal.received_at is not None
    if started_on < timezone.localdate(proposal.received_at):
        raise RefusedError(_("開始日は受付の日より後の日にしてください。"))
    before = trail.values(proposal, ("started_on",))
    proposal.started_on = started_on
    flow.save(proposal, actor=actor, at=at)
    flow.record(proposal, "start", actor=actor, at=at, before=before)
    return proposal
