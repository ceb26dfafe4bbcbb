"""Files as lines of cells, without holding them whole: CSV is streamed, xlsx is read sheet by sheet."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from enishi.foundation.hidden_parts import HiddenParts, hidden_in
from enishi.foundation.joined_cells import Join, joins_of
from enishi.foundation.spreadsheets import (
    MAX_COLUMNS,
    UnreadableTableError,
    read_table,
    refuse_other_kinds,
)

LINES_ABOVE = 20
ENCODINGS = ("utf-8-sig", "cp932")
CHUNK = 1 << 20
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
    joins: Sequence[Join] = ()
    """Of an xlsx: cells that were made one."""
    hidden: tuple[tuple[int, list[str]], ...] = ()
    """Of an xlsx: lines that nobody sees (hidden or filtered away). They are not among ``rows``."""
    hidden_columns: frozenset[int] = frozenset()
    """Of an xlsx: columns that nobody sees, counted from 0. They are among ``rows``."""


def open_table(file: IO[bytes], is_heading: IsHeadingLine, *, has_joined_headings: bool = False) -> Lines:
    """The table in a file, by what it is and not by what it is called. See ``read_table``."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not start.strip():
        raise UnreadableTableError(
            _("ファイルが空です。見出しの行とデータの行があるファイルを選んでください。")
        )
    if start[:4] == b"PK\x03\x04":
        return _xlsx(file.read(), is_heading, has_joined_headings)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableTableError(
            _(
                "古い形式のExcel(.xls)か、パスワード付きのファイルです。Excelで開き、パスワードを外して .xlsx で保存し直してください。"
            )
        )
    refuse_other_kinds(start)
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


def _xlsx(content: bytes, is_heading: IsHeadingLine, has_joined_headings: bool) -> Lines:
    """The first visible sheet with headings. What is hidden is not read, and that is said."""
    table = read_table(
        content,
        is_heading=lambda cell: is_heading([cell, cell]),
        has_joined_headings=has_joined_headings,
    )
    look = _look(content, is_heading)
    rows = [(row.number, [row.cells.get(heading, "") for heading in table.headings]) for row in table.rows]
    first = table.rows[0].number - 1 if table.rows else 1
    hidden = tuple(row for row in rows if row[0] in look.hidden.rows)
    seen = (row for row in rows if row[0] not in look.hidden.rows)
    if hidden:
        look.notes.append(_told_hidden([number for number, _cells in hidden]))
    return Lines(
        table.headings, first, table.above, table.encoding, seen, look.notes, look.joins, hidden, look.hidden.columns
    )  # fmt: skip


def _told_hidden(numbers: Sequence[int]) -> str:
    shown = _("、").join(str(number) for number in numbers[:8]) + ("…" if len(numbers) > 8 else "")
    return _(
        "非表示の行は読みません: %(rows)s行目(%(count)s行)。要る行なら、表示してから保存し直してください。"
    ) % {"rows": shown, "count": f"{len(numbers):,}"}


@dataclass
class _Look:
    """What a sheet's cells alone do not tell: what nobody sees, and what was made one."""

    notes: list[str]
    joins: Sequence[Join] = ()
    hidden: HiddenParts = field(default_factory=HiddenParts)


def _look(content: bytes, is_heading: IsHeadingLine) -> _Look:
    """Sentences on sheets that nobody sees, and the joined cells and hidden lines of the sheet that is read."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets[:1]
    read = next((sheet for sheet in visible if _has_headings(sheet, is_heading)), visible[0])
    look = _Look([])
    if hidden:
        look.notes.append(_("非表示のシートは読みません: %(names)s") % {"names": _("、").join(hidden)[:200]})
    others = [sheet.title for sheet in visible if sheet.title != read.title]
    if others:
        look.notes.append(
            _("読むのはシート「%(read)s」だけです。ほかのシートは読みません: %(names)s")
            % {"read": read.title, "names": _("、").join(others)[:200]}
        )
    path = str(getattr(read, "_worksheet_path", ""))
    look.joins = joins_of(content, path)
    look.hidden = hidden_in(content, path)
    return look


def _has_headings(sheet: Any, is_heading: IsHeadingLine) -> bool:
    lines = sheet.iter_rows(values_only=True, max_row=LINES_ABOVE + 1, max_col=MAX_COLUMNS)
    return any(is_heading([str(cell) if isinstance(cell, str) else "" for cell in line]) for line in lines)


_REMARK = re.compile(
    r"\s*(?:[※*]|[(\[【<]?注(?:意|記)?\s*\d{0,2}(?:[)\]】>:.\s]|$)|備考\s*:|(?:出典|資料)\s*[:)])"
)


def is_remark(cells: Sequence[str]) -> bool:
    """Whether a line is a remark under a table: ※ or 注1, alone in its row."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) == 1 and bool(_REMARK.match(unicodedata.normalize("NFKC", filled[0])))


def column_letter(index: int) -> str:
    """A, B … of the column at ``index`` (from 0)."""
    return str(get_column_letter(index + 1))
