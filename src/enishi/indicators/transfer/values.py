"""Values from a table: read, compared with what is there, and written all at once or not at all.

A million rows pass through here, so what a text means is worked out once and looked up afterwards, and rows are
written as they are read.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.engines import progress
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators import calculations, numbers, periods
from enishi.indicators.bulk import raw_rows
from enishi.indicators.enums import Aggregation, Certainty, ValueState
from enishi.indicators.forms import clean_dims
from enishi.indicators.models import AcquisitionRun, Indicator, Measurement
from enishi.indicators.transfer.owners import Owner, folded, owners_of
from enishi.indicators.transfer.sheets import Column, Notes, Sheet, is_goal, open_sheet

Tell = Callable[[int], None]
TELL_EVERY = 20_000
DIFFERENCES_KEPT = 100
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
"""Most cells of a large file: read without looking for signs and units."""
NO_DENOMINATOR = "取り込んだ資料に分母がない"
COLUMNS = (
    "indicator", "element", "fiscal_year", "period_start", "period_end", "dims", "value", "numerator", "denominator",
    "no_denominator_reason", "missing_reason", "status", "state", "definition", "run", "source_locator", "note",
    "recorded_by", "recorded_at", "returned_reason", "supersedes", "change_reason",
)  # fmt: skip
_STATUS = {
    "速報": "provisional",
    "速報値": "provisional",
    "確定": "confirmed",
    "確定値": "confirmed",
    "改訂": "revised",
}


@dataclass
class Line:
    """One value that is to be written."""

    owner: Owner
    span: tuple[int, str, str]
    dims: str
    value: str | None
    missing: str
    status: str
    numerator: str | None
    denominator: str | None
    note: str
    locator: str


@dataclass
class Plan:
    """What the import would do."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    notes: Notes = field(default_factory=Notes)
    differences: list[dict[str, Any]] = field(default_factory=list)
    years: dict[int, int] = field(default_factory=dict)
    owners: set[int] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "faults": [fault.as_json() for fault in self.notes.faults],
            "fault_count": self.notes.fault_count,
            "sentences": self.notes.sentences,
            "differences": self.differences,
            "years": {str(year): count for year, count in sorted(self.years.items())},
        }


class ValueReader:
    """Reads one file for one person; ``lines`` may be walked once to check and once more to write."""

    def __init__(self, run: AcquisitionRun, actor: Person, at: dt.datetime) -> None:
        self.run, self.actor, self.at = run, actor, at
        self.today = timezone.localdate(at)
        self.options: dict[str, Any] = run.options
        self.plan = Plan()
        self.owners = owners_of(actor, run.organization_id)
        self.spans: dict[str, tuple[int, str, str] | str] = {}
        self.numbers: dict[tuple[str, str, str], numbers.Written | str] = {}
        self.known: dict[tuple[bool, int, str, str, str], tuple[Any, ...]] | None = None
        self.replaced: list[int] = []
        """Values not yet approved that this file brings anew."""

    def check(self, file: IO[bytes], tell: Tell) -> Plan:
        """Walk the whole file and say what would happen; nothing is written."""
        for _line, _old in self.walk(file, tell):
            pass
        return self.plan

    def walk(self, file: IO[bytes], tell: Tell) -> Iterator[tuple[Line, tuple[Any, ...] | None]]:
        """Every line that changes something, with what it replaces."""
        sheet = open_sheet(file, self.plan.notes)
        if not self._columns_suffice(sheet):
            return
        if self.known is None:
            self.known = self._known()
        seen: set[tuple[bool, int, str, str, str]] = set()
        parts: dict[tuple[Owner | int, str, str], dict[str, Decimal]] = {}
        for count, (number, cells) in enumerate(sheet.rows(self.plan.notes), start=1):
            if count % TELL_EVERY == 0:
                tell(count)
            for line in self._lines_in(sheet, number, cells):
                key = (line.owner.is_indicator, line.owner.key, line.span[1], line.span[2], line.dims)
                if key in seen:
                    self.plan.notes.fault(
                        number, line.locator, line.value or line.missing,
                        _("同じ指標・期間・区分の値が、このファイルに二つあります。どちらか一つにしてください。"),
                    )  # fmt: skip
                    continue
                seen.add(key)
                self.plan.years[line.span[0]] = self.plan.years.get(line.span[0], 0) + 1
                if line.owner.dims and line.value is not None:
                    parts.setdefault((line.owner.key, line.span[1], line.span[2]), {})[line.dims] = Decimal(
                        line.value
                    )
                old = self.known.get(key)
                if self._counts(line, old, number):
                    self.plan.owners.add(line.owner.key if line.owner.is_indicator else -line.owner.key)
                    yield line, old
        self._check_parts(parts)

    @property
    def may_replace_waiting(self) -> bool:
        """Whether a value that waits for approval is there at all: it has to go before its better one comes."""
        if self.known is None:
            self.known = self._known()
        return any(each[3] != ValueState.APPROVED for each in self.known.values())

    def _columns_suffice(self, sheet: Sheet) -> bool:
        columns, notes = sheet.columns, self.plan.notes
        if "code" not in columns and "name" not in columns:
            sheet.refuse_without(notes, _("「指標番号」か「指標名」"))
            return False
        if not sheet.wide and not ("period" in columns and "value" in columns):
            notes.fault(
                sheet.lines.heading_row, _("見出し"), "",
                _("「年度」と「値」の列か、「R6」「令和7年度」のような年度の見出しの列が要ります。"),
            )  # fmt: skip
            return False
        sheet.say_unread(notes)
        return True

    # --- What is there already -------------------------------------------------------------------------------------

    def _known(self) -> dict[tuple[bool, int, str, str, str], tuple[Any, ...]]:
        """Every value of the house in force or waiting: (key, value, missing, state, status)."""
        found: dict[tuple[bool, int, str, str, str], tuple[Any, ...]] = {}
        house = self.run.organization_id
        states = [ValueState.APPROVED, ValueState.DRAFT, ValueState.SUBMITTED, ValueState.RETURNED]
        for is_indicator, rows in (
            (True, Measurement.objects.filter(indicator__organization_id=house)),
            (False, Measurement.objects.filter(element__organization_id=house)),
        ):
            name = "indicator_id" if is_indicator else "element_id"
            listed = (
                rows.filter(state__in=states)
                .order_by()
                .values_list(
                    name,
                    "period_start",
                    "period_end",
                    "dims",
                    "pk",
                    "value",
                    "missing_reason",
                    "state",
                    "status",
                )
            )
            for key, start, end, dims, *rest in raw_rows(listed):
                place = (is_indicator, key, str(start), str(end), dims)
                before = found.get(place)
                # What waits is what a new value meets first.
                if before is None or before[3] == ValueState.APPROVED:
                    found[place] = (*rest, before[0] if before else None)
        return found

    # --- One row -----------------------------------------------------------------------------------------------------

    def _lines_in(self, sheet: Sheet, number: int, cells: list[str]) -> Iterator[Line]:
        owner = self._owner_of(sheet, number, cells)
        if owner is None:
            return
        if sheet.wide:
            for column, span in sheet.wide:
                if is_goal(column.heading):
                    continue
                if cells[column.index].strip():
                    line = self._line(sheet, owner, number, cells, column, _plain_span(span))
                    if line is not None:
                        yield line
            return
        column = sheet.columns["period"]
        found = self._span(cells[column.index])
        if isinstance(found, str):
            self.plan.notes.fault(number, column.cell(number), cells[column.index], found)
            return
        line = self._line(sheet, owner, number, cells, sheet.columns["value"], found)
        if line is not None:
            yield line

    def _owner_of(self, sheet: Sheet, number: int, cells: list[str]) -> Owner | None:
        column = sheet.columns.get("code") or sheet.columns["name"]
        text = cells[column.index]
        if not text.strip() and "name" in sheet.columns:
            column = sheet.columns["name"]
            text = cells[column.index]
        owner = self.owners.get(text) or self.owners.get(folded(text))
        sentence = ""
        if owner is None:
            sentence = _(
                "「%(text)s」という指標もデータ項目もありません。番号か名前を確かめるか、先に指標を加えてください。"
            ) % {"text": text.strip()[:40]}
        elif not owner.may_enter:
            sentence = _("この指標に値を入れられるのは、担当課の人・管理職・企画の人です。")
        elif not owner.is_typed:
            sentence = _("この値はデータ項目や記録から計算します。取り込めません。")
        if sentence:
            self.plan.notes.fault(number, column.cell(number), text, sentence)
            return None
        return owner

    def _span(self, text: str) -> tuple[int, str, str] | str:
        """Fiscal year, first and last day; or the sentence that says why not."""
        found = self.spans.get(text)
        if found is None:
            try:
                found = _plain_span(periods.read(_undefused(text)))
            except periods.UnreadablePeriodError as error:
                found = str(error)
            self.spans[text] = found
        return found

    def _written(self, text: str, unit: str, written_unit: str) -> numbers.Written | str:
        if not written_unit and _PLAIN.fullmatch(text):
            return numbers.Written(Decimal(text))
        key = (text, unit, written_unit)
        found = self.numbers.get(key)
        if found is None:
            try:
                found = numbers.read(_undefused(text), unit=unit, written_unit=written_unit)
            except numbers.UnreadableNumberError as error:
                found = str(error)
            if len(self.numbers) > 200_000:
                self.numbers.clear()
            self.numbers[key] = found
        return found

    def _line(
        self,
        sheet: Sheet,
        owner: Owner,
        number: int,
        cells: list[str],
        column: Column,
        span: tuple[int, str, str],
    ) -> Line | None:
        fault = self.plan.notes.fault
        unit = self._text(sheet, cells, "unit") or column.unit or sheet.unit
        written = self._written(cells[column.index], owner.unit, unit)
        if isinstance(written, str):
            fault(number, column.cell(number), cells[column.index], written)
            return None
        missing = self._text(sheet, cells, "missing") or written.missing_reason
        if written.value is not None and self._text(sheet, cells, "missing"):
            fault(
                number,
                column.cell(number),
                cells[column.index],
                _("値と「値がない理由」の両方が書かれています。どちらか一方にしてください。"),
            )
            return None
        if written.value is None and not missing:
            fault(
                number,
                column.cell(number),
                "",
                _("値も「値がない理由」もありません。0なら0と書いてください。"),
            )
            return None
        try:
            parts = self._text(sheet, cells, "dims")
            dims = clean_dims(parts) if parts else ""
        except ValidationError as refused:
            fault(
                number,
                sheet.columns["dims"].cell(number),
                self._text(sheet, cells, "dims"),
                str(refused.messages[0]),
            )
            return None
        line = Line(
            owner=owner,
            span=span,
            dims=dims,
            value=None if written.value is None else f"{written.value:f}",
            missing=missing[:200],
            status=self._status(sheet, cells, span, written),
            numerator=self._part(sheet, cells, "numerator"),
            denominator=self._part(sheet, cells, "denominator"),
            note=(self._text(sheet, cells, "note") or written.note)[:300],
            locator=f"{column.letter}{number}",
        )
        sentence = self._wrong(line, written.value)
        if sentence:
            fault(number, column.cell(number), cells[column.index], sentence)
            return None
        return line

    def _status(
        self, sheet: Sheet, cells: list[str], span: tuple[int, str, str], written: numbers.Written
    ) -> str:
        """What its column says, or the cell itself (42(速報)); otherwise a period that is over is confirmed."""
        said = _STATUS.get(self._text(sheet, cells, "status"))
        if said or written.is_provisional:
            return said or str(Certainty.PROVISIONAL)
        return str(Certainty.PROVISIONAL if span[2] > self.today.isoformat() else Certainty.CONFIRMED)

    def _part(self, sheet: Sheet, cells: list[str], name: str) -> str | None:
        text = self._text(sheet, cells, name)
        found = self._written(text, "", "") if text else None
        return f"{found.value:f}" if isinstance(found, numbers.Written) and found.value is not None else None

    @staticmethod
    def _text(sheet: Sheet, cells: list[str], name: str) -> str:
        column = sheet.columns.get(name)
        return cells[column.index].strip() if column is not None else ""

    def _wrong(self, line: Line, value: Decimal | None) -> str:
        owner, today = line.owner, self.today.isoformat()
        if line.span[1] > today:
            return _("まだ来ていない期間の値です。年度を確かめてください。")
        if line.span[2] > today and line.status != Certainty.PROVISIONAL:
            return _("まだ終わっていない期間の値は「速報」です。「確かさ」の列に速報と書いてください。")
        year = self.options.get("year")
        if year and line.span[0] != year:
            return _(
                "%(found)sの値です。このファイルには%(wanted)sの値だけがあるはずです。ファイルを選び間違えていませんか。"
            ) % {
                "found": FiscalYear(line.span[0]),
                "wanted": FiscalYear(year),
            }
        if line.dims and {part.partition("=")[0] for part in line.dims.split(";")} - owner.dims:
            return _("区分「%(dims)s」は、この指標の区分の名前と合いません。") % {"dims": line.dims}
        if value is not None and not line.note and owner.is_implausible(value):
            return _(
                "ありうる範囲(%(low)s〜%(high)s)の外です。けたと単位を確かめ、正しければ注記の列にわけを書いてください。"
            ) % {
                "low": numbers.shown(owner.low),
                "high": numbers.shown(owner.high),
            }
        return ""

    def _counts(self, line: Line, old: tuple[Any, ...] | None, number: int) -> bool:
        """Count the line as new, changed or the same; the same is not written."""
        if old is None:
            self.plan.added += 1
            return True
        _pk, value, missing, state, status, _under = old
        before = None if value is None else calculations.number_of(value)
        after = None if line.value is None else Decimal(line.value)
        became_final = status == Certainty.PROVISIONAL and line.status != Certainty.PROVISIONAL
        if before == after and missing == line.missing and not became_final:
            self.plan.unchanged += 1
            return False
        if state == ValueState.APPROVED and not became_final and not self.options.get("change_reason"):
            self.plan.notes.fault(
                number, line.locator, line.value or line.missing,
                _("承認済みの値 %(old)s と違います。訂正するときは、取り込みの画面で「訂正の理由」を書いてください。")
                % {"old": missing if before is None else numbers.shown(before)},
            )  # fmt: skip
            return False
        self.plan.changed += 1
        if state != ValueState.APPROVED:
            self.replaced.append(_pk)
        if len(self.plan.differences) < DIFFERENCES_KEPT:
            self.plan.differences.append(
                {
                    "row": number,
                    "key": f"{line.owner.row.name} {periods.in_words(dt.date.fromisoformat(line.span[1]), dt.date.fromisoformat(line.span[2]))} {line.dims}".strip(),
                    "column": _("値"),
                    "before": missing if before is None else numbers.shown(before),
                    "after": line.missing if after is None else numbers.shown(after),
                }
            )
        return True

    def _check_parts(self, parts: dict[tuple[Owner | int, str, str], dict[str, Decimal]]) -> None:
        """M6 over what this file brings."""
        for (key, start, end), found in parts.items():
            owner = next(each for each in self.owners.values() if each.is_indicator and each.key == key)
            row = owner.row
            if row.aggregation != Aggregation.SUM or "" not in found or not isinstance(row, Indicator):
                continue
            for name in owner.dims:
                of_name = {
                    dims: value
                    for dims, value in found.items()
                    if dims.startswith(f"{name}=") and ";" not in dims
                }
                sentence = (
                    progress.parts_disagree(found[""], of_name, tolerance=row.parts_tolerance or 0)
                    if of_name
                    else None
                )
                if sentence:
                    period = periods.in_words(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
                    self.plan.notes.fault(
                        0,
                        f"{row.name} {period}",
                        "",
                        _("区分「%(name)s」の%(fault)s。") % {"name": name, "fault": sentence},
                    )

    # --- Writing -----------------------------------------------------------------------------------------------------

    def as_row(self, line: Line, old: tuple[Any, ...] | None, stamp: str) -> tuple[Any, ...]:
        """The line in the order of ``COLUMNS``. Only what replaces an approved value names it."""
        owner = line.owner
        replaced = None
        if old is not None:
            replaced = old[0] if old[3] == ValueState.APPROVED else old[5]
        became_final = old is not None and old[4] == Certainty.PROVISIONAL
        reason = self.options.get("change_reason") or (
            "速報値を確定値にした" if became_final else "取り込みによる訂正"
        )
        status = line.status
        if replaced is not None and not became_final and status == Certainty.CONFIRMED:
            status = Certainty.REVISED
        needs_reason = owner.is_ratio and line.value is not None and line.denominator is None
        return (
            owner.key if owner.is_indicator else None,
            None if owner.is_indicator else owner.key,
            line.span[0],
            line.span[1],
            line.span[2],
            line.dims,
            line.value,
            line.numerator,
            line.denominator,
            NO_DENOMINATOR if needs_reason else "",
            line.missing if line.value is None else "",
            str(status),
            str(ValueState.SUBMITTED),
            owner.definition_on(line.span[2]) if owner.is_indicator else 1,
            self.run.pk,
            line.locator,
            line.note,
            self.actor.pk,
            stamp,
            "",
            replaced,
            reason[:300] if replaced is not None else "",
        )


def _plain_span(span: periods.Span) -> tuple[int, str, str]:
    return span.fiscal_year, span.start.isoformat(), span.end.isoformat()


def _undefused(text: str) -> str:
    return text[1:] if text[:1] == "'" else text
