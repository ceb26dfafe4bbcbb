"""A file that came in: kept, checked, saved all at once or not at all, approved as a whole, and taken back."""

import datetime as dt
import hashlib
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import jobs, trail
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import file_name
from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.indicators.access import indicator_access, run_access
from enishi.indicators.bulk import insert_rows
from enishi.indicators.enums import AcquisitionMethod, RunKind, RunState, ValueState
from enishi.indicators.errors import OwnValueError, RefusedError
from enishi.indicators.models import AcquisitionRun, DataElement, Measurement
from enishi.indicators.services.computing import compute_users_of
from enishi.indicators.services.writing import due_again, restand
from enishi.indicators.transfer.statistics import TableReader
from enishi.indicators.transfer.undoing import undo_indicators
from enishi.indicators.transfer.values import COLUMNS, Plan, Tell, ValueReader
from enishi.indicators.transfer.yardsticks import YardstickReader
from enishi.organizations.models import Organization

MOST_BYTES = 200 * 1024 * 1024
AT_ONCE_BYTES = 1024 * 1024
"""Larger files are read by the worker."""
KEYS_AT_ONCE = 500


def keep_file(
    *,
    organization: Organization,
    kind: str,
    name: str,
    file: IO[bytes],
    size: int,
    source: str,
    options: dict[str, Any],
    actor: Person,
    at: dt.datetime,
) -> AcquisitionRun:
    """Keep the file and check it: at once when it is small, otherwise as a job.

    Raises
    ------
    RefusedError
        For a file that was saved already, is too large, or is no table.
    """
    indicator_access.require(actor, "create", organization)  # type: ignore[arg-type]
    if size > MOST_BYTES:
        raise RefusedError(_("ファイルが大きすぎます。200MBまでにしてください。"))
    name = file_name(name, unnamed=_("名前のないファイル"))
    digest = _digest(file)
    _refuse_twice(organization, digest, kind)
    with transaction.atomic():
        run = AcquisitionRun(
            organization=organization,
            kind=kind,
            method=AcquisitionMethod.FILE,
            state=RunState.CHECKED,
            source=(source or name)[:300],
            file_name=name[:200],
            sha256=digest,
            options=options,
            person=actor,
            at=at,
        )
        file.seek(0)
        run.file.save("table", ContentFile(file.read()), save=False)
        run.save()
        if size > AT_ONCE_BYTES:
            run.job = _start(run, "indicators-check", _("「%(file)s」を確かめる") % {"file": name}, actor, at)
            run.save(update_fields=["job"])
    if run.job_id is None:
        try:
            check(run, actor, at)
        except UnreadableTableError as refused:
            run.file.delete(save=False)
            run.delete()
            raise RefusedError(str(refused)) from refused
    return run


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(1 << 20):
        found.update(piece)
    return found.hexdigest()


def _refuse_twice(organization: Organization, digest: str, kind: str) -> None:
    """The same file may bring indicators first and their values afterwards."""
    same = AcquisitionRun.objects.filter(
        organization=organization, sha256=digest, kind=kind, state=RunState.SAVED
    )
    before = same.select_related("person").first()
    if before is not None:
        raise RefusedError(
            _(
                "同じ中身のファイルを、%(day)sに%(who)sが取り込んでいます(%(file)s)。直したファイルなら、直したあとのものを選んでください。"
            )
            % {
                "day": day_in_words(timezone.localdate(before.at), weekday=False),
                "who": before.person or "",
                "file": before.file_name,
            }
        )


def _start(run: AcquisitionRun, kind: str, title: str, actor: Person, at: dt.datetime) -> Job:
    return jobs.start(kind=kind, title=title, person=actor, arguments={"run": run.pk}, at=at)


def _quiet(done: int) -> None:
    """Nobody watches."""


def check(run: AcquisitionRun, actor: Person, at: dt.datetime, tell: Tell = _quiet) -> Plan:
    """Say what the file would do, and keep that beside it."""
    with run.file.open("rb") as file:
        if run.kind == RunKind.VALUES:
            plan = ValueReader(run, actor, at).check(file, tell)
        elif run.kind == RunKind.INDICATORS:
            plan = YardstickReader(run, actor, at).check(file)
        else:
            plan = TableReader(run, actor, at).check(file)
    run.outcome = plan.as_json()
    run.save(update_fields=["outcome"])
    return plan


def save(*, run_id: int, actor: Person, at: dt.datetime, tell: Tell = _quiet) -> AcquisitionRun:
    """Write what the file brings, all of it or nothing; it is checked again, because others may have written meanwhile."""
    with transaction.atomic():
        run = AcquisitionRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        run_access.require(actor, "save", run)
        if run.state != RunState.CHECKED:
            raise RefusedError(_("このファイルはすでに保存されたか、取り消されています。"))
        _refuse_twice(run.organization, run.sha256, run.kind)
        run.state, run.at = RunState.SAVED, at
        run.rows_added = _SAVERS[RunKind(run.kind)](run, actor, at, tell)
        run.save(update_fields=["state", "at", "rows_added", "outcome"])
        trail.record(
            trail.Act(
                actor,
                "import",
                run,
                at,
                organization_id=run.organization_id,
                note=f"{run.file_name} {run.rows_added}",
            )
        )
    return run


def _clean_or_refused(plan: Plan, run: AcquisitionRun) -> None:
    run.outcome = plan.as_json()
    if plan.notes.fault_count:
        first = plan.notes.faults[0]
        raise RefusedError(
            _("直すところが%(count)d か所あるため、何も保存していません。%(cell)s: %(why)s")
            % {"count": plan.notes.fault_count, "cell": first.column, "why": first.reason}
        )
    if not plan.added and not plan.changed:
        raise RefusedError(_("新しい値も変わった値もありません。すでにある値と同じです。"))


def _save_values(run: AcquisitionRun, actor: Person, at: dt.datetime, tell: Tell) -> int:
    reader = ValueReader(run, actor, at)
    if reader.may_replace_waiting:
        _remove_replaced(reader, run, tell)
    writer = ValueReader(run, actor, at)
    # The same file under the same lock: what was found before is what there is.
    writer.known = reader.known
    stamp = at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ")
    with run.file.open("rb") as file:
        rows = (writer.as_row(line, old, stamp) for line, old in writer.walk(file, tell))
        count = insert_rows(Measurement, COLUMNS, rows)
    plan = writer.plan
    # A fault found on the way takes back what was written before it: the transaction ends with the refusal.
    _clean_or_refused(plan, run)
    keys = [key for key in plan.owners if key > 0]
    for begin in range(0, len(keys), KEYS_AT_ONCE):
        due_again(keys[begin : begin + KEYS_AT_ONCE], at=at)
    return count


def _remove_replaced(reader: ValueReader, run: AcquisitionRun, tell: Tell) -> None:
    """Values not yet approved give way to those of the file; the file has to be clean for that."""
    with run.file.open("rb") as file:
        plan = reader.check(file, tell)
    _clean_or_refused(plan, run)
    for begin in range(0, len(reader.replaced), KEYS_AT_ONCE):
        part = reader.replaced[begin : begin + KEYS_AT_ONCE]
        Measurement.objects.filter(pk__in=part).exclude(state=ValueState.APPROVED).delete()


def _save_indicators(run: AcquisitionRun, actor: Person, at: dt.datetime, tell: Tell) -> int:
    reader = YardstickReader(run, actor, at)
    with run.file.open("rb") as file:
        plan = reader.check(file)
    _clean_or_refused(plan, run)
    count = reader.save()
    run.outcome["made"] = reader.made.as_json()
    return count


def _save_table(run: AcquisitionRun, actor: Person, at: dt.datetime, tell: Tell) -> int:
    reader = TableReader(run, actor, at)
    with run.file.open("rb") as file:
        plan = reader.check(file)
    _clean_or_refused(plan, run)
    return reader.save()


_SAVERS = {
    RunKind.VALUES: _save_values,
    RunKind.INDICATORS: _save_indicators,
    RunKind.TABLE: _save_table,
}


def save_as_job(run: AcquisitionRun, actor: Person, at: dt.datetime) -> Job:
    with transaction.atomic():
        run.job = _start(
            run, "indicators-save", _("「%(file)s」を保存する") % {"file": run.file_name}, actor, at
        )
        run.save(update_fields=["job"])
    return run.job


def _telling(progress: jobs.Progress, total: int) -> Tell:
    def tell(done: int) -> None:
        progress(min(done, total), total)

    return tell


@jobs.work("indicators-check")
def _check_job(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    run = AcquisitionRun.objects.select_related("organization", "person").get(pk=job.arguments["run"])
    if run.person is None:
        raise jobs.JobRefusedError(_("取り込んだ人が分かりません。もう一度選んでください。"))
    try:
        plan = check(run, run.person, timezone.now(), _telling(progress, 1_000_000))
    except UnreadableTableError as refused:
        raise jobs.JobRefusedError(str(refused)) from refused
    return {"added": plan.added, "changed": plan.changed, "faults": plan.notes.fault_count}


@jobs.work("indicators-save")
def _save_job(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    actor = job.person
    if not isinstance(actor, Person):
        raise jobs.JobRefusedError(_("取り込んだ人が分かりません。もう一度選んでください。"))
    try:
        # Progress is not told from inside the transaction: it would not be seen before its end.
        run = save(run_id=job.arguments["run"], actor=actor, at=timezone.now())
    except RefusedError as refused:
        raise jobs.JobRefusedError(refused.sentence) from refused
    except PermissionDenied as refused:
        raise jobs.JobRefusedError(_("この取り込みを保存する権限がありません。")) from refused
    return {"rows": run.rows_added}


@transaction.atomic
def undo(*, run_id: int, actor: Person, at: dt.datetime) -> int:
    """Take back what the file brought: values as long as nobody approved any, indicators as long as nobody went on."""
    run = AcquisitionRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    run_access.require(actor, "undo", run)
    if run.state == RunState.UNDONE:
        raise RefusedError(_("この取り込みはすでに取り消されています。"))
    values = Measurement.objects.filter(run=run)
    if values.filter(state__in=[ValueState.APPROVED, ValueState.SUPERSEDED]).exists():
        raise RefusedError(
            _(
                "承認された値があるため、取り消せません。直した値のファイルを、訂正の理由を書いて取り込んでください。"
            )
        )
    taken = 0
    if run.kind == RunKind.INDICATORS and run.state == RunState.SAVED:
        taken = undo_indicators(run, actor=actor, at=at)
    keys = list(values.filter(indicator__isnull=False).values_list("indicator_id", flat=True).distinct())
    count = values.count() + taken
    values._raw_delete(values.db)
    run.state, run.undone_at, run.undone_by = RunState.UNDONE, at, actor
    run.save(update_fields=["state", "undone_at", "undone_by"])
    due_again(keys, at=at)
    trail.record(
        trail.Act(
            actor, "undo", run, at, organization_id=run.organization_id, note=f"{run.file_name} {count}"
        )
    )
    return count


@transaction.atomic
def approve_run(*, run_id: int, actor: Person, at: dt.datetime) -> int:
    """Put everything that waits from one run in force; never by who brought it in (M4)."""
    run = AcquisitionRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if not run_access.allows(actor, "approve", run):
        raise PermissionDenied(
            _("承認できるのは、%(owner)sの管理職か企画の人です。") % {"owner": run.organization.name}
        )
    waiting = Measurement.objects.filter(run=run, state=ValueState.SUBMITTED)
    if waiting.filter(recorded_by=actor).exists():
        raise OwnValueError
    indicators = list(
        waiting.filter(indicator__isnull=False).values_list("indicator_id", flat=True).distinct()
    )
    elements = list(waiting.filter(element__isnull=False).values_list("element_id", flat=True).distinct())
    replaced = waiting.filter(supersedes__isnull=False).values("supersedes_id")
    Measurement.objects.filter(pk__in=replaced).update(state=ValueState.SUPERSEDED)
    count = waiting.update(state=ValueState.APPROVED, approved_by=actor, approved_at=at)
    if not count:
        raise RefusedError(_("承認を待っている値はありません。"))
    touched = set(indicators)
    for element in DataElement.objects.filter(pk__in=elements):
        touched |= compute_users_of(element, at=at)
    for begin in range(0, len(ordered := sorted(touched)), KEYS_AT_ONCE):
        restand(ordered[begin : begin + KEYS_AT_ONCE], at=at)
    trail.record(
        trail.Act(actor, "approve_values", run, at, organization_id=run.organization_id, note=f"{count}")
    )
    return count


__all__ = ["approve_run", "check", "keep_file", "save", "save_as_job", "undo"]
