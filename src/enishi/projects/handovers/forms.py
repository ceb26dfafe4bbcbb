"""One question: who follows whom."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.forms import LongTextField
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership, Organization, Section

MOST = 2_000


class HandoverForm(forms.Form):
    person = forms.ModelChoiceField(
        label=gettext_lazy("前任者"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=gettext_lazy("(課の引継ぎ)"),
        help_text=gettext_lazy("異動する人。課をまるごと引き継ぐときは選ばずに、下で課を選びます。"),
    )
    section = forms.ModelChoiceField(
        label=gettext_lazy("引き継ぐ課"),
        queryset=Section.objects.none(),
        required=False,
        empty_label=gettext_lazy("(人の引継ぎ)"),
    )
    successor = forms.ModelChoiceField(
        label=gettext_lazy("後任者"),
        queryset=Person.objects.none(),
        empty_label=gettext_lazy("選んでください"),
    )
    note = LongTextField(
        label=gettext_lazy("前任者からのことば"),
        max_length=4_000,
        required=False,
        help_text=gettext_lazy(
            "記録にないこと。例: 先方の○○さんは朝なら電話がつながる。来年度の予算は財政課と9月に話すことになっている。"
        ),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(
        self, *args: Any, organization: Organization, person: Person, leads: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        places = Membership.objects.current(timezone.localdate()).filter(organization=organization)
        staff = places.exclude(role=Role.RESIDENT).filter(person__is_active=True)
        everybody = Person.objects.filter(pk__in=staff.values("person_id")).order_by("kana", "name", "pk")
        sections = Section.objects.filter(organization=organization).open_on(timezone.localdate())
        if not leads:
            mine = places.filter(person=person, section__isnull=False).values("section_id")
            sections = sections.filter(pk__in=mine)
        fields: Any = self.fields
        fields["person"].queryset = everybody if leads else everybody.filter(pk=person.pk)
        fields["successor"].queryset = everybody
        fields["section"].queryset = sections

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("person")) == bool(cleaned.get("section")) and not self.errors:
            self.add_error("person", _("前任者か課の、どちらか一つを選んでください。"))
        return cleaned
