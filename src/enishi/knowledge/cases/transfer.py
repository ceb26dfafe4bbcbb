"""Cases in and out as tables: the headings that go out come in again."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import URLValidator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import jobs, trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text, read_date, shortened
from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import Row, UnreadableTableError, read_table
from enishi.foundation.tables import is_remark
from enishi.knowledge.cases import services
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.enums import CaseOutcome, ImportState
from enishi.knowledge.cases.values import PLAIN, CaseValues, figures_in_words, read_figures, read_names
from enishi.knowledge.models import Case, CaseImport
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

MOST_ROWS = 2_000
SHOWN = 200
KEY = "番号"
WRITTEN = (*PLAIN, "fields", "themes", "figures")


@dataclass(frozen=True)
class Column:
    """One column: its heading, other headings read as the same, and how a cell is read."""

    heading: str
    name: str
    aliases: tuple[str, ...] = ()
    limit: int = 4_000
    required: bool = False
    example: str = ""


COLUMNS = (
    Column(
        "題名", "title", ("件名", "事例名", "タイトル"), 120, True, "廃校の給食室を地元の菓子づくりに開いた"
    ),
    Column(
        "状況",
        "situation",
        ("背景", "課題"),
        4_000,
        True,
        "町に加工場がなく、農家が規格外の果物を捨てていた。",
    ),
    Column(
        "したこと", "action", ("取組", "取り組み", "内容"), 4_000, True, "給食室を改修し、時間貸しにした。"
    ),
    Column("結果", "result", ("成果",), 4_000, True, "1年で14組が使い、3組が店を出した。"),
    Column("うまくいったか", "outcome", ("成否", "評価"), 20, True, "一部うまくいった"),
    Column("理由", "cause", ("要因", "そうなった理由"), 4_000),
    Column("教訓", "lesson", ("学び",), 4_000),
    Column("条件", "transfer", ("展開の条件", "ほかの地域で使うための条件"), 4_000),
    Column("場所", "place", ("地域", "自治体"), 100, False, "北海道○○町"),
    Column("相手", "partner", ("連携先", "団体"), 200),
    Column("分野", "fields", (), 400, False, "食、産業"),
    Column("テーマ", "themes", ("キーワード",), 400),
    Column("数字", "figures", (), 6_000, False, "利用|14|組|実施報告書 3ページ"),
    Column("始まり", "started_on", ("開始日",), 40, False, "令和6年4月1日"),
    Column("終わり", "ended_on", ("終了日",), 40),
    Column("出典", "source_note", (), 300),
    Column("出典のアドレス", "source_url", ("URL",), 500),
    Column("公開範囲", "visibility", (), 20, False, "庁内・団体内"),
)
_BY_HEADING = {heading: column for column in COLUMNS for heading in (column.heading, *column.aliases)}


@dataclass
class Read:
    """What a file says: the cases, and what is wrong with it."""

    rows: list[tuple[int, str, CaseValues]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.faults.append({"row": row, "column": column, "value": shortened(value), "reason": reason})


def headings() -> list[str]:
    return [KEY, *(column.heading for column in COLUMNS), "確認の状態", "登録した団体", "更新日"]


def rows_out(cases: Iterable[Case]) -> Iterable[list[object]]:
    """One row a case, in the order of ``headings``."""
    for case in cases:
        yield [
            case.import_key or f"#{case.pk}",
            *(_cell(case, column) for column in COLUMNS),
            case.get_verification_display(),
            case.organization.name,
            timezone.localtime(case.updated_at).date().isoformat(),
        ]


def _cell(case: Case, column: Column) -> str:
    match column.name:
        case "outcome":
            return str(case.get_outcome_display())
        case "visibility":
            return str(case.get_visibility_display())
        case "fields" | "themes":
            return "、".join(getattr(case, column.name))
        case "figures":
            return figures_in_words(case.figures)
        case "started_on" | "ended_on":
            day = getattr(case, column.name)
            return day.isoformat() if day else ""
        case _:
            return str(getattr(case, column.name))


def read(content: bytes, *, visibility: str) -> Read:
    """The cases of a file. A fault names row, column, value and reason."""
    found = Read()
    try:
        table = read_table(content, max_rows=MOST_ROWS, is_heading=lambda cell: cell in _BY_HEADING)
    except UnreadableTableError as refused:
        found.fault(0, _("ファイル"), "", str(refused))
        return found
    known = {heading: _BY_HEADING[heading] for heading in table.headings if heading in _BY_HEADING}
    extra = {KEY, "確認の状態", "登録した団体", "更新日", ""}
    found.unread = [heading for heading in table.headings if heading not in known and heading not in extra]
    for column in COLUMNS:
        if column.required and column not in known.values():
            found.fault(
                1, column.heading, "", _("見出し「%(name)s」の列がありません。") % {"name": column.heading}
            )
    if not found.faults and not table.rows:
        found.fault(2, _("ファイル"), "", _("見出しの下にデータの行がありません。"))
    if not found.faults:
        for row in table.rows:
            if is_remark(list(row.cells.values())):
                continue
            _read_row(row, known, visibility, found)
    return found


def _read_row(row: Row, known: Mapping[str, Column], visibility: str, found: Read) -> None:
    values: dict[str, Any] = {"visibility": visibility}
    before = len(found.faults)
    for heading, column in known.items():
        cell = clean_text(row.cells.get(heading, ""), lines=True).strip()
        try:
            value = _value(column, cell)
        except ValidationError as error:
            found.fault(row.number, heading, cell, " ".join(error.messages))
            continue
        if value is not None:
            values[column.name] = value
    begins, ends = values.get("started_on"), values.get("ended_on")
    if begins and ends and ends < begins:
        found.fault(row.number, "終わり", str(ends), _("終わりの日が始まりの日より前です。"))
    if len(found.faults) == before:
        found.rows.append((row.number, row.cells.get(KEY, "").strip()[:100], CaseValues(**values)))


def _value(column: Column, cell: str) -> Any:
    if not cell:
        if column.required:
            raise ValidationError(_("書かれていません。"))
        return None
    if len(cell) > column.limit:
        raise ValidationError(_("%(limit)d文字までで書いてください。") % {"limit": column.limit})
    return _READERS.get(column.name, str)(cell)


def _choice(choices: Any) -> Callable[[str], str]:
    def read_choice(cell: str) -> str:
        for value, label in choices:
            if cell in (value, str(label), str(label).split("(")[0]):
                return str(value)
        raise ValidationError(
            _("次のどれかで書いてください: %(choices)s")
            % {"choices": _("、").join(str(label) for _v, label in choices)}
        )

    return read_choice


def _day(cell: str, day: str) -> dt.date:
    """A day; a month alone, as sections remember it, is its first or its last."""
    is_month = re.fullmatch(r"[^日末]*月", cell.strip())
    try:
        return read_date(f"{cell.strip()}{day}" if is_month else cell)
    except ValidationError:
        return read_date(cell)


def _address(cell: str) -> str:
    URLValidator(
        schemes=["http", "https"], message=_("http:// か https:// で始まるアドレスを書いてください。")
    )(cell)
    return cell


_READERS: dict[str, Callable[[str], Any]] = {
    "outcome": _choice(CaseOutcome.choices),
    "visibility": _choice(
        [choice for choice in Visibility.choices if choice[0] not in ("parties", "section")]
    ),
    "fields": read_names,
    "themes": read_names,
    "figures": read_figures,
    "started_on": lambda cell: _day(cell, "1日"),
    "ended_on": lambda cell: _day(cell, "末日"),
    "source_url": _address,
}


@transaction.atomic
def receive(
    *,
    organization: Organization,
    filename: str,
    content: bytes,
    visibility: str,
    actor: Person,
    at: dt.datetime,
) -> CaseImport:
    """Keep the file and have it looked at."""
    case_access.require(actor, "create", organization)  # type: ignore[arg-type]
    batch = CaseImport(
        organization=organization,
        person=actor,
        filename=clean_text(filename)[:150],
        visibility=visibility,
        created_at=at,
    )
    batch.file.save("", ContentFile(content), save=False)
    batch.save()
    _start(batch, "cases-look", _("「%(name)s」を調べる") % {"name": batch.filename}, actor, at)
    return batch


@transaction.atomic
def confirm(*, batch_id: Any, actor: Person, at: dt.datetime) -> CaseImport:
    """Have what was shown done. Pressing twice does it once."""
    batch = CaseImport.objects.select_for_update().get(pk=batch_id, person=actor)
    if batch.state == ImportState.READY and (batch.job is None or batch.job.kind == "cases-look"):
        _start(batch, "cases-save", _("「%(name)s」を取り込む") % {"name": batch.filename}, actor, at)
    return batch


def _start(batch: CaseImport, kind: str, title: str, actor: Person, at: dt.datetime) -> None:
    batch.job = jobs.start(kind=kind, title=title, person=actor, arguments={"batch": str(batch.pk)}, at=at)
    Job.objects.filter(pk=batch.job.pk).update(result_url=reverse("cases:import_detail", args=[batch.pk]))
    batch.save(update_fields=["job"])


def _read_again(batch: CaseImport) -> Read:
    with batch.file.open("rb") as file:
        return read(file.read(), visibility=batch.visibility)


def _known(batch: CaseImport, found: Read) -> dict[str, Case]:
    """Stored cases by key; ``#12`` is case number 12 of a list somebody exported."""
    keys = {key for _n, key, _v in found.rows if key}
    own = Case.objects.filter(organization=batch.organization, deleted_at__isnull=True)
    numbers = [
        int(key[1:])
        for key in keys
        if key.startswith("#") and key[1:].isascii() and key[1:].isdigit() and len(key) < 18
    ]
    stored = {case.import_key: case for case in own.filter(import_key__in=[key for key in keys if key])}
    return {**{f"#{case.pk}": case for case in own.filter(pk__in=numbers)}, **stored}


def preview_of(batch: CaseImport, found: Read) -> dict[str, Any]:
    preview: dict[str, Any] = {
        "added": 0,
        "changed": 0,
        "unchanged": 0,
        "faults": found.faults[:SHOWN],
        "differences": [],
        "unread_headings": found.unread,
    }
    known = _known(batch, found)
    for number, key, values in found.rows:
        case = known.get(key)
        if case is None:
            preview["added"] += 1
            continue
        changes = _differences(case, values)
        preview["changed" if changes else "unchanged"] += 1
        for label, before, after in changes[: max(0, SHOWN - len(preview["differences"]))]:
            preview["differences"].append(
                {"row": number, "key": case.title, "column": label, "before": before, "after": after}
            )
    return preview


def _differences(case: Case, values: CaseValues) -> list[tuple[str, str, str]]:
    changes = []
    for name in (*PLAIN, "fields", "themes", "figures"):
        if name in {"section_id", "prefecture_code"}:
            continue
        before, after = trail.plain(getattr(case, name)), trail.plain(getattr(values, name))
        if before != after and not (before in (None, "") and after in (None, "")):
            label = str(getattr(Case._meta.get_field(name), "verbose_name", name))
            changes.append((label, shortened(str(before or "")), shortened(str(after or ""))))
    return changes


@jobs.work("cases-look")
def _look_work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    batch = CaseImport.objects.select_related("person", "organization").get(pk=job.arguments["batch"])
    found = _read_again(batch)
    batch.preview = preview_of(batch, found)
    batch.state = ImportState.FAULTY if found.faults else ImportState.READY
    batch.save(update_fields=["preview", "state"])
    return {"faults": len(found.faults)}


@jobs.work("cases-save")
def _save_work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    batch = CaseImport.objects.select_related("person", "organization").get(pk=job.arguments["batch"])
    if batch.state == ImportState.DONE:
        return {}
    found = _read_again(batch)
    progress(0, len(found.rows), _("書き込んでいます"))
    with transaction.atomic():
        batch.written = [
            done for _number, key, values in found.rows if (done := _save_one(batch, key, values)) is not None
        ]
        batch.state = ImportState.DONE
        batch.save(update_fields=["state", "written"])
    return {"rows": len(found.rows)}


def _save_one(batch: CaseImport, key: str, values: CaseValues) -> dict[str, Any] | None:
    """Write one row. Returns what has to be known to take it back; nothing where nothing changed."""
    now = timezone.now()
    case = _known(batch, Read(rows=[(0, key, values)])).get(key) if key else None
    if case is None:
        made = services.create_case(
            organization=batch.organization,
            values=values,
            actor=batch.person,
            at=now,
            import_key="" if key.startswith("#") else key,
        )
        return {"case": made.pk, "version": made.version, "before": None}
    if not _differences(case, values):
        return None
    before = {name: trail.plain(getattr(case, name)) for name in WRITTEN}
    kept = CaseValues(**{**values.__dict__, "section_id": case.section_id})
    saved = services.edit_case(case_id=case.pk, values=kept, version=case.version, actor=batch.person, at=now)
    return {"case": saved.pk, "version": saved.version, "before": before}


@transaction.atomic
def undo(*, batch_id: Any, actor: Person, at: dt.datetime) -> CaseImport:
    """Take back what was brought in: new cases go to the trash, rewritten ones get their words back.

    What somebody has written since stays as it is, and is counted.
    """
    batch = CaseImport.objects.select_for_update().get(pk=batch_id, person=actor)
    if batch.state != ImportState.DONE:
        return batch
    if at - batch.created_at > RESTORABLE:
        raise RefusedError(_("取り込みから30日を過ぎたので、まとめては取り消せません。"))
    batch.left = sum(not _taken_back(row, actor, at) for row in reversed(batch.written))
    batch.state = ImportState.UNDONE
    batch.save(update_fields=["state", "left"])
    return batch


def _taken_back(row: Mapping[str, Any], actor: Person, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update().filter(pk=row["case"], deleted_at__isnull=True).first()
    if case is None or case.version != row["version"]:
        return False
    if row["before"] is None:
        services.delete_case(case_id=case.pk, actor=actor, at=at)
        return True
    before = dict(row["before"])
    for name in ("started_on", "ended_on"):
        before[name] = dt.date.fromisoformat(before[name]) if before[name] else None
    services.edit_case(case_id=case.pk, values=CaseValues(**before), version=case.version, actor=actor, at=at)
    return True
