"""Sharing a budget between measures: growth for all, and a pool that follows outcomes by points. Pure, to the yen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from enishi.budgets.dividing import by_largest_remainder
from enishi.engines.progress import rounded
from enishi.foundation.sentences import gettext as _

WHOLE = 10_000
STANDARD_POINTS: Mapping[str, int] = {
    "achieved": 4,
    "on_track": 3,
    "slightly_late": 2,
    "late": 1,
    "regressed": 0,
    "undecidable": 0,
    "none": 2,
}
"""Points by status; ``none`` is for a measure without any indicator. A municipality may write its own."""


@dataclass(frozen=True)
class Measure:
    """One measure: its yen in the base year and how many of its indicators stand where."""

    key: int
    base_yen: int
    standings: Mapping[str, int]


@dataclass(frozen=True)
class Share:
    """What one measure gets: kept of its grown base, and its part of the pool."""

    key: int
    base_yen: int
    grown_yen: int
    kept_yen: int
    outcome_yen: int
    points: Fraction
    explanation: str

    @property
    def total_yen(self) -> int:
        return self.kept_yen + self.outcome_yen


def share(
    measures: Sequence[Measure], *, growth_bp: int, pool_bp: int, points: Mapping[str, int]
) -> list[Share]:
    """Give every measure its envelope; together they are the grown whole, to the yen.

    Every measure's grown base gives ``pool_bp`` of 10,000 into a pool. The pool is given out in proportion to grown base ×
    mean points of the measure's indicators, so that size alone moves nothing. Where nobody has points, all keep theirs.

    >>> rows = [Measure(1, 1_000, {"achieved": 1}), Measure(2, 1_000, {"late": 1})]
    >>> [each.total_yen for each in share(rows, growth_bp=0, pool_bp=1_000, points=STANDARD_POINTS)]
    [1060, 940]
    """
    whole = sum(measure.base_yen for measure in measures)
    grown_whole = int(rounded(Fraction(whole * (WHOLE + growth_bp), WHOLE), 0))
    grown = by_largest_remainder(grown_whole, [measure.base_yen for measure in measures])
    given = [yen * pool_bp // WHOLE for yen in grown]
    means = [mean_points(measure.standings, points) for measure in measures]
    scale = math.lcm(*(mean.denominator for mean in means)) if means else 1
    weights = [yen * int(mean * scale) for yen, mean in zip(grown, means, strict=True)]
    pool = sum(given)
    outcome = by_largest_remainder(pool, weights) if sum(weights) else given
    return [
        Share(
            measure.key,
            measure.base_yen,
            grown[place],
            grown[place] - given[place],
            outcome[place],
            means[place],
            _said(measure, grown[place], given[place], outcome[place], means[place], pool),
        )
        for place, measure in enumerate(measures)
    ]


def change_of(before: int, after: int) -> tuple[int, str]:
    """Yen more or less than before, and as a signed share of it.

    >>> change_of(1_000, 985), change_of(0, 5)
    ((-15, '△1.5%'), (5, ''))
    """
    delta = after - before
    if not before:
        return delta, ""
    sign = "+" if delta > 0 else "△" if delta < 0 else ""
    return delta, f"{sign}{rounded(Fraction(abs(delta) * 100, before), 1)}%"


def mean_points(standings: Mapping[str, int], points: Mapping[str, int]) -> Fraction:
    """The mean over the measure's indicators; that of ``none`` where it has none.

    >>> mean_points({"achieved": 1, "late": 1}, STANDARD_POINTS)
    Fraction(5, 2)
    """
    count = sum(standings.values())
    if not count:
        return Fraction(points.get("none", 0))
    return Fraction(sum(points.get(status, 0) * number for status, number in standings.items()), count)


def _said(measure: Measure, grown: int, given: int, outcome: int, mean: Fraction, pool: int) -> str:
    words = {
        "base": f"{measure.base_yen:,}",
        "grown": f"{grown:,}",
        "given": f"{given:,}",
        "pool": f"{pool:,}",
        "points": f"{rounded(mean, 2)}",
        "outcome": f"{outcome:,}",
        "count": sum(measure.standings.values()),
    }
    return (
        _(
            "もとの%(base)s円が増減のあと%(grown)s円。うち%(given)s円を成果の分として出し合い(全体で%(pool)s円)、"
            "指標%(count)d件の平均%(points)s点と規模に応じて%(outcome)s円を受ける。"
        )
        % words
    )
