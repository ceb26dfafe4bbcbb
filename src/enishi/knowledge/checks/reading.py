"""A form out of a file: which text stands in which field, and where it stands."""

import csv
import io
import itertools
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import of_language_error
from enishi.foundation.spreadsheets import UnreadableTableError, decode
from enishi.knowledge.checks.rules import Form, Value, plain
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import Upload
from enishi.language.errors import LanguageError
from enishi.language.extracting.documents import read_document

MOST_LINES = 5_000
MOST_COLUMNS = 100
MOST_FORMS = 500
_COLON = re.compile("[:\uff1a]")
_NOTE = re.compile(r"[((].*?[))]|[※*＊].*$|^[0-9０-９]+[.．、)]\s*")

_BOXED = re.compile(
    r"\s*(?:明治|大正|昭和|平成|令和|西暦|元|[RHS]|\d{1,4}|年度?|月|日|円|,|[年月]\s*\d{1,2}|\d{1,4}\s*[年月日])\s*"
)

Cell = tuple[str, str]
"""Text and place."""


@dataclass
class _Sheet:
    """Lines of cells, each with its place."""

    lines: list[list[Cell]] = field(default_factory=list)

    @property
    def passages(self) -> list[Value]:
        return [Value(text, place) for line in self.lines for text, place in line if text.strip()]


@dataclass(frozen=True)
class NamedForm:
    name: str
    form: Form


def read_forms(upload: Upload, fields: Sequence[str], *, attachments: Sequence[str] = ()) -> list[NamedForm]:
    """The forms in a file: one, or, in a table whose headings are fields, one a row.

    Raises
    ------
    RefusedError
        If the file cannot be read.
    """
    sheet = _sheet_of(upload)
    table = _as_table(sheet, fields)
    if table:
        return [
            NamedForm(f"{upload.name} {name}", Form(form.values, form.passages, attachments))
            for name, form in table
        ]
    return [NamedForm(upload.name, Form(_values(sheet, fields), sheet.passages, attachments))]


def typed_form(typed: dict[str, str], *, attachments: Sequence[str] = ()) -> Form:
    """A form whose values somebody typed."""
    place = _("入力した値")
    values = {name: Value(text, place) for name, text in typed.items()}
    return Form(values, tuple(values.values()), attachments)


def _sheet_of(upload: Upload) -> _Sheet:
    readers = {".xlsx": _xlsx, ".docx": _docx, ".csv": _csv}
    reader = readers.get(upload.ending)
    if reader is not None:
        return reader(upload)
    if upload.ending in {".pdf", ".txt", ".html"}:
        return _text(upload)
    raise RefusedError(
        _("「%(name)s」は点検できない形式です。Word・Excel・CSV・文字の入ったPDFのどれかを選んでください。")
        % {"name": upload.name}
    )


def _xlsx(upload: Upload) -> _Sheet:
    try:
        book = openpyxl.load_workbook(io.BytesIO(upload.content), read_only=False, data_only=True)
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError, OSError) as error:
        raise _broken(upload) from error
    sheet = _Sheet()
    for page in book.worksheets:
        if page.sheet_state != "visible":
            continue
        rows = page.iter_rows(
            max_row=min(page.max_row or 1, MOST_LINES), max_col=min(page.max_column or 1, MOST_COLUMNS)
        )
        for row in rows:
            line: list[Cell] = [
                (
                    _cell_text(cell.value),
                    _("シート「%(sheet)s」%(cell)s")
                    % {"sheet": page.title, "cell": f"{get_column_letter(cell.column or 1)}{cell.row}"},
                )
                for cell in row
                if cell.value is not None or not _is_merged(cell)
            ]
            sheet.lines.append(line)
    return sheet


def _is_merged(cell: Any) -> bool:
    return type(cell).__name__ == "MergedCell"


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return str(value)[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def _docx(upload: Upload) -> _Sheet:
    from docx.opc.exceptions import OpcError
    from docx.opc.part import PartFactory
    from docx.package import Package
    from docx.parts.document import DocumentPart
    from lxml import etree

    # Nobody runs macros here, and the text of a file that has some is like any other's.
    PartFactory.part_type_for[_WITH_MACROS] = DocumentPart
    try:
        part = Package.open(io.BytesIO(upload.content)).main_document_part
    except (OpcError, KeyError, ValueError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise _broken(upload) from error
    if not isinstance(part, DocumentPart):
        raise _broken(upload)
    document, sheet = part.document, _Sheet()
    for number, paragraph in enumerate(document.paragraphs[:MOST_LINES], start=1):
        if paragraph.text.strip():
            sheet.lines.append([(paragraph.text.strip(), _("%(number)d段落目") % {"number": number})])
    for number, table in enumerate(document.tables, start=1):
        for index, row in enumerate(table.rows, start=1):
            sheet.lines.append(_table_row(row, number, index))
    return sheet


def _table_row(row: Any, table: int, index: int) -> list[Cell]:
    line: list[Cell] = []
    seen: list[Any] = []
    for cell in row.cells:
        # A merged cell is told once for each column it covers.
        if cell._tc in seen:
            continue
        seen.append(cell._tc)
        place = _("表%(table)dの%(row)d行目") % {"table": table, "row": index}
        line.append((cell.text.strip(), place))
    return line


def _csv(upload: Upload) -> _Sheet:
    try:
        text, _encoding = decode(upload.content)
    except UnreadableTableError as error:
        raise RefusedError(str(error)) from error
    delimiter = "\t" if text.split("\n", 1)[0].count("\t") else ","
    sheet = _Sheet()
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if number > MOST_LINES:
                break
            sheet.lines.append(
                [
                    (cell.strip(), _("%(row)d行目%(column)d列目") % {"row": number, "column": column})
                    for column, cell in enumerate(row[:MOST_COLUMNS], start=1)
                ]
            )
    except csv.Error as error:
        raise _broken(upload) from error
    return sheet


def _text(upload: Upload) -> _Sheet:
    try:
        found = read_document(upload.content, name=upload.name)
    except LanguageError as error:
        raise RefusedError(of_language_error(error)) from error
    starts = [*(found.page_starts or (0,)), len(found.text)]
    pages = [found.text[start:end] for start, end in itertools.pairwise(starts)]
    sheet = _Sheet()
    for page, text in enumerate(pages, start=1):
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            place = (
                _("%(page)dページ%(line)d行目") % {"page": page, "line": number}
                if found.page_starts
                else _("%(line)d行目") % {"line": number}
            )
            bars = [piece.strip() for piece in re.split(r"\s{2,}|\t|\||　{1,}", line) if piece.strip()]
            sheet.lines.append([(piece, place) for piece in bars])
    return sheet


def _broken(upload: Upload) -> RefusedError:
    return RefusedError(
        _("「%(name)s」を開けません。壊れているか、パスワードが付いています。開いて保存し直してください。")
        % {"name": upload.name}
    )


def label(text: str) -> str:
    """A heading as fields are compared by: without notes in brackets, numbers in front, spaces, colons.

    >>> label("1. 氏 名(自署):")
    '氏名'
    """
    text = unicodedata.normalize("NFKC", text)
    return _COLON.sub("", plain(_NOTE.sub("", text)))


def _values(sheet: _Sheet, fields: Sequence[str]) -> dict[str, Value]:
    """For each field the text beside its heading, or behind its colon, or below it."""
    wanted = {label(name): name for name in fields}
    found: dict[str, Value] = {}
    for number, line in enumerate(sheet.lines):
        for index, (text, place) in enumerate(line):
            # 「申請者⏎住所」: the last line of a heading of several is what stands beside it.
            name = wanted.get(label(text)) or wanted.get(label(text.rpartition("\n")[2]))
            if name is not None and name not in found:
                found[name] = _beside(sheet, number, index, wanted) or Value("", place)
                continue
            for name, value in _behind_colon(text, place, wanted):
                found.setdefault(name, value)
    for name in [each for each in fields if each not in found]:
        stray = _glued(sheet, label(name)) or (_day_at_the_head(sheet) if _OF_WRITING.search(name) else None)
        if stray is not None:
            found[name] = stray
    return found


_OF_WRITING = re.compile(r"(?:申請|申込|提出|届出|請求|報告|作成|記入)(?:年月)?日$|^(?:日付|年月日)$")
_HEAD_LINES = 12
_DAY = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和|西暦|[RH])?\d{0,4}(?:元)?年\d{0,2}月\d{0,2}日|[RH]?\d{1,4}[./]\d{1,2}[./]\d{1,2}|\d{4}-\d{2}-\d{2})"
)
_STARTS_A_VALUE = re.compile(r"(?:金?[\d,]+|令和|平成|[RH]\d|[□☑☒■✓])")


def _day_at_the_head(sheet: _Sheet) -> Value | None:
    """The day a form was written: it stands at its head by itself, and nobody writes 「申請日」 before it."""
    for line in sheet.lines[:_HEAD_LINES]:
        told = plain("".join(text for text, _place in line))
        if _DAY.fullmatch(told):
            return Value(told, next(place for text, place in line if text))
    return None


def _glued(sheet: _Sheet, name: str) -> Value | None:
    """A value that stands right behind its heading: 「補助金の申請額金 300,000 円」 in the text of a PDF."""
    for text, place in itertools.chain.from_iterable(sheet.lines):
        told = plain(text)
        if told.startswith(name) and _STARTS_A_VALUE.match(rest := told[len(name) :]):
            return Value(rest, place)
    return None


def _beside(sheet: _Sheet, number: int, index: int, wanted: dict[str, str]) -> Value | None:
    line = sheet.lines[number]
    beside = list(itertools.takewhile(lambda cell: label(cell[0]) not in wanted, line[index + 1 :]))
    # 「代表者氏名  :  渡辺」 in columns: the colon belongs to neither.
    written = [(told, place) for text, place in beside if (told := text.lstrip(":\uff1a \u3000"))]
    if written:
        return Value(_joined([text for text, _place in written]), written[0][1])
    right = line[index + 1] if index + 1 < len(line) else None
    if right is not None and label(right[0]) not in wanted:
        return Value("", right[1])
    below = sheet.lines[number + 1] if number + 1 < len(sheet.lines) else []
    if (
        index < len(below)
        and len(below) == len(line)
        and label(below[index][0]) not in wanted
        and below[index][0]
        # 「電話番号:」 with nothing behind it, and the next field below.
        and not _COLON.search(below[index][0])
    ):
        return Value(*below[index])
    return None


def _joined(pieces: Sequence[str]) -> str:
    """The first piece, or all of a day or number whose signs stand in boxes of their own: 令和│8│年│11│月│20│日."""
    run = list(itertools.takewhile(_BOXED.fullmatch, pieces))
    is_day = len(run) > 2 and any("年" in piece or "月" in piece for piece in run)
    is_number = len(run) > 1 and all(re.fullmatch(r"[\d,円]", piece) for piece in run)
    return "".join(run) if is_day or is_number else pieces[0]


def _behind_colon(text: str, place: str, wanted: dict[str, str]) -> Iterator[tuple[str, Value]]:
    """「氏名: 山田 花子」 or 「申請日 令和8年11月20日」 in one cell or paragraph; each line of it counts."""
    for line in text.splitlines():
        for head, rest in _parted(line):
            name = wanted.get(label(head))
            if name is not None and label(rest.split()[0] if rest.split() else "") not in wanted:
                yield name, Value(rest.strip(), place)
                break


def _parted(line: str) -> Iterator[tuple[str, str]]:
    """Where a line may be cut into heading and value: at its colon, else at each blank near its beginning."""
    match = _COLON.search(line)
    cuts = [match] if match else list(itertools.islice(re.finditer(r"\s+", line[:40]), 6))
    yield from ((line[: cut.start()], line[cut.end() :]) for cut in cuts)


def _as_table(sheet: _Sheet, fields: Sequence[str]) -> list[tuple[str, Form]]:
    """The rows of a list, where one line holds at least three of the fields (or all) and rows follow."""
    wanted = {label(name): name for name in fields}
    needed = min(3, len(wanted))
    for number, line in enumerate(sheet.lines[:20]):
        columns = {
            index: wanted[label(text)] for index, (text, _p) in enumerate(line) if label(text) in wanted
        }
        if len(columns) >= max(needed, 2) and len(columns) * 2 > len([text for text, _p in line if text]):
            rows = [row for row in sheet.lines[number + 1 :] if any(text for text, _p in row)]
            if rows and not any(label(text) in wanted for row in rows for text, _p in row):
                return [_row_form(row, columns, at) for at, row in enumerate(rows[:MOST_FORMS], start=1)]
    return []


def _row_form(row: list[Cell], columns: dict[int, str], number: int) -> tuple[str, Form]:
    values = {
        name: Value(*row[index]) if index < len(row) else Value("", "") for index, name in columns.items()
    }
    passages = tuple(Value(text, place) for text, place in row if text)
    return _("%(number)d件目") % {"number": number}, Form(values, passages)
