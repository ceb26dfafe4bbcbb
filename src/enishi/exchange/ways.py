"""Ways to the pages of the exchange."""

from django.utils.translation import gettext_lazy as _

from enishi.exchange.access import field_access
from enishi.foundation.access import Actor
from enishi.foundation.ui import NavigationItem, navigation


def register() -> None:
    items = (
        NavigationItem(_("課題"), "exchange:challenge_list", order=20, icon="list"),
        NavigationItem(_("地域資源"), "exchange:resource_list", order=21, icon="gift"),
        NavigationItem(_("課題を見る"), "exchange:challenge_list", order=10, bar="public"),
        NavigationItem(_("資源を見る"), "exchange:resource_list", order=11, bar="public"),
        NavigationItem(
            _("保存した条件"), "exchange:search_list", order=40, bar="person", shown=_is_signed_in
        ),
        NavigationItem(_("ごみ箱"), "exchange:trash", order=41, bar="person", shown=_is_signed_in),
        NavigationItem(
            _("分野の一覧"), "exchange:field_list", order=90, bar="person", shown=_may_edit_fields
        ),
    )
    for item in items:
        navigation.register(item)


def _is_signed_in(actor: Actor) -> bool:
    return actor.is_authenticated


def _may_edit_fields(actor: Actor) -> bool:
    return field_access.allows(actor, "edit", None)
