"""The five visibilities, decided here and nowhere else."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from enishi.organizations.enums import Role, Visibility


@dataclass(frozen=True)
class Reach:
    """How far a person's memberships let them read today.

    ``organization_ids``: where they belong to the staff (a resident belongs to a town, not to its staff).
    ``section_ids``: their sections and all below them. ``audited_ids``: organisations they audit.
    """

    organization_ids: frozenset[int] = frozenset()
    section_ids: frozenset[int] = frozenset()
    audited_ids: frozenset[int] = frozenset()
    roles: frozenset[tuple[int, str]] = frozenset()

    @property
    def is_member(self) -> bool:
        return bool(self.organization_ids)

    def has_role(self, organization_id: int | None, *roles: Role) -> bool:
        return any((organization_id, role.value) in self.roles for role in roles)


NOBODY = Reach()


def reach_of(person: object, on: dt.date | None = None) -> Reach:
    """The person's reach, worked out once for each loaded person."""
    if not getattr(person, "is_authenticated", False) or not getattr(person, "is_active", False):
        return NOBODY
    known: Reach | None = getattr(person, "_reach", None)
    if known is None or on is not None:
        known = _work_out(person, on or timezone.localdate())
        person._reach = known  # type: ignore[attr-defined]
    return known


def forget_reach(person: object) -> None:
    """To be called when the person's memberships change under a loaded person."""
    if hasattr(person, "_reach"):
        del person._reach


def _work_out(person: Any, day: dt.date) -> Reach:
    membership = apps.get_model("organizations", "Membership")
    rows = list(
        membership.objects.current(day)
        .filter(person_id=person.pk)
        .values_list("organization_id", "section_id", "role")
    )
    staff = [row for row in rows if row[2] != Role.RESIDENT]
    return Reach(
        organization_ids=frozenset(row[0] for row in staff),
        section_ids=_with_descendants({row[1] for row in staff if row[1]}),
        audited_ids=frozenset(row[0] for row in staff if row[2] == Role.AUDITOR),
        roles=frozenset((row[0], row[2]) for row in rows),
    )


def _with_descendants(section_ids: set[int]) -> frozenset[int]:
    section = apps.get_model("organizations", "Section")
    found, edge = set(section_ids), set(section_ids)
    while edge:
        edge = set(section.objects.filter(parent_id__in=edge).values_list("pk", flat=True)) - found
        found |= edge
    return frozenset(found)


def visible_to(person: object, model: type[models.Model]) -> Q:
    """The condition on an owned record's own columns under which this person may read it."""
    reach = reach_of(person)
    kept = Q(deleted_at__isnull=True)
    if not reach.is_member:
        return kept & Q(visibility=Visibility.PUBLIC)
    mine = Q(organization_id__in=reach.organization_ids)
    return kept & (
        Q(visibility__in=[Visibility.PUBLIC, Visibility.MEMBERS])
        | (mine & Q(visibility__in=[Visibility.PARTIES, Visibility.INTERNAL]))
        | (Q(visibility=Visibility.PARTIES) & Q(pk__in=_invitations_to(reach, model)))
        | Q(visibility=Visibility.SECTION, section_id__in=reach.section_ids)
        | Q(visibility=Visibility.SECTION, organization_id__in=reach.audited_ids)
    )


def _invitations_to(reach: Reach, model: type[models.Model]) -> models.QuerySet[models.Model, int]:
    """Keys of the records to which one of the person's organisations was invited."""
    parties = model._meta.get_field("parties")
    assert isinstance(parties, models.ManyToManyField)
    through = parties.remote_field.through
    assert through is not None
    return through._default_manager.filter(organization_id__in=reach.organization_ids).values_list(
        f"{parties.m2m_field_name()}_id", flat=True
    )
