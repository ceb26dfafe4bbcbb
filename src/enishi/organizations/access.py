"""Who may read and do what to organisations, their sections and their people."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.accounts.models import Person
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import ADMINISTRATOR_ROLES, RequestStatus, Role
from enishi.organizations.models import (
    Invitation,
    JoinRequest,
    Membership,
    Organization,
    Registration,
    Reorganization,
    Section,
)
from enishi.organizations.visibility import reach_of


def is_system_administrator(actor: Actor) -> bool:
    return isinstance(actor, Person) and actor.is_active and actor.is_system_administrator


def administers(actor: Actor, organization_id: int | None) -> bool:
    """Whether this person runs this organisation's account."""
    return is_system_administrator(actor) or reach_of(actor).has_role(organization_id, *ADMINISTRATOR_ROLES)


def administered_ids(actor: Actor) -> frozenset[int]:
    """The organisations this person runs."""
    roles = {role.value for role in ADMINISTRATOR_ROLES}
    return frozenset(key for key, role in reach_of(actor).roles if role in roles)


class OrganizationAccess(Access[Organization]):
    """Everybody may know who takes part; its administrators edit."""

    def visible(self, actor: Actor) -> models.QuerySet[Organization, Organization]:
        return Organization.objects.all()

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return True
        if action == "create":
            return is_system_administrator(actor) or any(
                role == Role.ADMINISTRATOR for _key, role in reach_of(actor).roles
            )
        if action == "see_people":
            return is_system_administrator(actor) or instance.pk in reach_of(actor).organization_ids
        return instance is not None and administers(actor, instance.pk)


class SectionAccess(Access[Section]):
    """The sections of a public body are public: they are its doors. Those of others are for its own people."""

    def visible(self, actor: Actor) -> models.QuerySet[Section, Section]:
        if is_system_administrator(actor):
            return Section.objects.all()
        public = Q(organization__kind__in=["municipality", "prefecture", "government"])
        return Section.objects.filter(public | Q(organization_id__in=reach_of(actor).organization_ids))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return administers(actor, instance.organization_id)


class ReorganizationAccess(Access[Reorganization]):
    """Prepared by administrators; once decided, everybody inside may read it."""

    def visible(self, actor: Actor) -> models.QuerySet[Reorganization, Reorganization]:
        if is_system_administrator(actor):
            return Reorganization.objects.all()
        decided = Q(decided_at__isnull=False, organization_id__in=reach_of(actor).organization_ids)
        return Reorganization.objects.filter(decided | Q(organization_id__in=administered_ids(actor)))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return administers(actor, instance.organization_id)


class MembershipAccess(Access[Membership]):
    """Colleagues know each other; administrators change places; everybody may leave."""

    def visible(self, actor: Actor) -> models.QuerySet[Membership, Membership]:
        if is_system_administrator(actor):
            return Membership.objects.all()
        inside = Q(organization_id__in=reach_of(actor).organization_ids) & ~Q(role=Role.RESIDENT)
        run = Q(organization_id__in=administered_ids(actor))
        return Membership.objects.filter(inside | run | Q(person_id=actor.pk))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        mine = actor.pk is not None and instance.person_id == actor.pk
        if action in ("leave", "hand_over") and mine:
            return True
        return administers(actor, instance.organization_id)


class InvitationAccess(Access[Invitation]):
    def visible(self, actor: Actor) -> models.QuerySet[Invitation, Invitation]:
        if is_system_administrator(actor):
            return Invitation.objects.all()
        return Invitation.objects.filter(organization_id__in=administered_ids(actor))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        return administers(actor, instance.organization_id)


class RegistrationAccess(Access[Registration]):
    """The town where a partner sits confirms it; so do the people who run the installation."""

    def visible(self, actor: Actor) -> models.QuerySet[Registration, Registration]:
        if is_system_administrator(actor):
            return Registration.objects.all()
        return Registration.objects.filter(
            Q(seat_id__in=administered_ids(actor)) | Q(applicant_id=actor.pk) if actor.pk else Q(pk__in=[])
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "create":
            return isinstance(actor, Person) and actor.is_active
        if action == "withdraw":
            return bool(instance.applicant_id == actor.pk)
        return administers(actor, instance.seat_id)


class JoinRequestAccess(Access[JoinRequest]):
    def visible(self, actor: Actor) -> models.QuerySet[JoinRequest, JoinRequest]:
        if is_system_administrator(actor):
            return JoinRequest.objects.all()
        if not actor.pk:
            return JoinRequest.objects.none()
        return JoinRequest.objects.filter(
            Q(organization_id__in=administered_ids(actor)) | Q(person_id=actor.pk)
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "create":
            return isinstance(actor, Person) and actor.is_active
        if action == "withdraw":
            return bool(instance.person_id == actor.pk and instance.status == RequestStatus.WAITING)
        return administers(actor, instance.organization_id)


organization_access = OrganizationAccess()
section_access = SectionAccess()
reorganization_access = ReorganizationAccess()
membership_access = MembershipAccess()
invitation_access = InvitationAccess()
registration_access = RegistrationAccess()
join_request_access = JoinRequestAccess()
