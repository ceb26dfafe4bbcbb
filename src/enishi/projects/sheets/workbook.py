"""The sheet as a workbook that comes back filled: what goes out, and what a returned file would change."""

import datetime as dt
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from enishi.accounts.models import Person
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.spreadsheets import (
    Row,
    UnreadableTableError,
    plain_cell,
    print_across,
    read_table,
    undefused,
)
from enishi.projects.errors import RefusedError
from enishi.projects.sheets.enums import Rating
from enishi.projects.sheets.models import OWN, WRITTEN, PdcaLine, PdcaSheet, PdcaUpload

CODE = "符号(書き換えない)"
COLUMNS = {
    "取り組むこと": "subject",
    "計画": "plan",
    "目標の数字": "target",
    "実行": "action",
    "結果の数字": "result",
    "評価": "rating",
    "ふりかえり": "reflection",
    "次の一手": "next_action",
}
SOURCE = "出所"
WHOLE = "sheet"
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 500
HEADING_ROW = 2
AS_IT_WENT_OUT = "書き出したとき"
_WIDTHS = (11, 28, 30, 16, 34, 20, 17, 34, 34, 22)
_GREY, _YELLOW = PatternFill("solid", fgColor="EDEDED"), PatternFill("solid", fgColor="FFF8D6")
_EDGE = Side(style="thin", color="999999")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_WRAP = Alignment(wrap_text=True, vertical="top")


def headings() -> list[str]:
    return [CODE, *COLUMNS, SOURCE]


def as_xlsx(sheet: PdcaSheet) -> bytes:
    """Every line, and at the end the words about the whole year: grey is known, yellow is to be written.

    A hidden page keeps what the cells said when they went out. So a returned file tells what its writer changed, and
    takes back nothing that others wrote meanwhile.
    """
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = sheet.year_in_words
    page.append(
        [
            plain_cell(
                _("%(sheet)s　黄色のところに書きます。行を足すときは、符号を空けます。") % {"sheet": sheet}
            )
        ]
    )
    page["A1"].font = Font(bold=True, size=12)
    page.append(headings())
    for cell in page[HEADING_ROW]:
        cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), _GREY, _BOX, _WRAP
    lines = list(sheet.lines.all())
    for values in rows(sheet):
        page.append([plain_cell(value) for value in values])
    written = {WHOLE: ("reflection", "next_action")} | {
        line.code: WRITTEN if line.is_prefilled else OWN for line in lines
    }
    for row in page.iter_rows(min_row=HEADING_ROW + 1):
        _dress(row, written[row[0].value])
    _offer_ratings(page, before=page.max_row)
    for letter, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = page.cell(HEADING_ROW + 1, 3)
    page.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    print_across(page)
    _keep_as_it_went_out(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _dress(row: Sequence[Any], written: Sequence[str]) -> None:
    for cell, name in zip(row, ("", *COLUMNS.values(), ""), strict=True):
        cell.border, cell.alignment = _BOX, _WRAP
        cell.fill = _YELLOW if name in written else _GREY


def _offer_ratings(page: Any, *, before: int) -> None:
    """The closed answers as a list to choose from, for new lines too. The last line is about the year as a whole."""
    choice = DataValidation(
        type="list", formula1='"' + ",".join(str(label) for label in Rating.labels) + '"', allow_blank=True
    )
    choice.errorTitle, choice.error = _("評価"), _("並んでいるものから選んでください。")
    page.add_data_validation(choice)
    letter = "ABCDEFGHIJ"[headings().index("評価")]
    if before > HEADING_ROW + 1:
        choice.add(f"{letter}{HEADING_ROW + 1}:{letter}{before - 1}")
    choice.add(f"{letter}{before + 1}:{letter}{MOST_ROWS}")


def _keep_as_it_went_out(book: Any, sheet: PdcaSheet) -> None:
    kept = book.create_sheet(AS_IT_WENT_OUT)
    kept.sheet_state = "veryHidden"
    for values in rows(sheet):
        kept.append([plain_cell(value) for value in values])


def rows(sheet: PdcaSheet) -> list[list[object]]:
    lines: list[list[object]] = [
        [line.code, *(_cell(line, name) for name in COLUMNS.values()), line.source]
        for line in sheet.lines.all()
    ]
    return [*lines, [WHOLE, _("一年全体"), "", "", "", "", "", sheet.reflection, sheet.next_year, ""]]


def _cell(line: PdcaLine, name: str) -> str:
    return str(line.get_rating_display()) if name == "rating" else getattr(line, name)


@dataclass
class Reading:
    """What a returned workbook would do."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    sent: "Sent" = field(default_factory=dict)

    def is_as_sent(self, code: str, heading: str, typed: str) -> bool:
        """Whether the writer left this cell alone. What others wrote in it since stays."""
        return code in self.sent and _same(self.sent[code].get(heading, ""), typed)

    def was_written_meanwhile(self, code: str, heading: str, now: str) -> bool:
        return code in self.sent and not _same(
            self.sent[code].get(heading, ""), clean_text(now, lines=True).strip()
        )


def take_in(*, sheet: PdcaSheet, content: bytes, filename: str, actor: Person, at: dt.datetime) -> PdcaUpload:
    """Read a filled-in workbook and keep what it would change, for somebody to look at first."""
    if len(content) > MOST_BYTES:
        raise RefusedError(_("ファイルは5MBまでです。"))
    try:
        table = read_table(
            content, max_rows=MOST_ROWS, is_heading=set(headings()).__contains__, is_filled=True
        )
    except UnreadableTableError as unreadable:
        raise RefusedError(str(unreadable)) from unreadable
    missing = [heading for heading in (CODE, *COLUMNS) if heading not in table.headings]
    if missing:
        raise RefusedError(
            _("見出し「%(headings)s」がありません。ここから書き出したファイルに記入してください。")
            % {"headings": _("」「").join(missing)}
        )
    reading = compare(sheet, list(table.rows), as_it_went_out(content))
    return PdcaUpload.objects.create(
        sheet=sheet,
        person=actor,
        filename=clean_text(filename)[:150],
        sheet_version=sheet.version,
        changes=reading.changes,
        faults=reading.faults,
        made_at=at,
    )


Sent = Mapping[str, Mapping[str, str]]
"""What each cell said when the workbook went out, by code and heading; empty when the file does not tell (a CSV)."""


def as_it_went_out(content: bytes) -> Sent:
    """Read the hidden page. Whoever removed it is compared with the sheet as it is now."""
    if content[:2] != b"PK":
        return {}
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    if AS_IT_WENT_OUT not in book.sheetnames:
        return {}
    lines = book[AS_IT_WENT_OUT].iter_rows(values_only=True, max_row=MOST_ROWS, max_col=len(headings()))
    read = ([undefused(str(cell or "")) for cell in line] for line in lines)
    return {line[0]: dict(zip(headings(), line, strict=False)) for line in read if line}


def compare(sheet: PdcaSheet, returned: list[Row], sent: Sent | None = None) -> Reading:
    """The differences between a returned workbook and the sheet as it is now."""
    lines = {line.code: line for line in sheet.lines.all()}
    reading, seen = Reading(sent=sent or {}), set[str]()
    for row in returned:
        code = unicodedata.normalize("NFKC", _text(row, CODE))
        if code and code in seen:
            _fault(reading, row, CODE, code, _("同じ符号の行が二つあります。一つにしてください。"))
        elif code == WHOLE:
            _compare_whole(sheet, row, reading)
        elif code in lines:
            _compare_line(lines[code], row, reading)
        elif code:
            _fault(reading, row, CODE, code, _("このシートにない符号です。新しい行は符号を空けてください。"))
        elif any(_text(row, heading) for heading in COLUMNS):
            _new_line(row, reading)
        seen.add(code)
    return reading


def _compare_whole(sheet: PdcaSheet, row: Row, reading: Reading) -> None:
    for heading, name in (("ふりかえり", "reflection"), ("次の一手", "next_year")):
        _note(reading, row, WHOLE, _("一年全体"), heading, name, getattr(sheet, name))


def _compare_line(line: PdcaLine, row: Row, reading: Reading) -> None:
    for heading, name in COLUMNS.items():
        before, typed = _cell(line, name), _text(row, heading)
        if reading.is_as_sent(line.code, heading, typed) or _same(before, typed):
            reading.unchanged += 1
        elif line.is_prefilled and name not in WRITTEN:
            _fault(
                reading,
                row,
                heading,
                typed,
                _("記録から写した欄です。元の記録(%(source)s)を直してください。") % {"source": line.source},
            )
        else:
            _note(reading, row, line.code, line.subject, heading, name, before)


def _new_line(row: Row, reading: Reading) -> None:
    if not _text(row, "取り組むこと"):
        _fault(reading, row, "取り組むこと", "", _("新しい行には「取り組むこと」を書いてください。"))
        return
    for heading, name in COLUMNS.items():
        if _text(row, heading) and name in OWN:
            _note(reading, row, f"new:{row.number}", _text(row, "取り組むこと"), heading, name, "")


def _note(reading: Reading, row: Row, code: str, key: str, heading: str, name: str, before: str) -> None:
    typed = _text(row, heading)
    if reading.is_as_sent(code, heading, typed) or _same(before, typed):
        reading.unchanged += 1
        return
    model = PdcaSheet if code == WHOLE else PdcaLine
    column: Any = model._meta.get_field(name)
    after = typed
    if name == "rating":
        words = {str(label): value for value, label in Rating.choices}
        typed = unicodedata.normalize("NFKC", typed).replace(" ", "")
        if typed and typed not in words:
            offered = _("、").join(words)
            _fault(
                reading, row, heading, typed, _("評価は「%(offered)s」のどれかです。") % {"offered": offered}
            )
            return
        after = words.get(typed, "")
    elif len(typed) > column.max_length:
        sentence = _("%(most)d字までです(いま%(count)d字)。") % {
            "most": column.max_length,
            "count": len(typed),
        }
        _fault(reading, row, heading, typed, sentence)
        return
    reading.changes.append(
        {
            "row": row.number,
            "code": code,
            "key": key[:60],
            "column": heading,
            "name": name,
            "before": before,
            "after": after,
            "shown": typed,
            "meanwhile": reading.was_written_meanwhile(code, heading, before),
        }
    )


def _fault(reading: Reading, row: Row, heading: str, value: str, reason: str) -> None:
    reading.faults.append({"row": row.number, "column": heading, "value": shortened(value), "reason": reason})


def _text(row: Row, heading: str) -> str:
    return clean_text(row.cells.get(heading, ""), lines=True).strip()


def _same(before: str, typed: str) -> bool:
    return clean_text(before, lines=True).strip() == typed
