"""Forms of published data."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.evaluation.forms import YearField
from enishi.foundation.forms import LongTextField, TextField


class FreezeForm(forms.Form):
    fiscal_year = YearField(
        label=_("予算の年度"),
        help_text=_("決定を予算に表す年度。その年度の決定と反映、評価した事業、指標などを一つにまとめます。"),
    )
    title = TextField(label=_("題名"), max_length=150)
    note = LongTextField(
        label=_("住民への説明"), max_length=2_000, required=False, help_text=_("やさしい言葉で書きます。")
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class WithdrawForm(forms.Form):
    reason = TextField(label=_("取り下げる理由"), max_length=300)
