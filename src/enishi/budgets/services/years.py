"""Fiscal years: a programme's facet of one, what staff cost in it, its publication, its closing."""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import selectors
from enishi.budgets.access import may_keep_books, programme_access
from enishi.budgets.enums import YearStatus
from enishi.budgets.errors import ClosedYearError, RefusedError
from enishi.budgets.models import BudgetYear, Programme, ProgrammeYear, YearClosure
from enishi.budgets.services.programmes import year_of
from enishi.budgets.signals import money_changed, programme_changed
from enishi.foundation import trail
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization


@dataclass(frozen=True)
class YearValues:
    """What a person writes about a programme's year."""

    status: str = YearStatus.PLANNED
    fte: Decimal | None = None
    staff_hours: Decimal | None = None
    narrative: str = ""


def require_books(actor: Person, organization_id: int) -> None:
    """財政 keeps the books; everybody else is told who does."""
    if not may_keep_books(actor, organization_id):
        raise PermissionDenied(
            _("予算を取り込み、年度を設定できるのは、財政の担当(役割の設定で決めた課)です。")
        )


def require_open(organization_id: int, fiscal_year: int) -> None:
    if selectors.is_closed(organization_id, fiscal_year):
        raise ClosedYearError(fiscal_year)


@transaction.atomic
def set_programme_year(
    *, programme_id: int, fiscal_year: int, values: YearValues, actor: Person, at: dt.datetime
) -> ProgrammeYear:
    """Say how a programme stands in a year: its state, the work of the staff, what was done."""
    programme = Programme.objects.select_for_update().get(pk=programme_id)
    programme_access.require(actor, "edit", programme)
    require_open(programme.organization_id, fiscal_year)
    year = year_of(programme, fiscal_year, at)
    before = trail.values(year)
    for name, value in asdict(values).items():
        setattr(year, name, value)
    year.updated_at = at
    year.full_clean()
    changes = trail.differences(before, trail.values(year))
    changes.pop("updated_at", None)
    if changes:
        year.save()
        trail.record(
            trail.Act(
                actor,
                "set_year",
                programme,
                at,
                organization_id=programme.organization_id,
                changes={f"budgets.programmeyear.{name}": pair for name, pair in changes.items()},
                note=str(FiscalYear(fiscal_year)),
            )
        )
        transaction.on_commit(lambda: programme_changed.send_robust(Programme, programme_id=programme_id))
    return year


@transaction.atomic
def set_budget_year(
    *,
    organization: Organization,
    fiscal_year: int,
    yen_per_fte: int | None,
    hours_per_fte: int | None,
    fte_source: str,
    actor: Person,
    at: dt.datetime,
) -> BudgetYear:
    """Say what one full-time member of staff costs in a year, and how that is known."""
    require_books(actor, organization.pk)
    require_open(organization.pk, fiscal_year)
    year = _locked(organization, fiscal_year)
    before = trail.values(year)
    year.yen_per_fte, year.hours_per_fte, year.fte_source = yen_per_fte, hours_per_fte, fte_source
    year.full_clean()
    year.save()
    _record(year, "edit", before, actor, at)
    return year


@transaction.atomic
def publish_year(
    *, organization: Organization, fiscal_year: int, actor: Person, at: dt.datetime
) -> BudgetYear:
    """Let everybody read what was voted for the year."""
    require_books(actor, organization.pk)
    year = _locked(organization, fiscal_year)
    if year.published_at is not None:
        raise RefusedError(_("この年度は、もう公開されています。"))
    if fiscal_year not in selectors.years_with_budget(organization.pk):
        raise RefusedError(_("この年度には予算科目がありません。先に予算を取り込んでください。"))
    before = trail.values(year)
    year.published_at, year.published_by = at, actor
    year.save()
    _record(year, "publish", before, actor, at)
    return year


@transaction.atomic
def withdraw_year(
    *, organization: Organization, fiscal_year: int, actor: Person, at: dt.datetime
) -> BudgetYear:
    """Keep the year within the house again."""
    require_books(actor, organization.pk)
    year = _locked(organization, fiscal_year)
    before = trail.values(year)
    year.published_at = year.published_by = None
    year.save()
    _record(year, "withdraw_publication", before, actor, at)
    return year


def _locked(organization: Organization, fiscal_year: int) -> BudgetYear:
    Organization.objects.select_for_update().get(pk=organization.pk)
    row, _made = BudgetYear.objects.get_or_create(organization=organization, fiscal_year=fiscal_year)
    return row


def _record(year: BudgetYear, action: str, before: dict[str, object], actor: Person, at: dt.datetime) -> None:
    changes = trail.differences(before, trail.values(year))
    if not changes:
        return
    trail.record(trail.Act(actor, action, year, at, organization_id=year.organization_id, changes=changes))
    tell_money(year.organization_id, year.fiscal_year)


def tell_money(organization_id: int, fiscal_year: int) -> None:
    transaction.on_commit(
        lambda: money_changed.send_robust(
            BudgetYear, organization_id=organization_id, fiscal_year=fiscal_year
        )
    )


@transaction.atomic
def close_year(
    *, organization: Organization, fiscal_year: int, reason: str, actor: Person, at: dt.datetime
) -> YearClosure:
    """Close the books: nothing of the year is written until they are opened again."""
    require_books(actor, organization.pk)
    Organization.objects.select_for_update().get(pk=organization.pk)
    require_open(organization.pk, fiscal_year)
    try:
        with transaction.atomic():
            closure = YearClosure.objects.create(
                organization=organization,
                fiscal_year=fiscal_year,
                closed_at=at,
                closed_by=actor,
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise ClosedYearError(fiscal_year) from error
    trail.record(trail.Act(actor, "close", closure, at, organization_id=organization.pk, note=reason.strip()))
    return closure


@transaction.atomic
def reopen_year(
    *, organization: Organization, fiscal_year: int, reason: str, actor: Person, at: dt.datetime
) -> YearClosure:
    """Open closed books again, with a reason that stays."""
    require_books(actor, organization.pk)
    closure = (
        YearClosure.objects.select_for_update()
        .filter(organization=organization, fiscal_year=fiscal_year, reopened_at__isnull=True)
        .first()
    )
    if closure is None:
        raise RefusedError(_("この年度は締められていません。"))
    if not reason.strip():
        raise RefusedError(_("開け直す理由を書いてください。記録に残ります。"))
    closure.reopened_at, closure.reopened_by, closure.reopened_reason = at, actor, reason.strip()
    closure.save()
    trail.record(
        trail.Act(actor, "reopen", closure, at, organization_id=organization.pk, note=reason.strip())
    )
    return closure
