"""Forms of the evidence register."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import CodeField, LongTextField, TextField, formfield
from enishi.organizations.models import Organization
from enishi.plans.evidence.enums import Use, Verification
from enishi.plans.forms import FiscalYearField, VersionedForm
from enishi.plans.logic.enums import EvidenceLevel
from enishi.plans.models import Evidence


class EvidenceForm(VersionedForm):
    level = forms.TypedChoiceField(
        label=_("根拠の水準"), choices=EvidenceLevel.choices, coerce=int, initial=EvidenceLevel.NONE
    )
    year = FiscalYearField(
        label=_("資料の年"), required=False, help_text=_("資料に書かれた年。例: 令和5年、2023")
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Evidence
        fields = (
            "claim",
            "figure",
            "source_title",
            "publisher",
            "year",
            "locator",
            "url",
            "kind",
            "level",
            "section",
            "visibility",
        )
        formfield_callback = formfield

    field_order = Meta.fields

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections: Any = self.fields["section"]
        sections.queryset = organization.sections.open_on(timezone.localdate())
        if self.instance.pk:
            self.initial["year"] = str(self.instance.year or "")
            del self.fields["token"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("visibility") == "section" and not cleaned.get("section"):
            raise ValidationError({"section": _("課内だけで読むときは、担当課を選んでください。")})
        return cleaned


class CheckForm(forms.Form):
    """What somebody found in the original."""

    result = forms.ChoiceField(label=_("確認の結果"), choices=Verification.choices, widget=forms.RadioSelect)
    found = TextField(
        label=_("原典にあった値・文"),
        max_length=500,
        required=False,
        help_text=_("不一致のときは必ず書きます。例: 原典では32.4%(表3)"),
    )
    note = LongTextField(label=_("補足"), max_length=500, required=False)


class UseForm(forms.Form):
    """Where it is used: a branch of a plan in force, or a programme by its number."""

    node = forms.ChoiceField(label=_("計画の枝"), required=False)
    programme = CodeField(
        label=_("事務事業の番号(6桁)"),
        max_length=6,
        required=False,
        help_text=_("枝か事務事業の、どちらか一方を入れます。"),
    )
    purpose = forms.ChoiceField(label=_("何の裏付けか"), choices=Use.choices)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        node: Any = self.fields["node"]
        node.choices = [("", _("選ばない")), *places]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(cleaned.get("node")) == bool(cleaned.get("programme")):
            raise ValidationError(_("計画の枝か事務事業の番号の、どちらか一方を入れてください。"))
        return cleaned
