"""How a branch, or a whole plan, stands: put together from what other rooms computed, in a number of queries that never grows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.utils.translation import gettext as _

from enishi.budgets.access import code_access, reads_everything
from enishi.budgets.enums import Stage
from enishi.budgets.models import Allocation, BudgetCode, Programme, ProgrammeMoney
from enishi.budgets.selectors import budget_year
from enishi.engines.progress import RollUp, Status, rounded
from enishi.foundation.access import Actor
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import CursorPage, paginate
from enishi.foundation.numbers import whole
from enishi.indicators.models import Indicator, Standing
from enishi.indicators.numbers import shown
from enishi.indicators.wording import reason_in_words, status_in_words
from enishi.organizations.visibility import visible_to
from enishi.plans import calculations
from enishi.plans.calculations import BEHIND, Judged
from enishi.plans.models import NodeIndicator, Placement, Plan, PlanNode, PlanVersion
from enishi.plans.paths import STEP, last_below

MONEY_STAGES: tuple[Stage, ...] = (
    Stage.REQUEST,
    Stage.ASSESSMENT,
    Stage.INITIAL,
    Stage.SUPPLEMENT,
    Stage.SETTLEMENT,
)
OPEN_STAGES: tuple[Stage, ...] = (Stage.INITIAL, Stage.SUPPLEMENT, Stage.SETTLEMENT)
"""What was voted and spent; 要求 and 査定 are the house's own."""
MOST_LATE = 20
MOST_ROWS = 50
FEW = 500
"""So many keys can be named one by one in a question to the database."""


def year_of(plan: Plan, wanted: str, today: dt.date) -> int:
    """The year asked for, or the last one that is over: its values are known."""
    asked = whole(wanted, plan.start_fy - 1, plan.end_fy)
    return asked or max(plan.start_fy, min(FiscalYear.of(today).year - 1, plan.end_fy))


def years_of(plan: Plan) -> list[tuple[int, str]]:
    return [(year, fiscal_year_in_words(FiscalYear(year))) for year in range(plan.start_fy, plan.end_fy + 1)]


@dataclass(frozen=True)
class Line:
    """One indicator of a branch, as a row of a table."""

    node_indicator: NodeIndicator
    indicator: Indicator
    standing: Standing | None
    status: Status
    is_own: bool

    @property
    def tone(self) -> str:
        return calculations.TONES[self.status]

    @property
    def value_words(self) -> str:
        return self._words(self.standing.value if self.standing else None)

    @property
    def target_words(self) -> str:
        return self._words(self.standing.target if self.standing else None)

    def _words(self, number: Decimal | None) -> str:
        if number is None:
            return ""
        return (
            f"{shown(rounded(number, self.indicator.decimals), self.indicator.decimals)}{self.indicator.unit}"
        )

    @property
    def reason(self) -> str:
        return (
            reason_in_words(self.standing.reason)
            if self.standing
            else _("この年度の状況がまだ計算されていません")
        )

    @property
    def status_words(self) -> str:
        return status_in_words(self.status)


@dataclass(frozen=True)
class Money:
    """A programme of the branch with its yen of the year."""

    placement: Placement
    programme: Programme
    yen: Sequence[int | None]
    codes: Sequence[BudgetCode] = ()


@dataclass
class Dashboard:
    """What a page about a branch shows. ``node`` is None for the whole plan."""

    version: PlanVersion
    node: PlanNode | None
    fiscal_year: int
    roll_up: RollUp
    lines: list[Line]
    late: list[Line]
    children: list[tuple[PlanNode, RollUp, int]]
    programmes: list[Money]
    page: CursorPage
    programme_count: int
    totals: list[tuple[Stage, int | None]]
    stages: Sequence[Stage] = MONEY_STAGES

    @property
    def judged(self) -> int:
        return sum(self.roll_up.distribution.values()) - self.roll_up.distribution[Status.UNDECIDABLE]

    @property
    def achieved(self) -> int:
        return self.roll_up.distribution[Status.ACHIEVED]

    @property
    def good(self) -> int:
        return self.roll_up.distribution[Status.ACHIEVED] + self.roll_up.distribution[Status.ON_TRACK]

    @property
    def behind(self) -> int:
        return sum(self.roll_up.distribution[status] for status in BEHIND)

    @property
    def indicator_count(self) -> int:
        return sum(self.roll_up.distribution.values())


def judged_below(
    actor: Actor, version: PlanVersion, fiscal_year: int, node: PlanNode | None = None
) -> list[Judged]:
    """Every indicator of a branch with its status: two queries, however large the branch."""
    below = _indicators_below(actor, version, node)
    rows = list(below.order_by("node_id", "order", "pk").values_list("node__path", "indicator_id", "weight"))
    # Rates are read only where a weight was agreed: without one there is no mean.
    is_weighed = any(weight is not None for _path, _key, weight in rows)
    standings = _standings(version, fiscal_year, {key for _path, key, _weight in rows}, is_weighed=is_weighed)
    nothing = (None, None)
    return [
        Judged(path, key, calculations.status_of(found[0]), found[1], weight)
        for path, key, weight in rows
        for found in (standings.get(key, nothing),)
    ]


def _indicators_below(
    actor: Actor, version: PlanVersion, node: PlanNode | None
) -> QuerySet[NodeIndicator, NodeIndicator]:
    rows = NodeIndicator.objects.filter(node__version=version)
    if node is not None:
        rows = rows.filter(node__path__gte=node.path, node__path__lte=last_below(node.path))
    # Asked row by row by key: as a list of keys the database would read every indicator of every house first.
    readable = Indicator.objects.filter(visible_to(actor, Indicator), retired_at__isnull=True)
    return rows.filter(Exists(readable.filter(pk=OuterRef("indicator_id"))))


def _standings(
    version: PlanVersion, fiscal_year: int, wanted: set[int], *, is_weighed: bool
) -> dict[int, tuple[str, Any]]:
    """Status and, on request, rate: by the targets of this version where it has its own, else by the municipality's."""
    rows = Standing.objects.filter(fiscal_year=fiscal_year, frame__in=["", version.uid])
    if len(wanted) <= FEW:
        rows = rows.filter(indicator_id__in=wanted)
    else:
        rows = rows.filter(indicator__organization_id=version.plan.organization_id)
    rate = F("attainment") if is_weighed else Value(None, output_field=DecimalField())
    stored = rows.values_list("frame", "indicator_id", "status").annotate(rate=rate)
    # The version's own frame comes after the empty one and takes its place.
    return {key: (status, rate) for _frame, key, status, rate in sorted(stored, key=lambda row: row[0])}


def by_branch(judged: Sequence[Judged], depth: int) -> dict[str, list[Judged]]:
    """The indicators of each branch of that depth, with all below it."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        if len(each.node_path) >= depth * STEP:
            found[each.node_path[: depth * STEP]].append(each)
    return found


def indicator_counts(
    actor: Actor, version: PlanVersion, fiscal_year: int, node: PlanNode | None = None
) -> dict[str, tuple[int, int]]:
    """For each branch how many indicators it and those below it have, and how many of them are behind; each once."""
    rows = _indicators_below(actor, version, node).order_by().values_list("node__path", "indicator_id")
    behind = _behind(version, fiscal_year)
    return {path: (len(found), len(found & behind)) for path, found in _by_path(rows).items()}


def _behind(version: PlanVersion, fiscal_year: int) -> set[int]:
    """The indicators of the house that are behind, by the version's own targets where it has some."""
    late = [calculations.CODES[status] for status in BEHIND]
    rows = Standing.objects.filter(
        Q(frame="", status__in=late) | Q(frame=version.uid),
        fiscal_year=fiscal_year,
        indicator__organization_id=version.plan.organization_id,
    ).values_list("frame", "indicator_id", "status")
    found: dict[bool, dict[int, str]] = {False: {}, True: {}}
    for frame, key, status in rows:
        found[bool(frame)][key] = status
    merged = found[False] | found[True]
    return {key for key, status in merged.items() if status in late}


def _by_path(rows: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """What hangs from each branch and below it, each once."""
    at: dict[str, set[int]] = defaultdict(set)
    for path, key in rows:
        at[path].add(key)
    found: dict[str, set[int]] = defaultdict(set)
    for path, keys in at.items():
        for end in range(STEP, len(path) + 1, STEP):
            found[path[:end]] |= keys
    return found


def programme_counts(actor: Actor, version: PlanVersion, node: PlanNode | None = None) -> dict[str, int]:
    """How many programmes hang from each branch and below it, by its path."""
    rows = _placements(actor, version, node).order_by().values_list("node__path", "programme_id")
    return {path: len(found) for path, found in _by_path(rows).items()}


def dashboard(
    actor: Actor,
    version: PlanVersion,
    fiscal_year: int,
    node: PlanNode | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    size: int = MOST_ROWS,
) -> Dashboard:
    """Everything about a branch for one year; ``parameters`` say which page of its programmes."""
    judged = judged_below(actor, version, fiscal_year, node)
    placements = _placements(actor, version, node)
    lines = _lines(actor, version, fiscal_year, node, judged)
    depth = node.depth if node else 0
    stages = stages_for(actor, version.plan.organization_id, fiscal_year)
    page = paginate(
        placements.select_related("programme__section", "node"),
        order_by=("programme__uid", "pk"),
        parameters=parameters or {},
        size=size,
    )
    return Dashboard(
        version=version,
        node=node,
        fiscal_year=fiscal_year,
        roll_up=calculations.rolled_up(judged),
        lines=[line for line in lines if line.is_own],
        late=[line for line in lines if line.status in BEHIND][:MOST_LATE],
        children=_children(actor, version, node, judged, depth),
        programmes=_programmes(actor, page.rows, fiscal_year, stages),
        page=page,
        programme_count=placements.values("programme_id").distinct().count(),
        totals=_totals(placements, fiscal_year, stages),
        stages=stages,
    )


def _lines(
    actor: Actor, version: PlanVersion, fiscal_year: int, node: PlanNode | None, judged: Sequence[Judged]
) -> list[Line]:
    """The branch's own indicators, and those below it that are behind, the worst first."""
    worst = {
        status: order for order, status in enumerate((Status.REGRESSED, Status.LATE, Status.SLIGHTLY_LATE))
    }
    behind = sorted((each for each in judged if each.status in worst), key=lambda each: worst[each.status])
    wanted = {each.indicator_id: None for each in behind}
    own = [each.indicator_id for each in judged if node is not None and each.node_path == node.path]
    keys = [*own[:MOST_ROWS], *list(wanted)[: MOST_LATE * 2]]
    rows = (
        _indicators_below(actor, version, node)
        .filter(indicator_id__in=keys)
        .select_related("indicator__section", "node")
        .order_by("node__path", "order", "pk")
    )
    standings = {
        row.indicator_id: row
        for row in Standing.objects.filter(
            fiscal_year=fiscal_year, frame__in=["", version.uid], indicator_id__in=keys
        ).order_by("frame")
    }
    lines = [_line(row, standings.get(row.indicator_id), node) for row in rows]
    return sorted(lines, key=lambda line: (not line.is_own, worst.get(line.status, 9)))


def _line(row: NodeIndicator, standing: Standing | None, node: PlanNode | None) -> Line:
    status = calculations.status_of(standing.status if standing else None)
    return Line(row, row.indicator, standing, status, node is not None and row.node_id == node.pk)


def _children(
    actor: Actor, version: PlanVersion, node: PlanNode | None, judged: Sequence[Judged], depth: int
) -> list[tuple[PlanNode, RollUp, int]]:
    rows = version.nodes.filter(parent=node).select_related("level", "section").order_by("path")
    parts, counts = by_branch(judged, depth + 1), programme_counts(actor, version, node)
    return [
        (row, calculations.rolled_up(parts.get(row.path, ())), counts.get(row.path, 0)) for row in rows[:200]
    ]


@dataclass(frozen=True)
class Implementing:
    """A branch of another plan that carries this one out, and how that one stands."""

    node: PlanNode
    roll_up: RollUp
    programmes: int


MOST_IMPLEMENTING = 12


def implementing(actor: Actor, nodes: Sequence[PlanNode], fiscal_year: int) -> list[Implementing]:
    """What stands behind a branch that has nothing of its own: a vision is reached through the plans that carry it out."""
    found = []
    for node in nodes[:MOST_IMPLEMENTING]:
        judged = judged_below(actor, node.version, fiscal_year, node)
        counts = programme_counts(actor, node.version, node)
        found.append(Implementing(node, calculations.rolled_up(judged), counts.get(node.path, 0)))
    return found


def _placements(actor: Actor, version: PlanVersion, node: PlanNode | None) -> QuerySet[Placement, Placement]:
    readable = Programme.objects.filter(visible_to(actor, Programme))
    rows = Placement.objects.filter(Exists(readable.filter(pk=OuterRef("programme_id"))), version=version)
    if node is not None:
        rows = rows.filter(node__path__gte=node.path, node__path__lte=last_below(node.path))
    return rows


def stages_for(actor: Actor, organization_id: int, fiscal_year: int) -> tuple[Stage, ...]:
    """Which amounts this reader may see: of a year that is not published, outsiders see none."""
    if reads_everything(actor, organization_id):
        return MONEY_STAGES
    year = budget_year(organization_id, fiscal_year)
    return OPEN_STAGES if year is not None and year.published_at is not None else ()


def _programmes(
    actor: Actor, shown: Sequence[Placement], fiscal_year: int, stages: Sequence[Stage]
) -> list[Money]:
    keys = [row.programme_id for row in shown]
    yen = money_of(keys, fiscal_year, stages)
    codes = codes_of(actor, keys, fiscal_year)
    return [
        Money(
            row,
            row.programme,
            [yen.get((row.programme_id, stage.value)) for stage in stages],
            codes.get(row.programme_id, ()),
        )
        for row in shown
    ]


def money_of(
    programme_ids: Sequence[int], fiscal_year: int, stages: Sequence[Stage]
) -> dict[tuple[int, str], int]:
    rows = ProgrammeMoney.objects.filter(
        programme_year__programme_id__in=programme_ids,
        programme_year__fiscal_year=fiscal_year,
        stage__in=[stage.value for stage in stages],
    ).values_list("programme_year__programme_id", "stage", "amount_yen")
    return {(programme_id, stage): amount for programme_id, stage, amount in rows}


def codes_of(actor: Actor, programme_ids: Sequence[int], fiscal_year: int) -> dict[int, list[BudgetCode]]:
    """The places of the budget that pay for each programme in the year."""
    readable = code_access.visible(actor)
    rows = (
        # Asked row by row: as a list of keys the database would read every place of the year's budget first.
        Allocation.objects.filter(
            Exists(readable.filter(pk=OuterRef("code_id"))),
            programme_year__programme_id__in=programme_ids,
            programme_year__fiscal_year=fiscal_year,
        )
        .select_related("code", "programme_year")
        .order_by("code__path")
    )
    found: dict[int, list[BudgetCode]] = defaultdict(list)
    for row in rows:
        found[row.programme_year.programme_id].append(row.code)
    return found


def _totals(
    placements: QuerySet[Placement, Placement], fiscal_year: int, stages: Sequence[Stage]
) -> list[tuple[Stage, int | None]]:
    """Each programme once, however many places it has in the branch."""
    sums = dict(
        ProgrammeMoney.objects.filter(
            programme_year__programme__in=placements.values("programme_id"),
            programme_year__fiscal_year=fiscal_year,
        )
        .values_list("stage")
        .annotate(Sum("amount_yen"))
        .order_by("stage")
    )
    return [(stage, sums.get(stage.value)) for stage in stages]
