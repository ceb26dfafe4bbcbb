"""Statistical tables in the shape of e-Stat's CSV: lines above, code columns, a column of time, a value. Each series becomes a data element."""

import csv
import datetime as dt
import io
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.spreadsheets import UnreadableTableError, decode
from enishi.foundation.tables import column_letter
from enishi.indicators import numbers, periods
from enishi.indicators.access import element_access
from enishi.indicators.enums import AcquisitionMethod, Certainty
from enishi.indicators.models import AcquisitionRun, DataElement, Measurement
from enishi.indicators.services import Entry, create_element, record_values, set_acquisition
from enishi.indicators.transfer.values import Plan

TIME = ("時間軸", "時点", "年次", "年度", "調査年", "年月", "time")
VALUE = ("value", "値", "数値", "観測値")
UNIT = ("unit", "単位")
NOTE = ("annotation", "注釈", "注記")
WHOLE = ("総数", "計", "合計", "全体", "総計", "男女計", "全国")
MOST_SERIES, MOST_BYTES = 60, 30 * 1024 * 1024
_TIME_CODE = re.compile(r"(?P<year>\d{4})(?P<kind>00|10)(?P<first>0\d|1[0-2])(?P<last>0\d|1[0-2])")
_TITLE = re.compile(r"(?:統計名|表題|統計表名|表名|データセット)[^,:]*[:：]?\s*(.*)")


@dataclass
class Row:
    number: int
    series: tuple[str, ...]
    span: periods.Span
    value: Decimal | None
    missing: str
    locator: str


@dataclass
class Found:
    """What was understood of a table."""

    title: str = ""
    unit: str = ""
    dims: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


class TableReader:
    """Reads one table; ``series`` are the elements it would fill."""

    def __init__(self, run: AcquisitionRun, actor: Person, at: dt.datetime) -> None:
        self.run, self.actor, self.at = run, actor, at
        self.plan = Plan()
        self.found = Found()

    def check(self, file: IO[bytes]) -> Plan:
        file.seek(0)
        content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UnreadableTableError(_("統計表は30MBまでです。地域や年次をしぼって取り出してください。"))
        if content[:4] == b"PK\x03\x04":
            raise UnreadableTableError(
                _("統計表はCSVで選んでください。e-Statの「ダウンロード」でCSV形式を選べます。")
            )
        text, _encoding = decode(content)
        lines = list(csv.reader(io.StringIO(text, newline="")))
        place = next((index for index, line in enumerate(lines[:60]) if _is_heading(line)), None)
        if place is None:
            raise UnreadableTableError(
                _(
                    "「時間軸」(または年次・年度)と「値」の見出しがある行が見つかりません。縦に並んだ形のCSVを選んでください。"
                )
            )
        self._title(lines[:place])
        self._read(lines, place)
        self._count()
        return self.plan

    def _title(self, above: list[list[str]]) -> None:
        cells = [cell.strip() for line in above for cell in line if cell.strip()]
        for index, cell in enumerate(cells):
            match = _TITLE.match(cell)
            if match:
                self.found.title = (match[1] or (cells[index + 1] if index + 1 < len(cells) else ""))[:100]
                return

    def _read(self, lines: list[list[str]], place: int) -> None:
        headings = [unicodedata.normalize("NFKC", cell).strip() for cell in lines[place]]
        time, value = _column(headings, TIME), _column(headings, VALUE)
        unit, note = _column(headings, UNIT), _column(headings, NOTE)
        assert time is not None
        assert value is not None
        known = {time, value, unit, note}
        others = [
            index
            for index, heading in enumerate(headings)
            if index not in known
            and heading
            and not heading.endswith(("コード", "_code", "code"))
            and not heading.startswith("/")
        ]
        body = [
            (number, line)
            for number, line in enumerate(lines[place + 1 :], place + 2)
            if any(cell.strip() for cell in line)
        ]
        varying = [index for index in others if len({_cell(line, index) for _n, line in body}) > 1]
        self.found.dims = [headings[index] for index in varying]
        self.found.constants = {
            headings[index]: _cell(body[0][1], index) for index in others if index not in varying and body
        }
        units = {_cell(line, unit) for _n, line in body} if unit is not None else set()
        self.found.unit = next(iter(units)) if len(units) == 1 else ""
        for number, line in body:
            self._row(number, line, time, value, varying)

    def _row(self, number: int, line: list[str], time: int, value: int, varying: list[int]) -> None:
        fault = self.plan.notes.fault
        try:
            span = _span(_cell(line, time))
        except periods.UnreadablePeriodError as error:
            fault(number, f"{column_letter(time)}{number}", _cell(line, time), str(error))
            return
        text = _cell(line, value)
        try:
            written = numbers.read(text)
        except numbers.UnreadableNumberError as error:
            fault(number, f"{column_letter(value)}{number}", text, str(error))
            return
        if span.start > timezone.localdate(self.at):
            fault(
                number,
                f"{column_letter(time)}{number}",
                _cell(line, time),
                _("まだ来ていない期間の値です。年度を確かめてください。"),
            )
            return
        series = tuple("" if _cell(line, index) in WHOLE else _cell(line, index) for index in varying)
        missing = written.missing_reason or ("" if written.value is not None else "数値なし")
        self.found.rows.append(
            Row(number, series, span, written.value, missing, f"{column_letter(value)}{number}")
        )

    def _count(self) -> None:
        series = self.series()
        if len(series) > MOST_SERIES:
            self.plan.notes.fault(
                0, _("ファイル"), "",
                _("系列が%(count)d本あります。%(most)d本までになるよう、地域や区分をしぼって取り出してください。")
                % {"count": len(series), "most": MOST_SERIES},
            )  # fmt: skip
            return
        for names, code in series.items():
            element = self.element(code)
            known = self._known(element) if element else {}
            seen: set[periods.Span] = set()
            for row in (each for each in self.found.rows if each.series == names):
                if row.span in seen:
                    self.plan.notes.fault(
                        row.number, row.locator, "", _("同じ系列・時点の値が、このファイルに二つあります。")
                    )
                seen.add(row.span)
                before = known.get(row.span)
                if before is None:
                    self.plan.added += 1
                elif before == (row.value, row.missing):
                    self.plan.unchanged += 1
                else:
                    self._changed(row, code, before)
                self.plan.years[row.span.fiscal_year] = self.plan.years.get(row.span.fiscal_year, 0) + 1
        if self.found.constants:
            self.plan.notes.say(
                _("表の条件: %(words)s")
                % {
                    "words": _("、").join(f"{name}={value}" for name, value in self.found.constants.items())[
                        :200
                    ]
                }
            )
        self.plan.notes.say(
            _("データ項目 %(count)d件になります: %(codes)s")
            % {"count": len(series), "codes": _("、").join(list(series.values())[:10])}
        )

    def _changed(self, row: Row, code: str, before: tuple[Decimal | None, str]) -> None:
        self.plan.changed += 1
        if not self.run.options.get("change_reason"):
            self.plan.notes.fault(
                row.number,
                row.locator,
                numbers.shown(row.value),
                _(
                    "すでにある値 %(old)s と違います。訂正するときは、取り込みの画面で「訂正の理由」を書いてください。"
                )
                % {"old": numbers.shown(before[0]) or before[1]},
            )
        self.plan.differences.append(
            {
                "row": row.number,
                "key": f"{code} {row.span.words}",
                "column": _("値"),
                "before": numbers.shown(before[0]) or before[1],
                "after": numbers.shown(row.value) or row.missing,
            }
        )

    def series(self) -> dict[tuple[str, ...], str]:
        """Each combination of the varying columns, with the code of its element."""
        title = self.found.title or self.run.source or self.run.file_name.rsplit(".", 1)[0]
        found: dict[tuple[str, ...], str] = {}
        for row in self.found.rows:
            if row.series not in found:
                found[row.series] = "・".join([title[:20], *(name for name in row.series if name)])[:40]
        return found

    def element(self, code: str) -> DataElement | None:
        rows = element_access.visible(self.actor).filter(organization=self.run.organization, code=code)
        return rows.first()

    def _known(self, element: DataElement) -> dict[periods.Span, tuple[Decimal | None, str]]:
        rows = (
            Measurement.objects.filter(element=element, dims="")
            .exclude(state="superseded")
            .order_by("-state")
        )
        return {
            periods.Span(row.period_end, row.period_start): (_plain(row.value), row.missing_reason)
            for row in rows
        }

    # --- Writing -----------------------------------------------------------------------------------------------------

    def save(self) -> int:
        """Make the elements that are not there, and hand the values in."""
        written = 0
        for names, code in self.series().items():
            element = self.element(code) or self._made(names, code)
            known = self._known(element)
            today = timezone.localdate(self.at)
            entries = [
                Entry(
                    start=row.span.start,
                    end=row.span.end,
                    value=row.value,
                    missing_reason=row.missing if row.value is None else "",
                    status=Certainty.PROVISIONAL if row.span.end > today else Certainty.CONFIRMED,
                    change_reason=self.run.options.get("change_reason", ""),
                    locator=row.locator,
                )
                for row in self.found.rows
                if row.series == names and known.get(row.span) != (row.value, row.missing)
            ]
            if entries:
                record_values(
                    owner=element, entries=entries, source=self.run.source, submit=True, actor=self.actor, at=self.at,
                    run=self.run,
                )  # fmt: skip
                written += len(entries)
        return written

    def _made(self, names: tuple[str, ...], code: str) -> DataElement:
        words = [f"{dim}={name}" for dim, name in zip(self.found.dims, names, strict=True) if name]
        words += [f"{name}={value}" for name, value in self.found.constants.items()]
        values: dict[str, Any] = {
            "code": code,
            "name": code,
            "unit": self.found.unit[:20],
            "meaning": "、".join(words)[:2_000],
        }
        element = create_element(
            organization=self.run.organization, values=values, actor=self.actor, at=self.at
        )
        set_acquisition(
            owner=element,
            values={
                "method": AcquisitionMethod.API_ESTAT,
                "source": (self.found.title or self.run.source)[:200],
            },
            actor=self.actor,
            at=self.at,
        )
        return element


def _is_heading(line: list[str]) -> bool:
    headings = [unicodedata.normalize("NFKC", cell).strip() for cell in line]
    return _column(headings, TIME) is not None and _column(headings, VALUE) is not None


def _column(headings: list[str], names: tuple[str, ...]) -> int | None:
    """The column of words before the column of codes: files with both name them 時間軸(年) and 時間軸(年) コード."""
    found = [
        index
        for index, heading in enumerate(headings)
        if heading.lower() in names or any(heading.startswith(f"{name}(") for name in names)
    ]
    return next((index for index in found if not headings[index].endswith("コード")), next(iter(found), None))


def _span(text: str) -> periods.Span:
    """A period in words, or as the code that statistical tables give it: 2023000000, 2023100000 for a fiscal year."""
    code = _TIME_CODE.fullmatch(text)
    if code is None:
        return periods.read(text)
    first, last = int(code["first"]), int(code["last"])
    if not first:
        return periods.read(f"{code['year']}年度" if code["kind"] == "10" else f"{code['year']}年")
    return periods.months(int(code["year"]), first, max(last - first, 0) + 1)


def _cell(line: list[str], index: int | None) -> str:
    return line[index].strip() if index is not None and index < len(line) else ""


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else numbers.plain_decimal(value)
