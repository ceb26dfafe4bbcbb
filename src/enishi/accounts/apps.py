from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "enishi.accounts"
    verbose_name = _("利用者")

    def ready(self) -> None:
        from enishi.accounts import own_data, receivers, selectors  # noqa: F401
        from enishi.foundation import ui

        own_data.register(own_data.OwnData("api_tokens", selectors.own_tokens))
        ui.navigation.register(
            ui.NavigationItem(_("自分のページ"), "accounts:me", order=10, bar="person", icon="user")
        )
        ui.navigation.register(
            ui.NavigationItem(_("サインインと安全"), "account_email", order=30, bar="person", icon="lock")
        )
