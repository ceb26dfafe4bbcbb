"""Forms of collections, documents and words that mean the same."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.forms import LongTextField, TextField, WarekiDateField
from enishi.knowledge.documents import synonyms
from enishi.knowledge.documents.access import collection_access
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.documents.models import Collection, Document
from enishi.knowledge.staff.forms import OwnedForm
from enishi.language.extracting.documents import ENDINGS

MOST_FILES = 100
ACCEPTED = ",".join(sorted(ENDINGS))


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; an empty one is refused by its name when the others are kept, not together with them."""

    widget = FilesInput(attrs={"accept": ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> Any:
        single = super().clean
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_FILES:
            raise ValidationError(
                _("一度に選べるのは%(limit)d個までです。残りは分けて加えてください。") % {"limit": MOST_FILES}
            )
        return [single(file, initial) for file in files]


class CollectionForm(OwnedForm):
    name = TextField(label=gettext_lazy("資料集の名前"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=DocumentKind.choices)
    description = LongTextField(
        label=gettext_lazy("説明"),
        max_length=2_000,
        required=False,
        help_text=gettext_lazy("どんな資料を集めるか、だれが新しくするか。"),
    )

    field_order = ("name", "kind", "description", "organization", "section", "visibility")

    def __init__(self, *args: Any, record: Collection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        if record is not None:
            for name in ("name", "kind", "description"):
                self.fields[name].initial = getattr(record, name)

    def values(self) -> dict[str, Any]:
        names = ("name", "kind", "description", "section", "visibility")
        return {name: self.cleaned_data[name] for name in names}


class UploadForm(forms.Form):
    """Files for a collection; what is asked beside them holds for all of them."""

    collection = forms.ModelChoiceField(
        label=gettext_lazy("資料集"), queryset=Collection.objects.none(), empty_label=None
    )
    papers = FilesField(
        allow_empty_file=True,
        label=gettext_lazy("ファイル"),
        help_text=gettext_lazy(
            "PDF・Word・Excel・PowerPoint・HTML・テキスト・メール(.eml)を、一度に100個まで。1個200MBまで。"
        ),
    )
    publisher = TextField(label=gettext_lazy("発行者"), max_length=120, required=False)
    published_on = WarekiDateField(label=gettext_lazy("発行日"), required=False)
    valid_to = WarekiDateField(
        label=gettext_lazy("有効期限"),
        required=False,
        help_text=gettext_lazy("この日を過ぎると、いまの情報としては答えません。"),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        collection: Any = self.fields["collection"]
        collection.queryset = collection_access.writable(person).order_by("name", "pk")

    def values(self) -> dict[str, Any]:
        names = ("publisher", "published_on", "valid_to")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class DocumentForm(OwnedForm):
    title = TextField(label=gettext_lazy("題名"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=DocumentKind.choices)
    source_url = forms.URLField(
        label=gettext_lazy("出典の番地"), max_length=500, required=False, assume_scheme="https"
    )
    publisher = TextField(label=gettext_lazy("発行者"), max_length=120, required=False)
    published_on = WarekiDateField(label=gettext_lazy("発行日"), required=False)
    valid_from = WarekiDateField(label=gettext_lazy("有効期間の始まり"), required=False)
    valid_to = WarekiDateField(
        label=gettext_lazy("有効期間の終わり"),
        required=False,
        help_text=gettext_lazy("この日を過ぎると、いまの情報としては答えません。"),
    )

    field_order = ("title", "kind", "source_url", "publisher", "published_on", "valid_from", "valid_to")
    _NAMES = field_order

    def __init__(self, *args: Any, record: Document, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        for name in self._NAMES:
            self.fields[name].initial = getattr(record, name)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", ValidationError(_("終わりの日が始まりの日より前です。")))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*self._NAMES, "section", "visibility")}


class ReplaceForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("新しい版のファイル"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED})
    )


class SynonymForm(forms.Form):
    words = TextField(
        label=gettext_lazy("同じ意味の言葉"),
        help_text=gettext_lazy("カンマで区切ります。例: 循環バス, あおバス, コミュニティバス"),
    )


class SynonymsForm(forms.Form):
    """Any number of groups at once, typed, pasted from a sheet or as a file."""

    words = LongTextField(
        label=gettext_lazy("同じ意味の言葉"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "1行に1組、カンマで区切ります。例: 循環バス, あおバス, コミュニティバス。表計算ソフトから貼り付けることもできます。"
        ),
    )
    table = forms.FileField(
        label=gettext_lazy("表のファイルから加える"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        help_text=gettext_lazy(
            "ExcelかCSV。1行に1組。下の「書き出す」で取り出した表を直して、そのまま入れられます。"
        ),
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("words") and not data.get("table"):
            self.add_error("words", ValidationError(_("言葉を書くか、ファイルを選んでください。")))
        return data

    def lines(self) -> list[str]:
        """What was typed, and behind it what stands in the file."""
        table = self.cleaned_data.get("table")
        typed: list[str] = self.cleaned_data.get("words", "").splitlines()
        return [*typed, *(synonyms.lines_in(table.read(), table.name) if table else ())]
