"""Places in a tree as text: four digits for each step, so that sorting the text walks the tree.

>>> path_of([3, 12])
'00030012'
>>> is_below("00030012", "0003"), is_below("0003", "0003")
(True, False)
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

STEP = 4
DEEPEST = 8
MOST_SIBLINGS = 10**STEP - 1

KeyT = TypeVar("KeyT", bound=Hashable)


def path_of(steps: Sequence[int]) -> str:
    return "".join(f"{step:0{STEP}d}" for step in steps)


def depth_of(path: str) -> int:
    return len(path) // STEP


def parent_of(path: str) -> str:
    return path[:-STEP]


def last_below(path: str) -> str:
    """The greatest text that can lie under this path."""
    return path + "9" * (STEP * DEEPEST - len(path))


def is_below(path: str, upper: str) -> bool:
    return len(path) > len(upper) and path.startswith(upper)


def child(parent: str, position: int) -> str:
    return f"{parent}{position:0{STEP}d}"


def replanted(path: str, old: str, new: str) -> str:
    """Where a branch goes when what is above it moves.

    >>> replanted("000300120001", "00030012", "0001")
    '00010001'
    """
    return new + path[len(old) :]


def cycle_in(parents: Iterable[tuple[KeyT, KeyT | None]]) -> list[KeyT]:
    """The members of one ring, where somebody is their own ancestor; empty for a proper forest (I2).

    >>> cycle_in([("a", None), ("b", "a"), ("c", "b")])
    []
    >>> sorted(cycle_in([("a", "c"), ("b", "a"), ("c", "b")]))
    ['a', 'b', 'c']
    """
    above = dict(parents)
    safe: set[KeyT] = set()
    for start in above:
        trail: list[KeyT] = []
        seen: set[KeyT] = set()
        here: KeyT | None = start
        while here is not None and here in above and here not in safe:
            if here in seen:
                return trail[trail.index(here) :]
            trail.append(here)
            seen.add(here)
            here = above[here]
        safe |= seen
    return []
