"""Meetings with their minutes, and the project's files."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange import files
from enishi.exchange.errors import AttachmentRefusedError
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.projects.access import project_access
from enishi.projects.errors import RefusedError
from enishi.projects.models import Document, Meeting, Participant, Project
from enishi.projects.services.writing import (
    assign,
    changed,
    in_order,
    locked_project,
    require_version,
    touch,
    write_down,
)

WRITABLE = ("title", "held_on", "place", "attendees", "minutes", "decisions", "promises", "next_on")
MOST_FILES = 100


@transaction.atomic
def write_minutes(
    *,
    project_id: int,
    values: Mapping[str, Any],
    present: Iterable[Participant] = (),
    actor: Person,
    at: dt.datetime,
) -> Meeting:
    """Keep a meeting, held or to be held. Whoever takes part may write."""
    project = locked_project(project_id)
    project_access.require(actor, "take_part", project)
    meeting = Meeting(project=project, written_by=actor, written_at=at)
    assign(meeting, values, WRITABLE)
    _check(meeting, project, present)
    meeting.save()
    meeting.present.set(present)
    touch(project, actor=actor, at=at)
    write_down(project, "write_minutes", actor=actor, at=at, note=meeting.title)
    return meeting


@transaction.atomic
def edit_minutes(
    *,
    meeting_id: int,
    values: Mapping[str, Any],
    version: int,
    present: Iterable[Participant] | None = None,
    actor: Person,
    at: dt.datetime,
) -> Meeting:
    project = locked_project(Meeting.objects.get(pk=meeting_id).project_id)
    meeting = project.meetings.select_for_update().get(pk=meeting_id)
    if not may_edit_minutes(actor, project, meeting):
        raise PermissionDenied("edit")
    require_version(meeting, version)
    before = trail.values(meeting)
    assign(meeting, values, WRITABLE)
    _check(meeting, project, present or ())
    if present is not None:
        meeting.present.set(present)
    meeting.version += 1
    meeting.save()
    touch(project, actor=actor, at=at)
    write_down(
        project,
        "edit_minutes",
        actor=actor,
        at=at,
        row=meeting,
        changes=changed(before, meeting),
        note=meeting.title,
    )
    return meeting


def may_edit_minutes(actor: Person, project: Project, meeting: Meeting) -> bool:
    """Whoever leads the project, and whoever wrote them while they still take part."""
    if project_access.allows(actor, "edit", project):
        return True
    return meeting.written_by_id == actor.pk and project_access.allows(actor, "take_part", project)


def _check(meeting: Meeting, project: Project, present: Iterable[Participant]) -> None:
    in_order(meeting, "held_on", "next_on", _("次の会議は、この会議より後の日付にしてください。"))
    if any(each.project_id != project.pk for each in present):
        raise ValidationError({"present": _("この事業に参加する団体から選んでください。")})


@transaction.atomic
def add_document(
    *,
    project_id: int,
    name: str,
    content: bytes,
    meeting: Meeting | None = None,
    actor: Person,
    at: dt.datetime,
) -> Document:
    """Keep a file; its type is told from its first bytes."""
    project = locked_project(project_id)
    project_access.require(actor, "take_part", project)
    name = files.safe_name(name)
    found = files.sniffed(content, name)
    if project.documents.kept().count() >= MOST_FILES:
        raise AttachmentRefusedError(
            _("文書は%(limit)d個までです。使わないものを外してから加えてください。") % {"limit": MOST_FILES}
        )
    if meeting is not None and meeting.project_id != project.pk:
        raise ValidationError({"meeting": _("この事業の会議から選んでください。")})
    document = Document(
        project=project,
        meeting=meeting,
        name=name,
        content_type=found.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=actor,
        added_at=at,
    )
    document.file.save(name, ContentFile(content), save=False)
    document.save()
    touch(project, actor=actor, at=at)
    write_down(project, "attach", actor=actor, at=at, note=name)
    return document


@transaction.atomic
def remove_document(*, document_id: int, actor: Person, at: dt.datetime) -> Document:
    """Take a file off; it comes back for 30 days."""
    document, project = _locked_document(document_id, actor)
    if document.removed_at is None:
        document.removed_at = at
        document.save(update_fields=["removed_at"])
        write_down(project, "detach", actor=actor, at=at, note=document.name)
    return document


@transaction.atomic
def restore_document(*, document_id: int, actor: Person, at: dt.datetime) -> Document:
    document, project = _locked_document(document_id, actor)
    if document.removed_at is None or at - document.removed_at > RESTORABLE:
        raise RefusedError(_("削除から30日を過ぎたか、すでに元に戻されています。"))
    document.removed_at = None
    document.save(update_fields=["removed_at"])
    write_down(project, "attach", actor=actor, at=at, note=document.name)
    return document


def _locked_document(document_id: int, actor: Person) -> tuple[Document, Project]:
    project = locked_project(Document.objects.get(pk=document_id).project_id)
    document = project.documents.select_for_update().get(pk=document_id)
    own = document.added_by_id == actor.pk and project_access.allows(actor, "take_part", project)
    if not own:
        project_access.require(actor, "edit", project)
    return document, project
