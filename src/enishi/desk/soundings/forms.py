"""What an office writes for a sounding, and what applicants write."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.desk.office.forms import AnnouncementForm
from enishi.desk.soundings.models import Sounding, SoundingApplication, SoundingMinutes
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    TextField,
    WarekiDateField,
    formfield,
)

_NOT_AN_HOUR = _("時刻として読めません。例: 13:30")


class SoundingForm(AnnouncementForm):
    closes, closes_on, closes_time = "apply_until", "until_on", "until_time"
    challenges_label = _("かかわる課題")

    until_on = WarekiDateField(label=_("申込の締切(日)"))
    until_time = forms.TimeField(
        label=_("申込の締切(時刻)"), initial=dt.time(17, 0), error_messages={"invalid": _NOT_AN_HOUR}
    )

    class Meta:
        model = Sounding
        fields = (
            "title",
            "purpose",
            "topics",
            "eligibility",
            "place",
            "challenges",
            "contact_name",
            "section",
            "visibility",
        )
        formfield_callback = formfield


class SlotsForm(forms.Form):
    day = WarekiDateField(label=_("日にち"))
    first = forms.TimeField(
        label=_("始まりの時刻"), initial=dt.time(10, 0), error_messages={"invalid": _NOT_AN_HOUR}
    )
    last = forms.TimeField(
        label=_("終わりの時刻"), initial=dt.time(16, 0), error_messages={"invalid": _NOT_AN_HOUR}
    )
    minutes = forms.TypedChoiceField(
        label=_("一回の長さ"),
        coerce=int,
        initial=60,
        choices=[(30, _("30分")), (45, _("45分")), (60, _("60分")), (90, _("90分"))],
    )
    place = TextField(label=_("場所"), max_length=100, required=False)


class ApplicationForm(forms.ModelForm[SoundingApplication]):
    class Meta:
        model = SoundingApplication
        fields = ("company", "contact_name", "email", "phone", "attendees", "message")
        formfield_callback = formfield

    def __init__(self, *args: Any, has_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].help_text = _("ほかの参加者や住民には見えません")
        if has_account:
            del self.fields["email"]


class MinutesForm(forms.ModelForm[SoundingMinutes]):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = SoundingMinutes
        fields = ("held_on", "attendees", "text", "know_how")
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = _(
            "この募集を動かす人だけが読めます。相手にも、ほかの参加者にも見えません"
        )
        self.fields["know_how"].help_text = _(
            "相手の工夫、価格、取引先など。概要に同じ言葉があると警告します"
        )


class ReasonForm(forms.Form):
    reason = LongTextField(label=_("理由"), max_length=500, help_text=_("相手に届きます"))


class ParagraphForm(forms.Form):
    heading = TextField(label=_("見出し"), max_length=100)
    text = LongTextField(
        label=_("本文"), max_length=4_000, help_text=_("だれが言ったかが分からないように、まとめて書きます")
    )
    dialogues = ModelMultipleChoiceField(
        label=_("もとになった対話"),
        queryset=SoundingApplication.objects.none(),
        help_text=_("公表されません"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sounding: Sounding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["dialogues"]
        field.queryset = sounding.applications.filter(minutes__isnull=False)


class ConsentForm(forms.Form):
    comment = LongTextField(label=_("直してほしい点"), max_length=2_000, required=False)
