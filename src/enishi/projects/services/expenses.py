"""Expenses: claimed with a receipt, approved by somebody else, settled together. Whole yen throughout."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange import files
from enishi.exchange.errors import AttachmentRefusedError
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.projects.access import may_touch, project_access
from enishi.projects.enums import ExpenseState, ProjectStatus
from enishi.projects.errors import RefusedError
from enishi.projects.models import Expense, Participant, Project, Receipt, Settlement
from enishi.projects.services.writing import (
    assign,
    changed,
    locked_project,
    own_participant,
    require_version,
    touch,
    write_down,
)

WRITABLE = ("participant", "category", "what", "payee", "spent_on", "amount_yen", "no_receipt_reason")
MOST_RECEIPTS = 10


@transaction.atomic
def claim_expense(
    *,
    project_id: int,
    values: Mapping[str, Any],
    receipt: tuple[str, bytes] | None = None,
    actor: Person,
    at: dt.datetime,
) -> Expense:
    """Write a payment down, with its receipt or the reason why there is none."""
    project = locked_project(project_id)
    project_access.require(actor, "take_part", project)
    _require_approved(project)
    expense = Expense(project=project, claimed_by=actor, claimed_at=at)
    assign(expense, values, WRITABLE)
    _check(expense, project, actor, at)
    if receipt is None and not expense.no_receipt_reason:
        raise ValidationError({"receipt": _("領収書のファイルを選ぶか、領収書がない理由を書いてください。")})
    expense.save()
    if receipt is not None:
        _keep(expense, *receipt, actor=actor, at=at)
    touch(project, actor=actor, at=at)
    write_down(project, "claim_expense", actor=actor, at=at, note=_said(expense))
    return expense


def _require_approved(project: Project) -> None:
    if project.approved_at is None or project.status == ProjectStatus.DRAFT:
        raise RefusedError(_("支出を申請できるのは、事業が承認されたあとです。"))


def _check(expense: Expense, project: Project, actor: Person, at: dt.datetime) -> None:
    own_participant(project, expense.participant)
    if not may_touch(actor, project, expense.participant):
        raise PermissionDenied("claim")
    if expense.spent_on > timezone.localdate(at):
        raise ValidationError({"spent_on": _("支払日に、まだ来ていない日は書けません。")})
    if expense.amount_yen <= 0:
        raise ValidationError({"amount_yen": _("1円以上の金額を書いてください。")})


def _said(expense: Expense) -> str:
    return f"{expense.what} {expense.amount_yen:,}円"


@transaction.atomic
def edit_expense(
    *, expense_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Expense:
    """Mend a claim that nobody approved yet; one that was sent back is claimed again with it."""
    expense, project = _locked(expense_id)
    _require_own(actor, project, expense)
    require_version(expense, version)
    if expense.state not in {ExpenseState.CLAIMED, ExpenseState.RETURNED}:
        raise RefusedError(_("承認された支出は書き直せません。承認した人に差し戻してもらってください。"))
    before = trail.values(expense)
    assign(expense, values, WRITABLE)
    _check(expense, project, actor, at)
    if not expense.no_receipt_reason and not expense.receipts.exists():
        raise ValidationError(
            {"no_receipt_reason": _("領収書を付けるか、領収書がない理由を書いてください。")}
        )
    expense.state = ExpenseState.CLAIMED
    expense.decided_by = expense.decided_at = None
    expense.version += 1
    expense.save()
    touch(project, actor=actor, at=at)
    changes = changed(before, expense)
    write_down(project, "edit_expense", actor=actor, at=at, row=expense, changes=changes, note=_said(expense))
    return expense


def _locked(expense_id: int) -> tuple[Expense, Project]:
    project = locked_project(Expense.objects.get(pk=expense_id).project_id)
    expense = (
        project.expenses.select_for_update(of=("self",)).select_related("participant").get(pk=expense_id)
    )
    expense.project = project
    return expense, project


def _require_own(actor: Person, project: Project, expense: Expense) -> None:
    if not may_touch(actor, project, expense.participant):
        raise PermissionDenied("edit")


@transaction.atomic
def attach_receipt(*, expense_id: int, name: str, content: bytes, actor: Person, at: dt.datetime) -> Receipt:
    expense, project = _locked(expense_id)
    _require_own(actor, project, expense)
    if expense.state == ExpenseState.SETTLED:
        raise RefusedError(_("精算済みの支出には、領収書を加えられません。"))
    receipt = _keep(expense, name, content, actor=actor, at=at)
    write_down(project, "attach_receipt", actor=actor, at=at, note=f"{_said(expense)} {receipt.name}")
    return receipt


def _keep(expense: Expense, name: str, content: bytes, *, actor: Person, at: dt.datetime) -> Receipt:
    """Keep the file; its type is told from its first bytes, and the same file twice is refused."""
    name = files.safe_name(name)
    found = files.sniffed(content, name)
    if expense.receipts.count() >= MOST_RECEIPTS:
        raise AttachmentRefusedError(_("領収書は1件の支出に%(limit)d個までです。") % {"limit": MOST_RECEIPTS})
    digest = hashlib.sha256(content).hexdigest()
    used = Receipt.objects.filter(sha256=digest, expense__project=expense.project).select_related("expense")
    twin = used.first()
    if twin is not None:
        raise AttachmentRefusedError(
            _("同じ領収書が「%(what)s」にすでに付いています。二重の申請になっていないか確かめてください。")
            % {"what": twin.expense.what}
        )
    receipt = Receipt(
        expense=expense,
        name=name,
        content_type=found.content_type,
        size=len(content),
        sha256=digest,
        added_by=actor,
        added_at=at,
    )
    receipt.file.save(name, ContentFile(content), save=False)
    receipt.save()
    return receipt


@transaction.atomic
def decide_expense(
    *, expense_id: int, approve: bool, note: str = "", actor: Person, at: dt.datetime
) -> Expense:
    """Approve a claim or send it back. Whoever claimed it cannot."""
    expense, project = _locked(expense_id)
    project_access.require(actor, "decide_expense", project)
    if expense.claimed_by_id == actor.pk:
        raise RefusedError(
            _("自分が申請した支出は、自分では承認できません。ほかの管理職か企画の人に頼んでください。")
        )
    possible = {ExpenseState.CLAIMED} if approve else {ExpenseState.CLAIMED, ExpenseState.APPROVED}
    if expense.state not in possible:
        raise RefusedError(
            _("この支出はいま「%(state)s」です。ほかの人が先に決めたかもしれません。")
            % {"state": expense.get_state_display()}
        )
    note = clean_text(note).strip()[:300]
    if not approve and not note:
        raise ValidationError({"note": _("差し戻す理由を書いてください。申請した人が直せます。")})
    before = trail.values(expense)
    expense.state = ExpenseState.APPROVED if approve else ExpenseState.RETURNED
    expense.decided_by, expense.decided_at, expense.decision_note = actor, at, note
    expense.version += 1
    expense.save()
    touch(project, actor=actor, at=at)
    write_down(
        project,
        "approve_expense" if approve else "return_expense",
        actor=actor,
        at=at,
        row=expense,
        changes=changed(before, expense),
        note=_said(expense),
    )
    return expense


@transaction.atomic
def withdraw_expense(*, expense_id: int, actor: Person, at: dt.datetime) -> None:
    """Take a claim back that nobody approved."""
    expense, project = _locked(expense_id)
    _require_own(actor, project, expense)
    if expense.state not in {ExpenseState.CLAIMED, ExpenseState.RETURNED}:
        raise RefusedError(_("承認された支出は取り下げられません。承認した人に差し戻してもらってください。"))
    said = _said(expense)
    expense.delete()
    touch(project, actor=actor, at=at)
    write_down(project, "withdraw_expense", actor=actor, at=at, note=said)


@transaction.atomic
def settle(
    *, project_id: int, participant: Participant, note: str = "", actor: Person, at: dt.datetime
) -> Settlement:
    """Close all approved expenses of one participant together; their sum is exact."""
    project = locked_project(project_id)
    project_access.require(actor, "settle", project)
    own_participant(project, participant)
    rows = list(
        project.expenses.select_for_update().filter(participant=participant, state=ExpenseState.APPROVED)
    )
    if not rows:
        raise RefusedError(_("精算できる支出(承認済みのもの)がありません。先に申請を承認してください。"))
    last = project.settlements.aggregate(last=Max("number"))["last"] or 0
    settlement = Settlement.objects.create(
        project=project,
        participant=participant,
        number=last + 1,
        note=clean_text(note).strip()[:300],
        total_yen=sum(row.amount_yen for row in rows),
        made_by=actor,
        made_at=at,
    )
    for row in rows:
        row.state, row.settlement = ExpenseState.SETTLED, settlement
        row.version += 1
        row.save()
    touch(project, actor=actor, at=at)
    write_down(
        project, "settle", actor=actor, at=at, note=f"{settlement} {len(rows)}件 {settlement.total_yen:,}円"
    )
    return settlement
