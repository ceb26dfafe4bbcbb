"""How far an indicator has come: towards its final target, and towards the target of the year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.series import Direction, Series, Target, YearValue, latest_value, value_of_year
from enishi.engines.progress.values import (
    Amount,
    Because,
    Exact,
    Figure,
    Formula,
    Missing,
    Number,
    exact,
    exact_or_missing,
    ratio,
    spoken,
)

PROGRESS = Formula("progress", 1, "(実績値 − 基準値) ÷ (最終目標値 − 基準値)")
YEAR_ATTAINMENT = Formula("year_attainment", 1, "(実績値 − 基準値) ÷ (年度目標値 − 基準値)")
DISTANCE = Formula("distance", 1, "目標(範囲)から離れた幅 ÷ 許容幅。1以下なら達成")
DONE = Formula("done", 1, "済=1、未=0")


class SimpleRate(StrEnum):
    """Variants of 単純達成率 that forms ask for; the variant's formula is printed with the number."""

    VALUE_BY_TARGET = "v/t"
    TARGET_BY_VALUE = "t/v"
    TWO_MINUS = "2-v/t"


SIMPLE_FORMULAS = {
    SimpleRate.VALUE_BY_TARGET: Formula("simple_rate_up", 1, "実績値 ÷ 目標値"),
    SimpleRate.TARGET_BY_VALUE: Formula("simple_rate_down_inverse", 1, "目標値 ÷ 実績値"),
    SimpleRate.TWO_MINUS: Formula("simple_rate_down_mirror", 1, "2 − 実績値 ÷ 目標値"),
}


def progress(
    *, direction: Direction, baseline: Amount, target: Number, value: Amount, unit: str = ""
) -> Figure:
    """Return the way covered from baseline to final target; below 0 and above 1 stay as they are.

    Parameters
    ----------
    direction : UP or DOWN
    baseline, target, value : Decimal, int, Fraction or Missing, all in ``unit``

    Returns
    -------
    Figure, a rate (1 is 100 %)

    Raises
    ------
    InvalidInputError
        If the target lies on the wrong side of the baseline, or the direction is not UP or DOWN.

    Notes
    -----
    (v − b) ÷ (t − b). Dividing the value by the target would call a decline of a falling indicator a success.

    Examples
    --------
    >>> from decimal import Decimal
    >>> progress(direction=Direction.UP, baseline=Decimal(60), target=Decimal(80), value=Decimal(70)).value
    Fraction(1, 2)
    >>> progress(direction=Direction.DOWN, baseline=Decimal(100), target=Decimal(60), value=Decimal(110)).value
    Fraction(-1, 4)
    """
    return _way(
        "進捗率", PROGRESS, direction, exact_or_missing(baseline, "baseline"), exact(target, "target"),
        exact_or_missing(value, "value"), unit, (),
    )  # fmt: skip


def year_attainment(
    *,
    direction: Direction,
    baseline: Amount,
    target_of_year: Number,
    value: Amount,
    interpolated: bool = False,
    unit: str = "",
) -> Figure:
    """Return the way covered towards the target of the year; an interpolated target is marked 補間.

    >>> from decimal import Decimal
    >>> half_way = year_attainment(
    ...     direction=Direction.UP, baseline=Decimal(60), target_of_year=Decimal(70), value=Decimal(69), interpolated=True
    ... )
    >>> half_way.value, half_way.marks
    (Fraction(9, 10), ('補間',))
    """
    return _way(
        "年度達成率", YEAR_ATTAINMENT, direction, exact_or_missing(baseline, "baseline"),
        exact(target_of_year, "target_of_year"), exact_or_missing(value, "value"), unit,
        ("補間",) if interpolated else (),
    )  # fmt: skip


def simple_rate(
    *, direction: Direction, target: Number, value: Amount, variant: SimpleRate | None = None
) -> Figure:
    """Return the plain rate some forms require, with the formula to print on the form.

    Parameters
    ----------
    variant : for DOWN either ``TARGET_BY_VALUE`` (default) or ``TWO_MINUS``; for UP only ``VALUE_BY_TARGET``

    Raises
    ------
    InvalidInputError
        If the variant does not belong to the direction.

    Examples
    --------
    >>> from decimal import Decimal
    >>> simple_rate(direction=Direction.DOWN, target=Decimal(60), value=Decimal(80)).value
    Fraction(3, 4)
    >>> simple_rate(direction=Direction.DOWN, target=60, value=80, variant=SimpleRate.TWO_MINUS).value
    Fraction(2, 3)
    """
    chosen = _variant(direction, variant)
    goal, reached = exact(target, "target"), exact_or_missing(value, "value")
    top, bottom = _simple_parts(direction, chosen, goal, reached)
    return ratio(
        "単純達成率", top, bottom, SIMPLE_FORMULAS[chosen], detail=f"式: {SIMPLE_FORMULAS[chosen].text}"
    )


def distance(*, lower: Number, upper: Number, tolerance: Number, value: Amount, unit: str = "") -> Figure:
    """Return how far a value lies outside the interval it should keep to, in tolerances; 1 or less is 達成.

    KEEP is an interval of no width around the target. Without a tolerance only the interval itself counts.

    >>> from decimal import Decimal
    >>> distance(lower=50, upper=50, tolerance=Decimal(2), value=Decimal(53)).value
    Fraction(3, 2)
    >>> distance(lower=20, upper=25, tolerance=0, value=Decimal(22)).value
    Fraction(0, 1)
    """
    low, high, width = exact(lower, "lower"), exact(upper, "upper"), exact(tolerance, "tolerance")
    if low > high or width < 0:
        raise InvalidInputError(
            "lower" if low > high else "tolerance", "bounds and tolerance must make an interval"
        )
    reached = exact_or_missing(value, "value")
    apart: Exact = (
        reached if isinstance(reached, Missing) else max(low - reached, reached - high, Fraction(0))
    )
    place = spoken(low, unit) if low == high else f"{spoken(low, unit)}〜{spoken(high, unit)}"
    detail = f"目標は{place}、許容幅は{spoken(width, unit)}、実績は{spoken(reached, unit)}"
    if apart == 0:
        return Figure("離れ具合", Fraction(0), Fraction(0), width, DISTANCE, f"目標の範囲内。{detail}", "倍")
    return ratio("離れ具合", apart, width, DISTANCE, if_zero=Because.NO_TOLERANCE, detail=detail, unit="倍")


def target_of_year(series: Series, fiscal_year: int) -> tuple[Exact, bool]:
    """Return the target of a year and whether it was interpolated between the given ones.

    The path runs straight from the baseline's year through the given targets; beyond the last there is none.

    >>> from enishi.engines.progress.series import Baseline
    >>> plan = Series(Direction.UP, baseline=Baseline(2024, 60), targets=(Target(2028, 80),))
    >>> target_of_year(plan, 2026)
    (Fraction(70, 1), True)
    """
    return TargetPath.of(series).at(fiscal_year)


@dataclass(frozen=True, slots=True)
class TargetPath:
    """The given targets by year, and the points the straight lines run between: those and the baseline."""

    given: Mapping[int, Fraction]
    points: Mapping[int, Fraction]

    @classmethod
    def of(cls, series: Series) -> TargetPath:
        given = {
            each.fiscal_year: exact(each.value, "target") for each in series.targets if each.value is not None
        }
        points = dict(given)
        if series.baseline and not isinstance(series.baseline.value, Missing):
            points.setdefault(series.baseline.fiscal_year, exact(series.baseline.value, "baseline"))
        return cls(given, points)

    def at(self, fiscal_year: int) -> tuple[Exact, bool]:
        """Return the target of a year and whether it was interpolated; the baseline's own year has none."""
        if fiscal_year in self.given:
            return self.given[fiscal_year], False
        before = max((year for year in self.points if year < fiscal_year), default=None)
        after = min((year for year in self.points if year > fiscal_year), default=None)
        if before is None or after is None or fiscal_year in self.points:
            return Missing(Because.NO_TARGET), False
        start, end = self.points[before], self.points[after]
        return start + (end - start) * Fraction(fiscal_year - before, after - before), True


def series_progress(series: Series, *, as_of: int, allow_provisional: bool = False) -> Figure:
    """Return the progress of an indicator with its latest confirmed value up to a fiscal year.

    KEEP and RANGE give the distance, BINARY gives 1 or 0.
    """
    reached = latest_value(series, as_of=as_of, allow_provisional=allow_provisional)
    final = series.final_target
    if final is None:
        return _nothing("進捗率", PROGRESS, Because.NO_TARGET)
    return _towards(series, final, reached, "進捗率", PROGRESS, interpolated=False)


def series_year_attainment(series: Series, *, fiscal_year: int, allow_provisional: bool = False) -> Figure:
    """Return the attainment of a fiscal year's target with that year's own value; never with another year's."""
    reached = value_of_year(series, fiscal_year, allow_provisional=allow_provisional)
    if series.direction in (Direction.KEEP, Direction.RANGE, Direction.BINARY):
        held = target_in_force(series, fiscal_year)
        if held is None:
            return _nothing("年度達成率", YEAR_ATTAINMENT, Because.NO_TARGET)
        return _towards(series, held, reached, "年度達成率", YEAR_ATTAINMENT, interpolated=False)
    goal, interpolated = target_of_year(series, fiscal_year)
    if isinstance(goal, Missing):
        return _nothing("年度達成率", YEAR_ATTAINMENT, goal.reason)
    target = Target(fiscal_year, goal)
    return _towards(series, target, reached, "年度達成率", YEAR_ATTAINMENT, interpolated=interpolated)


def _towards(
    series: Series, target: Target, reached: YearValue, name: str, formula: Formula, *, interpolated: bool
) -> Figure:
    if series.direction in (Direction.KEEP, Direction.RANGE):
        low, high = target.bounds
        return distance(
            lower=low, upper=high, tolerance=series.tolerance, value=reached.value, unit=series.unit
        )
    if target.value is None:
        raise InvalidInputError("target", f"{series.direction} needs a value, not bounds")
    if series.direction is Direction.BINARY:
        return _done(reached)
    baseline = _comparable_baseline(series, reached)
    marks = (*(("補間",) if interpolated else ()), *reached.marks)
    return _way(
        name,
        formula,
        series.direction,
        baseline,
        exact(target.value, "target"),
        reached.value,
        series.unit,
        marks,
    )


def _comparable_baseline(series: Series, reached: YearValue) -> Exact:
    if series.baseline is None:
        return Missing(Because.NO_BASELINE)
    if isinstance(reached.value, Missing):
        return exact_or_missing(series.baseline.value, "baseline")
    if not series.comparable(series.baseline.definition, reached.definition):
        return Missing(Because.DEFINITION_CHANGED)
    return exact_or_missing(series.baseline.value, "baseline")


def target_in_force(series: Series, fiscal_year: int) -> Target | None:
    """KEEP, RANGE and BINARY are not paths: the last target set holds; before the first, the first is what is due."""
    past = [each for each in series.targets if each.fiscal_year <= fiscal_year]
    if past:
        return max(past, key=lambda each: each.fiscal_year)
    return min(series.targets, key=lambda each: each.fiscal_year, default=None)


def _done(reached: YearValue) -> Figure:
    value = reached.value
    if isinstance(value, Missing):
        return Figure("実施", value, value, Fraction(1), DONE, f"実施したかは{value}", marks=reached.marks)
    if value not in (0, 1):
        raise InvalidInputError("value", "BINARY takes 1 (済) or 0 (未)")
    return Figure(
        "実施",
        value,
        value,
        Fraction(1),
        DONE,
        "実施済み" if value else "まだ実施していない",
        marks=reached.marks,
    )


def _way(
    name: str,
    formula: Formula,
    direction: Direction,
    baseline: Exact,
    target: Fraction,
    value: Exact,
    unit: str,
    marks: tuple[str, ...],
) -> Figure:
    if direction not in (Direction.UP, Direction.DOWN):
        raise InvalidInputError("direction", f"{direction} has no way to cover; use distance")
    if isinstance(baseline, Missing):
        return _nothing(name, formula, baseline.reason, marks)
    _refuse_wrong_side(direction, baseline, target)
    top = value if isinstance(value, Missing) else value - baseline
    detail = f"基準{spoken(baseline, unit)}、目標{spoken(target, unit)}、実績{spoken(value, unit)}"
    bottom = target - baseline
    return ratio(name, top, bottom, formula, if_zero=Because.TARGET_IS_BASELINE, detail=detail, marks=marks)


def _refuse_wrong_side(direction: Direction, baseline: Fraction, target: Fraction) -> None:
    better = target - baseline if direction is Direction.UP else baseline - target
    if better < 0:
        raise InvalidInputError("target", f"{direction} の指標なのに、目標が基準より悪い側にある")


def _nothing(name: str, formula: Formula, reason: str, marks: tuple[str, ...] = ()) -> Figure:
    missing = Missing(reason)
    return Figure(name, missing, missing, missing, formula, f"{name}は算出できない({reason})", marks=marks)


def _variant(direction: Direction, variant: SimpleRate | None) -> SimpleRate:
    if direction is Direction.DOWN:
        if variant is SimpleRate.VALUE_BY_TARGET:
            raise InvalidInputError("variant", "v/t calls a worsening DOWN indicator a success")
        return variant or SimpleRate.TARGET_BY_VALUE
    if variant not in (None, SimpleRate.VALUE_BY_TARGET):
        raise InvalidInputError("variant", f"{variant} is for DOWN")
    return SimpleRate.VALUE_BY_TARGET


def _simple_parts(
    direction: Direction, variant: SimpleRate, target: Fraction, value: Exact
) -> tuple[Exact, Exact]:
    if direction not in (Direction.UP, Direction.DOWN):
        nothing = Missing(Because.NOT_FOR_THIS_DIRECTION)
        return nothing, nothing
    if isinstance(value, Missing):
        return value, target
    if value < 0 or target < 0:
        return Missing(Because.NEGATIVE), target
    if variant is SimpleRate.TWO_MINUS:
        return 2 * target - value, target
    return (target, value) if variant is SimpleRate.TARGET_BY_VALUE else (value, target)
