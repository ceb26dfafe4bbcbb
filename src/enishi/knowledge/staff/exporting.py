"""Tables and documents out, under Japanese names."""

import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone

from enishi.foundation.spreadsheets import write_csv, write_xlsx

FORMATS = ("xlsx", "csv", "csv-cp932")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def table(
    name: str, plain_name: str, headings: Sequence[str], rows: Iterable[Sequence[object]], form: str
) -> HttpResponse:
    """A table as an answer that is saved; ``form`` is one of ``FORMATS``."""
    if form == "xlsx":
        buffer = io.BytesIO()
        write_xlsx(buffer, headings, rows, title=name)
        return download(name, plain_name, buffer.getvalue(), "xlsx", XLSX)
    encoding = "cp932" if form == "csv-cp932" else "utf-8-sig"
    charset = "Shift_JIS" if form == "csv-cp932" else "utf-8"
    content = write_csv(headings, rows, encoding=encoding)
    return download(name, plain_name, content, "csv", f"text/csv; charset={charset}")


def download(name: str, plain_name: str, content: bytes, ending: str, content_type: str) -> HttpResponse:
    """An answer that saves the file under a Japanese name with today's date."""
    answer = HttpResponse(content, content_type=content_type)
    full = quote(f"{name}_{timezone.localdate().isoformat()}.{ending}")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}.{ending}\"; filename*=UTF-8''{full}"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
