"""What hangs from branches: programmes, indicators, links to other plans, and the statutory plans a document serves."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.foundation import trail
from enishi.foundation.sentences import spoken
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization
from enishi.plans.access import plan_access
from enishi.plans.enums import LinkKind, VersionState
from enishi.plans.errors import PlanError
from enishi.plans.models import (
    NodeIdentity,
    NodeIndicator,
    NodeLink,
    Placement,
    Plan,
    PlanNode,
    StatutoryPlan,
)
from enishi.plans.services.records import locked_draft, locked_plan, told, touch


@transaction.atomic
def place_programme(
    *, node_id: int, programme_id: int, is_primary: bool, actor: Person, at: dt.datetime
) -> Placement:
    """Hang a programme from a branch. Its old primary place in this version gives way to the new one (I4).

    Programmes begin and end within the life of a version, so this works in an approved one too; a draft that is
    being written follows, as long as it has the same branch.
    """
    node = PlanNode.objects.select_related("version__plan").get(pk=node_id)
    plan = locked_plan(node.version.plan_id, "edit", actor)
    if node.version.state == VersionState.DISCARDED:
        raise PlanError(_("この版は取りやめられています。いまの版の枝に位置づけてください。"))
    programme = Programme.objects.select_for_update(of=("self",)).get(pk=programme_id)
    if programme.organization_id != plan.organization_id:
        raise PlanError(_("事務事業は、この団体のものから選んでください。"))
    if is_primary:
        _refuse_second_plan(programme, plan)
    placed = _place(node, programme, is_primary)
    for twin in _twins(node):
        _place(twin, programme, is_primary)
    told(plan, "place_programme", node, actor=actor, at=at, note=f"{programme} → {node}")
    return placed


@transaction.atomic
def place_programmes(
    *, node_id: int, programme_ids: Sequence[int], is_primary: bool, actor: Person, at: dt.datetime
) -> int:
    """Hang many programmes from a branch at once, all or none; the refusal of one names it."""
    for key in programme_ids:
        place_programme(node_id=node_id, programme_id=key, is_primary=is_primary, actor=actor, at=at)
    return len(programme_ids)


@transaction.atomic
def unplace_programmes(*, node_id: int, placement_ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    """Take several programmes off a branch; what somebody else took off meanwhile is not counted."""
    rows = Placement.objects.filter(node_id=node_id, pk__in=placement_ids).values_list("pk", flat=True)
    for key in (taken := list(rows)):
        unplace_programme(placement_id=key, actor=actor, at=at)
    return len(taken)


def _refuse_second_plan(programme: Programme, plan: Plan) -> None:
    other = (
        Placement.objects.filter(
            programme=programme,
            is_primary=True,
            version__state=VersionState.APPROVED,
            version__plan__deleted_at__isnull=True,
            version__plan__end_fy__gte=plan.start_fy,
            version__plan__start_fy__lte=plan.end_fy,
        )
        .exclude(version__plan=plan)
        .select_related("version__plan", "node")
        .first()
    )
    if other is not None:
        raise PlanError(
            _(
                "「%(programme)s」の主な位置づけは、すでに「%(plan)s」の「%(node)s」にあります。ここでは「その他の位置づけ」を選ぶか、先にそちらを外してください。"
            )
            % {"programme": programme, "plan": other.version.plan.name, "node": other.node.title}
        )


def _place(node: PlanNode, programme: Programme, is_primary: bool) -> Placement:
    if is_primary:
        Placement.objects.filter(version_id=node.version_id, programme=programme, is_primary=True).exclude(
            node=node
        ).update(is_primary=False)
    placed, _made = Placement.objects.update_or_create(
        node=node, programme=programme, defaults={"version_id": node.version_id, "is_primary": is_primary}
    )
    return placed


def _twins(node: PlanNode) -> Sequence[PlanNode]:
    """The same branch in the draft that grows out of this approved version."""
    if not node.version.is_approved:
        return []
    drafts = node.version.plan.versions.filter(state=VersionState.DRAFT)
    return list(PlanNode.objects.filter(version__in=drafts, uid=node.uid))


@transaction.atomic
def unplace_programme(*, placement_id: int, actor: Person, at: dt.datetime) -> PlanNode:
    placement = Placement.objects.select_related("node__version__plan", "programme").get(pk=placement_id)
    plan = locked_plan(placement.node.version.plan_id, "edit", actor)
    node = placement.node
    Placement.objects.filter(node__in=_twins(node), programme_id=placement.programme_id).delete()
    placement.delete()
    told(plan, "unplace_programme", node, actor=actor, at=at, note=f"{placement.programme} ← {node}")
    return node


@transaction.atomic
def add_indicator(
    *, node_id: int, indicator_id: int, weight: Decimal | None, actor: Person, at: dt.datetime
) -> NodeIndicator:
    """Judge a branch of a draft by an indicator."""
    node = PlanNode.objects.get(pk=node_id)
    version = locked_draft(node.version_id, actor)
    indicator = Indicator.objects.get(pk=indicator_id)
    if indicator.organization_id != version.plan.organization_id:
        raise PlanError(_("指標は、この団体のものから選んでください。"))
    if weight is not None and weight < 0:
        raise PlanError(_("重みは0以上で入れてください。"))
    last = node.node_indicators.order_by("-order").first()
    row, _made = NodeIndicator.objects.update_or_create(
        node=node,
        indicator=indicator,
        defaults={"weight": weight},
        create_defaults={"weight": weight, "order": last.order + 1 if last else 1},
    )
    touch(version, actor, at)
    told(version.plan, "add_indicator", node, actor=actor, at=at, note=str(indicator))
    return row


@transaction.atomic
def add_indicators(*, node_id: int, indicator_ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    """Judge a branch by many indicators at once, all or none. One that is there keeps its weight; says how many are new."""
    there = set(NodeIndicator.objects.filter(node_id=node_id).values_list("indicator_id", flat=True))
    new = [key for key in indicator_ids if key not in there]
    for key in new:
        add_indicator(node_id=node_id, indicator_id=key, weight=None, actor=actor, at=at)
    return len(new)


@transaction.atomic
def weigh_indicators(
    *, node_id: int, weights: Mapping[int, Decimal | None], actor: Person, at: dt.datetime
) -> int:
    """Set the weights of a branch's indicators, by indicator; says how many differ from before."""
    rows = NodeIndicator.objects.filter(node_id=node_id, indicator_id__in=list(weights))
    changed = [row.indicator_id for row in rows if row.weight != weights[row.indicator_id]]
    for key in changed:
        add_indicator(node_id=node_id, indicator_id=key, weight=weights[key], actor=actor, at=at)
    return len(changed)


@transaction.atomic
def remove_indicators(*, node_id: int, indicator_ids: Sequence[int], actor: Person, at: dt.datetime) -> int:
    """Judge a branch of a draft by these no more; what somebody else took off meanwhile is not counted."""
    node = PlanNode.objects.get(pk=node_id)
    version = locked_draft(node.version_id, actor)
    rows = node.node_indicators.filter(indicator_id__in=indicator_ids).select_related("indicator")
    taken = [str(row.indicator) for row in rows]
    rows.delete()
    if taken:
        touch(version, actor, at)
        told(version.plan, "remove_indicator", node, actor=actor, at=at, note="、".join(taken))
    return len(taken)


@transaction.atomic
def link_nodes(
    *,
    node_id: int,
    target_uid: str,
    kind: str,
    actor: Person,
    at: dt.datetime,
    share_permille: int | None = None,
    note: str = "",
) -> NodeLink:
    """Say what a branch of a draft has to do with a branch of another plan."""
    node = PlanNode.objects.get(pk=node_id)
    version = locked_draft(node.version_id, actor)
    target = NodeIdentity.objects.select_related("plan").get(pk=target_uid)
    if target.plan.organization_id != version.plan.organization_id:
        raise PlanError(_("つながる枝は、この団体の計画から選んでください。"))
    if target.uid == node.uid:
        raise PlanError(_("枝を自分自身につなぐことはできません。別の枝を選んでください。"))
    if target.plan_id == version.plan_id and kind in (LinkKind.IMPLEMENTS, LinkKind.SHARES_INDICATOR):
        raise PlanError(
            _("「%(kind)s」は、ほかの計画の枝につなぐときに使います。") % {"kind": LinkKind(kind).label}
        )
    link, _made = NodeLink.objects.update_or_create(
        node=node, kind=kind, target=target, defaults={"share_permille": share_permille, "note": note}
    )
    touch(version, actor, at)
    told(version.plan, "link_nodes", node, actor=actor, at=at, note=spoken(LinkKind(kind).label))
    return link


@transaction.atomic
def unlink_nodes(*, link_id: int, actor: Person, at: dt.datetime) -> PlanNode:
    link = NodeLink.objects.select_related("node").get(pk=link_id)
    version = locked_draft(link.node.version_id, actor)
    link.delete()
    touch(version, actor, at)
    told(version.plan, "unlink_nodes", link.node, actor=actor, at=at)
    return link.node


@transaction.atomic
def save_statutory(
    *,
    row: StatutoryPlan,
    chapters: Sequence[NodeIdentity] | None = None,
    actor: Person,
    at: dt.datetime,
) -> StatutoryPlan:
    """Keep one line of the list of plans that laws ask for, and which branches of the document serve it."""
    house: Organization = row.organization
    plan_access.require(actor, "create", house)  # type: ignore[arg-type]
    plan = row.integrated_into
    if plan is not None and plan.organization_id != house.pk:
        raise PlanError(_("兼ねる文書は、この団体の計画から選んでください。"))
    same = StatutoryPlan.objects.filter(organization=house, name=row.name).exclude(pk=row.pk)
    if same.exists():
        raise PlanError(_("「%(name)s」はもう一覧にあります。") % {"name": row.name})
    if any(each.plan_id != (plan.pk if plan else None) for each in chapters or ()):
        raise PlanError(_("対応する箇所は、兼ねる文書の枝から選んでください。"))
    row.updated_at = at
    row.save()
    if chapters is not None:
        row.chapters.set(chapters)
    if plan is not None:
        told(plan, "save_statutory", plan, actor=actor, at=at, note=row.name)
    return row


@transaction.atomic
def add_known_statutory(*, organization: Organization, actor: Person, at: dt.datetime) -> int:
    """Put plans that laws often ask for on the list, each with how sure we are of it; what is there stays as it is."""
    plan_access.require(actor, "create", organization)  # type: ignore[arg-type]
    text = (resources.files("enishi.plans") / "data" / "statutory_plans.json").read_text(encoding="utf-8")
    there = set(StatutoryPlan.objects.filter(organization=organization).values_list("name", flat=True))
    new = [row for row in json.loads(text)["plans"] if row["name"] not in there]
    StatutoryPlan.objects.bulk_create(
        StatutoryPlan(organization=organization, updated_at=at, **row) for row in new
    )
    note = _("法定計画の一覧に%(count)d件を入れた") % {"count": len(new)}
    trail.record(trail.Act(actor, "edit", organization, at, organization_id=organization.pk, note=note))
    return len(new)
