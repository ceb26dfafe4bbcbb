"""What the exchange does once a day, and the notices it sends."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from enishi.exchange import services
from enishi.exchange.models_attachments import Attachment
from enishi.exchange.transfer import exporting
from enishi.foundation import erasing, schedule
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode

DAY = dt.timedelta(days=1)


def register() -> None:
    kinds.register(
        kinds.NoticeKind("resource_confirmation", _("登録した資源の確認をお願いするとき"), MailMode.AT_ONCE)
    )
    kinds.register(kinds.NoticeKind("saved_search", _("保存した条件に新しく見つかったとき"), MailMode.DAILY))
    erasing.register(Attachment, "removed_at")
    schedule.register(schedule.Periodic("resource_confirmations", DAY, _request_confirmations))
    schedule.register(schedule.Periodic("resource_ageing", DAY, _announce_aged))
    schedule.register(schedule.Periodic("old_exports", DAY, exporting.forget_old_exports))
    schedule.register(schedule.Periodic("saved_searches", DAY, services.notify_new_hits))


def _request_confirmations(at: dt.datetime) -> int:
    return services.request_confirmations(at=at)


def _announce_aged(at: dt.datetime) -> int:
    return services.announce_aged(at=at)
