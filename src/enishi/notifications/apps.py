import datetime as dt

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "enishi.notifications"

    def ready(self) -> None:
        from enishi.accounts import own_data
        from enishi.foundation import schedule, ui
        from enishi.notifications import kinds, receivers, selectors, services
        from enishi.notifications.enums import MailMode

        kinds.register(kinds.NoticeKind("job", _("取り込みなどの処理が終わったとき"), MailMode.OFF))
        kinds.register(kinds.NoticeKind("joining", _("団体の登録や参加の申込と、その返事"), MailMode.AT_ONCE))
        receivers.connect()
        own_data.register(own_data.OwnData("notices", selectors.own_notices))
        schedule.register(
            schedule.Periodic("notices-at-once", dt.timedelta(seconds=15), services.send_waiting)
        )
        schedule.register(
            schedule.Periodic("notices-digest", dt.timedelta(minutes=10), services.send_digests)
        )
        ui.frame_parts.register("unread_notices", lambda request: selectors.unread_count(request.user))
        ui.frame_parts.register("notices_url", lambda _request: reverse("notifications:notice_list"))
        ui.navigation.register(
            ui.NavigationItem(
                _("お知らせの受け取り方"),
                "notifications:notice_settings",
                order=40,
                bar="person",
                icon="bell",
            )
        )
