"""The notices of the room: whose turn it is, what is due, and an answer to whoever proposed a review."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.evaluation import selectors
from enishi.evaluation.access import subject_access
from enishi.evaluation.enums import DecisionState, Place
from enishi.evaluation.models import EvaluationCycle, FollowUp, ReviewProposal, Subject
from enishi.evaluation.papers.batch import forget_old
from enishi.evaluation.signals import cycle_opened, proposal_answered, subject_moved
from enishi.foundation import schedule
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import ngettext
from enishi.indicators.offices import Office, acts_as
from enishi.notifications import kinds
from enishi.notifications.services import notify
from enishi.organizations.enums import Role

DAY = dt.timedelta(days=1)
AHEAD = dt.timedelta(days=4)
MORNING = dt.time(7, 5)


def register() -> None:
    """Called once, in ``apps.ready``."""
    for key, label in (
        ("evaluation_turn", gettext_lazy("評価シートの順番が来たとき")),
        ("evaluation_due", gettext_lazy("評価シートや決定のフォローの期限が近づいたとき")),
        ("evaluation_answer", gettext_lazy("見直しの提案に返事があったとき")),
    ):
        kinds.register(kinds.NoticeKind(key, label))
    schedule.register(schedule.Periodic("evaluation_reminders", DAY, remind, daily_at=MORNING))
    schedule.register(schedule.Periodic("evaluation_papers", DAY, forget_old, daily_at=MORNING))
    subject_moved.connect(_tell_turn, dispatch_uid="evaluation-turn")
    cycle_opened.connect(_tell_opened, dispatch_uid="evaluation-opened")
    proposal_answered.connect(_tell_answer, dispatch_uid="evaluation-answer")


def staff_of(organization_id: int, *roles: Role) -> list[Person]:
    today = timezone.localdate()
    now = Q(memberships__valid_from__lte=today) & (
        Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=today)
    )
    rows = Person.objects.filter(
        now, is_active=True, memberships__organization_id=organization_id, memberships__role__in=roles
    )
    return list(rows.distinct().order_by("pk"))


def whose_turn(subject: Subject) -> list[Person]:
    """The people who can do what this sheet waits for."""
    house = subject.organization_id
    if subject.place == Place.FIRST:
        return [subject.officer] if subject.officer else list(selectors.officers_of(subject))
    if subject.place == Place.APPROVAL:
        first = subject.evaluations.filter(stage="first").first()
        managers = staff_of(house, Role.MANAGER)
        able = [each for each in managers if subject_access.allows(each, "approve", subject)]
        return [each for each in able if first is None or each.pk != first.evaluator_id]
    if subject.place == Place.EXTERNAL:
        return [each.person for each in subject.cycle.panelists.select_related("person")]
    if subject.place in {Place.SECOND, Place.DECISION}:
        staff = staff_of(house, Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
        return [each for each in staff if acts_as(each, house, Office.REVIEW)]
    return []


def _tell_turn(subject_id: int, before: str, after: str, **_named: Any) -> None:
    """Whoever is next; a sheet sent back is told to its writer with the reason."""
    subject = Subject.objects.select_related("cycle", "officer", "section").get(pk=subject_id)
    if subject.place != after or not subject.cycle.is_running:
        # It has gone on since, in the same transaction: nobody is told of what is past.
        return
    people = whose_turn(subject)
    body = ""
    if after == Place.FIRST:
        first = subject.evaluations.filter(stage="first").select_related("evaluator").first()
        people = [first.evaluator] if first and first.evaluator else people
        body = first.returned_reason if first else ""
        title = _("評価シート「%(title)s」が差し戻されました") % {"title": subject.title}
    else:
        title = _("評価シート「%(title)s」が「%(place)s」の段階に来ました") % {
            "title": subject.title,
            "place": Place(subject.place).label,
        }
    notify(
        kind="evaluation_turn",
        persons=people,
        title=title,
        url=subject.get_absolute_url(),
        at=timezone.now(),
        body=body,
    )


def _tell_opened(cycle_id: int, **_named: Any) -> None:
    """One notice for each person, however many sheets wait for them."""
    cycle = EvaluationCycle.objects.get(pk=cycle_id)
    if not cycle.is_running:
        return
    counts: dict[int, int] = {}
    people: dict[int, Person] = {}
    by_section: dict[int | None, list[Person]] = {}
    waiting = cycle.subjects.filter(included=True, place=Place.FIRST)
    for subject in waiting.select_related("officer", "cycle"):
        if subject.officer is None and subject.section_id not in by_section:
            by_section[subject.section_id] = (
                list(selectors.officers_of(subject)) if subject.section_id else []
            )
        asked = [subject.officer] if subject.officer else by_section[subject.section_id]
        for person in asked:
            people[person.pk] = person
            counts[person.pk] = counts.get(person.pk, 0) + 1
    for key, count in counts.items():
        sentence = ngettext(
            "「%(cycle)s」が始まりました。記入を待つシートは%(n)d枚です",
            "「%(cycle)s」が始まりました。記入を待つシートは%(n)d枚です",
            count,
        )
        notify(
            kind="evaluation_turn",
            persons=[people[key]],
            title=sentence % {"cycle": cycle, "n": count},
            url=cycle.get_absolute_url(),
            at=timezone.now(),
        )


def _tell_answer(proposal_id: int, **_named: Any) -> None:
    row = ReviewProposal.objects.select_related("proposer", "programme").get(pk=proposal_id)
    notify(
        kind="evaluation_answer",
        persons=[row.proposer],
        title=_("「%(title)s」の見直しの提案に返事がありました") % {"title": row.programme.title},
        url=row.get_absolute_url(),
        at=timezone.now(),
        body=row.answer,
    )


def remind(at: dt.datetime) -> int:
    """Tell once of each sheet and follow-up that is due in the next days."""
    today = timezone.localdate(at)
    return _remind_sheets(today, at) + _remind_follow_ups(today, at)


@transaction.atomic
def _remind_sheets(today: dt.date, at: dt.datetime) -> int:
    told = 0
    rows = Subject.objects.open().filter(told_on__isnull=True).select_related("cycle", "officer", "section")
    for subject in rows.order_by("pk").iterator(chunk_size=500):
        due = subject.due_on
        if due is None or due > today + AHEAD:
            continue
        sentence = _("評価シート「%(title)s」の期限は%(day)sです") % {
            "title": subject.title,
            "day": day_in_words(due),
        }
        told += len(
            notify(
                kind="evaluation_due",
                persons=whose_turn(subject),
                title=sentence,
                url=subject.get_absolute_url(),
                at=at,
            )
        )
        Subject.objects.filter(pk=subject.pk).update(told_on=today)
    return told


@transaction.atomic
def _remind_follow_ups(today: dt.date, at: dt.datetime) -> int:
    """From four days before, each once: also one that was added late, or that a round missed."""
    told = 0
    rows = FollowUp.objects.open().filter(
        due_on__lte=today + AHEAD, told_on__isnull=True, decision__state=DecisionState.DECIDED
    )
    for row in rows.select_related("decision__subject", "owner").order_by("pk"):
        people = [row.owner] if row.owner else list(selectors.officers_of(row.decision.subject))
        sentence = _("決定のフォロー「%(what)s」の期限は%(day)sです") % {
            "what": row.what,
            "day": day_in_words(row.due_on),
        }
        told += len(
            notify(
                kind="evaluation_due",
                persons=people,
                title=sentence,
                url=row.decision.get_absolute_url(),
                at=at,
                body=row.decision.subject.title,
            )
        )
        FollowUp.objects.filter(pk=row.pk).update(told_on=today)
    return told
