"""What people write around matches."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.exchange.matches.enums import DeclineReason, Outcome
from enishi.exchange.matches.services.reach import HIGHEST
from enishi.foundation.forms import LongTextField, TextField


class InquiryForm(forms.Form):
    """The first words to the other side; empty, the reasons speak."""

    message = LongTextField(
        label=_("相手に伝えること"),
        required=False,
        max_length=4_000,
        help_text=_("空のまま送ると、合うと考えた理由を並べた文が届きます。"),
    )
    side = forms.CharField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)


class NoteForm(forms.Form):
    body = LongTextField(
        label=_("伝えること"),
        max_length=4_000,
        help_text=_("相手の団体の担当者にも届き、両方の団体の人だけが読めます。"),
    )
    side = forms.CharField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("見送りの理由"), choices=[("", _("選んでください")), *DeclineReason.choices]
    )
    note = LongTextField(
        label=_("相手へのひとこと"),
        max_length=500,
        help_text=_("何が違えば話が進んだかを書くと、相手が次に生かせます。"),
    )


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("その後どうなりましたか"), choices=[("", _("選んでください")), *Outcome.choices]
    )


class ConflictForm(forms.Form):
    """A partner, by its exact name or number."""

    partner = TextField(
        label=_("団体の名前、または法人番号"),
        max_length=150,
        help_text=_("登録されている名前を正確に書いてください。"),
    )
    reason = TextField(
        label=_("理由"),
        max_length=300,
        help_text=_("例: 令和9年3月まで同じ業務の入札に参加しているため"),
    )


class FloorForm(forms.Form):
    percent = forms.IntegerField(
        label=_("先頭10件のうち、小さな団体や遠い町に届ける割合(%)"),
        min_value=0,
        max_value=HIGHEST,
        help_text=_("0から50。0にすると、順位をそのまま使います。"),
    )


class JointForm(forms.Form):
    title = TextField(label=_("募集の題名"), max_length=120)
    message = LongTextField(
        label=_("相手の自治体へのことば"),
        required=False,
        max_length=2_000,
        help_text=_("いっしょに募ると何がよくなるか(数がまとまる、費用を分けられるなど)を書きます。"),
    )
    others = forms.TypedMultipleChoiceField(
        label=_("声をかける課題"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = self.fields["others"]
        assert isinstance(others, forms.TypedMultipleChoiceField)
        others.choices = choices
