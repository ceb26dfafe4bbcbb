"""Forms of challenges and resources: each step is a form of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.exchange import places
from enishi.exchange.enums import ChallengeStatus, CostTerms, ResourceKind, ResourceStatus, Sufferer
from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.forms import (
    LongTextField,
    MultipleChoiceField,
    TextField,
    WarekiDateField,
    YenField,
)
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section

KEY_OF = {"fields": "field_ids", "areas": "area_ids", "parties": "party_ids", "section": "section_id"}
"""Names of form fields whose values the services know by another name."""

HELP: dict[str, str | Promise] = {
    "title": gettext_lazy(
        "困りごとが一目で分かる短い文。例: 一人で暮らす高齢者の変化に、二日以内に気づけない"
    ),
    "present_state": gettext_lazy("だれが、どこで、どんなときに、何ができずに困っているか。"),
    "figures": gettext_lazy("例: 見守り対象 412世帯(令和8年4月、高齢福祉課調べ)。訪問は月1回"),
    "tried": gettext_lazy("試したことと、その結果。例: 緊急通報装置を配ったが、利用は38世帯にとどまった"),
    "desired_state": gettext_lazy("困っている人の暮らしや仕事が、どう変わっていればよいか。"),
    "success_measure": gettext_lazy("例: 異変に気づくまでの日数が平均6日から2日になる(令和9年度末)"),
    "means_considered": gettext_lazy(
        "思いついている方法があれば。ここに書いておくと、相手は別の方法も考えやすくなります。"
    ),
    "sufferers": gettext_lazy("あてはまるものをすべて選びます。"),
    "resource_kinds": gettext_lazy("分からなければ選ばなくて構いません。"),
    "budget_min_yen": gettext_lazy("円。例: 0、50万円、1,200千円"),
    "budget_max_yen": gettext_lazy("円。決まっていなければ空けておきます。"),
    "budget_note": gettext_lazy("例: 令和9年度当初予算で要求予定。国の交付金(補助率2分の1)を使う見込み"),
    "due_on": gettext_lazy("提案や連絡を受け付ける最後の日。例: 令和9年1月29日"),
    "window_from": gettext_lazy("例: 令和9年4月1日。年度で考えるときは4月1日から3月31日まで"),
    "conditions": gettext_lazy("守ってほしいこと、できないこと。"),
    "shareable_data": gettext_lazy("例: 対象世帯数の町丁別一覧(個人情報なし、Excel)"),
    "pitch": gettext_lazy("一言で。一覧と、1枚にまとめたピッチの見出しになります。"),
    "contact_name": gettext_lazy("例: 高齢福祉課 地域支援係(内線 2143)"),
    "offer": gettext_lazy("だれに、何を、どのように。専門の言葉には短い説明を添えてください。"),
    "capacity": gettext_lazy("例: 同時に300世帯まで。設置は1日8軒"),
    "track_record": gettext_lazy("例: 7自治体で1,140世帯(令和8年9月末)"),
    "cost_note": gettext_lazy("例: 1世帯 月980円。実証は30世帯まで無償"),
    "expires_on": gettext_lazy("この日を過ぎると一覧に出なくなります。決まっていなければ空けておきます。"),
    "is_nationwide": gettext_lazy("全国どこでも対応できる"),
    "areas": gettext_lazy("市区町村か都道府県の名前を「、」で区切って書きます。例: あおば市、草薙町"),
    "parties": gettext_lazy("公開範囲が「当事者」のとき、読める団体の名前を「、」で区切って書きます。"),
}
REQUIRED = {"title"}


class PlacesField(TextField):
    """Names of places or organisations, with commas between."""

    def __init__(self, *, only_places: bool, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 2}), max_length=8_000, **kwargs)
        self.only_places = only_places

    def to_python(self, value: Any) -> Any:
        text = (value or "").replace("\r", "\n").replace("\n", "、") if isinstance(value, str) else value
        return super().to_python(text)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return places.read_places(text) if self.only_places else places.read_organizations(text)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else places.in_words(value)


class FieldsWidget(forms.CheckboxSelectMultiple):
    """Fields of work under their headings, each heading opened on request."""

    template_name = "exchange/widgets/fields.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = context["widget"]["optgroups"]
        context["widget"]["value_groups"] = [
            group for group, options, _index in groups if any(option["selected"] for option in options)
        ]
        return context


class StepForm(forms.Form):
    """One step of a record's form. ``names`` are the form's fields, ``record`` may be new and unsaved."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, record: Challenge | Resource, names: Iterable[str], **kwargs: Any) -> None:
        self.record = record
        self.names = tuple(name for name in names if name != "section" or _has_sections(record))
        kwargs.setdefault("initial", {}).update(stored(record, self.names))
        super().__init__(*args, **kwargs)
        for name in self.names:
            self.fields[name] = _field(record, name)
        self.fields["version"].initial = record.version

    def values(self) -> dict[str, Any]:
        """What was typed, under the names the services know."""
        return {KEY_OF.get(name, name): self.cleaned_data[name] for name in self.names}

    def add_refusal(self, refused: ValidationError) -> None:
        """Show the service's sentences at the fields they speak of."""
        back = {key: name for name, key in KEY_OF.items()}
        for key, sentences in refused.message_dict.items():
            name = back.get(key, key)
            self.add_error(name if name in self.fields else None, [str(one) for one in sentences])


def stored(record: Challenge | Resource, names: Iterable[str]) -> dict[str, Any]:
    """The record's values as a form's initial ones."""
    initial: dict[str, Any] = {}
    for name in names:
        if name in {"fields", "areas", "parties"}:
            keys = getattr(record, name).values_list("pk", flat=True) if record.pk else []
            initial[name] = [str(key) for key in keys] if name == "fields" else list(keys)
        else:
            initial[name] = getattr(record, KEY_OF.get(name, name))
    if initial.get("areas") == [] and record.status == "draft" and record.organization.is_public_body:
        # Most towns' troubles lie in the town itself.
        initial["areas"] = [record.organization_id]
    return initial


def _field(record: Challenge | Resource, name: str) -> forms.Field:
    column = record._meta.get_field(name)
    options: dict[str, Any] = {
        "label": str(getattr(column, "verbose_name", name)),
        "help_text": HELP.get(name, ""),
        "required": name in REQUIRED,
    }
    make = _SPECIAL.get(name)
    if make is not None:
        special: forms.Field = make(record, options)
        return special
    if name.endswith("_yen"):
        return YenField(min_value=0, max_value=10**15, **options)
    if isinstance(column, models.DateField):
        return WarekiDateField(**options)
    limit = getattr(column, "max_length", None)
    if isinstance(column, models.TextField):
        return LongTextField(max_length=limit, **options)
    return TextField(max_length=limit, **options)


def _fields(record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    chosen = list(record.fields.values_list("pk", flat=True)) if record.pk else []
    options["help_text"] = _("あてはまる分野をすべて選びます。見出しを押すと開きます。")
    return MultipleChoiceField(choices=field_choices(chosen), widget=FieldsWidget, **options)


def field_choices(chosen: Iterable[int] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """Fields in use, and retired ones the record still has, under their headings."""
    rows = list(Field.objects.filter(Q(is_active=True) | Q(pk__in=list(chosen))).order_by("order", "pk"))
    children: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        if row.parent_id is not None:
            children.setdefault(row.parent_id, []).append((str(row.pk), row.told_name))
    return [
        (
            row.told_name,
            [
                *children.get(row.pk, []),
                (str(row.pk), _("%(field)s(全般・その他)") % {"field": row.told_name}),
            ],
        )
        for row in rows
        if row.parent_id is None
    ]


def _has_sections(record: Challenge | Resource) -> bool:
    return _open_sections(record).exists()


def _open_sections(record: Challenge | Resource) -> models.QuerySet[Section]:
    sections = Section.objects.open_on(timezone.localdate())
    return sections.filter(organization_id=record.organization_id)


def _sections(record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    choices = [("", _("選ばない")), *((section.pk, section.name) for section in _open_sections(record))]
    return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, **options)


def _visibility(_record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    options["required"] = True
    return forms.ChoiceField(choices=Visibility.choices, widget=forms.RadioSelect, **options)


def _codes(choices: Any) -> Any:
    def make(_record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
        return MultipleChoiceField(choices=choices, **options)

    return make


def _cost_terms(_record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    options["required"] = True
    return forms.ChoiceField(choices=CostTerms.choices, widget=forms.RadioSelect, **options)


def _nationwide(_record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    options |= {"label": options["help_text"], "help_text": ""}
    return forms.BooleanField(**options)


def _places(only_places: bool) -> Any:
    def make(_record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
        return PlacesField(only_places=only_places, **options)

    return make


def _title(record: Challenge | Resource, options: dict[str, Any]) -> forms.Field:
    if isinstance(record, Resource):
        options["help_text"] = _(
            "できることが一目で分かる短い文。例: 電気の使い方で気づく見守り(分電盤センサー)"
        )
    return TextField(max_length=120, **options)


_SPECIAL: Mapping[str, Any] = {
    "title": _title,
    "fields": _fields,
    "section": _sections,
    "visibility": _visibility,
    "sufferers": _codes(Sufferer.choices),
    "resource_kinds": _codes(ResourceKind.choices),
    "kinds": _codes(ResourceKind.choices),
    "cost_terms": _cost_terms,
    "is_nationwide": _nationwide,
    "areas": _places(True),
    "parties": _places(False),
}


class OwnerForm(forms.Form):
    """In whose name a new record is made; asked only of people with several places."""

    organization = forms.ChoiceField(label=gettext_lazy("どの団体の記録ですか"))

    def __init__(self, *args: Any, owners: Iterable[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organization"]
        chosen.choices = [(str(owner.pk), owner.name) for owner in owners]


class SentenceForm(forms.Form):
    """The one sentence the writing help begins with."""

    sentence = LongTextField(
        label=gettext_lazy("困っていることを、まず一文で書いてください"),
        help_text=gettext_lazy("例: 一人で暮らしているお年寄りの様子が分からない"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class StatusForm(forms.Form):
    """Where the record goes next, and why."""

    status = forms.ChoiceField(label=gettext_lazy("次の状態"), widget=forms.RadioSelect)
    reason = LongTextField(
        label=gettext_lazy("理由"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "解決・終了・下書きに戻すとき、もう一度公開するときは必ず書きます。例: 予算が見送られたため"
        ),
    )

    def __init__(
        self, *args: Any, possible: Iterable[ChallengeStatus | ResourceStatus], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["status"]
        chosen.choices = [(one.value, one.label) for one in possible]


class FileForm(forms.Form):
    """A file to attach."""

    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        max_length=255,
        help_text=gettext_lazy("PDF・画像(PNG、JPEG)・Excel・Word・PowerPoint・CSV。10MBまで、10個まで"),
        error_messages={
            "required": gettext_lazy("ファイルを選んでください。"),
            "empty": gettext_lazy("空のファイルです。"),
        },
    )


class FieldNameForm(forms.Form):
    """A field's name."""

    name = TextField(label=gettext_lazy("分野の名前"), max_length=60)
