"""The story all kept records here share: lock, permit, check, write, record. Used by services only, inside a transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.knowledge.staff.access import StaffAccess
from enishi.knowledge.staff.errors import NotRestorableError, RefusedError, StaleVersionError
from enishi.organizations.models import OwnedRecord

RecordT = TypeVar("RecordT", bound=OwnedRecord)

UNSAID = frozenset({"version", "updated_at", "updated_by_id", "created_at"})


def locked(model: type[RecordT], pk: int) -> RecordT:
    """The record, held against other writers until the transaction ends."""
    return model._default_manager.select_for_update().get(pk=pk)


def begin(record: OwnedRecord, *, access: StaffAccess[Any], actor: Person, at: dt.datetime) -> None:
    """Write a new record down."""
    access.require(actor, "create", record.organization)
    record.created_at = record.updated_at = at
    record.updated_by = actor
    record.save()
    tell(record, "create", actor=actor, at=at)


def open_for_change(
    model: type[RecordT], pk: int, *, access: StaffAccess[Any], actor: Person, version: int | None = None
) -> tuple[RecordT, dict[str, Any]]:
    """The record, locked, and its values before; refuses who may not, what was thrown away and what is stale."""
    record = locked(model, pk)
    access.require(actor, "edit", record)
    if record.deleted_at is not None:
        raise RefusedError(_("この記録は削除されています。先に「ごみ箱」から元に戻してください。"))
    if version is not None and record.version != version:
        raise StaleVersionError(opened=version, current=record.version)
    return record, trail.values(record)


def save(
    record: OwnedRecord,
    action: str,
    before: Mapping[str, Any],
    *,
    actor: Person | None,
    at: dt.datetime,
    note: str = "",
) -> bool:
    """Save what changed and write it down; nothing changed and nothing to note, nothing written."""
    changes = trail.differences(before, trail.values(record))
    if not changes and not note:
        return False
    record.version += 1
    record.updated_at = at
    if actor is not None:
        record.updated_by = actor
    record.save()
    tell(record, action, actor=actor, at=at, changes=changes, note=note)
    return True


def throw_away(
    model: type[RecordT], pk: int, *, access: StaffAccess[Any], actor: Person, at: dt.datetime
) -> RecordT:
    """Delete; it comes back for 30 days."""
    record, before = open_for_change(model, pk, access=access, actor=actor)
    record.deleted_at = at
    save(record, "delete", before, actor=actor, at=at)
    return record


def bring_back(
    model: type[RecordT], pk: int, *, access: StaffAccess[Any], actor: Person, at: dt.datetime
) -> RecordT:
    record = locked(model, pk)
    access.require(actor, "restore", record)
    if record.deleted_at is None or at - record.deleted_at > RESTORABLE:
        raise NotRestorableError
    before = trail.values(record)
    record.deleted_at = None
    save(record, "restore", before, actor=actor, at=at)
    return record


def tell(
    record: OwnedRecord,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    """Write the act into the trail."""
    shown = {name: pair for name, pair in (changes or {}).items() if name not in UNSAID}
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=record,
            at=at,
            organization_id=record.organization_id,
            changes=shown,
            note=note[:300],
        )
    )
