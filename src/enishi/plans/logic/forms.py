"""Forms of logic models. What may be written is decided by the services."""

from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.models import Programme
from enishi.foundation.access import Actor
from enishi.foundation.forms import CodeField, LongTextField, ModelMultipleChoiceField, formfield
from enishi.indicators.models import Indicator
from enishi.plans.forms import VersionedForm
from enishi.plans.logic.calculations import branches_above
from enishi.plans.models import (
    Evidence,
    LogicEdge,
    LogicModel,
    LogicNode,
    NodeIdentity,
    Placement,
    PlanNode,
)

MOST_CODES = 20


class LogicModelForm(VersionedForm):
    class Meta:
        model = LogicModel
        fields = (
            "title",
            "problem_statement",
            "target_population",
            "change_summary",
            "section",
            "visibility",
        )
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections: Any = self.fields["section"]
        sections.queryset = self.instance.organization.sections.open_on(timezone.localdate())


def own_indicators(actor: Actor, model: LogicModel) -> models.QuerySet[Indicator, Indicator]:
    """Those of the branch, and those some box has already; others come in by their number."""
    own = models.Q(logic_nodes__model=model)
    if model.identity_id:
        own |= models.Q(node_indicators__node__uid=model.identity_id)
    return Indicator.objects.visible_to(actor).filter(own).distinct().order_by("code")


def own_programmes(actor: Actor, model: LogicModel) -> models.QuerySet[Programme, Programme]:
    if model.programme_id:
        return Programme.objects.visible_to(actor).filter(pk=model.programme_id)
    paths = PlanNode.objects.filter(uid=model.identity_id).values_list("version_id", "path")
    below = models.Q(pk__in=[])
    for version_id, path in paths:
        below |= models.Q(version_id=version_id, node__path__startswith=path)
    keys = Placement.objects.filter(below).values("programme_id")
    return (
        Programme.objects.visible_to(actor)
        .filter(models.Q(pk__in=keys) | models.Q(logic_inputs__model=model))
        .distinct()
    )


class NodeForm(forms.ModelForm[LogicNode]):
    """A box. Indicators and programmes of the owner are offered; any other is named by its number."""

    indicators = ModelMultipleChoiceField(
        label=gettext_lazy("指標"), queryset=Indicator.objects.none(), required=False
    )
    more_indicators = CodeField(
        label=gettext_lazy("ほかの指標の番号"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("一覧にない指標は番号で書きます。例: K0012、K0031"),
    )

    class Meta:
        model = LogicNode
        fields = ("stage", "text", "expected_lag_months", "programme", "fte", "serves", "note")
        formfield_callback = formfield

    field_order = (
        "stage",
        "text",
        "indicators",
        "more_indicators",
        "expected_lag_months",
        "programme",
        "fte",
        "serves",
        "note",
    )

    def __init__(self, *args: Any, model: LogicModel, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.house, self.actor = model.organization_id, actor
        chosen: Any = self.fields["indicators"]
        chosen.queryset = own_indicators(actor, model)
        if self.instance.pk:
            self.initial["indicators"] = list(self.instance.indicators.all())
        programmes: Any = self.fields["programme"]
        programmes.queryset = own_programmes(actor, model)
        self._above(model)

    def _above(self, model: LogicModel) -> None:
        if model.programme_id is None:
            del self.fields["serves"]
            return
        names = {
            node.uid: f"{node.level}: {node}"
            for node in branches_above(model.programme_id, self.house, timezone.localdate())
        }
        serves: Any = self.fields["serves"]
        serves.queryset = NodeIdentity.objects.filter(pk__in=names)
        serves.label_from_instance = lambda row: names.get(row.pk, row.pk)
        serves.help_text = _(
            "最終の成果のときに選びます。この事務事業が位置づけられた枝と、その上位が並びます。"
        )

    def _post_clean(self) -> None:
        """Nothing is written on the row here: services do that, under a lock."""

    def clean_more_indicators(self) -> list[Indicator]:
        written = self.cleaned_data["more_indicators"].replace(",", "、")
        codes = [code.strip() for code in written.split("、") if code.strip()]
        found = {
            row.code: row
            for row in Indicator.objects.visible_to(self.actor)
            .in_use()
            .filter(organization_id=self.house, code__in=codes)
        }
        unknown = [code for code in codes if code not in found]
        if unknown or len(codes) > MOST_CODES:
            raise forms.ValidationError(
                _("番号「%(code)s」の指標はこの団体にありません。指標の一覧で番号を確かめてください。"),
                params={"code": unknown[0] if unknown else codes[MOST_CODES]},
            )
        return list(found.values())

    def values(self) -> dict[str, Any]:
        found = {
            name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.cleaned_data
        }
        programmes: Any = self.fields["programme"]
        old = self.instance.programme_id
        if old and found["programme"] is None and not programmes.queryset.filter(pk=old).exists():
            # What this person may not read was not offered, so leaving it empty says nothing about it.
            found["programme"] = self.instance.programme
        return found

    def indicators_chosen(self) -> list[Indicator]:
        chosen = [*self.cleaned_data["indicators"], *self.cleaned_data["more_indicators"]]
        if self.instance.pk:
            offered: Any = self.fields["indicators"]
            chosen += self.instance.indicators.exclude(pk__in=offered.queryset.values("pk"))
        return list({row.pk: row for row in chosen}.values())


class EdgeForm(forms.ModelForm[LogicEdge]):
    """An arrow with its assumption. Evidence of the owner is offered."""

    source = forms.ModelChoiceField(label=gettext_lazy("元"), queryset=LogicNode.objects.none())
    target = forms.ModelChoiceField(label=gettext_lazy("先"), queryset=LogicNode.objects.none())
    evidence = ModelMultipleChoiceField(
        label=gettext_lazy("客観的根拠"),
        queryset=Evidence.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "この枝・事務事業で使っている根拠から選びます。先に「客観的根拠」で使う箇所を加えてください。"
        ),
    )

    class Meta:
        model = LogicEdge
        fields = ("assumption", "evidence_level", "confidence")
        formfield_callback = formfield

    field_order = ("source", "target", "assumption", "evidence_level", "confidence", "evidence")

    def __init__(self, *args: Any, model: LogicModel, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes = model.nodes.order_by("number")
        for name in ("source", "target"):
            field: Any = self.fields[name]
            field.queryset = boxes
            field.label_from_instance = lambda row: (
                f"{row.number}. [{row.get_stage_display()}] {row.text[:60]}"
            )
        evidence: Any = self.fields["evidence"]
        evidence.queryset = offered
        evidence.label_from_instance = lambda row: f"{row} [{row.get_verification_display()}]"
        if self.instance.pk:
            self.initial = {
                **self.initial,
                "source": self.instance.source_id,
                "target": self.instance.target_id,
                "evidence": list(self.instance.evidence.all()),
            }
            self.fields["source"].disabled = self.fields["target"].disabled = True
        self.fields["confidence"].required = False

    def _post_clean(self) -> None:
        """Nothing is written on the row here: services do that, under a lock."""

    def values(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.cleaned_data
        }


class ReturnForm(forms.Form):
    reason = LongTextField(
        label=gettext_lazy("理由"),
        max_length=500,
        help_text=gettext_lazy("書いた人が直せるように、どこをどうするかを書きます。"),
    )


class ApproveForm(forms.Form):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = LongTextField(
        label=gettext_lazy("承認の理由"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("満たしていない規則があるまま承認するときは必ず書きます。"),
    )
