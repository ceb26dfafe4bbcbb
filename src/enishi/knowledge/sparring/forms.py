"""Forms of sparring."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from enishi.foundation.forms import MultipleChoiceField, TextField
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.forms import NamesField
from enishi.knowledge.sparring.understanding import LONGEST, MOST_LESSONS, Understood
from enishi.organizations.prefectures import PREFECTURES


class QuestionForm(forms.Form):
    text = TextField(label=gettext_lazy("問い"), max_length=LONGEST)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class CorrectionForm(forms.Form):
    """How the question was understood, to be put right by hand."""

    prefecture = forms.ChoiceField(
        label=gettext_lazy("都道府県"),
        required=False,
        choices=[("", gettext_lazy("どこでも")), *PREFECTURES.items()],
    )
    place = TextField(label=gettext_lazy("市町村の名前"), max_length=60, required=False)
    fields_ = MultipleChoiceField(label=gettext_lazy("分野"), required=False)
    themes = NamesField(
        label=gettext_lazy("言葉"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("「、」で区切ります。空けておくと問いません。"),
    )
    outcomes = MultipleChoiceField(
        label=gettext_lazy("終わり方"), required=False, choices=CaseOutcome.choices
    )
    lessons = forms.IntegerField(
        label=gettext_lazy("気をつけることの数"), min_value=1, max_value=MOST_LESSONS
    )

    def __init__(self, *args: Any, found: Understood, fields: list[str], **kwargs: Any) -> None:
        several = len(found.prefectures) > 1
        kwargs.setdefault(
            "initial",
            {
                "prefecture": "several" if several else (found.prefectures[0] if found.prefectures else ""),
                "place": found.place,
                "fields_": list(found.fields),
                "themes": "、".join(found.themes),
                "outcomes": list(found.outcomes),
                "lessons": found.lessons,
            },
        )
        super().__init__(*args, **kwargs)
        self.found = found
        choice: Any = self.fields["fields_"]
        choice.choices = [(name, name) for name in dict.fromkeys([*found.fields, *fields])]
        if several:
            prefecture: Any = self.fields["prefecture"]
            names = "・".join(PREFECTURES[code] for code in found.prefectures)
            prefecture.choices = [("several", names), *prefecture.choices]

    def changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        chosen = data["prefecture"]
        codes = list(self.found.prefectures) if chosen == "several" else [chosen] if chosen else []
        return {
            "prefectures": codes,
            "place": data["place"] or "",
            "fields": data["fields_"],
            "themes": data["themes"],
            "outcomes": data["outcomes"],
            "lessons": data["lessons"],
        }
