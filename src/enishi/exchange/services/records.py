"""The story both kinds of record share: lock, permit, check, write, record, tell."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange.access import access_of
from enishi.exchange.completeness import missing_for_publication
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.errors import CannotPublishError, NotRestorableError, RefusedError, StaleVersionError
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.signals import challenge_changed, resource_changed
from enishi.exchange.values import MANY, check_together, cleaned
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.organizations.models import Organization

RecordT = TypeVar("RecordT", Challenge, Resource)


def locked(model: type[RecordT], pk: int) -> RecordT:
    """The record, held against other writers until the transaction ends."""
    return model._default_manager.select_for_update().get(pk=pk)


@transaction.atomic
def create(
    model: type[RecordT],
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
) -> RecordT:
    access_of(model).require(actor, "create", organization)
    record = model(organization=organization, created_at=at, updated_at=at, updated_by=actor)
    many = _assign(record, cleaned(model, values))
    check_together(record, many)
    record.save()
    for name, keys in many.items():
        getattr(record, MANY[name]).set(keys)
    _write_down(record, "create", actor=actor, at=at)
    tell(record)
    return record


@transaction.atomic
def edit(
    model: type[RecordT],
    *,
    pk: int,
    values: Mapping[str, Any],
    version: int,
    actor: Person,
    at: dt.datetime,
) -> RecordT:
    record = locked(model, pk)
    access_of(model).require(actor, "edit", record)
    require_kept(record)
    if record.version != version:
        raise StaleVersionError(opened=version, current=record.version)
    new = cleaned(model, values)
    before = trail.values(record) | _chosen(record, new)
    many = _assign(record, new)
    check_together(record, many)
    for name, keys in many.items():
        getattr(record, MANY[name]).set(keys)
    changes = trail.differences(before, trail.values(record) | _chosen(record, new))
    if not changes:
        return record
    save(record, actor=actor, at=at)
    _write_down(record, "edit", actor=actor, at=at, changes=changes)
    tell(record)
    return record


@transaction.atomic
def publish(model: type[RecordT], *, pk: int, actor: Person, at: dt.datetime) -> RecordT:
    record = locked(model, pk)
    access_of(model).require(actor, "publish", record)
    require_kept(record)
    if record.status != "draft":
        raise RefusedError(_("すでに公開の手続きが済んでいます。公開できるのは下書きだけです。"))
    missing = missing_for_publication(record)
    if missing:
        raise CannotPublishError(missing)
    before = trail.values(record)
    record.status = ChallengeStatus.OPEN if isinstance(record, Challenge) else ResourceStatus.OPEN
    record.status_reason = ""
    record.published_at = record.published_at or at
    if isinstance(record, Resource):
        record.confirmed_on = timezone.localdate(at)
        record.confirmation_requested_at = None
    finish(record, "publish", before=before, actor=actor, at=at)
    return record


@transaction.atomic
def delete(model: type[RecordT], *, pk: int, actor: Person, at: dt.datetime) -> RecordT:
    """Throw away; it comes back for 30 days."""
    record = locked(model, pk)
    access_of(model).require(actor, "delete", record)
    require_kept(record)
    before = trail.values(record)
    record.deleted_at = at
    finish(record, "delete", before=before, actor=actor, at=at)
    return record


@transaction.atomic
def restore(model: type[RecordT], *, pk: int, actor: Person, at: dt.datetime) -> RecordT:
    record = locked(model, pk)
    access_of(model).require(actor, "restore", record)
    if record.deleted_at is None or at - record.deleted_at > RESTORABLE:
        raise NotRestorableError
    before = trail.values(record)
    record.deleted_at = None
    finish(record, "restore", before=before, actor=actor, at=at)
    return record


def require_kept(record: Challenge | Resource) -> None:
    if record.deleted_at is not None:
        raise RefusedError(_("この記録は削除されています。先に「ごみ箱」から元に戻してください。"))


def finish(
    record: Challenge | Resource,
    action: str,
    *,
    before: Mapping[str, Any],
    actor: Person | None,
    at: dt.datetime,
    note: str = "",
) -> None:
    """Save the change, write it down, tell whoever listens."""
    changes = trail.differences(before, trail.values(record))
    save(record, actor=actor, at=at)
    _write_down(record, action, actor=actor, at=at, changes=changes, note=note)
    tell(record)


def save(record: Challenge | Resource, *, actor: Person | None, at: dt.datetime) -> None:
    record.version += 1
    record.updated_at = at
    if actor is not None:
        record.updated_by = actor
    record.save()


def tell(record: Challenge | Resource) -> None:
    pk = record.pk
    if isinstance(record, Challenge):
        transaction.on_commit(lambda: _send_challenge(pk))
    else:
        transaction.on_commit(lambda: _send_resource(pk))


def _send_challenge(pk: int) -> None:
    challenge_changed.send_robust(Challenge, challenge_id=pk)


def _send_resource(pk: int) -> None:
    resource_changed.send_robust(Resource, resource_id=pk)


def _assign(record: Challenge | Resource, values: Mapping[str, Any]) -> dict[str, list[int]]:
    """Put single values on the record; give back those that are several records."""
    for name, value in values.items():
        if name not in MANY:
            setattr(record, name, value)
    return {name: values[name] for name in MANY if name in values}


def _chosen(record: Challenge | Resource, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the several records this edit touches, for the history."""
    return {
        MANY[name]: [str(one) for one in getattr(record, MANY[name]).order_by("pk")]
        for name in MANY
        if name in values
    }


def _write_down(
    record: Challenge | Resource,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    hidden = {"version", "updated_at", "updated_by_id"}
    shown = {name: pair for name, pair in (changes or {}).items() if name not in hidden}
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=record,
            at=at,
            organization_id=record.organization_id,
            changes=shown,
            note=note,
        )
    )
