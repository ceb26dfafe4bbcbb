"""Files handed out: tables and documents under a Japanese name."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from enishi.foundation import downloads
from enishi.foundation.documents import DOCX
from enishi.foundation.downloads import FORMATS as FORMS
from enishi.foundation.downloads import XLSX

__all__ = ["DOCX", "FORMS", "MOST_ROWS", "XLSX", "attachment", "table"]

MOST_ROWS = 5_000


def table(form: str, headings: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> HttpResponse:
    """The rows as xlsx, or as CSV in one of two encodings."""
    sheet = downloads.sheet(form, headings, rows, title=name)
    return attachment(sheet.content, f"{name}.{sheet.ending}", sheet.content_type)


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    ending = name.rsplit(".", 1)[-1]
    return downloads.attachment(content, content_type, plain=f"enishi.{ending}", name=name)
