"""What was taken out of a draft, kept as plain values and put back under the same identities."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.organizations.models import Section
from enishi.plans.enums import ChangeKind
from enishi.plans.errors import PlanError
from enishi.plans.models import Level, NodeIndicator, NodeLink, Placement, PlanNode, PlanVersion, TreeChange
from enishi.plans.services.planting import Forest
from enishi.plans.services.records import delete_nodes, locked_draft, told, touch

UNDO_WITHIN = dt.timedelta(days=30)
TEXTS = ("code", "title", "target", "intent", "result", "plain")


def kept_branch(nodes: Sequence[PlanNode]) -> dict[str, Any]:
    """Branches from the top down, with all that hangs from them."""
    uids = {node.pk: node.uid for node in nodes}
    above = PlanNode.objects.in_bulk({node.parent_id for node in nodes if node.parent_id} - set(uids))
    uids |= {key: node.uid for key, node in above.items()}
    keys = [node.pk for node in nodes]
    return {
        "nodes": [_kept(node, uids.get(node.parent_id or 0)) for node in nodes],
        "placements": [
            [uids[row.node_id], row.programme_id, row.is_primary]
            for row in Placement.objects.filter(node_id__in=keys)
        ],
        "indicators": [
            [uids[row.node_id], row.indicator_id, _text(row.weight), row.order]
            for row in NodeIndicator.objects.filter(node_id__in=keys)
        ],
        "links": [
            [uids[row.node_id], row.kind, row.target_id, row.share_permille, row.note]
            for row in NodeLink.objects.filter(node_id__in=keys)
        ],
    }


def _kept(node: PlanNode, parent: str | None) -> dict[str, Any]:
    found = {name: getattr(node, name) for name in TEXTS}
    return found | {
        "uid": node.uid,
        "parent": parent,
        "level": node.level_id,
        "position": int(node.path[-4:]),
        "section": node.section_id,
        "weight": _text(node.weight),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


@transaction.atomic
def undo(*, change_id: int, actor: Person, at: dt.datetime) -> TreeChange:
    """Take a change to a draft back, as long as nothing that it needs is gone."""
    version_id = TreeChange.objects.values_list("version_id", flat=True).get(pk=change_id)
    version = locked_draft(version_id, actor)
    change = TreeChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    if change.undone_at is not None or at - change.at > UNDO_WITHIN:
        raise PlanError(_("取り消せるのは、30日のあいだ、一度だけです。"))
    if change.kind == ChangeKind.REMOVE:
        put_back(version, change.before, actor, at)
    else:
        take_out(version, change, actor, at)
    change.undone_at = at
    change.save(update_fields=["undone_at"])
    touch(version, actor, at)
    told(version.plan, "undo_change", version, actor=actor, at=at, note=change.note)
    return change


def put_back(version: PlanVersion, before: dict[str, Any], actor: Person, at: dt.datetime) -> None:
    """Branches that were removed come back with their identities."""
    forest = Forest(version)
    by_uid = {node.uid: node for node in forest.nodes.values()}
    levels = {level.pk: level for level in Level.objects.filter(version=version)}
    sections = set(
        Section.objects.filter(pk__in=[row["section"] for row in before["nodes"]]).values_list(
            "pk", flat=True
        )
    )
    for place, row in enumerate(before["nodes"]):
        parent = by_uid.get(row["parent"]) if row["parent"] else None
        if row["level"] not in levels or (row["parent"] and parent is None) or row["uid"] in by_uid:
            raise PlanError(
                _("上の枝か階層がもう無いため、「%(node)s」を元に戻せません。") % {"node": row["title"]}
            )
        node = PlanNode(
            version=version,
            identity_id=row["uid"],
            uid=row["uid"],
            level=levels[row["level"]],
            parent=parent,
            section_id=row["section"] if row["section"] in sections else None,
            weight=None if row["weight"] is None else Decimal(row["weight"]),
            path=f"y{place}",
            depth=parent.depth + 1 if parent else 1,
            updated_at=at,
            updated_by=actor,
            **{name: row[name] for name in TEXTS},
        )
        node.save()
        forest.place(node, parent, row["position"] - 1)
        by_uid[node.uid] = node
    forest.settle()
    _hang_back(version, before, {uid: node.pk for uid, node in by_uid.items()})


def _hang_back(version: PlanVersion, before: dict[str, Any], keys: dict[str, int]) -> None:
    primary = set(
        Placement.objects.filter(version=version, is_primary=True).values_list("programme_id", flat=True)
    )
    Placement.objects.bulk_create(
        Placement(
            version=version,
            node_id=keys[uid],
            programme_id=programme,
            is_primary=is_primary and programme not in primary,
        )
        for uid, programme, is_primary in before["placements"]
    )
    NodeIndicator.objects.bulk_create(
        NodeIndicator(
            node=PlanNode(pk=keys[uid], version=version),
            indicator_id=indicator,
            weight=None if weight is None else Decimal(weight),
            order=order,
        )
        for uid, indicator, weight, order in before["indicators"]
    )
    NodeLink.objects.bulk_create(
        NodeLink(
            node=PlanNode(pk=keys[uid], version=version),
            kind=kind,
            target_id=target,
            share_permille=share,
            note=note,
        )
        for uid, kind, target, share, note in before["links"]
    )


def take_out(version: PlanVersion, change: TreeChange, actor: Person, at: dt.datetime) -> None:
    """What an import brought goes, what it changed reads as before, unless somebody wrote there since."""
    before = change.before
    touched = PlanNode.objects.filter(
        version=version, uid__in=[*before["added"], *before["changed"]], updated_at__gt=change.at
    ).first()
    if touched is not None:
        raise PlanError(
            _(
                "取り込みの後に「%(node)s」が書き直されたため、まとめて取り消せません。枝ごとに直してください。"
            )
            % {"node": touched.title}
        )
    _read_as_before(version, before)
    added = PlanNode.objects.filter(version=version, uid__in=before["added"])
    foreign = PlanNode.objects.filter(version=version, parent__in=added).exclude(uid__in=before["added"])
    first = foreign.first()
    if first is not None:
        raise PlanError(
            _(
                "取り込んだ枝の下に「%(node)s」が移されているため、取り消せません。先に別の枝へ移してください。"
            )
            % {"node": first.title}
        )
    # Changes kept before links came with a file have none.
    NodeIndicator.objects.filter(node__version=version, pk__in=before.get("linked", [])).delete()
    Placement.objects.filter(version=version, pk__in=before["placements"]).delete()
    for is_primary in (False, True):
        keys = [key for key, was in before["standing"].items() if was is is_primary]
        Placement.objects.filter(version=version, pk__in=keys).update(is_primary=is_primary)
    delete_nodes(added)
    Forest(version).settle()


def _read_as_before(version: PlanVersion, before: dict[str, Any]) -> None:
    """Texts and places of the branches that the import changed."""
    forest = Forest(version)
    by_uid = {node.uid: node for node in forest.nodes.values()}
    for uid, row in before["changed"].items():
        node = by_uid.get(uid)
        if node is None:
            continue
        for name in TEXTS:
            setattr(node, name, row[name])
        node.section_id = row["section"]
        node.weight = None if row["weight"] is None else Decimal(row["weight"])
        node.revision += 1
        node.save()
        parent = forest.nodes.get(row["parent"] or 0)
        if node.parent_id != row["parent"] and (parent is not None or row["parent"] is None):
            forest.place(node, parent, row["position"] - 1)
    forest.settle()
