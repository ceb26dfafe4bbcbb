"""Files of a record."""

import datetime as dt
import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange import files
from enishi.exchange.access import access_of
from enishi.exchange.errors import AttachmentRefusedError, NotRestorableError
from enishi.exchange.models import Attachment, Challenge, Resource
from enishi.exchange.services import records
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE


@transaction.atomic
def attach(
    *, record: Challenge | Resource, name: str, content: bytes, actor: Person, at: dt.datetime
) -> Attachment:
    """Keep a file with the record; its type is told from its first bytes."""
    record = _locked_record(record)
    access_of(record).require(actor, "attach", record)
    records.require_kept(record)
    name = files.safe_name(name)
    found = files.sniffed(content, name)
    if record.attachments.kept().count() >= files.MOST_FILES:
        raise AttachmentRefusedError(
            _("添付は%(limit)d個までです。使わないものを外してから加えてください。")
            % {"limit": files.MOST_FILES}
        )
    attachment = Attachment(
        challenge=record if isinstance(record, Challenge) else None,
        resource=record if isinstance(record, Resource) else None,
        name=name,
        content_type=found.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=actor,
        added_at=at,
    )
    attachment.file.save(name, ContentFile(content), save=False)
    attachment.save()
    _write_down(record, "attach", name, actor=actor, at=at)
    return attachment


@transaction.atomic
def remove_attachment(*, attachment_id: int, actor: Person, at: dt.datetime) -> Attachment:
    """Take a file off the record; it comes back for 30 days."""
    attachment, record = _locked(attachment_id, actor)
    if attachment.removed_at is None:
        attachment.removed_at = at
        attachment.save(update_fields=["removed_at"])
        _write_down(record, "detach", attachment.name, actor=actor, at=at)
    return attachment


@transaction.atomic
def restore_attachment(*, attachment_id: int, actor: Person, at: dt.datetime) -> Attachment:
    attachment, record = _locked(attachment_id, actor)
    if attachment.removed_at is None or at - attachment.removed_at > RESTORABLE:
        raise NotRestorableError
    attachment.removed_at = None
    attachment.save(update_fields=["removed_at"])
    _write_down(record, "attach", attachment.name, actor=actor, at=at)
    return attachment


def _locked(attachment_id: int, actor: Person) -> tuple[Attachment, Challenge | Resource]:
    attachment = Attachment.objects.select_for_update().get(pk=attachment_id)
    record = attachment.challenge or attachment.resource
    assert record is not None
    access_of(record).require(actor, "attach", record)
    return attachment, record


def _locked_record(record: Challenge | Resource) -> Challenge | Resource:
    if isinstance(record, Challenge):
        return records.locked(Challenge, record.pk)
    return records.locked(Resource, record.pk)


def _write_down(
    record: Challenge | Resource, action: str, name: str, *, actor: Person, at: dt.datetime
) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=record,
            at=at,
            organization_id=record.organization_id,
            note=name,
        )
    )
