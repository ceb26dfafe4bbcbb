"""What of the exchange goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.exchange.matches.enums import ContactState
from enishi.exchange.models import Challenge, Contact, Resource
from enishi.exchange.signals import records_changed
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section

KINDS: tuple[tuple[str, type[Challenge] | type[Resource]], ...] = (
    ("challenge", Challenge),
    ("resource", Resource),
)
Rows = models.QuerySet[Any, Any]


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("書きかけの下書き"), count_drafts, give_drafts))
    handover.register(
        handover.Handover(_("問い合わせ先になっている課題・資源"), count_contacts, give_contacts)
    )
    handover.register(handover.Handover(_("続いている対話"), count_talks, give_talks))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する課題・資源"), count_of_section, give_section)
    )


def _drafts(person: Person, organization: Organization) -> Iterable[tuple[str, Rows]]:
    for kind, model in KINDS:
        yield (
            kind,
            model._default_manager.filter(
                organization=organization, updated_by=person, status="draft", deleted_at__isnull=True
            ),
        )


def count_drafts(person: Person, organization: Organization) -> int:
    return sum(rows.count() for _kind, rows in _drafts(person, organization))


def give_drafts(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    """The successor becomes the one who works on the draft."""
    return sum(_give(kind, rows, actor, at, updated_by=taker) for kind, rows in _drafts(giver, organization))


def _named(person: Person, organization: Organization) -> Iterable[tuple[str, Rows]]:
    for kind, model in KINDS:
        yield (
            kind,
            model._default_manager.filter(
                organization=organization, contact_name__contains=person.name, deleted_at__isnull=True
            ),
        )


def count_contacts(person: Person, organization: Organization) -> int:
    return sum(rows.count() for _kind, rows in _named(person, organization)) if person.name else 0


def give_contacts(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    """Where the one who leaves is named as the person to ask, the successor is."""
    if not giver.name:
        return 0
    return sum(
        _give(
            kind,
            rows.filter(pk=row.pk),
            actor,
            at,
            contact_name=row.contact_name.replace(giver.name, taker.name)[:100],
        )
        for kind, rows in _named(giver, organization)
        for row in list(rows)
    )


def _talks(person: Person, organization: Organization) -> models.QuerySet[Contact, Contact]:
    mine = models.Q(wanting=organization) | models.Q(offering=organization)
    return Contact.objects.filter(mine, opened_by=person).exclude(state=ContactState.DECLINED)


def count_talks(person: Person, organization: Organization) -> int:
    return _talks(person, organization).count()


def give_talks(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    talks = list(_talks(giver, organization))
    Contact.objects.filter(pk__in=[talk.pk for talk in talks]).update(opened_by=taker)
    change = {"opened_by_id": (giver.pk, taker.pk)}
    trail.record(
        *(
            trail.Act(actor, "hand_over", talk, at, organization_id=organization.pk, changes=change)
            for talk in talks
        )
    )
    return len(talks)


def _of_section(section: Section) -> Iterable[tuple[str, Rows]]:
    for kind, model in KINDS:
        yield kind, model._default_manager.filter(section=section)


def count_of_section(section: Section) -> int:
    return sum(rows.filter(deleted_at__isnull=True).count() for _kind, rows in _of_section(section))


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section looked after, what lies in the trash too: it may come back."""
    return sum(_give(kind, rows, actor, at, section=successor) for kind, rows in _of_section(section))


def _give(kind: str, rows: Rows, actor: Person | None, at: dt.datetime, **values: Any) -> int:
    """Write the new values, one act for each record, and tell who keeps an index once it is stored."""
    records = list(rows.select_for_update().order_by("pk"))
    if not records:
        return 0
    acts = []
    for record in records:
        before = trail.values(record, values)
        for name, value in values.items():
            setattr(record, name, value)
        changes = trail.differences(before, trail.values(record, values))
        acts.append(
            trail.Act(actor, "hand_over", record, at, organization_id=record.organization_id, changes=changes)
        )
    ids = [record.pk for record in records]
    type(records[0])._default_manager.filter(pk__in=ids).update(
        version=F("version") + 1, updated_at=at, **values
    )
    trail.record(*acts)
    transaction.on_commit(lambda: records_changed.send_robust(type(records[0]), kind=kind, ids=ids))
    return len(ids)
