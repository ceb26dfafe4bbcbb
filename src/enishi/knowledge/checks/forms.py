"""Forms of checklists, their rules, and of what is checked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.forms import LongTextField, TextField
from enishi.knowledge.cases.values import read_names
from enishi.knowledge.checks.enums import Decision, RuleKind, Severity
from enishi.knowledge.checks.rules import Rule, day_of, number_of
from enishi.knowledge.models import Checklist
from enishi.knowledge.staff.forms import INSIDE, OwnedForm

MOST_TYPED = 2_000

NEEDS: dict[RuleKind, tuple[str, ...]] = {
    RuleKind.PRESENT: ("field",),
    RuleKind.DATE_BETWEEN: ("field", "low|high"),
    RuleKind.DATE_ORDER: ("field", "other"),
    RuleKind.NUMBER_BETWEEN: ("field", "low|high"),
    RuleKind.CHOICE: ("field", "words"),
    RuleKind.AGREE: ("field", "other"),
    RuleKind.DIFFER: ("field", "other"),
    RuleKind.SUM: ("field", "words"),
    RuleKind.LENGTH: ("field", "low|high"),
    RuleKind.WORDS: ("words",),
    RuleKind.NO_WORDS: ("words",),
    RuleKind.ATTACHMENT: (),
}
"""What each kind of rule cannot do without."""


class ChecklistForm(OwnedForm):
    title = TextField(
        label=gettext_lazy("題名"),
        max_length=120,
        help_text=gettext_lazy("例: 市民活動補助金 交付申請の点検"),
    )
    purpose = LongTextField(label=gettext_lazy("どの申請を点検するか"), max_length=2_000, required=False)
    is_active = forms.BooleanField(label=gettext_lazy("この点検表を使う"), required=False, initial=True)

    circles = INSIDE
    field_order = "title purpose organization section visibility is_active version token".split()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: Checklist | None = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {
                "title": record.title,
                "purpose": record.purpose,
                "is_active": record.is_active,
            }
        super().__init__(*args, **kwargs)


class RuleForm(forms.Form):
    """One rule. Which of the fields count depends on the kind; the page says so."""

    name = TextField(label=gettext_lazy("決まりの名前"), max_length=100, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=RuleKind.choices, required=False)
    field = TextField(
        label=gettext_lazy("どの欄を見るか"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("用紙の見出しのとおりに。例: 申請日"),
    )
    other = TextField(
        label=gettext_lazy("くらべる欄(添付では形式)"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("例: 事業終了日。添付なら .pdf"),
    )
    low = TextField(label=gettext_lazy("下限(日付・数・文字数・個数)"), max_length=40, required=False)
    high = TextField(label=gettext_lazy("上限(日付・数・文字数・日数)"), max_length=40, required=False)
    words = LongTextField(
        label=gettext_lazy("言葉(「、」で区切る)"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("選べる言葉、探す言葉、添付の名前、合計する欄の名前。"),
    )
    when_field = TextField(label=gettext_lazy("この欄が"), max_length=60, required=False)
    when_value = TextField(
        label=gettext_lazy("こう書かれているときだけ見る"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("空けておくと、何か書かれているとき。上の欄も空なら、いつも見る。"),
    )
    severity = forms.ChoiceField(label=gettext_lazy("重さ"), choices=Severity.choices, required=False)
    hint = TextField(label=gettext_lazy("申請した人への頼み方"), max_length=200, required=False)
    order = forms.IntegerField(label=gettext_lazy("順"), min_value=1, max_value=200, required=False)

    def clean_words(self) -> tuple[str, ...]:
        text = self.cleaned_data["words"] or ""
        return tuple(read_names(text)) if text.strip() else ()

    @property
    def shows_more(self) -> bool:
        """Whether one of the fields that mostly stay empty is filled or wrong: then it is not hidden away."""
        names = ("other", "low", "high", "words", "when_field", "when_value")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def caption(self) -> str:
        """The rule in one line: what is shown of it while it is closed."""
        kind = dict(self.fields["kind"].choices).get(self["kind"].value() or "", "")  # type: ignore[attr-defined]
        told = [self["name"].value(), kind, self["field"].value()]
        return " · ".join(dict.fromkeys(str(each) for each in told if each)) if told[0] or told[2] else ""

    @property
    def is_open(self) -> bool:
        """Whether there is something to do in it: it is new, or something in it has to be mended."""
        return bool(self.errors) or not self.caption

    @property
    def is_empty(self) -> bool:
        data = self.cleaned_data
        return not any(data.get(name) for name in ("name", "field", "other", "low", "high", "words", "hint"))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        data["kind"] = data.get("kind") or RuleKind.PRESENT.value
        data["severity"] = data.get("severity") or Severity.MUST.value
        if self.is_empty:
            return data
        kind = RuleKind(data["kind"])
        for need in NEEDS[kind]:
            names = need.split("|")
            if not any(data.get(name) for name in names):
                labels = _("か").join(f"「{self.fields[name].label}」" for name in names)
                sentence = _("「%(kind)s」の決まりには%(fields)sが要ります。") % {
                    "kind": kind.label,
                    "fields": labels,
                }
                self.add_error(names[0], ValidationError(sentence))
        self._check_limits(kind, data)
        data["name"] = (
            data.get("name")
            or f"{data.get('field') or '・'.join(data.get('words') or ()) or _('添付')}: {kind.label}"[:100]
        )
        return data

    def _check_limits(self, kind: RuleKind, data: dict[str, Any]) -> None:
        for name in ("low", "high"):
            written = data.get(name)
            if not written:
                continue
            if kind == RuleKind.DATE_BETWEEN and day_of(written) is None:
                self.add_error(name, ValidationError(_("日付で書いてください。例: 令和8年4月1日")))
            elif (
                kind in {RuleKind.NUMBER_BETWEEN, RuleKind.LENGTH, RuleKind.ATTACHMENT, RuleKind.DATE_ORDER}
                and number_of(written) is None
            ):
                self.add_error(name, ValidationError(_("数で書いてください。例: 100、50万円")))

    def rule(self) -> Rule:
        data = self.cleaned_data
        names = (
            "name",
            "kind",
            "field",
            "other",
            "low",
            "high",
            "severity",
            "hint",
            "when_field",
            "when_value",
        )
        return Rule(**{name: data.get(name) or "" for name in names}, words=tuple(data.get("words") or ()))


RuleFormSet = forms.formset_factory(RuleForm, extra=3, max_num=70, absolute_max=80)


def initial_rules(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**rule, "words": "、".join(rule.get("words", [])), "order": number * 10}
        for number, rule in enumerate(stored, start=1)
    ]


class SheetForm(forms.Form):
    sheet = forms.FileField(
        label=gettext_lazy("Excelかcsvの表"),
        help_text=gettext_lazy("点検表の「書き出す」で出る見出しのとおりに書いたもの。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class NoteForm(forms.Form):
    note = TextField(
        label=gettext_lazy("変えた理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("例: 要綱の改正(令和8年4月)にあわせて"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One or more files."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        single = super().clean
        if isinstance(data, list | tuple):
            found = [single(each, initial) for each in data if each]
            if not found and self.required:
                single(None, initial)
            return found
        return [single(data, initial)] if data or self.required else []


class UploadRunForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("申請の用紙"),
        help_text=gettext_lazy(
            "Word・Excel・CSV・文字の入ったPDF・メール(.eml、添付ごと)。10MBまで。マクロは動かさず、文字だけを読みます。"
        ),
    )
    attachments = SeveralFilesField(
        label=gettext_lazy("添付された書類"),
        required=False,
        help_text=gettext_lazy("名前と形式だけを見ます。中身は保存しません。"),
    )
    title = TextField(
        label=gettext_lazy("申請の名前"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("空けておくとファイル名になります。"),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class TypedRunForm(forms.Form):
    """One text field for each field the checklist reads."""

    title = TextField(label=gettext_lazy("申請の名前"), max_length=150)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, fields: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"value{number}": name for number, name in enumerate(fields)}
        for key, name in self.names.items():
            self.fields[key] = LongTextField(
                label=name, max_length=MOST_TYPED, required=False, widget=forms.Textarea(attrs={"rows": 1})
            )
        self.fields["attachments"] = LongTextField(
            label=_("添付のファイル名(一行に一つ)"),
            max_length=2_000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def typed(self) -> dict[str, str]:
        return {name: self.cleaned_data[key] or "" for key, name in self.names.items()}


class BatchForm(forms.Form):
    applications = SeveralFilesField(
        label=gettext_lazy("申請のファイル"),
        help_text=gettext_lazy(
            "いくつか選ぶか、フォルダーをzipにして選びます。フォルダーが分かれていれば、一つのフォルダーを一件として点検します。"
        ),
    )
    title = TextField(label=gettext_lazy("題名"), max_length=150, required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("判断"),
        choices=[choice for choice in Decision.choices if choice[0]],
        widget=forms.RadioSelect,
    )
    note = LongTextField(
        label=gettext_lazy("理由"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("補正を頼むとき、受け付けないときは必ず書きます。"),
    )
