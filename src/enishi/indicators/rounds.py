"""What the room does by itself: reminders in the morning, computed elements at night."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation import schedule
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.indicators import services, standings
from enishi.indicators.models import Indicator
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership

DAY = dt.timedelta(days=1)
AHEAD = dt.timedelta(days=7)
MOST_AT_ONCE = 500


def register() -> None:
    kinds.register(
        kinds.NoticeKind("indicator_due", gettext_lazy("指標の値を入れる期限が近づいたとき"), MailMode.DAILY)
    )
    kinds.register(
        kinds.NoticeKind("indicator_returned", gettext_lazy("入れた値が差し戻されたとき"), MailMode.AT_ONCE)
    )
    schedule.register(schedule.Periodic("indicator_standings", DAY, standings.each_morning, dt.time(0, 10)))
    schedule.register(schedule.Periodic("indicator_metrics", DAY, services.compute_all, dt.time(2, 10)))
    schedule.register(schedule.Periodic("indicator_reminders", DAY, remind, dt.time(7, 10)))


@transaction.atomic
def remind(at: dt.datetime) -> int:
    """Tell whoever looks after an indicator once for each day its value is due."""
    today = timezone.localdate(at)
    rows = (
        Indicator.objects.in_use()
        .filter(next_due_on__lte=today + AHEAD, reminded_on__isnull=True)
        .select_for_update(of=("self",))
        .select_related("officer", "section")
        .order_by("next_due_on", "pk")
    )
    told = 0
    for indicator in list(rows[:MOST_AT_ONCE]):
        persons = _keepers(indicator, today)
        if persons and indicator.next_due_on is not None:
            notify(
                kind="indicator_due",
                persons=persons,
                title=_("「%(name)s」の値の期限は%(day)sです")
                % {"name": indicator.name, "day": day_in_words(indicator.next_due_on)},
                url=indicator.get_absolute_url(),
                at=at,
            )
            told += 1
        Indicator.objects.filter(pk=indicator.pk).update(reminded_on=today)
    return told


def _keepers(indicator: Indicator, today: dt.date) -> list[Person]:
    """The officer in charge, or the officers of the section."""
    if indicator.officer is not None:
        return [indicator.officer]
    if indicator.section is None:
        return []
    places = Membership.objects.current(today).filter(section=indicator.section, role=Role.OFFICER)
    return list(Person.objects.filter(pk__in=places.values("person_id"), is_active=True))
