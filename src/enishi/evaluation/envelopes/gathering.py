"""What a scenario rests on: the measures of a plan, their yen, where their indicators stand, what a unit of outcome costs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from enishi.budgets.enums import Stage
from enishi.budgets.models import BudgetYear, ProgrammeMoney, ProgrammeYear
from enishi.engines import progress
from enishi.evaluation.envelopes.models import EnvelopeScenario
from enishi.foundation import sentences
from enishi.foundation.sentences import Sentence
from enishi.foundation.sentences import gettext as _
from enishi.indicators.enums import ValueType
from enishi.indicators.models import Standing
from enishi.indicators.wording import figure_in_words, reason_in_words
from enishi.plans.models import NodeIndicator, Placement, PlanNode


@dataclass
class Ground:
    """One measure with what the records say of it."""

    node: PlanNode
    base_yen: int = 0
    spent_yen: int | None = None
    fte_yen: int = 0
    standings: Counter[str] = field(default_factory=Counter)
    rows: list[Standing] = field(default_factory=list)


def grounds(scenario: EnvelopeScenario) -> list[Ground]:
    """Every measure at the scenario's level, in the order of the plan; six questions however many there are."""
    nodes = list(
        PlanNode.objects.filter(version_id=scenario.plan_version_id, depth=scenario.depth).order_by("path")
    )
    found = {node.path: Ground(node) for node in nodes}
    programmes = _programmes(scenario, found)
    _add_money(scenario, found, programmes)
    _add_standings(scenario, found)
    return [found[node.path] for node in nodes]


def _above(path: str, known: Mapping[str, Ground], length: int) -> Ground | None:
    return known.get(path[:length])


def _length(known: Mapping[str, Ground]) -> int:
    return len(next(iter(known), ""))


def _programmes(scenario: EnvelopeScenario, known: Mapping[str, Ground]) -> dict[int, Ground]:
    rows = Placement.objects.filter(version_id=scenario.plan_version_id, is_primary=True)
    length = _length(known)
    pairs = rows.values_list("programme_id", "node__path")
    return {
        programme: ground for programme, path in pairs if (ground := _above(path, known, length)) is not None
    }


def _add_money(
    scenario: EnvelopeScenario, known: Mapping[str, Ground], programmes: Mapping[int, Ground]
) -> None:
    rows = ProgrammeMoney.objects.filter(
        programme_year__programme__organization_id=scenario.organization_id,
        programme_year__fiscal_year__in={scenario.base_fy, scenario.outcome_fy},
        stage__in={scenario.base_stage, Stage.SETTLEMENT},
    )
    for programme, year, stage, yen in rows.values_list(
        "programme_year__programme_id", "programme_year__fiscal_year", "stage", "amount_yen"
    ):
        ground = programmes.get(programme)
        if ground is None:
            continue
        if (year, stage) == (scenario.base_fy, scenario.base_stage):
            ground.base_yen += max(yen, 0)
        if (year, stage) == (scenario.outcome_fy, Stage.SETTLEMENT):
            ground.spent_yen = (ground.spent_yen or 0) + yen
    setting = BudgetYear.objects.filter(
        organization_id=scenario.organization_id, fiscal_year=scenario.outcome_fy
    ).first()
    per_fte = setting.yen_per_fte if setting else None
    if per_fte:
        years = ProgrammeYear.objects.filter(
            programme_id__in=programmes, fiscal_year=scenario.outcome_fy, fte__isnull=False
        )
        for programme, fte in years.values_list("programme_id", "fte"):
            programmes[programme].fte_yen += int(progress.rounded(Decimal(fte or 0) * per_fte, 0))


def _add_standings(scenario: EnvelopeScenario, known: Mapping[str, Ground]) -> None:
    """Each indicator once for a measure, in the plan's own frame where it has one."""
    length = _length(known)
    of_indicator: dict[int, list[Ground]] = defaultdict(list)
    pairs = NodeIndicator.objects.filter(node__version_id=scenario.plan_version_id)
    for indicator, path in pairs.values_list("indicator_id", "node__path").order_by("node__path", "order"):
        ground = _above(path, known, length)
        if ground is not None and ground not in of_indicator[indicator]:
            of_indicator[indicator].append(ground)
    frames = ("", scenario.plan_version.uid)
    rows = Standing.objects.filter(
        indicator_id__in=of_indicator, fiscal_year=scenario.outcome_fy, frame__in=frames
    )
    chosen: dict[int, Standing] = {}
    for row in rows.select_related("indicator").order_by("frame"):
        chosen[row.indicator_id] = row
    for indicator, owners in of_indicator.items():
        standing = chosen.get(indicator)
        for ground in owners:
            ground.standings[standing.status if standing else "undecidable"] += 1
            if standing is not None:
                ground.rows.append(standing)


def unit_costs(ground: Ground) -> list[dict[str, Any]]:
    """What one unit of each outcome costs, or why it cannot be said. The whole cost is divided by each one alone."""
    return [each for row in ground.rows if (each := _unit_cost(ground, row)) is not None]


def _unit_cost(ground: Ground, row: Standing) -> dict[str, Any] | None:
    kind = ValueType(row.indicator.value_type)
    if kind in (ValueType.MONEY, ValueType.BINARY):
        return None
    output, per = _output(row, kind)
    spent = ground.spent_yen
    if spent is None:
        return _told(row, per, None, _("成果を見る年度の決算がない"))
    figure = progress.unit_cost(
        allocated_yen=max(spent, 0),
        fte_cost_yen=ground.fte_yen,
        output=output,
        output_unit=row.indicator.unit or _("単位"),
    )
    if isinstance(figure.value, progress.Missing):
        return _told(row, per, None, _because(figure.value.reason))
    return _told(row, per, int(progress.rounded(figure.value, 0)), Sentence(lambda: figure_in_words(figure)))


def _output(row: Standing, kind: ValueType) -> tuple[progress.Amount, str]:
    unit = row.indicator.unit or _("単位")
    if kind is ValueType.COUNT and row.indicator.direction == "UP":
        value = row.value if row.value is not None else progress.Missing(_("実績値なし"))
        return value, _("1%(unit)sあたり") % {"unit": unit}
    per = _("基準から1%(unit)s良くなるごと") % {"unit": unit}
    if row.progress_n is None or not row.progress_d:
        return progress.Missing(_("基準からの動きが分からない")), per
    if row.progress_n * row.progress_d <= 0:
        return progress.Missing(_("基準より良くなっていない")), per
    return abs(row.progress_n), per


def _told(row: Standing, per: str, yen: int | None, why: str) -> dict[str, Any]:
    told = {"indicator": row.indicator_id, "name": row.indicator.name, "yen": yen}
    told |= {"per": sentences.in_source(per), "why": sentences.in_source(why)}
    return told | {"said": sentences.in_other_languages(per=per, why=why)}


def _because(reason: str) -> str:
    """A reason that is a sentence already, or one of the engine's own."""
    return reason if isinstance(reason, Sentence) else Sentence(lambda: reason_in_words(reason))


def side_by_side(
    scenarios: Sequence[EnvelopeScenario],
) -> Iterable[tuple[PlanNode, list[Any]]]:
    """Each measure with its row in each scenario, ``None`` where a scenario does not have it."""
    nodes: dict[str, PlanNode] = {}
    cells: dict[str, dict[int, Any]] = defaultdict(dict)
    for scenario in scenarios:
        for row in scenario.rows.all():
            nodes.setdefault(row.node.uid, row.node)
            cells[row.node.uid][scenario.pk] = row
    for uid, node in nodes.items():
        yield node, [cells[uid].get(scenario.pk) for scenario in scenarios]
