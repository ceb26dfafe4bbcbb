"""The form for a target that one version of a plan sets for itself."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import TextField
from enishi.indicators import numbers
from enishi.indicators.enums import Direction, TargetSource
from enishi.indicators.models import Indicator
from enishi.plans.forms import FiscalYearField


class WrittenNumberField(TextField):
    """A number as offices write it: full width, commas, △; never a float."""

    unit = ""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            written = numbers.read(text, unit=self.unit)
        except numbers.UnreadableNumberError as error:
            raise ValidationError(str(error)) from error
        if written.value is None:
            raise ValidationError(
                _("「%(written)s」は数ではありません。例: 80、1,234.5"), params={"written": text[:20]}
            )
        return written.value


class FrameTargetForm(forms.Form):
    fiscal_year = FiscalYearField(label=_("年度"))
    value = WrittenNumberField(label=_("目標値"), max_length=40)
    lower = WrittenNumberField(label=_("下限"), max_length=40)
    upper = WrittenNumberField(label=_("上限"), max_length=40)
    source = forms.ChoiceField(label=_("根拠の種類"), choices=TargetSource.choices)
    rationale = TextField(label=_("目標の根拠"), max_length=500)
    reason = TextField(
        label=_("変える理由"), max_length=300, required=False, help_text=_("いまの目標値を変えるときは必ず")
    )

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value",) if indicator.direction == Direction.RANGE else ("lower", "upper"):
            del self.fields[name]
        for field in self.fields.values():
            if isinstance(field, WrittenNumberField):
                field.unit = indicator.unit

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
