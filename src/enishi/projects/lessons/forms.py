"""The three questions, and the version without names."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.exchange.models import Field
from enishi.foundation.forms import LongTextField, ModelMultipleChoiceField, TextField
from enishi.organizations.enums import Visibility
from enishi.projects.forms import RowForm, row_field
from enishi.projects.lessons.models import Lesson
from enishi.projects.lessons.naming import TEXTS

HELP = {
    "title": _("次の担当者が一目で分かる一文。例: 機器を配る前に、設置を断られたときの手順を決めておく"),
    "what_happened": _("事実を、時間の順に。期待していたことと、実際に起きたことの違いを書きます。"),
    "cause": _(
        "だれが悪かったかではなく、仕組み・手順・前提のどこに原因があったか。「なぜ」を二度は問うてみてください。"
    ),
    "next_time": _("次の人がそのまま実行できる形で。いつ、だれが、何を変えるか。"),
    "happened_on": _("例: 令和8年10月3日。期間にわたるときは、気づいた日"),
}


class LessonForm(RowForm):
    fields_of_work = ModelMultipleChoiceField(label=_("分野"), queryset=Field.objects.none(), required=False)

    class Meta:
        model = Lesson
        fields = ("title", "what_happened", "cause", "next_time", "happened_on", "visibility")
        formfield_callback = row_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lesson = kwargs.get("instance")
        rows = Field.objects.filter(is_active=True, parent__isnull=False).order_by("order", "pk")
        field: Any = self.fields["fields_of_work"]
        field.queryset = rows
        if lesson is not None and lesson.pk:
            self.initial["fields_of_work"] = list(lesson.fields.values_list("pk", flat=True))
        self.fields["visibility"].initial = Visibility.INTERNAL
        for name, words in HELP.items():
            self.fields[name].help_text = words


class NamelessForm(forms.Form):
    title = TextField(label=_("教訓を一文で"), max_length=120)
    what_happened = LongTextField(label=_("何が起きたか"), max_length=4_000)
    cause = LongTextField(label=_("なぜ起きたか"), max_length=4_000)
    next_time = LongTextField(label=_("次はどうするか"), max_length=4_000)

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS}


class CheckForm(forms.Form):
    note = LongTextField(
        label=_("直してほしいところ、ひとこと"),
        max_length=500,
        required=False,
        help_text=_("差し戻すときは必ず書いてください。"),
    )
