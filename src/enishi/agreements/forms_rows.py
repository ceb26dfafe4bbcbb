"""Forms of many rows: parties, obligations, the risk table. A row left empty is no row."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements.enums import Bearer, Side
from enishi.agreements.forms import MonthsField
from enishi.agreements.knowledge import phases
from enishi.foundation.forms import LongTextField, TextField, WarekiDateField
from enishi.organizations.enums import OrganizationKind, OrganizationSize
from enishi.organizations.models import Organization

EXTRA = 3


class RowForm(forms.Form):
    """One row. Its inputs stand in a table, so each says its own name and the row's number."""

    keeps: tuple[str, ...] = ()
    number = 0

    def name_inputs(self, number: int) -> None:
        self.number = number
        for name, field in self.fields.items():
            if name not in self.keeps:
                field.widget.attrs["aria-label"] = _("%(number)d行目 %(label)s") % {
                    "number": number,
                    "label": field.label,
                }

    def has_changed(self) -> bool:
        """A hidden key alone does not make a row."""
        return any(name not in self.keeps for name in self.changed_data)


class RowFormSet(forms.BaseFormSet[Any]):
    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.name_inputs(i + 1)
        return form

    def rows(self) -> list[dict[str, Any]]:
        """What was typed, row by row; rows marked as gone or left empty are left out."""
        return [
            form.values() for form in self.forms if form.has_changed() or form.initial if not _is_gone(form)
        ]


def _is_gone(form: Any) -> bool:
    cleaned = form.cleaned_data
    return not cleaned or bool(cleaned.get("gone"))


def formset(form: type[RowForm], most: int) -> type[RowFormSet]:
    return forms.formset_factory(  # type: ignore[return-value]
        form, formset=RowFormSet, extra=EXTRA, max_num=most, absolute_max=most + EXTRA, validate_max=True
    )


class PartyForm(RowForm):
    side = forms.ChoiceField(
        label=gettext_lazy("側"),
        choices=Side.choices,
        initial=Side.PARTNER,
        help_text=gettext_lazy(
            "三者目も、約束をする当事者は「相手の側」です。「その他」は、役割か義務を書いた当事者にだけ変更への同意を求めます。"
        ),
    )
    name = TextField(
        label=gettext_lazy("名称"),
        max_length=150,
        help_text=gettext_lazy("登録された団体と同じ名称なら、その団体とつながります。"),
    )
    role = LongTextField(label=gettext_lazy("役割"), max_length=2_000, required=False)
    representative = TextField(label=gettext_lazy("代表者(役職と氏名)"), max_length=150, required=False)
    address = TextField(label=gettext_lazy("住所"), max_length=200, required=False)
    contact = TextField(label=gettext_lazy("連絡先(窓口)"), max_length=200, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("団体の種類"), choices=[("", "―"), *OrganizationKind.choices], required=False
    )
    size = forms.ChoiceField(
        label=gettext_lazy("規模"), choices=[("", "―"), *OrganizationSize.choices], required=False
    )
    gone = forms.BooleanField(label=gettext_lazy("この当事者を外す"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.attrs["rows"] = 3

    def name_inputs(self, number: int) -> None:
        """The labels are shown; only the row is told apart."""
        self.number = number

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        row = {name: cleaned.get(name) or "" for name in self.fields if name != "gone"}
        return row | linked(row)


def linked(row: Mapping[str, Any]) -> dict[str, Any]:
    """The registered organisation of that name, if there is exactly one; its kind and size where none was said."""
    found = list(Organization.objects.active().filter(name=row["name"])[:2])
    if len(found) != 1:
        return {"organization_id": None}
    one = found[0]
    return {
        "organization_id": one.pk,
        "kind": row.get("kind") or one.kind,
        "size": row.get("size") or one.size,
    }


class ObligationForm(RowForm):
    keeps = ("key",)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    bearer = TextField(label=gettext_lazy("だれが"), max_length=150)
    text = TextField(label=gettext_lazy("何をする"), max_length=500)
    due_on = WarekiDateField(label=gettext_lazy("期限(最初)"), required=False, help_text="")
    every_months = MonthsField(label=gettext_lazy("くり返し(月ごと)"))
    gone = forms.BooleanField(label=gettext_lazy("外す"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("every_months") and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("くり返すときは、最初の期限を書いてください。"))
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "key": cleaned.get("key") or uuid.uuid4(),
            "bearer": cleaned["bearer"],
            "text": cleaned["text"],
            "due_on": cleaned.get("due_on"),
            "every_months": cleaned.get("every_months"),
        }


class RiskForm(RowForm):
    keeps = ("key", "source", "seen")
    key = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)
    source = forms.CharField(required=False, max_length=150, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    phase = forms.ChoiceField(label=gettext_lazy("段階"))
    kind = TextField(label=gettext_lazy("種類"), max_length=60)
    text = TextField(label=gettext_lazy("内容"), max_length=300)
    bearer = forms.ChoiceField(
        label=gettext_lazy("負担する側"), choices=Bearer.choices, initial=Bearer.NOBODY
    )
    threshold = TextField(label=gettext_lazy("分かれ目"), max_length=200, required=False)
    remedy = TextField(label=gettext_lazy("起きたときの対応"), max_length=300, required=False)
    gone = forms.BooleanField(label=gettext_lazy("外す"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phase"].choices = [(one, one) for one in phases()]  # type: ignore[attr-defined]
        self.fields["phase"].initial = phases()[0]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) or "" for name in self.fields if name != "gone"}


def with_keys(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of our own get a number: X01, X02, …"""
    given = [dict(row) for row in rows]
    taken = {row["key"] for row in given if row["key"]}
    free = (key for key in (f"X{number:02d}" for number in range(1, 1_000)) if key not in taken)
    for row in given:
        row["key"] = row["key"] or next(free)
    return given


PartyFormSet = formset(PartyForm, 40)
ObligationFormSet = formset(ObligationForm, 100)
RiskFormSet = formset(RiskForm, 150)
