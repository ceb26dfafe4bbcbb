"""What is typed for a baseline or a target: on an indicator's page, and for one version of a plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from enishi.foundation.forms import TextField
from enishi.foundation.numbers import whole
from enishi.indicators.enums import ChangeBasis, ChangeMeasure, ChangeWay, Direction, TargetSource
from enishi.indicators.forms import NumberField, RefusableForm, YearField
from enishi.indicators.models import OWN_FRAME, Indicator, Target


class BaselineForm(RefusableForm):
    fiscal_year = YearField(label=gettext_lazy("基準年度"))
    value = NumberField(label=gettext_lazy("基準値"))
    basis = TextField(label=gettext_lazy("基準値の根拠"), max_length=300, required=False)
    reason = TextField(
        label=gettext_lazy("変える理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("いまの基準値を変えるときは必ず"),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].unit = unit  # type: ignore[attr-defined]


class TargetForm(RefusableForm):
    fiscal_year = YearField(label=gettext_lazy("年度"))
    value = NumberField(label=gettext_lazy("目標値"), required=False)
    lower = NumberField(label=gettext_lazy("下限"), required=False)
    upper = NumberField(label=gettext_lazy("上限"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("根拠の種類"), choices=TargetSource.choices)
    rationale = TextField(label=gettext_lazy("目標の根拠"), max_length=500)
    reason = TextField(
        label=gettext_lazy("変える理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("いまの目標値を変えるときは必ず"),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unwanted = ("value",) if indicator.direction == Direction.RANGE else ("lower", "upper")
        for name in unwanted:
            del self.fields[name]
        for name in ("value", "lower", "upper"):
            if name in self.fields:
                self.fields[name].unit = indicator.unit  # type: ignore[attr-defined]
                self.fields[name].required = True

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}


class ChangeForm(RefusableForm):
    """A target as plans write it."""

    basis = forms.ChoiceField(label=gettext_lazy("何から"), choices=ChangeBasis.choices)
    amount = NumberField(label=gettext_lazy("どれだけ"))
    measure = forms.ChoiceField(label=gettext_lazy("どれだけの単位"), choices=ChangeMeasure.choices)
    way = forms.ChoiceField(label=gettext_lazy("増やすか減らすか"), choices=ChangeWay.choices)
    fiscal_year = YearField(
        label=gettext_lazy("いつまでに(年度)"),
        required=False,
        help_text=gettext_lazy("毎年度の目標なら、「前の年度」を選んで空のままにします。"),
    )
    words = TextField(label=gettext_lazy("計画に書かれた言葉"), max_length=300, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


def target_now(indicator: Indicator, year: str, frame: str = OWN_FRAME) -> dict[str, Any]:
    """What stands now, when the target of one year is to be moved: what ``TargetForm`` begins with."""
    wanted = whole(year, 1_000, 9_999)
    if wanted is None:
        return {}
    rows = Target.objects.filter(indicator=indicator, frame=frame, fiscal_year=wanted, is_current=True)
    names = ("fiscal_year", "value", "lower", "upper", "rationale", "source")
    return rows.values(*names).first() or {"fiscal_year": wanted}
