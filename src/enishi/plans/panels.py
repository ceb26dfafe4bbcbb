"""What the room shows on the home page and on the pages of programmes, budget codes and organisations."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.models import BudgetCode, Programme
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of
from enishi.plans import selectors
from enishi.plans.access import may_approve, plan_access
from enishi.plans.enums import LinkKind, VersionState
from enishi.plans.models import NodeLink, Placement, PlanNode, PlanVersion
from enishi.plans.paths import STEP

SHOWN = 20
FEW = 5


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = gettext_lazy("計画")
    ui.navigation.register(
        ui.NavigationItem(label, "plans:plan_list", order=70, shown=_is_member, icon="check")
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("計画を見る"), "plans:plan_list", order=16, bar="public")
    )
    panels.home.register(panels.HomePanel("", 35, waiting, "today", _is_member))
    title = gettext_lazy("計画での位置づけ")
    panels.records.register(
        panels.RecordPanel("budgets.programme", "plans/_of_programme.html", 20, of_programme, title)
    )
    panels.records.register(
        panels.RecordPanel("budgets.budgetcode", "plans/_of_programme.html", 20, of_code, title)
    )
    panels.records.register(
        panels.RecordPanel(
            "organizations.organization", "plans/_of_organization.html", 45, of_organization, label
        )
    )


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Drafts that could be approved by this person."""
    houses = reach_of(actor).organization_ids
    drafts = (
        PlanVersion.objects.filter(
            state=VersionState.DRAFT, plan__organization_id__in=houses, plan__deleted_at__isnull=True
        )
        .exclude(created_by_id=actor.pk)
        .exclude(effective_on__isnull=True)
        .select_related("plan")
        .order_by("effective_on", "pk")
    )
    items = [
        panels.Todo(
            str(version),
            reverse("plans:version_approve", args=[version.pk]),
            due=version.effective_on,
            why=_("施行日までに、計画の版の承認が要ります"),
        )
        for version in drafts[: FEW * 4]
        if may_approve(actor, version.plan.organization_id)
    ]
    return {"items": items[:FEW]} if items else None


@dataclass(frozen=True)
class Way:
    """From a programme up to the vision: the branch it hangs from, those above, and what they carry out."""

    placement: Placement
    above: Sequence[PlanNode]
    vision: Sequence[PlanNode]


def of_programme(actor: Actor, programme: Programme) -> Mapping[str, Any] | None:
    ways = ways_of(actor, [programme.pk], programme.organization_id)
    return {"ways": ways, "names": False} if ways else None


def of_code(actor: Actor, code: BudgetCode) -> Mapping[str, Any] | None:
    """Programmes that this code, what lies below it, or what it lies in pays for, and where they hang."""
    parts = code.path.split("-")
    above = ["-".join(parts[:end]) for end in range(1, len(parts))]
    rows = Programme.objects.visible_to(actor).filter(
        Q(years__allocations__code__path__in=[*above, code.path])
        | Q(years__allocations__code__path__startswith=f"{code.path}-"),
        years__allocations__code__organization_id=code.organization_id,
        years__allocations__code__fiscal_year=code.fiscal_year,
    )
    keys = list(rows.order_by("pk").values_list("pk", flat=True).distinct()[:SHOWN])
    ways = ways_of(actor, keys, code.organization_id)
    return {"ways": ways, "names": True} if ways else None


def ways_of(actor: Actor, programme_ids: Sequence[int], organization_id: int) -> list[Way]:
    """Four queries, however many programmes."""
    if not programme_ids:
        return []
    today = timezone.localdate()
    placements = selectors.nodes_of_programmes(actor, programme_ids, organization_id, today)
    above = _above([row.node for row in placements])
    everyone = {node.pk for nodes in above.values() for node in nodes}
    everyone |= {row.node_id for row in placements}
    vision = _visions(actor, everyone, today)
    return [
        Way(
            row,
            above[row.node_id],
            _once(end for node in [*above[row.node_id], row.node] for end in vision.get(node.pk, ())),
        )
        for row in placements
    ]


def _above(nodes: Sequence[PlanNode]) -> dict[int, list[PlanNode]]:
    wanted = Q(pk__in=[])
    for node in nodes:
        paths = [node.path[:end] for end in range(STEP, len(node.path), STEP)]
        wanted |= Q(version_id=node.version_id, path__in=paths)
    rows = list(PlanNode.objects.filter(wanted).order_by("path"))
    return {
        node.pk: [row for row in rows if row.version_id == node.version_id and node.path.startswith(row.path)]
        for node in nodes
    }


def _visions(actor: Actor, node_ids: set[int], today: dt.date) -> dict[int, list[PlanNode]]:
    links = list(NodeLink.objects.filter(node_id__in=node_ids, kind=LinkKind.IMPLEMENTS))
    ends = selectors.current_nodes(actor, [link.target_id for link in links], today)
    found: dict[int, list[PlanNode]] = {}
    for link in links:
        if link.target_id in ends:
            found.setdefault(link.node_id, []).append(ends[link.target_id])
    return found


def _once(nodes: Any) -> list[PlanNode]:
    return list({node.pk: node for node in nodes}.values())


def of_organization(actor: Actor, organization: Any) -> Mapping[str, Any] | None:
    """The running plans of a municipality, for whoever reads its page."""
    today = timezone.localdate()
    year = today.year - (today.month < 4)
    rows = plan_access.visible(actor).filter(organization=organization).running(year)
    plans = list(rows.order_by("start_fy", "pk")[:SHOWN])
    return {"plans": plans} if plans else None
