"""The sheet as a workbook that comes back filled: what goes out, and what a returned file would change."""

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.spreadsheets import Row, UnreadableTableError, read_table, write_xlsx
from enishi.projects.errors import RefusedError
from enishi.projects.sheets.enums import Rating
from enishi.projects.sheets.models import PdcaLine, PdcaSheet, PdcaUpload
from enishi.projects.sheets.services import OWN, WRITTEN

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


def headings() -> list[str]:
    return [CODE, *COLUMNS, SOURCE]


def as_xlsx(sheet: PdcaSheet) -> bytes:
    """Every line, and at the end the words about the whole year."""
    buffer = io.BytesIO()
    write_xlsx(buffer, headings(), rows(sheet), title=sheet.year_in_words)
    return buffer.getvalue()


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


def take_in(*, sheet: PdcaSheet, content: bytes, filename: str, actor: Person, at: dt.datetime) -> PdcaUpload:
    """Read a filled-in workbook and keep what it would change, for somebody to look at first."""
    if len(content) > MOST_BYTES:
        raise RefusedError(_("ファイルは5MBまでです。"))
    try:
        table = read_table(content, max_rows=MOST_ROWS)
    except UnreadableTableError as unreadable:
        raise RefusedError(str(unreadable)) from unreadable
    missing = [heading for heading in (CODE, *COLUMNS) if heading not in table.headings]
    if missing:
        raise RefusedError(
            _("見出し「%(headings)s」がありません。ここから書き出したファイルに記入してください。")
            % {"headings": "」「".join(missing)}
        )
    reading = compare(sheet, list(table.rows))
    return PdcaUpload.objects.create(
        sheet=sheet,
        person=actor,
        filename=clean_text(filename)[:150],
        sheet_version=sheet.version,
        changes=reading.changes,
        faults=reading.faults,
        made_at=at,
    )


def compare(sheet: PdcaSheet, returned: list[Row]) -> Reading:
    """The differences between a returned workbook and the sheet as it is now."""
    lines = {line.code: line for line in sheet.lines.all()}
    reading, seen = Reading(), set[str]()
    for row in returned:
        code = _text(row, CODE)
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
        _note(reading, row, WHOLE, _("一年全体"), heading, name, getattr(sheet, name), _text(row, heading))


def _compare_line(line: PdcaLine, row: Row, reading: Reading) -> None:
    for heading, name in COLUMNS.items():
        before, typed = _cell(line, name), _text(row, heading)
        if _same(before, typed):
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
            _note(reading, row, line.code, line.subject, heading, name, before, typed)


def _new_line(row: Row, reading: Reading) -> None:
    if not _text(row, "取り組むこと"):
        _fault(reading, row, "取り組むこと", "", _("新しい行には「取り組むこと」を書いてください。"))
        return
    for heading, name in COLUMNS.items():
        typed = _text(row, heading)
        if typed and name in OWN:
            _note(reading, row, f"new:{row.number}", _text(row, "取り組むこと"), heading, name, "", typed)


def _note(
    reading: Reading, row: Row, code: str, key: str, heading: str, name: str, before: str, typed: str
) -> None:
    if _same(before, typed):
        reading.unchanged += 1
        return
    model = PdcaSheet if code == WHOLE else PdcaLine
    column: Any = model._meta.get_field(name)
    after = typed
    if name == "rating":
        words = {str(label): value for value, label in Rating.choices}
        if typed and typed not in words:
            offered = "、".join(words)
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
        }
    )


def _fault(reading: Reading, row: Row, heading: str, value: str, reason: str) -> None:
    reading.faults.append({"row": row.number, "column": heading, "value": shortened(value), "reason": reason})


def _text(row: Row, heading: str) -> str:
    return clean_text(row.cells.get(heading, ""), lines=True).strip()


def _same(before: str, typed: str) -> bool:
    return clean_text(before, lines=True).strip() == typed
