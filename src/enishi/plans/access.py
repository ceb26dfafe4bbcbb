"""Who reads plans, who manages their versions, who writes the texts of a branch, and who approves."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of
from enishi.plans.enums import VersionState
from enishi.plans.models import Plan, PlanNode, PlanQuerySet, PlanVersion

STAFF = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)


class PlanAccess(Access[Plan]):
    """The five visibilities decide who reads; the planning office of the house manages."""

    def visible(self, actor: Actor) -> PlanQuerySet:
        rows: PlanQuerySet = Plan.objects.all()
        return rows.visible_to(actor)

    def owners(self, actor: Actor) -> models.QuerySet[Organization, Organization]:
        """Public bodies for which this person does the work of 企画."""
        reach = reach_of(actor)
        houses = Organization.objects.active().public_bodies().filter(pk__in=reach.organization_ids)
        mine = [house.pk for house in houses if acts_as(actor, house, Office.PLANNING)]
        return Organization.objects.filter(pk__in=mine).order_by("pk")

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if instance is None:
            return action == "create" and self.owners(actor).exists()
        if action == "create":
            return bool(instance.is_public_body) and acts_as(actor, instance, Office.PLANNING)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "read_drafts":
            return reads_drafts(actor, instance.organization_id)
        if action == "approve":
            return may_approve(actor, instance.organization_id)
        return acts_as(actor, instance.organization_id, Office.PLANNING)


def reads_drafts(actor: Actor, organization_id: int) -> bool:
    return organization_id in reach_of(actor).organization_ids


def may_approve(actor: Actor, organization_id: int) -> bool:
    """Those who decide for the municipality, and managers and planners of its planning office."""
    if acts_as(actor, organization_id, Office.COUNCIL):
        return True
    is_senior = reach_of(actor).has_role(organization_id, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
    return is_senior and acts_as(actor, organization_id, Office.PLANNING)


class VersionAccess(Access[PlanVersion]):
    """What was approved is as open as its plan; drafts are for the people of the house."""

    def visible(self, actor: Actor) -> models.QuerySet[PlanVersion, PlanVersion]:
        houses = reach_of(actor).organization_ids
        return PlanVersion.objects.filter(
            Q(state=VersionState.APPROVED) | Q(plan__organization_id__in=houses),
            plan__in=plan_access.visible(actor),
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return plan_access.allows(actor, action, instance.plan)


class NodeAccess(Access[PlanNode]):
    """A branch is as open as its version. Its texts may be written by the section that leads it, while it is a draft."""

    def visible(self, actor: Actor) -> models.QuerySet[PlanNode, PlanNode]:
        return PlanNode.objects.filter(version__in=version_access.visible(actor))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        plan = instance.version.plan
        if plan_access.allows(actor, "edit", plan):
            return True
        if action != "write":
            return False
        reach = reach_of(actor)
        leads = instance.section_id is not None and instance.section_id in reach.section_ids
        return leads and reach.has_role(plan.organization_id, *STAFF)


plan_access = PlanAccess()
version_access = VersionAccess()
node_access = NodeAccess()
