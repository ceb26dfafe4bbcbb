"""Files handed out: tables and documents under a Japanese name."""

import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django.http import HttpResponse

from enishi.foundation.spreadsheets import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = ("xlsx", "csv", "csv-cp932")
MOST_ROWS = 5_000


def table(form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> HttpResponse:
    """The rows as xlsx, or as CSV in one of two encodings."""
    if form == "xlsx":
        buffer = io.BytesIO()
        write_xlsx(buffer, headings, rows, title=name)
        return attachment(buffer.getvalue(), f"{name}.xlsx", XLSX)
    encoding = "cp932" if form == "csv-cp932" else "utf-8-sig"
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    return attachment(
        write_csv(headings, rows, encoding=encoding), f"{name}.csv", f"text/csv; charset={charset}"
    )


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    ending = name.rsplit(".", 1)[-1]
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"enishi.{ending}\"; filename*=UTF-8''{quote(name)}"
    )
    return answer
