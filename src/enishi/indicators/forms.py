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
from enishi.foundation import metrics
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    formfield,
)
from enishi.indicators import numbers, periods
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import Certainty
from enishi.indicators.models import Acquisition, DataElement, Indicator, IndicatorDefinition
from enishi.indicators.offices import Offices
from enishi.organizations.models import Membership, Organization, Section

FEW_LINES = forms.Textarea(attrs={"rows": 3})


class NumberField(forms.Field):
    """A number as offices write it: full width, commas, △; never a float."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "size": 16, "inputmode": "decimal"})
    default_error_messages = {
        "required": gettext_lazy("数字を書いてください。ないときは 0 と書いてください。")
    }

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            written = numbers.read(value, unit=self.unit)
        except numbers.UnreadableNumberError as error:
            raise ValidationError(str(error)) from error
        if written.missing_reason:
            raise ValidationError(
                _("「%(written)s」は数ではありません。値がないときは、理由の欄に書いてください。")
                % {"written": value.strip()[:20]}
            )
        return written.value

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else numbers.shown(value)


class PeriodField(TextField):
    """A period as people write it: 令和7年度, R7, 令和7年度第1四半期."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("例: 令和7年度、R7、令和7年度第1四半期、令和7年4月"))
        super().__init__(**{"max_length": 40, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return periods.read(text)
        except periods.UnreadablePeriodError as error:
            raise ValidationError(str(error)) from error


class YearField(PeriodField):
    """A fiscal year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": gettext_lazy("例: 令和7年度、R7、2025"), **kwargs})

    def clean(self, value: Any) -> Any:
        span = super().clean(value)
        if span is not None and span != periods.fiscal(span.fiscal_year):
            raise ValidationError(_("年度で書いてください。例: 令和7年度、R7、2025"))
        return span.fiscal_year if span is not None else None

    def prepare_value(self, value: Any) -> Any:
        return str(FiscalYear(value)) if isinstance(value, int) else value


class DimsField(TextField):
    """Names of dimensions, parted by commas."""

    def clean(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().clean(value) or "").replace("、", ",")
        names = [name.strip() for name in text.split(",") if name.strip()]
        if any(sign in name for name in names for sign in "=;") or any(len(name) > 30 for name in names):
            raise ValidationError(_("区分の名前は30文字まで、= と ; は使わずに書いてください。"))
        return list(dict.fromkeys(names))[:6]

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value


def row_field(db_field: Any, **kwargs: Any) -> forms.Field | None:
    """Our fields for text, days and numbers."""
    if isinstance(db_field, models.DecimalField):
        optional = db_field.blank or db_field.has_default()
        return NumberField(label=db_field.verbose_name, help_text=db_field.help_text, required=not optional)
    if isinstance(db_field, models.JSONField):
        return DimsField(
            label=db_field.verbose_name,
            required=False,
            max_length=200,
            help_text=gettext_lazy("値を分けて入れるときの区分。例: 地区、性別"),
        )
    return formfield(db_field, **kwargs)


class RowForm(forms.ModelForm[Any]):
    """A form whose model only says which fields there are: the services check and save."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = getattr(self.instance, "version", None)

    def _post_clean(self) -> None:
        """Nothing: the row is changed by the service alone."""

    def values(self) -> dict[str, Any]:
        """What was typed, under the names the services know."""
        wanted: Any = self._meta.fields
        found = {name: value for name, value in self.cleaned_data.items() if name in wanted}
        for name, value in found.items():
            column = self._meta.model._meta.get_field(name)
            if value is None and isinstance(column, models.Field) and column.has_default():
                found[name] = column.get_default()
        return found

    def add_refusal(self, refused: ValidationError) -> None:
        add_refusal(self, refused)


def add_refusal(form: forms.BaseForm, refused: ValidationError) -> None:
    """Show the service's sentences at the fields they speak of."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, sentences in refused.message_dict.items():
        form.add_error(name if name in form.fields else None, [str(one) for one in sentences])


class RefusableForm(forms.Form):
    """A form that shows the service's sentences at its own fields."""

    def add_refusal(self, refused: ValidationError) -> None:
        add_refusal(self, refused)


def sections_of(organization: Organization) -> models.QuerySet[Section]:
    today = timezone.localdate()
    return Section.objects.open_on(today).filter(organization=organization).order_by("code", "pk")


def staff_of(organization: Organization) -> models.QuerySet[Person]:
    places = Membership.objects.current(timezone.localdate()).filter(organization=organization)
    return Person.objects.filter(pk__in=places.exclude(role="resident").values("person_id")).order_by("name")


class OwnedForm(RowForm):
    """Section and officer come from the house."""

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("section", sections_of(organization)), ("officer", staff_of(organization))):
            if name in self.fields:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]


class IndicatorForm(OwnedForm):
    definition = LongTextField(
        label=gettext_lazy("定義(何をどう数えるか)"), max_length=2_000, widget=FEW_LINES
    )

    class Meta:
        model = Indicator
        formfield_callback = row_field
        fields = (
            "name", "code", "section", "officer", "role", "stage", "value_type", "unit", "decimals", "direction",
            "tolerance", "lower", "upper", "aggregation", "cumulative", "frequency", "publication_lag_days",
            "plausible_min", "plausible_max", "simple_rate", "dims", "suppress_below", "parts_tolerance", "visibility",
        )  # fmt: skip
        help_texts = {
            "code": gettext_lazy("空けておくと番号を付けます。一度使った番号は使い回しません。"),
            "tolerance": gettext_lazy("「保つ」「範囲」の指標で、目標からの離れをここまで達成とみなす幅"),
            "aggregation": gettext_lazy("年度の中に値がいくつもあるとき、その年度の値をどう決めるか"),
            "cumulative": gettext_lazy("それまでの値を含んだ数を入れる指標。合計しません。"),
            "publication_lag_days": gettext_lazy("この日数を過ぎても値がないと「期限切れ」に出ます。"),
            "suppress_below": gettext_lazy(
                "0は秘匿しない。秘匿した値から引き算で分かるときは、もう一つ隠します。"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        self.fields["tolerance"].required = self.fields["parts_tolerance"].required = False
        if self.instance.pk:
            del self.fields["definition"]


class DefinitionForm(RowForm):
    class Meta:
        model = IndicatorDefinition
        formfield_callback = row_field
        fields = ("text", "numerator", "denominator", "scale", "valid_from", "comparability_break", "reason")
        widgets = {"text": FEW_LINES}
        help_texts = {
            "numerator": gettext_lazy(
                "データ項目から計算するとき。例: [出生数] + 転入数。記号の入ったコードは [ ] で囲みます。空なら値を手で入れます。"
            ),
            "denominator": gettext_lazy("割合のとき。例: [人口]"),
            "scale": gettext_lazy("割合を%で表すときは100"),
            "comparability_break": gettext_lazy("付けると、この版より前の値とは進捗も傾向も比べません。"),
        }


class AcquisitionForm(RowForm):
    class Meta:
        model = Acquisition
        formfield_callback = row_field
        fields = ("method", "source", "publisher", "endpoint_ref", "schedule", "responsible")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = staff_of(organization)  # type: ignore[attr-defined]


class ElementForm(OwnedForm):
    class Meta:
        model = DataElement
        formfield_callback = row_field
        fields = (
            "code",
            "name",
            "meaning",
            "unit",
            "aggregation",
            "metric",
            "dims",
            "section",
            "officer",
            "visibility",
        )
        widgets = {"meaning": FEW_LINES}
        help_texts = {"code": gettext_lazy("式の中で呼ぶ短い名。例: 人口、E-001")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(each.key, f"{each.title}({each.key})") for each in metrics.all_metrics()]
        self.fields["metric"] = forms.ChoiceField(
            label=_("この仕組みの数字から算定する"),
            choices=[("", _("しない(値を入れる)")), *known],
            required=False,
            help_text=_("選ぶと、毎晩ほかの画面の記録から計算し、その一覧まで戻れます。"),
        )


class ValueForm(RefusableForm):
    """One value, or why there is none."""

    period = PeriodField(label=gettext_lazy("期間"))
    dims = TextField(
        label=gettext_lazy("区分"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("全体の値なら空。例: 地区=北、地区=南;性別=女"),
    )
    value = NumberField(label=gettext_lazy("値"), required=False)
    numerator = NumberField(label=gettext_lazy("分子"), required=False)
    denominator = NumberField(label=gettext_lazy("分母"), required=False)
    no_denominator_reason = TextField(label=gettext_lazy("分母がない理由"), max_length=200, required=False)
    missing_reason = TextField(
        label=gettext_lazy("値がない理由"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("0は値です。調べていない・分からないときは、ここに理由を書きます。"),
    )
    status = forms.ChoiceField(label=gettext_lazy("確かさ"), choices=Certainty.choices[:2])
    weight = NumberField(label=gettext_lazy("重み(回答者数など)"), required=False)
    source = TextField(
        label=gettext_lazy("出所"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("資料の名前と頁、番地など。取得方法に出所があれば空でかまいません。"),
    )
    note = TextField(label=gettext_lazy("注記"), max_length=300, required=False)
    change_reason = TextField(
        label=gettext_lazy("直す理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("承認済みの値を直すときは必ず"),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, owner: Indicator | DataElement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_ratio = isinstance(owner, Indicator) and owner.value_type == "ratio"
        if not is_ratio:
            for name in ("numerator", "denominator", "no_denominator_reason"):
                del self.fields[name]
        if owner.aggregation != "weighted":
            del self.fields["weight"]
        if not owner.dims:
            del self.fields["dims"]
        self.fields["value"].unit = owner.unit  # type: ignore[attr-defined]
        if owner.unit:
            self.fields["value"].label = _("値(%(unit)s)") % {"unit": owner.unit}

    def clean_dims(self) -> str:
        return clean_dims(self.cleaned_data.get("dims") or "")


def clean_dims(text: str) -> str:
    """The parts in one spelling and order, so that a period has one value for each."""
    plain = unicodedata.normalize("NFKC", text).replace(";", ";").replace("、", ";").replace(",", ";")
    parts = [part.strip() for part in plain.split(";") if part.strip()]
    if any(part.count("=") != 1 or part.startswith("=") or part.endswith("=") for part in parts):
        raise ValidationError(_("区分は「名前=値」で書いてください。例: 地区=北"))
    pairs = sorted(tuple(side.strip() for side in part.split("=")) for part in parts)
    return ";".join("=".join(pair) for pair in pairs)


class ReasonForm(RefusableForm):
    reason = TextField(label=gettext_lazy("理由"), max_length=300)


class RetireForm(ReasonForm):
    successor = forms.ModelChoiceField(
        label=gettext_lazy("あとを継ぐ指標"), queryset=Indicator.objects.none(), required=False
    )

    def __init__(self, *args: Any, indicator: Indicator, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = indicator_access.visible(actor).filter(
            organization_id=indicator.organization_id, retired_at__isnull=True
        )
        self.fields["successor"].queryset = others.exclude(pk=indicator.pk)  # type: ignore[attr-defined]


class OfficesForm(forms.Form):
    planning_section = forms.ModelChoiceField(
        label=gettext_lazy("企画(総合計画)の課"), queryset=Section.objects.none(), required=False
    )
    review_section = forms.ModelChoiceField(
        label=gettext_lazy("行革(評価)の課"), queryset=Section.objects.none(), required=False
    )
    finance_section = forms.ModelChoiceField(
        label=gettext_lazy("財政の課"), queryset=Section.objects.none(), required=False
    )
    deciders = ModelMultipleChoiceField(
        label=gettext_lazy("首長・庁議の人"), queryset=Person.objects.none(), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, row: Offices | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"version": row.version if row else 0}
        if row is not None:
            initial |= {
                "planning_section": row.planning_section_id,
                "review_section": row.review_section_id,
                "finance_section": row.finance_section_id,
                "deciders": list(row.deciders.values_list("pk", flat=True)),
            }
        super().__init__(*args, **{"initial": initial, **kwargs})
        for name in ("planning_section", "review_section", "finance_section"):
            self.fields[name].queryset = sections_of(organization)  # type: ignore[attr-defined]
        self.fields["deciders"].queryset = staff_of(organization)  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A file with indicators, values, or a statistical table."""

    kind = forms.ChoiceField(
        label=gettext_lazy("何の表か"),
        choices=[
            ("values", gettext_lazy("値(指標番号と年度)")),
            ("indicators", gettext_lazy("指標(名前・単位・目標)")),
            ("table", gettext_lazy("統計表(e-Statの形)をデータ項目に")),
        ],
    )
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        help_text=gettext_lazy("Excel(.xlsx)かCSV。値は100万行まで。"),
        error_messages={
            "required": gettext_lazy("ファイルを選んでください。"),
            "empty": gettext_lazy("ファイルが空です。"),
        },
    )
    source = TextField(
        label=gettext_lazy("出所"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("資料・統計の名前。空ならファイル名を出所とします。"),
    )
    year = YearField(
        label=gettext_lazy("この年度の値だけのはず"),
        required=False,
        help_text=gettext_lazy("書いておくと、ほかの年度のファイルを選び間違えたときに止まります。"),
    )
    change_reason = TextField(
        label=gettext_lazy("訂正の理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("すでに承認された値と違う値があるときに要ります。"),
    )
