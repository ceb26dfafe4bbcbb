"""What every page of the room asks first: who is it, which municipality, which year, may they."""

import datetime as dt
from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.budgets import selectors
from enishi.budgets.access import (
    code_access,
    may_keep_books,
    may_steer,
    programme_access,
    reads_everything,
)
from enishi.budgets.enums import AFTER_VOTE, Stage
from enishi.budgets.models import BudgetCode, BudgetYear, Programme
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

Crumb = tuple[str, str]
signed_in = login_required


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def number(text: str | None) -> int | None:
    """A key or a year from an address; nothing for whatever is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 12 else None


def houses(actor: Actor) -> list[Organization]:
    """Municipalities whose budget this person may read: the own first."""
    mine = reach_of(actor).organization_ids
    published = BudgetYear.objects.filter(published_at__isnull=False).values("organization_id")
    rows = Organization.objects.active().public_bodies()
    found = rows.filter(pk__in=mine) | rows.filter(pk__in=published)
    return sorted(found, key=lambda row: (row.pk not in mine, row.pk))


def house_of(request: HttpRequest) -> Organization | None:
    """The municipality the address asks for, or the first this person may read."""
    several = houses(request.user)
    wanted = number(request.GET.get("house"))
    if wanted is None:
        return several[0] if several else None
    found = next((row for row in several if row.pk == wanted), None)
    if found is None:
        raise Http404
    return found


def own_house(request: HttpRequest) -> Organization:
    """The municipality this person keeps the books of; others are told who does."""
    wanted = number(request.GET.get("house"))
    mine = [row for row in houses(request.user) if may_keep_books(request.user, row.pk)]
    found = next((row for row in mine if wanted in (None, row.pk)), None)
    if found is None:
        raise PermissionDenied(
            _("予算を取り込み、年度を設定できるのは、財政の担当(役割の設定で決めた課)です。")
        )
    return found


def years_for(actor: Actor, house: Organization) -> list[int]:
    """Years with a budget that this person may read, the latest first."""
    years = selectors.years_with_budget(house.pk)
    if reads_everything(actor, house.pk):
        return years
    rows = BudgetYear.objects.filter(organization=house, published_at__isnull=False)
    published = set(rows.values_list("fiscal_year", flat=True))
    return [year for year in years if year in published]


def year_of(request: HttpRequest, years: Sequence[int], name: str = "year") -> int:
    """The year the address asks for; else this fiscal year, or the latest there is."""
    wanted = number(request.GET.get(name))
    if wanted is not None and wanted in years:
        return wanted
    this = FiscalYear.of(today()).year
    return this if this in years or not years else years[0]


def stages_for(actor: Actor, organization_id: int) -> list[Stage]:
    """要求 and 査定 are the house's own business."""
    return list(Stage) if reads_everything(actor, organization_id) else list(AFTER_VOTE)


def visible_code(request: HttpRequest, pk: int) -> BudgetCode:
    rows = code_access.visible(request.user).select_related(
        "organization", "account", "parent", "total", "unallocated"
    )
    return get_object_or_404(rows, pk=pk)


def visible_programme(request: HttpRequest, pk: int) -> Programme:
    rows = programme_access.visible(request.user).select_related(
        "organization", "section", "merged_into", "updated_by", "output_indicator"
    )
    return get_object_or_404(rows, pk=pk)


def require_programme(request: HttpRequest, action: str, programme: Programme) -> None:
    if programme_access.allows(request.user, action, programme):
        return
    owner = {"owner": programme.organization.name}
    if action in {"merge", "allocate"}:
        raise PermissionDenied(_("これができるのは、%(owner)sの財政か企画の担当です。") % owner)
    raise PermissionDenied(_("この事業を書き換えられるのは、%(owner)sの担当課の人です。") % owner)


def require_books(request: HttpRequest, organization: Organization) -> None:
    if not may_keep_books(request.user, organization.pk):
        raise PermissionDenied(
            _("これができるのは、%(owner)sの財政の担当(役割の設定で決めた課)です。")
            % {"owner": organization.name}
        )


def require_steering(request: HttpRequest, organization: Organization) -> None:
    if not may_steer(request.user, organization.pk):
        raise PermissionDenied(
            _("これができるのは、%(owner)sの財政か企画の担当です。") % {"owner": organization.name}
        )


def budget_crumb() -> Crumb:
    return reverse("budgets:budget_tree"), _("予算")


def programmes_crumb() -> Crumb:
    return reverse("budgets:programme_list"), _("事務事業")


def code_crumbs(code: BudgetCode) -> list[Crumb]:
    """The way down to a code."""
    return [budget_crumb(), *((row.get_absolute_url(), row.label) for row in selectors.lineage(code))]
