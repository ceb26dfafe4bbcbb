"""Rows to the rules, the picture and the rate; a fixed number of queries, however large the model is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q

from enishi.budgets.models import Allocation, Programme, ProgrammeYear
from enishi.engines import progress
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.models import Indicator
from enishi.plans import selectors
from enishi.plans.logic import drawing, rules
from enishi.plans.logic.enums import OUTCOMES, ModelState, Stage
from enishi.plans.models import LogicEdge, LogicModel, LogicNode, Placement, PlanNode
from enishi.plans.paths import STEP


@dataclass(frozen=True)
class Loaded:
    """A model with its boxes and steps, read once."""

    model: LogicModel
    nodes: list[LogicNode]
    edges: list[LogicEdge]


def load(model: LogicModel, *, reader: Actor | None = None) -> Loaded:
    """The whole model; with ``reader``, only those indicators and programmes whose names they may read."""
    readable = Indicator.objects.all() if reader is None else Indicator.objects.visible_to(reader)
    nodes = list(
        model.nodes.select_related("programme", "serves")
        .prefetch_related(Prefetch("indicators", queryset=readable))
        .order_by("number")
    )
    if reader is not None:
        _hide_programmes(nodes, reader)
    edges = list(
        model.edges.select_related("source", "target")
        .prefetch_related("evidence")
        .order_by("source__number", "target__number")
    )
    return Loaded(model, nodes, edges)


def _hide_programmes(nodes: list[LogicNode], reader: Actor) -> None:
    keys = {node.programme_id for node in nodes if node.programme_id}
    visible = set(Programme.objects.visible_to(reader).filter(pk__in=keys).values_list("pk", flat=True))
    for node in nodes:
        if node.programme_id and node.programme_id not in visible:
            node.programme = None


def faults_of(loaded: Loaded, *, day: dt.date) -> list[rules.Fault]:
    return rules.faults_of(chart_of(loaded, day=day))


def chart_of(loaded: Loaded, *, day: dt.date) -> rules.Chart:
    paid = paid_programmes(node.programme_id for node in loaded.nodes if node.programme_id)
    boxes = [
        rules.Box(
            node.pk,
            Stage(node.stage),
            node.text,
            sum(each.is_in_use for each in node.indicators.all()),
            bool(node.fte) or node.programme_id in paid,
            node.serves_id,
        )
        for node in loaded.nodes
    ]
    steps = [rules.Step(edge.source_id, edge.target_id, edge.assumption) for edge in loaded.edges]
    return rules.Chart(boxes, steps, parents_of(loaded.model, day))


def paid_programmes(keys: Iterable[int]) -> set[int]:
    """Programmes with money of some code, or with work of staff, in any year."""
    wanted = set(keys)
    if not wanted:
        return set()
    money = Allocation.objects.filter(programme_year__programme_id__in=wanted)
    work = ProgrammeYear.objects.filter(programme_id__in=wanted).filter(Q(fte__gt=0) | Q(staff_hours__gt=0))
    return set(money.values_list("programme_year__programme_id", flat=True)) | set(
        work.values_list("programme_id", flat=True)
    )


def parents_of(model: LogicModel, day: dt.date) -> frozenset[str] | None:
    """The branches a programme hangs from today, up to the top; ``None`` for the model of a branch."""
    if model.programme_id is None:
        return None
    return frozenset(node.uid for node in branches_above(model.programme_id, model.organization_id, day))


def above_of(model: LogicModel, day: dt.date) -> list[PlanNode]:
    """The branches a programme's outcomes may lead to; the model of a branch has none."""
    if model.programme_id is None:
        return []
    return branches_above(model.programme_id, model.organization_id, day)


def branches_above(programme_id: int, organization_id: int, day: dt.date) -> list[PlanNode]:
    versions = selectors.current_versions([organization_id], day)
    rows = Placement.objects.filter(programme_id=programme_id, version_id__in=versions)
    wanted = Q(pk__in=[])
    for version_id, path in rows.values_list("version_id", "node__path"):
        paths = [path[:end] for end in range(STEP, len(path) + 1, STEP)]
        wanted |= Q(version_id=version_id, path__in=paths)
    return list(PlanNode.objects.filter(wanted).select_related("level").order_by("version_id", "-path"))


def picture(loaded: Loaded) -> str:
    boxes = [
        drawing.DrawnBox(
            node.pk,
            Stage(node.stage),
            f"{node.number}. {node.text}",
            "、".join(str(each) for each in node.indicators.all())[:16],
            node.is_proposed,
        )
        for node in loaded.nodes
    ]
    steps = [
        drawing.DrawnStep(
            edge.source_id,
            edge.target_id,
            edge.evidence_level,
            Stage(edge.target.stage) in OUTCOMES and not edge.assumption,
        )
        for edge in loaded.edges
    ]
    return drawing.picture(str(loaded.model), boxes, steps)


# --- ロジックモデル導入割合 -----------------------------------------------------------------------------------------------


def programme_units(organization_id: int, day: dt.date) -> list[progress.Unit]:
    """事務事業 that run on that day; internal administration is out of scope by rule."""
    programmes = Programme.objects.kept().active_in(FiscalYear.of(day).year)
    rows = programmes.filter(organization_id=organization_id).order_by("uid")
    held = _held(organization_id, "programme_id")
    return [_unit(row.uid, held.get(row.pk, []), in_scope=not row.is_internal) for row in rows]


def branch_units(organization_id: int, day: dt.date) -> list[progress.Unit]:
    """施策: branches of that level in the plans in force; where no level is called so, the lowest that branches use."""
    held = _held(organization_id, "identity_id")
    return [
        _unit(node.uid, held.get(node.uid, []), in_scope=True) for node in measures_of(organization_id, day)
    ]


def measures_of(organization_id: int, day: dt.date) -> list[PlanNode]:
    versions = selectors.current_versions([organization_id], day)
    rows = PlanNode.objects.filter(version_id__in=versions)
    named = list(
        rows.filter(level__label__contains="施策")
        .select_related("level", "version")
        .order_by("version_id", "path")
    )
    if named:
        return list({node.uid: node for node in named}.values())
    leaves = rows.annotate(below=Count("children")).filter(below=0).select_related("level", "version")
    return list({node.uid: node for node in leaves.order_by("version_id", "path")}.values())


def _held(organization_id: int, owner: str) -> dict[object, list[tuple[str, str]]]:
    rows = LogicModel.objects.current().filter(organization_id=organization_id, **{f"{owner}__isnull": False})
    found: dict[object, list[tuple[str, str]]] = defaultdict(list)
    for key, state, broken in rows.values_list(owner, "state", "broken"):
        found[key].append((state, broken))
    return found


def _unit(key: str, held: list[tuple[str, str]], *, in_scope: bool) -> progress.Unit:
    approved = [broken for state, broken in held if state == ModelState.APPROVED]
    if approved:
        failed = tuple(rule for rule in approved[0].split(",") if rule)
        return progress.Unit(key, progress.ModelState.APPROVED, failed, in_scope)
    state = progress.ModelState.DRAFT if held else progress.ModelState.NONE
    return progress.Unit(key, state, (), in_scope)
