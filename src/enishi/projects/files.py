"""Tables as files, and kept files given back."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.utils.translation import gettext as _

from enishi.foundation import spreadsheets

FORMATS = ("xlsx", "csv", "csv-cp932")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_response(
    form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, name: str
) -> HttpResponse:
    """The table as Excel or CSV (UTF-8 with BOM, or CP932)."""
    if form == "xlsx":
        buffer = io.BytesIO()
        spreadsheets.write_xlsx(buffer, headings, rows, title=title)
        response = HttpResponse(buffer.getvalue(), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response
    encoding = "cp932" if form == "csv-cp932" else "utf-8-sig"
    charset = "shift_jis" if form == "csv-cp932" else "utf-8"
    response = HttpResponse(
        spreadsheets.write_csv(headings, rows, encoding=encoding),
        content_type=f"text/csv; charset={charset}",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def kept_file(kept: Any) -> FileResponse:
    """A file as it was given; always saved, never shown in the page's own name."""
    try:
        content = kept.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("ファイルが見つかりません。")) from error
    answer = FileResponse(content, as_attachment=True, filename=kept.name, content_type=kept.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
