"""What came of evaluations: reviewed, scrapped, reflected in the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.values import Because, Exact, Figure, Formula, Missing, ratio

STRICT = Formula("reflection_strict", 1, "当初予算議決で「反映」の決定 ÷ 予算に関わる決定(継続を除く)")
LOOSE = Formula(
    "reflection_loose", 1, "当初予算議決で「反映」か「一部反映」の決定 ÷ 予算に関わる決定(継続を除く)"
)
YEN_WEIGHTED = Formula("reflection_yen", 1, "Σ|実現した増減額| ÷ Σ|決定した増減額|(向きが逆の増減は0)")
REVIEW_RATE = Formula("review_rate", 1, "改善・縮小・統合・休止・廃止の決定 ÷ 評価した事業")
SCRAP_RATE = Formula("scrap_rate", 1, "縮小・統合・休止・廃止の決定 ÷ 評価した事業")
EXPANSION_RATE = Formula("expansion_rate", 1, "拡充の決定 ÷ 評価した事業")
ENDED_RATE = Formula("ended_rate", 1, "終了の決定 ÷ 評価した事業")


class Course(StrEnum):
    """The direction of an improvement decision."""

    EXPAND = "拡充"
    CONTINUE = "継続"
    WATCH = "継続(経過観察)"
    IMPROVE = "改善"
    SHRINK = "縮小"
    MERGE = "統合"
    SUSPEND = "休止"
    ABOLISH = "廃止"
    END = "終了"


CONTINUED = frozenset({Course.CONTINUE, Course.WATCH})
SCRAPPED = frozenset({Course.SHRINK, Course.MERGE, Course.SUSPEND, Course.ABOLISH})
REVIEWED = SCRAPPED | {Course.IMPROVE}


class Reflection(StrEnum):
    """What the initial budget made of a decision."""

    FULL = "反映"
    PARTIAL = "一部反映"
    NONE = "未反映"
    LATER = "次年度以降"
    NOT_APPLICABLE = "対象外"


@dataclass(frozen=True, slots=True)
class Decision:
    """One improvement decision and its fate.

    ``reflection`` is the state at the vote on the initial budget of ``target_fiscal_year``; a later reflection by
    a supplementary budget is noted apart and never lifts the headline.
    """

    key: str
    course: Course
    budget_relevant: bool = True
    target_fiscal_year: int | None = None
    reflection: Reflection = Reflection.NONE
    reason: str = ""
    decided_yen: int | None = None
    realised_yen: int | None = None
    in_supplementary: bool = False

    def __post_init__(self) -> None:
        for field in ("decided_yen", "realised_yen"):
            value = getattr(self, field)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                raise InvalidInputError(field, "yen are whole numbers")


@dataclass(frozen=True, slots=True)
class ReflectionRate:
    """The strict headline, the loose figure beside it, the yen, and the list behind them."""

    strict: Figure
    loose: Figure
    yen_weighted: Figure
    counted: tuple[str, ...]
    left_out: dict[str, str]
    unreflected: dict[str, str]
    in_supplementary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewRate:
    """Reviewed and scrapped; 拡充 and 終了 are shown apart and count as neither."""

    reviewed: Figure
    scrapped: Figure
    expanded: Figure
    ended: Figure
    counts: dict[Course, int]


def reflection_rate(decisions: Sequence[Decision], *, fiscal_year: int) -> ReflectionRate:
    """Return 予算編成における行政評価結果の反映率 of a fiscal year.

    Counted are decisions that matter to the budget and aim at ``fiscal_year``, except 継続: to count what goes on as
    before would make the rate a matter of course. A decision marked 対象外 although it matters to the budget stays in the
    denominator, so that nobody can lift the rate by taking it out.

    Examples
    --------
    >>> decisions = [
    ...     Decision("a", Course.EXPAND, target_fiscal_year=2027, reflection=Reflection.FULL),
    ...     Decision("b", Course.IMPROVE, target_fiscal_year=2027, reflection=Reflection.PARTIAL),
    ...     Decision("c", Course.CONTINUE, target_fiscal_year=2027, reflection=Reflection.FULL),
    ... ]
    >>> found = reflection_rate(decisions, fiscal_year=2027)
    >>> found.strict.value, found.loose.value, found.left_out
    (Fraction(1, 2), Fraction(1, 1), {'c': '継続は数えない'})
    """
    _refuse_twice(decisions)
    left_out = {each.key: why for each in decisions if (why := _left_out(each, fiscal_year))}
    counted = [each for each in decisions if each.key not in left_out]
    full = _count(counted, lambda each: each.reflection is Reflection.FULL)
    partial = _count(counted, lambda each: each.reflection is Reflection.PARTIAL)
    detail = f"反映{full}件、一部反映{partial}件、そのほか{len(counted) - full - partial}件"
    return ReflectionRate(
        strict=_share("予算反映率", full, len(counted), STRICT, detail),
        loose=_share("予算反映率(一部反映を含む)", full + partial, len(counted), LOOSE, detail),
        yen_weighted=_yen_weighted(counted),
        counted=tuple(each.key for each in counted),
        left_out=left_out,
        unreflected={
            each.key: each.reason or "理由の記録なし"
            for each in counted
            if each.reflection not in (Reflection.FULL, Reflection.PARTIAL)
        },
        in_supplementary=tuple(each.key for each in counted if each.in_supplementary),
    )


def review_rate(decisions: Sequence[Decision], *, evaluated: int | None = None) -> ReviewRate:
    """Return 事業見直し率 and スクラップ率 over the programmes that were evaluated.

    Parameters
    ----------
    decisions : one for each evaluated programme, or those known
    evaluated : int, how many were evaluated; the number of decisions if not given

    Raises
    ------
    InvalidInputError
        If fewer were evaluated than decided.

    Examples
    --------
    >>> made = [Decision(str(number), Course.ABOLISH) for number in range(2)]
    >>> review_rate(made, evaluated=138).reviewed.percent()
    Decimal('1.4')
    """
    _refuse_twice(decisions)
    total = len(decisions) if evaluated is None else evaluated
    if total < len(decisions):
        raise InvalidInputError("evaluated", "fewer evaluated than decided")
    counts = Counter(each.course for each in decisions)
    found = {course: counts[course] for course in Course}
    detail = "、".join(f"{course}{count}件" for course, count in found.items() if count)

    def rate(name: str, courses: frozenset[Course], formula: Formula) -> Figure:
        return _share(name, sum(found[course] for course in courses), total, formula, detail)

    return ReviewRate(
        reviewed=rate("事業見直し率", REVIEWED, REVIEW_RATE),
        scrapped=rate("スクラップ率", SCRAPPED, SCRAP_RATE),
        expanded=rate("拡充の割合", frozenset({Course.EXPAND}), EXPANSION_RATE),
        ended=rate("終了の割合", frozenset({Course.END}), ENDED_RATE),
        counts=found,
    )


def _left_out(decision: Decision, fiscal_year: int) -> str:
    if decision.course in CONTINUED:
        return "継続は数えない"
    if not decision.budget_relevant:
        return "予算に関わらない"
    return "" if decision.target_fiscal_year == fiscal_year else "対象年度が違う"


def _yen_weighted(counted: Sequence[Decision]) -> Figure:
    known = [each for each in counted if each.decided_yen is not None]
    unknown = len(counted) - len(known)
    detail = f"決定額の記録がない{unknown}件は除いた" if unknown else ""
    bottom: Exact = Fraction(sum(abs(each.decided_yen or 0) for each in known))
    if not known:
        bottom = Missing(Because.NO_AMOUNT)
    return ratio(
        "予算反映率(金額)",
        Fraction(sum(_realised(each) for each in known)),
        bottom,
        YEN_WEIGHTED,
        detail=detail,
    )


def _realised(decision: Decision) -> int:
    decided, realised = decision.decided_yen or 0, decision.realised_yen or 0
    # What moved against the decision is no reflection of it.
    return abs(realised) if decided * realised > 0 else 0


def _share(name: str, part: int, whole: int, formula: Formula, detail: str) -> Figure:
    return ratio(
        name, Fraction(part), Fraction(whole), formula, if_zero=Because.NOTHING_TO_COUNT, detail=detail
    )


def _count(decisions: Sequence[Decision], holds: Callable[[Decision], bool]) -> int:
    return sum(1 for each in decisions if holds(each))


def _refuse_twice(decisions: Sequence[Decision]) -> None:
    if len({each.key for each in decisions}) != len(decisions):
        raise InvalidInputError("decisions", "the same decision twice")
