"""What an office writes to open a call, and what others ask about it."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.desk.calls.models import Call
from enishi.exchange.models import Challenge
from enishi.foundation.access import Actor
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    WarekiDateField,
    formfield,
)
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of

ROWS = 8


def offer_sections(field: Any, organization: Organization, actor: Actor, *, is_new: bool) -> None:
    """Whose officers run it, and so see who asked or applied: the writer's own section unless another is chosen."""
    open_now = Section.objects.filter(organization=organization).open_on(timezone.localdate())
    field.queryset = open_now
    field.empty_label = _("課を決めない(企画・管理職だけ)")
    field.help_text = _("質問や申込をした人が分かるのは、ここで選んだ課の担当者と、企画・管理職です。")
    if is_new:
        field.initial = open_now.filter(pk__in=reach_of(actor).section_ids).order_by("pk").first()


class CallForm(forms.ModelForm[Call]):
    """A call. The deadline is a day and an hour, so that nobody wonders whether the day itself still counts."""

    deadline_on = WarekiDateField(label=_("応募の締切(日)"))
    deadline_time = forms.TimeField(
        label=_("応募の締切(時刻)"),
        initial=dt.time(17, 0),
        help_text=_("例: 17:00。この時刻になると受け付けが止まります"),
        error_messages={"invalid": _("時刻として読めません。例: 17:00")},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

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

    def __init__(self, *args: Any, organization: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Challenge.objects.visible_to(actor).filter(organization=organization).exclude(status="draft")
        self.fields["challenges"] = ModelMultipleChoiceField(
            label=_("応える課題"),
            queryset=own.order_by("-updated_at"),
            required=False,
            help_text=_("この募集で解決したい課題を選びます"),
        )
        self.fields["challenges"].initial = (
            list(self.instance.challenges.all())
            if self.instance.pk
            else kwargs.get("initial", {}).get("challenges")
        )
        offer_sections(self.fields["section"], organization, actor, is_new=not self.instance.pk)
        self.fields["visibility"].initial = Visibility.PUBLIC
        if self.instance.pk:
            local = timezone.localtime(self.instance.deadline)
            self.fields["deadline_on"].initial = local.date()
            self.fields["deadline_time"].initial = local.time().replace(second=0, microsecond=0)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, hour = cleaned.get("deadline_on"), cleaned.get("deadline_time")
        if day and hour:
            cleaned["deadline"] = timezone.make_aware(dt.datetime.combine(day, hour))
        until, answers = cleaned.get("questions_until"), cleaned.get("answers_by")
        if until and day and until > day:
            self.add_error("questions_until", _("質問の締切が、応募の締切より後になっています。"))
        if until and answers and answers < until:
            self.add_error("answers_by", _("回答の予定日が、質問の締切より前になっています。"))
        return cleaned

    def _post_clean(self) -> None:
        """The model's own checks run in the service; here they would miss the joined deadline."""

    def values(self) -> dict[str, Any]:
        leave = {"deadline_on", "deadline_time", "version", "token"}
        return {name: value for name, value in self.cleaned_data.items() if name not in leave}


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


class StatusForm(forms.Form):
    reason = LongTextField(
        label=_("理由"), max_length=500, required=False, help_text=_("募集のページに載ります")
    )
