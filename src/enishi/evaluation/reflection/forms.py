"""Forms of reflection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.evaluation.forms import YearField
from enishi.evaluation.reflection.enums import ReflectionStage, ReflectionStatus
from enishi.foundation.forms import LongTextField


class ReflectionForm(forms.Form):
    """What a person says of a decision; the amounts are the budget's."""

    status = forms.ChoiceField(
        label=_("反映の状況"), choices=ReflectionStatus.choices, widget=forms.RadioSelect
    )
    reason = LongTextField(
        label=_("理由"),
        max_length=1_000,
        required=False,
        help_text=_("「未反映」「次年度以降」「対象外」のときは必ず書きます。住民に公開されます。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class ReflectionImportForm(forms.Form):
    year = YearField(label=_("予算の年度"))
    stage = forms.ChoiceField(label=_("段階"), choices=ReflectionStage.choices)
    round_no = forms.IntegerField(
        label=_("補正の回"),
        min_value=0,
        max_value=99,
        required=False,
        help_text=_("補正のときだけ書きます。"),
    )
    file = forms.FileField(
        label=_("ファイル"), help_text=_("この一覧から書き出した表(Excel か CSV)に記入したもの。")
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        is_supplement = found.get("stage") == ReflectionStage.SUPPLEMENT
        if is_supplement and not found.get("round_no"):
            self.add_error("round_no", _("何回目の補正かを書いてください。"))
        if not is_supplement:
            found["round_no"] = 0
        return found
