"""Scores to places: means of those who judge, the weights, the floor, the rule for equals, and how firm it all is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enishi.desk.review.enums import TieRule
from enishi.desk.review.models import Review, ReviewCriterion, ReviewEntry, Score
from enishi.engines.core.weighing import Stability, places, stability, weighted_totals

VARIATION = 0.3
SAME = 1e-9


@dataclass(frozen=True)
class Ranked:
    """One proposal in its place. ``percent`` is of full marks; ``kept`` the share of weight sets that leave it there."""

    entry: ReviewEntry
    place: int
    percent: float
    means: Sequence[float]
    kept: float
    reaches_floor: bool
    is_tied: bool
    tie_settled: bool


@dataclass(frozen=True)
class Ranking:
    rows: Sequence[Ranked]
    criteria: Sequence[ReviewCriterion]
    stability: Stability | None
    withdrawn: Sequence[ReviewEntry]
    judges: int

    @property
    def tipping(self) -> list[tuple[ReviewCriterion, float | None]]:
        """For each criterion the change of its weight, in per cent, at which another proposal draws level with the first."""
        if self.stability is None or len(self.rows) < 2:
            return []
        found = [None if np.isnan(value) else float(value) * 100 for value in self.stability.tipping]
        return list(zip(self.criteria, found, strict=True))

    @property
    def is_firm(self) -> bool:
        """Whether the first stays first in nineteen of twenty weight sets."""
        first = [row for row in self.rows if row.place == 1]
        return len(first) == 1 and first[0].kept >= 0.95


def ranking(review: Review) -> Ranking:
    """The order of the proposals from the scores of those who handed them in and have no ties."""
    criteria = list(review.criteria.all())
    entries = list(review.entries.select_related("proposal__proposer"))
    scores = list(
        Score.objects.filter(
            entry__review=review, reviewer__excluded_because="", reviewer__submitted_at__isnull=False
        ).values_list("entry_id", "criterion_id", "points", "reviewer_id")
    )
    judges = len({reviewer for _entry, _criterion, _points, reviewer in scores})
    scored = {entry for entry, _criterion, _points, _reviewer in scores}
    active = [entry for entry in entries if entry.withdrawn_at is None and entry.pk in scored]
    withdrawn = [entry for entry in entries if entry.withdrawn_at is not None]
    if not active or not criteria:
        return Ranking([], criteria, None, withdrawn, judges)
    means = _means(active, criteria, scores)
    weights = np.array([each.weight for each in criteria], dtype=np.float64)
    totals = weighted_totals(means, weights)
    found = stability(means, weights, variation=VARIATION)
    rows = [
        Ranked(
            entry=entry,
            place=int(place),
            percent=float(total) / review.most_points * 100,
            means=[float(mean) for mean in own],
            kept=float(kept),
            reaches_floor=float(total) / review.most_points * 100 + SAME >= review.floor_percent,
            is_tied=int((found.places == place).sum()) > 1,
            tie_settled=False,
        )
        for entry, place, total, own, kept in zip(
            active, places(totals), totals, means, found.kept, strict=True
        )
    ]
    heaviest = int(np.argmax(weights))
    return Ranking(_without_ties(rows, review, heaviest), criteria, found, withdrawn, judges)


def _means(
    entries: Sequence[ReviewEntry],
    criteria: Sequence[ReviewCriterion],
    scores: Sequence[tuple[int, int, int, int]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    row = {entry.pk: place for place, entry in enumerate(entries)}
    column = {criterion.pk: place for place, criterion in enumerate(criteria)}
    sums, counts = np.zeros((len(row), len(column))), np.zeros((len(row), len(column)))
    for entry, criterion, points, _reviewer in scores:
        if entry in row:
            sums[row[entry], column[criterion]] += points
            counts[row[entry], column[criterion]] += 1
    return sums / np.maximum(counts, 1)


def _without_ties(rows: Sequence[Ranked], review: Review, heaviest: int) -> list[Ranked]:
    """Equals in the order of the rule; those that stay equal share the better place."""
    keys = {row.entry.pk: _tie_key(row, TieRule(review.tie_rule), heaviest) for row in rows}
    ordered = sorted(rows, key=lambda row: (row.place, keys[row.entry.pk], row.entry.pk))
    settled = []
    for row in ordered:
        group = [other for other in rows if other.place == row.place]
        better = sum(keys[other.entry.pk] < keys[row.entry.pk] for other in group)
        same = sum(keys[other.entry.pk] == keys[row.entry.pk] for other in group)
        settled.append(
            Ranked(
                **{
                    **row.__dict__,
                    "place": row.place + better,
                    "tie_settled": row.is_tied and same == 1,
                }
            )
        )
    return settled


def _tie_key(row: Ranked, rule: TieRule, heaviest: int) -> float:
    """Smaller is better."""
    if rule is TieRule.COST:
        cost = row.entry.proposal.cost_yen
        return float("inf") if cost is None else float(cost)
    if rule is TieRule.FIRST_CRITERION:
        return -round(row.means[heaviest], 9)
    return float(row.entry.chair_order) if row.entry.chair_order is not None else float("inf")
