"""A plan's table taken into a draft: read, shown with its differences, taken over all or nothing, taken back."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.foundation import wareki
from enishi.foundation.forms import file_name
from enishi.organizations.models import Section
from enishi.plans.enums import ChangeKind
from enishi.plans.errors import PlanError
from enishi.plans.models import (
    Level,
    NodeIdentity,
    NodeIndicator,
    Placement,
    PlanImport,
    PlanNode,
    PlanVersion,
    TreeChange,
)
from enishi.plans.paths import DEEPEST, STEP, child
from enishi.plans.services.keeping import TEXTS as KEPT
from enishi.plans.services.planting import Forest
from enishi.plans.services.records import locked_draft, told, touch
from enishi.plans.transfer.cells import Grid, read_grid
from enishi.plans.transfer.checking import STRICT, Options, check
from enishi.plans.transfer.differences import Plan, plan_of
from enishi.plans.transfer.headings import PROGRAMME_LEVELS, heading_line
from enishi.plans.transfer.shapes import TEXTS, Line, as_lines, as_rows, read_lines

USUAL = ("政策", "施策", "基本事業", "事務事業", *(f"{order}段目" for order in range(5, DEEPEST + 1)))
MOST_FAULTS = 300


@transaction.atomic
def read(
    *,
    version_id: int,
    name: str,
    content: bytes,
    options: Options = STRICT,
    actor: Person,
    at: dt.datetime,
) -> PlanImport:
    """Read the file and keep what it would bring; nothing is written in the tree yet."""
    version = locked_draft(version_id, actor)
    digest = hashlib.sha256(content).hexdigest()
    _refuse_same_file(version, digest)
    known = list(version.levels.values_list("label", flat=True))
    grid = read_grid(content, heading_line(known))
    lines, labels = read_lines(grid, known)
    if not lines and not grid.faults:
        raise PlanError(_("取り込む行がありません。見出しの下にデータの行があるファイルを選んでください。"))
    check(version, grid, lines, options)
    levels = _levels(version, grid, lines, labels, known)
    return PlanImport.objects.create(
        version=version,
        person=actor,
        name=file_name(name, unnamed=_("計画の表")),
        digest=digest,
        rows=[] if grid.faults else as_rows(lines),
        faults=grid.faults[:MOST_FAULTS],
        notes=grid.notes[:200],
        levels=levels,
        made_at=at,
    )


def _refuse_same_file(version: PlanVersion, digest: str) -> None:
    before = version.imports.filter(
        digest=digest, change__isnull=False, change__undone_at__isnull=True
    ).first()
    if before is not None and before.change is not None:
        raise PlanError(
            _(
                "同じファイルは%(day)sに取り込み済みです。直したファイルを選ぶか、前の取り込みを取り消してください。"
            )
            % {"day": wareki.in_words(timezone.localdate(before.change.at))}
        )


def _levels(
    version: PlanVersion, grid: Grid, lines: Sequence[Line], labels: Sequence[str], known: list[str]
) -> list[str]:
    """The levels the tree has afterwards. An empty tree takes the file's own; a grown one keeps its own."""
    deepest = max((line.order for line in lines if not line.uid), default=1)
    if deepest > DEEPEST:
        grid.fault(
            1, "", str(deepest), _("段が深すぎます。%(deep)d段までにしてください。") % {"deep": DEEPEST}
        )
        return known
    is_empty = not version.nodes.exists()
    if labels:
        return _levels_by_columns(grid, lines, labels, known, is_empty)
    if deepest <= len(known):
        return known
    if is_empty:
        return [*known, *[each for each in USUAL if each not in known][: deepest - len(known)]]
    grid.fault(
        1,
        "",
        str(deepest),
        _("ファイルは%(deep)d段ですが、この版の階層は%(known)sです。先に「階層」で段を足してください。")
        % {"deep": deepest, "known": _("・").join(known)},
    )
    return known


def _levels_by_columns(
    grid: Grid, lines: Sequence[Line], labels: Sequence[str], known: list[str], is_empty: bool
) -> list[str]:
    used = [label for label in labels if any(line.label == label and not line.uid for line in lines)]
    wanted = list(used if is_empty else known)
    strange = [label for label in used if label not in wanted and label not in PROGRAMME_LEVELS]
    if strange:
        grid.fault(
            1,
            "、".join(strange),
            "",
            _(
                "この版に「%(strange)s」という階層はありません。階層は%(known)sです。見出しを直すか、「階層」で段を足してください。"
            )
            % {"strange": _("、").join(strange), "known": _("・").join(known)},
        )
        return wanted
    if any(label not in wanted for label in used):
        wanted.append(next(label for label in used if label not in wanted))
    places = {label: order for order, label in enumerate(wanted, start=1)}
    for line in lines:
        line.order = places.get(line.label, line.order)
    return wanted


# --- Taking it over ------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(*, import_id: int, actor: Person, at: dt.datetime) -> TreeChange:
    """Write all of it, or nothing."""
    version_id = PlanImport.objects.values_list("version_id", flat=True).get(pk=import_id)
    version = locked_draft(version_id, actor)
    batch = PlanImport.objects.select_for_update(of=("self",)).get(pk=import_id)
    batch.version = version
    if batch.change_id:
        raise PlanError(_("この取り込みは、もう済んでいます。"))
    if batch.faults or not batch.rows:
        raise PlanError(_("直すところが残っています。ファイルを直して、もう一度選んでください。"))
    _refuse_same_file(version, batch.digest)
    wanted = plan_of(batch)
    levels = _write_levels(version, batch.levels)
    before = _write_nodes(version, as_lines(batch.rows), wanted, levels, actor, at)
    version.refresh_from_db()
    touch(version, actor, at)
    note = _(
        "「%(file)s」から 新しい枝%(added)d本、変わった枝%(changed)d本、事務事業%(work)d件、指標の結びつき%(linked)d件"
    ) % {
        "file": batch.name,
        "added": len(wanted.added),
        "changed": len(wanted.changed),
        "work": len(wanted.placements),
        "linked": len(wanted.linked),
    }
    change = TreeChange.objects.create(
        version=version,
        kind=ChangeKind.IMPORT,
        note=note[:300],
        file_digest=batch.digest,
        before=before,
        revision_after=version.revision,
        by=actor,
        at=at,
    )
    batch.change = change
    batch.save(update_fields=["change"])
    told(version.plan, "import", version, actor=actor, at=at, note=note)
    return change


def _write_levels(version: PlanVersion, labels: Sequence[str]) -> dict[int, Level]:
    """Levels are only renamed while the tree is empty; the file's own words hold then."""
    known = list(version.levels.all())
    if not version.nodes.exists():
        for level in known[len(labels) :]:
            level.delete()
        for level in known:
            Level.objects.filter(pk=level.pk).update(label=f"x{level.pk}")
        for order, label in enumerate(labels, start=1):
            Level.objects.update_or_create(version=version, order=order, defaults={"label": label})
    else:
        for order, label in enumerate(labels, start=1):
            if order > len(known):
                Level.objects.create(version=version, order=order, label=label)
    return {level.order: level for level in Level.objects.filter(version=version)}


def _write_nodes(
    version: PlanVersion,
    lines: Sequence[Line],
    wanted: Plan,
    levels: dict[int, Level],
    actor: Person,
    at: dt.datetime,
) -> dict[str, Any]:
    sections = {
        row.name: row.pk
        for row in Section.objects.filter(organization_id=version.plan.organization_id).open_on(
            timezone.localdate(at)
        )
    }
    forest = Forest(version)
    nodes = {place: forest.nodes[node.pk] for place, node in wanted.match.items()}
    before: dict[str, Any] = {"added": [], "changed": {}, "placements": []}
    for place in sorted({*wanted.changed, *wanted.moved}):
        before["changed"][nodes[place].uid] = _as_kept(nodes[place])
    for place, pairs in wanted.changed.items():
        _overwrite(nodes[place], pairs, sections, actor, at)
    before["added"] = _add(version, forest, lines, wanted.added, nodes, levels, sections, actor, at)
    for place in wanted.moved:
        above = lines[place].parent
        forest.place(nodes[place], nodes[above] if above is not None else None)
    forest.settle()
    before |= _place(version, lines, wanted.placements, nodes)
    before["linked"] = _link(wanted.linked, nodes)
    return before


def _link(linked: Sequence[tuple[int, int]], nodes: dict[int, PlanNode]) -> list[int]:
    rows = (
        NodeIndicator(node=nodes[place], indicator_id=key, order=order)
        for order, (place, key) in enumerate(linked, start=1)
    )
    return [row.pk for row in NodeIndicator.objects.bulk_create(rows, batch_size=500)]


def _as_kept(node: PlanNode) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(node, name) for name in KEPT}
    weight = None if node.weight is None else str(node.weight)
    return found | {
        "section": node.section_id,
        "level": node.level_id,
        "weight": weight,
        "parent": node.parent_id,
        "position": int(node.path[-STEP:]),
    }


def _overwrite(
    node: PlanNode,
    pairs: dict[str, tuple[Any, Any]],
    sections: dict[str, int],
    actor: Person,
    at: dt.datetime,
) -> None:
    for name, (_before, after) in pairs.items():
        if name == "section":
            node.section_id = sections[after]
        elif name == "weight":
            node.weight = Decimal(after)
        else:
            setattr(node, name, after)
    node.revision += 1
    node.updated_at, node.updated_by = at, actor
    node.save()


def _add(
    version: PlanVersion,
    forest: Forest,
    lines: Sequence[Line],
    places: Sequence[int],
    nodes: dict[int, PlanNode],
    levels: dict[int, Level],
    sections: dict[str, int],
    actor: Person,
    at: dt.datetime,
) -> list[str]:
    """New branches from the top down, stored level by level and then brought to their places."""
    identities = NodeIdentity.objects.bulk_create(NodeIdentity(plan=version.plan) for _place in places)
    uids = dict(zip(places, identities, strict=True))
    by_order: dict[int, list[int]] = defaultdict(list)
    depths: dict[int, int] = {}
    for place in places:
        above = lines[place].parent
        depths[place] = 1 if above is None else (depths.get(above) or nodes[above].depth) + 1
        by_order[depths[place]].append(place)
    for depth in sorted(by_order):
        rows = [
            _new(version, lines[place], uids[place], nodes, levels, sections, actor, at)
            for place in by_order[depth]
        ]
        free = _free_paths(forest, rows)
        for node in rows:
            node.path, node.depth = next(free[node.parent_id]), depth
        stored = PlanNode.objects.bulk_create(rows, batch_size=200)
        for place, node in zip(by_order[depth], stored, strict=True):
            nodes[place] = node
            forest.place(node, node.parent)
    return [identity.uid for identity in identities]


def _free_paths(forest: Forest, rows: Sequence[PlanNode]) -> dict[int | None, Iterator[str]]:
    """For each parent the places behind its last branch, so that most new branches never have to be written twice."""
    return {node.parent_id: _onward(forest.next_path(node.parent)) for node in rows}


def _onward(path: str) -> Iterator[str]:
    return (child(path[:-STEP], position) for position in count(int(path[-STEP:])))


def _new(
    version: PlanVersion,
    line: Line,
    identity: NodeIdentity,
    nodes: dict[int, PlanNode],
    levels: dict[int, Level],
    sections: dict[str, int],
    actor: Person,
    at: dt.datetime,
) -> PlanNode:
    return PlanNode(
        version=version,
        identity=identity,
        uid=identity.uid,
        parent=nodes[line.parent] if line.parent is not None else None,
        level=levels[line.order],
        code=line.code,
        title=line.title,
        section_id=sections.get(line.section),
        weight=Decimal(line.weight) if line.weight else None,
        updated_at=at,
        updated_by=actor,
        **{name: line.texts.get(name, "") for name in TEXTS},
    )


def _place(
    version: PlanVersion, lines: Sequence[Line], places: Sequence[int], nodes: dict[int, PlanNode]
) -> dict[str, Any]:
    """Hang programmes; one that has its primary place elsewhere in the draft moves here. Says what was there before."""
    keys = dict(
        Programme.objects.filter(
            organization_id=version.plan.organization_id, uid__in=[lines[place].uid for place in places]
        ).values_list("uid", "pk")
    )
    wanted = {_key(lines[place], nodes, keys): lines[place].is_primary for place in places}
    rows = list(version.placements.filter(programme_id__in=keys.values()))
    standing = {row.pk: row.is_primary for row in rows}
    moving = {programme for (_node, programme), is_primary in wanted.items() if is_primary}
    version.placements.filter(programme_id__in=moving).update(is_primary=False)
    for row in rows:
        is_moving = row.programme_id in moving
        row.is_primary = wanted.get((row.node_id, row.programme_id), False) if is_moving else row.is_primary
    there = {(row.node_id, row.programme_id) for row in rows}
    Placement.objects.bulk_update(rows, ["is_primary"], batch_size=500)
    stored = Placement.objects.bulk_create(
        (
            Placement(version=version, node_id=node, programme_id=programme, is_primary=is_primary)
            for (node, programme), is_primary in wanted.items()
            if (node, programme) not in there
        ),
        batch_size=500,
    )
    return {"placements": [row.pk for row in stored], "standing": standing}


def _key(line: Line, nodes: dict[int, PlanNode], programmes: dict[str, int]) -> tuple[int, int]:
    assert line.parent is not None
    return nodes[line.parent].pk, programmes[line.uid]
