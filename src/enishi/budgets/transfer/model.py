"""What a file of amounts says, read once and kept small: a million lines take some tens of megabytes."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from enishi.foundation.previews import Fault

MOST_FAULTS = 200
LEVELS = 7


@dataclass(frozen=True)
class AskedStage:
    """What is read for one stage: whose amounts, and on which day they fall where the file does not say."""

    stage: str
    dated_on: str
    amount: str
    """The heading of its amounts."""
    said: str = ""
    """What stands in its lines in the column of stages, where there is one."""


@dataclass(frozen=True)
class Ask:
    """How a file is to be read: for which year and stages, in which unit, which column is which."""

    fiscal_year: int
    columns: Mapping[str, str]
    """Headings by our names, without those of the amounts."""
    stages: tuple[AskedStage, ...]
    unit: int
    account_code: str
    code_layout: str = ""
    """What stands in the one column that names the whole code, where there is one."""
    stage_words: frozenset[str] = frozenset()
    """All that may stand in the column of stages, read now or not."""
    holds_several: bool = False
    """The file holds several stages: a blank amount is nothing rather than a fault."""


@dataclass(frozen=True)
class Place:
    """A code as a line names it: account, then one code for each level (empty where the level is skipped)."""

    account: str
    codes: tuple[str, ...]
    path: str
    names: tuple[str, ...]
    account_name: str
    row: int


@dataclass(frozen=True)
class Control:
    """A line of the file that says a sum. ``path`` is empty for the whole file; ``candidates`` where the line does not say of what."""

    row: int
    label: str
    amount: int
    path: str = ""
    candidates: tuple[str, ...] = ()


@dataclass
class Reading:
    """The lines as columns, and everything that has to be said about them."""

    places: list[Place] = field(default_factory=list)
    """All codes that the file names, with money of this stage or without: a 款 above its parts, another stage's code."""
    place_of: array[int] = field(default_factory=lambda: array("i"))
    amounts: array[int] = field(default_factory=lambda: array("q"))
    rows: array[int] = field(default_factory=lambda: array("I"))
    day_of: array[int] = field(default_factory=lambda: array("H"))
    days: list[str] = field(default_factory=list)
    resolutions: list[str] = field(default_factory=list)
    notes_of: list[str] = field(default_factory=list)
    funds: dict[tuple[int, str], int] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)
    """Places whose amounts turned out to be sums of what lies below them."""
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    remarks: list[str] = field(default_factory=list)
    revenue_rows: int = 0
    encoding: str = ""

    def refuse(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)

    @property
    def count(self) -> int:
        return len(self.amounts)

    def sums(self) -> dict[str, int]:
        """Yen by path of the code itself."""
        by_place = [0] * len(self.places)
        for place, amount in zip(self.place_of, self.amounts, strict=True):
            by_place[place] += amount
        used = set(self.place_of) - self.dropped
        return {self.places[index].path: by_place[index] for index in sorted(used)}

    @property
    def total(self) -> int:
        return sum(self.sums().values())

    def names(self) -> dict[str, str]:
        """Names by path, accounts too; a line that names a 款 alone names it for all below."""
        found: dict[str, str] = {}
        for place in self.places:
            path = place.account
            if place.account_name:
                found.setdefault(path, place.account_name)
            for code, name in zip(place.codes, place.names, strict=True):
                if code:
                    path = f"{path}-{code}"
                    if name:
                        found.setdefault(path, name)
        return found


def ancestors(path: str) -> list[str]:
    """The path, and all above it up to the account.

    >>> ancestors("01-03-02")
    ['01-03-02', '01-03', '01']
    """
    parts: Sequence[str] = path.split("-")
    return ["-".join(parts[:depth]) for depth in range(len(parts), 0, -1)]


def rolled(sums: Mapping[str, int]) -> dict[str, int]:
    """Sums of each code with all below it, the accounts, and the whole (under the empty path)."""
    found: dict[str, int] = {"": 0}
    for path, amount in sums.items():
        found[""] += amount
        for above in ancestors(path):
            found[above] = found.get(above, 0) + amount
    return found
