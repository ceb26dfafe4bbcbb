"""Two years side by side: codes that are the same purpose stand together, also where one was split or several joined."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enishi.budgets.enums import Level
from enishi.budgets.models import BudgetCode, CodeEquivalence
from enishi.organizations.models import Organization


@dataclass(frozen=True)
class Pair:
    """A purpose: its codes in the earlier and in the later year, and what they hold at one stage."""

    old: tuple[BudgetCode, ...]
    new: tuple[BudgetCode, ...]
    old_yen: int | None
    new_yen: int | None
    is_linked: bool
    """Somebody said that they belong together; otherwise they have the same code."""

    @property
    def change(self) -> int | None:
        if self.old_yen is None and self.new_yen is None:
            return None
        return (self.new_yen or 0) - (self.old_yen or 0)


def pairs(
    house: Organization,
    old_year: int,
    new_year: int,
    level: Level,
    stage: str,
    *,
    old_stage: str | None = None,
) -> list[Pair]:
    """Every code of the level in either year, exactly once. Four queries."""
    old = _codes(house, old_year, level)
    new = _codes(house, new_year, level)
    links = [
        (link.old_id, link.new_id)
        for link in CodeEquivalence.objects.filter(old__in=old.keys(), new__in=new.keys())
    ]
    found = []
    for olds, news, linked in groups(
        {key: code.path for key, code in old.items()}, {key: code.path for key, code in new.items()}, links
    ):
        left, right = [old[key] for key in olds], [new[key] for key in news]
        found.append(
            Pair(tuple(left), tuple(right), _sum(left, old_stage or stage), _sum(right, stage), linked)
        )
    return sorted(found, key=lambda pair: min(code.path for code in (*pair.new, *pair.old)))


def _codes(house: Organization, year: int, level: Level) -> dict[int, BudgetCode]:
    rows = BudgetCode.objects.listed().filter(organization=house, fiscal_year=year, level=level)
    return {row.pk: row for row in rows.select_related("total").order_by("path")}


def _sum(codes: Sequence[BudgetCode], stage: str) -> int | None:
    amounts = [code.total.amount(stage) for code in codes if hasattr(code, "total")]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def groups(
    old: Mapping[int, str], new: Mapping[int, str], links: Sequence[tuple[int, int]]
) -> list[tuple[list[int], list[int], bool]]:
    """Keys that belong together: by what somebody linked, and by the same path for whatever nobody linked.

    >>> groups({1: "01-01", 2: "01-02"}, {8: "01-01", 9: "01-03"}, [(2, 9)])
    [([2], [9], True), ([1], [8], False)]
    >>> groups({1: "01-01"}, {8: "01-01", 9: "01-02"}, [(1, 8), (1, 9)])
    [([1], [8, 9], True)]
    """
    neighbours: dict[tuple[str, int], set[tuple[str, int]]] = defaultdict(set)
    for left, right in links:
        neighbours["old", left].add(("new", right))
        neighbours["new", right].add(("old", left))
    seen: set[tuple[str, int]] = set()
    found = []
    for start in list(neighbours):
        if start in seen:
            continue
        together, edge = {start}, [start]
        while edge:
            for other in neighbours[edge.pop()] - together:
                together.add(other)
                edge.append(other)
        seen |= together
        found.append(
            (
                sorted(key for side, key in together if side == "old"),
                sorted(key for side, key in together if side == "new"),
                True,
            )
        )
    by_path = {path: key for key, path in new.items() if ("new", key) not in seen}
    for key, path in old.items():
        if ("old", key) not in seen:
            match = by_path.pop(path, None)
            found.append(([key], [match] if match is not None else [], False))
    return found + [([], [key], False) for key in by_path.values()]
