"""Lists of the desk as files: Excel and CSV with the same headings as the page."""

import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone

from enishi.foundation.spreadsheets import write_csv, write_xlsx

FORMATS = ("xlsx", "csv", "csv-cp932")
MOST_ROWS = 50_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(
    form: str, *, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """The rows as a file to save, under a Japanese name with today's date."""
    if form == "xlsx":
        buffer = io.BytesIO()
        write_xlsx(buffer, headings, rows, title=title)
        return as_file(buffer.getvalue(), f"{title}_{timezone.localdate().isoformat()}.xlsx", _XLSX)
    encoding, charset = ("cp932", "Shift_JIS") if form == "csv-cp932" else ("utf-8-sig", "utf-8")
    content = write_csv(headings, rows, encoding=encoding)
    return as_file(content, f"{title}_{timezone.localdate().isoformat()}.csv", f"text/csv; charset={charset}")


def as_file(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to save; readers that know no Japanese names get a plain one."""
    answer = HttpResponse(content, content_type=content_type)
    ending = name.rpartition(".")[2]
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"enishi.{ending}\"; filename*=UTF-8''{quote(name)}"
    )
    return answer
