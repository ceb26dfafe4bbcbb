"""The tree of a draft: add, write, move, reorder, split, merge, remove."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.plans.access import node_access
from enishi.plans.enums import ChangeKind
from enishi.plans.errors import PlanError, StaleVersionError
from enishi.plans.models import (
    Level,
    NodeIdentity,
    NodeIndicator,
    NodeLink,
    Placement,
    PlanNode,
    PlanVersion,
    TreeChange,
)
from enishi.plans.paths import depth_of
from enishi.plans.services import keeping
from enishi.plans.services.planting import Forest
from enishi.plans.services.records import delete_nodes, locked_draft, told, touch

TEXTS = ("code", "title", "target", "intent", "result", "plain")
WRITABLE = (*TEXTS, "section", "weight")


@transaction.atomic
def add_node(
    *,
    version_id: int,
    parent_id: int | None,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    level_id: int | None = None,
    position: int | None = None,
) -> PlanNode:
    """A new branch under a parent, on the next level unless another is named."""
    version = locked_draft(version_id, actor)
    forest = Forest(version)
    parent = _in(forest, parent_id) if parent_id else None
    node = _new(version, _level(version, parent, level_id), values, actor, at)
    _hang(forest, node, parent, position)
    touch(version, actor, at)
    told(version.plan, "add_node", node, actor=actor, at=at, note=str(node))
    return node


def _new(
    version: PlanVersion, level: Level, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> PlanNode:
    identity = NodeIdentity.objects.create(plan=version.plan)
    node = PlanNode(
        version=version, identity=identity, uid=identity.uid, level=level, updated_at=at, updated_by=actor
    )
    _write(node, values)
    return node


def _hang(forest: Forest, node: PlanNode, parent: PlanNode | None, position: int | None = None) -> None:
    """Store a new branch at the end of its row, then bring it to its place."""
    _refuse_taken_code(forest, node, parent)
    forest.refuse_level(node, parent)
    node.parent = parent
    node.path = forest.next_path(parent)
    node.depth = depth_of(node.path)
    node.save()
    forest.place(node, parent, position)
    forest.settle()


def _level(version: PlanVersion, parent: PlanNode | None, level_id: int | None) -> Level:
    levels = list(version.levels.all())
    if not levels:
        raise PlanError(_("階層がまだありません。先に「階層」で政策・施策などの段を決めてください。"))
    if level_id is not None:
        chosen = next((each for each in levels if each.pk == level_id), None)
        if chosen is None:
            raise PlanError(_("その階層はこの版にありません。一覧から選び直してください。"))
        return chosen
    below = [each for each in levels if parent is None or each.order > parent.level.order]
    if not below:
        raise PlanError(
            _("%(level)sより下の階層がありません。「階層」で段を足してから、枝を足してください。")
            % {"level": parent.level.label if parent else ""}
        )
    return below[0]


def _write(node: PlanNode, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in WRITABLE:
            setattr(node, name, value)
    if not node.title.strip():
        raise PlanError(_("名称を入れてください。"))
    house = node.version.plan.organization_id
    if node.section is not None and node.section.organization_id != house:
        raise PlanError(_("主担当課は、この団体の課から選んでください。"))


def _refuse_taken_code(forest: Forest, node: PlanNode, parent: PlanNode | None) -> None:
    taken = [
        forest.nodes[key]
        for key in forest.below[parent.pk if parent else None]
        if key != node.pk and node.code and forest.nodes[key].code == node.code
    ]
    if taken:
        raise PlanError(
            _("番号「%(code)s」は「%(other)s」が使っています。別の番号にしてください。")
            % {"code": node.code, "other": taken[0].title}
        )


def _in(forest: Forest, node_id: int) -> PlanNode:
    if node_id not in forest.nodes:
        raise PlanError(_("その枝はもうこの版にありません。木を開き直してください。"))
    return forest.nodes[node_id]


def _locked_node(node_id: int, actor: Person) -> tuple[PlanVersion, Forest, PlanNode]:
    version_id = PlanNode.objects.values_list("version_id", flat=True).get(pk=node_id)
    version = locked_draft(version_id, actor)
    forest = Forest(version)
    return version, forest, _in(forest, node_id)


@transaction.atomic
def write_node(
    *, node_id: int, revision: int | None, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> PlanNode:
    """The texts of a branch: the planning office's, or those of the section that leads it."""
    version_id = PlanNode.objects.values_list("version_id", flat=True).get(pk=node_id)
    opened = PlanNode.objects.select_related("version__plan").get(pk=node_id)
    node_access.require(actor, "write", opened)
    version = locked_draft(version_id, actor, action="read_drafts")
    forest = Forest(version)
    node = _in(forest, node_id)
    if revision is not None and node.revision != revision:
        raise StaleVersionError(opened=revision, current=node.revision)
    before = trail.values(node, WRITABLE)
    _write(node, values)
    _refuse_taken_code(forest, node, forest.nodes.get(node.parent_id or 0))
    node.revision += 1
    node.updated_at, node.updated_by = at, actor
    node.save()
    changes = trail.differences(before, trail.values(node, WRITABLE))
    touch(version, actor, at)
    told(version.plan, "write_node", node, actor=actor, at=at, changes=changes, note=str(node))
    return node


@transaction.atomic
def move_node(
    *, node_id: int, parent_id: int | None, actor: Person, at: dt.datetime, position: int | None = None
) -> PlanNode:
    """Take a branch with all below it to another parent."""
    version, forest, node = _locked_node(node_id, actor)
    parent = _in(forest, parent_id) if parent_id else None
    _refuse_taken_code(forest, node, parent)
    old = forest.nodes.get(node.parent_id or 0)
    forest.place(node, parent, position)
    forest.settle()
    touch(version, actor, at)
    change = {"parent": (str(old) if old else None, str(parent) if parent else None)}
    told(version.plan, "move_node", node, actor=actor, at=at, changes=change, note=str(node))
    return node


@transaction.atomic
def shift_node(*, node_id: int, by: int, actor: Person, at: dt.datetime) -> PlanNode:
    """One place up (-1) or down (+1) among its siblings."""
    version, forest, node = _locked_node(node_id, actor)
    row = forest.siblings(node)
    place = row.index(node.pk)
    wanted = max(0, min(place + by, len(row) - 1))
    if wanted != place:
        row.insert(wanted, row.pop(place))
        forest.settle()
        touch(version, actor, at)
        told(version.plan, "move_node", node, actor=actor, at=at, note=str(node))
    return node


@transaction.atomic
def split_node(
    *,
    node_id: int,
    titles: Sequence[str],
    children: Mapping[int, int],
    programmes: Mapping[int, int],
    actor: Person,
    at: dt.datetime,
) -> list[PlanNode]:
    """Part a branch in several: it stays as the first, the others come after it.

    ``children`` and ``programmes`` say, by key, into which part (0: stays) each goes.
    """
    version, forest, node = _locked_node(node_id, actor)
    wanted = [title.strip() for title in titles if title.strip()]
    if not wanted:
        raise PlanError(_("分けてできる枝の名称を、1行に一つずつ書いてください。"))
    if len(wanted) > 20:
        raise PlanError(_("一度に分けられるのは20本までです。"))
    parent = forest.nodes.get(node.parent_id or 0)
    parts = [node]
    for title in wanted:
        values = {name: getattr(node, name) for name in ("target", "intent", "result", "section")}
        made = _new(version, node.level, values | {"title": title}, actor, at)
        _hang(forest, made, parent, forest.siblings(node).index(parts[-1].pk) + 1)
        parts.append(made)
    for key, part in children.items():
        if 0 < part < len(parts) and _in(forest, key).parent_id == node.pk:
            forest.place(forest.nodes[key], parts[part])
    forest.settle()
    for key, part in programmes.items():
        if 0 < part < len(parts):
            Placement.objects.filter(node=node, programme_id=key).update(node=parts[part])
    touch(version, actor, at)
    note = _("「%(node)s」を%(count)d本に分けた") % {"node": node, "count": len(parts)}
    told(version.plan, "split_node", node, actor=actor, at=at, note=note)
    return parts


@transaction.atomic
def merge_node(*, node_id: int, into_id: int, actor: Person, at: dt.datetime) -> PlanNode:
    """Put one branch into another of its level; its identity keeps saying where it went (I5)."""
    version, forest, node = _locked_node(node_id, actor)
    into = _in(forest, into_id)
    if into.pk == node.pk:
        raise PlanError(_("自分自身には統合できません。別の枝を選んでください。"))
    if into.level_id != node.level_id:
        raise PlanError(
            _("統合できるのは同じ階層の枝だけです。「%(into)s」は%(level)sです。")
            % {"into": into.title, "level": into.level.label}
        )
    for key in list(forest.below[node.pk]):
        lower = forest.nodes[key]
        if lower.code and any(forest.nodes[each].code == lower.code for each in forest.below[into.pk]):
            lower.code = ""
            lower.save()
        forest.place(lower, into)
    forest.settle()
    _hand_over(node, into)
    NodeIdentity.objects.filter(pk=node.uid).update(merged_into_id=into.uid)
    told(
        version.plan,
        "merge_node",
        into,
        actor=actor,
        at=at,
        note=_("「%(node)s」を「%(into)s」に統合した") % {"node": node, "into": into},
    )
    delete_nodes(PlanNode.objects.filter(pk=node.pk))
    forest.without([node.pk])
    forest.settle()
    touch(version, actor, at)
    return into


def _hand_over(node: PlanNode, into: PlanNode) -> None:
    """Programmes, indicators and links of a merged branch, but for those that the other has already."""
    there = set(into.placements.values_list("programme_id", flat=True))
    twice = Placement.objects.filter(node=node, programme_id__in=there)
    primary = list(twice.filter(is_primary=True).values_list("programme_id", flat=True))
    twice.delete()
    Placement.objects.filter(node=into, programme_id__in=primary).update(is_primary=True)
    Placement.objects.filter(node=node).update(node=into)
    known = set(into.node_indicators.values_list("indicator_id", flat=True))
    NodeIndicator.objects.filter(node=node).exclude(indicator_id__in=known).update(node=into)
    linked = set(into.links.values_list("kind", "target_id"))
    for link in node.links.all():
        if (link.kind, link.target_id) not in linked and link.target_id != into.uid:
            NodeLink.objects.filter(pk=link.pk).update(node=into)


@transaction.atomic
def remove_node(*, node_id: int, actor: Person, at: dt.datetime) -> TreeChange:
    """Take a branch with all below it out of the draft; it can be put back."""
    version, forest, node = _locked_node(node_id, actor)
    gone = list(PlanNode.objects.below(node, and_itself=True).order_by("path"))
    before = keeping.kept_branch(gone)
    note = _("%(node)s(枝%(count)d本)") % {"node": node, "count": len(gone)}
    told(version.plan, "remove_node", node, actor=actor, at=at, note=note)
    delete_nodes(PlanNode.objects.filter(pk__in=[each.pk for each in gone]))
    forest.without([each.pk for each in gone])
    forest.settle()
    touch(version, actor, at)
    return TreeChange.objects.create(
        version=version,
        kind=ChangeKind.REMOVE,
        note=note[:300],
        before=before,
        revision_after=version.revision,
        by=actor,
        at=at,
    )


@transaction.atomic
def set_levels(
    *, version_id: int, labels: Sequence[tuple[str, str]], actor: Person, at: dt.datetime
) -> list[Level]:
    """Name the levels from the top: label and who judges. A level that branches use cannot go."""
    version = locked_draft(version_id, actor)
    wanted = [(label.strip(), role.strip()) for label, role in labels if label.strip()]
    names = [label for label, _role in wanted]
    if not wanted:
        raise PlanError(_("階層を一つ以上書いてください。例: 政策"))
    if len(set(names)) != len(names):
        raise PlanError(_("同じ呼び方の階層が二つあります。違う呼び方にしてください。"))
    levels = list(version.levels.all())
    surplus = levels[len(wanted) :]
    used = PlanNode.objects.filter(level__in=surplus).select_related("level").first()
    if used is not None:
        raise PlanError(
            _("階層「%(level)s」には枝「%(node)s」があるため、無くせません。先に枝を移すか消してください。")
            % {"level": used.level.label, "node": used.title}
        )
    for level in surplus:
        level.delete()
    # Out of the way first: two levels may change their names with each other.
    for level in levels[: len(wanted)]:
        Level.objects.filter(pk=level.pk).update(label=f"x{level.pk}")
    for order, (label, role) in enumerate(wanted, start=1):
        if order <= len(levels):
            Level.objects.filter(pk=levels[order - 1].pk).update(label=label, evaluator_role=role)
        else:
            Level.objects.create(version=version, order=order, label=label, evaluator_role=role)
    touch(version, actor, at)
    told(version.plan, "set_levels", version, actor=actor, at=at, note="・".join(names))
    return list(Level.objects.filter(version=version))
