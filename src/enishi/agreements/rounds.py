"""What the room does each day, and the notices it sends: ends, renewals and reminders."""

import datetime as dt
from collections.abc import Iterator

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.agreements import calculations, services
from enishi.agreements.enums import AgreementStatus
from enishi.agreements.models import Agreement, Reminder
from enishi.agreements.services.records import end_is_decided, in_force
from enishi.foundation import schedule
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership

DAY = dt.timedelta(days=1)
BEFORE_OBLIGATION = (14, 3, 0)
BEFORE_NOTICE = (60, 30, 7, 0)
AHEAD = dt.timedelta(days=60)


def register() -> None:
    kinds.register(
        kinds.NoticeKind("agreement_approval", gettext_lazy("協定の決裁に関わるとき"), MailMode.AT_ONCE)
    )
    kinds.register(
        kinds.NoticeKind("agreement_due", gettext_lazy("協定の期限・更新が近づいたとき"), MailMode.DAILY)
    )
    kinds.register(
        kinds.NoticeKind("agreement_change", gettext_lazy("協定の変更・同意に関わるとき"), MailMode.AT_ONCE)
    )
    schedule.register(schedule.Periodic("agreement_ends", DAY, services.come_to_ends, dt.time(0, 30)))
    schedule.register(schedule.Periodic("agreement_reminders", DAY, remind, dt.time(6, 30)))


def remind(at: dt.datetime) -> int:
    """Tell whoever looks after it, some days before each deadline, each once."""
    today = timezone.localdate(at)
    near = Agreement.objects.filter(
        status=AgreementStatus.ACTIVE, next_due_on__lte=today + AHEAD, deleted_at__isnull=True
    ).select_related("organization", "section", "officer")
    return sum(_remind(agreement, today, at) for agreement in near.iterator(chunk_size=500))


def _remind(agreement: Agreement, today: dt.date, at: dt.datetime) -> int:
    sent = 0
    for what, due_on, steps, words in deadlines(agreement, today):
        left = (due_on - today).days
        step = next((days for days in reversed(steps) if left <= days), None)
        if step is None or not _first_time(agreement, what, due_on, step, at):
            continue
        notify(
            kind="agreement_due",
            persons=caretakers(agreement, today),
            title=_("%(what)sの期限: %(day)s") % {"what": words, "day": day_in_words(due_on)},
            body=agreement.title,
            url=agreement.get_absolute_url(),
            at=at,
        )
        sent += 1
    return sent


def deadlines(agreement: Agreement, today: dt.date) -> Iterator[tuple[str, dt.date, tuple[int, ...], str]]:
    """What is still to be done and by when: a key, the day, how many days before to say so, and the words."""
    version = in_force(agreement)
    if version is None:
        return
    for due in calculations.dues(
        version.obligations.all(),
        agreement.fulfilments.all(),
        until=today + AHEAD,
        repeats_until=calculations.repeats_until(agreement, version),
    ):
        if due.on is not None and due.done is None:
            yield f"obligation-{due.obligation.key}", due.on, BEFORE_OBLIGATION, due.obligation.text[:80]
    decided = end_is_decided(agreement)
    if agreement.notice_on and not decided:
        yield "notice", agreement.notice_on, BEFORE_NOTICE, _("更新・終了の申し出")
    if agreement.ends_on and not decided:
        yield "end", agreement.ends_on, BEFORE_NOTICE, _("協定の終わり")


def caretakers(agreement: Agreement, today: dt.date) -> list[Person]:
    """The officer while they are here; else the section's people; else the planners."""
    places = Membership.objects.current(today).filter(
        organization_id=agreement.organization_id, person__is_active=True
    )
    rows = list(places.exclude(role__in=[Role.RESIDENT, Role.AUDITOR]).select_related("person"))
    officer = [row.person for row in rows if row.person_id == agreement.officer_id]
    section = [row.person for row in rows if agreement.section_id and row.section_id == agreement.section_id]
    planners = [row.person for row in rows if row.role in {Role.PLANNER, Role.ADMINISTRATOR}]
    return officer or section or planners


def _first_time(agreement: Agreement, what: str, due_on: dt.date, step: int, at: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            Reminder.objects.create(agreement=agreement, what=what, due_on=due_on, days_before=step, at=at)
    except IntegrityError:
        return False
    return True
