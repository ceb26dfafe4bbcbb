"""Accounts and codes, and which code of one year is which of the next."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import totals
from enishi.budgets.coding import clean_code
from enishi.budgets.enums import Level
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Account, BudgetCode, CodeEquivalence
from enishi.budgets.services.years import require_books, require_open
from enishi.foundation import trail
from enishi.organizations.models import Organization


@transaction.atomic
def open_account(
    *, organization: Organization, code: str, name: str, kind: str, actor: Person, at: dt.datetime
) -> Account:
    """Add an account (会計)."""
    require_books(actor, organization.pk)
    Organization.objects.select_for_update().get(pk=organization.pk)
    account = Account(organization=organization, code=clean_code(code, None), name=name.strip(), kind=kind)
    account.full_clean()
    account.save()
    trail.record(trail.Act(actor, "create", account, at, organization_id=organization.pk))
    return account


@transaction.atomic
def open_code(
    *,
    account: Account,
    fiscal_year: int,
    parent: BudgetCode | None,
    level: Level,
    code: str,
    name: str,
    actor: Person,
    at: dt.datetime,
) -> BudgetCode:
    """Add one code below another; imports add theirs by themselves."""
    require_books(actor, account.organization_id)
    require_open(account.organization_id, fiscal_year)
    _check_place(account, fiscal_year, parent, level)
    own = clean_code(code, level)
    row = BudgetCode(
        organization_id=account.organization_id,
        fiscal_year=fiscal_year,
        account=account,
        parent=parent,
        level=level,
        code=own,
        path=f"{parent.path if parent else account.code}-{own}",
        name=name.strip(),
    )
    row.full_clean()
    row.save()
    totals.begin([row])
    trail.record(trail.Act(actor, "create", row, at, organization_id=account.organization_id))
    return row


def _check_place(account: Account, fiscal_year: int, parent: BudgetCode | None, level: Level) -> None:
    if parent is None:
        if level != Level.KAN:
            raise ValidationError({"level": _("会計のすぐ下に置けるのは款です。")})
        return
    if parent.fiscal_year != fiscal_year or parent.account_id != account.pk:
        raise ValidationError({"parent": _("同じ年度・同じ会計の科目の下に置いてください。")})
    if level <= parent.level:
        raise ValidationError({"level": _("上の科目より細かい区分を選んでください。")})


@transaction.atomic
def rename_code(*, code_id: int, name: str, actor: Person, at: dt.datetime) -> BudgetCode:
    """Correct the name of a code. The code itself never changes."""
    code = BudgetCode.objects.select_for_update().get(pk=code_id)
    require_books(actor, code.organization_id)
    require_open(code.organization_id, code.fiscal_year)
    before = trail.values(code)
    code.name = name.strip()
    code.full_clean()
    code.save(update_fields=["name"])
    changes = trail.differences(before, trail.values(code))
    if changes:
        trail.record(
            trail.Act(actor, "edit", code, at, organization_id=code.organization_id, changes=changes)
        )
    return code


@transaction.atomic
def link_codes(
    *, old: BudgetCode, new: BudgetCode, note: str, actor: Person, at: dt.datetime
) -> CodeEquivalence:
    """Say that two codes of different years are the same purpose; several links make a split or a union."""
    require_books(actor, old.organization_id)
    if old.organization_id != new.organization_id:
        raise RefusedError(_("対応させられるのは、同じ団体の科目どうしです。"))
    if old.fiscal_year >= new.fiscal_year:
        raise RefusedError(_("前の年度の科目から、後の年度の科目へ対応させてください。"))
    row, made = CodeEquivalence.objects.get_or_create(
        old=old, new=new, defaults={"note": note.strip()[:300], "created_at": at}
    )
    if not made:
        raise RefusedError(_("この二つの科目は、もう対応させてあります。"))
    trail.record(trail.Act(actor, "create", row, at, organization_id=old.organization_id, note=note[:300]))
    return row


@transaction.atomic
def unlink_codes(*, equivalence_id: int, actor: Person, at: dt.datetime) -> None:
    """Take a link back."""
    row = CodeEquivalence.objects.select_for_update().select_related("old", "new").get(pk=equivalence_id)
    require_books(actor, row.old.organization_id)
    trail.record(trail.Act(actor, "delete", row, at, organization_id=row.old.organization_id))
    row.delete()
