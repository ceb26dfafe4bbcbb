"""What an office writes to open a call, and what others ask about it."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.desk.calls.models import Call
from enishi.desk.office.forms import AnnouncementForm
from enishi.foundation.forms import (
    LongTextField,
    TextField,
    WarekiDateField,
    formfield,
)

ROWS = 8


class CallForm(AnnouncementForm):
    closes, closes_on, closes_time = "deadline", "deadline_on", "deadline_time"
    challenges_label = _("応える課題")
    challenges_help = _("この募集で解決したい課題を選びます")

    deadline_on = WarekiDateField(label=_("応募の締切(日)"))
    deadline_time = forms.TimeField(
        label=_("応募の締切(時刻)"),
        initial=dt.time(17, 0),
        help_text=_("例: 17:00。この時刻になると受け付けが止まります"),
        error_messages={"invalid": _("時刻として読めません。例: 17:00")},
    )

    class Meta:
        model = Call
        fields = (
            "title", "purpose", "asks", "conditions", "flow", "challenges", "budget_yen", "questions_until",
            "answers_by", "result_by", "contact_name", "section", "visibility",
        )  # fmt: skip
        formfield_callback = formfield

    field_order = (
        "title", "purpose", "asks", "challenges", "conditions", "flow", "budget_yen", "deadline_on", "deadline_time",
        "questions_until", "answers_by", "result_by", "contact_name", "section", "visibility",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day = cleaned.get(self.closes_on)
        until, answers = cleaned.get("questions_until"), cleaned.get("answers_by")
        if until and day and until > day:
            self.add_error("questions_until", _("質問の締切が、応募の締切より後になっています。"))
        if until and answers and answers < until:
            self.add_error("answers_by", _("回答の予定日が、質問の締切より前になっています。"))
        return cleaned


class CriterionForm(forms.Form):
    name = TextField(label=_("観点"), max_length=60, required=False)
    description = TextField(label=_("何を見るか"), max_length=300, required=False)
    weight = forms.IntegerField(
        label=_("重み"),
        min_value=1,
        max_value=100,
        required=False,
        error_messages={"invalid": _("重みは1から100までの整数で書いてください。")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("name") and not cleaned.get("weight") and "weight" not in self.errors:
            self.add_error("weight", _("重みを1から100までの整数で書いてください。"))
        if cleaned.get("weight") and not cleaned.get("name"):
            self.add_error("name", _("観点の名前を書いてください。使わない行は重みも空にしてください。"))
        return cleaned


CriterionFormSet = forms.formset_factory(CriterionForm, extra=0, max_num=20)


def criterion_rows(formset: Any) -> list[tuple[str, str, int]]:
    return [
        (row["name"].strip(), row["description"].strip(), row["weight"])
        for row in formset.cleaned_data
        if row.get("name")
    ]


def criterion_initial(criteria: Any) -> list[dict[str, Any]]:
    """The criteria there are and some empty rows."""
    rows = [{"name": each.name, "description": each.description, "weight": each.weight} for each in criteria]
    return rows + [{}] * max(2, ROWS - len(rows))


class QuestionForm(forms.Form):
    """A question; visitors leave an address to be told of the answer."""

    text = LongTextField(
        label=_("質問"),
        max_length=2_000,
        help_text=_("質問と回答は、お名前を伏せてどなたにも公開します。自社の工夫は書かないでください。"),
    )
    name = TextField(label=_("お名前・団体名"), max_length=150, required=False, help_text=_("公開されません"))
    email = forms.EmailField(
        label=_("メールアドレス"), required=False, help_text=_("回答をお知らせします。公開されません")
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    public_text = LongTextField(
        label=_("公開する質問文"),
        max_length=2_000,
        help_text=_("質問した人や会社が分かる言葉を消してください"),
    )
    text = LongTextField(label=_("回答"), max_length=4_000, help_text=_("みなさんに公開されます"))


class AddendumForm(forms.Form):
    text = LongTextField(label=_("追加・訂正の内容"), max_length=4_000)
    token = forms.CharField(required=False, widget=forms.HiddenInput)
