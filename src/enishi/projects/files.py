"""Tables as files, and kept files given back."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.utils.translation import gettext as _

from enishi.foundation import downloads
from enishi.foundation.downloads import FORMATS

__all__ = ["FORMATS", "kept_file", "table_response"]


def table_response(
    form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, name: str
) -> HttpResponse:
    """The table as Excel or CSV (UTF-8 with BOM, or CP932)."""
    sheet = downloads.sheet(form, headings, rows, title=title)
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"{name}.{sheet.ending}")


def kept_file(kept: Any) -> FileResponse:
    """A file as it was given; always saved, never shown in the page's own name."""
    try:
        content = kept.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("ファイルが見つかりません。")) from error
    answer = FileResponse(content, as_attachment=True, filename=kept.name, content_type=kept.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
