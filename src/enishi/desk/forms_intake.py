"""The steps of a proposal's form."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.desk.access import DESK_ROLES
from enishi.desk.enums import CallerWay, ProposalKind
from enishi.exchange.models import Field
from enishi.foundation.forms import CodeField, LongTextField, ModelMultipleChoiceField, TextField, YenField
from enishi.organizations.models import Membership, Organization

PARTS_SHOWN = 1


def desks() -> models.QuerySet[Organization, Organization]:
    """The public bodies where somebody stands behind a window here."""
    places = Membership.objects.current(timezone.localdate()).filter(role__in=list(DESK_ROLES))
    rows = Organization.objects.active().public_bodies().filter(pk__in=places.values("organization_id"))
    return rows.exclude(desk_settings__is_open=False).order_by("prefecture_code", "name", "pk")


class StartForm(forms.Form):
    """To whom, and what kind of thing it is."""

    to = forms.ModelChoiceField(Organization.objects.none(), label=_("提案する自治体"), empty_label=None)
    kind = forms.ChoiceField(
        label=_("どのようなお話ですか"), choices=ProposalKind.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, choices: models.QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = choices
        field.error_messages["required"] = _("提案する自治体を選んでください。")
        self.fields["kind"].error_messages["required"] = _("どのようなお話かを選んでください。")


class ContentForm(forms.Form):
    title = TextField(
        label=_("題名"),
        max_length=120,
        help_text=_("何をするかが一目で分かる短い文。例: 空き教室を使って、週に二日の学習支援を開く"),
    )
    summary = LongTextField(
        label=_("提案の内容"),
        max_length=8_000,
        help_text=_(
            "だれのために、何を、どのように。ここは庁内の職員が読みます。秘密にしたいことは、あとの「非公開にしたいこと」に書いてください。"
        ),
    )
    effects = LongTextField(
        label=_("期待できる効果"), max_length=4_000, required=False, help_text=_("分かる範囲で構いません。")
    )
    fields_ = ModelMultipleChoiceField(Field.objects.none(), label=_("分野"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["fields_"]
        field.queryset = Field.objects.filter(is_active=True, parent__isnull=True)


class PlanForm(forms.Form):
    schedule = LongTextField(
        label=_("進め方と時期"),
        max_length=2_000,
        required=False,
        help_text=_("例: 令和9年4月から半年試し、結果を見て広げる"),
    )
    requests = LongTextField(
        label=_("自治体に求めること"),
        max_length=4_000,
        required=False,
        help_text=_("場所、データ、広報、費用など。なければ「なし」と書いてください。"),
    )
    cost_yen = YenField(label=_("自治体の負担の見込み"), required=False, min_value=0)
    cost_note = TextField(label=_("費用の補足"), max_length=300, required=False)
    track_record = LongTextField(
        label=_("実績"),
        max_length=2_000,
        required=False,
        help_text=_("初めてのときは、空けておいて構いません。"),
    )


class SealedForm(forms.Form):
    """Confidential parts and files. Each pair of heading and text is one part."""

    file = forms.FileField(
        label=_("ファイル"),
        required=False,
        help_text=_("PDF・画像・Excel・Word・PowerPoint・CSV、10MBまで、10個まで。"),
    )
    is_confidential = forms.BooleanField(label=_("このファイルを非公開にする"), required=False)

    def __init__(self, *args: Any, parts: int = PARTS_SHOWN, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = max(PARTS_SHOWN, parts)
        for number in range(self.count):
            self.fields[f"heading_{number}"] = TextField(
                label=_("%(number)d番目の見出し") % {"number": number + 1}, max_length=120, required=False
            )
            self.fields[f"text_{number}"] = LongTextField(
                label=_("%(number)d番目の内容") % {"number": number + 1},
                max_length=8_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"heading_{number}"], self[f"text_{number}"]) for number in range(self.count)]

    def parts(self) -> list[tuple[str, str]]:
        data = self.cleaned_data
        return [(data[f"heading_{number}"], data[f"text_{number}"]) for number in range(self.count)]


class ContactForm(forms.Form):
    """Who speaks. What is shown depends on who fills it in."""

    proposer_name = TextField(label=_("団体名・屋号・お名前"), max_length=150)
    way = forms.ChoiceField(label=_("受けた方法"), choices=CallerWay.choices, widget=forms.RadioSelect)
    name = TextField(label=_("担当者のお名前"), max_length=100)
    email = forms.EmailField(
        label=_("メールアドレス"),
        help_text=_("受付と、そのあとの状況をお知らせします。"),
        error_messages={"invalid": _("メールアドレスの形になっていません。例: hanako@example.jp")},
    )
    phone = CodeField(label=_("電話"), max_length=40, required=False)
    agrees_to_onward = forms.BooleanField(
        label=_("今回見送りになったとき、ほかの課題や自治体に紹介してもよい"), required=False
    )
    agrees_to_publication = forms.BooleanField(
        label=_("見送りの理由などを、名前を出さずに公表してもよい"), required=False
    )

    def __init__(self, *args: Any, on_behalf: bool, visitor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not on_behalf:
            del self.fields["way"]
        if not visitor and not on_behalf:
            for name in ("email", "proposer_name"):
                del self.fields[name]
        if not visitor:
            for name in {"name", "email"} & self.fields.keys():
                self.fields[name].required = False
        if on_behalf:
            self.fields["name"].help_text = _("提案の本文とは別に保管し、窓口の人だけが見ます。")


def initial_of(names: Mapping[str, Any] | list[str], *sources: Any) -> dict[str, Any]:
    """Values of the first source that has each name."""
    found = {}
    for name in names:
        source = next((one for one in sources if hasattr(one, name)), None)
        if source is not None:
            found[name] = getattr(source, name)
    return found
