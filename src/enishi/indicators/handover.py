"""What of the indicators goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.indicators.models import DataElement, Indicator
from enishi.indicators.offices import Offices
from enishi.indicators.signals import indicators_changed
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("担当する指標"), count_led, give_led))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する指標"), count_of_section, give_section)
    )


def _led(person: Person, organization: Organization) -> list[models.QuerySet[Any, Any]]:
    return [
        Indicator.objects.in_use().filter(organization=organization, officer=person),
        DataElement.objects.in_use().filter(organization=organization, officer=person),
    ]


def count_led(person: Person, organization: Organization) -> int:
    return sum(rows.count() for rows in _led(person, organization))


def give_led(giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime) -> int:
    return sum(_give(rows, actor, at, officer=taker) for rows in _led(giver, organization))


def count_of_section(section: Section) -> int:
    return Indicator.objects.kept().filter(section=section).count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section looked after, what lies in the trash too; and the part it plays in plans and budgets."""
    for name in ("planning_section", "review_section", "finance_section"):
        Offices.objects.filter(**{name: section}).update(**{name: successor}, updated_at=at)
    count = _give(Indicator.objects.filter(section=section), actor, at, section=successor)
    return count + _give(DataElement.objects.filter(section=section), actor, at, section=successor)


def _give(rows: models.QuerySet[Any, Any], actor: Person | None, at: dt.datetime, **values: Any) -> int:
    """Write the new values, one act for each, and tell who keeps an index once it is stored."""
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    acts = []
    for row in found:
        before = trail.values(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        changes = trail.differences(before, trail.values(row, values))
        acts.append(
            trail.Act(actor, "hand_over", row, at, organization_id=row.organization_id, changes=changes)
        )
    ids = [row.pk for row in found]
    rows.model._default_manager.filter(pk__in=ids).update(version=F("version") + 1, updated_at=at, **values)
    trail.record(*acts)
    if ids and rows.model is Indicator:
        transaction.on_commit(lambda: indicators_changed.send_robust(Indicator, ids=ids))
    return len(ids)
