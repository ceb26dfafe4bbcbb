"""How somebody wants notices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.notifications.enums import MailMode
from enishi.notifications.selectors import Wish


class WishesForm(forms.Form):
    """Two questions for each kind: on the page? by e-mail?"""

    def __init__(self, *args: Any, wishes: list[Wish], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wishes = wishes
        for wish in wishes:
            self.fields[f"{wish.kind.key}-page"] = forms.BooleanField(
                label=_("画面に出す"), required=False, initial=wish.on_page
            )
            self.fields[f"{wish.kind.key}-mail"] = forms.ChoiceField(
                label=_("メール"), choices=MailMode.choices, initial=wish.mail
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (wish.kind.label, self[f"{wish.kind.key}-page"], self[f"{wish.kind.key}-mail"])
            for wish in self.wishes
        ]

    def choices(self) -> dict[str, tuple[bool, MailMode]]:
        return {
            wish.kind.key: (
                self.cleaned_data[f"{wish.kind.key}-page"],
                MailMode(self.cleaned_data[f"{wish.kind.key}-mail"]),
            )
            for wish in self.wishes
        }
