"""Files of amounts, from the upload to the books: looked at first, then all of it or nothing."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import selectors, sharing, totals
from enishi.budgets.enums import RunMode, RunSource, RunState, Stage
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import BudgetImport, MappingProfile
from enishi.budgets.services.years import require_books, require_open, tell_money
from enishi.budgets.transfer.cells import day_fault
from enishi.budgets.transfer.checking import Checked
from enishi.budgets.transfer.looking import Look, look_at, sums_of_run
from enishi.budgets.transfer.opening import open_places
from enishi.budgets.transfer.writing import write_lines
from enishi.foundation import jobs, trail
from enishi.foundation.days import day_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import file_name
from enishi.foundation.models import Job
from enishi.foundation.previews import Fault
from enishi.organizations.models import Organization

CHECK, APPLY = "budgets.check", "budgets.apply"
MAX_BYTES = 300 * 1024 * 1024
IN_BOOKS = (RunState.APPLIED, RunState.CORRECTED)


@dataclass(frozen=True)
class Arrival:
    """What a person says about a file: which year and stage it is of, and what its sums must be."""

    fiscal_year: int
    stage: Stage
    dated_on: dt.date
    mode: RunMode = RunMode.FIRST
    round_no: int = 0
    resolution_no: str = ""
    stated_total_yen: int | None = None
    stated: Mapping[str, int] = field(default_factory=dict)
    corrects_id: Any = None
    reason: str = ""


@transaction.atomic
def receive(
    *,
    organization: Organization,
    profile: MappingProfile,
    arrival: Arrival,
    file: File[bytes],
    filename: str,
    actor: Person,
    at: dt.datetime,
) -> BudgetImport:
    """Keep the file and have it looked at; nothing reaches the books yet."""
    run = _kept(organization, profile, [arrival], file, filename, actor, at)[0]
    _look_later([run], actor, at)
    return run


@transaction.atomic
def receive_stages(
    *,
    organization: Organization,
    profile: MappingProfile,
    arrivals: Sequence[Arrival],
    file: File[bytes],
    filename: str,
    actor: Person,
    at: dt.datetime,
) -> list[BudgetImport]:
    """Keep a file that holds several stages: a run for each, looked at one after the other, in together or not at all."""
    runs = _kept(organization, profile, arrivals, file, filename, actor, at)
    batch = uuid.uuid4()
    for run in runs:
        run.batch = batch
    _look_later(runs, actor, at)
    return runs


def _kept(
    organization: Organization,
    profile: MappingProfile,
    arrivals: Sequence[Arrival],
    file: File[bytes],
    filename: str,
    actor: Person,
    at: dt.datetime,
) -> list[BudgetImport]:
    """A run for each stage, all of the same stored file; not in the database yet."""
    require_books(actor, organization.pk)
    Organization.objects.select_for_update().get(pk=organization.pk)
    require_open(organization.pk, arrivals[0].fiscal_year)
    digest = _digest(file)
    followed = [_check_arrival(organization, arrival, digest, len(arrivals) > 1) for arrival in arrivals]
    if profile.organization_id != organization.pk:
        raise RefusedError(_("この団体の読み取りの設定を選んでください。"))
    runs = [
        BudgetImport(
            organization=organization,
            source=RunSource.FILE,
            profile=profile,
            fiscal_year=arrival.fiscal_year,
            stage=arrival.stage,
            round_no=arrival.round_no,
            dated_on=arrival.dated_on,
            resolution_no=arrival.resolution_no,
            mode=arrival.mode if corrected or arrival.mode == RunMode.ADD else RunMode.FIRST,
            corrects=corrected,
            reason=arrival.reason[:300],
            filename=file_name(filename, unnamed=_("名前のないファイル")),
            sha256=digest,
            stated_total_yen=arrival.stated_total_yen,
            findings={"stated": dict(arrival.stated)},
            person=actor,
            created_at=at,
        )
        for arrival, corrected in zip(arrivals, followed, strict=True)
    ]
    file.seek(0)
    runs[0].file.save("amounts", file, save=False)
    for run in runs:
        run.file.name = runs[0].file.name
        run.full_clean(exclude=["corrects", "job", "file"])
    return runs


def _look_later(runs: Sequence[BudgetImport], actor: Person, at: dt.datetime) -> None:
    job = jobs.start(
        kind=CHECK,
        title=_("%(file)s を調べる") % {"file": runs[0].filename},
        person=actor,
        arguments={"run": str(runs[0].pk)},
        at=at,
    )
    for run in runs:
        run.job = job
        run.save()


@transaction.atomic
def receive_now(
    *,
    organization: Organization,
    profile: MappingProfile,
    arrival: Arrival,
    file: File[bytes],
    filename: str,
    actor: Person,
    at: dt.datetime,
    settle: bool = True,
) -> BudgetImport:
    """Look at a small file and write it in one go, or refuse it with its first faults.

    ``settle=False`` leaves the sums to whoever brings several files and calls ``settle_year`` after the last.
    """
    run = _kept(organization, profile, [arrival], file, filename, actor, at)[0]
    run.save()
    look = look_at([run])[0]
    if look.reading.fault_count:
        raise RefusedError(
            " ".join(
                f"{fault.row}: {fault.column} {fault.value} {fault.reason}"
                for fault in look.reading.faults[:5]
            )
        )
    run.findings = look.findings()
    run.row_count, run.total_yen = look.reading.count, look.checked.total
    run.save(update_fields=["findings", "row_count", "total_yen"])
    apply([look], at=at, settle=settle)
    return run


@transaction.atomic
def settle_year(*, organization: Organization, fiscal_year: int, actor: Person) -> None:
    """Sum the year's entries anew and divide them among the programmes."""
    require_books(actor, organization.pk)
    totals.rebuild(organization.pk, fiscal_year)
    sharing.share_out(organization.pk, fiscal_year)
    tell_money(organization.pk, fiscal_year)


def _digest(file: File[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _check_arrival(
    organization: Organization, arrival: Arrival, digest: str, is_one_of_several: bool
) -> BudgetImport | None:
    """What the run corrects. Of several stages, those that are new come in beside the corrected ones."""
    if arrival.stage.has_rounds and arrival.round_no < 1:
        raise RefusedError(_("査定と補正は、何回目かを書いてください。例: 1"))
    if not arrival.stage.has_rounds and arrival.round_no:
        raise RefusedError(_("回を書くのは、査定と補正だけです。"))
    why = day_fault(arrival.dated_on, arrival.fiscal_year, arrival.stage)
    if why:
        raise RefusedError(why)
    rows = BudgetImport.objects.filter(organization=organization, source=RunSource.FILE, state__in=IN_BOOKS)
    # 支出負担行為 and 支出 of a closed year may be the same list; the same list in two years is a mistake.
    same = (
        rows.filter(sha256=digest).exclude(~Q(stage=arrival.stage), fiscal_year=arrival.fiscal_year).first()
    )
    if same is not None:
        raise RefusedError(
            _("同じ内容のファイルを %(day)s に取り込み済みです(%(year)s %(stage)s『%(file)s』)。")
            % {
                "day": day_in_words(timezone.localdate(same.applied_at)) if same.applied_at else "",
                "year": FiscalYear(same.fiscal_year),
                "stage": same.get_stage_display(),
                "file": same.filename,
            }
        )
    before = rows.filter(
        fiscal_year=arrival.fiscal_year, stage=arrival.stage, round_no=arrival.round_no
    ).order_by("-applied_at")
    if is_one_of_several and arrival.mode == RunMode.CORRECT and not before:
        return None
    return _what_it_follows(arrival, list(before))


def _what_it_follows(arrival: Arrival, before: Sequence[BudgetImport]) -> BudgetImport | None:
    if arrival.mode == RunMode.FIRST:
        if before:
            raise RefusedError(
                _(
                    "%(year)s %(stage)sは『%(file)s』を取り込み済みです。直したファイルなら「訂正」、別の月や会計のファイルなら「続き」を選んでください。"
                )
                % {
                    "year": FiscalYear(arrival.fiscal_year),
                    "stage": arrival.stage.label,
                    "file": before[0].filename,
                }
            )
        return None
    if arrival.mode == RunMode.ADD:
        return None
    standing = [run for run in before if run.state == RunState.APPLIED]
    chosen = [run for run in standing if arrival.corrects_id in (None, run.pk)]
    if not chosen:
        raise RefusedError(
            _(
                "訂正する元のファイルがありません。はじめてのファイルなら「はじめて取り込む」を選んでください。"
            )
        )
    if len(chosen) > 1:
        raise RefusedError(_("訂正する元のファイルが二つ以上あります。どれを訂正するかを選んでください。"))
    return chosen[0]


# --- Looking -------------------------------------------------------------------------------------------------------------


@jobs.work(CHECK)
def check_job(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    runs = BudgetImport.objects.get(pk=job.arguments["run"]).whole
    if runs[0].state != RunState.CHECKING:
        return {"state": runs[0].state}
    for look in look_at(runs, lambda done: progress(done, 0, _("読んでいます"))):
        run = look.run
        run.findings, run.state = look.findings(), look.state
        run.row_count, run.total_yen = look.reading.count, look.checked.total
        run.save(update_fields=["findings", "state", "row_count", "total_yen"])
    return {"state": runs[0].state}


# --- Writing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, run_id: Any, actor: Person, at: dt.datetime) -> BudgetImport:
    """Let the file into the books, with all its stages."""
    run = BudgetImport.objects.get(pk=run_id)
    require_books(actor, run.organization_id)
    # Each stage has a page of its own with this button: whoever presses second, on whichever, finds the first's state.
    Organization.objects.select_for_update().get(pk=run.organization_id)
    run.refresh_from_db()
    runs = [each for each in run.whole if each.state != RunState.EMPTY]
    if any(each.state != RunState.READY for each in runs):
        raise RefusedError(_("このファイルは、いま取り込める状態ではありません。"))
    require_open(run.organization_id, run.fiscal_year)
    job = jobs.start(
        kind=APPLY,
        title=_("%(file)s を取り込む") % {"file": run.filename},
        person=actor,
        arguments={"run": str(run.pk)},
        at=at,
    )
    BudgetImport.objects.filter(pk__in=[each.pk for each in runs]).update(state=RunState.SAVING, job=job)
    run.refresh_from_db()
    return run


@jobs.work(APPLY)
def apply_job(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    whole = BudgetImport.objects.get(pk=job.arguments["run"]).whole
    runs = [run for run in whole if run.state == RunState.SAVING]
    if not runs:
        return {"state": whole[0].state}
    looks = look_at(runs, lambda done: progress(done, runs[0].row_count, _("読み直しています")))
    if any(look.reading.fault_count for look in looks):
        # The books changed since the file was looked at.
        for look in looks:
            look.run.findings, look.run.state = look.findings(), look.state
            look.run.save(update_fields=["findings", "state"])
        return {"state": RunState.REFUSED.value}
    try:
        apply(looks, at=timezone.now())
    except RefusedError as refused:
        BudgetImport.objects.filter(pk__in=[run.pk for run in runs]).update(state=RunState.FAILED)
        raise jobs.JobRefusedError(refused.sentence) from refused
    return {"state": RunState.APPLIED.value, "rows": sum(look.reading.count for look in looks)}


@transaction.atomic
def apply(looks: Sequence[Look], *, at: dt.datetime, settle: bool = True) -> None:
    """Write every line of every stage, or nothing at all; what is spent is judged when all stands in the books."""
    run = looks[0].run
    Organization.objects.select_for_update().get(pk=run.organization_id)
    require_open(run.organization_id, run.fiscal_year)
    for look in looks:
        _write(look, at)
    if settle:
        totals.rebuild(run.organization_id, run.fiscal_year)
        sharing.share_out(run.organization_id, run.fiscal_year)
    tell_money(run.organization_id, run.fiscal_year)


def _write(look: Look, at: dt.datetime) -> None:
    run = look.run
    run.state, run.applied_at = RunState.APPLIED, at
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "applied_at"])
    except IntegrityError as error:
        raise RefusedError(
            _("同じ年度・段階のファイルが、先に取り込まれました。一覧を確かめてください。")
        ) from error
    write_lines(run, look.reading, open_places(run, look.reading))
    _refuse_losses(run, look.checked)
    trail.record(
        trail.Act(
            run.person,
            "import",
            run,
            at,
            organization_id=run.organization_id,
            note=f"{FiscalYear(run.fiscal_year)} {run.stage_name} {look.reading.count:,}行",
        )
    )


def _refuse_losses(run: BudgetImport, checked: Checked) -> None:
    """After writing, the books are asked: every code holds what the file said, to the yen (B5)."""
    stored = {path: amount for path, amount in sums_of_run(run).items() if amount}
    wanted = {path: amount for path, amount in checked.sums.items() if amount}
    if stored != wanted:
        path = min({*stored, *wanted} - {each for each in stored if stored[each] == wanted.get(each)})
        raise RefusedError(
            _("書き込んだ金額がファイルと合わないため、取り込みをやめました(%(path)s)。") % {"path": path}
        )


__all__ = ["APPLY", "CHECK", "Arrival", "Fault", "confirm", "receive", "receive_stages", "sums_of_run"]


def years_open_for(organization: Organization, today: dt.date) -> list[int]:
    """Years somebody may bring a file for: those with a budget, this one and the next, not the closed ones."""
    now = FiscalYear.of(today).year
    years = {now - 1, now, now + 1, *selectors.years_with_budget(organization.pk)}
    return sorted((year for year in years if not selectors.is_closed(organization.pk, year)), reverse=True)
