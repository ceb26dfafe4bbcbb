"""Numbers as offices write them: full width, commas, △ and ▲, a unit behind, 千円 and 百万円, signs for "none"."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.utils.translation import gettext as _

from enishi.engines import progress
from enishi.engines.core import InvalidInputError
from enishi.engines.progress.units import same_unit

_NEGATIVE = "△▲-−‐–—―ー"
_CERTAINTY = re.compile(
    r"\s*[(]?\s*(?P<word>速報値?|暫定値?|見込み?値?|推計値?|確定値?|確報値?)\s*[)]?$|\s*[※*]\d{0,2}$"
)
"""What is written behind a number of how sure it is: 42(速報), 42※."""
_REASON = re.compile(
    r"\D*(?:調査|未|中止|休止|廃止|なし|無し|ない|秘匿|対象外|不明|不詳|集計|非公表|新規)\D*"
)
_NUMBER = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)(?P<unit>\D{0,12})")
SIGNS = {
    "-": "該当なし",
    "－": "該当なし",
    "—": "該当なし",
    "―": "該当なし",
    "‐": "該当なし",
    "…": "不詳",
    "...": "不詳",
    "・・・": "不詳",
    "***": "数値なし",
    "X": "秘匿",
    "x": "秘匿",
    "χ": "秘匿",
    "未": "未集計",
    "未集計": "未集計",
    "集計中": "集計中",
    "調査なし": "調査なし",
    "調査未実施": "調査未実施",
    "n/a": "該当なし",
    "N/A": "該当なし",
    "該当なし": "該当なし",
    "不詳": "不詳",
    "欠測": "欠測",
}
"""What statistical tables write where there is no number, and what it means."""


class UnreadableNumberError(ValueError):
    """The text is no number, or in a unit that is not the indicator's; the sentence says why."""


@dataclass(frozen=True)
class Written:
    """What a cell says: a number in the wanted unit, or why there is none; neither for an empty cell."""

    value: Decimal | None = None
    missing_reason: str = ""
    note: str = ""
    is_provisional: bool = False

    @property
    def is_empty(self) -> bool:
        return self.value is None and not self.missing_reason


def read(text: str, *, unit: str = "", written_unit: str = "") -> Written:
    """The number that ``text`` names, in ``unit``; ``written_unit`` is what a heading says of the whole column.

    >>> read("△１，２００").value, read("12.5％", unit="%").value, read("…").missing_reason
    (Decimal('-1200'), Decimal('12.5'), '不詳')
    >>> read("1,500千円", unit="百万円").value
    Decimal('1.5')
    >>> read("42(速報)").is_provisional, read("調査年でない").missing_reason
    (True, '調査年でない')

    Raises
    ------
    UnreadableNumberError
        With a sentence for people.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return Written()
    if text.strip() in SIGNS or plain in SIGNS:
        return Written(missing_reason=SIGNS.get(text.strip()) or SIGNS[plain])
    if len(plain) >= 2 and _REASON.fullmatch(plain):
        return Written(missing_reason=plain[:200])
    sure = _CERTAINTY.search(plain)
    if sure is not None and sure.start():
        found = read(plain[: sure.start()], unit=unit, written_unit=written_unit)
        is_open = not (sure["word"] or "確").startswith("確")
        return replace(found, note=found.note or plain, is_provisional=is_open)
    negative = plain[0] in _NEGATIVE or (plain.startswith("(") and plain.endswith(")"))
    match = _NUMBER.fullmatch(plain.strip("()").lstrip(_NEGATIVE + "+¥\\ "))
    if match is None:
        raise UnreadableNumberError(
            _("「%(written)s」は数として読めません。例: 1,250、12.5、△300") % {"written": text.strip()[:40]}
        )
    value = _decimal(match["number"])
    own_unit = match["unit"].strip() or written_unit
    converted = in_unit(-value if negative else value, own_unit, unit)
    note = f"{text.strip()}" if same_unit(own_unit) not in ("", same_unit(unit)) else ""
    return Written(converted, note=note)


def _decimal(digits: str) -> Decimal:
    try:
        value = Decimal(digits.replace(",", ""))
    except InvalidOperation as error:
        raise UnreadableNumberError(_("数として読めません。")) from error
    return checked(value)


def checked(value: Decimal) -> Decimal:
    """The number, if its column can hold it exactly."""
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        raise UnreadableNumberError(_("小数は第6位までで書いてください。"))
    if abs(value) >= 10**17:
        raise UnreadableNumberError(_("けた数が多すぎます。"))
    return value


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal:
    """The value in the indicator's unit; only between units of the same quantity (M8)."""
    if not unit or not wanted or same_unit(unit) == same_unit(wanted):
        return value
    try:
        converted = progress.convert(value, unit=unit, to=wanted)
    except InvalidInputError as refused:
        raise UnreadableNumberError(
            _("単位「%(unit)s」は、この指標の単位「%(wanted)s」に換算できません。")
            % {"unit": unit, "wanted": wanted}
        ) from refused
    return checked(decimal_of(converted))


def decimal_of(value: Fraction) -> Decimal:
    """The number with at most six places."""
    rounded = progress.rounded(value, 6)
    return plain_decimal(rounded)


def plain_decimal(value: Decimal) -> Decimal:
    """Without zeros behind, and never as 1E+3.

    >>> plain_decimal(Decimal("1500.000000")), plain_decimal(Decimal("1.50"))
    (Decimal('1500'), Decimal('1.5'))
    """
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()


def shown(value: Decimal | None, decimals: int | None = None, unit: str = "") -> str:
    """The number as people read it; △ for negatives as offices write.

    >>> shown(Decimal("-1234.5"), 1, "件"), shown(Decimal("0.25")), shown(None)
    ('△1,234.5件', '0.25', '')
    """
    if value is None:
        return ""
    number = plain_decimal(value) if decimals is None else progress.rounded(value, decimals)
    return f"{'△' if number < 0 else ''}{abs(number):,f}{unit}"
