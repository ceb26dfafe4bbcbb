"""Answers go to the successor when somebody moves, and to the next section when one closes."""

import datetime as dt

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.knowledge.models import ApprovedAnswer
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section


def register() -> None:
    handover.register(handover.Handover(_("見直しを担当する回答"), _count, _give))
    handover.register_for_sections(
        handover.SectionHandover(
            _("担当する回答"), lambda section: _of_section(section).count(), _give_section
        )
    )


def _owned(person: Person, organization: Organization) -> QuerySet[ApprovedAnswer]:
    return ApprovedAnswer.objects.filter(organization=organization, owner=person, deleted_at__isnull=True)


def _count(person: Person, organization: Organization) -> int:
    return _owned(person, organization).count()


def _give(giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime) -> int:
    given = list(_owned(giver, organization))
    _owned(giver, organization).update(owner=taker, version=F("version") + 1)
    trail.record(
        *(
            trail.Act(actor, "hand_over", answer, at, organization.pk, {"owner_id": (giver.pk, taker.pk)})
            for answer in given
        )
    )
    return len(given)


def _of_section(section: Section) -> QuerySet[ApprovedAnswer]:
    return ApprovedAnswer.objects.filter(section=section, deleted_at__isnull=True)


def _give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    given = list(_of_section(section))
    _of_section(section).update(section=successor, version=F("version") + 1)
    trail.record(
        *(
            trail.Act(
                actor,
                "hand_over",
                answer,
                at,
                answer.organization_id,
                {"section_id": (section.pk, successor.pk)},
            )
            for answer in given
        )
    )
    return len(given)
