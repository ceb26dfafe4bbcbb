"""Ranking small sets: every pair is scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from enishi.engines.core import Float32Array, InvalidInputError
from enishi.engines.matching.model import Can, Match, MatchWeights, Ranking, Rule, View, Want
from enishi.engines.matching.reasons import explain as explained
from enishi.engines.matching.scoring import (
    ALL_RULES,
    DEFAULT_WEIGHTS,
    Probe,
    allowed_rows,
    parts,
    totals,
    view_values,
)
from enishi.engines.matching.segments import Index, Segment, build_segment
from enishi.engines.matching.space import Space
from enishi.engines.matching.variety import with_unexpected


def rank(
    wants: Sequence[Want],
    cans: Sequence[Can],
    space: Space,
    *,
    as_of: dt.date,
    top: int = 20,
    weights: MatchWeights = DEFAULT_WEIGHTS,
    audiences: Collection[int] | None = None,
    explain: bool = True,
    unexpected: int = 0,
    rules: frozenset[Rule] = ALL_RULES,
    among: Index | None = None,
) -> list[Ranking]:
    """Return the best cans of each want, every pair compared.

    Parameters
    ----------
    wants, cans : sequences with unique ids
    space : Space
        The learnt arrays that belong to the embedder of the evidence.
    as_of : date
        The day on which windows, expiry and freshness are judged.
    top : int, at least 1
        How many cans a want gets at most.
    audiences : collection of int, optional
        Codes of :attr:`Can.audience` that the viewer may see; None for all.
    explain : bool
        Whether matches carry phrases and reasons.
    unexpected : int
        How many of the first ten places go to relevant cans from another field.
    rules : frozenset of Rule
        The hard constraints that hold; all of them by default.
    among : Index, optional
        The cans over which the rarity of words is counted; those given by default. Give the whole index when a few
        are compared again, and they get the scores that :func:`search` gave them.

    Raises
    ------
    InvalidInputError
        If ``top`` is below 1, an id stands twice, or a vector has the wrong length.
    """
    _check(wants, cans, top)
    segment = build_segment(cans, range(len(cans)), space)
    index = Index([segment])
    manner = _Manner(top, weights, explain, unexpected, rules)
    return [
        _rank_one(probe, cans, segment, space, manner)
        for probe in Probe.of_all(wants, among or index, space, as_of, audiences)
    ]


def rank_wants(
    can: Can,
    wants: Sequence[Want],
    space: Space,
    *,
    as_of: dt.date,
    top: int = 20,
    weights: MatchWeights = DEFAULT_WEIGHTS,
    explain: bool = True,
) -> list[Match]:
    """Return the wants that one can could serve best: the same scores, seen from the can."""
    rankings = rank(wants, [can], space, as_of=as_of, top=1, weights=weights, explain=explain)
    return _best([match for ranking in rankings for match in ranking.matches], top)


def best_pairs(
    wants: Sequence[Want],
    cans: Sequence[Can],
    space: Space,
    *,
    as_of: dt.date,
    top: int = 50,
    per_want: int = 5,
    weights: MatchWeights = DEFAULT_WEIGHTS,
    audiences: Collection[int] | None = None,
) -> list[Match]:
    """Return the best pairs over all wants and cans, at most ``per_want`` of one want.

    Scores of different wants can be compared, because nearness is corrected on both sides.
    """
    rankings = rank(
        wants, cans, space, as_of=as_of, top=per_want, weights=weights, audiences=audiences, explain=False
    )
    best = _best([match for ranking in rankings for match in ranking.matches], top)
    want_by_id = {want.id: want for want in wants}
    can_by_id = {can.id: can for can in cans}
    return [explained(want_by_id[m.want_id], can_by_id[m.can_id], m, space, as_of=as_of) for m in best]


def score_matrix(
    wants: Sequence[Want],
    cans: Sequence[Can],
    space: Space,
    *,
    as_of: dt.date,
    weights: MatchWeights = DEFAULT_WEIGHTS,
) -> Float32Array:
    """Return the scores of all pairs, hard constraints ignored. Shape (len(wants), len(cans))."""
    segment = build_segment(cans, range(len(cans)), space)
    index = Index([segment])
    rows = np.arange(len(segment))
    scores = np.zeros((len(wants), len(cans)), np.float32)
    for number, want in enumerate(wants):
        probe = Probe.of(want, index, space, as_of, None)
        values = view_values(probe, segment, rows, space, probe.words.scores(segment))
        scores[number] = totals(values, weights)
    return scores


@dataclass(frozen=True)
class _Manner:
    """How a ranking is wished."""

    top: int
    weights: MatchWeights
    explain: bool
    unexpected: int
    rules: frozenset[Rule]


def _rank_one(probe: Probe, cans: Sequence[Can], segment: Segment, space: Space, manner: _Manner) -> Ranking:
    allowed, excluded = allowed_rows(probe, segment, np.ones(len(segment), bool), manner.rules)
    rows = np.flatnonzero(allowed)
    if len(rows) == 0:
        return Ranking(probe.want.id, (), excluded, 0)
    values = view_values(probe, segment, rows, space, probe.words.scores(segment))
    scores = totals(values, manner.weights)
    order = np.argsort(-scores, kind="stable")
    chosen = with_unexpected(order, values[View.FIELDS], values[View.MEANING], manner.top, manner.unexpected)
    matches = [
        Match(
            want_id=probe.want.id,
            can_id=cans[rows[position]].id,
            rank=place + 1,
            score=float(scores[position]),
            parts=parts(values, [position], manner.weights)[0],
            is_unexpected=strange,
        )
        for place, (position, strange) in enumerate(chosen)
    ]
    if manner.explain:
        by_id = {cans[rows[position]].id: cans[rows[position]] for position, _ in chosen}
        matches = [explained(probe.want, by_id[m.can_id], m, space, as_of=probe.as_of) for m in matches]
    return Ranking(probe.want.id, tuple(matches), excluded, len(rows))


def _best(matches: list[Match], top: int) -> list[Match]:
    ordered = sorted(matches, key=lambda match: -match.score)[:top]
    return [replace(match, rank=place + 1) for place, match in enumerate(ordered)]


def _check(wants: Sequence[Want], cans: Sequence[Can], top: int) -> None:
    if top < 1:
        raise InvalidInputError("top", "must be at least 1")
    for name, rows in (("wants", wants), ("cans", cans)):
        if len({row.id for row in rows}) != len(rows):
            raise InvalidInputError(name, "has an id that stands twice")
