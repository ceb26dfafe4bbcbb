"""Forms of the room: one subject each."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.agreements import services
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import (
    AgreementKind,
    ApprovalKind,
    AsleepReason,
    DisputeStage,
    DocumentKind,
    Outcome,
    Payment,
    PersonalData,
    Renewal,
)
from enishi.agreements.models import Agreement, ChangeRequest, Incident, Version
from enishi.agreements.scheme_words import told_knowledge
from enishi.desk.access import proposal_access
from enishi.exchange.models import Field
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    WarekiDateField,
    YenField,
)
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Membership, Organization, Section

_NUMBER = gettext_lazy("数で書いてください。例: 3")


class MonthsField(forms.IntegerField):
    default_error_messages = {"invalid": _NUMBER}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 120, "required": False, **kwargs})


def scheme_choices() -> list[tuple[str, str]]:
    return [
        ("", _("まだ決めていない")),
        *((key, scheme.name) for key, scheme in told_knowledge().schemes.items()),
    ]


class AboutForm(forms.Form):
    """What belongs to the case: number, section, officer, readers, fields, proposal."""

    number = TextField(label=gettext_lazy("管理番号"), max_length=30, required=False)
    section = forms.ModelChoiceField(
        label=gettext_lazy("担当課"), queryset=Section.objects.none(), required=False
    )
    officer = forms.ModelChoiceField(
        label=gettext_lazy("担当者"), queryset=Person.objects.none(), required=False
    )
    visibility = forms.ChoiceField(label=gettext_lazy("公開範囲"), choices=Visibility.choices)
    fields_ = ModelMultipleChoiceField(
        label=gettext_lazy("分野"), queryset=Field.objects.none(), required=False
    )
    proposal = forms.ModelChoiceField(
        label=gettext_lazy("もとになった提案"), queryset=Agreement.objects.none(), required=False
    )

    def __init__(
        self, *args: Any, organization: Organization, person: Person, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        places = Membership.objects.current(today).filter(organization=organization)
        self.fields["section"].queryset = organization.sections.open_on(today)  # type: ignore[attr-defined]
        self.fields["officer"].queryset = Person.objects.filter(  # type: ignore[attr-defined]
            pk__in=places.exclude(role__in=["resident", "auditor"]).values("person_id"), is_active=True
        )
        self.fields["fields_"].queryset = Field.objects.filter(  # type: ignore[attr-defined]
            is_active=True, parent__isnull=True
        ).order_by("order", "pk")
        self.fields["proposal"].queryset = (  # type: ignore[attr-defined]
            proposal_access.visible(person).filter(organization=organization).order_by("-updated_at")
        )
        # A list of a hundred thousand is no choice: the latest, and the one that was chosen.
        newest = list(self.fields["proposal"].queryset.values_list("pk", flat=True)[:200])  # type: ignore[attr-defined]
        chosen = self.initial.get("proposal")
        self.fields["proposal"].queryset = (  # type: ignore[attr-defined]
            proposal_access.visible(person)
            .filter(pk__in=[*newest, *([chosen] if chosen else [])])
            .order_by("-updated_at")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("visibility") == Visibility.SECTION and not cleaned.get("section"):
            self.add_error("section", _("「課内」にするときは、担当課を選んでください。"))
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "number": cleaned["number"] or "",
            "section_id": cleaned["section"].pk if cleaned["section"] else None,
            "officer_id": cleaned["officer"].pk if cleaned["officer"] else None,
            "visibility": cleaned["visibility"],
            "proposal_id": cleaned["proposal"].pk if cleaned["proposal"] else None,
            "field_ids": [field.pk for field in cleaned["fields_"]],
        }

    @staticmethod
    def initial_of(agreement: Agreement) -> dict[str, Any]:
        return {
            "number": agreement.number,
            "section": agreement.section_id,
            "officer": agreement.officer_id,
            "visibility": agreement.visibility,
            "proposal": agreement.proposal_id,
            "fields_": list(agreement.fields.values_list("pk", flat=True)),
        }


class TermsForm(forms.Form):
    """The wording of a version."""

    title = TextField(label=gettext_lazy("名称"), max_length=150)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=AgreementKind.choices)
    scheme = forms.ChoiceField(label=gettext_lazy("制度"), choices=scheme_choices, required=False)
    purpose = LongTextField(label=gettext_lazy("目的"), max_length=4_000, required=False)
    contents = LongTextField(
        label=gettext_lazy("連携する事項"),
        max_length=8_000,
        required=False,
        help_text=gettext_lazy("一行に一つずつ。協定書では号になります。"),
    )
    costs = LongTextField(label=gettext_lazy("費用の負担"), max_length=2_000, required=False)
    starts_on = WarekiDateField(label=gettext_lazy("始まり"), required=False)
    ends_on = WarekiDateField(label=gettext_lazy("終わり"), required=False)
    renewal = forms.ChoiceField(label=gettext_lazy("更新"), choices=Renewal.choices)
    renewal_months = MonthsField(label=gettext_lazy("一回の更新の長さ(月)"))
    notice_months = MonthsField(
        label=gettext_lazy("更新・終了の申し出は、終わりの何か月前までか"), max_value=60
    )
    confidentiality = LongTextField(label=gettext_lazy("秘密の保持"), max_length=2_000, required=False)
    personal_data = forms.ChoiceField(label=gettext_lazy("個人情報"), choices=PersonalData.choices)
    personal_data_note = LongTextField(
        label=gettext_lazy("個人情報の取扱い"), max_length=2_000, required=False
    )
    publication = LongTextField(label=gettext_lazy("公表"), max_length=2_000, required=False)
    payment = forms.ChoiceField(
        label=gettext_lazy("対価"),
        choices=Payment.choices,
        help_text=gettext_lazy("需要のリスクをだれが負うかの点検に使います。"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("終わりは、始まりより後の日にしてください。"))
        if cleaned.get("renewal") == Renewal.AUTOMATIC and not cleaned.get("renewal_months"):
            self.add_error("renewal_months", _("自動更新のときは、一回の長さを月で書いてください。例: 12"))
        if cleaned.get("renewal") != Renewal.NONE and not ends:
            self.add_error("ends_on", _("更新のある協定には、終わりの日が要ります。"))
        if cleaned.get("personal_data") == PersonalData.HANDLED and not cleaned.get("personal_data_note"):
            self.add_error("personal_data_note", _("個人情報を扱うときは、取扱いを書いてください。"))
        return cleaned

    def values(self) -> dict[str, Any]:
        return {
            name: value
            if value is not None or name in {"starts_on", "ends_on"} or name.endswith("months")
            else ""
            for name, value in self.cleaned_data.items()
        }

    @staticmethod
    def initial_of(version: Version) -> dict[str, Any]:
        return {name: getattr(version, name) for name in TermsForm.base_fields}


class NewForm(forms.Form):
    """The first page of a new agreement."""

    organization = forms.ModelChoiceField(
        label=gettext_lazy("どの団体の協定か"), queryset=Organization.objects.none(), empty_label=None
    )
    title = TextField(label=gettext_lazy("名称"), max_length=150)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=AgreementKind.choices)
    scheme = forms.ChoiceField(
        label=gettext_lazy("制度"),
        choices=scheme_choices,
        required=False,
        help_text=gettext_lazy("迷うときは「制度を選ぶ」で、質問に答えて探せます。"),
    )
    counterpart = TextField(
        label=gettext_lazy("相手方の名称"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("あとから何者でも加えられます。"),
    )
    purpose = LongTextField(label=gettext_lazy("目的"), max_length=4_000, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    proposal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = agreement_access.owners(person)  # type: ignore[attr-defined]


class TurnsForm(forms.Form):
    """合議する人 in order, and who decides."""

    decide = forms.ChoiceField(label=gettext_lazy("決裁する人"))
    comment = TextField(label=gettext_lazy("起案の要旨・急ぐ理由など"), max_length=500, required=False)
    CONSULTS = 5

    def __init__(self, *args: Any, agreement: Agreement, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = services.approvers_of(agreement, today)
        self.people = {str(person.pk): person for person, _place in people}
        choices = [("", _("選んでください")), *((str(p.pk), f"{p.name}({place})") for p, place in people)]
        for number in range(1, self.CONSULTS + 1):
            self.fields[f"consult{number}"] = forms.ChoiceField(
                label=_("合議する人 %(number)d番目") % {"number": number},
                choices=[("", _("なし")), *choices[1:]],
                required=False,
            )
        self.fields["decide"].choices = choices  # type: ignore[attr-defined]
        self.order_fields([*(f"consult{n}" for n in range(1, self.CONSULTS + 1)), "decide", "comment"])

    def turns(self) -> list[services.Turn]:
        names = [self.cleaned_data.get(f"consult{number}") for number in range(1, self.CONSULTS + 1)]
        turns = [services.Turn(ApprovalKind.CONSULT, self.people[name]) for name in names if name]
        return [*turns, services.Turn(ApprovalKind.DECIDE, self.people[self.cleaned_data["decide"]])]


class AnswerForm(forms.Form):
    comment = LongTextField(
        label=gettext_lazy("意見"),
        max_length=2_000,
        required=False,
        help_text=gettext_lazy("差し戻すときと代決するときは、必ず書いてください。"),
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("どうするか"),
        choices=[("approve", gettext_lazy("承認する")), ("return", gettext_lazy("差し戻す"))],
        widget=forms.RadioSelect,
    )


class ReasonForm(forms.Form):
    reason = LongTextField(label=gettext_lazy("理由"), max_length=500)


class SignForm(forms.Form):
    signed_on = WarekiDateField(label=gettext_lazy("締結日"))
    in_force_from = WarekiDateField(
        label=gettext_lazy("効力の始まり"),
        required=False,
        help_text=gettext_lazy("書かなければ締結日から。例: 令和9年4月1日"),
    )


class EndForm(ReasonForm):
    ended_on = WarekiDateField(label=gettext_lazy("終わった日"))
    field_order = ["ended_on", "reason"]


class ActivityForm(forms.Form):
    on = WarekiDateField(label=gettext_lazy("日"))
    text = TextField(
        label=gettext_lazy("したこと"),
        max_length=500,
        help_text=gettext_lazy("例: 合同の防災訓練を行い、42人が参加した"),
    )


class FulfilForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("結果"), choices=Outcome.choices, widget=forms.RadioSelect)
    done_on = WarekiDateField(label=gettext_lazy("行った日(確かめた日)"))
    note = TextField(
        label=gettext_lazy("補足"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("果たせなかった・一部だけ・見送ったときは、理由を書いてください。"),
    )


class SleepForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("動いていない理由"), choices=AsleepReason.choices, widget=forms.RadioSelect
    )
    note = TextField(label=gettext_lazy("補足"), max_length=500, required=False)


class ProlongForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("どうするか"),
        choices=[
            ("prolong", gettext_lazy("更新する")),
            ("end", gettext_lazy("更新しない(期間の満了で終わる)")),
        ],
        widget=forms.RadioSelect,
    )
    new_end = WarekiDateField(label=gettext_lazy("新しい終わり"), required=False)
    note = TextField(label=gettext_lazy("理由・相手との確認"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("decision") == "prolong"
            and not cleaned.get("new_end")
            and "new_end" not in self.errors
        ):
            self.add_error("new_end", _("更新するときは、新しい終わりの日を書いてください。"))
        return cleaned


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        error_messages={"required": gettext_lazy("ファイルを選んでください。")},
    )


class TemplateForm(FileForm):
    kind = forms.ChoiceField(label=gettext_lazy("文書の種類"), choices=DocumentKind.choices)
    field_order = ["kind", "file"]


class ChangeForm(forms.Form):
    title = TextField(label=gettext_lazy("変えたいこと"), max_length=150)
    reason = LongTextField(label=gettext_lazy("理由"), max_length=2_000)


class ImpactForm(forms.Form):
    on_terms = LongTextField(label=gettext_lazy("条項への影響"), max_length=2_000, required=False)
    on_cost_yen = YenField(
        label=gettext_lazy("費用への影響(円)"),
        required=False,
        help_text=gettext_lazy("増えるときは正、減るときは △ を付けて。影響がなければ 0"),
    )
    on_schedule = LongTextField(label=gettext_lazy("日程への影響"), max_length=2_000, required=False)
    on_risks = LongTextField(label=gettext_lazy("リスク分担への影響"), max_length=2_000, required=False)

    def values(self) -> dict[str, Any]:
        return {
            key: value if key == "on_cost_yen" else value or "" for key, value in self.cleaned_data.items()
        }

    @staticmethod
    def initial_of(change: ChangeRequest) -> dict[str, Any]:
        return {name: getattr(change, name) for name in ImpactForm.base_fields}


class ConsentForm(forms.Form):
    agree = forms.ChoiceField(
        label=gettext_lazy("返事"),
        choices=[("yes", gettext_lazy("同意する")), ("no", gettext_lazy("同意しない"))],
        widget=forms.RadioSelect,
    )
    comment = TextField(
        label=gettext_lazy("意見・確かめた方法"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("相手に代わって記録するときは、文書の日付や相手の名前を書いてください。"),
    )


class IncidentForm(forms.Form):
    title = TextField(label=gettext_lazy("起きたこと"), max_length=150)
    happened_on = WarekiDateField(label=gettext_lazy("起きた日"))
    risk_key = forms.ChoiceField(label=gettext_lazy("リスク分担表のどれか"), required=False)
    detail = LongTextField(label=gettext_lazy("経過"), max_length=4_000, required=False)
    response = LongTextField(label=gettext_lazy("対応"), max_length=2_000, required=False)
    cost_yen = YenField(label=gettext_lazy("かかった費用(円)"), required=False, min_value=0)
    settled_on = WarekiDateField(label=gettext_lazy("収まった日"), required=False)

    def __init__(self, *args: Any, version: Version | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = version.risks.all() if version else []
        self.fields["risk_key"].choices = [  # type: ignore[attr-defined]
            ("", _("表にないリスク")),
            *((risk.key, f"{risk.key} {risk.kind}: {risk.text}"[:80]) for risk in rows),
        ]

    def values(self) -> dict[str, Any]:
        plain = {"cost_yen", "happened_on", "settled_on"}
        return {key: value if key in plain else value or "" for key, value in self.cleaned_data.items()}

    @staticmethod
    def initial_of(incident: Incident) -> dict[str, Any]:
        return {name: getattr(incident, name) for name in IncidentForm.base_fields}


class DisputeForm(forms.Form):
    title = TextField(label=gettext_lazy("争いの内容"), max_length=150)
    on = WarekiDateField(label=gettext_lazy("始まった日"))
    text = LongTextField(label=gettext_lazy("はじめの記録"), max_length=2_000)
    due_on = WarekiDateField(label=gettext_lazy("協議の期限"), required=False)


class DisputeStepForm(forms.Form):
    stage = forms.ChoiceField(label=gettext_lazy("次の段階"), widget=forms.RadioSelect)
    on = WarekiDateField(label=gettext_lazy("日"))
    text = LongTextField(label=gettext_lazy("記録"), max_length=2_000)
    due_on = WarekiDateField(label=gettext_lazy("この段階の期限"), required=False)

    def __init__(self, *args: Any, possible: Sequence[DisputeStage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(one.value, one.label) for one in possible]  # type: ignore[attr-defined]


class OrganizationField(TextField):
    """A party by name; where exactly one registered organisation is called so, it is that one."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if name and len(name) > 150:
            raise ValidationError(_("150文字までで書いてください。"))
        return name
