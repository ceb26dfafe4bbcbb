"""Rates of the kind "how many of them": logic models introduced, proposals agreed, and any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import Because, Figure, Formula, ratio

LOGIC_MODEL_RATE = Formula(
    "logic_model_rate", 1, "承認済みでL1〜L5を満たすロジックモデルのある単位 ÷ 対象の単位"
)
COHORT_RATE = Formula(
    "closing_rate_cohort", 1, "その年度に受け付けた提案のうち契約・協定に至った数 ÷ 受け付けて決定済みの数"
)
PERIOD_RATE = Formula("closing_rate_period", 1, "その年度の契約・協定の数 ÷ その年度の決定の数")


class ModelState(StrEnum):
    """The logic model of a unit."""

    NONE = "なし"
    DRAFT = "作成中"
    APPROVED = "承認済み"


@dataclass(frozen=True, slots=True)
class Unit:
    """A 施策 or 事務事業; internal administration is out of scope by rule. ``failed`` names the broken rules L1–L5."""

    key: str
    state: ModelState = ModelState.NONE
    failed: tuple[str, ...] = ()
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class LogicModelRate:
    rate: Figure
    valid: tuple[str, ...]
    drafts: tuple[str, ...]
    invalid: dict[str, tuple[str, ...]]
    without: tuple[str, ...]
    out_of_scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalFate:
    """When a proposal came, when it was decided, and what it became (fiscal years)."""

    key: str
    received_fiscal_year: int
    decided_fiscal_year: int | None = None
    agreed: bool = False
    refusal_reason: str = ""

    def __post_init__(self) -> None:
        if self.agreed and self.decided_fiscal_year is None:
            raise InvalidInputError("decided_fiscal_year", "an agreed proposal has been decided")


@dataclass(frozen=True, slots=True)
class ClosingRate:
    cohort: Figure
    period: Figure
    pending: int
    refusal_reasons: dict[str, int]


def share(*, name: str, part: int, whole: int, formula: Formula, detail: str = "") -> Figure:
    """Return how many of them, as a rate.

    Raises
    ------
    InvalidInputError
        If the part is negative or larger than the whole, or either is not a whole number.

    Examples
    --------
    >>> share(name="ロジックモデル導入割合", part=81, whole=173, formula=LOGIC_MODEL_RATE).percent()
    Decimal('46.8')
    """
    for field, value in (("part", part), ("whole", whole)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InvalidInputError(field, "needs a whole number, zero or more")
    if part > whole:
        raise InvalidInputError("part", "is larger than the whole")
    return ratio(
        name, Fraction(part), Fraction(whole), formula, if_zero=Because.NOTHING_TO_COUNT, detail=detail
    )


def logic_model_rate(units: Sequence[Unit]) -> LogicModelRate:
    """Return ロジックモデル導入割合 with the drafts and the invalid ones, each with the rules it breaks.

    >>> found = logic_model_rate([Unit("a", ModelState.APPROVED), Unit("b", ModelState.APPROVED, ("L4",)), Unit("c")])
    >>> found.rate.value, found.invalid
    (Fraction(1, 3), {'b': ('L4',)})
    """
    if len({unit.key for unit in units}) != len(units):
        raise InvalidInputError("units", "the same unit twice")
    scope = [unit for unit in units if unit.in_scope]
    approved = [unit for unit in scope if unit.state is ModelState.APPROVED]
    valid = tuple(unit.key for unit in approved if not unit.failed)
    drafts = tuple(unit.key for unit in scope if unit.state is ModelState.DRAFT)
    detail = f"作成中{len(drafts)}件、規則を満たさない{len(approved) - len(valid)}件"
    return LogicModelRate(
        rate=share(
            name="ロジックモデル導入割合",
            part=len(valid),
            whole=len(scope),
            formula=LOGIC_MODEL_RATE,
            detail=detail,
        ),
        valid=valid,
        drafts=drafts,
        invalid={unit.key: unit.failed for unit in approved if unit.failed},
        without=tuple(unit.key for unit in scope if unit.state is ModelState.NONE),
        out_of_scope=tuple(unit.key for unit in units if not unit.in_scope),
    )


def closing_rate(proposals: Sequence[ProposalFate], *, fiscal_year: int) -> ClosingRate:
    """Return 提案成約率 of a fiscal year: by those received in it (headline) and by those decided in it.

    >>> fates = [ProposalFate("a", 2026, 2026, agreed=True), ProposalFate("b", 2026, 2026), ProposalFate("c", 2026)]
    >>> found = closing_rate(fates, fiscal_year=2026)
    >>> found.cohort.value, found.pending
    (Fraction(1, 2), 1)
    """
    received = [each for each in proposals if each.received_fiscal_year == fiscal_year]
    settled = [each for each in received if each.decided_fiscal_year is not None]
    decided = [each for each in proposals if each.decided_fiscal_year == fiscal_year]
    reasons = Counter(each.refusal_reason or "理由の記録なし" for each in settled if not each.agreed)
    pending = len(received) - len(settled)
    return ClosingRate(
        cohort=share(
            name="提案成約率",
            part=_agreed(settled),
            whole=len(settled),
            formula=COHORT_RATE,
            detail=f"決定前{pending}件",
        ),
        period=share(name="提案成約率(期間)", part=_agreed(decided), whole=len(decided), formula=PERIOD_RATE),
        pending=pending,
        refusal_reasons=dict(reasons),
    )


def _agreed(proposals: Sequence[ProposalFate]) -> int:
    return sum(1 for each in proposals if each.agreed)
