"""What each programme gets of the codes, and the explicit rest: worked out when entries or allocations change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from enishi.budgets import rolling
from enishi.budgets.dividing import WHOLE_BP, Part, divide
from enishi.budgets.enums import CURRENT_PARTS, Level, Stage
from enishi.budgets.models import (
    Allocation,
    BudgetCode,
    CodeTotal,
    ProgrammeMoney,
    Unallocated,
)
from enishi.budgets.rolling import Sums
from enishi.indicators.bulk import insert_rows

CHANGES = frozenset(stage.value for stage in CURRENT_PARTS if stage is not Stage.INITIAL)
"""A fixed amount takes no part in 補正, 繰越, 流用 and 予備費充用."""
UNALLOCATED = (
    "code",
    "share_bp",
    "path",
    "organization_id",
    "fiscal_year",
    *(stage.column for stage in Stage),
    "current_yen",
)


@dataclass
class Node:
    """A code with its sums, on the way down the tree."""

    key: int
    path: str
    level: int
    sums: Sums
    children: list["Node"] = field(default_factory=list)
    bears: bool = False
    """An allocation lies on it."""
    covers: bool = False
    """An allocation lies on it or below it."""


def share_out(organization_id: int, fiscal_year: int, *, within: str = "") -> None:
    """Divide the year's amounts among the programmes, below one code (``within`` is its path) or altogether."""
    nodes = _nodes(organization_id, fiscal_year, within)
    parts = _parts([node.key for node in nodes.values()] if within else None, organization_id, fiscal_year)
    _write_unallocated(organization_id, fiscal_year, within, nodes, parts)
    touched = {part.key for several in parts.values() for part in several}
    write_money(touched, organization_id, fiscal_year)


def share_out_around(code: BudgetCode) -> None:
    """After a change on one code: everything below its 目 is divided anew."""
    share_out(
        code.organization_id, code.fiscal_year, within="-".join(code.path.split("-")[: rolling.VOTED_DEPTH])
    )


def write_money(programme_year_ids: Iterable[int], organization_id: int, fiscal_year: int) -> None:
    """Sum up what each of these gets from all the codes that pay for it."""
    ids = sorted(set(programme_year_ids))
    codes: set[int] = set()
    for some in _chunks(ids):
        codes |= set(Allocation.objects.filter(programme_year_id__in=some).values_list("code_id", flat=True))
    money: dict[int, Sums] = defaultdict(dict)
    parts = _parts(sorted(codes), organization_id, fiscal_year)
    for code_id, sums in _sums_of(sorted(codes)).items():
        for stage, amount in sums.items():
            divided = divide(amount, parts[code_id], fixed_applies=stage not in CHANGES)
            for key, yen in divided.parts.items():
                money[key][stage] = money[key].get(stage, 0) + yen
    for some in _chunks(ids):
        ProgrammeMoney.objects.filter(programme_year_id__in=some).delete()
    wanted = set(ids)
    insert_rows(
        ProgrammeMoney,
        ("programme_year", "stage", "amount_yen"),
        (
            (key, stage, amount)
            for key, sums in money.items()
            if key in wanted
            for stage, amount in sums.items()
        ),
    )


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Few enough at a time for the parameters of one statement."""
    return (ids[start : start + 800] for start in range(0, len(ids), 800))


def _parts(code_ids: Sequence[int] | None, organization_id: int, fiscal_year: int) -> dict[int, list[Part]]:
    rows = Allocation.objects.filter(
        code__organization_id=organization_id, code__fiscal_year=fiscal_year
    ).order_by("code_id", "programme_year_id")
    found: dict[int, list[Part]] = defaultdict(list)
    names = ("code_id", "programme_year_id", "share_bp", "fixed_yen")
    if code_ids is None:
        several = [rows.values_list(*names)]
    else:
        several = [rows.filter(code_id__in=some).values_list(*names) for some in _chunks(code_ids)]
    for some in several:
        for code_id, key, share, fixed in some:
            found[code_id].append(Part(key, share, fixed))
    return found


def _sums_of(code_ids: Sequence[int]) -> dict[int, Sums]:
    found = {}
    for some in _chunks(code_ids):
        for row in CodeTotal.objects.filter(pk__in=some):
            found[row.pk] = sums_of(row)
    return found


def sums_of(row: Any) -> Sums:
    """The recorded amounts of a row with one column for each stage."""
    amounts = ((stage.value, row.amount(stage.value)) for stage in Stage)
    return {stage: amount for stage, amount in amounts if amount is not None}


def _nodes(organization_id: int, fiscal_year: int, within: str) -> dict[str, Node]:
    # What only a file taken back ever used has no money, nor a rest of it.
    rows = BudgetCode.objects.listed().filter(organization_id=organization_id, fiscal_year=fiscal_year)
    if within:
        rows = rows.filter(path=within) | rows.filter(path__startswith=f"{within}-")
    found: dict[str, Node] = {}
    for code in rows.select_related("total").order_by("path"):
        node = Node(code.pk, code.path, code.level, sums_of(code.total))
        found[code.path] = node
        parent = found.get(code.path.rpartition("-")[0])
        if parent is not None:
            parent.children.append(node)
    return found


def _write_unallocated(
    organization_id: int,
    fiscal_year: int,
    within: str,
    nodes: Mapping[str, Node],
    parts: Mapping[int, list[Part]],
) -> None:
    for node in nodes.values():
        node.bears = bool(parts.get(node.key))
    for node in reversed(list(nodes.values())):
        node.covers = node.bears or any(child.covers for child in node.children)
    old = Unallocated.objects.filter(organization_id=organization_id, fiscal_year=fiscal_year)
    if within:
        old = old.filter(path=within) | old.filter(path__startswith=f"{within}-")
    old.delete()
    inside = {child.path for node in nodes.values() for child in node.children}
    rows = (
        (node.key, share, node.path, organization_id, fiscal_year, *_columns(sums))
        for path, root in nodes.items()
        if path not in inside
        for node, share, sums in _rests(root, parts)
    )
    insert_rows(Unallocated, UNALLOCATED, list(rows))


def _columns(sums: Mapping[str, int]) -> tuple[int | None, ...]:
    return (*(sums.get(stage.value) for stage in Stage), rolling.current(sums))


def _rests(node: Node, parts: Mapping[int, list[Part]]) -> Iterator[tuple[Node, int, Sums]]:
    """What nobody claims: the rest of a shared code; whole codes that pay for no programme; amounts between the levels."""
    if node.bears:
        shares = sum(part.share_bp or 0 for part in parts[node.key])
        rests = {
            stage: divide(amount, parts[node.key], fixed_applies=stage not in CHANGES).rest
            for stage, amount in node.sums.items()
        }
        yield node, WHOLE_BP - shares, rests
    elif not node.covers and (node.level >= Level.JIGYO or _is_last(node)):
        yield node, WHOLE_BP, node.sums
    else:
        own = _own(node)
        if own:
            yield node, WHOLE_BP, own
        for child in node.children:
            yield from _rests(child, parts)


def _is_last(node: Node) -> bool:
    return all(child.level >= Level.SETSU for child in node.children)


def _own(node: Node) -> Sums:
    """What was entered on the code itself, beside what lies below."""
    left = dict(node.sums)
    for child in node.children:
        for stage, amount in child.sums.items():
            left[stage] = left.get(stage, 0) - amount
    return {stage: amount for stage, amount in left.items() if amount}
