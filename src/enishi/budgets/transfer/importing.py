"""Files of amounts, from the upload to the books: looked at first, then all of it or nothing."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import selectors, sharing, totals
from enishi.budgets.enums import RunMode, RunSource, RunState, Stage
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Account, BudgetCode, BudgetEntry, BudgetImport, MappingProfile
from enishi.budgets.services.years import require_books, require_open, tell_money
from enishi.budgets.transfer.cells import day_fault
from enishi.budgets.transfer.checking import Checked, check
from enishi.budgets.transfer.model import (
    Ask,
    Reading,
)
from enishi.budgets.transfer.opening import open_places
from enishi.budgets.transfer.reading import Tell, read
from enishi.budgets.transfer.writing import chain_of, write_lines
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
    look_later: bool = True,
) -> BudgetImport:
    """Keep the file and have it looked at; nothing reaches the books yet."""
    require_books(actor, organization.pk)
    Organization.objects.select_for_update().get(pk=organization.pk)
    require_open(organization.pk, arrival.fiscal_year)
    digest = _digest(file)
    corrected = _check_arrival(organization, arrival, digest)
    if profile.organization_id != organization.pk:
        raise RefusedError(_("この団体の読み取りの設定を選んでください。"))
    run = BudgetImport(
        organization=organization,
        source=RunSource.FILE,
        profile=profile,
        fiscal_year=arrival.fiscal_year,
        stage=arrival.stage,
        round_no=arrival.round_no,
        dated_on=arrival.dated_on,
        resolution_no=arrival.resolution_no,
        mode=arrival.mode,
        corrects=corrected,
        reason=arrival.reason[:300],
        filename=file_name(filename, unnamed=_("名前のないファイル")),
        sha256=digest,
        stated_total_yen=arrival.stated_total_yen,
        findings={"stated": dict(arrival.stated)},
        person=actor,
        created_at=at,
    )
    file.seek(0)
    run.file.save("amounts", file, save=False)
    run.full_clean(exclude=["corrects", "job", "file"])
    if look_later:
        run.job = jobs.start(
            kind=CHECK,
            title=_("%(file)s を調べる") % {"file": run.filename},
            person=actor,
            arguments={"run": str(run.pk)},
            at=at,
        )
    run.save()
    return run


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
    run = receive(
        organization=organization,
        profile=profile,
        arrival=arrival,
        file=file,
        filename=filename,
        actor=actor,
        at=at,
        look_later=False,
    )
    reading, checked = look(run)
    if reading.fault_count:
        raise RefusedError(
            " ".join(
                f"{fault.row}: {fault.column} {fault.value} {fault.reason}" for fault in reading.faults[:5]
            )
        )
    run.findings = _found(run, reading, checked)
    run.row_count, run.total_yen = reading.count, sum(checked.sums.values())
    run.save(update_fields=["findings", "row_count", "total_yen"])
    apply(run, reading, checked, at=at, settle=settle)
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


def _check_arrival(organization: Organization, arrival: Arrival, digest: str) -> BudgetImport | None:
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


def look(run: BudgetImport, tell: Tell | None = None) -> tuple[Reading, Checked]:
    """Read the file and judge it against the books; write nothing."""
    assert run.profile is not None
    known = dict(
        BudgetCode.objects.filter(
            organization_id=run.organization_id, fiscal_year=run.fiscal_year
        ).values_list("path", "name")
    )
    stage = Stage(run.stage)
    ask = Ask(
        fiscal_year=run.fiscal_year,
        stage=run.stage,
        round_no=run.round_no,
        dated_on=run.dated_on.isoformat(),
        columns=run.profile.columns,
        unit=run.profile.unit,
        account_code=run.profile.account_code,
        known=known,
        may_open_codes=stage.may_open_codes,
        code_layout=run.profile.code_layout,
    )
    with run.file.open("rb") as file:
        reading = read(file, ask, tell)
    checked = check(
        reading,
        stage=stage,
        round_no=run.round_no,
        stated_total=run.stated_total_yen,
        stated=run.findings.get("stated", {}),
        names=known | _account_names(run.organization_id),
        before=totals.raw_of_year(run.organization_id, run.fiscal_year),
        taken_back=sums_of_run(run.corrects),
    )
    return reading, checked


def _account_names(organization_id: int) -> dict[str, str]:
    return dict(Account.objects.filter(organization_id=organization_id).values_list("code", "name"))


def sums_of_run(run: BudgetImport | None) -> dict[str, int]:
    """Yen by path that a run and the corrections of it brought into the books."""
    if run is None:
        return {}
    codes = BudgetCode.objects.filter(organization_id=run.organization_id, fiscal_year=run.fiscal_year)
    paths = dict(codes.values_list("pk", "path"))
    found: dict[str, int] = {}
    for each in chain_of(run):
        rows = BudgetEntry.objects.filter(import_run=each).order_by().values_list("code_id")
        for code_id, amount in rows.annotate(amount=Sum("amount_yen")):
            found[paths[code_id]] = found.get(paths[code_id], 0) + amount
    return found


@jobs.work(CHECK)
def check_job(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    run = BudgetImport.objects.select_related("profile", "corrects", "organization").get(
        pk=job.arguments["run"]
    )
    if run.state != RunState.CHECKING:
        return {"state": run.state}
    reading, checked = look(run, lambda done: progress(done, 0, _("読んでいます")))
    run.findings = _found(run, reading, checked)
    run.state = RunState.REFUSED if reading.fault_count else RunState.READY
    run.row_count, run.total_yen = reading.count, sum(checked.sums.values())
    run.save(update_fields=["findings", "state", "row_count", "total_yen"])
    return {"state": run.state}


def _found(run: BudgetImport, reading: Reading, checked: Checked) -> dict[str, Any]:
    known = set(
        BudgetCode.objects.filter(
            organization_id=run.organization_id, fiscal_year=run.fiscal_year
        ).values_list("path", flat=True)
    )
    new = [path for path in checked.sums if path not in known]
    remarks = list(reading.remarks)
    if reading.revenue_rows:
        remarks.append(
            _("歳入の行 %(count)s 行は読みません(歳出だけを扱います)。")
            % {"count": f"{reading.revenue_rows:,}"}
        )
    if new:
        remarks.append(_("新しくできる科目は %(count)s 件です。") % {"count": f"{len(new):,}"})
    tops = sorted({"-".join(path.split("-")[:2]) for path in new} - known)
    if known and tops:
        remarks.append(
            _(
                "この年度の予算にない款ができます: %(codes)s。会計や科目の読み違いでないか、取り込む前に確かめてください。"
            )
            % {"codes": "、".join(tops[:8])}
        )
    return {
        "stated": run.findings.get("stated", {}),
        "faults": [fault.as_json() for fault in reading.faults],
        "fault_count": reading.fault_count,
        "lines": [line.as_json() for line in checked.lines],
        "remarks": remarks,
        "encoding": reading.encoding,
        "differences": _differences(run, checked),
    }


def _differences(run: BudgetImport, checked: Checked) -> list[list[Any]]:
    """What a correction changes: path, before, after."""
    if run.corrects is None:
        return []
    before = sums_of_run(run.corrects)
    paths = sorted(
        path for path in {*before, *checked.sums} if before.get(path, 0) != checked.sums.get(path, 0)
    )
    return [[path, before.get(path, 0), checked.sums.get(path, 0)] for path in paths[:200]]


# --- Writing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, run_id: Any, actor: Person, at: dt.datetime) -> BudgetImport:
    """Let the file into the books."""
    run = BudgetImport.objects.select_for_update().get(pk=run_id)
    require_books(actor, run.organization_id)
    if run.state != RunState.READY:
        raise RefusedError(_("このファイルは、いま取り込める状態ではありません。"))
    require_open(run.organization_id, run.fiscal_year)
    run.state = RunState.SAVING
    run.job = jobs.start(
        kind=APPLY,
        title=_("%(file)s を取り込む") % {"file": run.filename},
        person=actor,
        arguments={"run": str(run.pk)},
        at=at,
    )
    run.save(update_fields=["state", "job"])
    return run


@jobs.work(APPLY)
def apply_job(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    run = BudgetImport.objects.select_related("profile", "corrects", "organization", "person").get(
        pk=job.arguments["run"]
    )
    if run.state != RunState.SAVING:
        return {"state": run.state}
    reading, checked = look(run, lambda done: progress(done, run.row_count, _("読み直しています")))
    if reading.fault_count:
        # The books changed since the file was looked at.
        run.findings, run.state = _found(run, reading, checked), RunState.REFUSED
        run.save(update_fields=["findings", "state"])
        return {"state": run.state}
    try:
        apply(run, reading, checked, at=timezone.now())
    except RefusedError as refused:
        BudgetImport.objects.filter(pk=run.pk).update(state=RunState.FAILED)
        raise jobs.JobRefusedError(refused.sentence) from refused
    return {"state": RunState.APPLIED.value, "rows": reading.count}


@transaction.atomic
def apply(
    run: BudgetImport, reading: Reading, checked: Checked, *, at: dt.datetime, settle: bool = True
) -> None:
    """Write every line, or nothing at all."""
    Organization.objects.select_for_update().get(pk=run.organization_id)
    require_open(run.organization_id, run.fiscal_year)
    run.state, run.applied_at = RunState.APPLIED, at
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "applied_at"])
    except IntegrityError as error:
        raise RefusedError(
            _("同じ年度・段階のファイルが、先に取り込まれました。一覧を確かめてください。")
        ) from error
    codes = open_places(run, reading)
    write_lines(run, reading, codes)
    if settle:
        totals.rebuild(run.organization_id, run.fiscal_year)
        sharing.share_out(run.organization_id, run.fiscal_year)
    _refuse_losses(run, checked)
    trail.record(
        trail.Act(
            run.person,
            "import",
            run,
            at,
            organization_id=run.organization_id,
            note=f"{FiscalYear(run.fiscal_year)} {run.get_stage_display()} {reading.count:,}行",
        )
    )
    tell_money(run.organization_id, run.fiscal_year)


def _refuse_losses(run: BudgetImport, checked: Checked) -> None:
    """After writing, the books are asked: every code holds what the file said, to the yen (B5)."""
    stored = {path: amount for path, amount in sums_of_run(run).items() if amount}
    wanted = {path: amount for path, amount in checked.sums.items() if amount}
    if stored != wanted:
        path = min({*stored, *wanted} - {each for each in stored if stored[each] == wanted.get(each)})
        raise RefusedError(
            _("書き込んだ金額がファイルと合わないため、取り込みをやめました(%(path)s)。") % {"path": path}
        )


__all__ = ["APPLY", "CHECK", "Arrival", "Fault", "confirm", "look", "receive", "sums_of_run"]


def years_open_for(organization: Organization, today: dt.date) -> list[int]:
    """Years somebody may bring a file for: those with a budget, this one and the next, not the closed ones."""
    now = FiscalYear.of(today).year
    years = {now - 1, now, now + 1, *selectors.years_with_budget(organization.pk)}
    return sorted((year for year in years if not selectors.is_closed(organization.pk, year)), reverse=True)
