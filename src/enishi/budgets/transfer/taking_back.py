"""A file that should not have come in: its amounts are written once more with the opposite sign (B6)."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min, Sum
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import sharing, totals
from enishi.budgets.enums import RunSource, RunState
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import BudgetEntry, BudgetImport, FundSource
from enishi.budgets.services.years import require_books, require_open, tell_money
from enishi.budgets.transfer.writing import ENTRY, FUND, key_of
from enishi.foundation import trail
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.bulk import insert_rows
from enishi.organizations.models import Organization


@transaction.atomic
def take_back(*, run_id: Any, reason: str, actor: Person, at: dt.datetime) -> BudgetImport:
    """Undo one file: what it wrote stays, and beside it stands the opposite. What it corrected stands again."""
    run = BudgetImport.objects.select_for_update(of=("self",)).select_related("corrects").get(pk=run_id)
    require_books(actor, run.organization_id)
    Organization.objects.select_for_update().get(pk=run.organization_id)
    require_open(run.organization_id, run.fiscal_year)
    if not may_take_back(run):
        raise RefusedError(
            _("取り消せるのは、取り込んだファイルのうち、訂正も取り消しもされていないものです。")
        )
    if not reason.strip():
        raise ValidationError({"reason": _("取り消す理由を書いてください。記録に残ります。")})
    undoing = _opposite(run, reason.strip(), actor, at)
    BudgetImport.objects.filter(pk=run.pk).update(state=RunState.TAKEN_BACK)
    if run.corrects is not None:
        BudgetImport.objects.filter(pk=run.corrects.pk).update(state=RunState.APPLIED)
    totals.rebuild(run.organization_id, run.fiscal_year)
    sharing.share_out(run.organization_id, run.fiscal_year)
    note = f"{FiscalYear(run.fiscal_year)} {run.get_stage_display()} {reason.strip()}"[:300]
    trail.record(trail.Act(actor, "take_back", run, at, organization_id=run.organization_id, note=note))
    tell_money(run.organization_id, run.fiscal_year)
    return undoing


def may_take_back(run: BudgetImport) -> bool:
    return run.source == RunSource.FILE and run.state == RunState.APPLIED


def _opposite(run: BudgetImport, reason: str, actor: Person, at: dt.datetime) -> BudgetImport:
    """Code by code and day by day, so that no day's books change by anything else."""
    rows = (
        BudgetEntry.objects.filter(import_run=run)
        .order_by("code_id", "dated_on")
        .values_list("code_id", "dated_on")
        .annotate(sum=Sum("amount_yen"), row=Min("row_no"))
    )
    lines = [(code, day, -amount, row) for code, day, amount, row in rows if amount]
    undoing = BudgetImport.objects.create(
        organization_id=run.organization_id,
        source=RunSource.TYPED,
        fiscal_year=run.fiscal_year,
        stage=run.stage,
        round_no=run.round_no,
        dated_on=run.dated_on,
        resolution_no=run.resolution_no,
        corrects=run,
        reason=(_("「%(file)s」の取り消し: %(reason)s") % {"file": run, "reason": reason})[:300],
        state=RunState.APPLIED,
        row_count=len(lines),
        total_yen=sum(amount for _code, _day, amount, _row in lines),
        person=actor,
        created_at=at,
        applied_at=at,
    )
    key, note = key_of(undoing), _("取り消し")
    entries = (
        (code, run.stage, run.round_no, amount, day.isoformat(), run.resolution_no, note, key, row)
        for code, day, amount, row in lines
    )
    insert_rows(BudgetEntry, ENTRY, entries)
    funds = (
        FundSource.objects.filter(import_run=run).order_by("pk").values_list("code_id", "kind", "amount_yen")
    )
    insert_rows(
        FundSource,
        FUND,
        ((code, run.stage, run.round_no, kind, -amount, key) for code, kind, amount in funds if amount),
    )
    return undoing
