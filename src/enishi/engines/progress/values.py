"""Numbers that keep their reasons: exact fractions, values that are missing, and figures that explain themselves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from enishi.engines.core import InvalidInputError


class Because(StrEnum):
    """Reasons that this engine itself gives for a missing value."""

    TARGET_IS_BASELINE = "目標=基準"
    ZERO_DENOMINATOR = "分母が0"
    TOO_FEW_POINTS = "点数不足"
    NO_VALUE = "実績値なし"
    NO_TARGET = "その年度の目標なし"
    NO_BASELINE = "基準値なし"
    DEFINITION_CHANGED = "定義の変更により比較できない"
    NO_AGREED_WEIGHTS = "重みの合意なし"
    NO_TOLERANCE = "許容幅なし"
    NOT_FOR_THIS_DIRECTION = "この向きの指標には使わない"
    NEGATIVE = "負の値には使わない"
    NOT_DUE = "期限前"
    NOT_HALF_YET = "半数に達していない"
    NOTHING_TO_COUNT = "対象なし"
    NO_AMOUNT = "金額の記録なし"
    PARTLY_PROVISIONAL = "速報の期間がある"


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that is not there, and why. Zero is a value; this is none.

    >>> str(Missing("調査を中止したため"))
    '値なし(調査を中止したため)'
    """

    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidInputError("reason", "a missing value needs a reason")

    def __str__(self) -> str:
        return f"値なし({self.reason})"


Number: TypeAlias = Decimal | int | Fraction
Amount: TypeAlias = Decimal | int | Fraction | Missing
"""What the engine takes: never a float, so that 0.1 is a tenth."""

Exact: TypeAlias = Fraction | Missing


def exact(value: Number, field: str) -> Fraction:
    """Return the number without any loss.

    Raises
    ------
    InvalidInputError
        If ``value`` is a float, a bool, not a number, or not finite.

    Examples
    --------
    >>> exact(Decimal("0.1"), "value")
    Fraction(1, 10)
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | Fraction):
        raise InvalidInputError(field, f"needs a Decimal, an int or a Fraction, not {type(value).__name__}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidInputError(field, "needs a finite number")
    return Fraction(value)


def exact_or_missing(value: Amount, field: str) -> Exact:
    """Return the number without any loss, or the missing value as it is."""
    return value if isinstance(value, Missing) else exact(value, field)


def rounded(value: Number, decimals: int) -> Decimal:
    """Return the number as people read it, halves away from zero.

    >>> rounded(Fraction(31, 395) * 100, 1)
    Decimal('7.8')
    >>> rounded(Decimal("-2.5"), 0)
    Decimal('-3')
    """
    fraction = exact(value, "value")
    scaled = abs(fraction) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if fraction < 0 and whole else 1
    return Decimal(sign * whole).scaleb(-decimals)


def spoken(value: Number | Missing, unit: str = "") -> str:
    """Return the number for a sentence: exact where it ends, otherwise 約 and two decimals.

    >>> spoken(Fraction(1, 4)), spoken(Fraction(1, 3)), spoken(12000, "円")
    ('0.25', '約0.33', '12,000円')
    """
    if isinstance(value, Missing):
        return str(value)
    fraction = exact(value, "value")
    for decimals in range(5):
        if (fraction * 10**decimals).denominator == 1:
            return f"{rounded(fraction, decimals):,}{unit}"
    return f"約{rounded(fraction, 2):,}{unit}"


MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Formula:
    """A definition and its version; printed beside every number it gave."""

    code: str
    version: int
    text: str

    def __str__(self) -> str:
        return f"{self.text}〔{self.code}/{self.version}〕"


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number with its parents.

    ``value`` is exact and unrounded. ``unit`` is empty for a rate (1 is 100 %).
    ``marks`` are words that have to stand beside the number, such as 補間.
    """

    name: str
    value: Exact
    numerator: Exact
    denominator: Exact
    formula: Formula
    explanation: str
    unit: str = ""
    marks: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        return isinstance(self.value, Missing)

    def percent(self, decimals: int = 1) -> Decimal:
        """Return the rate in percent as people read it; refuse where the value is missing."""
        if isinstance(self.value, Missing):
            raise InvalidInputError("value", str(self.value))
        return rounded(self.value * 100, decimals)


def percent_words(value: Exact, decimals: int = 1) -> str:
    """Return a rate for a sentence; one just beside a full ten percent, where classes meet, is not rounded onto it.

    >>> percent_words(Fraction(3, 5)), percent_words(Missing("分母が0"))
    ('60.0%', '算出できない(分母が0)')
    >>> percent_words(Fraction(8996, 10000)), percent_words(Fraction(-1, 100_000))
    ('89.96%', '-0.001%')
    """
    if isinstance(value, Missing):
        return f"算出できない({value.reason})"
    shown = rounded(value * 100, decimals)
    while shown % 10 == 0 and Fraction(shown) != value * 100 and decimals < MOST_DECIMALS:
        decimals += 1
        shown = rounded(value * 100, decimals)
    return f"{shown}%"


def ratio(
    name: str,
    numerator: Exact,
    denominator: Exact,
    formula: Formula,
    *,
    if_zero: str = Because.ZERO_DENOMINATOR,
    detail: str = "",
    unit: str = "",
    marks: tuple[str, ...] = (),
) -> Figure:
    """Return numerator ÷ denominator as a figure; a missing part or a zero denominator gives a missing value."""
    value = _quotient(numerator, denominator, if_zero)
    return Figure(
        name=name,
        value=value,
        numerator=numerator,
        denominator=denominator,
        formula=formula,
        explanation=_sentence(name, value, numerator, denominator, detail, unit, marks),
        unit=unit,
        marks=marks,
    )


def _quotient(numerator: Exact, denominator: Exact, if_zero: str) -> Exact:
    if isinstance(numerator, Missing):
        return numerator
    if isinstance(denominator, Missing):
        return denominator
    return Missing(if_zero) if denominator == 0 else numerator / denominator


def _sentence(
    name: str,
    value: Exact,
    numerator: Exact,
    denominator: Exact,
    detail: str,
    unit: str,
    marks: tuple[str, ...],
) -> str:
    shown = spoken(value, unit) if unit and not isinstance(value, Missing) else percent_words(value)
    parts = (
        ""
        if isinstance(numerator, Missing) or isinstance(denominator, Missing)
        else (f" = {spoken(numerator)} ÷ {spoken(denominator)}")
    )
    rest = f"。{detail}" if detail else ""
    noted = f"({'・'.join(marks)})" if marks else ""
    return f"{name}は{shown}{parts}{noted}{rest}"
