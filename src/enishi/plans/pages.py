"""What every page of the room asks first, and the one way in which its forms are shown, saved and refused."""

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.indicators.offices import Office, offices_of
from enishi.plans import selectors
from enishi.plans.access import node_access, plan_access, version_access
from enishi.plans.models import Plan, PlanNode, PlanVersion
from enishi.plans.owned import OwnedAccess, OwnedT

Crumb = tuple[str, str]
signed_in = login_required


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def visible_plan(request: HttpRequest, pk: int) -> Plan:
    rows = plan_access.visible(request.user).select_related("organization", "section", "parent", "updated_by")
    return get_object_or_404(rows, pk=pk)


def visible_version(request: HttpRequest, pk: int) -> PlanVersion:
    rows = version_access.visible(request.user).select_related(
        "plan__organization", "plan__section", "updated_by", "approved_by", "based_on"
    )
    return get_object_or_404(rows, pk=pk)


def visible_node(request: HttpRequest, pk: int) -> PlanNode:
    rows = node_access.visible(request.user).select_related(
        "version__plan__organization", "level", "section", "updated_by"
    )
    return get_object_or_404(rows, pk=pk)


def require(request: HttpRequest, action: str, plan: Plan) -> None:
    """Whoever may read but not do this is told who can."""
    if not plan_access.allows(request.user, action, plan):
        raise PermissionDenied(who_can(action, plan))


def who_can(action: str, plan: Plan) -> str:
    row = offices_of(plan.organization_id)
    section = row.section_of(Office.PLANNING) if row else None
    place = f"{plan.organization.name} {section or _('企画の担当')}"
    if action == "approve":
        return _("計画の版を承認できるのは、%(place)sの管理職か、首長・庁議の人です。") % {"place": place}
    return _("計画を書き換えられるのは、%(place)sの人です。") % {"place": place}


def draft_version(request: HttpRequest, pk: int) -> PlanVersion:
    """A version whose tree this person writes; services say the same, under a lock."""
    version = visible_version(request, pk)
    require(request, "edit", version.plan)
    return version


def draft_node(request: HttpRequest, pk: int) -> PlanNode:
    node = visible_node(request, pk)
    require(request, "edit", node.version.plan)
    return node


def require_restorable(
    request: HttpRequest,
    access: OwnedAccess[OwnedT],
    pk: int,
    who_can: Callable[[OwnedT], str] = lambda row: (
        _("元に戻せるのは、%(place)sの担当の人です。") % {"place": row.organization.name}
    ),
) -> None:
    """Something in the trash of one's own body that this person may take back; others are told who can."""
    row = get_object_or_404(access.thrown(request.user), pk=pk)
    if not access.allows(request.user, "restore", row):
        raise PermissionDenied(who_can(row))


def way_to(plan: Plan, version: PlanVersion | None = None, node: PlanNode | None = None) -> list[Crumb]:
    """The breadcrumb down to here, the page itself left out."""
    way = [(reverse("plans:plan_list"), _("計画")), (plan.get_absolute_url(), plan.name)]
    if version is not None:
        words = _("第%(no)d版の木") if version.is_approved else _("第%(no)d版(下書き)の木")
        way.append((version.get_absolute_url(), words % {"no": version.no}))
    if node is not None:
        way += [(each.get_absolute_url(), str(each)) for each in [*selectors.ancestors(node), node]]
    return way
