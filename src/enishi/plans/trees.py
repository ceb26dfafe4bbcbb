"""A version's tree as a page shows it: one list in the order of the paths, with what opens and closes around each row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.foundation.access import Actor
from enishi.plans import dashboards
from enishi.plans.models import PlanNode, PlanVersion
from enishi.plans.paths import last_below

MOST_AT_ONCE = 400


@dataclass(frozen=True)
class Row:
    """One branch, every word and address of it ready: a page shows hundreds."""

    pk: str
    level: str
    title: str
    name: str
    address: str
    edit: str
    words: str
    """Who is responsible, how many programmes and indicators."""
    opens: SafeString
    """Lists that begin before it, or the end of the branch before it."""
    closes: SafeString
    hidden: int
    """Branches below that are not on this page."""


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
    shown = list(nodes.filter(depth__lte=deepest).order_by("path").values_list(*_READ)[:MOST_AT_ONCE])
    programmes = dashboards.programme_counts(actor, version, opened)
    judged = dashboards.indicator_counts(actor, version, fiscal_year, opened)
    below = _hidden(every, deepest)
    outside = opened.depth - 1 if opened else 0
    depths = [outside, *(row[2] for row in shown), outside]
    detail, edit = _addresses("plans:node_detail"), _addresses("plans:node_edit")
    rows = [
        Row(
            pk=str(pk),
            level=level,
            title=title,
            name=f"{code} {title}".strip(),
            address=detail(pk),
            edit=edit(pk),
            words=_words(section, programmes.get(path, 0), *judged.get(path, (0, 0))),
            opens=SafeString("<ul>" * (depth - before) or "</li>"),
            closes=SafeString("</li></ul>" * (depth - after)),
            hidden=below.get(path, 0),
        )
        for (pk, path, depth, code, title, level, section), before, after in zip(
            shown, depths, depths[2:], strict=False
        )
    ]
    return Tree(rows, len(every), len(shown), deepest, opened)


_READ = ("pk", "path", "depth", "code", "title", "level__label", "section__name")


def _addresses(name: str) -> Callable[[int], str]:
    """The address of each branch, looked up once."""
    before, after = reverse(name, args=[0]).rsplit("0", 1)
    return lambda pk: f"{before}{pk}{after}"


def _words(section: str | None, programmes: int, judged: int, behind: int) -> str:
    parts = [section] if section else []
    if programmes:
        parts.append(ngettext("事務事業%(n)s件", "事務事業%(n)s件", programmes) % {"n": programmes})
    if judged:
        parts.append(_("指標%(all)s件(遅れ%(late)s件)") % {"all": judged, "late": behind})
    return " · ".join(parts)


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
