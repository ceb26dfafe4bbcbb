"""What every service of the room does: lock, keep the list's columns true, save, write down, tell."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements import calculations
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import Side, VersionState
from enishi.agreements.errors import NothingToWriteError, RefusedError, StaleVersionError
from enishi.agreements.models import Agreement, Version
from enishi.agreements.signals import agreement_changed
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.models import Membership

MIRRORED = ("title", "kind", "scheme", "purpose", "starts_on", "ends_on")
QUIET = frozenset({"version", "updated_at", "updated_by_id", "next_due_on", "counterparts"})


def locked(agreement_id: int) -> Agreement:
    """The agreement, held against other writers until the transaction ends."""
    return Agreement.objects.select_for_update().get(pk=agreement_id)


def required(agreement_id: int, action: str, actor: Person, *, version: int | None = None) -> Agreement:
    """The locked agreement, once this person may do ``action`` and nobody was faster."""
    agreement = locked(agreement_id)
    agreement_access.require(actor, action, agreement)
    if agreement.deleted_at is not None:
        raise RefusedError(_("この協定は削除されています。先に元に戻してください。"))
    if version is not None and agreement.version != version:
        raise StaleVersionError(opened=version, current=agreement.version)
    return agreement


def draft_of(agreement: Agreement) -> Version:
    """The version that may be written."""
    found = agreement.versions.filter(state=VersionState.DRAFT).first()
    if found is None:
        raise NothingToWriteError
    return found


def in_force(agreement: Agreement) -> Version | None:
    return agreement.versions.filter(state=VersionState.IN_FORCE).first()


def mirror(agreement: Agreement, version: Version) -> None:
    """Repeat on the agreement what lists ask of the version it stands for."""
    for name in MIRRORED:
        setattr(agreement, name, getattr(version, name))
    signers = list(version.signers.all())
    agreement.counterparts = calculations.names_of(signers, Side.PARTNER)
    agreement.notice_on = calculations.notice_day(agreement.ends_on, version.renewal, version.notice_months)
    invited = {party.organization_id for party in signers if party.organization_id}
    agreement.parties.set(invited - {agreement.organization_id})


def refresh_due(agreement: Agreement, today: dt.date) -> None:
    """Work out again which day comes next."""
    version = in_force(agreement)
    if agreement.status != "active" or version is None:
        agreement.next_due_on = None
        return
    agreement.next_due_on = calculations.next_due(
        agreement,
        version,
        agreement.fulfilments.all(),
        is_decided=end_is_decided(agreement),
        today=today,
    )


def end_is_decided(agreement: Agreement) -> bool:
    """Somebody (or the agreement's own clause) has said already what happens at this end."""
    end = agreement.ends_on
    return end is not None and agreement.prolongations.filter(old_end=end).exists()


def touch(agreement: Agreement, on: dt.date) -> None:
    """Something was done: the agreement is awake."""
    if agreement.last_activity_on is None or on > agreement.last_activity_on:
        agreement.last_activity_on = on
        agreement.asleep_reason, agreement.asleep_note = "", ""


def finish(
    agreement: Agreement,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    before: Mapping[str, Any] | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    """Save the change, write it down, tell whoever listens."""
    refresh_due(agreement, timezone.localdate(at))
    agreement.version += 1
    agreement.updated_at = at
    if actor is not None:
        agreement.updated_by = actor
    agreement.save()
    told = dict(changes or {})
    if before is not None:
        told |= trail.differences(before, trail.values(agreement))
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=agreement,
            at=at,
            organization_id=agreement.organization_id,
            changes={name: pair for name, pair in told.items() if name not in QUIET},
            note=note,
        )
    )
    tell(agreement.pk)


def tell(agreement_id: int) -> None:
    transaction.on_commit(lambda: agreement_changed.send_robust(Agreement, agreement_id=agreement_id))


def people_of_parties(agreement: Agreement, today: dt.date) -> list[Person]:
    """Whoever speaks for a party that has people here."""
    houses = list(agreement.parties.values_list("pk", flat=True))
    members = Membership.objects.current(today).filter(organization_id__in=houses, person__is_active=True)
    return [
        row.person
        for row in members.select_related("person")
        if row.role.startswith("partner") or row.role in {"planner", "administrator"}
    ]


def tell_parties(agreement: Agreement, sentence: str, *, at: dt.datetime) -> None:
    notify(
        kind="agreement_change",
        persons=people_of_parties(agreement, timezone.localdate(at)),
        title=sentence % {"title": agreement.title},
        url=agreement.get_absolute_url(),
        at=at,
    )
