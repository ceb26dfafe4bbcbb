"""Filling a sheet on the page: the lines' own words, and the words about the whole year."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.foundation.forms import LongTextField, TextField
from enishi.projects.sheets.enums import Rating, SheetKind
from enishi.projects.sheets.models import OWN, WRITTEN, PdcaLine, PdcaSheet

_SHORT = forms.Textarea(attrs={"rows": 2})


class BeginForm(forms.Form):
    kind = forms.ChoiceField(label=_("種類"), choices=SheetKind.choices, widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label=_("年度"), coerce=int)

    def __init__(self, *args: Any, years: list[tuple[int, str]], leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["year"].choices = years
        if not leads:
            fields["kind"].choices = [(SheetKind.PERSON.value, SheetKind.PERSON.label)]


class LineForm(forms.Form):
    """What people write about one line. A line of their own has its subject and numbers too."""

    subject = TextField(label=_("取り組むこと"), max_length=200, required=False)
    plan = LongTextField(label=_("計画"), max_length=1_000, required=False, widget=_SHORT)
    target = TextField(label=_("目標の数字"), max_length=100, required=False)
    action = LongTextField(label=_("実行"), max_length=1_000, required=False, widget=_SHORT)
    result = TextField(label=_("結果の数字"), max_length=200, required=False)
    rating = forms.ChoiceField(label=_("評価"), choices=[("", "―"), *Rating.choices], required=False)
    reflection = LongTextField(label=_("ふりかえり"), max_length=1_000, required=False, widget=_SHORT)
    next_action = LongTextField(label=_("次の一手"), max_length=1_000, required=False, widget=_SHORT)

    def __init__(self, *args: Any, line: PdcaLine | None = None, **kwargs: Any) -> None:
        self.line = line
        names = WRITTEN if line is not None and line.is_prefilled else OWN
        if line is not None:
            kwargs["initial"] = {name: getattr(line, name) for name in names}
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in names:
                del self.fields[name]

    @property
    def is_begun(self) -> bool:
        """Whether somebody has written, or is writing, how it went. A project's plan is there from the start."""
        typed = self.is_bound and self.has_changed()
        return typed or any(self[name].value() for name in WRITTEN if name != "plan")

    def values(self) -> dict[str, str]:
        return dict(self.cleaned_data)


class OverallForm(forms.Form):
    reflection = LongTextField(label=_("一年をふりかえって"), max_length=4_000, required=False)
    next_year = LongTextField(label=_("来年度に向けて"), max_length=4_000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, sheet: PdcaSheet, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "reflection": sheet.reflection,
            "next_year": sheet.next_year,
            "version": sheet.version,
        }
        super().__init__(*args, **kwargs)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("記入したファイル"),
        help_text=_(
            "ここから書き出した xlsx か CSV に記入したもの。取り込む前に、変わるところを確かめられます。"
        ),
    )
