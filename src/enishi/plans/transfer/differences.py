"""A plan's table beside the draft as it is now: what is new, changed, moved, hung and linked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from enishi.indicators.models import Indicator
from enishi.plans.models import NodeIndicator, PlanImport, PlanNode, PlanVersion
from enishi.plans.transfer.shapes import TEXTS, Line, as_lines


@dataclass
class Plan:
    """What taking the file over would do. ``match`` and ``moves`` are by the place of a line."""

    match: dict[int, PlanNode] = field(default_factory=dict)
    added: list[int] = field(default_factory=list)
    changed: dict[int, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    moved: list[int] = field(default_factory=list)
    same: int = 0
    placements: list[int] = field(default_factory=list)
    linked: list[tuple[int, int]] = field(default_factory=list)
    """New links of branches to indicators: the place of the line and the indicator's key."""
    kept: int = 0
    """Branches of the draft that the file does not name: they stay."""


def plan_of(batch: PlanImport) -> Plan:
    """The file beside the draft as it is now."""
    lines = as_lines(batch.rows)
    nodes = list(batch.version.nodes.select_related("level", "section").order_by("path"))
    by_code: dict[tuple[int, str], list[PlanNode]] = defaultdict(list)
    by_title: dict[tuple[int | None, str], PlanNode] = {}
    for node in nodes:
        by_title[(node.parent_id, node.title)] = node
        if node.code:
            by_code[(node.level.order, node.code)].append(node)
    found = Plan()
    taken: set[int] = set()
    unclear = _repeated_codes(lines)
    for place, line in enumerate(lines):
        if line.uid:
            found.placements.append(place)
            continue
        above = found.match.get(line.parent) if line.parent is not None else None
        parent_known = line.parent is None or above is not None
        known = _matching(line, above, parent_known, by_code, by_title, unclear)
        if known is None or known.pk in taken:
            found.added.append(place)
            continue
        taken.add(known.pk)
        found.match[place] = known
        _compare(found, place, line, known, above, parent_known)
    found.kept = len(nodes) - len(taken)
    found.linked = _new_links(batch.version, lines, found.match)
    return found


def _new_links(
    version: PlanVersion, lines: Sequence[Line], match: dict[int, PlanNode]
) -> list[tuple[int, int]]:
    """What the file links and the draft does not; links that the file does not name stay."""
    codes = {code for line in lines for code in line.indicators}
    rows = Indicator.objects.filter(organization_id=version.plan.organization_id, code__in=codes)
    keys = dict(rows.values_list("code", "pk"))
    there = set(NodeIndicator.objects.filter(node__version=version).values_list("node_id", "indicator_id"))
    wanted = [(place, keys[code]) for place, line in enumerate(lines) for code in line.indicators]
    return [
        (place, key)
        for place, key in dict.fromkeys(wanted)
        if place not in match or (match[place].pk, key) not in there
    ]


def _repeated_codes(lines: Sequence[Line]) -> set[tuple[int, str]]:
    """Codes that count within their parent only: 1, 2, 3 under each."""
    seen: set[tuple[int, str]] = set()
    twice: set[tuple[int, str]] = set()
    for line in lines:
        key = (line.order, line.code)
        if line.code and not line.uid:
            (twice if key in seen else seen).add(key)
    return twice


def _matching(
    line: Line,
    above: PlanNode | None,
    parent_known: bool,
    by_code: dict[tuple[int, str], list[PlanNode]],
    by_title: dict[tuple[int | None, str], PlanNode],
    unclear: set[tuple[int, str]],
) -> PlanNode | None:
    """By its number, in the whole level where numbers are used once, else under the same parent; then by its name."""
    key = (line.order, line.code)
    same = by_code.get(key, []) if line.code else []
    if len(same) == 1 and key not in unclear:
        return same[0]
    if not parent_known:
        return None
    parent_id = above.pk if above else None
    under = [node for node in same if node.parent_id == parent_id]
    return under[0] if under else by_title.get((parent_id, line.title))


def _compare(
    found: Plan, place: int, line: Line, node: PlanNode, above: PlanNode | None, parent_known: bool
) -> None:
    now = {"title": node.title, "code": node.code, "section": node.section.name if node.section else ""}
    wanted = {"title": line.title, "code": line.code or node.code, "section": line.section or now["section"]}
    for name in TEXTS:
        if line.texts.get(name):
            now[name], wanted[name] = getattr(node, name), line.texts[name]
    if line.weight:
        now["weight"] = "" if node.weight is None else format(node.weight.normalize(), "f")
        wanted["weight"] = format(Decimal(line.weight).normalize(), "f")
    different = {name: (now[name], wanted[name]) for name in wanted if now[name] != wanted[name]}
    if different:
        found.changed[place] = different
    if not parent_known or node.parent_id != (above.pk if above else None):
        found.moved.append(place)
    if not different and place not in found.moved:
        found.same += 1
