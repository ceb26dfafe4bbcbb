"""Forms of a case: where it goes, who works on it, whom to ask."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.desk.access import STAFF_ROLES
from enishi.desk.enums import ConsultationAnswer, ProposalStatus, SuggestionKind
from enishi.desk.models import Consultation, Proposal
from enishi.desk.services import flow
from enishi.foundation.forms import LongTextField, ModelMultipleChoiceField, TextField, WarekiDateField
from enishi.organizations.models import Membership, Section

DUTIES_SHOWN = 70


def staff_of(organization_id: int, today: dt.date) -> Any:
    places = Membership.objects.current(today).filter(
        organization_id=organization_id, role__in=list(STAFF_ROLES), person__is_active=True
    )
    return Person.objects.filter(pk__in=places.values("person_id")).order_by("name", "pk")


def sections_of(organization_id: int, today: dt.date) -> Any:
    return Section.objects.open_on(today).filter(organization_id=organization_id).order_by("code", "pk")


class StageField(forms.ChoiceField):
    """Offers the moves of the moment. Any other stage goes through, for the service to say why it cannot be."""

    def valid_value(self, value: Any) -> bool:
        return value in ProposalStatus.values


class MoveForm(forms.Form):
    status = StageField(label=_("次の段階"), widget=forms.RadioSelect)
    reason = LongTextField(
        label=_("理由"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("見送り・取下げ・前の段階に戻すときは必ず書きます。提案した人にも伝わります。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"version": proposal.version})
        super().__init__(*args, **kwargs)
        field: Any = self.fields["status"]
        field.choices = [(one.value, one.label) for one in flow.possible_moves(proposal)]
        field.error_messages["invalid_choice"] = _("いまの段階からは選べません。画面を読み直してください。")
        field.error_messages["required"] = _("次の段階を選んでください。")


class AssignForm(forms.Form):
    officer = forms.ModelChoiceField(Person.objects.none(), label=_("窓口の担当者"), required=False)
    section = forms.ModelChoiceField(Section.objects.none(), label=_("担当課"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        initial = {
            "officer": proposal.officer_id,
            "section": proposal.section_id,
            "version": proposal.version,
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        today = timezone.localdate()
        officer: Any = self.fields["officer"]
        section: Any = self.fields["section"]
        officer.queryset = staff_of(proposal.organization_id, today)
        officer.label_from_instance = lambda person: person.name
        section.queryset = sections_of(proposal.organization_id, today)


class StartForm(forms.Form):
    started_on = WarekiDateField(label=_("事業の開始日"))


class ReplyForm(forms.Form):
    body = LongTextField(label=_("提案者への返信"), max_length=4_000)


class ConsultForm(forms.Form):
    sections = ModelMultipleChoiceField(Section.objects.none(), label=_("照会する課"))
    question = LongTextField(
        label=_("聞きたいこと"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例: 実証の場所を出せるか。似た取り組みがあるか"),
    )
    business_days = forms.IntegerField(label=_("回答期限(営業日)"), min_value=1, max_value=60)

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sections"]
        field.queryset = sections_of(proposal.organization_id, timezone.localdate())


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(label=_("回答"), choices=ConsultationAnswer.choices, widget=forms.RadioSelect)
    reason = LongTextField(
        label=_("理由・条件"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("「条件付き」「対象外」のときは必ず書きます。庁内だけで読みます。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].error_messages["required"] = _("回答を一つ選んでください。")


class TransferForm(forms.Form):
    """Every other open section with what it does, those near to the proposal first."""

    section = forms.ModelChoiceField(
        Section.objects.none(), label=_("回す先の課"), widget=forms.RadioSelect, empty_label=None
    )
    reason = TextField(
        label=_("なぜその課か、ひとこと"),
        max_length=200,
        help_text=_("次の課と窓口が読みます。例: 空き店舗の改修の補助は商工課の担当のため"),
    )
    prefix = "transfer"

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposal = consultation.proposal
        near = proposal.suggestions.filter(kind=SuggestionKind.SECTION).order_by("-score")
        place = {key: order for order, key in enumerate(near.values_list("section_id", flat=True))}
        field: Any = self.fields["section"]
        field.queryset = sections_of(proposal.organization_id, timezone.localdate()).exclude(
            pk=consultation.section_id
        )
        field.choices = [
            (section.pk, _with_duties(section, is_near=section.pk in place))
            for section in sorted(field.queryset, key=lambda one: place.get(one.pk, len(place)))
        ]
        field.error_messages["required"] = _("回す先の課を選んでください。")


def _with_duties(section: Section, *, is_near: bool) -> str:
    """The name as people know it, and what the section does in small letters under it."""
    note = _("この提案に近い課。") if is_near else ""
    return format_html(
        '<span>{}<br><span class="quiet-text">{}{}</span></span>',
        section.name,
        note,
        Truncator(section.duties).chars(DUTIES_SHOWN),
    )


class GrantForm(forms.Form):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("渡す人"), required=False)
    section = forms.ModelChoiceField(Section.objects.none(), label=_("渡す課"), required=False)
    reason = TextField(
        label=_("理由"), max_length=300, help_text=_("例: 技術の中身を見ないと可否を判断できないため")
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        person: Any = self.fields["person"]
        section: Any = self.fields["section"]
        person.queryset = staff_of(proposal.organization_id, today)
        person.label_from_instance = lambda one: one.name
        section.queryset = sections_of(proposal.organization_id, today)
