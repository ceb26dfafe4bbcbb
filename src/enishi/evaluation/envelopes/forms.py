"""Forms of envelopes: percentages as people write them, parts of 10,000 inside."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import Stage
from enishi.evaluation.envelopes.models import EnvelopeScenario
from enishi.evaluation.envelopes.sharing import STANDARD_POINTS
from enishi.evaluation.forms import YearField
from enishi.foundation.access import Actor
from enishi.foundation.forms import LongTextField, TextField, YenField
from enishi.plans.models import Plan, PlanVersion

BASES = [(stage.value, stage.label) for stage in (Stage.INITIAL, Stage.SETTLEMENT)]
WORDS = {
    "achieved": _("達成の指標の重み"),
    "on_track": _("順調の指標の重み"),
    "slightly_late": _("やや遅れの指標の重み"),
    "late": _("遅れの指標の重み"),
    "regressed": _("後退の指標の重み"),
    "undecidable": _("判定不能の指標の重み"),
    "none": _("指標のない施策の重み"),
}


class ScenarioForm(forms.Form):
    title = TextField(label=_("名称"), max_length=120)
    fiscal_year = YearField(label=_("予算の年度"))
    plan_version = forms.ModelChoiceField(
        label=_("計画"), queryset=PlanVersion.objects.none(), empty_label=None
    )
    depth = forms.IntegerField(
        label=_("枠を配る階層"),
        min_value=1,
        max_value=6,
        help_text=_("上から何段目か。政策が1、施策が2です。"),
    )
    base_fy = YearField(label=_("もとにする年度"))
    base_stage = forms.ChoiceField(label=_("もとにする額"), choices=BASES)
    outcome_fy = YearField(label=_("成果を見る年度"))
    growth = forms.DecimalField(
        label=_("全体の増減(%)"),
        min_value=-100,
        max_value=100,
        decimal_places=2,
        help_text=_("減らすときは負の数。"),
    )
    pool = forms.DecimalField(
        label=_("成果に応じて配り直す割合(%)"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("各施策がこの割合を出し合い、指標の状況の重みと規模に応じて受け取ります。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, house: int, actor: Actor, scenario: EnvelopeScenario | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        plans: Any = self.fields["plan_version"]
        readable = Plan.objects.visible_to(actor).filter(organization_id=house)
        plans.queryset = PlanVersion.objects.filter(plan__in=readable.values("pk")).select_related("plan")
        points = scenario.points if scenario else STANDARD_POINTS
        for status, label in WORDS.items():
            self.fields[f"points_{status}"] = forms.IntegerField(
                label=label, min_value=0, max_value=100, initial=points.get(status, 0)
            )
        if scenario is not None:
            names = ("title", "fiscal_year", "depth", "base_fy", "base_stage", "outcome_fy", "version")
            self.initial.update({name: getattr(scenario, name) for name in names})
            self.initial.update(
                {
                    "plan_version": scenario.plan_version_id,
                    "growth": Decimal(scenario.growth_bp) / 100,
                    "pool": Decimal(scenario.pool_bp) / 100,
                }
            )

    @property
    def whole(self) -> list[Any]:
        """What the envelopes are made of."""
        return [self[name] for name in self.base_fields if name not in {"pool", "version", "token"}]

    @property
    def sharing(self) -> list[Any]:
        return [self["pool"]]

    @property
    def weights(self) -> list[Any]:
        return [self[f"points_{status}"] for status in WORDS]

    @property
    def weights_are_wrong(self) -> bool:
        return any(name.startswith("points_") for name in self.errors)

    @property
    def values(self) -> dict[str, Any]:
        names = ("title", "fiscal_year", "plan_version", "depth", "base_fy", "base_stage", "outcome_fy")
        found = {name: self.cleaned_data[name] for name in names}
        return found | {
            "growth_bp": int(self.cleaned_data["growth"] * 100),
            "pool_bp": int(self.cleaned_data["pool"] * 100),
        }

    @property
    def points(self) -> dict[str, int]:
        return {status: self.cleaned_data[f"points_{status}"] for status in WORDS}


class AdjustForm(forms.Form):
    adjust_yen = YenField(label=_("手で加える額(減らすときは△)"))
    reason = TextField(label=_("理由"), max_length=300, required=False)


class ChooseForm(forms.Form):
    reason = LongTextField(label=_("採用する理由"), max_length=2_000)
