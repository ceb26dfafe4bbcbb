from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "enishi.portal"

    def ready(self) -> None:
        from enishi.foundation.access import Actor
        from enishi.foundation.ui import NavigationItem, navigation
        from enishi.portal import knowledge_notices, panels

        panels.register()
        knowledge_notices.register()

        def signed_in(actor: Actor) -> bool:
            return actor.is_authenticated

        navigation.register(NavigationItem(_("ホーム"), "portal:home", order=0, icon="home"))
        navigation.register(NavigationItem(_("数字で見る"), "portal:metric_list", order=80, icon="eye"))
        navigation.register(
            NavigationItem(_("ホーム"), "portal:home", order=0, bar="public", shown=signed_in)
        )
