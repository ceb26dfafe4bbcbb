"""Tables of the room as files, and filled sheets that wait until somebody has seen what they would change."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.downloads import FORMATS, attachment, sheet

MOST_MEGABYTES = 20


def file_form(request: HttpRequest) -> str:
    """The form of file the address asks for; empty for a page."""
    form = request.GET.get("format", "")
    return form if form in FORMATS else ""


def as_file(
    form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, name: str
) -> HttpResponse:
    made = sheet(form, headings, rows, title=title)
    return attachment(
        made.content,
        made.content_type,
        plain=f"enishi-{name}.{made.ending}",
        name=f"{title}.{made.ending}",
    )


class SheetForm(forms.Form):
    """A filled sheet."""

    file = forms.FileField(label=gettext_lazy("ファイル"))

    def __init__(self, *args: Any, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = help_text

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("ファイルが大きすぎます。20MBまでにしてください。"))
        return file


class Waiting:
    """One sheet of a kind waits for each person, under a name of our own."""

    def __init__(self, kind: str, person_id: int) -> None:
        self.name = f"budgets/{kind}/{person_id}"

    def keep(self, content: bytes) -> None:
        self.forget()
        default_storage.save(self.name, ContentFile(content))

    def content(self) -> bytes | None:
        if not default_storage.exists(self.name):
            return None
        with default_storage.open(self.name) as file:
            return bytes(file.read())

    def forget(self) -> None:
        if default_storage.exists(self.name):
            default_storage.delete(self.name)
