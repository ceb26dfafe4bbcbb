"""What calls, soundings, dialogue, reviews and decisions hand in at the start of the application."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from enishi.desk import engagement_handover, engagement_history, engagement_metrics, engagement_search, post
from enishi.desk.calls import panels as call_panels
from enishi.desk.calls import services as calls
from enishi.desk.decisions import panels as decisions
from enishi.desk.decisions import services as deciding
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
    schedule.register(schedule.Periodic("desk_post", dt.timedelta(seconds=15), post.send_waiting))
    schedule.register(
        schedule.Periodic(
            "desk_first_replies", dt.timedelta(days=1), deciding.escalate_overdue, daily_at=dt.time(8, 0)
        )
    )
    for item in (
        ui.NavigationItem(_("提案の募集"), "desk:call_list", order=32, icon="bookmark"),
        ui.NavigationItem(_("提案の募集"), "desk:call_list", order=32, bar="public"),
        ui.NavigationItem(_("サウンディング"), "desk:sounding_list", order=33, icon="people"),
        ui.NavigationItem(_("審査"), "desk:review_list", order=34, icon="check"),
        ui.NavigationItem(_("見送り・中止から学ぶ"), "desk:learned_list", order=35, icon="info"),
    ):
        ui.navigation.register(item)
    dialogue.register()
    review.register()
    receivers.connect()
    decisions.register()
    engagement_metrics.register_metrics()
    engagement_history.register()
    engagement_search.register_sources()
    engagement_handover.register()
    call_panels.register()
