"""Questions nobody answers: reminded, told to the manager, followed to the section that took the work over."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from enishi.desk.errors import RefusedError
from enishi.desk.models import Consultation, ConsultationQuerySet
from enishi.desk.services import consultation_letters, letters
from enishi.desk.services.consultations import follow, remind_again
from enishi.foundation.business_days import after_business_days, business_days_between
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Section


def make_round(at: dt.datetime) -> int:
    """Once a day: remind the day before and once it is late; tell the manager when it stays late; follow closed sections."""
    today = timezone.localdate(at)
    tomorrow = after_business_days(today, 1)
    acted = 0
    for consultation in list(_waiting().filter(due_on__lte=tomorrow).order_by("due_on", "pk")[:2_000]):
        acted += _follow_up(consultation, today, at)
    closed = _waiting().filter(section__valid_to__lt=today)
    for consultation in list(closed[:500]):
        try:
            follow(consultation_id=consultation.pk, section=consultation.section, at=at)
        except RefusedError as refused:
            letters.tell_desk(consultation.proposal, kind="desk_overdue", title=refused.sentence[:200], at=at)
        acted += 1
    return acted


def _waiting() -> ConsultationQuerySet:
    return Consultation.objects.waiting().select_related(
        "proposal__organization", "proposal__officer", "section"
    )


def _follow_up(consultation: Consultation, today: dt.date, at: dt.datetime) -> int:
    late = business_days_between(consultation.due_on, today)
    if late >= 2 and consultation.escalated_at is None:
        _escalate(consultation, late, at)
        return 1
    if consultation.reminded_on is None or (late >= 1 and consultation.reminded_on <= consultation.due_on):
        remind_again(consultation, at)
        return 1
    return 0


def _escalate(consultation: Consultation, late: int, at: dt.datetime) -> None:
    """The manager of the section, and of the sections above it, learn that an answer is missing; so does the desk."""
    consultation.escalated_at = at
    consultation.save(update_fields=["escalated_at"])
    words = {
        "section": consultation.section.name,
        "title": consultation.proposal.title,
        "late": late,
    }
    title = _("照会の回答が%(late)d営業日遅れています: %(section)s「%(title)s」") % words
    managers = consultation_letters.people_of(
        _with_parents(consultation.section), (Role.MANAGER,), timezone.localdate(at)
    )
    notify(
        kind="desk_overdue",
        persons=managers,
        title=title,
        url=reverse("desk:consultation", args=[consultation.pk]),
        at=at,
    )
    letters.tell_desk(consultation.proposal, kind="desk_overdue", title=title, at=at)


def _with_parents(section: Section) -> list[Section]:
    found: list[Section] = []
    one: Section | None = section
    while one is not None and one not in found:
        found.append(one)
        one = one.parent
    return found
