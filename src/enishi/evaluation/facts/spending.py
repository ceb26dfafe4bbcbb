"""What the money of a programme goes for: 委託料, 需用費 …, out of the codes that pay for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from enishi.budgets.dividing import WHOLE_BP
from enishi.budgets.enums import Level
from enishi.budgets.models import BudgetCode
from enishi.budgets.selectors import CodeShare

SHOWN = 3


def kinds_of(codes: Mapping[int, Sequence[CodeShare]]) -> dict[int, list[tuple[str, int]]]:
    """For each programme the largest 節 in percent of all. One query, however many programmes.

    As settled, or as budgeted until then. A fixed amount is taken out of a code as a whole and tells no 節.
    """
    paying = {share.code.pk for shares in codes.values() for share in shares}
    if not paying:
        return {}
    rows = BudgetCode.objects.filter(parent__in=paying, level=Level.SETSU).select_related("total")
    below: dict[int, list[BudgetCode]] = defaultdict(list)
    for row in rows.filter(total__isnull=False).order_by("path"):
        below[row.parent_id or 0].append(row)
    return {key: _largest(shares, below) for key, shares in codes.items()}


def _largest(shares: Sequence[CodeShare], below: Mapping[int, Sequence[BudgetCode]]) -> list[tuple[str, int]]:
    found: dict[str, int] = defaultdict(int)
    for share in shares:
        parts = [share.code] if share.code.level == Level.SETSU else below.get(share.code.pk, [])
        for code in parts:
            found[code.name] += _yen(code) * (share.allocation.share_bp or 0) // WHOLE_BP
    whole = sum(yen for yen in found.values() if yen > 0)
    largest = sorted(found.items(), key=lambda each: -each[1])[:SHOWN]
    rounded = [(name, round(yen * 100 / whole)) for name, yen in largest if yen > 0]
    return [(name, percent) for name, percent in rounded if percent]


def _yen(code: BudgetCode) -> int:
    total = getattr(code, "total", None)
    if total is None:
        return 0
    return int(total.settlement_yen if total.settlement_yen is not None else total.current_yen or 0)
