"""Existing agreements from a municipality's own list (協定一覧): read, shown, taken over all or nothing, undone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.calculations import seal
from enishi.agreements.enums import AgreementKind, AgreementStatus, Renewal, VersionState
from enishi.agreements.errors import RefusedError
from enishi.agreements.forms_rows import linked
from enishi.agreements.knowledge import knowledge
from enishi.agreements.models import Agreement, AgreementImport
from enishi.agreements.services import drafting
from enishi.agreements.services.records import finish, mirror
from enishi.exchange.files import safe_name
from enishi.exchange.models import Field
from enishi.foundation import trail
from enishi.foundation.forms import clean_text, read_date, too_long
from enishi.foundation.numbers import whole
from enishi.foundation.spreadsheets import Table
from enishi.organizations.models import Organization, Section

MOST_ROWS = 2_000
UNDO_WITHIN = dt.timedelta(days=30)
NAMES: dict[str, tuple[str, ...]] = {
    "number": ("管理番号", "番号", "協定番号", "No", "NO", "No."),
    "title": ("名称", "協定名", "協定の名称", "協定名称", "件名"),
    "kind": ("種類", "協定の種類", "区分", "種別"),
    "scheme": ("制度", "根拠制度"),
    "counterparts": ("相手方", "相手", "協定先", "締結先", "相手方名称", "協定の相手方"),
    "purpose": ("目的", "協定の目的", "概要", "内容", "協定内容"),
    "signed_on": ("締結日", "協定締結日", "締結年月日"),
    "starts_on": ("始まり", "開始日", "有効期間(始)", "期間開始"),
    "ends_on": ("終わり", "終了日", "有効期限", "有効期間(終)", "期間終了", "満了日"),
    "renewal": ("更新", "更新方法", "自動更新"),
    "notice_months": ("予告月数", "申し出(月前)", "更新申出"),
    "section": ("担当課", "所管課", "担当", "主管課"),
    "field": ("分野",),
}
_WANTED = ("title", "counterparts")
_RENEWALS = {
    "": Renewal.NONE,
    "なし": Renewal.NONE,
    "無": Renewal.NONE,
    "×": Renewal.NONE,
    "更新しない": Renewal.NONE,
    "自動": Renewal.AUTOMATIC,
    "自動更新": Renewal.AUTOMATIC,
    "有": Renewal.AUTOMATIC,
    "あり": Renewal.AUTOMATIC,
    "○": Renewal.AUTOMATIC,
    "申し出": Renewal.BY_NOTICE,
    "申出": Renewal.BY_NOTICE,
    "協議": Renewal.BY_NOTICE,
}
_HEADINGS = {name: key for key, names in NAMES.items() for name in names}


def is_heading(text: str) -> bool:
    return text.strip() in _HEADINGS


@transaction.atomic
def read(
    *, organization: Organization, name: str, table: Table, actor: Person, at: dt.datetime
) -> AgreementImport:
    """Read the sheet and keep what it would bring, with every fault by row, column, value and reason."""
    agreement_access.require(actor, "create", organization)  # type: ignore[arg-type]
    reader = _Reader(organization, timezone.localdate(at))
    rows = reader.rows(table)
    if not rows and not reader.faults:
        raise RefusedError(
            _("取り込む行がありません。見出しの下にデータの行があるファイルを選んでください。")
        )
    return AgreementImport.objects.create(
        organization=organization,
        person=actor,
        name=safe_name(name),
        rows=[] if reader.faults else rows,
        faults=reader.faults[:500],
        made_at=at,
    )


class _Reader:
    """Turns the cells of the sheet into values, and says what cannot be one."""

    def __init__(self, organization: Organization, today: dt.date) -> None:
        self.organization = organization
        self.today = today
        self.faults: list[dict[str, Any]] = []
        self.sections = {
            row.name: row.pk for row in Section.objects.filter(organization=organization).open_on(today)
        }
        self.fields = {field.name: field.pk for field in Field.objects.filter(is_active=True)}
        self.schemes = {scheme.name: key for key, scheme in knowledge().schemes.items()}
        kinds = {str(kind.label): kind.value for kind in AgreementKind}
        self.kinds = kinds | {
            "包括連携": "comprehensive",
            "災害": "disaster",
            "実証": "trial",
            "防災": "disaster",
        }

    def rows(self, table: Table) -> list[dict[str, Any]]:
        columns = {
            heading: _HEADINGS[heading.strip()] for heading in table.headings if heading.strip() in _HEADINGS
        }
        missing = [NAMES[name][0] for name in _WANTED if name not in columns.values()]
        if missing:
            self._fault(1, "、".join(missing), "", _("この見出しの列がありません。"))
            return []
        if len(table.rows) > MOST_ROWS:
            self._fault(1, "", "", _("一度に取り込めるのは%(most)s行までです。") % {"most": f"{MOST_ROWS:,}"})
            return []
        found = []
        for line in table.rows:
            cells = {
                columns[heading]: (heading, clean_text(value).strip())
                for heading, value in line.cells.items()
                if heading in columns
            }
            if any(value for _heading, value in cells.values()):
                found.append(self._row(line.number, cells))
        self._once(found)
        return found

    def _row(self, number: int, cells: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
        row: dict[str, Any] = {"row": number}
        for name, limit in (("number", 30), ("title", 150), ("purpose", 4_000), ("counterparts", 1_000)):
            row[name] = self._text(number, cells, name, limit)
        for name in ("signed_on", "starts_on", "ends_on"):
            row[name] = self._day(number, cells, name)
        row["kind"] = self._one(number, cells, "kind", self.kinds, AgreementKind.OTHER)
        row["scheme"] = self._one(number, cells, "scheme", self.schemes, "")
        row["section_id"] = self._one(number, cells, "section", self.sections, None)
        row["field_id"] = self._one(number, cells, "field", self.fields, None)
        row["renewal"] = self._one(number, cells, "renewal", _RENEWALS, Renewal.NONE)
        row["notice_months"] = self._months(number, cells)
        self._whole(number, row)
        return row

    def _text(self, number: int, cells: Mapping[str, tuple[str, str]], name: str, limit: int) -> str:
        heading, text = cells.get(name, ("", ""))
        if len(text) > limit:
            self._fault(number, heading, text[:40], too_long(limit))
        return text

    def _day(self, number: int, cells: Mapping[str, tuple[str, str]], name: str) -> str | None:
        heading, text = cells.get(name, ("", ""))
        if text in {"", "-", "―", "なし", "定めなし", "期限なし"}:
            return None
        try:
            return read_date(text).isoformat()
        except ValidationError as error:
            self._fault(number, heading, text, " ".join(error.messages))
            return None

    def _one(
        self,
        number: int,
        cells: Mapping[str, tuple[str, str]],
        name: str,
        known: Mapping[str, Any],
        usual: Any,
    ) -> Any:
        heading, text = cells.get(name, ("", ""))
        if not text:
            return usual
        if text not in known:
            some = "、".join(str(each) for each in list(known)[:8] if each)
            self._fault(
                number,
                heading,
                text,
                _("知らない言葉です。例: %(some)s") % {"some": some or _("(登録がありません)")},
            )
            return usual
        value = known[text]
        return value.value if hasattr(value, "value") else value

    def _months(self, number: int, cells: Mapping[str, tuple[str, str]]) -> int | None:
        heading, text = cells.get("notice_months", ("", ""))
        digits = text.removesuffix("か月前").removesuffix("月前").removesuffix("か月").removesuffix("月")
        if not digits:
            return None
        months = whole(digits, 1, 60)
        if months is None:
            self._fault(number, heading, text, _("月の数で書いてください。例: 3"))
        return months

    def _whole(self, number: int, row: Mapping[str, Any]) -> None:
        for name in _WANTED:
            if not row[name]:
                self._fault(number, NAMES[name][0], "", _("空欄にはできません。"))
        begins = row["starts_on"] or row["signed_on"]
        if begins and row["ends_on"] and row["ends_on"] < begins:
            self._fault(number, NAMES["ends_on"][0], row["ends_on"], _("始まりより前の日です。"))
        if row["signed_on"] and row["signed_on"] > self.today.isoformat():
            self._fault(
                number,
                NAMES["signed_on"][0],
                row["signed_on"],
                _("先の日付です。締結した協定だけを取り込めます。"),
            )
        if not row["signed_on"] and not row["starts_on"]:
            self._fault(number, NAMES["signed_on"][0], "", _("締結日か始まりのどちらかが要ります。"))

    def _once(self, rows: list[dict[str, Any]]) -> None:
        seen: dict[str, int] = {}
        for row in rows:
            key = key_of(row)
            if key in seen:
                self._fault(
                    row["row"],
                    NAMES["title"][0],
                    row["title"],
                    _("%(row)d行目と同じ協定です。") % {"row": seen[key]},
                )
            seen[key] = row["row"]

    def _fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.faults.append({"row": row, "column": column, "value": value[:60], "reason": reason})


def key_of(row: Mapping[str, Any]) -> str:
    """By which a row is known again: its number, else its name and first counterpart."""
    if row["number"]:
        return f"no-{row['number']}"
    return f"{row['title'][:60]}|{row['counterparts'][:40]}"


def known_keys(organization: Organization, rows: list[dict[str, Any]]) -> set[str]:
    """Which of the rows are here already: they are left as they are."""
    keys = [key_of(row) for row in rows]
    there = Agreement.objects.filter(organization=organization)
    found = set(there.filter(import_key__in=keys).values_list("import_key", flat=True))
    numbers = [row["number"] for row in rows if row["number"]]
    return found | {
        f"no-{number}"
        for number in there.filter(number__in=numbers, deleted_at__isnull=True).values_list(
            "number", flat=True
        )
    }


@transaction.atomic
def apply(*, import_id: int, actor: Person, at: dt.datetime) -> AgreementImport:
    """Take the rows over, all or nothing; those that are here already are left alone."""
    batch = (
        AgreementImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=import_id)
    )
    agreement_access.require(actor, "create", batch.organization)  # type: ignore[arg-type]
    if batch.applied_at is not None:
        raise RefusedError(_("この取り込みは、もう済んでいます。"))
    if batch.faults or not batch.rows:
        raise RefusedError(_("直すところが残っています。ファイルを直して、もう一度選んでください。"))
    known = known_keys(batch.organization, batch.rows)
    made = [_make(batch.organization, row, actor, at).pk for row in batch.rows if key_of(row) not in known]
    batch.applied_at, batch.made = at, made
    batch.save(update_fields=["applied_at", "made"])
    return batch


def _make(organization: Organization, row: Mapping[str, Any], actor: Person, at: dt.datetime) -> Agreement:
    """One past agreement: concluded long ago, so it has one version, in force and sealed as it was brought in."""
    days = {
        name: dt.date.fromisoformat(row[name]) if row[name] else None
        for name in ("signed_on", "starts_on", "ends_on")
    }
    signed_on = days["signed_on"] or days["starts_on"]
    assert signed_on is not None
    has_renewal = row["renewal"] != Renewal.NONE and days["ends_on"] is not None
    values = {
        "number": row["number"],
        "section_id": row["section_id"],
        "title": row["title"],
        "kind": row["kind"],
        "scheme": row["scheme"],
        "purpose": row["purpose"],
        "starts_on": days["starts_on"] or signed_on,
        "ends_on": days["ends_on"],
        "renewal": row["renewal"] if has_renewal else Renewal.NONE,
        "renewal_months": 12 if has_renewal else None,
        "notice_months": row["notice_months"] if has_renewal else None,
        "field_ids": [row["field_id"]] if row["field_id"] else [],
    }
    names = [name.strip() for name in row["counterparts"].replace("，", "、").replace(",", "、").split("、")]
    parties: list[dict[str, Any]] = [
        {"side": "public", "organization_id": organization.pk, "name": organization.name}
    ]
    parties += [{"side": "partner", "name": name[:150], **linked({"name": name})} for name in names if name]
    agreement = drafting.create(
        organization=organization, values=values, parties=parties, actor=actor, at=at, import_key=key_of(row)
    )
    version = agreement.versions.get()
    version.sha256 = seal(version)
    version.state, version.approved_at, version.in_force_from = VersionState.IN_FORCE, at, values["starts_on"]
    version.save(update_fields=["state", "approved_at", "in_force_from", "sha256"])
    agreement.status, agreement.signed_on, agreement.last_activity_on = (
        AgreementStatus.ACTIVE,
        signed_on,
        signed_on,
    )
    over = days["ends_on"] is not None and days["ends_on"] < timezone.localdate(at) and not has_renewal
    if over:
        agreement.status, agreement.ended_on, agreement.end_reason = (
            AgreementStatus.ENDED,
            days["ends_on"],
            _("期間の満了"),
        )
    mirror(agreement, version)
    finish(agreement, "import", actor=actor, at=at)
    return agreement


@transaction.atomic
def undo(*, import_id: int, actor: Person, at: dt.datetime) -> int:
    """Take back what an import made, as long as nobody worked on it since."""
    batch = (
        AgreementImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=import_id)
    )
    agreement_access.require(actor, "create", batch.organization)  # type: ignore[arg-type]
    if batch.applied_at is None or batch.undone_at is not None or at - batch.applied_at > UNDO_WITHIN:
        raise RefusedError(_("取り消せるのは、取り込んでから30日のあいだ、一度だけです。"))
    rows = list(Agreement.objects.select_for_update().filter(pk__in=batch.made, deleted_at__isnull=True))
    touched = [row for row in rows if row.updated_at > batch.applied_at]
    if touched:
        names = "、".join(row.title for row in touched[:3])
        raise RefusedError(
            _("取り込みの後に書き直された協定(%(names)s)があるため、まとめて取り消せません。")
            % {"names": names}
        )
    for row in rows:
        before = trail.values(row)
        row.deleted_at, row.import_key = at, ""
        finish(row, "delete", actor=actor, at=at, before=before, note=_("取り込みの取り消し"))
    batch.undone_at = at
    batch.save(update_fields=["undone_at"])
    return len(rows)
