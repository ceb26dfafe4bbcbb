"""What is asked about organisations, sections and people's places."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import (
    CodeField,
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    WarekiDateField,
)
from enishi.organizations import selectors
from enishi.organizations.enums import OrganizationKind, OrganizationSize, Role, StepKind
from enishi.organizations.errors import RefusedError
from enishi.organizations.models import Membership, Organization, Reorganization, Section
from enishi.organizations.services import PartnerValues, roles_in
from enishi.organizations.services.organizations import check_number

PARTNER_KINDS = [
    (kind.value, kind.label)
    for kind in OrganizationKind
    if kind not in (OrganizationKind.MUNICIPALITY, OrganizationKind.PREFECTURE)
]


class SeatField(CodeField):
    """A town by its name or code, typed: a list of 1,788 would help nobody."""

    default_error_messages = {"required": _("市区町村の名前か全国地方公共団体コードを書いてください。")}

    def clean(self, value: Any) -> Organization | None:
        if isinstance(value, Organization):
            return value
        text = super().clean(value)
        if not text:
            return None
        bodies = Organization.objects.public_bodies()
        by_code = bodies.filter(code=text) if text.isdigit() else bodies.filter(name=text)
        found = list(by_code.order_by("pk")[:6])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                _("「%(text)s」という市区町村は見つかりません。例: 鯖江市、または 182079"),
                params={"text": text},
            )
        codes = "、".join(each.code or str(each.pk) for each in found)
        raise ValidationError(
            _("「%(text)s」は一つに決まりません。全国地方公共団体コードで書いてください(%(codes)s)。"),
            params={"text": text, "codes": codes},
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            seat = Organization.objects.filter(pk=value).first()
            return seat.code or seat.name if seat else ""
        return value.name if isinstance(value, Organization) else value


class CorporateNumberField(CodeField):
    """A 法人番号 whose check digit is looked at here."""

    def clean(self, value: Any) -> str:
        number = (super().clean(value) or "").replace("-", "").replace(" ", "")
        try:
            check_number(number)
        except RefusedError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return number


class PartnerForm(forms.Form):
    """What a partner is registered with."""

    kind = forms.ChoiceField(label=_("種類"), choices=PARTNER_KINDS)
    name = TextField(label=_("名称"), max_length=150, help_text=_("登記のとおりに。例: 株式会社 縁の会"))
    kana = TextField(label=_("ふりがな"), max_length=200, required=False)
    corporate_number = CorporateNumberField(
        label=_("法人番号"),
        max_length=20,
        required=False,
        help_text=_("13桁。法人でない団体(町会、管理組合など)は空けておきます。"),
    )
    seat = SeatField(label=_("所在する市区町村"), max_length=60, help_text=_("名前か6桁のコード。例: 鯖江市"))
    size = forms.ChoiceField(
        label=_("規模"), choices=[("", _("選ばない")), *OrganizationSize.choices], required=False
    )
    summary = LongTextField(
        label=_("紹介"), max_length=2_000, required=False, help_text=_("何をしている団体かを、ひとことで。")
    )
    url = forms.URLField(label=_("ウェブサイト"), required=False, assume_scheme="https", max_length=200)
    phone = CodeField(label=_("電話"), max_length=40, required=False)

    def values(self) -> PartnerValues:
        cleaned = {name: self.cleaned_data[name] for name in PartnerForm.base_fields if name != "seat"}
        return PartnerValues(**cleaned, seat_id=self.cleaned_data["seat"].pk)


class RegistrationForm(PartnerForm):
    message = LongTextField(label=_("確認する人へのひとこと"), max_length=1_000, required=False)


class AdministratorPartnerForm(PartnerForm):
    although_alike = forms.BooleanField(
        label=_("似た名前の団体があっても、別の団体として登録する"), required=False
    )


class OrganizationForm(PartnerForm):
    """What a partner's administrators edit; the kind stays as it was confirmed."""

    kind = None  # type: ignore[assignment]
    seat = SeatField(label=_("所在する市区町村"), max_length=60, required=False)


class PublicBodyForm(forms.Form):
    """What a public body's administrators edit."""

    summary = LongTextField(label=_("紹介"), max_length=2_000, required=False)
    url = forms.URLField(label=_("ウェブサイト"), required=False, assume_scheme="https", max_length=200)
    phone = CodeField(label=_("電話"), max_length=40, required=False)


class SectionChoiceField(forms.ModelChoiceField[Section]):
    """One of an organisation's open sections, indented as in the tree."""

    def __init__(self, *, empty: Any = None, **kwargs: Any) -> None:
        super().__init__(queryset=Section.objects.none(), empty_label=empty or _("選ばない"), **kwargs)
        self.lines: list[tuple[int, Section]] = []

    def offer(self, sections: QuerySet[Section, Section]) -> None:
        self.queryset = sections
        self.lines = selectors.flat(selectors.section_tree(sections))
        self.choices = [
            ("", self.empty_label),
            *((section.pk, "\u3000" * depth + section.name) for depth, section in self.lines),
        ]


def open_sections(organization: Organization) -> QuerySet[Section, Section]:
    return Section.objects.filter(organization=organization, valid_to__isnull=True).order_by("code", "pk")


class SectionForm(forms.Form):
    name = TextField(label=_("名称"), max_length=100)
    parent = SectionChoiceField(label=_("上位の組織"), required=False, empty=_("いちばん上"))
    code = CodeField(
        label=_("組織コード"), max_length=20, required=False, help_text=_("並び順にも使います。")
    )
    duties = LongTextField(label=_("事務分掌"), max_length=4_000, required=False)
    phone = CodeField(label=_("電話"), max_length=40, required=False)
    email = forms.EmailField(label=_("メール"), required=False)
    opening_hours = TextField(
        label=_("受付時間"), max_length=120, required=False, help_text=_("例: 平日 8:30〜17:15")
    )
    valid_from = WarekiDateField(label=_("設置日"))

    def __init__(
        self, *args: Any, organization: Organization, section: Section | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, SectionChoiceField)
        parent.offer(open_sections(organization).exclude(pk=section.pk if section else 0))
        if section is not None:
            del self.fields["valid_from"]


class CloseSectionForm(forms.Form):
    last_day = WarekiDateField(label=_("廃止日(この日まで)"))
    successors = ModelMultipleChoiceField(
        label=_("引き継ぐ課"),
        queryset=Section.objects.none(),
        required=False,
        help_text=_("いちばん上に選んだ課が、仕事と人を引き継ぎます。"),
    )

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["successors"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = open_sections(section.organization).exclude(pk=section.pk)


def role_choices(organization: Organization) -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in roles_in(organization)]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("メールアドレス"))
    role = forms.TypedChoiceField(label=_("役割"), coerce=Role)
    section = SectionChoiceField(label=_("課"), required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_places(self, organization)


class MembershipForm(forms.Form):
    role = forms.TypedChoiceField(label=_("役割"), coerce=Role)
    section = SectionChoiceField(label=_("課"), required=False)
    title = TextField(label=_("役職"), max_length=60, required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_places(self, organization)


def _offer_places(form: forms.Form, organization: Organization) -> None:
    role, section = form.fields["role"], form.fields["section"]
    assert isinstance(role, forms.ChoiceField)
    assert isinstance(section, SectionChoiceField)
    role.choices = role_choices(organization)
    section.offer(open_sections(organization))
    if not organization.is_public_body and not section.lines:
        del form.fields["section"]


class TransferForm(forms.Form):
    """異動: who takes over, the last day, and where the person goes."""

    successor = forms.TypedChoiceField(label=_("後任"), coerce=int)
    last_day = WarekiDateField(label=_("離任日(この日まで)"))
    new_section = SectionChoiceField(
        label=_("異動先の課"),
        required=False,
        empty=_("この団体を離れる"),
        help_text=_("同じ団体の中で移るときに選びます。"),
    )

    def __init__(self, *args: Any, membership: Membership, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = selectors.people_of(membership.organization, day).exclude(role=Role.AUDITOR)
        successor, section = self.fields["successor"], self.fields["new_section"]
        assert isinstance(successor, forms.ChoiceField)
        assert isinstance(section, SectionChoiceField)
        people = {row.person_id: row for row in colleagues if row.person_id != membership.person_id}
        successor.choices = [
            (key, f"{row.person.name}({row.section or row.get_role_display()})")
            for key, row in people.items()
        ]
        section.offer(open_sections(membership.organization))


class LastDayForm(forms.Form):
    last_day = WarekiDateField(label=_("離任日(この日まで)"))


class MessageForm(forms.Form):
    message = LongTextField(label=_("ひとこと"), max_length=1_000, required=False)


class AnswerForm(forms.Form):
    """Yes with a role, or no with a reason."""

    reason = TextField(
        label=_("見送る理由"),
        max_length=500,
        required=False,
        help_text=_("見送るときに、申し込んだ人へ届きます。"),
    )


class ReorganizationForm(forms.Form):
    name = TextField(label=_("名称"), max_length=100, help_text=_("例: 令和9年4月の機構改革"))
    effective_on = WarekiDateField(label=_("行う日"))


class StepForm(forms.Form):
    """One change of a reorganisation. Sections that the same list makes can be chosen too."""

    kind = forms.TypedChoiceField(label=_("内容"), choices=StepKind.choices, coerce=StepKind)
    section = SectionChoiceField(
        label=_("課"), required=False, empty=_("選ばない"), help_text=_("改称・移管・廃止のときに選びます。")
    )
    name = TextField(
        label=_("新しい名称"), max_length=100, required=False, help_text=_("新設・改称のときに書きます。")
    )
    code = CodeField(label=_("組織コード"), max_length=20, required=False)
    parent = forms.ChoiceField(
        label=_("上位の組織"), required=False, help_text=_("新設・移管のときに選びます。")
    )
    successors = forms.MultipleChoiceField(
        label=_("引き継ぐ課"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("廃止のときに選びます。"),
    )

    def __init__(self, *args: Any, reorganization: Reorganization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = open_sections(reorganization.organization)
        section, parent, successors = self.fields["section"], self.fields["parent"], self.fields["successors"]
        assert isinstance(section, SectionChoiceField)
        assert isinstance(parent, forms.ChoiceField)
        assert isinstance(successors, forms.ChoiceField)
        section.offer(sections)
        self.sections = {str(each.pk): each for _depth, each in section.lines}
        self.new = {f"new-{step.pk}": step for step in reorganization.steps.filter(kind=StepKind.ADD)}
        old = [(str(each.pk), "\u3000" * depth + each.name) for depth, each in section.lines]
        new = [(key, _("%(name)s(新設)") % {"name": step.name}) for key, step in self.new.items()]
        parent.choices = [("", _("いちばん上")), *old, *new]
        successors.choices = [*old, *new]

    def values(self) -> dict[str, Any]:
        parent, chosen = self.cleaned_data["parent"], self.cleaned_data["successors"]
        return {
            "kind": self.cleaned_data["kind"],
            "section": None if self.cleaned_data["kind"] == StepKind.ADD else self.cleaned_data["section"],
            "name": self.cleaned_data["name"],
            "code": self.cleaned_data["code"],
            "parent": self.sections.get(parent),
            "parent_step": self.new.get(parent),
            "successors": [self.sections[key] for key in chosen if key in self.sections],
            "successor_steps": [self.new[key] for key in chosen if key in self.new],
        }
