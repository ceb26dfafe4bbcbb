"""Tables and documents out, under Japanese names."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from enishi.foundation import downloads
from enishi.foundation.documents import DOCX
from enishi.foundation.downloads import FORMATS, XLSX

__all__ = ["DOCX", "FORMATS", "XLSX", "download", "table"]


def table(
    name: str, plain_name: str, headings: Sequence[str], rows: Iterable[Sequence[object]], form: str
) -> HttpResponse:
    """A table as an answer that is saved; ``form`` is one of ``FORMATS``."""
    sheet = downloads.sheet(form, headings, rows, title=name)
    return download(name, plain_name, sheet.content, sheet.ending, sheet.content_type)


def download(name: str, plain_name: str, content: bytes, ending: str, content_type: str) -> HttpResponse:
    """An answer that saves the file under a Japanese name with today's date."""
    full = f"{name}_{timezone.localdate().isoformat()}.{ending}"
    return downloads.attachment(content, content_type, plain=f"{plain_name}.{ending}", name=full)
