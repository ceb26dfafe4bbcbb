"""The records of many programmes at once, in a number of questions that does not grow with them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from enishi.budgets.enums import Stage as MoneyStage
from enishi.budgets.models import BudgetYear, Programme, ProgrammeMoney, ProgrammeYear
from enishi.budgets.selectors import CodeShare, codes_of_programmes, programme_funds
from enishi.evaluation.enums import DecisionState, EvaluationState, Stage
from enishi.evaluation.facts.spending import kinds_of
from enishi.evaluation.models import (
    Evaluation,
    EvaluationCycle,
    ImprovementDecision,
    ProgrammeIndicator,
    ReviewProposal,
    Subject,
)
from enishi.indicators.models import Baseline, Indicator, Standing
from enishi.organizations.enums import Visibility
from enishi.plans.logic.enums import ModelState
from enishi.plans.logic.models import LogicModel
from enishi.plans.models import PlanNode, PlanVersion
from enishi.plans.models_placing import NodeIndicator, Placement

MOST_ABOVE = 3


@dataclass
class Records:
    """Everything the facts of some subjects are made of, by the keys of programmes, nodes and indicators."""

    years: Sequence[int]
    programme_years: dict[tuple[int, int], ProgrammeYear] = field(default_factory=dict)
    money: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    yen_per_fte: dict[int, int | None] = field(default_factory=dict)
    codes: dict[int, list[CodeShare]] = field(default_factory=dict)
    kinds: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    """What each programme's money goes for: the largest 節 with their percent."""
    funds: dict[int, dict[str, int]] = field(default_factory=dict)
    nodes: dict[int, list[PlanNode]] = field(default_factory=dict)
    """For each programme or node: from the top of the tree down to where it hangs."""
    below: dict[int, list[int]] = field(default_factory=dict)
    """For each node: the programmes placed in its branch."""
    versions: dict[int, PlanVersion] = field(default_factory=dict)
    """The plans of the nodes."""
    titles: dict[int, str] = field(default_factory=dict)
    """Of the public programmes below some node."""
    yardsticks: dict[int, list[Indicator]] = field(default_factory=dict)
    above: dict[int, list[Indicator]] = field(default_factory=dict)
    """For each programme without an indicator of its own: those of the branch it hangs from."""
    standings: dict[tuple[int, int], Standing] = field(default_factory=dict)
    baselines: dict[int, Baseline] = field(default_factory=dict)
    logic: dict[int, LogicModel] = field(default_factory=dict)
    last_decisions: dict[int, ImprovementDecision] = field(default_factory=dict)
    last_words: dict[int, Evaluation] = field(default_factory=dict)
    proposals: dict[int, list[ReviewProposal]] = field(default_factory=dict)
    """For each programme: what anybody asked to be looked at in this review."""


def version_in_force(organization_id: int, day: dt.date) -> PlanVersion | None:
    """The plan that programmes hang from: the approved version in force, of several plans the one with placements."""
    held = PlanVersion.objects.in_force(day).filter(
        plan__organization_id=organization_id, plan__deleted_at__isnull=True
    )
    return held.filter(placements__isnull=False).distinct().first() or held.first()


def gather(
    cycle: EvaluationCycle,
    subjects: Sequence[Subject],
    *,
    day: dt.date | None = None,
    whole: bool = True,
) -> Records:
    """Read what the facts need for all these subjects of one cycle; not ``whole``: only what choosing needs."""
    years = [cycle.evaluated_fy - 1, cycle.evaluated_fy, cycle.evaluated_fy + 1]
    records = Records(years)
    programme_ids = [each.programme_id for each in subjects if each.programme_id]
    nodes = [each.node for each in subjects if each.node]
    version = version_in_force(cycle.organization_id, day or timezone.localdate())
    _placed(records, programme_ids, version)
    _branches(records, nodes)
    _yardsticks(records, programme_ids, nodes)
    _logic(records, programme_ids, nodes)
    if whole:
        _yardsticks_above(records, programme_ids)
    _standings(records)
    everything = {*programme_ids, *(key for keys in records.below.values() for key in keys)}
    _money(records, cycle.organization_id, everything)
    if whole:
        _funding(records, cycle.evaluated_fy, programme_ids)
        _last_time(records, cycle, subjects)
        _proposals(records, cycle, programme_ids)
    return records


def _placed(records: Records, programme_ids: Iterable[int], version: PlanVersion | None) -> None:
    if version is None:
        return
    rows = Placement.objects.filter(version=version, programme__in=list(programme_ids), is_primary=True)
    placed = {row.programme_id: row.node for row in rows.select_related("node__level")}
    chains = _chains(placed.values())
    records.nodes.update({key: chains[node.pk] for key, node in placed.items()})


def _chains(nodes: Iterable[PlanNode]) -> dict[int, list[PlanNode]]:
    """Each node with all above it, found by the beginnings of its path: one question for all."""
    wanted = list(nodes)
    if not wanted:
        return {}
    paths = {node.path[:end] for node in wanted for end in range(4, len(node.path) + 1, 4)}
    versions = {node.version_id for node in wanted}
    rows = PlanNode.objects.filter(version_id__in=versions, path__in=paths).select_related("level")
    known = {(row.version_id, row.path): row for row in rows}
    return {
        node.pk: [
            known[node.version_id, node.path[:end]]
            for end in range(4, len(node.path) + 1, 4)
            if (node.version_id, node.path[:end]) in known
        ]
        for node in wanted
    }


def _branches(records: Records, nodes: Sequence[PlanNode]) -> None:
    """The way down to each node, and the programmes below it."""
    for key, chain in _chains(nodes).items():
        records.nodes[-key] = chain
    if not nodes:
        return
    versions = PlanVersion.objects.filter(pk__in={node.version_id for node in nodes}).select_related("plan")
    records.versions = {row.pk: row for row in versions}
    placed = Placement.objects.filter(version_id__in={node.version_id for node in nodes}, is_primary=True)
    places = list(placed.values_list("node__version_id", "node__path", "programme_id"))
    public = placed.filter(programme__visibility=Visibility.PUBLIC)
    records.titles = dict(public.values_list("programme_id", "programme__title"))
    for node in nodes:
        records.below[node.pk] = [
            programme
            for version, path, programme in places
            if version == node.version_id and path.startswith(node.path)
        ]


def _yardsticks(records: Records, programme_ids: Sequence[int], nodes: Sequence[PlanNode]) -> None:
    """Keys of nodes are negative here, so that both kinds of subject share one map."""
    found: dict[int, list[Indicator]] = defaultdict(list)
    rows = ProgrammeIndicator.objects.filter(programme__in=programme_ids, indicator__deleted_at__isnull=True)
    for row in rows.select_related("indicator__section").order_by("order", "pk"):
        found[row.programme_id].append(row.indicator)
    counted = Programme.objects.filter(pk__in=programme_ids, output_indicator__isnull=False)
    counted = counted.filter(output_indicator__deleted_at__isnull=True)
    for each in counted.select_related("output_indicator__section"):
        if each.output_indicator is not None and each.output_indicator not in found[each.pk]:
            found[each.pk].append(each.output_indicator)
    of_nodes = NodeIndicator.objects.filter(node__in=nodes, indicator__deleted_at__isnull=True)
    for hung in of_nodes.select_related("indicator__section").order_by("order", "pk"):
        found[-hung.node_id].append(hung.indicator)
    records.yardsticks = dict(found)


def _yardsticks_above(records: Records, programme_ids: Sequence[int]) -> None:
    """A programme that measures nothing itself is read beside what its branch is to reach, as far as that is public."""
    bare = [key for key in programme_ids if not records.yardsticks.get(key) and records.nodes.get(key)]
    nodes = {node.pk for key in bare for node in records.nodes[key]}
    if not nodes:
        return
    rows = NodeIndicator.objects.filter(
        node__in=nodes, indicator__deleted_at__isnull=True, indicator__visibility=Visibility.PUBLIC
    )
    found: dict[int, list[Indicator]] = defaultdict(list)
    for hung in rows.select_related("indicator__section").order_by("order", "pk"):
        found[hung.node_id].append(hung.indicator)
    for key in bare:
        nearest = next((node for node in reversed(records.nodes[key]) if node.pk in found), None)
        if nearest is not None:
            records.above[key] = found[nearest.pk][:MOST_ABOVE]


def _standings(records: Records) -> None:
    named = [*records.yardsticks.values(), *records.above.values()]
    keys = {indicator.pk for rows in named for indicator in rows}
    rows = Standing.objects.filter(indicator__in=keys, fiscal_year__in=records.years, frame="")
    records.standings = {(row.indicator_id, row.fiscal_year): row for row in rows}
    started = Baseline.objects.filter(indicator__in=keys, frame="", is_current=True)
    records.baselines = {row.indicator_id: row for row in started}


def _money(records: Records, organization_id: int, programme_ids: Iterable[int]) -> None:
    keys = list(programme_ids)
    rows = ProgrammeYear.objects.filter(programme__in=keys, fiscal_year__in=records.years)
    records.programme_years = {(row.programme_id, row.fiscal_year): row for row in rows}
    amounts = ProgrammeMoney.objects.filter(
        programme_year__programme__in=keys, programme_year__fiscal_year__in=records.years
    ).values_list("programme_year__programme_id", "programme_year__fiscal_year", "stage", "amount_yen")
    for programme, year, stage, yen in amounts:
        records.money.setdefault((programme, year), {})[stage] = yen
    said = BudgetYear.objects.filter(organization_id=organization_id, fiscal_year__in=records.years)
    records.yen_per_fte = {row.fiscal_year: row.yen_per_fte for row in said}


def _funding(records: Records, year: int, programme_ids: Sequence[int]) -> None:
    """The codes that pay, and where the money comes from: as settled, or as voted until then."""
    records.codes = codes_of_programmes(programme_ids, year)
    records.kinds = kinds_of(records.codes)
    settled = programme_funds(programme_ids, year, MoneyStage.SETTLEMENT)
    voted = programme_funds(programme_ids, year, MoneyStage.INITIAL)
    records.funds = {key: settled.get(key) or voted.get(key) or {} for key in programme_ids}


def _logic(records: Records, programme_ids: Sequence[int], nodes: Sequence[PlanNode]) -> None:
    """The approved logic models, what they aim at, and their indicators behind those that were named."""
    by_uid = {node.uid: -node.pk for node in nodes}
    models = LogicModel.objects.kept().filter(
        Q(programme__in=programme_ids) | Q(identity__in=list(by_uid)), state=ModelState.APPROVED
    )
    rows = models.prefetch_related("nodes__indicators__section")
    for model in rows:
        key = model.programme_id or by_uid[str(model.identity_id)]
        records.logic[key] = model
        named = records.yardsticks.setdefault(key, [])
        for box in model.nodes.all():
            named += [each for each in box.indicators.all() if each not in named and each.deleted_at is None]


def _last_time(records: Records, cycle: EvaluationCycle, subjects: Sequence[Subject]) -> None:
    """The decision before and the words written then, by the subject of now."""
    mine = {_key(each): each.pk for each in subjects}
    programmes = [key for kind, key in mine if kind == "programme"]
    nodes = [key for kind, key in mine if kind == "node"]
    about = Q(programme__in=programmes) | Q(node__uid__in=nodes)
    decisions = (
        ImprovementDecision.objects.filter(
            about, state=DecisionState.DECIDED, subject__cycle__evaluated_fy__lt=cycle.evaluated_fy
        )
        .select_related("subject__cycle", "node", "merges_into")
        .prefetch_related("follow_ups")
        .order_by("subject__cycle__evaluated_fy", "pk")
    )
    for decision in decisions:
        records.last_decisions[mine[_key(decision)]] = decision
    before = Q(subject__programme__in=programmes) | Q(subject__node__uid__in=nodes)
    words = (
        Evaluation.objects.filter(
            before,
            stage=Stage.FIRST,
            state=EvaluationState.APPROVED,
            subject__cycle__evaluated_fy__lt=cycle.evaluated_fy,
            subject__cycle__deleted_at__isnull=True,
        )
        .select_related("subject__cycle", "subject__node")
        .order_by("subject__cycle__evaluated_fy", "pk")
    )
    for evaluation in words:
        records.last_words[mine[_key(evaluation.subject)]] = evaluation


def _proposals(records: Records, cycle: EvaluationCycle, programme_ids: Sequence[int]) -> None:
    found: dict[int, list[ReviewProposal]] = defaultdict(list)
    for row in ReviewProposal.objects.counted_in(cycle).filter(programme__in=programme_ids).order_by("pk"):
        found[row.programme_id].append(row)
    records.proposals = dict(found)


def _key(row: Any) -> tuple[str, Any]:
    return ("programme", row.programme_id) if row.programme_id else ("node", row.node.uid)


def sums(money: Mapping[str, int] | None, stages: Iterable[str]) -> int | None:
    """The sum of some stages; ``None`` where none of them was recorded."""
    found = [money[stage] for stage in stages if stage in (money or {})] if money else []
    return sum(found) if found else None
