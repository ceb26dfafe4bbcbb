"""Fair reach: a floor under how often small firms, NPOs and remote towns are seen.

Exposure is the share of the first ten places, over all wants, that goes to underserved cans. To lift it to a floor,
places are exchanged where it costs least relevance, and what it cost is said.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from enishi.engines.core import InvalidInputError
from enishi.engines.matching.model import Match, Ranking

FIRST_PLACES = 10


@dataclass(frozen=True)
class FairReach:
    """Rankings after the exchange of places, and what it changed.

    Attributes
    ----------
    exposure_before, exposure_after : float, 0 to 1
        Share of the first ten places that underserved cans hold; ``places`` of them there are.
    relevance_loss : float, 0 to 1
        Share of the summed scores of the first ten places (above the lowest score there) given up.
    is_reached : bool
        Whether the floor was reached; there may be too few underserved cans.
    """

    rankings: tuple[Ranking, ...]
    exposure_before: float
    exposure_after: float
    relevance_loss: float
    places: int
    is_reached: bool


def exposure(rankings: Sequence[Ranking], underserved: Collection[str]) -> float:
    """Return the share of the first ten places, over all wants, held by underserved cans."""
    first = [match for ranking in rankings for match in ranking.matches[:FIRST_PLACES]]
    return sum(match.can_id in underserved for match in first) / len(first) if first else 0.0


def with_fair_reach(rankings: Sequence[Ranking], underserved: Collection[str], *, floor: float) -> FairReach:
    """Exchange places until underserved cans hold at least ``floor`` of the first ten.

    Parameters
    ----------
    rankings : sequence of Ranking
        Longer than ten places, so that there is somebody to move up.
    underserved : collection of can ids
    floor : float, 0 to 1

    Notes
    -----
    Greedy over all wants: each step exchanges the pair (last place of the ten held by another, best underserved
    below) with the least difference in score. As every exchange counts one place, this is the cheapest way.

    Raises
    ------
    InvalidInputError
        If ``floor`` is not between 0 and 1.
    """
    if not 0 <= floor <= 1:
        raise InvalidInputError("floor", "must lie between 0 and 1")
    wanted = frozenset(underserved)
    before = exposure(rankings, wanted)
    lists = [list(ranking.matches) for ranking in rankings]
    places = sum(min(len(matches), FIRST_PLACES) for matches in lists)
    missing = max(0, _needed(floor, places) - round(before * places))
    lost = _exchange(lists, wanted, missing)
    changed = [
        replace(ranking, matches=_renumbered(matches))
        for ranking, matches in zip(rankings, lists, strict=True)
    ]
    after = exposure(changed, wanted)
    relevance = _relevance(rankings)
    share = lost / relevance if relevance > 0 else 0.0
    return FairReach(tuple(changed), before, after, share, places, after >= floor or places == 0)


def _needed(floor: float, places: int) -> int:
    return -int(-floor * places // 1)


def _exchange(lists: list[list[Match]], wanted: frozenset[str], missing: int) -> float:
    """Make the cheapest exchanges in place; return the summed scores they cost."""
    queue = [(*cost, number) for number, matches in enumerate(lists) if (cost := _cheapest(matches, wanted))]
    heapq.heapify(queue)
    lost = 0.0
    while queue and missing > 0:
        loss, down, up, number = heapq.heappop(queue)
        matches = lists[number]
        matches[down], matches[up] = matches[up], matches[down]
        lost += loss
        missing -= 1
        following = _cheapest(matches, wanted)
        if following:
            heapq.heappush(queue, (*following, number))
    return lost


def _cheapest(matches: list[Match], wanted: frozenset[str]) -> tuple[float, int, int] | None:
    """The loss and the two places of this list's cheapest exchange."""
    inside = [place for place, match in enumerate(matches[:FIRST_PLACES]) if match.can_id not in wanted]
    below = [
        place
        for place, match in enumerate(matches[FIRST_PLACES:], start=FIRST_PLACES)
        if match.can_id in wanted
    ]
    if not inside or not below:
        return None
    down = min(inside, key=lambda place: matches[place].score)
    up = max(below, key=lambda place: matches[place].score)
    return matches[down].score - matches[up].score, down, up


def _renumbered(matches: list[Match]) -> tuple[Match, ...]:
    head = sorted(matches[:FIRST_PLACES], key=lambda match: -match.score)
    tail = sorted(matches[FIRST_PLACES:], key=lambda match: -match.score)
    return tuple(replace(match, rank=place + 1) for place, match in enumerate([*head, *tail]))


def _relevance(rankings: Sequence[Ranking]) -> float:
    scores = [match.score for ranking in rankings for match in ranking.matches[:FIRST_PLACES]]
    lowest = min((match.score for ranking in rankings for match in ranking.matches), default=0.0)
    return sum(score - lowest for score in scores)
