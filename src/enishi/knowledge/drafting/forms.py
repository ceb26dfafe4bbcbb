"""Forms of templates and drafts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.forms import LongTextField, TextField, WarekiDateField
from enishi.knowledge.drafting import sections
from enishi.knowledge.drafting.carrying import year_of
from enishi.knowledge.drafting.enums import DraftKind, MinutesKind
from enishi.knowledge.drafting.questions import questions_of
from enishi.knowledge.drafting.selectors import templates
from enishi.knowledge.models import DraftTemplate
from enishi.knowledge.staff.forms import INSIDE, OwnedForm
from enishi.organizations.enums import Visibility

MOST_MATERIAL = 200_000


class SectionsField(LongTextField):
    """Headings, guides, what to look for and fixed sentences, as one text."""

    def clean(self, value: Any) -> Any:
        return sections.read_sections(super().clean(value) or "")


class TemplateForm(OwnedForm):
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=DraftKind.choices)
    title = TextField(
        label=gettext_lazy("題名"), max_length=120, help_text=gettext_lazy("例: 一般質問の答弁(企画課)")
    )
    parts = SectionsField(
        label=gettext_lazy("見出しと決まった文"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy(
            "「## 」で始まる行が見出し、「> 」は書く人への案内、「? 」は過去の資料を探す言葉、そのほかの行はいつも入る文です(「? 」より下の行は、借りた文のうしろに入ります)。"
            "{何について}{どこの}{何年度}{題名}{担当課}は起案のときの言葉に、見出しの{質問}は通告の質問一つずつに置き換わります。"
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("このひな型を使う"), required=False, initial=True)

    circles = (Visibility.INTERNAL, Visibility.SECTION, Visibility.MEMBERS)
    field_order = "kind title parts organization section visibility is_active version token".split()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: DraftTemplate | None = kwargs.get("record")
        kind = DraftKind.COUNCIL
        if record is not None:
            kwargs["initial"] = stored(record)
        else:
            chosen = kwargs.get("initial", {}).get("kind", "")
            kind = DraftKind(chosen) if chosen in DraftKind.values else kind
            usual = [part.stored() for part in sections.usual(kind)]
            kwargs["initial"] = {"kind": kind.value, "parts": sections.in_words(usual)}
        super().__init__(*args, **kwargs)
        if record is not None:
            self.fields["kind"].disabled = True


def stored(template: DraftTemplate) -> dict[str, Any]:
    return {
        "kind": template.kind,
        "title": template.title,
        "parts": sections.in_words(template.sections),
        "is_active": template.is_active,
    }


class DraftForm(OwnedForm):
    title = TextField(label=gettext_lazy("題名"), max_length=150)
    topic = TextField(
        label=gettext_lazy("何について"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("過去の資料を探すもとになります。例: 高齢者の見守りと民間事業者との連携"),
    )
    template = forms.ModelChoiceField(
        label=gettext_lazy("ひな型"),
        queryset=DraftTemplate.objects.none(),
        required=False,
        empty_label=gettext_lazy("はじめから入っている形"),
    )
    place = TextField(
        label=gettext_lazy("どこの"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("空けておくと自分の団体。ほかの地名の文に印が付きます。"),
    )
    year = TextField(
        label=gettext_lazy("何年度の"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("例: 令和8年度。ほかの年度の文に印が付きます。"),
    )
    material = LongTextField(
        label=gettext_lazy("もとの文章"),
        max_length=MOST_MATERIAL,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    file = forms.FileField(
        label=gettext_lazy("もとの文章のファイル"),
        required=False,
        help_text=gettext_lazy("Word・PDF・文章(txt)。上の欄に貼り付ける代わりに。"),
    )

    circles = INSIDE
    field_order = (
        "title topic template place year material file organization section visibility version token".split()
    )

    def __init__(self, *args: Any, kind: DraftKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        template: Any = self.fields["template"]
        template.queryset = templates(kwargs["person"], kind=kind.value).filter(is_active=True)
        self.fields["material"].help_text = MATERIAL[kind]
        if kind == DraftKind.MINUTES:
            for name in ("topic", "place", "year"):
                del self.fields[name]
        elif kind == DraftKind.COUNCIL:
            self.fields["topic"].help_text = _("空けておくと、通告文の質問から取ります。")
        else:
            self.fields["topic"].required = True
        self.kind = kind

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        is_bare = not (data.get("topic") or data.get("file") or questions_of(data.get("material") or ""))
        if self.kind == DraftKind.COUNCIL and is_bare and "topic" not in self.errors:
            self.add_error("topic", ValidationError(_("何についてかを書くか、通告文を貼り付けてください。")))
        return data

    def clean_year(self) -> int | None:
        written = (self.cleaned_data["year"] or "").strip()
        if not written:
            return None
        year = (
            int(written)
            if written.isascii() and written.isdigit() and len(written) == 4
            else year_of(f"{written.rstrip('年度')}年度")
        )
        if year is None or not 1950 <= year <= 2200:
            raise ValidationError(_("年度として読めません。例: 令和8年度、2026"))
        return year


MATERIAL = {
    DraftKind.PLAN: gettext_lazy("計画に入れたい要点やメモがあれば。"),
    DraftKind.EVALUATION: gettext_lazy(
        "今年度の実績のメモがあれば。ここに書いた数は「この起案の数」として扱います。"
    ),
    DraftKind.COUNCIL: gettext_lazy(
        "議員の質問の通告文を貼り付けます。「(1)」「1点目」などの質問ごとに見出しを作り、答えになる文をさがします。"
    ),
    DraftKind.MINUTES: gettext_lazy("議事録の文章をそのまま貼り付けます。決まったことと宿題を抜き出します。"),
    DraftKind.PRESS: gettext_lazy("日時・場所・内容のメモがあれば。"),
    DraftKind.REPLY: gettext_lazy("届いた提案の文章を貼り付けます。"),
    DraftKind.LETTER: gettext_lazy("伝えたい要点があれば。"),
}


class ItemForm(forms.Form):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=MinutesKind.choices, required=False)
    text = TextField(label=gettext_lazy("内容"), max_length=500, required=False)
    owner = TextField(label=gettext_lazy("だれが"), max_length=100, required=False)
    due_on = WarekiDateField(label=gettext_lazy("いつまでに"), required=False)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        data["kind"] = data.get("kind") or MinutesKind.HOMEWORK.value
        if (data.get("owner") or data.get("due_on")) and not data.get("text"):
            self.add_error(
                "text", ValidationError(_("内容を書いてください。消すときは、この段の欄をすべて空にします。"))
            )
        return data


ItemFormSet = forms.formset_factory(ItemForm, extra=2, max_num=220, absolute_max=230)
