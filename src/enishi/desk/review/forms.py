"""What the office, the reviewers and the chair write in a review."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.desk.review.enums import Interest
from enishi.desk.review.models import Review, ReviewCriterion, ReviewEntry, Score
from enishi.desk.review.services import proposer_of
from enishi.foundation.forms import LongTextField, MultipleChoiceField, TextField, formfield


class ReviewForm(forms.ModelForm[Review]):
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Review
        fields = ("title", "most_points", "floor_percent", "tie_rule", "scoring_due_on")
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["floor_percent"].help_text = _("合計がこれに届かない提案には、印が付きます")
        self.fields["floor_percent"].widget.attrs["max"] = 100

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not 1 <= (cleaned.get("most_points") or 0) <= 100:
            self.add_error("most_points", _("満点は1から100までの整数で書いてください。"))
        if (cleaned.get("floor_percent") or 0) > 100:
            self.add_error("floor_percent", _("最低基準は0から100までで書いてください。"))
        return cleaned


class SeatForm(forms.Form):
    email = forms.EmailField(
        label=_("審査する人のメールアドレス"),
        help_text=_(
            "利用者でない外部の方には、「外部の委員」に印を付けると招待のメールが届き、受けた時点で席に着きます"
        ),
    )
    affiliation = TextField(label=_("所属・肩書"), max_length=150, required=False)
    is_external = forms.BooleanField(label=_("外部の委員"), required=False)
    is_chair = forms.BooleanField(label=_("委員長"), required=False)

    def clean(self) -> dict[str, Any]:
        """Inside, people are known; an outsider who is not gets an invitation."""
        cleaned: dict[str, Any] = super().clean() or {}
        email = str(cleaned.get("email") or "").lower()
        self.person = Person.objects.filter(email__iexact=email, is_active=True).first() if email else None
        if email and self.person is None and not cleaned.get("is_external"):
            self.add_error(
                "email",
                forms.ValidationError(
                    _(
                        "「%(email)s」の利用者はいません。外部の方なら「外部の委員」に印を付けてください。招待のメールを送ります。"
                    ),
                    params={"email": email},
                ),
            )
        return cleaned


class DeclarationForm(forms.Form):
    """One group of questions for each proposer."""

    def __init__(self, *args: Any, entries: Sequence[ReviewEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        for entry in entries:
            name = proposer_of(entry.proposal)
            self.fields[f"none_{entry.pk}"] = forms.BooleanField(
                label=_now("%(name)sとの利害関係はありません") % {"name": name}, required=False
            )
            self.fields[f"interests_{entry.pk}"] = MultipleChoiceField(
                label=_now("%(name)sとの利害関係") % {"name": name}, choices=Interest.choices, required=False
            )
            self.fields[f"details_{entry.pk}"] = TextField(
                label=_now("%(name)sとの関係の内容") % {"name": name}, max_length=500, required=False
            )

    def groups(self) -> list[tuple[ReviewEntry, str, Any, Any, Any]]:
        return [
            (
                entry,
                proposer_of(entry.proposal),
                self[f"none_{entry.pk}"],
                self[f"interests_{entry.pk}"],
                self[f"details_{entry.pk}"],
            )
            for entry in self.entries
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for entry in self.entries:
            none, ties = cleaned.get(f"none_{entry.pk}"), cleaned.get(f"interests_{entry.pk}")
            if bool(none) == bool(ties):
                self.add_error(
                    f"none_{entry.pk}", _("「ありません」か、当てはまる関係のどちらかを選んでください。")
                )
            if ties and not cleaned.get(f"details_{entry.pk}"):
                self.add_error(f"details_{entry.pk}", _("関係の内容を書いてください。"))
        return cleaned

    def answers(self) -> dict[int, tuple[list[str], str]]:
        return {
            entry.pk: (
                list(self.cleaned_data[f"interests_{entry.pk}"]),
                self.cleaned_data[f"details_{entry.pk}"],
            )
            for entry in self.entries
        }


class ScoreForm(forms.Form):
    """Points and a reason for each criterion of one proposal."""

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[ReviewCriterion],
        most: int,
        known: Sequence[Score] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria, before = criteria, {score.criterion_id: score for score in known}
        for each in criteria:
            mine = before.get(each.pk)
            self.fields[f"points_{each.pk}"] = forms.TypedChoiceField(
                label=_now("%(name)s の点") % {"name": each.name},
                help_text=each.description,
                coerce=int,
                choices=[
                    ("", _now("選んでください")),
                    *((value, str(value)) for value in range(most, -1, -1)),
                ],
                initial=mine.points if mine else "",
            )
            self.fields[f"comment_{each.pk}"] = TextField(
                label=_now("%(name)s の理由") % {"name": each.name},
                max_length=500,
                required=False,
                initial=mine.comment if mine else "",
            )

    def points(self) -> dict[int, tuple[int, str]]:
        return {
            each.pk: (self.cleaned_data[f"points_{each.pk}"], self.cleaned_data[f"comment_{each.pk}"])
            for each in self.criteria
        }


class DiscussForm(forms.Form):
    reason = TextField(
        label=_("全員がそろう前に開く理由"),
        max_length=300,
        required=False,
        help_text=_("全員が出していれば不要です"),
    )


class RevisionForm(forms.Form):
    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"] = forms.TypedChoiceField(
            label=_("新しい点"), coerce=int, choices=[(value, str(value)) for value in range(most, -1, -1)]
        )
        self.fields["reason"] = LongTextField(
            label=_("変える理由"), max_length=500, help_text=_("前の点と理由が記録に残ります")
        )


class OrderForm(forms.Form):
    order = forms.IntegerField(label=_("同点のなかでの順"), min_value=1, max_value=100)
    reason = LongTextField(label=_("順を決めた理由"), max_length=500)


class ConclusionForm(forms.Form):
    conclusion = LongTextField(
        label=_("審査のまとめ"), max_length=4_000, help_text=_("なぜこの順になったか。決裁の書類に写されます")
    )
