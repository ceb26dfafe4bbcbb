"""Who may read and do what in a review: PLANS §4, on the server and for each state."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.budgets.models import Programme
from enishi.evaluation.enums import DecisionState, Place
from enishi.evaluation.models import (
    EvaluationCycle,
    ImprovementDecision,
    Panelist,
    ReviewProposal,
    Subject,
)
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.visibility import Reach, reach_of
from enishi.plans.models import Plan

STAFF = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
"""These see sheets being written; the auditors read what is frozen."""
JUDGED = (Place.EXTERNAL, Place.DECISION, Place.DECIDED)
"""Where a sheet lies once the members of the panel may read it."""


def staffed_ids(actor: Actor) -> frozenset[int]:
    """The houses in which this person works on reviews."""
    values = {role.value for role in STAFF}
    return frozenset(house for house, role in reach_of(actor).roles if role in values)


def readable_subject(actor: Actor) -> Q:
    """A sheet is no more open than the programme or the plan it is about."""
    programmes = Programme.objects.visible_to(actor).values("pk")
    plans = Plan.objects.visible_to(actor).values("pk")
    return Q(programme__in=programmes) | Q(node__version__plan__in=plans)


def sits_on_panel(actor: Actor) -> models.QuerySet[Panelist, Panelist]:
    return Panelist.objects.filter(person_id=actor.pk) if actor.pk else Panelist.objects.none()


class CycleAccess(Access[EvaluationCycle]):
    """Read inside the house and by its panel; led by those who play 行革."""

    def visible(self, actor: Actor) -> models.QuerySet[EvaluationCycle, EvaluationCycle]:
        reach = reach_of(actor)
        panels = sits_on_panel(actor).values("cycle_id")
        rows = EvaluationCycle.objects.filter(deleted_at__isnull=True)
        return rows.filter(Q(organization_id__in=reach.organization_ids) | Q(pk__in=panels))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "create":
            house = getattr(instance, "pk", instance)
            return house is not None and acts_as(actor, house, Office.REVIEW)
        return acts_as(actor, instance.organization_id, Office.REVIEW)


class SubjectAccess(Access[Subject]):
    """Sheets: filled in the section, approved by its manager, judged again by 行革・企画 and the panel."""

    def visible(self, actor: Actor) -> models.QuerySet[Subject, Subject]:
        reach = reach_of(actor)
        working = staffed_ids(actor)
        audited = reach.organization_ids - working
        inside = Q(organization_id__in=working) | (
            Q(organization_id__in=audited, included=True) & ~Q(place=Place.FIRST)
        )
        on_panel = Q(cycle__in=sits_on_panel(actor).values("cycle_id"), included=True, place__in=JUDGED)
        rows = Subject.objects.filter(cycle__deleted_at__isnull=True)
        return rows.filter((inside & readable_subject(actor)) | on_panel)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        asked = _ACTIONS.get(action)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return asked is not None and asked(actor, instance)

    def sees_living_facts(self, actor: Actor, subject: Subject) -> bool:
        """The house's workers see the records as they are; auditors and the panel only what was frozen."""
        return subject.organization_id in staffed_ids(actor)


def in_scope(reach: Reach, subject: Any) -> bool:
    return subject.section_id is None or subject.section_id in reach.section_ids


def fills(actor: Actor, subject: Subject) -> bool:
    reach = reach_of(actor)
    if not in_scope(reach, subject):
        return False
    return reach.has_role(subject.organization_id, Role.OFFICER, Role.MANAGER)


def fills_programme(actor: Actor, programme: Programme) -> bool:
    """Who says by which indicators a programme is judged: its section, and those who lead the review."""
    reach = reach_of(actor)
    working = reach.has_role(programme.organization_id, Role.OFFICER, Role.MANAGER)
    if working and in_scope(reach, programme):
        return True
    return acts_as(actor, programme.organization_id, Office.REVIEW)


def approves(actor: Actor, subject: Subject) -> bool:
    reach = reach_of(actor)
    manages = reach.has_role(subject.organization_id, Role.MANAGER)
    return manages and (in_scope(reach, subject) or not reach.section_ids)


def judges_second(actor: Actor, subject: Subject) -> bool:
    house = subject.organization_id
    return acts_as(actor, house, Office.REVIEW) or acts_as(actor, house, Office.PLANNING)


def judges_outside(actor: Actor, subject: Subject) -> bool:
    return sits_on_panel(actor).filter(cycle_id=subject.cycle_id).exists()


def drafts_decision(actor: Actor, subject: Subject) -> bool:
    return approves(actor, subject) or judges_second(actor, subject)


def leads(actor: Actor, subject: Subject) -> bool:
    return acts_as(actor, subject.organization_id, Office.REVIEW)


_ACTIONS = {
    "first": fills,
    "approve": approves,
    "second": judges_second,
    "external": judges_outside,
    "propose": drafts_decision,
    "manage": leads,
    "publish": leads,
}


class DecisionAccess(Access[ImprovementDecision]):
    """Proposed by managers and 企画, confirmed by 行革, decided by 首長・庁議; read with the sheet."""

    def visible(self, actor: Actor) -> models.QuerySet[ImprovementDecision, ImprovementDecision]:
        subjects = subject_access.visible(actor).values("pk")
        return ImprovementDecision.objects.filter(subject__in=subjects)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        house = instance.organization_id
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "confirm":
            return acts_as(actor, house, Office.REVIEW)
        if action == "decide":
            return acts_as(actor, house, Office.COUNCIL)
        if action == "supersede":
            return acts_as(actor, house, Office.REVIEW)
        if action == "edit":
            return instance.state != DecisionState.DECIDED and drafts_decision(actor, instance.subject)
        return action == "follow_up" and self._follows_up(actor, instance)

    def _follows_up(self, actor: Actor, decision: ImprovementDecision) -> bool:
        """Whoever carries the decision out: its owner, the section's people, and those who lead the review."""
        if actor.pk is not None and decision.owner_id == actor.pk:
            return True
        return fills(actor, decision.subject) or leads(actor, decision.subject)


class ProposalAccess(Access[ReviewProposal]):
    """Whoever proposed reads their own; the house reads all and answers."""

    def visible(self, actor: Actor) -> models.QuerySet[ReviewProposal, ReviewProposal]:
        if not actor.pk:
            return ReviewProposal.objects.none()
        inside = Q(organization_id__in=reach_of(actor).organization_ids)
        return ReviewProposal.objects.filter(inside | Q(proposer_id=actor.pk))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "create":
            return (
                actor.pk is not None and Programme.objects.visible_to(actor).filter(pk=instance.pk).exists()
            )
        return acts_as(actor, instance.organization_id, Office.REVIEW)


cycle_access = CycleAccess()
subject_access = SubjectAccess()
decision_access = DecisionAccess()
proposal_access = ProposalAccess()
