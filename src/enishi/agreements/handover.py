"""What of the agreements goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.agreements.enums import AgreementStatus, ApprovalState, VersionState
from enishi.agreements.models import Agreement, Approval
from enishi.agreements.services.records import tell
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section

OPEN = (
    AgreementStatus.DRAFT,
    AgreementStatus.IN_APPROVAL,
    AgreementStatus.APPROVED,
    AgreementStatus.ACTIVE,
)


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("担当する協定"), count_kept, give_kept))
    handover.register(handover.Handover(_("順番の来ている・待っている決裁"), count_turns, give_turns))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する協定"), count_of_section, give_section)
    )


def _kept(person: Person, organization: Organization) -> models.QuerySet[Agreement, Agreement]:
    return Agreement.objects.filter(
        organization=organization, officer=person, status__in=OPEN, deleted_at__isnull=True
    )


def count_kept(person: Person, organization: Organization) -> int:
    return _kept(person, organization).count()


def give_kept(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    return _give(_kept(giver, organization), actor, at, officer=taker)


def _turns(person: Person, organization: Organization) -> models.QuerySet[Approval, Approval]:
    return Approval.objects.filter(
        person=person,
        state=ApprovalState.WAITING,
        version__state=VersionState.IN_APPROVAL,
        version__agreement__organization=organization,
    )


def count_turns(person: Person, organization: Organization) -> int:
    return _turns(person, organization).count()


def give_turns(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    """The successor decides in their own name, but never on a draft of theirs."""
    turns = list(
        _turns(giver, organization).exclude(version__made_by=taker).select_related("version__agreement")
    )
    for turn in turns:
        turn.person = taker
        turn.save(update_fields=["person"])
    trail.record(
        *(
            trail.Act(
                actor,
                "hand_over",
                turn.version.agreement,
                at,
                organization_id=organization.pk,
                changes={"approver": (giver.name, taker.name)},
            )
            for turn in turns
        )
    )
    return len(turns)


def count_of_section(section: Section) -> int:
    return Agreement.objects.filter(section=section, deleted_at__isnull=True).count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section looked after, what lies in the trash too: it may come back."""
    return _give(Agreement.objects.filter(section=section), actor, at, section=successor)


def _give(
    rows: models.QuerySet[Agreement, Agreement], actor: Person | None, at: dt.datetime, **values: Any
) -> int:
    """Write the new values, one act for each agreement, and tell who keeps an index once it is stored."""
    agreements = list(rows.select_for_update().order_by("pk"))
    acts = []
    for agreement in agreements:
        before = trail.values(agreement, values)
        for name, value in values.items():
            setattr(agreement, name, value)
        changes = trail.differences(before, trail.values(agreement, values))
        acts.append(
            trail.Act(
                actor, "hand_over", agreement, at, organization_id=agreement.organization_id, changes=changes
            )
        )
    ids = [agreement.pk for agreement in agreements]
    Agreement.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=at, **values)
    trail.record(*acts)
    for key in ids:
        tell(key)
    return len(ids)
