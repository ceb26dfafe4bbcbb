"""What an officer writes to answer, to decide, to pass on and to let others learn."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enishi.desk.decisions.enums import AGAINST, FOR, FirstVerdict, Reason, Verdict
from enishi.desk.decisions.procurement import KINDS, BodyKind, Ground, kinds_of_contract
from enishi.foundation.forms import LongTextField, MultipleChoiceField, TextField, YenField

_ALL = [(reason.value, reason.label) for reason in Reason]


class FirstReplyForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("お返事"), choices=FirstVerdict.choices, widget=forms.RadioSelect, initial=FirstVerdict.GO_ON
    )
    reasons = MultipleChoiceField(label=_("理由"), choices=_ALL, help_text=_("お返事に合うものを選びます"))
    sentence = TextField(
        label=_("理由のひとこと"), max_length=500, help_text=_("何が決め手か、何が違えば進むかを書きます")
    )
    text = LongTextField(
        label=_("返信の本文"), max_length=8_000, help_text=_("提案者に届きます。下書きは自由に直せます")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        return _with_fitting_reasons(self, FirstVerdict.GO_ON)


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(label=_("決定"), choices=Verdict.choices, widget=forms.RadioSelect)
    reasons = MultipleChoiceField(label=_("理由"), choices=_ALL, help_text=_("決定に合うものを選びます"))
    sentence = LongTextField(label=_("理由の説明"), max_length=2_000, help_text=_("通知の文書に載ります"))
    conditions = LongTextField(label=_("付した条件"), max_length=2_000, required=False)
    letter_number = TextField(label=_("文書番号"), max_length=60, required=False)
    signatory = TextField(
        label=_("通知の名義"), max_length=100, required=False, help_text=_("例: あおば市長 水瀬 千景")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        return _with_fitting_reasons(self, Verdict.ADOPTED, Verdict.TRIAL)


def _with_fitting_reasons(form: Any, *good: str) -> dict[str, Any]:
    """Reasons against do not explain a yes, and the other way round."""
    cleaned: dict[str, Any] = form.cleaned_data
    verdict, reasons = cleaned.get("verdict"), cleaned.get("reasons") or []
    fitting = FOR if verdict in good else AGAINST
    strange = [str(Reason(each).label) for each in reasons if each not in fitting]
    if verdict and strange:
        form.add_error(
            "reasons",
            forms.ValidationError(
                _("「%(names)s」は、この返事の理由になりません。選び直してください。"),
                params={"names": _("、").join(strange)},
            ),
        )
    return cleaned


class PublishForm(forms.Form):
    public_text = LongTextField(label=_("公表する文"), max_length=2_000)
    names_proposer = forms.BooleanField(label=_("提案者の名前も公表する(了解を得ています)"), required=False)


class LearnedForm(forms.Form):
    title = TextField(label=_("題名"), max_length=120, help_text=_("だれの提案か分からない題にします"))
    tried = LongTextField(label=_("何をしようとしたか"), max_length=2_000)
    why = LongTextField(label=_("なぜ進まなかったか"), max_length=2_000)
    advice = LongTextField(label=_("次に生かせること"), max_length=2_000, required=False)
    reasons = MultipleChoiceField(label=_("理由"), choices=[(each.value, each.label) for each in AGAINST])
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class PackForm(forms.Form):
    ground = forms.ChoiceField(label=_("契約の方法"), choices=Ground.choices)
    kind = forms.ChoiceField(label=_("契約の種類"), choices=[])
    price_yen = YenField(label=_("予定価格"), required=False, min_value=0)
    body = forms.ChoiceField(label=_("自治体の区分"), choices=BodyKind.choices, initial=BodyKind.CITY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(each, KINDS.get(each, each)) for each in kinds_of_contract()]
        kind.initial = kinds_of_contract()[-1]
