"""Questions about reflections: which decisions wait for a row, and what the budget says of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from enishi.budgets.dividing import Part
from enishi.budgets.enums import Level, Stage
from enishi.budgets.models import Allocation, BudgetCode, BudgetEntry, CodeEquivalence, CodeTotal
from enishi.budgets.totals import standing_entries
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection.comparing import Code, Comparison, compare
from enishi.evaluation.reflection.enums import ReflectionStage
from enishi.evaluation.reflection.models import Reflection
from enishi.foundation.fiscal_year import FiscalYear
from enishi.plans.models import Placement

Decisions = models.QuerySet[ImprovementDecision, ImprovementDecision]


@dataclass(frozen=True)
class Moment:
    """A stage of a year's budget."""

    fiscal_year: int
    stage: str = ReflectionStage.INITIAL
    round_no: int = 0

    @property
    def is_supplement(self) -> bool:
        return self.stage == ReflectionStage.SUPPLEMENT

    @property
    def year_before(self) -> int:
        """A supplementary budget is compared with the same year before it."""
        return self.fiscal_year if self.is_supplement else self.fiscal_year - 1


def worklist(house: int, fiscal_year: int) -> Decisions:
    """The decisions that must end with a row by the vote on the initial budget (E4); 継続 has nothing to reflect."""
    rows = ImprovementDecision.objects.for_budget(fiscal_year).filter(organization_id=house)
    return rows.exclude(direction__startswith="継続")


def with_state(rows: Decisions, moment: Moment) -> Decisions:
    """Each decision with whether it has a row at this stage, and whether that row is approved."""
    mine = Reflection.objects.filter(
        decision=OuterRef("pk"),
        fiscal_year=moment.fiscal_year,
        stage=moment.stage,
        round_no=moment.round_no,
    )
    return rows.annotate(has_row=Exists(mine), has_approved=Exists(mine.filter(approved_at__isnull=False)))


STATES: Mapping[str, Q] = {
    "missing": Q(has_row=False),
    "waiting": Q(has_row=True, has_approved=False),
    "approved": Q(has_approved=True),
}


def counts(rows: Decisions, moment: Moment) -> dict[str, int]:
    found: dict[str, int] = with_state(rows, moment).aggregate(
        total=Count("pk"), **{name: Count("pk", filter=where) for name, where in STATES.items()}
    )
    return found


def years_of(house: int) -> list[int]:
    """The budget years at which decisions aim, newest first."""
    rows = ImprovementDecision.objects.decided().filter(
        organization_id=house, budget_relevant=True, target_fy__isnull=False
    )
    found = rows.order_by().values_list("target_fy", flat=True)
    return sorted({year for year in found if year is not None}, reverse=True)


def vote_due_on(fiscal_year: int) -> dt.date:
    """The initial budget must be voted before its year begins (地方自治法 211条)."""
    return FiscalYear(fiscal_year - 1).last_day


def rounds_of(house: int, fiscal_year: int) -> list[int]:
    """The supplementary budgets that this year has had."""
    rows = standing_entries(house, fiscal_year).filter(
        code__organization_id=house, code__fiscal_year=fiscal_year, stage=Stage.SUPPLEMENT
    )
    return sorted(set(rows.order_by().values_list("round_no", flat=True)))


# --- What the budget says -----------------------------------------------------------------------------------------------------


def comparisons(decisions: Sequence[ImprovementDecision], moment: Moment) -> dict[int, Comparison]:
    """Before and after for each decision, in a fixed number of questions however many decisions there are."""
    if not decisions:
        return {}
    house = decisions[0].organization_id
    programmes = programmes_of(decisions)
    book = _Book(house, moment, frozenset().union(*programmes.values()))
    return {decision.pk: book.compared(programmes[decision.pk]) for decision in decisions}


def programmes_of(decisions: Iterable[ImprovementDecision]) -> dict[int, frozenset[int]]:
    """The programmes whose money a decision is about: its own, those joined with it, or those placed at its 施策."""
    rows = list(decisions)
    nodes = [row.node_id for row in rows if row.node_id]
    placed: dict[int, set[int]] = defaultdict(set)
    if nodes:
        pairs = Placement.objects.filter(node_id__in=nodes, is_primary=True)
        for node_id, programme_id in pairs.values_list("node_id", "programme_id"):
            placed[node_id].add(programme_id)
    return {
        row.pk: frozenset(
            {pk for pk in (row.programme_id, row.merges_into_id) if pk} | placed.get(row.node_id or 0, set())
        )
        for row in rows
    }


class _Book:
    """The two years' codes that some programmes are paid from, closed under equivalence, with amounts and shares."""

    def __init__(self, house: int, moment: Moment, programme_ids: frozenset[int]) -> None:
        self.house, self.moment = house, moment
        years = {moment.year_before, moment.fiscal_year}
        paid = Allocation.objects.filter(
            programme_year__programme_id__in=programme_ids, programme_year__fiscal_year__in=years
        )
        codes = {row.pk: row for row in BudgetCode.objects.filter(pk__in=paid.values("code_id"))}
        self.same = self._close(codes)
        self.codes = codes
        self.owners: dict[int, int] = {}
        self.parts = self._parts(codes)
        self.has_budget = self._has_budget(years)
        totals = CodeTotal.objects.filter(pk__in=codes)
        self.totals: dict[int, Any] = {row.pk: row for row in totals}
        self.supplements = self._supplements() if moment.is_supplement else {}

    def _close(self, codes: dict[int, BudgetCode]) -> dict[int, frozenset[int]]:
        """Add the partners of each code, and say which belong together: by the municipality's table, else by the same path."""
        if self.moment.is_supplement:
            return {pk: frozenset({pk}) for pk in codes}
        later, earlier = self.moment.fiscal_year, self.moment.year_before
        same: dict[int, set[int]] = defaultdict(set)
        known = CodeEquivalence.objects.filter(Q(old__in=codes) | Q(new__in=codes)).select_related(
            "old", "new"
        )
        paired: set[int] = set()
        for row in known:
            if (row.old.fiscal_year, row.new.fiscal_year) != (earlier, later):
                continue
            same[row.new_id].add(row.old_id)
            paired |= {row.old_id, row.new_id}
            codes |= {row.old_id: row.old, row.new_id: row.new}
        alone = {row.path for pk, row in codes.items() if pk not in paired}
        twins = BudgetCode.objects.filter(
            organization_id=self.house, fiscal_year__in=(earlier, later), path__in=alone
        )
        by_path: dict[str, dict[int, BudgetCode]] = defaultdict(dict)
        for twin in twins:
            by_path[twin.path][twin.fiscal_year] = twin
        for pair in by_path.values():
            if len(pair) == 2 and not paired & {pair[earlier].pk, pair[later].pk}:
                same[pair[later].pk].add(pair[earlier].pk)
                codes |= {row.pk: row for row in pair.values()}
        return {new: frozenset(olds) for new, olds in same.items()}

    def _parts(self, codes: Mapping[int, BudgetCode]) -> dict[int, list[Part]]:
        found: dict[int, list[Part]] = defaultdict(list)
        rows = Allocation.objects.filter(code_id__in=codes).order_by("code_id", "pk")
        for code, key, programme, share, fixed in rows.values_list(
            "code_id", "programme_year_id", "programme_year__programme_id", "share_bp", "fixed_yen"
        ):
            found[code].append(Part(key, share, fixed))
            self.owners[key] = programme
        return found

    def _has_budget(self, years: set[int]) -> set[int]:
        stage = Stage.INITIAL if self.moment.is_supplement else Stage(self.moment.stage)
        rows = CodeTotal.objects.filter(
            code__organization_id=self.house,
            code__fiscal_year__in=years,
            code__level=Level.KAN,
            **{f"{stage.column}__isnull": False},
        )
        return set(rows.order_by().values_list("code__fiscal_year", flat=True))

    def _supplements(self) -> dict[int, dict[int, int]]:
        """The supplementary amounts at and below each code, by round."""
        found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        below = Q(pk__in=[])
        for row in self.codes.values():
            below |= Q(code__path=row.path) | Q(code__path__startswith=f"{row.path}-")
        rows = BudgetEntry.objects.filter(
            below,
            code__organization_id=self.house,
            code__fiscal_year=self.moment.fiscal_year,
            stage=Stage.SUPPLEMENT,
        )
        for path, round_no, amount in rows.values_list("code__path", "round_no", "amount_yen"):
            for row in self.codes.values():
                if path == row.path or path.startswith(f"{row.path}-"):
                    found[row.pk][round_no] += amount
        return found

    def _code(self, row: BudgetCode, *, after: bool) -> Code:
        total, parts = self.totals.get(row.pk), tuple(self.parts.get(row.pk, ()))
        if not self.moment.is_supplement:
            amount = total.amount(self.moment.stage) if total else None
            return Code(row.pk, row.path, row.name, amount, parts, self.owners)
        last = self.moment.round_no if after else self.moment.round_no - 1
        rounds = self.supplements.get(row.pk, {})
        change = sum(yen for round_no, yen in rounds.items() if round_no <= last)
        initial = total.amount(Stage.INITIAL) if total else None
        return Code(row.pk, row.path, row.name, initial, parts, self.owners, change)

    def _side(self, pks: Iterable[int], *, after: bool) -> list[Code]:
        rows = sorted((self.codes[pk] for pk in pks), key=lambda row: row.path)
        return [self._code(row, after=after) for row in rows]

    def compared(self, programme_ids: frozenset[int]) -> Comparison:
        mine = {
            pk
            for pk, parts in self.parts.items()
            if any(self.owners[part.key] in programme_ids for part in parts)
        }
        later = {pk for pk in mine if self.codes[pk].fiscal_year == self.moment.fiscal_year}
        earlier = {pk for pk in mine if self.codes[pk].fiscal_year == self.moment.year_before}
        # Partners of partners belong to the set as well: a code that was split and joined with another.
        while True:
            grown_earlier = earlier | {old for new in later for old in self.same.get(new, ())}
            grown_later = later | {new for new, olds in self.same.items() if olds & grown_earlier}
            if (grown_earlier, grown_later) == (earlier, later):
                break
            earlier, later = grown_earlier, grown_later
        return compare(
            programme_ids=programme_ids,
            before=self._side(earlier, after=False),
            after=self._side(later, after=True),
            same=self.same,
            budget_before=self.moment.year_before in self.has_budget,
            budget_after=self.moment.fiscal_year in self.has_budget,
        )


def entries_behind(code_ids: Iterable[int], moment: Moment) -> dict[int, list[BudgetEntry]]:
    """The entries that make up each code's amount at this stage: its own and those below it."""
    stages = [Stage.INITIAL, Stage.SUPPLEMENT] if moment.is_supplement else [moment.stage]
    found: dict[int, list[BudgetEntry]] = {}
    for code in BudgetCode.objects.filter(pk__in=list(code_ids)):
        rows = standing_entries(code.organization_id, code.fiscal_year).filter(
            Q(code__path=code.path) | Q(code__path__startswith=f"{code.path}-"),
            code__organization_id=code.organization_id,
            code__fiscal_year=code.fiscal_year,
            stage__in=stages,
        )
        if moment.is_supplement:
            rows = rows.filter(round_no__lte=moment.round_no)
        entries = list(rows.order_by("code__path", "pk"))
        if moment.stage == ReflectionStage.ASSESSMENT:
            # Each 査定 says the whole anew: only the last one counts.
            last = max((entry.round_no for entry in entries), default=0)
            entries = [entry for entry in entries if entry.round_no == last]
        found[code.pk] = entries
    return found
