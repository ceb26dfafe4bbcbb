"""What calls, soundings, dialogue, reviews and decisions hand in at the start of the application."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from enishi.desk import post
from enishi.desk.calls import services as calls
from enishi.desk.dialogue import panels as dialogue
from enishi.desk.review import panels as review
from enishi.desk.review import receivers
from enishi.foundation import schedule, ui
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode


def register() -> None:
    """Called once, in ``apps.ready``."""
    kinds.register(kinds.NoticeKind("desk_call", _("提案の募集")))
    kinds.register(kinds.NoticeKind("desk_sounding", _("サウンディング"), MailMode.AT_ONCE))
    kinds.register(kinds.NoticeKind("desk_dialogue", _("提案の打合せ")))
    kinds.register(kinds.NoticeKind("desk_review", _("提案の審査"), MailMode.AT_ONCE))
    schedule.register(schedule.Periodic("desk_close_calls", dt.timedelta(minutes=1), calls.close_due))
    schedule.register(schedule.Periodic("desk_post", dt.timedelta(minutes=1), post.send_waiting))
    for item in (
        ui.NavigationItem(_("提案の募集"), "desk:call_list", order=32, icon="bookmark"),
        ui.NavigationItem(_("提案の募集"), "desk:call_list", order=12, bar="public"),
        ui.NavigationItem(_("サウンディング"), "desk:sounding_list", order=33, icon="people"),
    ):
        ui.navigation.register(item)
    dialogue.register()
    review.register()
    receivers.connect()
