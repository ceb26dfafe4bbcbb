"""What a person says about themselves, and the keys they make."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation.forms import TextField


class NameForm(forms.Form):
    """What sign-up asks besides address and password."""

    name = TextField(label=_("氏名"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    kana = TextField(label=_("ふりがな"), max_length=100, required=False)

    def signup(self, request: HttpRequest, user: Person) -> None:
        """Called by allauth once the account is there."""
        user.name, user.kana = self.cleaned_data["name"], self.cleaned_data["kana"]
        user.save(update_fields=["name", "kana"])


class ProfileForm(forms.Form):
    name = TextField(label=_("氏名"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    kana = TextField(label=_("ふりがな"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("表示言語"), choices=settings.LANGUAGES)


class TokenForm(forms.Form):
    """A key for a program: what for, and until when."""

    DAYS: Any = [(30, _("30日")), (90, _("90日")), (365, _("1年"))]

    name = TextField(
        label=_("使いみち"), max_length=100, help_text=_("例: 企画課の集計表。あとで見分けるための名前です。")
    )
    days = forms.TypedChoiceField(label=_("使える期間"), choices=DAYS, coerce=int, initial=90)
