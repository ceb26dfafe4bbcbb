"""Who may read and do what at the desk."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from enishi.desk.enums import Origin, ProposalStatus
from enishi.desk.models import Consultation, ConsultationQuerySet, Proposal, ProposalQuerySet
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import PARTNER_ROLES, Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import Reach, reach_of

DESK_ROLES = (Role.PLANNER, Role.ADMINISTRATOR)
"""These are the desk of their municipality."""
STAFF_ROLES = (Role.OFFICER, Role.MANAGER, *DESK_ROLES)
WORKING = frozenset(
    {"work", "move", "decide", "assign", "consult", "reply", "record_time", "triage", "grant"}
)
"""What whoever accompanies a case may do with it."""


class ProposalAccess(Access[Proposal]):
    """The desk, the assigned officer and the section that took the case on work on it; the proposer withdraws."""

    def visible(self, actor: Actor) -> ProposalQuerySet:
        return Proposal.objects.visible_to(actor)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if not getattr(actor, "is_authenticated", False) or not actor.is_active:
            return action == "view" and instance is not None and self._sees(actor, instance)
        if action == "create":
            return True
        if action == "create_on_behalf":
            return reach_of(actor).has_role(getattr(instance, "pk", None), *STAFF_ROLES)
        if action == "view":
            return self._sees(actor, instance)
        if action in {"edit", "submit", "delete"}:
            return instance.status == ProposalStatus.DRAFT and self._wrote(actor, instance)
        if action in {"withdraw", "write", "supplement"}:
            return self._is_proposer(actor, instance)
        if action == "grant":
            return self.is_desk(actor, instance)
        return action in WORKING and self._works_on(actor, instance)

    def is_desk(self, actor: Actor, proposal: Proposal) -> bool:
        """Whether this person stands behind the window this proposal came to."""
        if proposal.status == ProposalStatus.DRAFT and proposal.origin != Origin.ON_BEHALF:
            return False
        reach = reach_of(actor)
        assigned = proposal.officer_id is not None and proposal.officer_id == actor.pk
        return reach.has_role(proposal.organization_id, *DESK_ROLES) or (
            assigned and reach.has_role(proposal.organization_id, *STAFF_ROLES)
        )

    def is_proposers(self, actor: Actor, proposal: Proposal) -> bool:
        """Whether this person may speak for the one who made the proposal."""
        return self._is_proposer(actor, proposal)

    def _sees(self, actor: Actor, proposal: Proposal) -> bool:
        return self.visible(actor).filter(pk=proposal.pk).exists()

    def _works_on(self, actor: Actor, proposal: Proposal) -> bool:
        if proposal.status == ProposalStatus.DRAFT:
            return False
        reach = reach_of(actor)
        responsible = proposal.section_id is not None and proposal.section_id in reach.section_ids
        return self.is_desk(actor, proposal) or (
            responsible and reach.has_role(proposal.organization_id, Role.OFFICER, Role.MANAGER)
        )

    def _wrote(self, actor: Actor, proposal: Proposal) -> bool:
        if proposal.origin == Origin.ON_BEHALF:
            return reach_of(actor).has_role(proposal.organization_id, *STAFF_ROLES)
        return self._is_proposer(actor, proposal)

    def _is_proposer(self, actor: Actor, proposal: Proposal) -> bool:
        if proposal.origin == Origin.ON_BEHALF:
            return False
        mine = proposal.submitted_by_id is not None and proposal.submitted_by_id == actor.pk
        return mine or _speaks_for(reach_of(actor), proposal.proposer_id)


def _speaks_for(reach: Reach, organization_id: int | None) -> bool:
    return organization_id is not None and reach.has_role(organization_id, *PARTNER_ROLES, *STAFF_ROLES)


class ConsultationAccess(Access[Consultation]):
    """A question is answered by the section it lies with, and seen by everybody who sees the proposal inside."""

    def visible(self, actor: Actor) -> ConsultationQuerySet:
        mine = reach_of(actor).organization_ids
        # Asked for each row, so that a page of twenty does not list every proposal of the house first.
        readable = proposal_access.visible(actor).filter(organization_id__in=mine)
        return Consultation.objects.filter(Exists(readable.filter(pk=OuterRef("proposal_id"))))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        proposal = instance.proposal
        at_desk = proposal_access.allows(actor, "consult", proposal)
        if action == "cancel":
            return at_desk
        staff = reach.has_role(proposal.organization_id, *STAFF_ROLES)
        return at_desk or (staff and instance.section_id in reach.section_ids)


class DeskAccess(Access[Organization]):
    """The settings, the clock and the cost of one municipality's desk."""

    def visible(self, actor: Actor) -> models.QuerySet[Organization, Organization]:
        staff = {role.value for role in (*STAFF_ROLES, Role.AUDITOR)}
        keys = [key for key, role in reach_of(actor).roles if role in staff]
        return Organization.objects.active().public_bodies().filter(pk__in=keys)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if instance is None:
            return False
        if action == "settings":
            return reach_of(actor).has_role(instance.pk, *DESK_ROLES)
        if action == "import":
            return reach_of(actor).has_role(instance.pk, *DESK_ROLES)
        return reach_of(actor).has_role(instance.pk, *STAFF_ROLES, Role.AUDITOR)


proposal_access = ProposalAccess()
consultation_access = ConsultationAccess()
desk_access = DeskAccess()
