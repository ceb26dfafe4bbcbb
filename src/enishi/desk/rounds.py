"""What the desk does from time to time, and the notices it sends."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from enishi.desk.services import consultation_rounds, intake, letters, overdue
from enishi.foundation import schedule
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode

DAY = dt.timedelta(days=1)
AT_ONCE = dt.timedelta(seconds=15)
"""A visitor stands there with the phone in the hand until the letter comes."""


def register() -> None:
    for kind in (
        kinds.NoticeKind("desk_new", _("窓口に新しい提案が届いたとき"), MailMode.AT_ONCE),
        kinds.NoticeKind("desk_status", _("送った提案の状況が変わったとき"), MailMode.AT_ONCE),
        kinds.NoticeKind("desk_message", _("提案について連絡があったとき"), MailMode.AT_ONCE),
        # The letter with the link to answer goes by itself: a second one for the notice would only be noise.
        kinds.NoticeKind("desk_consultation", _("庁内照会が届いたとき"), MailMode.OFF),
        kinds.NoticeKind("desk_overdue", _("提案や照会の期限が過ぎたとき"), MailMode.DAILY),
    ):
        kinds.register(kind)
    schedule.register(schedule.Periodic("desk_letters", AT_ONCE, letters.send_letters))
    schedule.register(
        schedule.Periodic("desk_consultations", DAY, consultation_rounds.make_round, daily_at=dt.time(8, 30))
    )
    schedule.register(
        schedule.Periodic("desk_overdue", DAY, overdue.tell_of_overdue, daily_at=dt.time(8, 45))
    )
    schedule.register(schedule.Periodic("desk_old_drafts", DAY, intake.forget_old_drafts))
