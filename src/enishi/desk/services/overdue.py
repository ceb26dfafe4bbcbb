"""Proposals whose stage should be over: the officer hears of it the next working day, the managers of the desk a week later."""

import datetime as dt

from django.utils import timezone

from enishi.desk.enums import OPEN_STATUSES
from enishi.desk.models import Proposal
from enishi.desk.services import letters
from enishi.foundation.business_days import business_days_between, is_business_day
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.enums import Role

ESCALATED_AFTER = 5
"""Business days past the day after which the section's or the house's managers are told."""


def tell_of_overdue(at: dt.datetime) -> int:
    """Once a working day: each proposal is told of on its first day past, and once more when it stays."""
    today = timezone.localdate(at)
    if not is_business_day(today):
        return 0
    rows = Proposal.objects.filter(
        status__in=OPEN_STATUSES, stage_due_on__lt=today, deleted_at__isnull=True
    ).select_related("organization", "officer", "section")
    told = 0
    for proposal in rows.order_by("stage_due_on", "pk")[:5_000]:
        assert proposal.stage_due_on is not None
        late = business_days_between(proposal.stage_due_on, today)
        if late in (1, ESCALATED_AFTER):
            _tell(proposal, late, at)
            told += 1
    return told


def _tell(proposal: Proposal, late: int, at: dt.datetime) -> None:
    title = _("「%(stage)s」の目安を%(late)d営業日過ぎています: %(number)s %(title)s") % {
        "stage": proposal.stage.label,
        "late": late,
        "number": proposal.number,
        "title": proposal.title,
    }
    letters.tell_desk(proposal, kind="desk_overdue", title=title, at=at)
    if late == ESCALATED_AFTER:
        managers = letters.people_with_roles(
            proposal.organization_id, [Role.MANAGER], timezone.localdate(at), section=proposal.section
        )
        notify(kind="desk_overdue", persons=managers, title=title, url=proposal.get_absolute_url(), at=at)
