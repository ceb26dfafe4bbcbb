"""Sums of entries from the narrowest code up to the widest, and the rules B1 and B2 they have to keep. No database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from enishi.budgets.enums import CURRENT_PARTS, Stage

Path: TypeAlias = str
Sums: TypeAlias = dict[str, int]
PARTS = tuple(stage.value for stage in CURRENT_PARTS)
VOTED_DEPTH = 4
"""Account, 款, 項, 目: as many parts has the path of a 目."""


@dataclass
class Raw:
    """What entries of a year sum to on one code itself: by stage, and 査定 by its round."""

    sums: Sums = field(default_factory=dict)
    assessments: dict[int, int] = field(default_factory=dict)

    def add(self, stage: str, round_no: int, amount: int) -> None:
        if stage == Stage.ASSESSMENT.value:
            self.assessments[round_no] = self.assessments.get(round_no, 0) + amount
        else:
            self.sums[stage] = self.sums.get(stage, 0) + amount


@dataclass(frozen=True)
class Breach:
    """A code on which more is spent than the rules allow."""

    path: Path
    rule: str
    amount: int
    limit: int | None


def own_sums(raw: Mapping[Path, Raw]) -> dict[Path, Sums]:
    """By code, without what lies below. Of several 査定 only the last of the account counts: each says the whole anew."""
    last: dict[str, int] = {}
    for path, row in raw.items():
        if row.assessments:
            account = path.partition("-")[0]
            last[account] = max(last.get(account, 0), *row.assessments)
    found = {}
    for path, row in raw.items():
        sums = dict(row.sums)
        latest = row.assessments.get(last.get(path.partition("-")[0], 0))
        if latest is not None:
            sums[Stage.ASSESSMENT.value] = latest
        found[path] = sums
    return found


def rolled_up(own: Mapping[Path, Sums], paths: Iterable[Path]) -> dict[Path, Sums]:
    """Each code with everything below it. ``paths`` names all codes; the accounts themselves are left out."""
    totals: dict[Path, Sums] = {path: {} for path in paths}
    for path, sums in own.items():
        above = path
        while above in totals or "-" in above:
            if above in totals:
                total = totals[above]
                for stage, amount in sums.items():
                    total[stage] = total.get(stage, 0) + amount
            above = above.rpartition("-")[0]
    return totals


def current(sums: Mapping[str, int]) -> int | None:
    """B1: 予算現額 = 当初 + Σ補正 + 繰越 ± 流用 + 予備費充用; ``None`` where no budget was recorded."""
    if not any(part in sums for part in PARTS):
        return None
    return sum(sums.get(part, 0) for part in PARTS)


def breaches(totals: Mapping[Path, Sums]) -> list[Breach]:
    """B2: 支出 ≤ 支出負担行為 ≤ 予算現額, and nothing spent at 款項目 that has no budget."""
    return [found for path in sorted(totals) for found in _breaches_of(path, totals[path])]


def _breaches_of(path: Path, sums: Mapping[str, int]) -> list[Breach]:
    now, committed, spent = current(sums), sums.get(Stage.COMMITMENT), sums.get(Stage.SPENDING)
    found = []
    if now is None:
        if path.count("-") < VOTED_DEPTH and (committed is not None or spent is not None):
            found.append(Breach(path, "no_budget", spent if spent is not None else committed or 0, None))
        return found
    if committed is not None and committed > now:
        found.append(Breach(path, "commitment_over_current", committed, now))
    if spent is not None and spent > now:
        found.append(Breach(path, "spending_over_current", spent, now))
    if spent is not None and committed is not None and spent > committed:
        found.append(Breach(path, "spending_over_commitment", spent, committed))
    return found
