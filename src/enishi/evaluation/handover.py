"""What of the reviews goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.evaluation.enums import DecisionState
from enishi.evaluation.models import FollowUp, ImprovementDecision, Subject
from enishi.evaluation.services.writing import tell, write_down
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("記入する評価シート"), count_sheets, give_sheets))
    handover.register(handover.Handover(_("決定のフォロー"), count_follow_ups, give_follow_ups))
    handover.register_for_sections(
        handover.SectionHandover(_("評価シートと決定"), count_of_section, give_section)
    )


def _sheets(person: Person, organization: Organization) -> models.QuerySet[Subject, Subject]:
    return Subject.objects.open().filter(organization=organization, officer=person)


def count_sheets(person: Person, organization: Organization) -> int:
    return _sheets(person, organization).count()


def give_sheets(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    return _give(
        _sheets(giver, organization), actor, at, {"officer": (giver.name, taker.name)}, officer=taker
    )


def _follow_ups(person: Person, organization: Organization) -> models.QuerySet[FollowUp, FollowUp]:
    rows = FollowUp.objects.open().filter(owner=person, decision__organization=organization)
    return rows.filter(decision__state=DecisionState.DECIDED)


def count_follow_ups(person: Person, organization: Organization) -> int:
    return _follow_ups(person, organization).count()


def give_follow_ups(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    rows = list(_follow_ups(giver, organization).select_related("decision__subject"))
    for row in rows:
        row.owner = taker
        row.save(update_fields=["owner"])
        write_down(
            row.decision.subject,
            "hand_over",
            actor=actor,
            at=at,
            changes={"owner": (giver.name, taker.name)},
            row=row,
        )
    return len(rows)


def count_of_section(section: Section) -> int:
    decisions = ImprovementDecision.objects.current().filter(owner_section=section)
    return Subject.objects.open().filter(section=section).count() + decisions.count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Open sheets and standing decisions. What was judged before keeps the name it had then."""
    named = {"section": (section.name, successor.name)}
    sheets = _give(Subject.objects.open().filter(section=section), actor, at, named, section=successor)
    decisions = list(
        ImprovementDecision.objects.current().filter(owner_section=section).select_related("subject")
    )
    for decision in decisions:
        decision.owner_section = successor
        decision.save(update_fields=["owner_section"])
        write_down(decision.subject, "hand_over", actor=actor, at=at, changes=named, row=decision)
    return sheets + len(decisions)


def _give(
    rows: models.QuerySet[Subject, Subject],
    actor: Person | None,
    at: dt.datetime,
    named: dict[str, tuple[str, str]],
    **values: Any,
) -> int:
    subjects = list(rows.order_by("pk"))
    for subject in subjects:
        for name, value in values.items():
            setattr(subject, name, value)
        subject.save(update_fields=list(values))
        write_down(subject, "hand_over", actor=actor, at=at, changes=named)
        tell(subject)
    return len(subjects)
