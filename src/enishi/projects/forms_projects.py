"""Forms of a project as a whole, and of who takes part in it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.agreements.models import Agreement
from enishi.desk.models import Proposal
from enishi.exchange.access import challenge_access
from enishi.exchange.forms import FieldsWidget
from enishi.exchange.matches.access import contact_access
from enishi.exchange.models import Field
from enishi.foundation.access import Actor
from enishi.foundation.forms import MultipleChoiceField, TextField, WarekiDateField
from enishi.organizations.models import Organization
from enishi.projects.enums import EndReason, ProjectStatus
from enishi.projects.forms import RowForm, people_of, row_field
from enishi.projects.models import Participant, Project

MOST_CHOICES = 300


class ProjectForm(RowForm):
    fields_of_work = MultipleChoiceField(label=gettext_lazy("分野"), required=False, widget=FieldsWidget)

    class Meta:
        model = Project
        fields = (
            "title",
            "purpose",
            "content",
            "is_trial",
            "section",
            "officer",
            "starts_on",
            "ends_on",
            "challenge",
            "contact",
            "proposal",
            "agreement",
            "visibility",
        )
        formfield_callback = row_field
        labels = {"is_trial": gettext_lazy("実証(試して、実装するかを決める)として行う")}
        help_texts = {
            "title": gettext_lazy("何をする事業かが一目で分かる名前。例: 北部4地区の見守りセンサー実証"),
            "purpose": gettext_lazy("だれの、どんな困りごとを、どう変えるために行うか。"),
            "content": gettext_lazy("何を、どの順で行うか。細かな作業は「工程」に書きます。"),
            "visibility": gettext_lazy("「当事者」にすると、参加する団体の人も読めます。"),
        }

    def __init__(self, *args: Any, actor: Actor, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self._choose("section", organization.sections.open_on(today))
        self._choose("officer", people_of(organization))
        self._choose("challenge", challenge_access.visible(actor).filter(organization=organization))
        self._choose("contact", contact_access.visible(actor).filter(wanting=organization))
        self._choose("proposal", Proposal.objects.visible_to(actor).filter(organization=organization))
        self._choose("agreement", Agreement.objects.visible_to(actor).filter(organization=organization))
        work: Any = self.fields["fields_of_work"]
        work.choices = _fields_in_groups()
        if self.instance.pk:
            self.initial["fields_of_work"] = list(self.instance.fields.values_list("pk", flat=True))

    def chosen_fields(self) -> list[Field]:
        return list(Field.objects.filter(pk__in=self.cleaned_data["fields_of_work"]))

    def _choose(self, name: str, rows: models.QuerySet[Any, Any]) -> None:
        """Offer the latest few hundred, and whatever is chosen already."""
        chosen = self.initial.get(name) or getattr(self.instance, f"{name}_id", None)
        kept = list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST_CHOICES])
        if isinstance(chosen, int):
            kept.append(chosen)
        field: Any = self.fields[name]
        field.queryset = rows.model._default_manager.filter(pk__in=kept)


def _fields_in_groups() -> list[tuple[str, list[tuple[int, str]]]]:
    """Fields of work under their headings."""
    groups: dict[str, list[tuple[int, str]]] = {}
    rows = Field.objects.filter(is_active=True, parent__isnull=False).select_related("parent")
    for row in rows.order_by("parent__order", "parent_id", "order", "pk"):
        groups.setdefault(row.parent.name if row.parent else "", []).append((row.pk, row.name))
    return list(groups.items())


class MoveForm(forms.Form):
    """From one state to the next: the day, the reason, and why it does not go on."""

    status = forms.ChoiceField(label=gettext_lazy("新しい状態"), widget=forms.RadioSelect)
    on = WarekiDateField(label=gettext_lazy("始めた日・終えた日(空ければ今日)"), required=False)
    end_reason = forms.ChoiceField(
        label=gettext_lazy("先へ進まない理由(中止のとき)"),
        choices=[("", gettext_lazy("選んでください")), *EndReason.choices],
        required=False,
    )
    reason = TextField(
        label=gettext_lazy("理由(文で)"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("中止・差し戻し・再開のときは必ず書きます。次に試す人の手がかりになります。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, possible: list[ProjectStatus], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["status"]
        choice.choices = [(each.value, each.label) for each in possible]
        if not {ProjectStatus.STOPPED} & set(possible):
            del self.fields["end_reason"]

    def add_refusal(self, refused: ValidationError) -> None:
        for name, sentences in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, [str(one) for one in sentences])


class ParticipantForm(RowForm):
    organization_name = TextField(
        label=gettext_lazy("団体の名前"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("登録のある団体は名前をそのまま書きます。登録がなければ名前だけが残ります。"),
    )

    class Meta:
        model = Participant
        fields = (
            "role",
            "part",
            "sections",
            "people",
            "budget_yen",
            "in_kind_yen",
            "in_kind_hours",
            "provided_yen",
            "provided_hours",
            "contribution_note",
        )
        formfield_callback = row_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        house = self.instance.organization
        if self.instance.pk is None or house is None:
            del self.fields["sections"], self.fields["people"]
            self.initial["organization_name"] = self.instance.name
            self.order_fields(["organization_name"])
        else:
            del self.fields["organization_name"]
            sections: Any = self.fields["sections"]
            sections.queryset = house.sections.open_on(timezone.localdate())
            people: Any = self.fields["people"]
            people.queryset = people_of(house)
            for name in ("sections", "people"):
                self.fields[name].widget = forms.CheckboxSelectMultiple(
                    choices=self.fields[name].choices  # type: ignore[attr-defined]
                )
                self.fields[name].help_text = ""

    def values(self) -> dict[str, Any]:
        found = super().values()
        found.pop("sections", None)
        found.pop("people", None)
        typed = self.cleaned_data.get("organization_name")
        if typed is not None:
            house = Organization.objects.active().filter(name=typed.strip()).order_by("pk").first()
            found |= {"organization": house, "name": "" if house else typed.strip()}
        return found

    def add_refusal(self, refused: ValidationError) -> None:
        if hasattr(refused, "error_dict") and "organization" in refused.error_dict:
            refused.error_dict["organization_name"] = refused.error_dict.pop("organization")
        super().add_refusal(refused)


class OwnPartForm(RowForm):
    """What a participant's own people write: what they brought so far."""

    class Meta:
        model = Participant
        fields = ("provided_yen", "provided_hours", "contribution_note")
        formfield_callback = row_field
