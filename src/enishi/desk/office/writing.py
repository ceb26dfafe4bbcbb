"""How an office writes an announcement and takes it from one state to the next, with its challenges and its record of acts."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models

from enishi.accounts.models import Person
from enishi.desk.models import Call, Sounding
from enishi.desk.office.access import OfficeAccess, section_for
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation import trail
from enishi.foundation.refusals import require_version
from enishi.foundation.sentences import gettext as _
from enishi.organizations.models import Organization

AnnouncedT = TypeVar("AnnouncedT", Call, Sounding)
_FOLLOWED = ["status", "status_reason", "published_at"]


@dataclass(frozen=True)
class Announcing(Generic[AnnouncedT]):
    """One kind of announcement: who may write it, the columns they write, and which state may follow which."""

    access: OfficeAccess[AnnouncedT]
    written: Sequence[str]
    steps: Mapping[Any, Sequence[Any]]

    def held(self, pk: int, action: str, actor: Person) -> AnnouncedT:
        """The announcement, locked, for somebody who may do this with it."""
        record: AnnouncedT = self.access.model.objects.select_for_update().get(pk=pk)
        self.access.require(actor, action, record)
        return record

    def create(
        self,
        *,
        organization: Organization,
        values: Mapping[str, Any],
        actor: Person,
        at: dt.datetime,
        is_demo: bool,
    ) -> AnnouncedT:
        self.access.require(actor, "create", organization)  # type: ignore[arg-type]
        record: AnnouncedT = self.access.model(organization=organization, created_at=at, is_demo=is_demo)
        own = {"section": section_for(actor, organization, values.get("section"))}
        self._fill(record, {**values, **own}, actor, at)
        write_down(record, "create", actor, at)
        return record

    def edit(
        self,
        *,
        pk: int,
        values: Mapping[str, Any],
        version: int,
        actor: Person,
        at: dt.datetime,
        refuse: Callable[[AnnouncedT, Mapping[str, Any]], None] | None = None,
    ) -> AnnouncedT:
        """Write it anew; ``refuse`` raises where this change is not fair any more."""
        record = self.held(pk, "edit", actor)
        require_version(record, version)
        if refuse is not None:
            refuse(record, values)
        before = trail.values(record, self.written)
        record.version += 1
        self._fill(record, values, actor, at)
        write_down(record, "edit", actor, at, trail.differences(before, trail.values(record, self.written)))
        return record

    def _fill(self, record: AnnouncedT, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> None:
        for name in self.written:
            if name in values:
                setattr(record, name, values[name])
        record.updated_at, record.updated_by = at, actor
        record.save()
        if "challenges" in values:
            _set_challenges(record, values["challenges"], actor)

    def require_step(self, record: AnnouncedT, status: models.TextChoices) -> None:
        if status not in self.steps[record.status]:
            raise RefusedError(
                _("いまは「%(before)s」なので「%(after)s」にはできません。画面を読み直してください。")
                % {"before": record.get_status_display(), "after": status.label}
            )

    def move(
        self,
        record: AnnouncedT,
        status: models.TextChoices,
        actor: Person | None,
        at: dt.datetime,
        reason: str = "",
    ) -> AnnouncedT:
        """Write the new state down, and when it was first shown; ``actor`` is ``None`` when its time ran out."""
        before = trail.values(record, _FOLLOWED)
        record.status, record.status_reason = status, reason
        record.published_at = record.published_at or at
        record.version += 1
        record.updated_at, record.updated_by = at, actor or record.updated_by
        record.save()
        changes = trail.differences(before, trail.values(record, _FOLLOWED))
        write_down(record, "change_status", actor, at, changes)
        return record


def _set_challenges(record: Call | Sounding, challenges: Iterable[Challenge], actor: Person) -> None:
    visible = Challenge.objects.visible_to(actor)
    chosen = list(visible.filter(pk__in=[each.pk for each in challenges]))
    if any(each.organization_id != record.organization_id for each in chosen):
        raise RefusedError(_("自分の団体の課題だけを選べます。"))
    # What somebody else chose and this person may not read stays.
    kept = record.challenges.exclude(pk__in=visible.values("pk"))
    record.challenges.set([*chosen, *kept])


def write_down(
    record: Call | Sounding,
    action: str,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    """Whoever asked or applied from outside is never named: the record of acts is read by more people than that."""
    trail.record(
        trail.Act(
            actor=actor if actor is not None and _works_there(actor, record) else None,
            action=action,
            subject=record,
            at=at,
            organization_id=record.organization_id,
            changes=changes or {},
            note=note,
        )
    )


def _works_there(actor: Person, record: Call | Sounding) -> bool:
    return actor.memberships.filter(organization_id=record.organization_id).exists()
