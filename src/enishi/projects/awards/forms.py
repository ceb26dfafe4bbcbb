from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation.forms import LongTextField, ModelMultipleChoiceField, TextField
from enishi.organizations.models import Organization
from enishi.projects.awards.models import AwardCall
from enishi.projects.awards.services import MOST_POINTS, USUAL_CRITERIA, possible_jurors
from enishi.projects.forms import RowForm, row_field
from enishi.projects.models import Project
from enishi.projects.pages import now


class CallForm(RowForm):
    criteria = LongTextField(
        label=_("審査の観点"),
        max_length=1_000,
        required=False,
        help_text=_("一行に一つ。審査員が、観点ごとに1から5の点を付けます。"),
    )

    class Meta:
        model = AwardCall
        fields = (
            "title",
            "purpose",
            "method",
            "entries_from",
            "entries_until",
            "judging_from",
            "judging_until",
            "prizes",
        )
        formfield_callback = row_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        call = kwargs.get("instance")
        names = call.criteria if call is not None and call.pk else USUAL_CRITERIA
        self.initial.setdefault("criteria", "\n".join(names))


class EntryForm(forms.Form):
    project = forms.ModelChoiceField(label=_("事業"), queryset=Project.objects.none())
    title = TextField(label=_("見出し"), max_length=80)
    appeal = LongTextField(
        label=_("伝えたいこと"), max_length=2_000, help_text=_("だれでも読めるページに、このまま出ます。")
    )
    team = TextField(
        label=_("取り組んだ人たち"),
        max_length=300,
        help_text=_("名前を出してよいと確かめた団体や人だけを書いてください。"),
    )

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["project"].queryset = projects


class VoteForm(forms.Form):
    email = forms.EmailField(
        label=_("メールアドレス"),
        max_length=254,
        help_text=_("確認のメールを送ります。送ったあと、アドレスは記録に残しません。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class JurorsForm(forms.Form):
    persons = ModelMultipleChoiceField(label=_("審査員"), queryset=Person.objects.none(), required=False)

    def __init__(self, *args: Any, house: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        keys = [person.pk for person in possible_jurors(house, now())]
        fields["persons"].queryset = Person.objects.filter(pk__in=keys).order_by("kana", "pk")


class ScoreForm(forms.Form):
    comment = TextField(label=_("ひとこと"), max_length=500, required=False)

    def __init__(self, *args: Any, criteria: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(point, str(point)) for point in range(1, MOST_POINTS + 1)]
        fields = {
            f"point{index}": forms.TypedChoiceField(
                label=name, choices=choices, coerce=int, widget=forms.RadioSelect
            )
            for index, name in enumerate(criteria)
        }
        self.fields = {**fields, **self.fields}

    def points(self) -> list[int]:
        return [value for name, value in self.cleaned_data.items() if name.startswith("point")]
