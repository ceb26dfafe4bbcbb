"""What a unit of output costs, and how much of a budget was spent."""

from __future__ import annotations

from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import (
    Amount,
    Figure,
    Formula,
    Missing,
    exact,
    exact_or_missing,
    ratio,
    spoken,
)

UNIT_COST = Formula("unit_cost", 1, "(配分された事業費 + 人件費) ÷ 産出量")
EXECUTION_RATE = Formula("execution_rate", 1, "支出済額 ÷ 予算現額")


def unit_cost(*, allocated_yen: int, fte_cost_yen: int, output: Amount, output_unit: str = "単位") -> Figure:
    """Return the full cost of one unit of output in yen, unrounded; missing where nothing came out.

    Parameters
    ----------
    allocated_yen, fte_cost_yen : int, yen, zero or more

    Examples
    --------
    >>> cost = unit_cost(allocated_yen=9_000_000, fte_cost_yen=3_000_000, output=400, output_unit="件")
    >>> cost.value, cost.explanation
    (Fraction(30000, 1), '単位コストは30,000円 = 12,000,000 ÷ 400。事業費9,000,000円と人件費3,000,000円を400件で割る')
    """
    full = _yen(allocated_yen, "allocated_yen") + _yen(fte_cost_yen, "fte_cost_yen")
    produced = exact_or_missing(output, "output")
    if not isinstance(produced, Missing) and produced < 0:
        raise InvalidInputError("output", "cannot be negative")
    detail = f"事業費{allocated_yen:,}円と人件費{fte_cost_yen:,}円を{spoken(produced, output_unit)}で割る"
    return ratio("単位コスト", full, produced, UNIT_COST, if_zero="産出量が0", detail=detail, unit="円")


def execution_rate(*, spent_yen: int, budget_yen: int) -> Figure:
    """Return spent ÷ current budget (当初 + 補正 + 繰越 ± 流用 + 予備費充用).

    More spent than budgeted is computed all the same: the breach (B2) is for the ledger to refuse.

    >>> execution_rate(spent_yen=900, budget_yen=1_000).percent()
    Decimal('90.0')
    """
    spent, budget = _yen(spent_yen, "spent_yen"), _yen(budget_yen, "budget_yen")
    return ratio("執行率", spent, budget, EXECUTION_RATE, if_zero="予算現額が0", detail="円単位の額で計算")


def _yen(value: int, field: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInputError(field, "yen are whole numbers")
    if value < 0:
        raise InvalidInputError(field, "cannot be negative")
    return exact(value, field)
