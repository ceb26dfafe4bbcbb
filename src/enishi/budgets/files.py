"""Tables of the room as files."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponse

from enishi.foundation.downloads import FORMATS, attachment, sheet


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
