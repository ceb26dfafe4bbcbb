"""Questions about plans. Nothing here writes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from enishi.budgets.models import Programme
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import fact
from enishi.organizations.visibility import reach_of
from enishi.plans.access import plan_access, version_access
from enishi.plans.enums import LinkKind, VersionState
from enishi.plans.models import NodeIdentity, NodeLink, Placement, Plan, PlanNode, PlanVersion, StatutoryPlan
from enishi.plans.paths import STEP

IN_FORCE = ("-effective_on", "-no")


def version_in_force(plan: Plan, day: dt.date) -> PlanVersion | None:
    """What the plan says on that day; before its first day, the first approved version."""
    approved = plan.versions.approved()
    now = approved.filter(effective_on__lte=day).order_by(*IN_FORCE).first()
    return now or approved.order_by("effective_on", "no").first()


def version_to_show(actor: Actor, plan: Plan, day: dt.date) -> PlanVersion | None:
    """The version in force; for the people of the house the draft where nothing was approved yet."""
    found = version_in_force(plan, day)
    if found is None and plan_access.allows(actor, "read_drafts", plan):
        found = plan.versions.filter(state=VersionState.DRAFT).first()
    if found is not None:
        found.plan = plan
    return found


def current_versions(organization_ids: Iterable[int], day: dt.date) -> list[int]:
    """Keys of the versions in force of all plans of these houses that still run."""
    return _versions_in_force(frozenset(organization_ids), day)


@fact
def _versions_in_force(houses: frozenset[int], day: dt.date) -> list[int]:
    rows = (
        PlanVersion.objects.approved()
        .filter(
            plan__organization_id__in=houses,
            plan__deleted_at__isnull=True,
            effective_on__lte=day,
        )
        .order_by("plan_id", *IN_FORCE)
        .values_list("plan_id", "pk")
    )
    newest: dict[int, int] = {}
    for plan_id, pk in rows:
        newest.setdefault(plan_id, pk)
    return list(newest.values())


def ancestors(node: PlanNode) -> list[PlanNode]:
    """From the top down to the parent: one query, for the path names them."""
    paths = [node.path[:end] for end in range(STEP, len(node.path), STEP)]
    if not paths:
        return []
    rows = PlanNode.objects.filter(version_id=node.version_id, path__in=paths)
    return list(rows.select_related("level").order_by("path"))


def current_node(actor: Actor, uid: str, day: dt.date) -> PlanNode | None:
    """Where a branch is today: in the version in force; what was merged is found in what it went into."""
    seen: set[str] = set()
    identity = NodeIdentity.objects.filter(pk=uid).first()
    while identity is not None and identity.merged_into_id and identity.pk not in seen:
        seen.add(identity.pk)
        identity = NodeIdentity.objects.filter(pk=identity.merged_into_id).first()
    if identity is None:
        return None
    rows = PlanNode.objects.filter(uid=identity.pk, version__in=version_access.visible(actor)).select_related(
        "version__plan", "level"
    )
    found = sorted(rows, key=lambda node: _rank(node, day))
    return found[0] if found else None


def _rank(node: PlanNode, day: dt.date) -> tuple[int, int, int]:
    version = node.version
    if version.is_approved:
        began = version.effective_on is not None and version.effective_on <= day
        ordinal = version.effective_on.toordinal() if version.effective_on else 0
        return (0 if began else 1, -ordinal, -version.no)
    return (2 if version.is_draft else 3, 0, -version.no)


@dataclass(frozen=True)
class Linked:
    """A link with the branch at its other end, as this reader may see it."""

    link: NodeLink
    node: PlanNode


def links_of(actor: Actor, node: PlanNode, day: dt.date) -> list[Linked]:
    """Branches of other plans that this one names."""
    links = list(node.links.all())
    ends = current_nodes(actor, [link.target_id for link in links], day)
    return [Linked(link, ends[link.target_id]) for link in links if link.target_id in ends]


def linked_to(actor: Actor, node: PlanNode, day: dt.date) -> list[Linked]:
    """Branches of other plans, as they hold today, that name this one."""
    rows = (
        NodeLink.objects.filter(target_id=node.uid, node__version__in=version_access.visible(actor))
        .select_related("node__version__plan", "node__level")
        .order_by("pk")
    )
    newest: dict[tuple[str, str], NodeLink] = {}
    for link in sorted(rows, key=lambda row: _rank(row.node, day)):
        newest.setdefault((link.node.uid, link.kind), link)
    return [Linked(link, link.node) for link in newest.values()]


@dataclass(frozen=True)
class CarriedOut:
    """A branch of another plan that carries a branch out, with what stands right below it."""

    node: PlanNode
    children: list[PlanNode]


def carried_out(actor: Actor, version: PlanVersion, day: dt.date) -> dict[str, list[CarriedOut]]:
    """By the uid of each branch: which branches of the plans in force carry it out. Three queries."""
    versions = current_versions([version.plan.organization_id], day)
    links = (
        NodeLink.objects.filter(
            kind=LinkKind.IMPLEMENTS,
            target__nodes__version=version,
            node__version_id__in=versions,
            node__version__in=version_access.visible(actor),
        )
        .select_related("node__version__plan", "node__level")
        .order_by("node__path")
    )
    rows = list(links[:500])
    below: dict[int, list[PlanNode]] = {}
    for child in PlanNode.objects.filter(parent_id__in=[row.node_id for row in rows]).order_by("path"):
        below.setdefault(child.parent_id or 0, []).append(child)
    found: dict[str, list[CarriedOut]] = {}
    for row in rows:
        found.setdefault(row.target_id, []).append(CarriedOut(row.node, below.get(row.node_id, [])))
    return found


def current_nodes(actor: Actor, uids: Iterable[str], day: dt.date) -> dict[str, PlanNode]:
    wanted = list(uids)
    if not wanted:
        return {}
    rows = PlanNode.objects.filter(uid__in=wanted, version__in=version_access.visible(actor)).select_related(
        "version__plan", "level"
    )
    found: dict[str, PlanNode] = {}
    for node in sorted(rows, key=lambda row: _rank(row, day)):
        found.setdefault(node.uid, node)
    return found


def nodes_of_programme(actor: Actor, programme: Programme, day: dt.date) -> list[Placement]:
    """Where a programme hangs in the plans in force, its primary place first."""
    return nodes_of_programmes(actor, [programme.pk], programme.organization_id, day)


def nodes_of_programmes(
    actor: Actor, programme_ids: Iterable[int], organization_id: int, day: dt.date
) -> list[Placement]:
    versions = current_versions([organization_id], day)
    rows = Placement.objects.filter(
        programme_id__in=list(programme_ids),
        version_id__in=versions,
        version__in=version_access.visible(actor),
    )
    return list(
        rows.select_related("node__level", "version__plan", "programme").order_by(
            "-is_primary", "version__plan__start_fy", "node__path"
        )
    )


def primary_nodes(programme_ids: Iterable[int], organization_id: int, day: dt.date) -> dict[int, PlanNode]:
    """The branch each programme mainly hangs from in the plans in force. For rooms above: no reader is asked."""
    rows = Placement.objects.filter(
        programme_id__in=list(programme_ids),
        version_id__in=current_versions([organization_id], day),
        is_primary=True,
    ).select_related("node__level")
    return {row.programme_id: row.node for row in rows}


def unplaced_programmes(organization_id: int, day: dt.date) -> QuerySet[Programme, Programme]:
    """Programmes of the year that have no primary place in a plan in force: I4 is not kept for them."""
    placed = Placement.objects.filter(
        is_primary=True, version_id__in=current_versions([organization_id], day)
    ).values("programme_id")
    running = Programme.objects.kept().active_in(FiscalYear.of(day).year)
    return running.filter(organization_id=organization_id).exclude(pk__in=placed)


def doubly_placed_programmes(organization_id: int, day: dt.date) -> list[int]:
    """Programmes with more than one primary place in the plans in force: none, as long as I4 holds."""
    rows = (
        Placement.objects.filter(is_primary=True, version_id__in=current_versions([organization_id], day))
        .values("programme_id")
        .annotate(places=Count("pk"))
        .filter(places__gt=1)
    )
    return [row["programme_id"] for row in rows]


def ownerless_nodes(organization_id: int, day: dt.date) -> QuerySet[PlanNode, PlanNode]:
    """Branches in force whose section is closed: I6 asks for a successor."""
    return PlanNode.objects.filter(
        version_id__in=current_versions([organization_id], day), section__valid_to__lt=day
    )


def statutory_plans(
    actor: Actor, organization_id: int | None = None
) -> QuerySet[StatutoryPlan, StatutoryPlan]:
    """The list is read by the people of the house; others see what a document they may read serves."""
    houses = reach_of(actor).organization_ids
    rows = StatutoryPlan.objects.filter(
        Q(organization_id__in=houses) | Q(integrated_into__in=plan_access.visible(actor))
    )
    return rows if organization_id is None else rows.filter(organization_id=organization_id)


def chapters_of(rows: Iterable[StatutoryPlan]) -> dict[int, list[str]]:
    """The branches that serve each statutory plan, as people name them: by number, else by name. One query."""
    nodes = PlanNode.objects.filter(identity__serves__in=[row.pk for row in rows])
    found: dict[int, dict[str, str]] = {}
    named = nodes.order_by("path", "-version__no").values_list("identity__serves", "uid", "code", "title")
    for key, uid, code, title in named:
        found.setdefault(key, {}).setdefault(uid, code or title)
    return {key: list(words.values()) for key, words in found.items()}


def plans_above_and_below(actor: Actor, plan: Plan) -> tuple[Plan | None, list[Plan]]:
    """The plan this one carries out, and those that carry it out, as far as this reader may see them."""
    family = plan_access.visible(actor).filter(Q(pk=plan.parent_id or 0) | Q(parent=plan))
    rows = list(family.order_by("start_fy", "pk"))
    above = next((row for row in rows if row.pk == plan.parent_id), None)
    return above, [row for row in rows if row.parent_id == plan.pk]


@dataclass(frozen=True)
class VersionDifference:
    """One branch in two versions, by its identity."""

    kind: str
    left: PlanNode | None
    right: PlanNode | None
    fields: tuple[str, ...] = ()


COMPARED = ("code", "title", "target", "intent", "result", "plain", "section_id", "weight")


def differences(left: PlanVersion, right: PlanVersion) -> list[VersionDifference]:
    """Branches that are new, gone, merged, moved or written anew, in the order of the newer tree; two queries."""
    old = {
        node.uid: node
        for node in left.nodes.select_related("level", "section", "parent", "identity").order_by("path")
    }
    new = {
        node.uid: node for node in right.nodes.select_related("level", "section", "parent").order_by("path")
    }
    found = [_difference(old.get(uid), node) for uid, node in new.items()]
    gone = [VersionDifference("removed", node, None) for uid, node in old.items() if uid not in new]
    return [each for each in found if each.kind != "same"] + gone


def _difference(old: PlanNode | None, new: PlanNode) -> VersionDifference:
    if old is None:
        return VersionDifference("added", None, new)
    fields = tuple(name for name in COMPARED if getattr(old, name) != getattr(new, name))
    above_old = old.parent.uid if old.parent else None
    above_new = new.parent.uid if new.parent else None
    if above_old != above_new or old.level.order != new.level.order:
        return VersionDifference("moved", old, new, fields)
    return VersionDifference("changed" if fields else "same", old, new, fields)
