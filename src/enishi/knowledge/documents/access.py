"""Who may read and keep collections and documents."""

from typing import Any, Generic, TypeVar

from django.db import models

from enishi.foundation.access import Access, Actor
from enishi.knowledge.documents.models import Collection, Document
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import reach_of

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)

WHOLE_ORGANIZATION = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR)
KEEPERS = (Role.OFFICER, Role.PARTNER_MEMBER, *WHOLE_ORGANIZATION)


class KeptAccess(Access[OwnedT], Generic[OwnedT]):
    """Read by the circle; kept by the owner's people: an officer what their section (or no section) looks after."""

    model: type[OwnedT]

    def visible(self, actor: Actor) -> OwnedQuerySet[OwnedT]:
        rows: OwnedQuerySet[OwnedT] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.visible_to(actor)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            if instance is None:
                return any(role in {keeper.value for keeper in KEEPERS} for _pk, role in reach.roles)
            return reach.has_role(instance.pk, *KEEPERS)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if reach.has_role(instance.organization_id, *WHOLE_ORGANIZATION):
            return True
        if reach.has_role(instance.organization_id, Role.OFFICER):
            return instance.section_id is None or instance.section_id in reach.section_ids
        return reach.has_role(instance.organization_id, Role.PARTNER_MEMBER)

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        """The organisations in whose name this person may keep documents."""
        keepers = {keeper.value for keeper in KEEPERS}
        mine = {pk for pk, role in reach_of(actor).roles if role in keepers}
        return Organization.objects.active().filter(pk__in=mine).order_by("pk")

    def writable(self, actor: Actor) -> models.QuerySet[OwnedT]:
        """The rows this person may change: what a form offers."""
        reach = reach_of(actor)
        whole = {role.value for role in (*WHOLE_ORGANIZATION, Role.PARTNER_MEMBER)}
        everywhere = {pk for pk, role in reach.roles if role in whole}
        some = {pk for pk, role in reach.roles if role == Role.OFFICER.value}
        mine = models.Q(section__isnull=True) | models.Q(section_id__in=reach.section_ids)
        rows: models.QuerySet[OwnedT] = self.visible(actor).filter(
            models.Q(organization_id__in=everywhere) | (models.Q(organization_id__in=some) & mine)
        )
        return rows


class CollectionAccess(KeptAccess[Collection]):
    model = Collection


class DocumentAccess(KeptAccess[Document]):
    model = Document


collection_access = CollectionAccess()
document_access = DocumentAccess()
