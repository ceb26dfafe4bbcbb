"""A version's tree as a page shows it: one list in the order of the paths, with what opens and closes around each row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.foundation.access import Actor
from enishi.plans import dashboards
from enishi.plans.models import PlanNode, PlanVersion
from enishi.plans.paths import last_below

MOST_AT_ONCE = 400


@dataclass(frozen=True)
class Row:
    """One branch; ``opens`` lists begin before it, ``closes`` end after it."""

    node: PlanNode
    opens: range
    closes: range
    judged: int
    behind: int
    programmes: int
    hidden: int
    """Branches below that are not on this page."""

    @property
    def words(self) -> str:
        """Who is responsible, how many programmes and indicators: put together here, for a plan has hundreds of rows."""
        parts = [self.node.section.name] if self.node.section else []
        if self.programmes:
            parts.append(
                ngettext("事務事業%(n)s件", "事務事業%(n)s件", self.programmes) % {"n": self.programmes}
            )
        if self.judged:
            parts.append(_("指標%(all)s件(遅れ%(late)s件)") % {"all": self.judged, "late": self.behind})
        return " · ".join(parts)


@dataclass(frozen=True)
class Tree:
    rows: Sequence[Row]
    total: int
    shown: int
    deepest: int
    opened: PlanNode | None


def tree_of(actor: Actor, version: PlanVersion, fiscal_year: int, opened: PlanNode | None = None) -> Tree:
    """The tree down to the level that fits on a page, or one branch of it whole; a fixed number of queries."""
    nodes = version.nodes.all()
    if opened is not None:
        nodes = nodes.filter(path__gte=opened.path, path__lte=last_below(opened.path))
    every = list(nodes.values_list("path", flat=True).order_by("path"))
    deepest = _deepest(every)
    wanted = nodes.select_related("level", "section").filter(depth__lte=deepest).order_by("path")
    shown = list(wanted[:MOST_AT_ONCE])
    counts = dashboards.programme_counts(actor, version)
    judged = dashboards.judged_below(actor, version, fiscal_year, opened)
    parts = dashboards.counts_by_branch(judged)
    below = _hidden(every, deepest)
    top = opened.depth if opened else 1
    depths = [node.depth for node in shown]
    rows = [
        Row(
            node=node,
            opens=range(max(0, node.depth - (depths[place - 1] if place else top - 1))),
            closes=range(max(0, node.depth - (depths[place + 1] if place + 1 < len(depths) else top - 1))),
            judged=parts.get(node.path, (0, 0))[0],
            behind=parts.get(node.path, (0, 0))[1],
            programmes=counts.get(node.path, 0),
            hidden=below.get(node.path, 0),
        )
        for place, node in enumerate(shown)
    ]
    return Tree(rows, len(every), len(shown), deepest, opened)


def _deepest(paths: Sequence[str]) -> int:
    """How many levels fit on a page; always the top one."""
    per_depth: dict[int, int] = {}
    for path in paths:
        per_depth[len(path)] = per_depth.get(len(path), 0) + 1
    total, deepest = 0, 0
    for length, count in sorted(per_depth.items()):
        total += count
        if total > MOST_AT_ONCE and deepest:
            break
        deepest = length
    return (deepest or 4) // 4


def _hidden(paths: Sequence[str], deepest: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for path in paths:
        if len(path) > deepest * 4:
            found[path[: deepest * 4]] = found.get(path[: deepest * 4], 0) + 1
    return found


def places(version: PlanVersion, *, but: PlanNode | None = None, most: int = 1_000) -> list[tuple[str, str]]:
    """Branches as choices of a form, indented; without one branch and all below it."""
    rows = version.nodes.order_by("path")
    if but is not None:
        rows = rows.exclude(path__gte=but.path, path__lte=last_below(but.path))
    return [(str(node.pk), "\u3000" * (node.depth - 1) + str(node)) for node in rows[:most]]
