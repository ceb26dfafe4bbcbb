"""Who may read and write what staff keep here: the five visibilities, and the roles of the owner."""

from typing import Any, Generic, TypeVar

from django.db import models

from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import Reach, reach_of

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)

WHOLE_ORGANIZATION = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
"""These edit whatever their organisation owns; an officer what the own section (or no section) owns."""

AUTHORS = (Role.OFFICER, *WHOLE_ORGANIZATION)


class StaffAccess(Access[OwnedT], Generic[OwnedT]):
    """Records that staff of public bodies keep for each other."""

    def __init__(self, model: type[OwnedT]) -> None:
        self.model = model

    def visible(self, actor: Actor) -> OwnedQuerySet[OwnedT]:
        rows: OwnedQuerySet[OwnedT] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.visible_to(actor)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            owner = instance.pk if isinstance(instance, Organization) else None
            return is_author(reach, owner)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        return may_write(reach, instance)

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        """The organisations in whose name this person may make a record."""
        return owners_of(actor)


def owners_of(actor: Actor) -> models.QuerySet[Organization]:
    own = {pk for pk, role in reach_of(actor).roles if role in {each.value for each in AUTHORS}}
    return Organization.objects.active().filter(pk__in=own).order_by("pk")


def is_staff(actor: Actor) -> bool:
    """Whether this person writes in the name of any public body."""
    return is_author(reach_of(actor), None)


def is_author(reach: Reach, owner: int | None) -> bool:
    if owner is None:
        return any(role in {each.value for each in AUTHORS} for _pk, role in reach.roles)
    return reach.has_role(owner, *AUTHORS)


def may_write(reach: Reach, record: OwnedRecord) -> bool:
    if reach.has_role(record.organization_id, *WHOLE_ORGANIZATION):
        return True
    if not reach.has_role(record.organization_id, Role.OFFICER):
        return False
    return record.section_id is None or record.section_id in reach.section_ids
