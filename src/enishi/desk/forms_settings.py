"""Forms of the desk's settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.desk.clock import USUAL_TARGETS, target_of
from enishi.desk.decisions.procurement import COUNCIL, KINDS, kinds_of_contract
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.models import DeskSettings
from enishi.foundation.forms import LongTextField, TextField, YenField

LIMITS = {f"limit_{number}": kind for number, kind in enumerate([*kinds_of_contract(), COUNCIL])}
"""Fields for what the body itself set, by the kind of contract."""


class SettingsForm(forms.Form):
    is_open = forms.BooleanField(label=_("提案を受け付ける"), required=False)
    greeting = LongTextField(
        label=_("提案する人への案内"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    number_in_era = forms.BooleanField(label=_("受付番号を和暦で付ける(令和8年度-0001)"), required=False)
    consultation_days = forms.IntegerField(label=_("照会の回答期限(営業日)"), min_value=1, max_value=60)
    hourly_cost_yen = YenField(label=_("職員1時間の費用"), required=False, min_value=0)
    hourly_cost_source = TextField(
        label=_("費用の根拠"),
        max_length=200,
        required=False,
        help_text=_("例: 令和7年度決算 人件費÷年間勤務時間"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, settings: DeskSettings, **kwargs: Any) -> None:
        names = ("is_open", "greeting", "number_in_era", "consultation_days", "hourly_cost_yen")
        initial = {name: getattr(settings, name) for name in (*names, "hourly_cost_source", "version")}
        initial |= {f"target_{stage.value}": target_of(stage, settings.targets) for stage in OPEN_STATUSES}
        super().__init__(*args, **{"initial": initial, **kwargs})
        for stage in OPEN_STATUSES:
            self.fields[f"target_{stage.value}"] = forms.IntegerField(
                label=_("「%(stage)s」の目安(営業日)") % {"stage": stage.label}, min_value=1, max_value=250
            )
        for name, kind in LIMITS.items():
            self.fields[name] = YenField(label=_limit_label(kind), required=False, min_value=0)
            self.initial[name] = settings.own_limits.get(kind)
        self.fields["own_limits_source"] = TextField(
            label=_("金額を定めた規則・条例"),
            max_length=200,
            required=False,
            help_text=_("例: あおば市契約規則 第25条。空の欄は政令の額で見ます"),
        )
        self.initial["own_limits_source"] = settings.own_limits_source

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        targets = {stage.value: data.pop(f"target_{stage.value}") for stage in OPEN_STATUSES}
        data["targets"] = {key: days for key, days in targets.items() if days != USUAL_TARGETS.get(key)}
        data.pop("version")
        limits = {kind: data.pop(name) for name, kind in LIMITS.items()}
        data["own_limits"] = {kind: yen for kind, yen in limits.items() if yen is not None}
        return data


def _limit_label(kind: str) -> Any:
    if kind == COUNCIL:
        return _("議会の議決に付す工事・製造の請負の額(条例)")
    return _("少額の随意契約の上限(規則): %(kind)s") % {"kind": KINDS.get(kind, kind)}


class TemplateForm(forms.Form):
    title = TextField(label=_("見出し"), max_length=100)
    stage = forms.ChoiceField(label=_("使う段階"), required=False)
    body = LongTextField(
        label=_("文面"),
        max_length=4_000,
        help_text=_("{題名} {受付番号} {提案者} {自治体} と書くと、その場の内容に置き換わります。"),
    )
    is_active = forms.BooleanField(label=_("使う"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = [(one.value, one.label) for one in ProposalStatus if one != ProposalStatus.DRAFT]
        field: Any = self.fields["stage"]
        field.choices = [("", _("どの段階でも")), *stages]


class StepForm(forms.Form):
    """One line of the budget calendar."""

    code = forms.SlugField(max_length=20, widget=forms.HiddenInput)
    label = TextField(label=_("段取り"), max_length=80)
    first_month = forms.IntegerField(label=_("始まりの月"), min_value=1, max_value=12)
    first_day = forms.IntegerField(label=_("始まりの日"), min_value=1, max_value=31)
    last_month = forms.IntegerField(label=_("終わりの月"), min_value=1, max_value=12)
    last_day = forms.IntegerField(label=_("終わりの日"), min_value=1, max_value=31)
    source = TextField(label=_("出所"), max_length=200, required=False)


StepFormSet = forms.formset_factory(StepForm, extra=0)
