"""Bringing a file in: look at it, show what would happen, do all of it or nothing, and undo."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.audit.models import AuditEvent
from enishi.exchange import services
from enishi.exchange.access import access_of
from enishi.exchange.models import Challenge, Field, ImportBatch, Resource
from enishi.exchange.models_imports import ImportState
from enishi.exchange.services import ImportedRow
from enishi.exchange.services.importing import EXTRA
from enishi.exchange.transfer.columns import MODELS, is_known
from enishi.exchange.transfer.reading import (
    Progress,
    Reading,
    SheetRefusedError,
    read_sheet,
)
from enishi.exchange.transfer.words import Chosen, Question, answers, questions
from enishi.exchange.values import MANY, writable
from enishi.foundation import jobs, trail
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.models import Job
from enishi.foundation.previews import Fault
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import of_refusal
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations.models import Organization

SHOWN_DIFFERENCES = 200
_UNKNOWN = gettext_lazy(
    "登録にない言葉は、画面の「取り込む」で何として読むかを一度選べば、次からはそのまま読みます。"
)
UNDO_DAYS = 30


@dataclass
class Outcome:
    """What an import would do or did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    differences: list[dict[str, object]] = field(default_factory=list)
    unread_headings: list[str] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    unknown: list[list[object]] = field(default_factory=list)
    free_columns: list[str] = field(default_factory=list)
    saved: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "faults": [fault.as_json() for fault in self.faults],
            "differences": self.differences,
            "unread_headings": self.unread_headings,
            "skipped": self.skipped[:SHOWN_DIFFERENCES],
            "remarks": [remark.as_json() for remark in self.remarks],
            "unknown": self.unknown,
            "free_columns": self.free_columns,
            "saved": self.saved,
        }

    def sentences(self) -> list[str]:
        if self.faults:
            head = _("%(count)dか所に直すところがあるため、何も取り込みませんでした。") % {
                "count": len(self.faults)
            }
            return [
                head,
                *(
                    f"{each.row}行目『{each.column}』の『{each.value}』: {each.reason}"
                    for each in self.faults
                ),
                *([str(_UNKNOWN)] if self.unknown else []),
            ]
        words = _("取り込みました") if self.saved else _("取り込めます")
        tally = _("新しいもの %(added)s件、変わるもの %(changed)s件、そのまま %(unchanged)s件。")
        numbers = {name: f"{getattr(self, name):,}" for name in ("added", "changed", "unchanged")}
        unread = (
            [_("使わなかった列: %(names)s") % {"names": _("、").join(self.unread_headings)}]
            if self.unread_headings
            else []
        )
        rows = _("、").join(str(number) for number in self.skipped[:20])
        sums = [_("取り込まない行(合計や注記): %(rows)s行目") % {"rows": rows}] if rows else []
        loose = [
            f"{each.row}行目『{each.column}』の『{each.value}』: {each.reason}" for each in self.remarks[:50]
        ]
        return [f"{words}: {tally % numbers}", *unread, *sums, *loose]


def look(
    *,
    kind: str,
    content: bytes,
    organization: Organization,
    defaults: Mapping[str, Any],
    actor: Person,
    on: dt.date,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
) -> tuple[Outcome, Reading]:
    """Read the file and compare it with what is stored; write nothing."""
    access_of(MODELS[kind]).require(actor, "create", organization)
    try:
        table = read_table(content, is_heading=lambda cell: is_known(kind, cell), is_filled=True)
        reading = read_sheet(
            kind,
            table,
            organization=organization,
            defaults=defaults,
            on=on,
            chosen=chosen,
            progress=progress,
        )
    except (UnreadableTableError, SheetRefusedError) as refusal:
        return Outcome(faults=[Fault(0, _("ファイル"), "", str(refusal))]), Reading()
    outcome = Outcome(
        faults=[*reading.faults, *reading.word_faults],
        unread_headings=[shortened(each) for each in reading.unread_headings],
        skipped=reading.skipped,
        remarks=reading.remarks,
        unknown=reading.unknown.as_json(),
        free_columns=reading.free_columns,
    )
    if not outcome.faults and not reading.rows:
        outcome.faults = [Fault(2, _("ファイル"), "", _("見出しの下にデータの行がありません。"))]
    if not outcome.faults:
        _compare(kind, organization, reading, outcome)
    return outcome, reading


def _compare(kind: str, organization: Organization, reading: Reading, outcome: Outcome) -> None:
    model = MODELS[kind]
    known = _known(model, organization, reading.rows)
    for row, number in zip(reading.rows, reading.numbers, strict=True):
        record = known.get(row.import_key)
        if record is None:
            outcome.added += 1
            continue
        changes = [change for name, value in row.values.items() if (change := _change(record, name, value))]
        outcome.changed += bool(changes)
        outcome.unchanged += not changes
        for label, before, after in changes[: max(0, SHOWN_DIFFERENCES - len(outcome.differences))]:
            outcome.differences.append(
                {"row": number, "key": record.title, "column": label, "before": before, "after": after}
            )


def _known(
    model: type[Challenge] | type[Resource], organization: Organization, rows: Iterable[ImportedRow]
) -> dict[str, Any]:
    """Stored records by key. A key ``#12`` is the record number 12 of a list somebody exported."""
    manager: Any = model._default_manager
    owned = manager.filter(organization=organization).prefetch_related("fields", "areas", "parties")
    keys = [row.import_key for row in rows]
    numbers = [int(key[1:]) for key in keys if key.startswith("#") and key[1:].isdigit()]
    found: dict[str, Any] = {}
    for start in range(0, len(keys), 500):
        for record in owned.filter(import_key__in=keys[start : start + 500]):
            found[record.import_key] = record
    for start in range(0, len(numbers), 500):
        for record in owned.filter(pk__in=numbers[start : start + 500], import_key=""):
            found[f"#{record.pk}"] = record
    return found


def _change(record: Any, name: str, value: Any) -> tuple[str, str, str] | None:
    """A column that would change: its label, before and after in words."""
    if name in MANY:
        related = list(getattr(record, MANY[name]).all())
        if sorted(each.pk for each in related) == sorted(value):
            return None
        return (
            _label(record, MANY[name]),
            "、".join(map(str, related)),
            _("%(count)d個") % {"count": len(value)},
        )
    before, after = getattr(record, name), value
    if isinstance(after, str) and not isinstance(before, dt.date):
        after = clean_text(after, lines=True).strip()
    if before == after or (isinstance(before, list) and sorted(before) == sorted(after)):
        return None
    return (
        _label(record, name),
        shortened(str(trail.plain(before) or "")),
        shortened(str(trail.plain(after) or "")),
    )


def _label(record: models.Model, name: str) -> str:
    return str(getattr(record._meta.get_field(name), "verbose_name", name))


def save(
    *,
    kind: str,
    reading: Reading,
    organization: Organization,
    actor: Person,
    at: dt.datetime,
    progress: Progress | None = None,
) -> services.SavedImport:
    """Save every row or none."""
    with transaction.atomic():
        _adopt_numbered(kind, organization, reading.rows)
        return services.save_imported(kind=kind, rows=reading.rows, actor=actor, at=at, progress=progress)


def _adopt_numbered(kind: str, organization: Organization, rows: Sequence[ImportedRow]) -> None:
    """Records made on a page and exported carry ``#number``; from now on that is their key."""
    manager: Any = MODELS[kind]._default_manager
    for row in rows:
        if row.import_key.startswith("#") and row.import_key[1:].isdigit():
            manager.filter(pk=int(row.import_key[1:]), organization=organization, import_key="").update(
                import_key=row.import_key
            )


def import_file(
    *,
    kind: str,
    content: bytes,
    actor: Person,
    at: dt.datetime,
    organization: Organization | None = None,
    dry_run: bool = False,
    progress: Callable[..., None] | None = None,
) -> Outcome:
    """The whole way at once, for the command line. ``kind`` may be plural."""
    kind = kind.removesuffix("s")
    organization = organization or access_of(MODELS[kind]).owners(actor).first()
    if organization is None:
        raise PermissionDenied(_("この人はどの団体でも登録の役割を持っていません。"))
    defaults = {"visibility": "internal", "status": "open"}
    on = timezone.localdate(at)
    outcome, reading = look(
        kind=kind,
        content=content,
        organization=organization,
        defaults=defaults,
        actor=actor,
        on=on,
        chosen=_last_words(organization, kind),
        progress=progress,
    )
    if not outcome.faults and not dry_run:
        save(kind=kind, reading=reading, organization=organization, actor=actor, at=at, progress=progress)
        outcome.saved = True
    return outcome


def receive(
    *,
    kind: str,
    organization: Organization,
    content: bytes,
    filename: str,
    visibility: str,
    status: str,
    actor: Person,
    at: dt.datetime,
) -> ImportBatch:
    """Keep the file and have it looked at."""
    access_of(MODELS[kind]).require(actor, "create", organization)
    with transaction.atomic():
        batch = ImportBatch(
            kind=kind,
            organization=organization,
            person=actor,
            filename=clean_text(filename)[:150],
            sha256=hashlib.sha256(content).hexdigest(),
            visibility=visibility,
            status=status,
            words=_last_words(organization, kind),
            created_at=at,
        )
        batch.file.save("", ContentFile(content), save=False)
        batch.save()
        title = _("「%(name)s」を調べる") % {"name": batch.filename}
        _start(batch, "import-look", title, actor, at)
    return batch


def _last_words(organization: Organization, kind: str) -> dict[str, dict[str, str]]:
    """What the words of this organisation's files stood for last time; asked once, and not each year again."""
    done = ImportBatch.objects.filter(organization=organization, kind=kind).exclude(words={})
    return dict(done.values_list("words", flat=True).first() or {})


def explain_words(
    *, batch_id: Any, written: Mapping[str, str], actor: Person, at: dt.datetime
) -> ImportBatch:
    """Keep what the words of the file stand for, and look at it again."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id, person=actor)
        if batch.state in (ImportState.FAULTY, ImportState.READY):
            batch.words = answers(asked_of(batch), written, batch.words)
            batch.state = ImportState.CHECKING
            batch.save(update_fields=["words", "state"])
            _start(batch, "import-look", _("「%(name)s」を調べる") % {"name": batch.filename}, actor, at)
    return batch


def asked_of(batch: ImportBatch) -> list[Question]:
    """What the page of an import asks about the words of its file."""
    on = timezone.localdate(batch.created_at)
    return questions(batch.kind, batch.preview, batch.organization, on, batch.words)


def confirm(*, batch_id: Any, actor: Person, at: dt.datetime) -> ImportBatch:
    """Have what was shown done. Pressing twice does it once."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id, person=actor)
        if batch.state == ImportState.READY:
            batch.state = ImportState.SAVING
            batch.save(update_fields=["state"])
            title = _("「%(name)s」を取り込む") % {"name": batch.filename}
            _start(batch, "import-save", title, actor, at)
    return batch


def _start(batch: ImportBatch, kind: str, title: str, actor: Person, at: dt.datetime) -> None:
    batch.job = jobs.start(kind=kind, title=title, person=actor, arguments={"batch": str(batch.pk)}, at=at)
    Job.objects.filter(pk=batch.job.pk).update(result_url=f"/imports/{batch.pk}/")
    batch.save(update_fields=["job"])


def _look_again(batch: ImportBatch, progress: Progress) -> tuple[Outcome, Reading]:
    with batch.file.open("rb") as file:
        content = file.read()
    return look(
        kind=batch.kind,
        content=content,
        organization=batch.organization,
        defaults={"visibility": batch.visibility, "status": batch.status},
        actor=batch.person,
        on=timezone.localdate(batch.created_at),
        chosen=batch.words,
        progress=progress,
    )


@jobs.work("import-look")
def _look_work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    batch = ImportBatch.objects.select_related("person", "organization").get(pk=job.arguments["batch"])
    outcome, reading = _look_again(batch, lambda done, total: progress(done, total, _("行を読んでいます")))
    batch.preview = outcome.as_json()
    if reading.word_faults:
        # The page asks what each word stands for instead of listing every cell it stands in.
        batch.preview["faults"] = [fault.as_json() for fault in reading.faults]
    batch.state = ImportState.FAULTY if outcome.faults else ImportState.READY
    batch.save(update_fields=["preview", "state"])
    return {"faults": len(outcome.faults)}


@jobs.work("import-save")
def _save_work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    batch = ImportBatch.objects.select_related("person", "organization").get(pk=job.arguments["batch"])
    if batch.state == ImportState.DONE:
        return dict(batch.result)
    outcome, reading = _look_again(batch, lambda done, total: progress(done, total, _("行を読んでいます")))
    if outcome.faults:
        batch.preview, batch.state = outcome.as_json(), ImportState.FAULTY
        batch.save(update_fields=["preview", "state"])
        raise jobs.JobRefusedError(
            _("調べたあとに登録の内容が変わり、取り込めなくなりました。直すところを確かめてください。")
        )
    progress(len(reading.rows), len(reading.rows), _("書き込んでいます。終わるまで、ほかの画面を使えます"))
    return _write(batch, reading)


def _write(batch: ImportBatch, reading: Reading) -> dict[str, Any]:
    """The records and the note that they are there, in one transaction: a crash leaves both or neither."""
    now = timezone.now()
    try:
        with transaction.atomic():
            saved = save(
                kind=batch.kind, reading=reading, organization=batch.organization, actor=batch.person, at=now
            )
            batch.result = {"added": saved.added, "changed": saved.changed, "unchanged": len(saved.unchanged)}
            batch.state, batch.saved_at = ImportState.DONE, now
            batch.save(update_fields=["result", "state", "saved_at"])
    except ValidationError as error:
        raise jobs.JobRefusedError(of_refusal(error)) from error
    return {"added": len(saved.added), "changed": len(saved.changed), "unchanged": len(saved.unchanged)}


class NotUndoableError(Exception):
    """The import cannot be undone; the sentence says why."""


@dataclass(frozen=True)
class Undone:
    """What an undo did: how many were thrown away, put back, and left because somebody worked on them since."""

    removed: int
    put_back: int
    left: int


@transaction.atomic
def undo(*, batch_id: Any, actor: Person, at: dt.datetime) -> Undone:
    """Throw away what an import added and put back what it changed. Records somebody has touched since stay."""
    batch = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=batch_id, person=actor)
    )
    if batch.state != ImportState.DONE or batch.saved_at is None:
        raise NotUndoableError(_("この取り込みは終わっていないか、もう元に戻しています。"))
    if (at - batch.saved_at).days >= UNDO_DAYS:
        raise NotUndoableError(_("取り込みから30日を過ぎたため、まとめて元に戻せません。"))
    added, changed = batch.result["added"], batch.result["changed"]
    removed = _throw_away(batch, added, actor, at)
    put_back = _put_back(batch, changed, actor, at)
    batch.state = ImportState.UNDONE
    batch.save(update_fields=["state"])
    return Undone(removed, put_back, len(added) + len(changed) - removed - put_back)


def _throw_away(batch: ImportBatch, ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    delete = services.delete_challenge if batch.kind == "challenge" else services.delete_resource
    untouched = _last_acts(batch, ids)
    for pk in untouched:
        delete(**{f"{batch.kind}_id": pk}, actor=actor, at=at)
    return len(untouched)


def _put_back(batch: ImportBatch, ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    model = MODELS[batch.kind]
    acts = _last_acts(batch, ids)
    manager: Any = model._default_manager
    rows = [
        ImportedRow(record.organization_id, record.import_key, _values_before(model, acts[record.pk]))
        for record in manager.filter(pk__in=acts, deleted_at__isnull=True)
    ]
    services.save_imported(kind=batch.kind, rows=rows, actor=actor, at=at)
    return len(rows)


def _last_acts(batch: ImportBatch, ids: Sequence[int]) -> dict[int, AuditEvent]:
    """For each record whose last act is this import, that act."""
    found: dict[int, AuditEvent] = {}
    for start in range(0, len(ids), 500):
        part = [str(pk) for pk in ids[start : start + 500]]
        events = AuditEvent.objects.filter(
            subject_type=MODELS[batch.kind]._meta.label_lower, subject_id__in=part
        )
        for event in events.order_by("sequence"):
            found[int(event.subject_id)] = event
    return {
        pk: event for pk, event in found.items() if event.action == "import" and event.at == batch.saved_at
    }


def _values_before(model: type[Challenge] | type[Resource], event: AuditEvent) -> dict[str, Any]:
    by_attribute = {attribute: name for name, attribute in MANY.items()}
    known = writable(model) | EXTRA
    values: dict[str, Any] = {}
    for attribute, (before, _after) in event.changes.items():
        name = by_attribute.get(attribute, attribute)
        if name in known:
            values[name] = _as_before(model, name, before)
    return values


def _as_before(model: type[Challenge] | type[Resource], name: str, before: Any) -> Any:
    """A value of the record of acts as a row holds it: days are days, and fields, told by name, are keys."""
    if name == "field_ids":
        told = [each for each in before if isinstance(each, str)]
        keys = Field.objects.filter(name__in=told).values_list("pk", flat=True)
        return sorted({*keys, *(each for each in before if not isinstance(each, str))})
    if name not in MANY and isinstance(model._meta.get_field(name), models.DateField) and before:
        return dt.date.fromisoformat(before)
    return before
