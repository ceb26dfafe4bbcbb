"""Who may read and do what in a project: those who lead it, those who take part, and everybody else."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION, RecordAccess
from enishi.foundation.access import Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import Reach, reach_of
from enishi.projects.models import Expense, Measure, Participant, Project, Task

WORKING = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)
APPROVING = (Role.MANAGER, Role.PLANNER)
LEADING = frozenset({"edit", "change_status", "delete", "restore", "attach", "read_lab"})
"""What the people of the leading organisation do: officers in the own section, managers and planners everywhere."""


class ProjectAccess(RecordAccess[Project]):
    """A public body leads. Inside: its people and the people of all who take part."""

    model = Project

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        return super().owners(actor).filter(kind__in=["municipality", "prefecture", "government"])

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            return self._may_create(reach, instance)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action in LEADING:
            return self._may_write(reach, instance)
        if action == "approve":
            return reach.has_role(instance.organization_id, *APPROVING)
        if action in ("decide_expense", "settle"):
            return reach.has_role(instance.organization_id, *WHOLE_ORGANIZATION)
        if action == "read_inside":
            return is_inside(reach, instance) and self.visible(actor).filter(pk=instance.pk).exists()
        if action == "take_part":
            return self._takes_part(actor, reach, instance)
        return False

    def _may_create(self, reach: Reach, organization: Organization | None) -> bool:
        if organization is not None and not organization.is_public_body:
            return False
        return super()._may_create(reach, organization)

    def _takes_part(self, actor: Actor, reach: Reach, project: Project) -> bool:
        """May write something of one's own: a task's state, a value, an expense, minutes."""
        if self._may_write(reach, project):
            return True
        houses = {key for key, role in reach.roles if role in {each.value for each in WORKING}}
        mine = project.participants.filter(organization_id__in=houses).exclude(
            organization_id=project.organization_id
        )
        return mine.exists() and self.visible(actor).filter(pk=project.pk).exists()


def is_inside(reach: Reach, project: Project) -> bool:
    """Belongs to the people of the organisation that leads, or of one that takes part."""
    if project.organization_id in reach.organization_ids:
        return True
    return project.participants.filter(organization_id__in=reach.organization_ids).exists()


def works_for(actor: Actor, participant: Participant | None) -> bool:
    """Whether this person speaks for this participant."""
    return participant is not None and reach_of(actor).has_role(participant.organization_id, *WORKING)


def may_touch(actor: Actor, project: Project, participant: Participant | None) -> bool:
    """Write a row of this participant: whoever leads the project, or the participant's own people."""
    if project_access.allows(actor, "edit", project):
        return True
    return works_for(actor, participant) and project_access.allows(actor, "take_part", project)


def may_move_task(actor: Actor, task: Task) -> bool:
    return may_touch(actor, task.project, task.participant)


def may_record(actor: Actor, measure: Measure) -> bool:
    return may_touch(actor, measure.project, measure.participant)


def participants_of(actor: Actor, project: Project) -> models.QuerySet[Participant]:
    """In whose name this person may claim an expense: whoever leads, for all; others for their own organisation."""
    if project_access.allows(actor, "edit", project):
        return project.participants.all()
    houses = {key for key, role in reach_of(actor).roles if role in {each.value for each in WORKING}}
    return project.participants.filter(organization_id__in=houses)


def readable_expenses(actor: Actor, project: Project) -> models.QuerySet[Expense]:
    """The leading organisation reads all expenses, a partner its own."""
    houses = reach_of(actor).organization_ids
    if project.organization_id in houses:
        return project.expenses.all()
    return project.expenses.filter(participant__organization_id__in=houses)


def may_decide(actor: Actor, expense: Expense) -> bool:
    """Approve or return a claim: never one's own."""
    return expense.claimed_by_id != actor.pk and project_access.allows(
        actor, "decide_expense", expense.project
    )


def projects_taken_part_in(actor: Actor) -> Q:
    """Condition on projects: led by, or together with, one of the person's organisations."""
    houses = reach_of(actor).organization_ids
    mine = Participant.objects.filter(organization_id__in=houses).values("project_id")
    return Q(organization_id__in=houses) | Q(pk__in=mine)


project_access = ProjectAccess()
