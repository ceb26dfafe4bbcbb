"""Files handed out: a table in the form asked for, and any content under a name that people can read."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpResponse

from enishi.foundation.spreadsheets import write_csv, write_xlsx

FORMATS = ("xlsx", "csv", "csv-cp932")
"""The forms in which every list leaves: Excel, CSV, and CSV for programs that know no Unicode."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """A table as a file."""

    content: bytes
    ending: str
    content_type: str


def sheet(form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str) -> Sheet:
    """The table as one of ``FORMATS``; ``title`` names the sheet of a workbook."""
    if form == "xlsx":
        buffer = io.BytesIO()
        write_xlsx(buffer, headings, rows, title=title)
        content = buffer.getvalue()
    else:
        content = write_csv(headings, rows, encoding=encoding_of(form))
    return Sheet(content, ending_of(form), content_type_of(form))


def encoding_of(form: str) -> str:
    """What a CSV of this form is written in."""
    return "cp932" if form == "csv-cp932" else "utf-8-sig"


def ending_of(form: str) -> str:
    return "xlsx" if form == "xlsx" else "csv"


def content_type_of(form: str) -> str:
    if form == "xlsx":
        return XLSX
    return f"text/csv; charset={'Shift_JIS' if form == 'csv-cp932' else 'utf-8'}"


def attachment(content: bytes, content_type: str, *, plain: str, name: str = "") -> HttpResponse:
    """An answer that is saved and never shown; programs that know no Japanese names take ``plain``."""
    answer = HttpResponse(content, content_type=content_type)
    answer.headers["Content-Disposition"] = disposition(plain=plain, name=name)
    return answer


def disposition(*, plain: str, name: str = "") -> str:
    """The header that names a saved file.

    >>> disposition(plain="enishi.csv", name="提案.csv")
    'attachment; filename="enishi.csv"; filename*=UTF-8\\'\\'%E6%8F%90%E6%A1%88.csv'
    """
    readable = f"; filename*=UTF-8''{quote(name)}" if name else ""
    return f'attachment; filename="{plain}"{readable}'
