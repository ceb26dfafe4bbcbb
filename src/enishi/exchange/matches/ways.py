"""What matching brings to the house when it starts: ears, rounds, kinds of notice, ways and panels."""

from django.utils.translation import gettext_lazy as _

from enishi.exchange.matches import panels, receivers, tasks
from enishi.exchange.matches.access import weights_access
from enishi.foundation.access import Actor
from enishi.foundation.ui import NavigationItem, navigation
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.organizations.visibility import reach_of


def register() -> None:
    receivers.connect()
    tasks.register_rounds()
    panels.register()
    for kind in (
        kinds.NoticeKind("match_contact", _("「話してみたい」という声が届いたとき"), MailMode.AT_ONCE),
        kinds.NoticeKind("match_note", _("対話に返事や動きがあったとき"), MailMode.DAILY),
        kinds.NoticeKind("match_silent", _("対話が14日間止まったとき"), MailMode.DAILY),
        kinds.NoticeKind("joint_call", _("共同の募集に声がかかったとき"), MailMode.DAILY),
    ):
        kinds.register(kind)
    for item in (
        NavigationItem(_("縁の候補"), "matches:pairs", order=22, icon="thread", shown=_is_member),
        NavigationItem(_("対話"), "matches:contact_list", order=23, icon="chat", shown=_is_member),
        NavigationItem(_("縁の候補"), "matches:pairs", order=20, bar="public", shown=_is_member),
        NavigationItem(_("対話"), "matches:contact_list", order=21, bar="public", shown=_is_member),
        NavigationItem(_("照合の重み"), "matches:weights", order=91, bar="person", shown=_may_choose_weights),
    ):
        navigation.register(item)


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def _may_choose_weights(actor: Actor) -> bool:
    return weights_access.allows(actor, "view", None)
