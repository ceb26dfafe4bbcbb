"""An organisation's own wording: checked as it comes in, the newest is used."""

import datetime as dt
import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from enishi.accounts.models import Person
from enishi.agreements.access import template_access
from enishi.agreements.documents import sample
from enishi.agreements.enums import DocumentKind
from enishi.agreements.errors import RefusedError
from enishi.agreements.models import DocumentTemplate
from enishi.exchange import files
from enishi.foundation import trail
from enishi.foundation.documents import TemplateRefusedError, check_template
from enishi.organizations.models import Organization


@transaction.atomic
def add_template(
    *,
    organization: Organization,
    kind: DocumentKind,
    name: str,
    content: bytes,
    actor: Person,
    at: dt.datetime,
) -> DocumentTemplate:
    """Use this file for this kind of document from now on. Raises ``RefusedError`` with what is wrong in it."""
    template_access.require(actor, "edit", organization)  # type: ignore[arg-type]
    try:
        checked = check_template(content, sample=sample())
    except TemplateRefusedError as refused:
        raise RefusedError(refused.sentence) from refused
    used = DocumentTemplate.objects.select_for_update().filter(
        organization=organization, kind=kind, retired_at__isnull=True
    )
    used.update(retired_at=at)
    template = DocumentTemplate(
        organization=organization,
        kind=kind,
        name=files.safe_name(name),
        sha256=hashlib.sha256(content).hexdigest(),
        used=list(checked.used),
        unused=list(checked.unused),
        added_by=actor,
        added_at=at,
    )
    template.file.save(template.name, ContentFile(content), save=False)
    template.save()
    _write_down(template, "add_template", actor, at)
    return template


@transaction.atomic
def retire_template(*, template_id: int, actor: Person, at: dt.datetime) -> DocumentTemplate:
    """Go back to the wording that comes with the product."""
    template = DocumentTemplate.objects.select_for_update().get(pk=template_id)
    template_access.require(actor, "edit", template)
    if template.retired_at is None:
        template.retired_at = at
        template.save(update_fields=["retired_at"])
        _write_down(template, "retire_template", actor, at)
    return template


def _write_down(template: DocumentTemplate, action: str, actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(actor, action, template, at, organization_id=template.organization_id, note=template.name)
    )
