"""Rows to the engine's input, the engine's output to what pages and sheets show."""

from decimal import ROUND_HALF_UP, Decimal

from enishi.engines import progress
from enishi.engines.progress import Figure, Missing


def personnel_yen(fte: Decimal | None, yen_per_fte: int | None) -> int | None:
    """人件費: 人工 × what one full-time member of staff costs, to the yen; ``None`` where either is unknown."""
    if fte is None or yen_per_fte is None:
        return None
    return int((fte * yen_per_fte).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def execution_rate(spent: int | None, current: int | None) -> Figure | None:
    """執行率 with its parents; ``None`` where nothing is recorded, or a sum is below zero and no rate says anything."""
    if spent is None or current is None or spent < 0 or current < 0:
        return None
    return progress.execution_rate(spent_yen=spent, budget_yen=current)


def unit_cost(
    *, spent: int | None, personnel: int | None, output: Decimal | None, output_unit: str
) -> Figure | None:
    """What one unit of output cost, with the work of the staff; ``None`` until the year's cost and output are known."""
    if spent is None or personnel is None or output is None or spent < 0 or output < 0:
        return None
    return progress.unit_cost(
        allocated_yen=spent, fte_cost_yen=personnel, output=output, output_unit=output_unit
    )


def in_percent(figure: Figure | None) -> Decimal | None:
    """One decimal place, or nothing to say."""
    if figure is None or isinstance(figure.value, Missing):
        return None
    return figure.percent()
