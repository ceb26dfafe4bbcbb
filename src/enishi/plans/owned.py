"""What logic models, evidence, scorings and readings share: who may write them, and how every service begins and ends."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.access import Access, Actor
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import require_version
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import reach_of
from enishi.plans.errors import PlanError
from enishi.plans.signals import owned_changed

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)
AUTHORS = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
WHOLE_HOUSE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
_UNTOLD = frozenset({"version", "updated_at", "updated_by_id", "created_at"})


class OwnedAccess(Access[OwnedT], Generic[OwnedT]):
    """Officers write in their own section, managers and planners everywhere; visitors read what is public."""

    model: type[OwnedT]
    approving = frozenset({"approve"})

    def visible(self, actor: Actor) -> OwnedQuerySet[OwnedT]:
        rows: OwnedQuerySet[OwnedT] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.visible_to(actor)

    def owners(self, actor: Actor) -> models.QuerySet[Organization, Organization]:
        """The public bodies in whose name this person may make one."""
        wanted = {role.value for role in AUTHORS}
        houses = {house for house, role in reach_of(actor).roles if role in wanted}
        return Organization.objects.active().public_bodies().filter(pk__in=houses).order_by("pk")

    def thrown(self, actor: Actor) -> models.QuerySet[OwnedT, OwnedT]:
        """What lies in the trash of these bodies, the last thrown first."""
        houses = [house.pk for house in self.owners(actor)]
        rows = self.model._default_manager.filter(organization_id__in=houses, deleted_at__isnull=False)
        return rows.order_by("-deleted_at")

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            if instance is None:
                return self.owners(actor).exists()
            return bool(instance.is_public_body) and reach.has_role(instance.pk, *AUTHORS)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        house = instance.organization_id
        if action == "read_inside":
            return house in reach.organization_ids
        if reach.has_role(house, *WHOLE_HOUSE) or acts_as(actor, house, Office.PLANNING):
            return True
        if action in self.approving:
            return False
        own = instance.section_id is None or instance.section_id in reach.section_ids
        return own and reach.has_role(house, Role.OFFICER)


def locked(
    access: OwnedAccess[OwnedT], pk: int, action: str, actor: Person, *, version: int | None = None
) -> OwnedT:
    """The record, held against other writers, once this person may do ``action`` and nobody was faster."""
    row: OwnedT = access.model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    access.require(actor, action, row)
    if row.deleted_at is not None and action != "restore":
        raise PlanError(_("ごみ箱にあります。先に元に戻してください。"))
    require_version(row, version)
    return row


def assign(row: models.Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Put the values on the row, cleaned. Raises ``ValidationError`` with a sentence for each that cannot be used."""
    allowed = set(names)
    for name, value in values.items():
        if name not in allowed:
            raise TypeError(f"unknown value: {name}")
        column = row._meta.get_field(name)
        if isinstance(column, models.CharField | models.TextField) and not column.choices:
            value = clean_text(str(value or ""), lines=isinstance(column, models.TextField)).strip()
        setattr(row, name, value)
    row.clean_fields(exclude=[column.name for column in row._meta.concrete_fields if column.is_relation])


def saved(row: OwnedRecord, *, actor: Person | None, at: dt.datetime) -> None:
    row.version, row.updated_at, row.updated_by = row.version + 1, at, actor
    row.save()


def told(
    row: OwnedRecord,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    before: Mapping[str, Any] | None = None,
    note: str = "",
) -> None:
    """Write the act down, and tell who keeps an index once it is stored."""
    changes = {}
    if before is not None:
        found = trail.differences(before, trail.values(row))
        changes = {name: pair for name, pair in found.items() if name not in _UNTOLD}
    trail.record(
        trail.Act(
            actor, action, row, at, organization_id=row.organization_id, changes=changes, note=note[:300]
        )
    )
    model, pk = type(row), row.pk
    transaction.on_commit(lambda: owned_changed.send_robust(model, pk=pk))


@transaction.atomic
def discard(access: OwnedAccess[OwnedT], pk: int, *, actor: Person, at: dt.datetime) -> OwnedT:
    """Into the trash, for thirty days."""
    row = locked(access, pk, "delete", actor)
    row.deleted_at = at
    saved(row, actor=actor, at=at)
    told(row, "delete", actor=actor, at=at)
    return row


@transaction.atomic
def restore(access: OwnedAccess[OwnedT], pk: int, *, actor: Person, at: dt.datetime) -> OwnedT:
    row = locked(access, pk, "restore", actor)
    if row.deleted_at is None or at - row.deleted_at > RESTORABLE:
        raise PlanError(_("削除から30日を過ぎたか、すでに元に戻されています。"))
    row.deleted_at = None
    saved(row, actor=actor, at=at)
    told(row, "restore", actor=actor, at=at)
    return row
