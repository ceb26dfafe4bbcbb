"""How sign-in by allauth meets our people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person

INVITED = "accounts_invited_address"
"""Session key: the address an invitation that was opened here was sent to."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "メールアドレスかパスワードが違います。5回続けて違うと、15分のあいだ入れなくなります。"
            "忘れたときは「パスワードをお忘れですか」から作り直せます。"
        ),
        "too_many_login_attempts": _(
            "パスワードの間違いが続いたため、いったん止めました。15分ほど待ってからお試しください。"
            "忘れたときは「パスワードをお忘れですか」から作り直せます。"
        ),
        "account_inactive": _("この利用者は止められています。所属の管理者にお問い合わせください。"),
        "rate_limited": _("短い間に何度も操作されました。少し待ってからお試しください。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Open to everybody by setting; an invitation opens the door in any case."""
        return bool(settings.OPEN_SIGN_UP or request.session.get(INVITED))

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who came by a link that was mailed to this address has shown that it is theirs."""
        invited = str(request.session.get(INVITED) or "")
        return bool(invited and invited == email.lower()) or bool(super().is_email_verified(request, email))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Person:
        """Take the name as the directory gives it: whole, or family name first."""
        person: Person = super().populate_user(request, sociallogin, data)
        parts = [data.get("last_name") or "", data.get("first_name") or ""]
        person.name = str(data.get("name") or " ".join(part for part in parts if part))[:100]
        return person
