"""How long it takes, counting also those that still wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import Because, Exact, Figure, Formula, Missing, spoken

MEAN = Formula("duration_mean", 1, "実現したものの日数の合計 ÷ 件数")
MEDIAN = Formula("duration_median", 1, "実現したものの日数の中央値")
KAPLAN_MEIER = Formula("kaplan_meier", 1, "S(t) = Π(1 − 実現数 ÷ その時点で待つ数) が初めて0.5以下になる日数")


class Ending(StrEnum):
    DONE = "実現"
    PENDING = "継続中"
    EXIT = "離脱"
    """不採択 or 取下げ: leaves those who wait, without having been done."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Days from the start to the ending, or until the day of the count while pending."""

    days: int
    ending: Ending

    def __post_init__(self) -> None:
        if isinstance(self.days, bool) or not isinstance(self.days, int) or self.days < 0:
            raise InvalidInputError("days", "needs a whole number of days, zero or more")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The plain mean and median beside the Kaplan–Meier median, which the plain ones flatter.

    ``curve`` holds (day, at risk, done that day, share still waiting after it).
    """

    mean: Figure
    median: Figure
    kaplan_meier_median: Figure
    curve: tuple[tuple[int, int, int, Fraction], ...]
    counts: dict[Ending, int]


def waiting(durations: Sequence[Duration]) -> Waiting:
    """Return how long things take until they are done.

    Notes
    -----
    Those still pending are censored; exits leave at their day and are counted beside the result. On a day with both, what
    was done counts before those who leave. The median is the first day with S(t) <= 0.5.

    Source
    ------
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958.

    Examples
    --------
    >>> done = [Duration(days, Ending.DONE) for days in (60, 90, 120, 200)]
    >>> pending = [Duration(days, Ending.PENDING) for days in (100, 150, 300)]
    >>> found = waiting(done + pending)
    >>> found.mean.value, found.median.value, found.kaplan_meier_median.value
    (Fraction(235, 2), Fraction(105, 1), Fraction(200, 1))
    """
    days = sorted(each.days for each in durations if each.ending is Ending.DONE)
    counts = {ending: sum(1 for each in durations if each.ending is ending) for ending in Ending}
    curve = _curve(durations)
    beside = "、".join(f"{ending}{count}件" for ending, count in counts.items())
    return Waiting(
        mean=_figure("平均日数", _mean(days), Fraction(sum(days)), Fraction(len(days)), MEAN, beside),
        median=_figure("中央値", _median(days), _median(days), Fraction(1), MEDIAN, beside),
        kaplan_meier_median=_figure(
            "中央値(カプラン・マイヤー法)",
            _survival_median(curve),
            _survival_median(curve),
            Fraction(1),
            KAPLAN_MEIER,
            beside,
        ),
        curve=curve,
        counts=counts,
    )


def _curve(durations: Sequence[Duration]) -> tuple[tuple[int, int, int, Fraction], ...]:
    leaving = Counter(each.days for each in durations)
    done = Counter(each.days for each in durations if each.ending is Ending.DONE)
    at_risk, share = len(durations), Fraction(1)
    steps = []
    for day in sorted(leaving):
        if done[day]:
            share *= 1 - Fraction(done[day], at_risk)
            steps.append((day, at_risk, done[day], share))
        at_risk -= leaving[day]
    return tuple(steps)


def _survival_median(curve: Sequence[tuple[int, int, int, Fraction]]) -> Exact:
    first = next((day for day, _, _, share in curve if 2 * share <= 1), None)
    return Missing(Because.NOT_HALF_YET) if first is None else Fraction(first)


def _mean(days: Sequence[int]) -> Exact:
    return Fraction(sum(days), len(days)) if days else Missing(Because.NOTHING_TO_COUNT)


def _median(days: Sequence[int]) -> Exact:
    if not days:
        return Missing(Because.NOTHING_TO_COUNT)
    middle = len(days) // 2
    return Fraction(days[middle]) if len(days) % 2 else Fraction(days[middle - 1] + days[middle], 2)


def _figure(
    name: str, value: Exact, numerator: Exact, denominator: Exact, formula: Formula, beside: str
) -> Figure:
    shown = f"算出できない({value.reason})" if isinstance(value, Missing) else spoken(value, "日")
    return Figure(
        name, value, numerator, denominator, formula, f"{name}は{shown}({beside})。{formula.text}", "日"
    )
