"""The list of programmes as a sheet: out with all columns, filled in, and back in with a preview of what would change."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import services
from enishi.budgets.access import programme_access
from enishi.budgets.enums import Delivery, LegalKind, Origin, YearStatus
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Programme, ProgrammeYear
from enishi.budgets.services import ProgrammeValues, YearValues
from enishi.budgets.transfer.cells import UnreadableCellError, read_year
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.indicators.models import Indicator
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section

HEADINGS: tuple[str, ...] = (
    *("事業番号", "事務事業名", "担当課", "概要", "事務の種類", "根拠法令・条例", "実施方法", "発案"),
    *("開始年度", "終了年度", "終える理由", "ゼロ予算", "公開範囲", "活動量の指標", "統合した先"),
    *("年度", "年度の状態", "人工", "従事時間"),
)
NEEDED = ("事務事業名", "開始年度")
MOST = 20_000


def sheet_row(row: Programme, year: ProgrammeYear | None, fiscal_year: int) -> list[object]:
    """One programme as the sheet writes it."""
    return [
        row.uid,
        row.title,
        row.section.name if row.section else "",
        row.summary,
        row.get_legal_kind_display(),
        row.legal_basis,
        row.get_delivery_display() if row.delivery else "",
        row.get_origin_display(),
        row.start_fy,
        row.end_fy or "",
        row.end_reason,
        _("はい") if row.zero_budget else "",
        row.get_visibility_display(),
        row.output_indicator.code if row.output_indicator else "",
        row.merged_into.uid if row.merged_into else "",
        fiscal_year,
        year.get_status_display() if year else "",
        year.fte if year and year.fte is not None else "",
        year.staff_hours if year and year.staff_hours is not None else "",
    ]


@dataclass(frozen=True)
class Line:
    """What one row of the sheet wants."""

    row: int
    uid: str
    values: ProgrammeValues
    year: int | None
    year_values: YearValues | None


@dataclass
class Preview:
    """What bringing the sheet in would do; the words of the import's preview."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def refuse(self, fault: Fault) -> None:
        self.faults.append(fault.as_json())


def preview(*, organization: Organization, content: bytes, actor: Person) -> Preview:
    """Read the sheet and compare it with what is stored; write nothing."""
    programme_access.require(actor, "create", organization)  # type: ignore[arg-type]
    found = Preview()
    try:
        table = read_table(content, max_rows=MOST, is_heading=lambda cell: cell in HEADINGS)
    except UnreadableTableError as refusal:
        found.refuse(Fault(0, _("ファイル"), "", str(refusal)))
        return found
    lacking = [name for name in NEEDED if name not in table.headings]
    if lacking:
        found.refuse(Fault(1, _("見出し"), "、".join(lacking), _("この見出しの列を加えてください。")))
        return found
    reader = _Reader(organization, [row.cells.get("事業番号", "") for row in table.rows])
    seen: dict[str, int] = {}
    for row in table.rows:
        line = reader.line(row.number, row.cells, found)
        if line is None:
            continue
        if line.uid in seen:
            found.refuse(
                Fault(
                    row.number,
                    "事業番号",
                    line.uid,
                    _("%(row)d行目と同じ番号です。番号は一つの事業に一つです。") % {"row": seen[line.uid]},
                )
            )
        seen[line.uid] = row.number
        found.lines.append(line)
        reader.compare(line, found)
    return found


@transaction.atomic
def bring_in(*, organization: Organization, content: bytes, actor: Person, at: dt.datetime) -> Preview:
    """Do what the preview says: all rows or none."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    found = preview(organization=organization, content=content, actor=actor)
    if found.faults:
        raise RefusedError(_("直すところがあるため、何も取り込みませんでした。"))
    known = {row.uid: row for row in Programme.objects.filter(organization=organization)}
    for line in found.lines:
        programme = known.get(line.uid)
        if programme is None:
            programme = services.register_programme(
                organization=organization, uid=line.uid, values=line.values, actor=actor, at=at
            )
        elif _differs(programme, line.values):
            programme = services.edit_programme(
                programme_id=programme.pk,
                values=line.values,
                version=programme.version,
                actor=actor,
                at=at,
            )
        if line.year is not None and line.year_values is not None:
            kept = ProgrammeYear.objects.filter(programme=programme, fiscal_year=line.year).first()
            values = replace(line.year_values, narrative=kept.narrative if kept else "")
            services.set_programme_year(
                programme_id=programme.pk, fiscal_year=line.year, values=values, actor=actor, at=at
            )
    return found


def _differs(programme: Programme, values: ProgrammeValues) -> bool:
    return any(getattr(programme, name) != value for name, value in vars(values).items())


class _Reader:
    """Turns the words of the sheet into the database's keys and codes."""

    def __init__(self, organization: Organization, given: Iterable[str]) -> None:
        self.organization = organization
        sections = Section.objects.filter(organization=organization, valid_to__isnull=True)
        self.sections = {row.name: row.pk for row in sections}
        self.known = {row.uid: row for row in Programme.objects.filter(organization=organization)}
        indicators = Indicator.objects.in_use().filter(organization=organization)
        self.indicators = dict(indicators.values_list("code", "pk"))
        # A list that names no section means whichever programme has this name.
        self.by_name: dict[tuple[str, int | None], str] = {
            (row.title, None): row.uid for row in self.known.values()
        }
        self.by_name |= {(row.title, row.section_id): row.uid for row in self.known.values()}
        taken = [int(number) for number in given if number.strip().isdecimal()]
        self.next_uid = max(int(services.next_uid(organization)), *(number + 1 for number in taken), 1)

    def line(self, number: int, cells: Mapping[str, str], found: Preview) -> Line | None:
        text = {name: clean_text(cells.get(name, "")).strip() for name in HEADINGS}
        faults = len(found.faults)
        uid = self._numbered(text)
        if len(uid) != 6 or not (uid.isascii() and uid.isdecimal()):
            found.refuse(
                Fault(
                    number,
                    "事業番号",
                    shortened(uid),
                    _(
                        "6桁の数字で書いてください。例: 100101。新しい事業は空けておくと、次の番号が付きます。"
                    ),
                )
            )
            return None
        if not text["事務事業名"]:
            found.refuse(Fault(number, "事務事業名", "", _("事務事業名を書いてください。")))
        old = self.known.get(uid)
        values = ProgrammeValues(
            title=text["事務事業名"][:120],
            start_fy=self._year(number, "開始年度", text, found) or 0,
            summary=self._kept(cells, "概要", old.summary if old else ""),
            section_id=self._of(
                number, "担当課", text, self.sections, found, old.section_id if old else None
            ),
            legal_basis=self._kept(cells, "根拠法令・条例", old.legal_basis if old else ""),
            legal_kind=self._choice(
                number, "事務の種類", text, LegalKind, found, old.legal_kind if old else "own"
            ),
            delivery=self._choice(number, "実施方法", text, Delivery, found, old.delivery if old else ""),
            origin=self._choice(number, "発案", text, Origin, found, old.origin if old else "staff"),
            end_fy=self._end(number, cells, text, found, old),
            end_reason=self._kept(cells, "終える理由", old.end_reason if old else ""),
            zero_budget=(text["ゼロ予算"] in {"はい", "○", "1", "有", "Yes"})
            if "ゼロ予算" in cells
            else bool(old and old.zero_budget),
            output_indicator_id=self._of(
                number, "活動量の指標", text, self.indicators, found, old.output_indicator_id if old else None
            ),
            visibility=self._choice(
                number, "公開範囲", text, Visibility, found, old.visibility if old else "public"
            ),
        )
        if values.end_fy is not None and values.start_fy and values.end_fy < values.start_fy:
            found.refuse(
                Fault(number, "終了年度", str(values.end_fy), _("開始年度と同じか後にしてください。"))
            )
        year = self._year(number, "年度", text, found) if text["年度"] else None
        year_values = self._year_values(number, text, found) if year is not None else None
        return Line(number, uid, values, year, year_values) if len(found.faults) == faults else None

    def _numbered(self, text: Mapping[str, str]) -> str:
        """A city's own list has no numbers of ours: a known name keeps its number, a new one gets the next."""
        written = text["事業番号"]
        if written or not text["事務事業名"]:
            return written.zfill(6) if written.isdecimal() else written
        name = text["事務事業名"][:120], self.sections.get(text["担当課"])
        if name not in self.by_name:
            self.by_name[name] = f"{self.next_uid:06d}"
            self.next_uid += 1
        return self.by_name[name]

    def _kept(self, cells: Mapping[str, str], name: str, old: str) -> str:
        """A column that the sheet lacks changes nothing."""
        return clean_text(cells[name], lines=True).strip() if name in cells else old

    def _year(self, number: int, name: str, text: Mapping[str, str], found: Preview) -> int | None:
        try:
            return read_year(text[name])
        except UnreadableCellError as unreadable:
            found.refuse(Fault(number, name, shortened(text[name]), str(unreadable)))
            return None

    def _end(
        self,
        number: int,
        cells: Mapping[str, str],
        text: Mapping[str, str],
        found: Preview,
        old: Programme | None,
    ) -> int | None:
        if "終了年度" not in cells:
            return old.end_fy if old else None
        return self._year(number, "終了年度", text, found) if text["終了年度"] else None

    def _of(
        self,
        number: int,
        name: str,
        text: Mapping[str, str],
        known: Mapping[str, int],
        found: Preview,
        old: int | None,
    ) -> int | None:
        if not text[name]:
            return old
        if text[name] not in known:
            found.refuse(
                Fault(
                    number,
                    name,
                    shortened(text[name]),
                    _("この名前のものがありません。一覧の名前と同じに書いてください。"),
                )
            )
            return None
        return known[text[name]]

    def _choice(
        self, number: int, name: str, text: Mapping[str, str], choices: Any, found: Preview, old: str
    ) -> str:
        if not text[name]:
            return old
        labels = {str(label): str(value) for value, label in choices.choices}
        if text[name] not in labels and text[name] not in choices.values:
            found.refuse(
                Fault(
                    number,
                    name,
                    shortened(text[name]),
                    _("選べるのは %(choices)s です。") % {"choices": _("、").join(labels)},
                )
            )
        return labels.get(text[name], text[name])

    def _year_values(self, number: int, text: Mapping[str, str], found: Preview) -> YearValues | None:
        if not any(text[name] for name in ("年度の状態", "人工", "従事時間")):
            return None
        status = self._choice(number, "年度の状態", text, YearStatus, found, YearStatus.PLANNED.value)
        return YearValues(
            status=status,
            fte=self._decimal(number, "人工", text, found),
            staff_hours=self._decimal(number, "従事時間", text, found),
        )

    def _decimal(self, number: int, name: str, text: Mapping[str, str], found: Preview) -> Decimal | None:
        if not text[name]:
            return None
        try:
            value = Decimal(text[name].replace(",", ""))
        except InvalidOperation:
            value = Decimal(-1)
        if not (value.is_finite() and 0 <= value < 100_000):
            found.refuse(Fault(number, name, shortened(text[name]), _("0以上の数で書いてください。例: 1.5")))
            return None
        return value

    def compare(self, line: Line, found: Preview) -> None:
        old = self.known.get(line.uid)
        if old is None:
            found.added += 1
            return
        changes = [
            (name, getattr(old, name), value)
            for name, value in vars(line.values).items()
            if getattr(old, name) != value
        ]
        found.changed += bool(changes)
        found.unchanged += not changes
        for name, before, after in changes:
            column = str(Programme._meta.get_field(name.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
            found.differences.append(
                {
                    "row": line.row,
                    "key": line.uid,
                    "column": column,
                    "before": "" if before is None else before,
                    "after": "" if after is None else after,
                }
            )


__all__ = ["HEADINGS", "Preview", "bring_in", "preview", "sheet_row"]
