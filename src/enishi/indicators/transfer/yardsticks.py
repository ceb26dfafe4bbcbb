"""Indicators from a table: name, unit, direction, baseline and targets of many at once, with every fault named."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators import numbers, periods
from enishi.indicators.enums import (
    AcquisitionMethod,
    Direction,
    Frequency,
    IndicatorRole,
    IndicatorStage,
    ValueType,
)
from enishi.indicators.errors import RefusedError
from enishi.indicators.models import AcquisitionRun, Indicator, Target
from enishi.indicators.services import (
    create_indicator,
    edit_indicator,
    set_acquisition,
    set_baseline,
    set_target,
)
from enishi.indicators.transfer.sheets import Sheet, is_actual, open_sheet
from enishi.indicators.transfer.undoing import Made
from enishi.indicators.transfer.values import Plan
from enishi.organizations.models import Section

WORDS: dict[str, dict[str, str]] = {
    "direction": {
        **dict.fromkeys(("増やす", "増加", "増", "上昇", "向上", "拡大", "上げる", "↑", "UP"), "UP"),
        **dict.fromkeys(("減らす", "減少", "減", "削減", "低下", "縮小", "下げる", "↓", "DOWN"), "DOWN"),
        **dict.fromkeys(("保つ", "維持", "現状維持", "→", "KEEP"), "KEEP"),
        **dict.fromkeys(("範囲", "範囲におさめる"), "RANGE"),
        **dict.fromkeys(("実施する", "実施"), "BINARY"),
    },
    "role": {"KGI": "KGI", "KSI": "KSI", "KPI": "KPI"},
    "stage": {
        "活動": "output", "アウトプット": "output", "活動指標": "output", "成果": "intermediate", "成果指標": "intermediate",
        "アウトカム": "intermediate", "初期成果": "initial", "中間成果": "intermediate", "最終成果": "final",
    },
    "frequency": {"毎年度": "yearly", "年1回": "yearly", "毎月": "monthly", "月次": "monthly", "四半期ごと": "quarterly", "半年ごと": "half", "2年に1回": "biennial", "不定期": "irregular"},
}  # fmt: skip
CHOICES: dict[str, type[models.TextChoices]] = {
    "direction": Direction,
    "role": IndicatorRole,
    "stage": IndicatorStage,
    "frequency": Frequency,
}


@dataclass
class Wanted:
    """One row of the file."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    definition: str = ""
    source: str = ""
    base: tuple[int, Decimal] | None = None
    targets: dict[int, Decimal] = field(default_factory=dict)
    rationale: str = ""


class YardstickReader:
    """Reads one file of indicators; ``wanted`` are the rows without faults."""

    def __init__(self, run: AcquisitionRun, actor: Person, at: dt.datetime) -> None:
        self.run, self.actor, self.at = run, actor, at
        self.plan = Plan()
        self.wanted: list[Wanted] = []
        self.made = Made()
        today = timezone.localdate(at)
        sections = Section.objects.open_on(today).filter(organization=run.organization)
        self.sections = {each.name: each for each in sections}
        rows = Indicator.objects.kept().filter(organization=run.organization).select_related("section")
        self.by_code = {each.code: each for each in rows}
        self.by_name = {each.name: each for each in rows}

    def check(self, file: IO[bytes]) -> Plan:
        sheet = open_sheet(file, self.plan.notes)
        if "name" not in sheet.columns:
            sheet.refuse_without(self.plan.notes, _("「指標名」"))
            return self.plan
        sheet.say_unread(self.plan.notes)
        seen: set[str] = set()
        for number, cells in sheet.rows(self.plan.notes):
            before = self.plan.notes.fault_count
            wanted = self._row(sheet, number, cells)
            name = wanted.values["name"]
            if name in seen:
                self._fault(sheet, "name", number, name, _("同じ名前の指標が、このファイルに二つあります。"))
            seen.add(name)
            if self.plan.notes.fault_count == before:
                self.wanted.append(wanted)
                self._compare(wanted)
        if not seen and not self.plan.notes.fault_count:
            self.plan.notes.fault(1, _("ファイル"), "", _("指標の行がありません。"))
        return self.plan

    def existing(self, wanted: Wanted) -> Indicator | None:
        return self.by_code.get(wanted.values.get("code", "")) or self.by_name.get(wanted.values["name"])

    def _fault(self, sheet: Sheet, name: str, number: int, text: str, reason: str) -> None:
        self.plan.notes.fault(number, sheet.columns[name].cell(number), text, reason)

    def _row(self, sheet: Sheet, number: int, cells: list[str]) -> Wanted:
        def text(name: str) -> str:
            column = sheet.columns.get(name)
            return cells[column.index].strip() if column else ""

        wanted = Wanted(
            number, definition=text("definition"), source=text("source"), rationale=text("rationale")
        )
        wanted.values["name"] = text("name")
        if not wanted.values["name"]:
            self._fault(sheet, "name", number, "", _("指標名がありません。"))
        if text("code"):
            wanted.values["code"] = unicodedata.normalize("NFKC", text("code"))
        unit = text("unit") or sheet.unit
        if unit:
            wanted.values["unit"] = unit
            if unit in ("%", "%"):
                wanted.values |= {"value_type": ValueType.RATIO, "decimals": 1}
        for name in CHOICES:
            if text(name):
                self._choice(sheet, wanted, name, number, text(name))
        if text("section"):
            section = self.sections.get(text("section"))
            if section is None:
                self._fault(
                    sheet,
                    "section",
                    number,
                    text("section"),
                    _("この名前の課がありません。課の一覧の名前で書いてください。"),
                )
            wanted.values["section"] = section
        self._numbers(sheet, wanted, number, cells, unit)
        return wanted

    def _choice(self, sheet: Sheet, wanted: Wanted, name: str, number: int, text: str) -> None:
        labels = {str(each.label): each.value for each in CHOICES[name]}
        plain = unicodedata.normalize("NFKC", text)
        found = WORDS[name].get(plain) or WORDS[name].get(plain.upper()) or labels.get(text)
        if found is None:
            choices = _("、").join(labels)
            self._fault(
                sheet, name, number, text, _("使える言葉は %(choices)s です。") % {"choices": choices}
            )
            return
        wanted.values[name] = found

    def _numbers(self, sheet: Sheet, wanted: Wanted, number: int, cells: list[str], unit: str) -> None:
        base = self._number(sheet, "base_value", number, cells, unit)
        base_year = self._year(sheet, "base_year", number, cells)
        if base is not None and base_year is None:
            base_year = sheet.columns["base_value"].year
        if base is not None and base_year is not None:
            wanted.base = (base_year, base)
        elif base is not None or base_year is not None:
            where = "base_value" if "base_value" in sheet.columns else "base_year"
            self._fault(sheet, where, number, "", _("基準値と基準年度は、両方を書いてください。"))
        target = self._number(sheet, "target_value", number, cells, unit)
        target_year = self._year(sheet, "target_year", number, cells)
        if target is not None and target_year is None:
            target_year = sheet.columns["target_value"].year
        if target is not None and target_year is not None:
            wanted.targets[target_year] = target
        elif target is not None or target_year is not None:
            where = "target_value" if "target_value" in sheet.columns else "target_year"
            self._fault(sheet, where, number, "", _("目標値と目標年度は、両方を書いてください。"))
        for column, span in sheet.wide:
            if is_actual(column.heading):
                self.plan.notes.say(
                    _(
                        "「%(heading)s」は実績値の列なので、ここでは読みません。指標を保存したあと、同じファイルを「値」として取り込めます。"
                    )
                    % {"heading": column.heading}
                )
                continue
            try:
                written = numbers.read(cells[column.index], unit=unit, written_unit=column.unit)
            except numbers.UnreadableNumberError as error:
                self.plan.notes.fault(number, column.cell(number), cells[column.index], str(error))
                continue
            if written.value is not None:
                wanted.targets[span.fiscal_year] = written.value
        tolerance = self._number(sheet, "tolerance", number, cells, unit)
        if tolerance is not None:
            wanted.values["tolerance"] = tolerance
        self._sides(sheet, wanted, number)

    def _sides(self, sheet: Sheet, wanted: Wanted, number: int) -> None:
        """M5 before anything is written; without a word on the direction the numbers tell it."""
        if wanted.base is None or not wanted.targets:
            return
        base = wanted.base[1]
        last = wanted.targets[max(wanted.targets)]
        known = self.existing(wanted)
        if "direction" not in wanted.values and known is None:
            wanted.values["direction"] = "UP" if last > base else "DOWN" if last < base else "KEEP"
            self.plan.notes.say(_("めざす向きの書いてない指標は、基準値と目標値から決めました。"))
        direction = wanted.values.get("direction") or (known.direction if known else "UP")
        for year, target in wanted.targets.items():
            wrong = (direction == "UP" and target <= base) or (direction == "DOWN" and target >= base)
            if wrong:
                where = "target_value" if "target_value" in sheet.columns else "name"
                self._fault(
                    sheet, where, number, f"{target}",
                    _("%(year)sの目標値が、めざす向き「%(direction)s」と基準値 %(base)s に合いません。")
                    % {"year": fiscal_year_in_words(FiscalYear(year)), "direction": Direction(direction).label, "base": numbers.shown(base)},
                )  # fmt: skip

    def _number(self, sheet: Sheet, name: str, number: int, cells: list[str], unit: str) -> Decimal | None:
        column = sheet.columns.get(name)
        if column is None:
            return None
        try:
            return numbers.read(cells[column.index], unit=unit, written_unit=column.unit).value
        except numbers.UnreadableNumberError as error:
            self._fault(sheet, name, number, cells[column.index], str(error))
            return None

    def _year(self, sheet: Sheet, name: str, number: int, cells: list[str]) -> int | None:
        column = sheet.columns.get(name)
        if column is None or not cells[column.index].strip():
            return None
        try:
            return periods.read(cells[column.index]).fiscal_year
        except periods.UnreadablePeriodError as error:
            self._fault(sheet, name, number, cells[column.index], str(error))
            return None

    def _compare(self, wanted: Wanted) -> None:
        known = self.existing(wanted)
        if known is None:
            self.plan.added += 1
            return
        changes = {
            _label(name): (_worded(known, name, getattr(known, name)), _worded(known, name, value))
            for name, value in wanted.values.items()
            if getattr(known, name) != value
        }
        targets = dict(
            Target.objects.filter(indicator=known, frame="", is_current=True).values_list(
                "fiscal_year", "value"
            )
        )
        changes |= {
            _("%(year)sの目標値") % {"year": fiscal_year_in_words(FiscalYear(year))}: (
                targets.get(year),
                value,
            )
            for year, value in wanted.targets.items()
            if targets.get(year) != value
        }
        if not changes:
            self.plan.unchanged += 1
            return
        self.plan.changed += 1
        for name, (before, after) in list(changes.items())[:10]:
            self.plan.differences.append(
                {
                    "row": wanted.number,
                    "key": known.name,
                    "column": name,
                    "before": _said(before),
                    "after": _said(after),
                }
            )

    # --- Writing -----------------------------------------------------------------------------------------------------

    def save(self) -> int:
        """Through the services, one by one; a refusal names its row and the caller takes everything back."""
        for wanted in self.wanted:
            try:
                self._save(wanted)
            except ValidationError as refused:
                raise RefusedError(
                    _("%(row)d行目: %(why)s") % {"row": wanted.number, "why": _("、").join(refused.messages)}
                ) from refused
            except PermissionDenied as refused:
                raise RefusedError(
                    _("%(row)d行目: この指標を書き換えられるのは、担当課の人・管理職・企画の人です。")
                    % {"row": wanted.number}
                ) from refused
        keys = Indicator.objects.filter(pk__in=self.made.versions).values_list("pk", "version")
        self.made.versions = dict(keys)
        return len(self.wanted)

    def _save(self, wanted: Wanted) -> None:
        known = self.existing(wanted)
        if known is None:
            known = create_indicator(
                organization=self.run.organization,
                values={"unit": "", **wanted.values},
                definition=wanted.definition,
                actor=self.actor,
                at=self.at,
            )
            self.made.created.append(known.pk)
        else:
            changes = {name: value for name, value in wanted.values.items() if getattr(known, name) != value}
            if changes:
                self.made.edit(known, changes)
                known = edit_indicator(
                    indicator_id=known.pk, values=changes, version=None, actor=self.actor, at=self.at
                )
        self.made.versions[known.pk] = known.version
        if wanted.source:
            self.made.acquire(known)
            values: Mapping[str, Any] = {"method": AcquisitionMethod.MANUAL, "source": wanted.source[:200]}
            set_acquisition(owner=known, values=values, actor=self.actor, at=self.at)
        self._goals(known, wanted)

    def _goals(self, known: Indicator, wanted: Wanted) -> None:
        why = self.run.options.get("change_reason") or _("「%(file)s」の取り込みによる") % {
            "file": self.run.file_name
        }
        base = known.baselines.filter(frame="", is_current=True).first()
        if wanted.base and (base is None or (base.fiscal_year, base.value) != wanted.base):
            made = set_baseline(
                indicator_id=known.pk, fiscal_year=wanted.base[0], value=wanted.base[1], reason=why,
                basis=wanted.source[:300], actor=self.actor, at=self.at,
            )  # fmt: skip
            self.made.baselines.append(made.pk)
        current = dict(known.targets.filter(frame="", is_current=True).values_list("fiscal_year", "value"))
        for year, value in sorted(wanted.targets.items()):
            if current.get(year) != value:
                goal = set_target(
                    indicator_id=known.pk, fiscal_year=year, value=value, reason=why,
                    rationale=wanted.rationale or why, actor=self.actor, at=self.at,
                )  # fmt: skip
                self.made.targets.append(goal.pk)


def _label(name: str) -> str:
    field: Any = Indicator._meta.get_field(name)
    return str(field.verbose_name)


def _worded(known: Indicator, name: str, value: Any) -> Any:
    """A choice by its word: 増やす, not UP."""
    field: Any = known._meta.get_field(name)
    return dict(field.choices).get(value, value) if field.choices else value


def _said(value: Any) -> str:
    if isinstance(value, Decimal):
        return numbers.shown(value)
    return "" if value is None else str(value)
