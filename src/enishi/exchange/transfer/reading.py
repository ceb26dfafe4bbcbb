"""From the cells of a sheet to values that can be saved, with a sentence for each cell that cannot be read."""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.exchange.models import Field
from enishi.exchange.services import ImportedRow
from enishi.exchange.services.importing import EXTRA
from enishi.exchange.transfer.columns import EXAMPLE_KEY, MODELS, SHEETS, Column, folded, understood, unit_of
from enishi.exchange.transfer.facilities import as_resources, is_facility_sheet
from enishi.exchange.values import RANGES, cleaned
from enishi.foundation.forms import clean_text, read_date, read_yen, shortened
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import Row, Table
from enishi.organizations.codes import completed_government_code
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization, Section

NATIONWIDE = {"全国", "日本全国", "全国対応", "全国どこでも"}
MAX_FAULTS = 500
OWNER_HEADING = "団体"
TOLD_HEADINGS = frozenset({OWNER_HEADING, "更新日"})
"""What an exported list tells beside the values."""
_TOTALS = {"合計", "総計", "小計", "計", "総合計", "合計額"}
NO_DAY = frozenset({"未定", "なし", "無し", "随時", "通年", "期限なし", "-", "ー", "―", "—", "－"})
"""What people write where there is no day; it means the same as an empty cell."""

_BARE_NUMBER = re.compile(r"[△▲-]?[\d,]+(?:\.\d+)?")
_UNIT_ABOVE = re.compile(r"単位\s*[:：]?\s*((?:千|万|百万|億)円)")
_DEGREES = (Column("緯度", "latitude", "degrees"), Column("経度", "longitude", "degrees"))

Progress = Callable[[int, int], None]


@dataclass
class Reading:
    """A sheet, read: rows that can be saved, faults, and the headings nobody understood."""

    rows: list[ImportedRow] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unread_headings: list[str] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    """Rows of sums and notes below the table, which are no records."""


class SheetRefusedError(Exception):
    """The whole sheet cannot be used; the sentence says why."""


def read_sheet(
    kind: str,
    table: Table,
    *,
    organization: Organization,
    defaults: Mapping[str, Any],
    on: dt.date,
    progress: Progress | None = None,
) -> Reading:
    """Read every row of a table of challenges or resources owned by ``organization``.

    ``defaults`` fill what the sheet leaves out (``visibility``, ``status``).
    """
    if kind == "resource" and is_facility_sheet(table.headings):
        table = as_resources(table)
    columns = understood(kind, table.headings)
    if kind == "resource":
        columns |= {column.heading: column for column in _DEGREES if column.heading in table.headings}
    _check_required(kind, columns)
    reader = _Reader(kind, organization, on, _units(table, columns))
    unread = [name for name in table.headings if name and name not in columns and name not in TOLD_HEADINGS]
    reading = Reading(unread_headings=unread)
    seen: dict[str, int] = {}
    for done, row in enumerate(table.rows, start=1):
        if EXAMPLE_KEY in row.cells.values():
            continue
        if _is_sum_or_note(row, columns):
            reading.skipped.append(row.number)
            continue
        _read_row(row, columns, reader, reading, seen, defaults)
        if progress is not None:
            progress(done, len(table.rows))
    return reading


def _units(table: Table, columns: Mapping[str, Column]) -> dict[str, str]:
    """The unit of money of each heading: named in it, or once above the table as 単位:千円."""
    note = _UNIT_ABOVE.search(normalize("NFKC", " ".join(table.above)))
    above = note[1] if note else ""
    return {name: unit_of(name) or above for name, column in columns.items() if column.reader == "yen"}


def _is_sum_or_note(row: Row, columns: Mapping[str, Column]) -> bool:
    """合計 below the table without a title of its own, or a remark that starts with ※."""
    written = [cell.strip() for cell in row.cells.values() if cell.strip()]
    title = next((row.cells.get(name, "") for name, column in columns.items() if column.value == "title"), "")
    is_sum = any(folded(cell) in _TOTALS for cell in written)
    return (is_sum and (not title.strip() or folded(title) in _TOTALS)) or (
        len(written) == 1 and written[0].startswith("※")
    )


def _check_required(kind: str, columns: Mapping[str, Column]) -> None:
    found = {column.value for column in columns.values()}
    for column in SHEETS[kind]:
        if column.required and column.value not in found:
            known = "」「".join((column.heading, *column.aliases))
            raise SheetRefusedError(
                _(
                    "見出しに「%(heading)s」がありません。1行目のどれかの見出しを「%(known)s」のどれかにしてください。"
                )
                % {"heading": column.heading, "known": known}
            )


def _read_row(
    row: Row,
    columns: Mapping[str, Column],
    reader: "_Reader",
    reading: Reading,
    seen: dict[str, int],
    defaults: Mapping[str, Any],
) -> None:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for heading, column in columns.items():
        written = clean_text(row.cells.get(heading, ""), lines=True).strip()
        try:
            reader.read(column, reader.with_unit(heading, written), values)
        except ValidationError as error:
            faults.append(Fault(row.number, heading, shortened(written), " ".join(error.messages)))
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
    if not faults:
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
        for name, sentences in error.message_dict.items():
            yield fault(name, " ".join(sentences))
    for low, high, _sentence in RANGES:
        first, last = values.get(low), values.get(high)
        if first is not None and last is not None and last < first:
            sentence = _("「%(low)s」より前か小さい値です。入れ替わっていないか確かめてください。")
            yield fault(high, sentence % {"low": headings.get(low, low)})


def _derived_key(values: Mapping[str, Any]) -> str:
    """A key for a row without one: the same title of the same section is the same record."""
    text = f"{folded(str(values.get('title', '')))}|{values.get('section_id') or ''}"
    return "t-" + hashlib.sha256(text.encode()).hexdigest()[:24]


class _Reader:
    """Reads cells, with what the database knows looked up once for the whole sheet."""

    def __init__(self, kind: str, organization: Organization, on: dt.date, units: Mapping[str, str]) -> None:
        self.kind = kind
        self.units = units
        self.organization = organization
        self.sections = self._named(Section.objects.filter(organization=organization).open_on(on))
        self.fields = self._named(Field.objects.filter(is_active=True))
        self.areas, self.codes = self._areas()

    @staticmethod
    def _named(rows: Iterable[Any]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            found[folded(row.name)].append(row.pk)
            if row.code:
                found[folded(row.code)].append(row.pk)
        return found

    @staticmethod
    def _areas() -> tuple[dict[str, list[int]], dict[str, int]]:
        bodies = list(
            Organization.objects.public_bodies().values_list("pk", "name", "code", "kind", "prefecture_code")
        )
        prefectures = {row[4]: row[1] for row in bodies if row[3] == OrganizationKind.PREFECTURE}
        names: dict[str, list[int]] = defaultdict(list)
        for pk, name, _code, kind, prefecture in bodies:
            names[folded(name)].append(pk)
            if kind == OrganizationKind.MUNICIPALITY and prefecture in prefectures:
                names[folded(prefectures[prefecture] + name)].append(pk)
        return names, {code: pk for pk, _name, code, _kind, _prefecture in bodies if code}

    def with_unit(self, heading: str, written: str) -> str:
        """A bare number under 予算額(千円) is that many 千円; an amount that names its unit stays."""
        unit = self.units.get(heading, "")
        plain = normalize("NFKC", written)
        return plain + unit if unit and _BARE_NUMBER.fullmatch(plain) else written

    def read(self, column: Column, written: str, values: dict[str, Any]) -> None:
        """Put what is written into ``values``. An empty cell empties a text and is silent about the rest."""
        if column.reader in ("text", "key"):
            values[column.value] = written
        elif not written:
            if column.reader in ("day", "yen", "degrees", "section"):
                values[column.value] = None
        elif column.reader == "areas":
            self._read_areas(written, values)
        else:
            values[column.value] = self._value(column, written)

    def _value(self, column: Column, written: str) -> Any:
        match column.reader:
            case "day":
                return None if written in NO_DAY else read_date(written)
            case "yen":
                return read_yen(written)
            case "choice":
                return _choice(column, written)
            case "choices":
                return [_choice(column, part) for part in _parts(written)]
            case "fields":
                return [_one(self.fields, part, _("分野")) for part in _parts(written)]
            case "section":
                return _one(self.sections, written, _("担当課"))
            case "degrees":
                return _degrees(written)
        raise LookupError(column.reader)

    def _read_areas(self, written: str, values: dict[str, Any]) -> None:
        parts = _parts(written)
        nationwide = any(part in NATIONWIDE for part in parts)
        if self.kind == "resource":
            values["is_nationwide"] = nationwide
        values["area_ids"] = [self._area(part) for part in parts if part not in NATIONWIDE]

    def _area(self, part: str) -> int:
        code = completed_government_code(part) if part.isascii() and part.isdigit() else None
        if code is not None and code in self.codes:
            return self.codes[code]
        return _one(self.areas, part, _("市区町村・都道府県"))


def _parts(written: str) -> list[str]:
    """A cell that lists several: by semicolon, comma, 、, line break or slash."""
    for mark in ("；", "、", "，", ",", "\n", "／", "/"):
        written = written.replace(mark, ";")
    return [part.strip() for part in written.split(";") if part.strip()]


def _choice(column: Column, written: str) -> str:
    for choice in column.choices:
        label = str(choice.label)
        if folded(written) in {folded(label), folded(choice.value), folded(label.split("(")[0])}:
            return str(choice.value)
    known = "」「".join(str(choice.label) for choice in column.choices)
    raise ValidationError(_("「%(known)s」のどれかで書いてください。") % {"known": known})


def _one(known: Mapping[str, list[int]], written: str, what: str) -> int:
    found = sorted(set(known.get(folded(written), [])))
    if len(found) == 1:
        return found[0]
    if found:
        sentence = _(
            "「%(written)s」という%(what)sが%(count)dつあります。都道府県名を前に付けるか、コードで書いてください。"
        )
    else:
        sentence = _("「%(written)s」という%(what)sは登録されていません。名前を確かめてください。")
    raise ValidationError(sentence % {"written": shortened(written), "what": what, "count": len(found)})


def _degrees(written: str) -> float:
    try:
        return float(written)
    except ValueError as error:
        raise ValidationError(_("緯度・経度は 35.123456 のような数で書いてください。")) from error
