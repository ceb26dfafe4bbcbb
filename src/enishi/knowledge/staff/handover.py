"""What staff keep here goes to the next section when one closes, and drafts under way to the successor when somebody moves."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.knowledge import services as search
from enishi.knowledge.cases.search import KIND
from enishi.knowledge.drafting.enums import DraftStatus
from enishi.knowledge.models import Case, CheckBatch, Checklist, CheckRun, Draft, DraftTemplate, LearningPath
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section

OF_SECTIONS: tuple[type[models.Model], ...] = (
    Case,
    LearningPath,
    Checklist,
    CheckRun,
    CheckBatch,
    Draft,
    DraftTemplate,
)


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("起案中の文書"), count_drafts, give_drafts))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する事例・起案・点検"), count_of_section, give_section)
    )


def _drafts(person: Person, organization: Organization) -> models.QuerySet[Draft, Draft]:
    return Draft.objects.filter(
        organization=organization, author=person, status=DraftStatus.DRAFTING, deleted_at__isnull=True
    )


def count_drafts(person: Person, organization: Organization) -> int:
    return _drafts(person, organization).count()


def give_drafts(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    return _give(_drafts(giver, organization), actor, at, author=taker)


def count_of_section(section: Section) -> int:
    return sum(rows.filter(deleted_at__isnull=True).count() for rows in _of_section(section))


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section looked after, what lies in the trash too: it may come back."""
    return sum(_give(rows, actor, at, section=successor) for rows in _of_section(section))


def _of_section(section: Section) -> Iterable[models.QuerySet[Any, Any]]:
    for model in OF_SECTIONS:
        yield model._default_manager.filter(section=section)


def _give(rows: models.QuerySet[Any, Any], actor: Person | None, at: dt.datetime, **values: Any) -> int:
    records = list(rows.select_for_update().order_by("pk"))
    acts = []
    for record in records:
        before = trail.values(record, values)
        for name, value in values.items():
            setattr(record, name, value)
        record.version += 1
        record.updated_at = at
        record.save()
        changes = trail.differences(before, trail.values(record, values))
        acts.append(
            trail.Act(actor, "hand_over", record, at, organization_id=record.organization_id, changes=changes)
        )
    if acts:
        trail.record(*acts)
    cases = [record.pk for record in records if isinstance(record, Case)]
    if cases:
        transaction.on_commit(lambda: _index(cases))
    return len(records)


def _index(cases: list[int]) -> None:
    search.index(KIND, cases)
