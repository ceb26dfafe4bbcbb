"""Who sees and moves contacts, who marks conflicts, who chooses weights."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.exchange.access import WHOLE_ORGANIZATION, challenge_access, resource_access
from enishi.exchange.matches.enums import ContactState, Side
from enishi.exchange.matches.models import ConflictOfInterest, Contact, JointCall, WeightsVersion
from enishi.exchange.models import Challenge, Resource
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Membership
from enishi.organizations.visibility import reach_of

TALKING = (Role.OFFICER, *WHOLE_ORGANIZATION, Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)


class ContactAccess(Access[Contact]):
    """A contact belongs to its two sides: the staff of the challenge's owner and of the resource's.

    One that was only noted (候補) is seen by the side that noted it. Where a record is kept within a section, its side is
    that section.
    """

    def visible(self, actor: Actor) -> QuerySet[Contact, Contact]:
        reach = reach_of(actor)
        wanting = Q(wanting_id__in=reach.organization_ids) & (
            ~Q(challenge__visibility=Visibility.SECTION)
            | Q(challenge__section_id__in=reach.section_ids)
            | Q(wanting_id__in=reach.audited_ids)
        )
        offering = Q(offering_id__in=reach.organization_ids) & (
            ~Q(resource__visibility=Visibility.SECTION)
            | Q(resource__section_id__in=reach.section_ids)
            | Q(offering_id__in=reach.audited_ids)
        )
        noted = ContactState.SUGGESTED
        return Contact.objects.filter(
            (wanting & (~Q(state=noted) | Q(opened_side=Side.CHALLENGE)))
            | (offering & (~Q(state=noted) | Q(opened_side=Side.RESOURCE)))
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return (
            action in {"write", "move"}
            and bool(self.sides(actor, instance))
            and self.visible(actor).filter(pk=instance.pk).exists()
        )

    def sides(self, actor: Actor, contact: Contact) -> list[Side]:
        """The sides this person may speak for."""
        reach = reach_of(actor)
        owners = ((Side.CHALLENGE, contact.wanting_id), (Side.RESOURCE, contact.offering_id))
        return [side for side, owner in owners if reach.has_role(owner, *TALKING)]

    def may_open(self, actor: Actor, challenge: Challenge, resource: Resource) -> list[Side]:
        """The sides from which this person may begin to talk: both records seen, one of them the own house's."""
        reach = reach_of(actor)
        if not isinstance(actor, Person) or not reach.is_member:
            return []
        if not challenge_access.allows(actor, "view", challenge):
            return []
        if not resource_access.allows(actor, "view", resource):
            return []
        owners = ((Side.CHALLENGE, challenge.organization_id), (Side.RESOURCE, resource.organization_id))
        return [side for side, owner in owners if reach.has_role(owner, *TALKING)]


class ConflictAccess(Access[ConflictOfInterest]):
    """The staff of a public body read its conflicts; planners and those above mark them."""

    def visible(self, actor: Actor) -> QuerySet[ConflictOfInterest, ConflictOfInterest]:
        return ConflictOfInterest.objects.filter(organization_id__in=reach_of(actor).organization_ids)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        organization_id = getattr(instance, "organization_id", None) or getattr(instance, "pk", None)
        if action == "view":
            return organization_id in reach_of(actor).organization_ids
        return reach_of(actor).has_role(organization_id, *WHOLE_ORGANIZATION)


class WeightsAccess(Access[WeightsVersion]):
    """Administrators look at the weights and choose them."""

    def visible(self, actor: Actor) -> QuerySet[WeightsVersion, WeightsVersion]:
        rows = WeightsVersion.objects.all()
        return rows if self.allows(actor, "view", None) else rows.none()

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if not isinstance(actor, Person) or not actor.is_active:
            return False
        if actor.is_system_administrator:
            return True
        roles = reach_of(actor).roles
        return any(role == Role.ADMINISTRATOR.value for _organization, role in roles)


class JointAccess(Access[JointCall]):
    """A joint call is read by the houses it was sent to, and answered by their planners."""

    def visible(self, actor: Actor) -> QuerySet[JointCall, JointCall]:
        houses = reach_of(actor).organization_ids
        return JointCall.objects.filter(
            Q(lead__organization_id__in=houses) | Q(partners__organization_id__in=houses)
        ).distinct()

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        owner = instance.organization_id if instance is not None else None
        return reach_of(actor).has_role(owner, Role.OFFICER, *WHOLE_ORGANIZATION)


contact_access = ContactAccess()
conflict_access = ConflictAccess()
weights_access = WeightsAccess()
joint_access = JointAccess()


def people_of_side(contact: Contact, side: Side, at: dt.datetime) -> list[Person]:
    """Whom to tell: those who look after the record of this side."""
    record = contact.challenge if side is Side.CHALLENGE else contact.resource
    places = Membership.objects.current(timezone.localdate(at)).filter(
        organization_id=record.organization_id, role__in=[role.value for role in TALKING]
    )
    own = places.filter(section_id=record.section_id) if record.section_id else places.none()
    leading = places.filter(role__in=[Role.PLANNER, Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR])
    if record.visibility == Visibility.SECTION:
        leading = places.none()
    keys = set(own.values_list("person_id", flat=True)) | set(leading.values_list("person_id", flat=True))
    if not keys:
        keys = set(places.values_list("person_id", flat=True))
    return list(Person.objects.filter(pk__in=keys, is_active=True).order_by("pk"))
