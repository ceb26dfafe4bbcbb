"""What each side of a proposal may read and write of the talk about it."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.desk.access import proposal_access
from enishi.desk.dialogue.models import Meeting
from enishi.desk.models import Proposal
from enishi.foundation.access import Access, Actor
from enishi.organizations.visibility import reach_of


def is_inside(actor: Actor, proposal: Proposal) -> bool:
    """Belongs to the people of the office that received it, and may read it."""
    inside = proposal.organization_id in reach_of(actor).organization_ids
    return inside and proposal_access.allows(actor, "view", proposal)


class MeetingAccess(Access[Meeting]):
    """The office reads every meeting; the proposer those that are shared."""

    def visible(self, actor: Actor) -> models.QuerySet[Meeting, Meeting]:
        proposals = proposal_access.visible(actor)
        houses = reach_of(actor).organization_ids
        return Meeting.objects.filter(proposal__in=proposals).filter(
            Q(proposal__organization_id__in=houses) | Q(is_shared=True)
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return proposal_access.allows(actor, "work", instance.proposal)


meeting_access = MeetingAccess()
