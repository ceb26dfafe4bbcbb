"""Files as lines of cells, without holding them whole: CSV is streamed, xlsx is read sheet by sheet."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from enishi.foundation.spreadsheets import UnreadableTableError, read_table

LINES_ABOVE = 20
ENCODINGS = ("utf-8-sig", "cp932")
CHUNK = 1 << 20
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
IsHeadingLine = Callable[[Sequence[str]], bool]


@dataclass
class Lines:
    """A table: what stands above it, its headings, and its lines with their numbers as a spreadsheet shows them."""

    headings: tuple[str, ...]
    heading_row: int
    above: tuple[str, ...]
    encoding: str
    rows: Iterator[tuple[int, list[str]]]
    notes: list[str] = field(default_factory=list)
    merged: tuple[tuple[str, int, str, int], ...] = ()
    """Of an xlsx: cells that were made one (first column, first row, last column, last row)."""


def open_table(file: IO[bytes], is_heading: IsHeadingLine) -> Lines:
    """The table in a file, by what it is and not by what it is called."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not start.strip():
        raise UnreadableTableError(
            _("ファイルが空です。見出しの行とデータの行があるファイルを選んでください。")
        )
    if start[:4] == b"PK\x03\x04":
        return _xlsx(file.read(), is_heading)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableTableError(
            _(
                "古い形式のExcel(.xls)か、パスワード付きのファイルです。Excelで開き、パスワードを外して .xlsx で保存し直してください。"
            )
        )
    return _csv(file, is_heading)


def _csv(file: IO[bytes], is_heading: IsHeadingLine) -> Lines:
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(_Unclosed(file), encoding=encoding, newline="")  # type: ignore[type-var]
    first = text.readline()
    text.seek(0)
    csv.field_size_limit(2_000_000)
    rows = enumerate(csv.reader(text, delimiter="\t" if first.count("\t") > first.count(",") else ","), 1)
    return _lines(_guarded(rows), encoding, is_heading)


class _Unclosed(io.RawIOBase):
    """Reads from a file that goes on living when the reader of its text is thrown away."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def read1(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _guarded(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from rows
    except csv.Error as error:
        raise UnreadableTableError(
            _('CSVとして読めません(%(why)s)。引用符「"」の閉じ忘れがないか確かめてください。')
            % {"why": error}
        ) from error


def encoding_of(file: IO[bytes]) -> str:
    """The first encoding in which every byte of the file makes sense."""
    import codecs

    for encoding in ENCODINGS:
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(CHUNK):
                if "\x00" in decoder.decode(chunk):
                    break
            else:
                decoder.decode(b"", final=True)
                return encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableTableError(
        _("文字コードが分かりません。UTF-8 か Shift_JIS(CP932) のCSV、または .xlsx で保存し直してください。")
    )


def _lines(rows: Iterator[tuple[int, list[str]]], encoding: str, is_heading: IsHeadingLine) -> Lines:
    above: list[str] = []
    for number, cells in rows:
        if is_heading(cells):
            headings = tuple(cell.strip() for cell in cells)
            return Lines(headings, number, tuple(above), encoding, rows)
        above += [cell.strip() for cell in cells if cell.strip()]
        if number > LINES_ABOVE:
            break
    raise UnreadableTableError(
        _(
            "見出しの行が見つかりません。読み取りの設定にある見出しがある行を、%(count)d行目までに置いてください。"
        )
        % {"count": LINES_ABOVE}
    )


def _xlsx(content: bytes, is_heading: IsHeadingLine) -> Lines:
    """The first visible sheet with headings. What is hidden is not read, and that is said."""
    hidden, merged = _hidden_and_merged(content, is_heading)
    found = read_table(content, is_heading=None if not hidden else None)
    del found
    raise NotImplementedError


def _hidden_and_merged(content: bytes, is_heading: IsHeadingLine) -> tuple[list[str], Any]:
    raise NotImplementedError


__all__ = ["Lines", "encoding_of", "open_table"]
