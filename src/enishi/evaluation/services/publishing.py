"""Sheets for everybody: the public form frozen as it was published, and taken back with a reason."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.access import subject_access
from enishi.evaluation.enums import Place
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.facts.shapes import digest
from enishi.evaluation.models import PublishedSheet, Subject
from enishi.evaluation.papers.composing import Paper, Sheet, compose
from enishi.evaluation.papers.forms import PUBLIC
from enishi.evaluation.services.writing import assign, locked_subject, tell, write_down
from enishi.foundation import sentences
from enishi.organizations.enums import Visibility


def as_content(paper: Paper) -> dict[str, Any]:
    """The public form as plain values: what is published stays as it was."""
    return {
        "title": paper.title,
        "subtitle": paper.subtitle,
        "name": paper.name,
        "foot": paper.foot,
        "parts": [
            {
                "title": part.title,
                "grid": [list(pair) for pair in part.grid],
                "headings": list(part.headings),
                "rows": [list(row) for row in part.rows],
                "numeric": sorted(part.numeric),
                "texts": [list(pair) for pair in part.texts],
            }
            for part in paper.parts
        ],
    }


@transaction.atomic
def publish(*, subject_id: int, sheet: Sheet, actor: Person, at: dt.datetime) -> PublishedSheet:
    """Show a decided sheet to everybody. A programme that is not public itself is not made so by its sheet."""
    subject = locked_subject(subject_id)
    subject_access.require(actor, "publish", subject)
    if subject.place != Place.DECIDED:
        raise RefusedError(_("公表できるのは、決定の済んだシートだけです。"))
    if subject.programme is not None and subject.programme.visibility != Visibility.PUBLIC:
        raise RefusedError(
            _("この事務事業は「%(visibility)s」です。先に事務事業の公開範囲を「公開」にしてください。")
            % {"visibility": subject.programme.get_visibility_display()}
        )
    if subject.published.filter(withdrawn_at__isnull=True).exists():
        raise RefusedError(_("このシートは、もう公表しています。"))
    content, said = sentences.in_every_language(lambda: as_content(compose(PUBLIC, sheet)))
    row = PublishedSheet.objects.create(
        subject=subject,
        content=content,
        said=said,
        sha256=digest(content),
        published_at=at,
        updated_at=at,
        published_by=actor,
    )
    subject.published_at = at
    subject.save(update_fields=["published_at"])
    write_down(subject, "publish_sheet", actor=actor, at=at, changes={"sha256": ("", row.sha256)})
    tell(subject)
    return row


@transaction.atomic
def withdraw(*, subject_id: int, reason: str, actor: Person, at: dt.datetime) -> PublishedSheet:
    """Take a published sheet back; what had been published, and why not any more, stays on record."""
    subject: Subject = locked_subject(subject_id)
    subject_access.require(actor, "publish", subject)
    row = subject.published.filter(withdrawn_at__isnull=True).first()
    if row is None:
        raise RefusedError(_("このシートは公表されていません。"))
    if not reason.strip():
        raise ValidationError({"reason": _("公表をやめる理由を書いてください。")})
    row.withdrawn_at = row.updated_at = at
    assign(row, {"withdrawn_reason": reason}, ["withdrawn_reason"])
    row.save(update_fields=["withdrawn_at", "withdrawn_reason", "updated_at"])
    subject.published_at = None
    subject.save(update_fields=["published_at"])
    write_down(subject, "withdraw_sheet", actor=actor, at=at, note=reason[:300])
    tell(subject)
    return row
