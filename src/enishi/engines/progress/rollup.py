"""Many indicators seen from the measure above them: first how many stand where, a mean only if weights were agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.status import Status
from enishi.engines.progress.values import (
    Amount,
    Because,
    Figure,
    Formula,
    Missing,
    Number,
    exact,
    exact_or_missing,
    ratio,
)

WEIGHTED_MEAN = Formula("rollup", 1, "Σ(重み × min(達成率, 1)) ÷ Σ重み(達成率のある指標だけ)")
ACHIEVED_SHARE = Formula("achieved_share", 1, "達成の指標数 ÷ 判定できた指標数")


@dataclass(frozen=True, slots=True)
class Member:
    """One indicator of a measure: its status, its rate, and its weight where one was agreed."""

    status: Status
    rate: Amount
    weight: Number | None = None


@dataclass(frozen=True, slots=True)
class RollUp:
    """The distribution comes first; ``mean`` is missing unless every member has an agreed weight."""

    distribution: dict[Status, int]
    mean: Figure
    achieved: Figure
    explanation: str


def roll_up(members: Sequence[Member]) -> RollUp:
    """Return the distribution of statuses and, with agreed weights, the weighted mean of rates.

    An overshoot counts as 1 here, and only here, so that one indicator cannot hide another; a regression stays
    negative. Members without a rate are left out of the mean and named beside it.

    Raises
    ------
    InvalidInputError
        If a weight is negative.

    Examples
    --------
    >>> from decimal import Decimal
    >>> found = roll_up([Member(Status.ACHIEVED, Decimal("1.5"), 1), Member(Status.LATE, Decimal("0.5"), 3)])
    >>> found.mean.value, found.distribution[Status.LATE]
    (Fraction(5, 8), 1)
    """
    counts = Counter(each.status for each in members)
    distribution = {status: counts[status] for status in Status}
    judged = len(members) - distribution[Status.UNDECIDABLE]
    achieved = ratio(
        "達成指標の割合", Fraction(distribution[Status.ACHIEVED]), Fraction(judged), ACHIEVED_SHARE,
        if_zero=Because.NOTHING_TO_COUNT, detail=f"判定不能{distribution[Status.UNDECIDABLE]}件は分母に入れない",
    )  # fmt: skip
    counted = "、".join(f"{status}{count}件" for status, count in distribution.items() if count)
    return RollUp(distribution, _mean(members), achieved, f"{len(members)}指標の内訳: {counted or 'なし'}")


def _mean(members: Sequence[Member]) -> Figure:
    weights = [exact(each.weight, "weight") for each in members if each.weight is not None]
    if any(weight < 0 for weight in weights):
        raise InvalidInputError("weight", "cannot be negative")
    if len(weights) < len(members) or not members:
        reason = Missing(Because.NO_AGREED_WEIGHTS if members else Because.NOTHING_TO_COUNT)
        sentence = f"平均は出さない({reason.reason})。内訳で示す"
        return Figure("加重平均達成率", reason, reason, reason, WEIGHTED_MEAN, sentence)
    top = bottom = Fraction(0)
    capped = left_out = 0
    for each, weight in zip(members, weights, strict=True):
        rate = exact_or_missing(each.rate, "rate")
        if isinstance(rate, Missing):
            left_out += 1
            continue
        capped += rate > 1
        top += weight * min(rate, Fraction(1))
        bottom += weight
    detail = f"100%を超えた{capped}件は100%として数え、値のない{left_out}件は除いた"
    return ratio("加重平均達成率", top, bottom, WEIGHTED_MEAN, detail=detail)
