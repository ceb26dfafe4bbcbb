"""Amounts typed by a person: one at a time, or moved from one code to another. Each is a run of its own, so that it has parents."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import sharing, totals
from enishi.budgets.access import code_access
from enishi.budgets.enums import FundKind, RunSource, RunState, Stage
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import BudgetCode, BudgetEntry, BudgetImport, FundSource
from enishi.budgets.services.years import require_books, require_open, tell_money
from enishi.foundation import trail
from enishi.foundation.money import in_yen
from enishi.organizations.models import Organization


@dataclass(frozen=True)
class Typed:
    """An amount as a person enters it. ``funds`` says what pays for it, or is empty where nobody knows yet."""

    stage: Stage
    amount_yen: int
    dated_on: dt.date
    reason: str
    round_no: int = 0
    resolution_no: str = ""
    funds: tuple[tuple[FundKind, int], ...] = ()


@transaction.atomic
def record_entry(*, code_id: int, typed: Typed, actor: Person, at: dt.datetime) -> BudgetEntry:
    """Add one amount to a code. Mistakes are corrected by another entry with the opposite sign (B6)."""
    code = _locked(code_id)
    code_access.require(actor, "request" if typed.stage is Stage.REQUEST else "enter", code)
    require_open(code.organization_id, code.fiscal_year)
    _check(typed)
    if typed.stage.is_zero_sum:
        raise RefusedError(_("流用と予備費充用は、出す科目と受ける科目を選んで入力してください。"))
    entry = _write(code, typed, _run(code, typed, actor, at), typed.amount_yen)
    _follow_up([code], typed.stage, {code.pk: typed.amount_yen})
    trail.record(trail.Act(actor, "enter", code, at, organization_id=code.organization_id, note=_told(typed)))
    return entry


@transaction.atomic
def move_money(
    *, from_id: int, to_id: int, typed: Typed, actor: Person, at: dt.datetime
) -> tuple[BudgetEntry, BudgetEntry]:
    """流用 and 予備費充用: what one code gives, another gets, to the yen."""
    giver, taker = _locked(from_id), _locked(to_id)
    require_books(actor, giver.organization_id)
    require_open(giver.organization_id, giver.fiscal_year)
    _check(typed)
    _check_move(giver, taker, typed)
    run = _run(giver, typed, actor, at)
    entries = (
        _write(giver, typed, run, -typed.amount_yen),
        _write(taker, typed, run, typed.amount_yen),
    )
    _follow_up([giver, taker], typed.stage, {giver.pk: -typed.amount_yen, taker.pk: typed.amount_yen})
    note = f"{giver.path} → {taker.path} {in_yen(typed.amount_yen)}"
    trail.record(
        *(
            trail.Act(actor, "move_money", code, at, organization_id=code.organization_id, note=note)
            for code in (giver, taker)
        )
    )
    return entries


def _locked(code_id: int) -> BudgetCode:
    code = BudgetCode.objects.select_related("account").get(pk=code_id)
    # The house is locked, not the code: sums above it change, too.
    Organization.objects.select_for_update().get(pk=code.organization_id)
    return code


def _check(typed: Typed) -> None:
    if typed.amount_yen == 0:
        raise RefusedError(_("0円は記録できません。金額を確かめてください。"))
    if not typed.reason.strip():
        raise RefusedError(_("何の金額かが分かるように、わけを書いてください。"))
    if typed.stage.has_rounds and typed.round_no < 1:
        raise RefusedError(_("査定と補正は、何回目かを書いてください。例: 1"))
    if not typed.stage.has_rounds and typed.round_no:
        raise RefusedError(_("回を書くのは、査定と補正だけです。"))
    if typed.funds and sum(amount for _kind, amount in typed.funds) != typed.amount_yen:
        raise RefusedError(
            _("財源の合計 %(funds)s が金額 %(amount)s と合いません。差は %(difference)s です。")
            % {
                "funds": in_yen(sum(amount for _kind, amount in typed.funds)),
                "amount": in_yen(typed.amount_yen),
                "difference": in_yen(typed.amount_yen - sum(amount for _kind, amount in typed.funds)),
            }
        )


def _check_move(giver: BudgetCode, taker: BudgetCode, typed: Typed) -> None:
    if not typed.stage.is_zero_sum:
        raise RefusedError(_("科目のあいだで動かせるのは、流用と予備費充用です。"))
    if typed.amount_yen < 0:
        raise RefusedError(_("動かす金額は、正の数で書いてください。"))
    if giver.pk == taker.pk:
        raise RefusedError(_("出す科目と受ける科目が同じです。"))
    if (giver.organization_id, giver.fiscal_year, giver.account_id) != (
        taker.organization_id,
        taker.fiscal_year,
        taker.account_id,
    ):
        raise RefusedError(_("動かせるのは、同じ年度・同じ会計の科目のあいだです。"))


def _run(code: BudgetCode, typed: Typed, actor: Person, at: dt.datetime) -> BudgetImport:
    return BudgetImport.objects.create(
        organization_id=code.organization_id,
        source=RunSource.TYPED,
        fiscal_year=code.fiscal_year,
        stage=typed.stage,
        round_no=typed.round_no,
        dated_on=typed.dated_on,
        resolution_no=typed.resolution_no,
        reason=typed.reason.strip()[:300],
        state=RunState.APPLIED,
        row_count=1,
        total_yen=typed.amount_yen,
        person=actor,
        created_at=at,
        applied_at=at,
    )


def _write(code: BudgetCode, typed: Typed, run: BudgetImport, amount: int) -> BudgetEntry:
    entry = BudgetEntry.objects.create(
        code=code,
        stage=typed.stage,
        round_no=typed.round_no,
        amount_yen=amount,
        dated_on=typed.dated_on,
        resolution_no=typed.resolution_no,
        note=typed.reason.strip()[:200],
        import_run=run,
    )
    for kind, yen in typed.funds:
        FundSource.objects.create(
            code=code, stage=typed.stage, round_no=typed.round_no, kind=kind, amount_yen=yen, import_run=run
        )
    return entry


def _follow_up(codes: list[BudgetCode], stage: Stage, amounts: dict[int, int]) -> None:
    if stage is Stage.ASSESSMENT:
        totals.rebuild(codes[0].organization_id, codes[0].fiscal_year)
    else:
        # What gives goes first: money moved within a 目 must not look like more than the 目 has.
        for code in sorted(codes, key=lambda each: amounts[each.pk]):
            totals.add(code, stage, amounts[code.pk])
    for code in codes:
        sharing.share_out_around(code)
    tell_money(codes[0].organization_id, codes[0].fiscal_year)


def _told(typed: Typed) -> str:
    return f"{typed.stage.label} {in_yen(typed.amount_yen)} {typed.reason.strip()}"[:300]
