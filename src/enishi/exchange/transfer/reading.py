"""From the cells of a sheet to values that can be saved, with a sentence for each cell that cannot be read."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from django.core.exceptions import ValidationError

from enishi.exchange.services import ImportedRow
from enishi.exchange.services.importing import EXTRA
from enishi.exchange.transfer.cells import CellReader, UnknownWordError
from enishi.exchange.transfer.columns import EXAMPLE_KEY, MODELS, SHEETS, Column, folded, understood, unit_of
from enishi.exchange.transfer.facilities import as_resources, is_facility_sheet
from enishi.exchange.transfer.words import HEADINGS, Chosen, UnknownWords
from enishi.exchange.values import RANGES, cleaned
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.previews import Fault
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import of_refusal
from enishi.foundation.spreadsheets import Row, Table
from enishi.organizations.models import Organization

MAX_FAULTS = 500
MAX_REMARKS = 500
OWNER_HEADING = "団体"
TOLD_HEADINGS = frozenset({OWNER_HEADING, "更新日"})
"""What an exported list tells beside the values."""
_TOTALS = {"合計", "総計", "小計", "計", "総合計", "合計額"}
_SAME_AS_ABOVE = frozenset({"同上", "〃", "々", "”", '"', "同　上", "同 上"})

_UNIT_ABOVE = re.compile(r"単位\s*[:：]?\s*((?:千|万|百万|億)円)")
_DEGREES = (Column("緯度", "latitude", "degrees"), Column("経度", "longitude", "degrees"))

Progress = Callable[[int, int], None]


@dataclass
class Reading:
    """A sheet, read: rows that can be saved, faults, and the headings nobody understood."""

    rows: list[ImportedRow] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    word_faults: list[Fault] = field(default_factory=list)
    """Cells with words that are not ours: mended by saying once what each word stands for."""
    unread_headings: list[str] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    """Rows of sums and notes below the table, which are no records."""
    remarks: list[Fault] = field(default_factory=list)
    """Cells that were written loosely, and how they were understood."""
    unknown: UnknownWords = field(default_factory=UnknownWords)
    free_columns: list[str] = field(default_factory=list)
    """Values of ours that no heading of the file fills."""


class SheetRefusedError(Exception):
    """The whole sheet cannot be used; the sentence says why."""


def read_sheet(
    kind: str,
    table: Table,
    *,
    organization: Organization,
    defaults: Mapping[str, Any],
    on: dt.date,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read every row of a table of challenges or resources owned by ``organization``.

    ``defaults`` fill what the sheet leaves out (``visibility``, ``status``); ``chosen`` says what words of the file
    stand for that are not ours.
    """
    chosen = chosen or {}
    if kind == "resource" and is_facility_sheet(table.headings):
        table = as_resources(table)
    columns = understood(kind, table.headings, chosen.get(HEADINGS))
    if kind == "resource":
        columns |= {column.heading: column for column in _DEGREES if column.heading in table.headings}
    _check_required(kind, columns)
    reader = CellReader(kind, organization, on, _units(table, columns), chosen)
    unread = [name for name in table.headings if name and name not in columns and name not in TOLD_HEADINGS]
    filled = {column.value for column in columns.values()}
    free = [column.value for column in SHEETS[kind] if column.value not in filled]
    reading = Reading(unread_headings=unread, unknown=reader.unknown, free_columns=free)
    seen: dict[str, int] = {}
    above: dict[str, str] = {}
    for done, row in enumerate(table.rows, start=1):
        if EXAMPLE_KEY in row.cells.values():
            continue
        if _is_sum_or_note(row, columns):
            reading.skipped.append(row.number)
            continue
        row = _with_dittos(row, columns, above, reading)
        _read_row(row, columns, reader, reading, seen, defaults)
        if progress is not None:
            progress(done, len(table.rows))
    return reading


def _with_dittos(row: Row, columns: Mapping[str, Column], above: dict[str, str], reading: Reading) -> Row:
    """同上 and 〃 say what stands above them."""
    cells = dict(row.cells)
    for heading in columns:
        written = cells.get(heading, "").strip()
        if written in _SAME_AS_ABOVE and above.get(heading):
            cells[heading] = above[heading]
            sentence = _("上の行と同じ「%(text)s」と読みます。") % {"text": shortened(above[heading])}
            _remark(reading, Fault(row.number, heading, written, sentence))
        above[heading] = cells.get(heading, "")
    return Row(row.number, cells)


def _remark(reading: Reading, remark: Fault) -> None:
    if len(reading.remarks) < MAX_REMARKS:
        reading.remarks.append(remark)


def _units(table: Table, columns: Mapping[str, Column]) -> dict[str, str]:
    """The unit of money of each heading: named in it, or once above the table as 単位:千円."""
    note = _UNIT_ABOVE.search(normalize("NFKC", " ".join(table.above)))
    above = note[1] if note else ""
    return {name: unit_of(name) or above for name, column in columns.items() if column.reader == "yen"}


def _is_sum_or_note(row: Row, columns: Mapping[str, Column]) -> bool:
    """合計 below the table without a title of its own, or a remark alone in its row."""
    written = [cell.strip() for cell in row.cells.values() if cell.strip()]
    title = next((row.cells.get(name, "") for name, column in columns.items() if column.value == "title"), "")
    is_sum = any(folded(cell) in _TOTALS for cell in written)
    return (is_sum and (not title.strip() or folded(title) in _TOTALS)) or (
        len(written) == 1 and (written[0].startswith("※") or not title.strip())
    )


def _check_required(kind: str, columns: Mapping[str, Column]) -> None:
    found = {column.value for column in columns.values()}
    for column in SHEETS[kind]:
        if column.required and column.value not in found:
            known = _("」「").join((column.heading, *column.aliases))
            raise SheetRefusedError(
                _(
                    "見出しに「%(heading)s」がありません。1行目のどれかの見出しを「%(known)s」のどれかにしてください。"
                )
                % {"heading": column.heading, "known": known}
            )


def _read_row(
    row: Row,
    columns: Mapping[str, Column],
    reader: CellReader,
    reading: Reading,
    seen: dict[str, int],
    defaults: Mapping[str, Any],
) -> None:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    strange: list[Fault] = []
    for heading, column in columns.items():
        written = clean_text(row.cells.get(heading, ""), lines=True).strip()
        try:
            reader.read(column, reader.with_unit(heading, written), values)
        except UnknownWordError as error:
            strange.append(Fault(row.number, heading, shortened(written), of_refusal(error)))
        except ValidationError as error:
            faults.append(Fault(row.number, heading, shortened(written), of_refusal(error)))
        for sentence in dict.fromkeys(reader.remarks):
            _remark(reading, Fault(row.number, heading, shortened(written), sentence))
        reader.remarks.clear()
    owner = row.cells.get(OWNER_HEADING, "").strip()
    if owner and owner != reader.organization.name:
        sentence = _("%(owner)s の行です。取り込めるのは %(own)s の行だけなので、この行を消してください。")
        names = {"owner": shortened(owner), "own": reader.organization.name}
        faults = [Fault(row.number, OWNER_HEADING, shortened(owner), sentence % names)]
    key = values.pop("import_key", "") or _derived_key(values)
    if key in seen:
        sentence = _(
            "%(row)d行目と同じキー(または題名と担当課)です。どちらかを消すか、キーの列を分けてください。"
        )
        faults.append(Fault(row.number, _("キー"), shortened(key), sentence % {"row": seen[key]}))
    seen.setdefault(key, row.number)
    values = {**defaults, **values}
    faults += _value_faults(reader.kind, values, row, columns)
    reading.faults += faults[: MAX_FAULTS - len(reading.faults)]
    reading.word_faults += strange[: MAX_FAULTS - len(reading.word_faults)]
    if not faults and not strange:
        reading.rows.append(ImportedRow(reader.organization.pk, key, values))
        reading.numbers.append(row.number)


def _value_faults(
    kind: str, values: Mapping[str, Any], row: Row, columns: Mapping[str, Column]
) -> Iterable[Fault]:
    """What the room itself refuses: lengths, ranges, a title that is missing."""
    if not values.get("title"):
        yield Fault(row.number, _("題名"), "", _("題名が空です。一目で分かる題名を書いてください。"))
    headings = {column.value: heading for heading, column in columns.items()}

    def fault(name: str, reason: str) -> Fault:
        heading = headings.get(name, name)
        return Fault(row.number, heading, shortened(row.cells.get(heading, "")), reason)

    try:
        cleaned(MODELS[kind], {name: value for name, value in values.items() if name not in EXTRA})
    except ValidationError as error:
        for name, refusals in error.error_dict.items():
            yield fault(name, of_refusal(ValidationError(refusals)))
    for low, high, _sentence in RANGES:
        first, last = values.get(low), values.get(high)
        if first is not None and last is not None and last < first:
            sentence = _("「%(low)s」より前か小さい値です。入れ替わっていないか確かめてください。")
            yield fault(high, sentence % {"low": headings.get(low, low)})


def _derived_key(values: Mapping[str, Any]) -> str:
    """A key for a row without one: the same title of the same section is the same record."""
    text = f"{folded(str(values.get('title', '')))}|{values.get('section_id') or ''}"
    return "t-" + hashlib.sha256(text.encode()).hexdigest()[:24]
