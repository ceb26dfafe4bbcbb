"""Forms of the room. What may be written is decided by the services; a form reads what was typed and shows what was refused."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    WarekiDateField,
    YenField,
    formfield,
)
from enishi.organizations.models import Organization
from enishi.projects.enums import EndReason, GateDecision, MeasureKind, MeasureTier, TaskState
from enishi.projects.models import (
    ConsentText,
    Expense,
    Incident,
    LabParticipant,
    Measure,
    MeasureValue,
    Meeting,
    Milestone,
    Participant,
    Project,
    Risk,
    Task,
    Trial,
)
from enishi.projects.services import expenses, measures, risks, trials


class NumberField(forms.DecimalField):
    """A number in full or half width, with or without commas; never a float."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "size": 16, "inputmode": "decimal"})
    default_error_messages = {
        "invalid": gettext_lazy("数字で書いてください。例: 1,250、12.5、-3"),
        "required": gettext_lazy("数字を書いてください。ないときは 0 と書いてください。"),
        "max_digits": gettext_lazy("けた数が多すぎます。"),
        "max_decimal_places": gettext_lazy("小数は第%(max)s位までで書いてください。"),
        "max_whole_digits": gettext_lazy("けた数が多すぎます。"),
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace("△", "-").strip()
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


def row_field(db_field: Any, **kwargs: Any) -> forms.Field | None:
    """Our fields for text, days, yen and numbers; nothing at all chosen is said in words."""
    if isinstance(db_field, models.DecimalField):
        return NumberField(
            label=db_field.verbose_name,
            help_text=db_field.help_text,
            required=not (db_field.blank or db_field.has_default()),
            max_digits=db_field.max_digits,
            decimal_places=db_field.decimal_places,
        )
    field = formfield(db_field, **kwargs)
    if isinstance(field, YenField) and db_field.has_default():
        field.required = False
    return field


class RowForm(forms.ModelForm[Any]):
    """A form whose model only says which fields there are: the services check and save."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def _post_clean(self) -> None:
        """Nothing: the row is changed by the service alone."""

    def values(self) -> dict[str, Any]:
        """What was typed, under the names the services know; what a number defaults to where it was left out."""
        found = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self._meta.fields  # type: ignore[operator]
        }
        for name, value in found.items():
            column = self._meta.model._meta.get_field(name)
            if value is None and isinstance(column, models.Field) and column.has_default():
                found[name] = column.get_default()
        return found

    def add_refusal(self, refused: ValidationError) -> None:
        """Show the service's sentences at the fields they speak of."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, sentences in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, [str(one) for one in sentences])


def people_of(organization: Organization) -> models.QuerySet[Person, Person]:
    rows = organization.memberships.current(timezone.localdate()).exclude(role__in=["resident", "auditor"])
    return Person.objects.filter(pk__in=rows.values("person_id"), is_active=True).order_by("kana", "pk")


class MilestoneForm(RowForm):
    class Meta:
        model = Milestone
        fields = ("title", "due_on", "done_on", "note")
        formfield_callback = row_field


class OfProject(RowForm):
    """A row that chooses among other rows of its project."""

    choosing: dict[str, str] = {}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        for name, attribute in self.choosing.items():
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset = getattr(project, attribute).all()


class TaskForm(OfProject):
    predecessors = ModelMultipleChoiceField(
        label=gettext_lazy("先に終える作業"), queryset=Task.objects.none(), required=False
    )
    choosing = {"milestone": "milestones", "participant": "participants"}

    class Meta:
        model = Task
        fields = ("title", "note", "starts_on", "due_on", "participant", "assignee", "milestone")
        formfield_callback = row_field

    def __init__(self, *args: Any, whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        assignee.queryset = people_of_project(self.project)
        others: Any = self.fields["predecessors"]
        others.queryset = self.project.tasks.exclude(pk=self.instance.pk)
        if self.instance.pk:
            self.initial["predecessors"] = list(self.instance.predecessors.values_list("pk", flat=True))
        if not whole:
            for name in ("title", "participant", "milestone", "predecessors"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        found = super().values()
        return {name: value for name, value in found.items() if name in self.fields}


def people_of_project(project: Project) -> models.QuerySet[Person, Person]:
    """Those who may be given a task: named people of the participants, and the people of the leading organisation."""
    named = Participant.people.through.objects.filter(participant__project=project).values("person_id")
    own = people_of(project.organization).values("pk")
    return Person.objects.filter(models.Q(pk__in=named) | models.Q(pk__in=own)).order_by("kana", "pk")


class TaskStateForm(forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("状態"), choices=TaskState.choices)
    on = WarekiDateField(label=gettext_lazy("終えた日(空ければ今日)"), required=False)


class MeasureForm(OfProject):
    reason = TextField(
        label=gettext_lazy("基準・目標を変える理由"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("承認のあとで基準や目標を変えるときだけ。履歴に残ります。"),
    )
    choosing = {"participant": "participants"}

    class Meta:
        model = Measure
        fields = measures.WRITABLE
        formfield_callback = row_field
        help_texts = {
            "title": gettext_lazy("例: 異変に気づくまでの平均日数"),
            "definition": gettext_lazy(
                "何を何で割るか、どこまでを数えるか。人が代わっても同じ値になるように。"
            ),
            "tier": gettext_lazy(
                "取組の指標=その取組で何が起きたか。関係の深まりの指標=続けて会う人・共に担う人が増えたか。"
            ),
            "baseline_missing": gettext_lazy(
                "基準値がないときだけ。例: 初めて測るため。値がないまま承認はできません。"
            ),
            "tolerance": gettext_lazy("「保つ」指標だけ。目標からこの幅の中なら達成。"),
            "source": gettext_lazy("例: 高齢福祉課の対応記録、参加者アンケート(回収率も)"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.project.approved_at is None:
            del self.fields["reason"]
        if self.instance.indicator_id:
            for name in measures.LED_BY_REGISTER:
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name in self.fields}


class IndicatorForm(forms.Form):
    """How an indicator of the municipality serves the project."""

    kind = forms.ChoiceField(
        label=gettext_lazy("種類"), choices=MeasureKind.choices, initial=MeasureKind.OUTCOME
    )
    tier = forms.ChoiceField(label=gettext_lazy("段"), choices=MeasureTier.choices)
    may_be_shown = forms.BooleanField(
        label=gettext_lazy("この指標の値を、事業を読める人に見せてよいことを確かめました"), required=False
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, shows_more: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not shows_more:
            del self.fields["may_be_shown"]

    def add_refusal(self, refused: ValidationError) -> None:
        RowForm.add_refusal(self, refused)  # type: ignore[arg-type]


class ValueForm(RowForm):
    class Meta:
        model = MeasureValue
        fields = measures.VALUE_WRITABLE
        formfield_callback = row_field
        help_texts = {
            "missing_reason": gettext_lazy("値がないときだけ。例: 機器の故障で測れなかった"),
            "source": gettext_lazy("空ければ指標の「データの出所」になります。"),
        }


class CorrectionForm(ValueForm):
    reason = TextField(label=gettext_lazy("訂正の理由"), max_length=300)


class ReasonForm(forms.Form):
    reason = TextField(label=gettext_lazy("理由"), max_length=300)


class RiskForm(OfProject):
    choosing = {"bearer": "participants"}

    class Meta:
        model = Risk
        fields = risks.RISK_WRITABLE
        formfield_callback = row_field

    def __init__(self, *args: Any, agreed: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agreement_risk"]
        chosen = [self.instance.agreement_risk_id] if self.instance.agreement_risk_id else []
        field.queryset = field.queryset.filter(pk__in=[*(row.pk for row in agreed), *chosen])
        if not agreed and not chosen:
            del self.fields["agreement_risk"]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name in self.fields}


class IncidentForm(OfProject):
    choosing = {"risk": "risks"}

    class Meta:
        model = Incident
        fields = ("title", "happened_on", "severity", "risk", "description", "response", "resolved_on")
        formfield_callback = row_field
        help_texts = {
            "description": gettext_lazy("いつ、どこで、何が起きたか。個人が分かる書き方はしないでください。"),
        }


class FileField(forms.FileField):
    default_error_messages = {
        "required": gettext_lazy("ファイルを選んでください。"),
        "empty": gettext_lazy("選んだファイルは空です。"),
    }


class ExpenseForm(OfProject):
    receipt = FileField(
        label=gettext_lazy("領収書"),
        required=False,
        help_text=gettext_lazy("PDFか画像。10MBまで。"),
    )
    choosing = {"participant": "participants"}

    class Meta:
        model = Expense
        fields = expenses.WRITABLE
        formfield_callback = row_field

    def __init__(self, *args: Any, participants: models.QuerySet[Any, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["participant"]
        field.queryset = participants
        if self.instance.pk:
            del self.fields["receipt"]


class FileForm(forms.Form):
    file = FileField(
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy("PDF・画像・Excel・Word・PowerPoint・CSV。10MBまで。"),
    )


class DecisionNoteForm(forms.Form):
    note = TextField(label=gettext_lazy("差し戻す理由"), max_length=300, required=False)


class SettleForm(forms.Form):
    participant = forms.ModelChoiceField(
        label=gettext_lazy("精算する団体"), queryset=Participant.objects.none()
    )
    note = TextField(label=gettext_lazy("補足"), required=False, max_length=300)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["participant"]
        field.queryset = project.participants.filter(expenses__state="approved").distinct()


class MeetingForm(OfProject):
    choosing = {"present": "participants"}

    class Meta:
        model = Meeting
        fields = (
            "title",
            "held_on",
            "place",
            "present",
            "attendees",
            "minutes",
            "decisions",
            "promises",
            "next_on",
        )
        formfield_callback = row_field
        widgets = {"present": forms.CheckboxSelectMultiple}

    def values(self) -> dict[str, Any]:
        found = super().values()
        found.pop("present", None)
        return found


class TrialForm(OfProject):
    choosing = {"measure": "measures", "stop_measure": "measures"}

    class Meta:
        model = Trial
        fields = trials.WRITABLE
        formfield_callback = row_field
        help_texts = {
            "hypothesis": gettext_lazy(
                "例: 電気の使い方の変化を知らせれば、異変に気づくまでの日数が2日以内になる"
            ),
            "success_value": gettext_lazy("指標の単位で。例: 2(日)以下"),
            "stop_measure": gettext_lazy("空ければ成功を測る指標と同じ。例: 誤報の件数"),
            "stop_value": gettext_lazy("ここに達したら、途中でもやめるという値。"),
        }


class GateForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("判断"), choices=GateDecision.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("先へ進まない理由(実装しないとき)"),
        choices=[("", gettext_lazy("選んでください")), *EndReason.choices],
        required=False,
    )
    note = LongTextField(label=gettext_lazy("判断の理由"), max_length=2_000)
    result = LongTextField(label=gettext_lazy("結果(わかったこと・わからなかったこと)"), max_length=4_000)


class ConsentForm(forms.Form):
    text = LongTextField(
        label=gettext_lazy("同意文"),
        max_length=4_000,
        help_text=gettext_lazy(
            "何に参加するか、何を記録するか、だれが見るか、いつまで残すか、いつでもやめられることを書きます。"
        ),
    )


class LabForm(RowForm):
    class Meta:
        model = LabParticipant
        fields = trials.LAB_WRITABLE
        formfield_callback = row_field
        help_texts = {
            "name": gettext_lazy("呼び名でも構いません。撤回すると消えます。"),
            "contact": gettext_lazy("要るときだけ。撤回すると消えます。"),
        }

    def __init__(self, *args: Any, trial: Trial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["consent"]
        field.queryset = ConsentText.objects.filter(trial=trial).order_by("-number")


def said_refusal(form: Any, sentence: str) -> None:
    form.add_error(None, sentence or _("保存できませんでした。"))
