"""Forms of cases, their steps and sources, and of learning paths."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.forms import LongTextField, TextField, WarekiDateField
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.registry import Contribution
from enishi.knowledge.cases.values import CaseValues, figures_in_words, read_figures, read_names
from enishi.knowledge.models import Case, CaseStep, Document, LearningItem, LearningPath
from enishi.knowledge.staff.forms import INSIDE, WIDE, OwnedForm
from enishi.organizations.enums import Visibility

MOST_DOCUMENTS = 300


class NamesField(TextField):
    """Names with commas between, read as a list."""

    def clean(self, value: Any) -> Any:
        return read_names(super().clean(value) or "")


class FiguresField(LongTextField):
    def clean(self, value: Any) -> Any:
        return read_figures(super().clean(value) or "")


class CaseForm(OwnedForm):
    title = TextField(
        label=gettext_lazy("題名"),
        max_length=120,
        help_text=gettext_lazy("何をして、どうなったかが一目で分かる短い文。"),
    )
    situation = LongTextField(
        label=gettext_lazy("状況"),
        max_length=4_000,
        help_text=gettext_lazy("だれが、どこで、何に困っていたか。"),
    )
    action = LongTextField(label=gettext_lazy("したこと"), max_length=4_000)
    result = LongTextField(
        label=gettext_lazy("結果"),
        max_length=4_000,
        help_text=gettext_lazy("うまくいかなかったことも、そのまま書いてください。"),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("うまくいったか"), choices=CaseOutcome.choices, widget=forms.RadioSelect
    )
    cause = LongTextField(label=gettext_lazy("そうなった理由"), max_length=4_000, required=False)
    lesson = LongTextField(
        label=gettext_lazy("教訓"),
        max_length=4_000,
        required=False,
        help_text=gettext_lazy("次の人が気をつけること。一つずつ改行して書きます。"),
    )
    transfer = LongTextField(
        label=gettext_lazy("ほかの地域で使うための条件"),
        max_length=4_000,
        required=False,
        help_text=gettext_lazy("何がそろっていればほかでもうまくいくか。人数、費用、協力する団体など。"),
    )
    place = TextField(
        label=gettext_lazy("場所"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("例: 北海道○○町、あおば市 杉原地区"),
    )
    partner = TextField(label=gettext_lazy("相手"), max_length=200, required=False)
    fields_ = NamesField(
        label=gettext_lazy("分野"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("「、」で区切ります。例: 食、観光"),
    )
    themes = NamesField(
        label=gettext_lazy("テーマ"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("例: 学校給食、地産地消、実証実験"),
    )
    started_on = WarekiDateField(label=gettext_lazy("始まり"), required=False)
    ended_on = WarekiDateField(label=gettext_lazy("終わり"), required=False)
    figures = FiguresField(
        label=gettext_lazy("数字"),
        max_length=6_000,
        required=False,
        help_text=gettext_lazy("一行に一つ、「名前|数|単位|出典」。例: 参加者|120|人|実施報告書 3ページ"),
    )
    source_note = TextField(
        label=gettext_lazy("出典"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("この事例をどの資料、だれの話から書いたか。"),
    )
    source_url = forms.URLField(
        label=gettext_lazy("出典のアドレス"), max_length=500, required=False, assume_scheme="https"
    )

    circles = WIDE
    field_order = (
        "title situation action result outcome cause lesson transfer place partner fields_ themes started_on ended_on "
        "figures source_note source_url organization section visibility version token"
    ).split()

    def __init__(self, *args: Any, contribution: Contribution | None = None, **kwargs: Any) -> None:
        record: Case | None = kwargs.get("record")
        told = stored(record) if record is not None else begun(contribution)
        kwargs["initial"] = {**told, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        rows = {"situation": 5, "action": 5, "result": 5, "figures": 3}
        for name, number in rows.items():
            self.fields[name].widget.attrs["rows"] = number

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("started_on"), data.get("ended_on")
        if begins and ends and ends < begins:
            self.add_error(
                "ended_on", ValidationError(_("終わりの日が始まりの日より前です。日付を確かめてください。"))
            )
        return data

    def values(self) -> CaseValues:
        data = self.cleaned_data
        names = (
            "title situation action result outcome cause lesson transfer place partner themes figures started_on "
            "ended_on source_note source_url visibility"
        ).split()
        section = data.get("section")
        return CaseValues(
            **{name: data[name] for name in names},
            fields=data["fields_"],
            section_id=section.pk if section else None,
        )


def stored(case: Case) -> dict[str, Any]:
    names = (
        "title situation action result outcome cause lesson transfer place partner started_on ended_on source_note "
        "source_url"
    ).split()
    return {
        **{name: getattr(case, name) for name in names},
        "fields_": "、".join(case.fields),
        "themes": "、".join(case.themes),
        "figures": figures_in_words(case.figures),
    }


def begun(contribution: Contribution | None) -> dict[str, Any]:
    """A new form: empty, or begun with what the record that ended tells of itself."""
    if contribution is None:
        return {}
    names = "title situation action result outcome cause lesson place partner started_on ended_on".split()
    return {
        **{name: getattr(contribution, name) for name in names},
        "fields_": "、".join(contribution.fields),
        "organization": contribution.organization_id,
        "section": contribution.section_id,
        "visibility": Visibility.INTERNAL,
    }


class DocumentChoiceField(forms.ModelChoiceField[Document]):
    """One of the documents this person may read, the newest first."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Document.objects.none())
        kwargs.setdefault("required", False)
        kwargs.setdefault("empty_label", gettext_lazy("選ばない"))
        super().__init__(**kwargs)

    def offer(self, keys: Sequence[int]) -> None:
        self.queryset = Document.objects.filter(pk__in=keys).defer("text").order_by("title", "pk")


def document_keys(person: Person) -> list[int]:
    """The documents a choice offers: asked once for all rows of a form."""
    newest = Document.objects.all().visible_to(person).order_by("-updated_at")
    return list(newest.values_list("pk", flat=True)[:MOST_DOCUMENTS])


def case_keys(person: Person) -> list[int]:
    newest = case_access.visible(person).order_by("-updated_at")
    return list(newest.values_list("pk", flat=True)[:MOST_DOCUMENTS])


class StepForm(forms.Form):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = TextField(label=gettext_lazy("すること"), max_length=120, required=False)
    who = TextField(label=gettext_lazy("だれが"), max_length=100, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("かかった日数"), min_value=0, max_value=3_650, required=False
    )
    detail = LongTextField(
        label=gettext_lazy("くわしく"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    document = DocumentChoiceField(label=gettext_lazy("使った文書(資料から)"))

    def __init__(self, *args: Any, documents: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Any = self.fields["document"]
        document.offer(documents)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        rest = [data.get(name) for name in ("who", "detail", "document", "days")]
        if any(each not in (None, "") for each in rest) and not data.get("title"):
            self.add_error(
                "title",
                ValidationError(
                    _("「すること」を書いてください。消すときは、この段の欄をすべて空にします。")
                ),
            )
        return data


class SourceForm(forms.Form):
    label = TextField(label=gettext_lazy("資料の名前"), max_length=200, required=False)
    url = TextField(label=gettext_lazy("アドレス"), max_length=500, required=False)
    document = DocumentChoiceField(label=gettext_lazy("ここにある資料"))
    passage_order = forms.IntegerField(
        label=gettext_lazy("資料の箇所(番号)"), min_value=0, max_value=100_000, required=False
    )
    quote = LongTextField(
        label=gettext_lazy("引用"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, documents: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Any = self.fields["document"]
        document.offer(documents)

    def clean_url(self) -> str:
        url: str = (self.cleaned_data["url"] or "").strip()
        if url and not url.startswith(("https://", "http://", "/")):
            raise ValidationError(_("http:// か https:// で始まるアドレスを書いてください。"))
        return url

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        document = data.get("document")
        if document is not None and not data.get("label"):
            data["label"] = document.title[:200]
        if not data.get("label") and (data.get("url") or data.get("quote")):
            self.add_error("label", ValidationError(_("資料の名前を書いてください。")))
        return data


StepFormSet = forms.formset_factory(StepForm, extra=3, max_num=30, absolute_max=40)
SourceFormSet = forms.formset_factory(SourceForm, extra=2, max_num=20, absolute_max=30)


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("文書"),
        help_text=gettext_lazy("手紙、様式、記録など。10MBまで。個人の名前は消してから。"),
    )
    step = forms.ModelChoiceField(
        label=gettext_lazy("どの手順で使ったか"),
        queryset=CaseStep.objects.none(),
        required=False,
        empty_label=gettext_lazy("手順によらない"),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step: Any = self.fields["step"]
        step.queryset = case.steps.all()


class PathForm(OwnedForm):
    title = TextField(
        label=gettext_lazy("題名"), max_length=120, help_text=gettext_lazy("例: 企画課に来た人の最初の一週間")
    )
    purpose = LongTextField(label=gettext_lazy("ねらい"), max_length=2_000, required=False)

    circles = INSIDE
    field_order = "title purpose organization section visibility version token".split()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: LearningPath | None = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {"title": record.title, "purpose": record.purpose}
        super().__init__(*args, **kwargs)


class ItemForm(forms.Form):
    title = TextField(label=gettext_lazy("読むもの"), max_length=150, required=False)
    case = forms.ModelChoiceField(
        label=gettext_lazy("事例"),
        queryset=Case.objects.none(),
        required=False,
        empty_label=gettext_lazy("選ばない"),
    )
    document = DocumentChoiceField(label=gettext_lazy("資料"))
    url = TextField(label=gettext_lazy("そのほかのアドレス"), max_length=500, required=False)
    note = TextField(label=gettext_lazy("どこに目を向けるか"), max_length=300, required=False)
    minutes = forms.IntegerField(label=gettext_lazy("めやすの分"), min_value=1, max_value=600, required=False)

    def __init__(self, *args: Any, documents: Sequence[int], cases: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Any = self.fields["document"]
        document.offer(documents)
        case: Any = self.fields["case"]
        case.queryset = Case.objects.filter(pk__in=cases).order_by("title", "pk")

    def clean_url(self) -> str:
        url: str = (self.cleaned_data["url"] or "").strip()
        if url and not url.startswith(("https://", "http://", "/")):
            raise ValidationError(_("http:// か https:// で始まるアドレスを書いてください。"))
        return url

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        target = data.get("case") or data.get("document")
        if target is not None and not data.get("title"):
            data["title"] = str(target)[:150]
        if not data.get("title") and (data.get("url") or data.get("note")):
            self.add_error("title", ValidationError(_("読むものの名前を書いてください。")))
        return data


ItemFormSet = forms.formset_factory(ItemForm, extra=3, max_num=40, absolute_max=50)


def items_of(path: LearningPath) -> list[dict[str, Any]]:
    rows: list[LearningItem] = list(path.items.all())
    return [
        {
            "title": row.title,
            "case": row.case_id,
            "document": row.document_id,
            "url": row.url,
            "note": row.note,
            "minutes": row.minutes,
        }
        for row in rows
    ]


class CaseImportForm(OwnedForm):
    file = forms.FileField(
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy("Excel(.xlsx)か CSV(UTF-8、Shift_JIS)。1行目は見出しにしてください。"),
    )

    circles = (Visibility.INTERNAL, Visibility.MEMBERS, Visibility.PUBLIC)
    field_order = "file organization section visibility version token".split()
