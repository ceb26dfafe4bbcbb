"""What forms of staff share: whose record it is, who may read it, and the version it was opened with."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.submissions import new_token
from enishi.knowledge.staff.access import owners_of
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, OwnedRecord, Section
from enishi.organizations.visibility import reach_of

WIDE = (Visibility.PUBLIC, Visibility.MEMBERS, Visibility.INTERNAL, Visibility.SECTION)
INSIDE = (Visibility.INTERNAL, Visibility.SECTION)


class OwnedForm(forms.Form):
    """A form of an owned record; ``record`` is ``None`` for a new one."""

    organization = forms.ModelChoiceField(
        label=gettext_lazy("団体"), queryset=Organization.objects.none(), empty_label=None
    )
    section = forms.ModelChoiceField(
        label=gettext_lazy("担当課"),
        queryset=Section.objects.none(),
        required=False,
        empty_label=gettext_lazy("決めない"),
    )
    visibility = forms.ChoiceField(label=gettext_lazy("公開範囲"), initial=Visibility.INTERNAL)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    circles: Sequence[Visibility] = WIDE

    def __init__(self, *args: Any, person: Person, record: OwnedRecord | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        owners = (
            Organization.objects.filter(pk=record.organization_id)
            if record is not None
            else owners_of(person)
        )
        self._offer_owners(owners, person)
        chosen = [*self.circles]
        if record is not None and record.visibility not in chosen:
            chosen.insert(0, Visibility(record.visibility))
        visibility: Any = self.fields["visibility"]
        visibility.choices = [(each.value, each.label) for each in chosen]
        self.fields["token"].initial = new_token()
        if record is not None:
            self.fields["version"].initial = record.version
            self.fields["visibility"].initial = record.visibility
            self.fields["section"].initial = record.section_id

    def _offer_owners(self, owners: Any, person: Person) -> None:
        organization: Any = self.fields["organization"]
        organization.queryset = owners
        first = owners.first()
        organization.initial = first.pk if first else None
        if owners.count() <= 1:
            organization.widget = forms.HiddenInput()
            organization.required = False
            organization.empty_value = first
        self.only_owner = first
        section: Any = self.fields["section"]
        section.queryset = Section.objects.filter(organization__in=owners, valid_to__isnull=True).order_by(
            "code", "pk"
        )
        own = section.queryset.filter(pk__in=reach_of(person).section_ids).first()
        section.initial = own.pk if own else None

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        data["organization"] = data.get("organization") or self.only_owner
        section, owner = data.get("section"), data["organization"]
        if section is not None and owner is not None and section.organization_id != owner.pk:
            self.add_error("section", ValidationError(_("選んだ団体の課ではありません。")))
        if data.get("visibility") == Visibility.SECTION and section is None:
            self.add_error("section", ValidationError(_("課内だけに見せるときは、担当課を選んでください。")))
        return data


def lines_of(text: str) -> list[str]:
    """What stands on each line that is not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]
