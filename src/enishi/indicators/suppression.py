"""Which parts of a number stay hidden so that nobody finds a small one by adding and subtracting what is shown."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import combinations

Cell = frozenset[tuple[str, str]]


def cell_of(dims: str) -> Cell:
    """地区=北;性別=男 as its places, in whatever order they stand."""
    pairs = (part.partition("=") for part in dims.split(";"))
    return frozenset((name, value) for name, _sign, value in pairs)


def hidden_cells(sizes: Mapping[Cell, Decimal], limit: int) -> set[Cell]:
    """The parts to hide: those below the limit (zero tells nothing of anybody), and others that would give them away.

    Wherever parts add up to something that is shown, the total or a part of it (地区=北 over its 性別), the hidden ones
    must be two at least, and not all as small or all as large as a hidden one can be. More are hidden until that holds,
    the smallest first.
    """
    small = {cell for cell, size in sizes.items() if 0 < size < limit}
    hidden = set(small)
    sums = list(_sums(sizes))
    while True:
        told = next((group for group in sums if _tells(group & hidden, small, sizes, limit)), None)
        if told is None:
            return hidden
        shown = sorted(told - hidden, key=lambda cell: (sizes[cell] == 0, sizes[cell], sorted(cell)))
        if shown:
            hidden.add(shown[0])
        else:
            sums.remove(told)


def _sums(sizes: Iterable[Cell]) -> Iterable[frozenset[Cell]]:
    """Parts that together make the total, or make another part."""
    families: dict[frozenset[str], set[Cell]] = {}
    for cell in sizes:
        families.setdefault(frozenset(name for name, _value in cell), set()).add(cell)
    for names, family in families.items():
        for count in range(len(names)):
            for kept in combinations(sorted(names), count):
                groups: dict[Cell, set[Cell]] = {}
                for cell in family:
                    groups.setdefault(frozenset(pair for pair in cell if pair[0] in kept), set()).add(cell)
                yield from (
                    frozenset(group)
                    for whole, group in groups.items()
                    if not whole or whole in families.get(frozenset(kept), ())
                )


def _tells(
    hidden: set[Cell] | frozenset[Cell], small: set[Cell], sizes: Mapping[Cell, Decimal], limit: int
) -> bool:
    """Whether the hidden parts of a known sum can be worked out, knowing that small ones are hidden.

    One that was hidden to shield another must not be found either: with it the other would be.
    """
    if len(hidden) < 2:
        return len(hidden) == 1
    together = sum((sizes[cell] for cell in hidden), Decimal(0))
    return hidden <= small and together in (len(hidden), len(hidden) * (limit - 1))
