"""What of the desk goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.errors import RefusedError
from enishi.desk.models import Consultation, Proposal
from enishi.desk.services import consultations, flow
from enishi.desk.signals import proposals_changed
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section

GOING_ON = (*OPEN_STATUSES, ProposalStatus.TRIAL, ProposalStatus.ADOPTED)


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("担当している提案"), count_cases, give_cases))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する提案"), count_of_section, give_section)
    )
    handover.register_for_sections(
        handover.SectionHandover(_("答えていない庁内照会"), count_questions, give_questions)
    )


def _cases(person: Person, organization: Organization) -> Any:
    return Proposal.objects.filter(
        organization=organization, officer=person, status__in=GOING_ON, deleted_at__isnull=True
    )


def count_cases(person: Person, organization: Organization) -> int:
    return int(_cases(person, organization).count())


def give_cases(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    return _give(_cases(giver, organization), actor, at, officer=taker)


def _of_section(section: Section) -> Any:
    return Proposal.objects.filter(section=section)


def count_of_section(section: Section) -> int:
    return int(_of_section(section).filter(status__in=GOING_ON, deleted_at__isnull=True).count())


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    return _give(_of_section(section), actor, at, section=successor)


def _give(rows: Any, actor: Person | None, at: dt.datetime, **values: Any) -> int:
    """One act for each proposal, then all at once."""
    proposals = list(rows.select_for_update(of=("self",)).order_by("pk"))
    acts = []
    for proposal in proposals:
        before = trail.values(proposal, values)
        for name, value in values.items():
            setattr(proposal, name, value)
        changes = trail.differences(before, trail.values(proposal, values))
        acts.append(
            trail.Act(
                actor, "hand_over", proposal, at, organization_id=proposal.organization_id, changes=changes
            )
        )
    ids = [proposal.pk for proposal in proposals]
    Proposal.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=at, **values)
    trail.record(*acts)
    transaction.on_commit(lambda: proposals_changed.send_robust(Proposal, ids=ids))
    return len(ids)


def _questions(section: Section) -> Any:
    return Consultation.objects.waiting().filter(section=section)


def count_questions(section: Section) -> int:
    return int(_questions(section).count())


def give_questions(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Pass open questions on; the clock goes on. One the successor has already is taken back."""
    given = 0
    for consultation in list(_questions(section).order_by("pk")):
        try:
            with transaction.atomic():
                consultations.follow(consultation_id=consultation.pk, section=successor, at=at)
        except RefusedError:
            Consultation.objects.filter(pk=consultation.pk).update(cancelled_at=at)
            for stretch in consultation.stretches.filter(left_at__isnull=True):
                flow.leave(stretch, at)
        given += 1
    return given
