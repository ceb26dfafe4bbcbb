"""Lists of the desk as files: Excel and CSV with the same headings as the page."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from enishi.foundation import downloads
from enishi.foundation.downloads import FORMATS

__all__ = ["FORMATS", "MOST_ROWS", "as_file", "download"]

MOST_ROWS = 50_000


def download(
    form: str, *, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """The rows as a file to save, under a Japanese name with today's date."""
    sheet = downloads.sheet(form, headings, rows, title=title)
    return as_file(
        sheet.content, f"{title}_{timezone.localdate().isoformat()}.{sheet.ending}", sheet.content_type
    )


def as_file(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to save; readers that know no Japanese names get a plain one."""
    ending = name.rpartition(".")[2]
    return downloads.attachment(content, content_type, plain=f"enishi.{ending}", name=name)
