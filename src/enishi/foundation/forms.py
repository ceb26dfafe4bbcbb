"""Form fields that read what people here write, and the renderer that makes every form accessible."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from enishi.foundation import money, wareki
from enishi.foundation.sentences import gettext

# Control characters, and those that turn the direction of text around: nobody types them on purpose.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n?|\u2028|\u2029|\x85")


class EnishiRenderer(DjangoTemplates):
    """Labels above, help under the label, 必須 in words, errors at the field."""

    form_template_name = "enishi/forms/form.html"
    formset_template_name = "enishi/forms/formset.html"
    field_template_name = "enishi/forms/field.html"


def clean_text(text: str, *, lines: bool = False) -> str:
    """The text as typed, without what cannot be seen; on one line unless ``lines``."""
    text = _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))
    return text if lines else text.replace("\n", " ").replace("\t", " ")


def file_name(name: str, *, unnamed: str, most: int = 150) -> str:
    """The name a person gave a file, without folders and invisible characters, ``most`` characters at most."""
    name = clean_text(name).replace("\\", "/").rsplit("/", 1)[-1].strip(" .") or unnamed
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: most - 10]}{dot}{ending[:9]}" if dot else name[:most]


def read_date(text: str) -> dt.date:
    """The day a person wrote, or a ``ValidationError`` that says how to write it."""
    try:
        return wareki.read(text)
    except wareki.UnreadableDateError as error:
        raise ValidationError(
            _("「%(written)s」は日付として読めません。例: 令和8年12月1日"),
            code="invalid",
            params={"written": shortened(error.text)},
        ) from error


def read_yen(text: str) -> int:
    """The amount a person wrote, or a ``ValidationError`` that says how to write it."""
    try:
        return money.read(text)
    except money.UnreadableAmountError as error:
        raise ValidationError(
            _("「%(written)s」は金額(円)として読めません。例: 1,200,000円、1,200千円、120万円"),
            code="invalid",
            params={"written": shortened(error.text)},
        ) from error


def shortened(text: str, limit: int = 40) -> str:
    """What somebody wrote, short enough to be quoted back."""
    text = clean_text(text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


class TextField(forms.CharField):
    """One line, kept as typed, without invisible characters."""

    default_error_messages = {
        "required": _("入力してください。"),
    }

    def to_python(self, value: Any) -> str | None:
        return super().to_python(clean_text(value) if isinstance(value, str) else value)


class LongTextField(forms.CharField):
    """Several lines, kept as typed, without invisible characters."""

    widget = forms.Textarea(attrs={"rows": 6})
    default_error_messages = {
        "required": _("入力してください。"),
    }

    def to_python(self, value: Any) -> str | None:
        return super().to_python(clean_text(value, lines=True) if isinstance(value, str) else value)


class CodeField(TextField):
    """A code, a key, a number: the same whether typed in full or half width."""

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return unicodedata.normalize("NFKC", text).strip() if isinstance(text, str) else text


class WarekiDateInput(forms.TextInput):
    """A day as text: 和暦 or 西暦."""

    template_name = "enishi/forms/wareki_date.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "size": 20, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, dt.datetime):
            value = value.date()
        return wareki.in_words(value, weekday=False) if isinstance(value, dt.date) else value or None


class WarekiDateField(forms.Field):
    """A day, read from 令和8年12月1日, R8.12.1, 2026/12/1, in full or half width."""

    widget = WarekiDateInput
    default_error_messages = {
        "required": _("日付を入力してください。例: 令和8年12月1日"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("例: 令和8年12月1日、R8.12.1、2026/12/1"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or (isinstance(value, str) and not clean_text(value).strip()):
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        return value if isinstance(value, dt.date) else read_date(str(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class YenInput(forms.TextInput):
    """An amount as text, with 円 behind it."""

    template_name = "enishi/forms/yen.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "size": 16, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, int):
            return money.in_yen(value).removesuffix("円")
        return value or None


class YenField(forms.Field):
    """Whole yen, read from 1,200千円, 3万円, △500, in full or half width. Zero is a value; blank is none."""

    widget = YenInput
    default_error_messages = {
        "required": _("金額を入力してください。ないときは 0 と書いてください。"),
        "min_value": _("%(limit)s以上の金額を入力してください。"),
        "max_value": _("%(limit)s以下の金額を入力してください。"),
    }

    def __init__(self, *, min_value: int | None = None, max_value: int | None = 2**53, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("円で。1,200千円、120万円 とも書けます"))
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or (isinstance(value, str) and not clean_text(value).strip()):
            return None
        return value if isinstance(value, int) else read_yen(str(value))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.min_value is not None and value < self.min_value:
            self._refuse("min_value", self.min_value)
        if self.max_value is not None and value > self.max_value:
            self._refuse("max_value", self.max_value)

    def _refuse(self, code: str, limit: int) -> None:
        raise ValidationError(
            self.error_messages[code], code=code, params={"limit": money.yen_in_words(limit)}
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class MultipleChoiceField(forms.MultipleChoiceField):
    """Several of a few: checkboxes."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("一つ以上選んでください。"),
    }


class ModelMultipleChoiceField(forms.ModelMultipleChoiceField[Any]):
    """Several of a few records: checkboxes."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("一つ以上選んでください。"),
    }


def formfield(db_field: Any, **kwargs: Any) -> forms.Field | None:
    """``Meta.formfield_callback`` of model forms: our fields for text, days and yen, Django's for the rest."""
    kind = _kind_for(db_field)
    if kind is not None:
        kwargs.setdefault("form_class", kind)
    if kind is WarekiDateField and not db_field.help_text:
        kwargs.setdefault("help_text", _("例: 令和8年12月1日、R8.12.1、2026/12/1"))
    if isinstance(db_field, models.URLField):
        kwargs.setdefault("assume_scheme", "https")
    if kind is YenField:
        return _yen_field(db_field, **kwargs)
    field: forms.Field | None = db_field.formfield(**kwargs)
    return field


def _kind_for(db_field: Any) -> type[forms.Field] | None:
    if db_field.name.endswith("_yen") and isinstance(db_field, models.IntegerField):
        return YenField
    if isinstance(db_field, models.EmailField | models.URLField) or getattr(db_field, "choices", None):
        return None
    if isinstance(db_field, models.TextField):
        return LongTextField
    if isinstance(db_field, models.CharField):
        return TextField
    if isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
        return WarekiDateField
    return None


def _yen_field(db_field: Any, **kwargs: Any) -> YenField:
    kwargs.pop("form_class", None)
    if db_field.help_text:
        kwargs.setdefault("help_text", db_field.help_text)
    if isinstance(db_field, models.PositiveBigIntegerField | models.PositiveIntegerField):
        kwargs.setdefault("min_value", 0)
    return YenField(
        **{"label": db_field.verbose_name, "required": not db_field.blank, **kwargs},
    )


def too_long(limit: int) -> str:
    """The sentence for text over a limit, for readers of files as for forms."""
    return gettext("%(limit)d文字までで書いてください。") % {"limit": limit}


__all__ = [
    "CodeField",
    "EnishiRenderer",
    "LongTextField",
    "ModelMultipleChoiceField",
    "MultipleChoiceField",
    "TextField",
    "WarekiDateField",
    "YenField",
    "clean_text",
    "formfield",
    "read_date",
    "read_yen",
    "shortened",
    "too_long",
]
