"""Tables in and out: CSV in the encodings offices use, and xlsx. Faults are sentences, cells are never formulas."""

import csv
import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties

from enishi.foundation.joined_cells import (
    Join,
    are_headings,
    carried_down,
    heading_lines,
    headings_in_one,
    joins_of,
)
from enishi.foundation.sentences import gettext as _

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 32_767
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_LINES_ABOVE = 20
"""How far down the headings may stand, below a title, a date and a note on units."""
_ENCODINGS = ("utf-8-sig", "cp932", "utf-16")
_OTHER_KINDS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class UnreadableTableError(Exception):
    """The file is not a table we can read; the sentence says why and how to mend it."""


@dataclass(frozen=True)
class Row:
    """One line of a table: ``number`` as the spreadsheet shows it, ``cells`` by heading, all text."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    above: tuple[str, ...] = ()
    """What stands above the headings: the title of the sheet, a date, a note on units."""


IsHeading = Callable[[str], bool]


def read_table(
    content: bytes,
    *,
    max_rows: int = MAX_ROWS,
    is_heading: IsHeading | None = None,
    is_filled: bool = False,
    has_joined_headings: bool = False,
) -> Table:
    """Read a CSV, TSV or xlsx file by what it is, not by what it is called.

    With ``is_heading``, the headings are the first line that holds two of them, so a title may stand above, and an
    xlsx is read from the first visible sheet that has such a line. Otherwise they are the first line that is not empty.

    With ``is_filled``, joined cells of an xlsx say the same in each of their rows, headings may take several lines, and
    a heading that comes twice is counted: 備考, 備考(2). With ``has_joined_headings`` only the headings are read so.

    Raises ``UnreadableTableError`` with a sentence for people.
    """
    if not content.strip():
        raise UnreadableTableError(
            _("ファイルが空です。見出しの行とデータの行があるファイルを選んでください。")
        )
    joins: list[Join] = []
    if content[:4] == b"PK\x03\x04":
        kept = joins if is_filled or has_joined_headings else None
        lines = _xlsx_lines(content, is_heading, kept, max_rows, is_filled)
        encoding = "xlsx"
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableTableError(
            _(
                "古い形式のExcel(.xls)か、パスワード付きのファイルです。Excelで開き、パスワードを外して .xlsx で保存し直してください。"
            )
        )
    else:
        refuse_other_kinds(content)
        text, encoding = decode(content)
        lines = _csv_lines(text)
    return _table(lines, encoding, max_rows, is_heading, joins if is_filled or has_joined_headings else None)


def refuse_other_kinds(start: bytes) -> None:
    """Refuse what begins like a PDF or a picture."""
    if start.startswith(_OTHER_KINDS):
        raise UnreadableTableError(
            _("表のファイルではありません(PDFや画像など)。Excel(.xlsx)か CSV のファイルを選んでください。")
        )


def decode(content: bytes) -> tuple[str, str]:
    """Text and the name of its encoding."""
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\x00") * 20 <= len(text):
            # A few are dirt that some programs leave behind; many are another encoding.
            return text.replace("\x00", ""), encoding
    raise UnreadableTableError(
        _("文字コードが分かりません。UTF-8 か Shift_JIS(CP932) のCSV、または .xlsx で保存し直してください。")
    )


def _csv_lines(text: str) -> Iterator[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    csv.field_size_limit(2_000_000)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableTableError(
            _('CSVとして読めません(%(why)s)。引用符「"」の閉じ忘れがないか確かめてください。')
            % {"why": error}
        ) from error


def _xlsx_lines(
    content: bytes, is_heading: IsHeading | None, joins: list[Join] | None, max_rows: int, fills: bool
) -> Iterator[list[str]]:
    """The lines of a sheet. ``joins`` takes the joined cells; ``fills`` writes what they say into each of their lines."""
    has_formulas = _check_archive(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = _sheets_in(archive)
    if len(sheets) == 1:
        # Opening alone takes seconds when there are hundreds of thousands of words.
        _refuse_long(content, sheets[0], max_rows)
    book = _open(content, values=True)
    formulas = _open(content, values=False) if has_formulas else None
    try:
        sheet = _sheet_to_read(book, is_heading)
        path = str(getattr(sheet, "_worksheet_path", ""))
        if len(sheets) > 1:
            _refuse_long(content, path, max_rows)
        written = formulas[sheet.title].iter_rows(values_only=True) if formulas else None
        lines = _lines_of(sheet, written)
        if joins is not None:
            joins += joins_of(content, path)
            lines = carried_down(lines, joins) if fills else lines
        yield from lines
    except (KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise _broken_xlsx() from error


def _refuse_long(content: bytes, path: str, max_rows: int) -> None:
    """Count the rows that hold something before each is read: a sentence in a second instead of a minute."""
    found, rest = 0, b""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path.lstrip("/")) as sheet:
        while part := sheet.read(1 << 20):
            *rows, rest = (rest + part).split(b"<row")
            found += sum(b"<v" in row or b"<is" in row for row in rows)
            if found > max_rows + MAX_LINES_ABOVE:
                raise _too_many_rows(max_rows)
            if len(rest) > 16 << 20:
                # No row is that long: whoever reads it finds out what it is.
                return


def _too_many_rows(max_rows: int) -> UnreadableTableError:
    return UnreadableTableError(
        _("一度に読めるのは %(limit)s 行までです。ファイルを分けて取り込んでください。")
        % {"limit": f"{max_rows:,}"}
    )


def _lines_of(sheet: Any, written: Iterator[tuple[object, ...]] | None) -> Iterator[list[str]]:
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
        as_written = next(written, ()) if written else ()
        yield [_cell_text(value, as_written, index, number) for index, value in enumerate(values)]


def _sheet_to_read(book: Any, is_heading: IsHeading | None) -> Any:
    """The first visible sheet, or the first with headings we know when there is a cover before it."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets[:1]
    if is_heading is None or len(visible) == 1:
        return visible[0]
    for sheet in visible:
        first = sheet.iter_rows(values_only=True, max_row=MAX_LINES_ABOVE + 1, max_col=MAX_COLUMNS)
        if any(_is_heading_line(map(_plain_text, line), is_heading) for line in first):
            return sheet
    return visible[0]


def _plain_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_heading_line(line: Iterable[str], is_heading: IsHeading) -> bool:
    return sum(is_heading(cell.strip()) for cell in line if cell.strip()) >= 2


def _broken_xlsx() -> UnreadableTableError:
    return UnreadableTableError(
        _("Excelファイルが壊れているか、Excelの表ではありません。Excelで開いて保存し直してください。")
    )


def refuse_swollen(content: bytes) -> None:
    """Refuse what is no xlsx, or unpacks to far more than it seems, before anything opens it."""
    _check_archive(content)


def _check_archive(content: bytes) -> bool:
    """Refuse archives that swell. Returns whether a sheet holds formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES or (
                unpacked > 10_000_000 and unpacked > len(content) * MAX_RATIO
            ):
                raise UnreadableTableError(
                    _(
                        "展開すると %(size)s MBになるため読みません。不要なシートや書式を消して保存し直してください。"
                    )
                    % {"size": f"{unpacked // 1_000_000:,}"}
                )
            return any(b"<f" in archive.read(name) for name in _sheets_in(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise _broken_xlsx() from error


def _sheets_in(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]


def _open(content: bytes, *, values: bool) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError, TypeError) as error:
        raise _broken_xlsx() from error


def _cell_text(value: object, as_written: Sequence[object], index: int, row: int) -> str:
    if value is None:
        formula = as_written[index] if index < len(as_written) else None
        if isinstance(formula, str) and formula.startswith("="):
            raise UnreadableTableError(
                _(
                    "%(row)d行目の%(column)d列目は計算結果のない数式です。Excelで開いて保存し直すか、値に置き換えてください。"
                )
                % {"row": row, "column": index + 1}
            )
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(
    lines: Iterable[list[str]],
    encoding: str,
    max_rows: int,
    is_heading: IsHeading | None = None,
    joins: Sequence[Join] | None = None,
) -> Table:
    numbered: Iterator[tuple[int, list[str]]] = (
        (number, line) for number, line in enumerate(lines, start=1) if any(cell.strip() for cell in line)
    )
    first = list(itertools.islice(numbered, MAX_LINES_ABOVE + 1))
    place = next(
        (
            index
            for index, (_n, line) in enumerate(first)
            if is_heading and _is_heading_line(line, is_heading)
        ),
        0,
    )
    number, first_line = first[place] if first else (1, [])
    if first and joins is not None:
        last = number + heading_lines(number, joins) - 1
        several = [line for at, line in first[place:] if at <= last]
        several = several if are_headings(several, number, joins) else several[:1]
        first_line = _counted(headings_in_one(several, number, joins))
        first[place + 1 :] = first[place + len(several) :]
    above = tuple(cell.strip() for _n, line in first[:place] for cell in line if cell.strip())
    numbered = itertools.chain(first[place + 1 :], numbered)
    headings = tuple(heading.strip() for heading in first_line[:MAX_COLUMNS])
    while headings and not headings[-1]:
        headings = headings[:-1]
    _check_headings(headings)
    rows: list[Row] = []
    for number, line in numbered:
        if len(rows) >= max_rows:
            raise _too_many_rows(max_rows)
        cells = [*line, *[""] * (len(headings) - len(line))]
        rows.append(
            Row(
                number,
                {heading: undefused(cells[index]) for index, heading in enumerate(headings) if heading},
            )
        )
    return Table(headings, tuple(rows), encoding, above)


def _counted(headings: Iterable[str]) -> list[str]:
    """Each heading once: the second 備考 is 備考(2)."""
    seen: dict[str, int] = {}
    counted = []
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
        counted.append(f"{heading}({seen[heading]})" if heading and seen[heading] > 1 else heading)
    return counted


def _check_headings(headings: tuple[str, ...]) -> None:
    if not any(headings):
        raise UnreadableTableError(_("1行目に見出しがありません。様式の見出しを1行目に置いてください。"))
    named = [heading for heading in headings if heading]
    twice = sorted({heading for heading in named if named.count(heading) > 1})
    if twice:
        raise UnreadableTableError(
            _("見出し「%(heading)s」が二つあります。一つにしてください。") % {"heading": twice[0][:60]}
        )


def defused(value: object) -> object:
    """A cell that no spreadsheet will run: text that looks like a formula gets an apostrophe in front."""
    if isinstance(value, str):
        text = value.replace("\x00", "")[:MAX_CELL_CHARACTERS]
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return "" if value is None else value


def undefused(text: str) -> str:
    """What ``defused`` wrote, read back as it was."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text


def write_csv(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, encoding: str = "utf-8-sig"
) -> bytes:
    """CSV with CRLF; characters the encoding lacks become 〓."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([defused(heading) for heading in headings])
    writer.writerows([defused(value) for value in row] for row in rows)
    text = buffer.getvalue()
    if encoding == "cp932":
        return "".join(character if _fits(character) else "〓" for character in text).encode("cp932")
    return text.encode(encoding, "replace")


def _fits(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def write_xlsx(
    target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str
) -> None:
    """A sheet with a bold, frozen heading row."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    for index in range(len(headings)):
        sheet.column_dimensions[get_column_letter(index + 1)].width = 22
    sheet.append([_heading_cell(sheet, heading) for heading in headings])
    for row in rows:
        sheet.append([plain_cell(value) for value in row])
    book.save(target)


def _heading_cell(sheet: Any, heading: str) -> Any:
    cell = WriteOnlyCell(sheet, value=heading)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def plain_cell(value: object) -> object:
    """What a cell of a workbook may hold: nothing that runs, and no character that breaks the file."""
    value = defused(value)
    if isinstance(value, str):
        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)
    return value


def print_across(sheet: Any) -> None:
    """On A4 laid across, as wide as the paper, on as many pages as it takes."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _sheet_title(title: str) -> str:
    return "".join(character for character in title if character not in r"[]:*?/\\")[:31] or "Sheet1"
