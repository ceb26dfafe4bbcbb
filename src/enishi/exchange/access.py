"""Who may read and do what to challenges, resources, fields and saved searches."""

from typing import Any, Generic, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from enishi.accounts.models import Person
from enishi.exchange.models import Challenge, Field, Resource, SavedSearch
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import Reach, reach_of

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)

WHOLE_ORGANIZATION = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
"""These edit whatever their organisation owns; an officer what the own section (or no section) owns."""

PARTNER = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)

WRITING = frozenset(
    {"edit", "publish", "change_status", "delete", "restore", "attach", "confirm", "import"},
)


class RecordAccess(Access[OwnedT], Generic[OwnedT]):
    """What challenges and resources have in common."""

    model: type[OwnedT]
    authors: tuple[Role, ...] = (Role.OFFICER, *WHOLE_ORGANIZATION)

    def visible(self, actor: Actor) -> OwnedQuerySet[OwnedT]:
        rows: OwnedQuerySet[OwnedT] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.visible_to(actor)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            return self._may_create(reach, instance)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return action in WRITING and self._may_write(reach, instance)

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        """The organisations in whose name this person may make a record."""
        author_of = {
            organization_id
            for organization_id, role in reach_of(actor).roles
            if role in {author.value for author in self.authors}
        }
        return Organization.objects.active().filter(pk__in=author_of).order_by("pk")

    def _may_create(self, reach: Reach, organization: Organization | None) -> bool:
        if organization is None:
            return any(role in {author.value for author in self.authors} for _, role in reach.roles)
        return reach.has_role(organization.pk, *self.authors)

    def _may_write(self, reach: Reach, record: OwnedRecord) -> bool:
        owner = record.organization_id
        if reach.has_role(owner, *WHOLE_ORGANIZATION):
            return True
        if reach.has_role(owner, Role.OFFICER):
            return record.section_id is None or record.section_id in reach.section_ids
        return reach.has_role(owner, *(role for role in self.authors if role in PARTNER))


class PublicBodyAccess(RecordAccess[OwnedT], Generic[OwnedT]):
    """What only a public body may own."""

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        return super().owners(actor).filter(kind__in=["municipality", "prefecture", "government"])

    def _may_create(self, reach: Reach, organization: Organization | None) -> bool:
        if organization is not None and not organization.is_public_body:
            return False
        return super()._may_create(reach, organization)


class ChallengeAccess(PublicBodyAccess[Challenge]):
    model = Challenge


class ResourceAccess(RecordAccess[Resource]):
    """Resources are offered by any organisation."""

    model = Resource
    authors = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)


class FieldAccess(Access[Field]):
    """Everybody reads the fields of work; administrators edit them."""

    def visible(self, actor: Actor) -> models.QuerySet[Field, Field]:
        return Field.objects.all()

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return True
        if isinstance(actor, Person) and actor.is_active and actor.is_system_administrator:
            return True
        return any(role == Role.ADMINISTRATOR.value for _, role in reach_of(actor).roles)


class SavedSearchAccess(Access[SavedSearch]):
    """A saved search is its owner's alone."""

    def visible(self, actor: Actor) -> models.QuerySet[SavedSearch, SavedSearch]:
        if isinstance(actor, AnonymousUser) or not actor.is_active:
            return SavedSearch.objects.none()
        return SavedSearch.objects.filter(person_id=actor.pk)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if not isinstance(actor, Person) or not actor.is_active:
            return False
        return action == "create" or (instance is not None and instance.person_id == actor.pk)


challenge_access = ChallengeAccess()
resource_access = ResourceAccess()
field_access = FieldAccess()
saved_search_access = SavedSearchAccess()


def access_of(record: Challenge | Resource | type[Challenge] | type[Resource]) -> RecordAccess[Any]:
    """The access of a record's kind."""
    kind = record if isinstance(record, type) else type(record)
    return challenge_access if issubclass(kind, Challenge) else resource_access
