"""What a municipality decides about its desk."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import desk_access
from enishi.desk.errors import RefusedError
from enishi.desk.models import BudgetStep, DeskSettings, ReplyTemplate, SectionMailbox
from enishi.foundation import trail
from enishi.foundation.refusals import require_version
from enishi.organizations.models import Organization, Section

NAMES = (
    "is_open",
    "greeting",
    "number_in_era",
    "targets",
    "consultation_days",
    "hourly_cost_yen",
    "own_limits",
    "own_limits_source",
    "hourly_cost_source",
)


@transaction.atomic
def change_settings(
    *, organization: Organization, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> DeskSettings:
    """Keep the municipality's choices; two who change them at once do not overwrite each other."""
    desk_access.require(actor, "settings", organization)
    DeskSettings.objects.get_or_create(organization=organization)
    row = DeskSettings.objects.select_for_update().get(organization=organization)
    require_version(row, version)
    before = trail.values(row, NAMES)
    for name in NAMES:
        if name in values:
            setattr(row, name, values[name])
    row.version += 1
    row.save()
    changes = trail.differences(before, trail.values(row, NAMES))
    trail.record(trail.Act(actor, "edit", row, at, organization_id=organization.pk, changes=changes))
    return row


@transaction.atomic
def set_mailboxes(
    *, organization: Organization, addresses: Mapping[int, str], actor: Person, at: dt.datetime
) -> int:
    """The sections' own addresses for questions; an empty one is taken away."""
    desk_access.require(actor, "settings", organization)
    sections = {section.pk: section for section in Section.objects.filter(organization=organization)}
    changed = 0
    for key, address in addresses.items():
        if key not in sections:
            continue
        if address:
            _row, made = SectionMailbox.objects.update_or_create(
                section=sections[key], defaults={"email": address}
            )
            changed += made
        else:
            changed += SectionMailbox.objects.filter(section=sections[key]).delete()[0]
    trail.record(trail.Act(actor, "set_mailboxes", organization, at, organization_id=organization.pk))
    return changed


@transaction.atomic
def set_calendar(
    *, organization: Organization, rows: Sequence[Mapping[str, Any]], actor: Person, at: dt.datetime
) -> None:
    """The municipality's own budget year."""
    desk_access.require(actor, "settings", organization)
    if not any(row["code"] == "request" for row in rows):
        raise RefusedError(_("「各課の予算要求」の日程は、間に合う年度を数えるのに要ります。"))
    BudgetStep.objects.filter(organization=organization).delete()
    BudgetStep.objects.bulk_create(
        BudgetStep(organization=organization, order=order, **row) for order, row in enumerate(rows)
    )
    trail.record(trail.Act(actor, "set_calendar", organization, at, organization_id=organization.pk))


@transaction.atomic
def save_template(
    *,
    organization: Organization,
    template_id: int | None,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
) -> ReplyTemplate:
    """The municipality's own wording of a reply."""
    desk_access.require(actor, "settings", organization)
    same = ReplyTemplate.objects.filter(organization=organization, title=values["title"])
    if same.exclude(pk=template_id or 0).exists():
        raise RefusedError(_("同じ見出しのひな形があります。別の見出しにしてください。"))
    row = ReplyTemplate(organization=organization)
    if template_id is not None:
        row = ReplyTemplate.objects.select_for_update().get(pk=template_id, organization=organization)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    trail.record(trail.Act(actor, "edit", row, at, organization_id=organization.pk))
    return row
