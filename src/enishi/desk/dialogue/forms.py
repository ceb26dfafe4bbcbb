from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.desk.dialogue.models import Meeting
from enishi.desk.dialogue.services import Promise
from enishi.desk.enums import Speaker
from enishi.foundation.forms import LongTextField, TextField, WarekiDateField, formfield

PROMISES = 3


class MeetingForm(forms.ModelForm[Meeting]):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = (
            "held_on", "place", "attendees", "minutes", "decisions", "internal_note", "is_shared",
        )  # fmt: skip
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["internal_note"].help_text = _("提案者には決して見えません")
        self.fields["is_shared"].help_text = _("話したこと・決まったこと・宿題が提案者に見えます")


class PromiseForm(forms.Form):
    what = TextField(label=_("すること"), max_length=300, required=False)
    side = forms.ChoiceField(label=_("どちらの宿題か"), choices=Speaker.choices, required=False)
    owner_name = TextField(label=_("担当"), max_length=100, required=False)
    due_on = WarekiDateField(label=_("期限"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("what"):
            if not cleaned.get("owner_name"):
                self.add_error("owner_name", _("だれの宿題かを書いてください。"))
            if not cleaned.get("due_on") and "due_on" not in self.errors:
                self.add_error("due_on", _("いつまでかを書いてください。例: 令和8年12月1日"))
        return cleaned


PromiseFormSet = forms.formset_factory(PromiseForm, extra=PROMISES, max_num=10)


def promises_of(formset: Any) -> list[Promise]:
    return [
        Promise(Speaker(row["side"] or Speaker.DESK), row["owner_name"], row["what"], row["due_on"])
        for row in formset.cleaned_data
        if row.get("what")
    ]


class NoteForm(forms.Form):
    body = LongTextField(label=_("庁内メモ"), max_length=4_000, help_text=_("庁内の人だけが読めます"))
