"""What of the documents goes to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.knowledge.documents import counters, services
from enishi.knowledge.documents.models import Collection, Document
from enishi.organizations import handover
from enishi.organizations.models import Section


def register() -> None:
    handover.register_for_sections(
        handover.SectionHandover(_("担当する資料集と資料"), count_of_section, give_section)
    )


def _of(section: Section) -> list[models.QuerySet[Any, Any]]:
    return [Collection.objects.filter(section=section), Document.objects.filter(section=section)]


def count_of_section(section: Section) -> int:
    return sum(rows.filter(deleted_at__isnull=True).count() for rows in _of(section))


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section looked after, what lies in the trash too: it may come back."""
    given = 0
    for rows in _of(section):
        records = list(rows.select_for_update().order_by("pk"))
        change = {"section_id": (section.pk, successor.pk)}
        values: dict[str, Any] = {"section": successor, "updated_at": at, "version": F("version") + 1}
        if rows.model is Document and records:
            values["sequence"] = counters.draw()
        rows.model._default_manager.filter(pk__in=[record.pk for record in records]).update(**values)
        trail.record(
            *(
                trail.Act(
                    actor, "hand_over", record, at, organization_id=record.organization_id, changes=change
                )
                for record in records
            )
        )
        if rows.model is Document:
            services.tell([record.pk for record in records])
        given += len(records)
    return given
