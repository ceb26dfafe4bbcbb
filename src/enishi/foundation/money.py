"""Money is whole yen: reading what people write, writing what people read."""

import re
import unicodedata
from decimal import Decimal

UNITS = {"億": 100_000_000, "百万": 1_000_000, "万": 10_000, "千": 1_000}
_NEGATIVE = "△▲-−‐–—―ー"
_PART = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)\s*(?P<unit>百万|億|万|千)?")


class UnreadableAmountError(ValueError):
    """The text names no whole number of yen; ``text`` is what was written."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def read(text: str) -> int:
    """The yen that ``text`` names: 1,200千円, 3万円, 1億2,000万円, ¥5,000, △500, +500, in full or half width.

    Raises
    ------
    UnreadableAmountError
        If it is no amount, or names a part of a yen.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain[:1] == "+" and plain[1:2] not in _NEGATIVE:
        # 「+1,200千円」: how people write that more is wanted.
        plain = plain[1:].strip()
    negative = plain[:1] in _NEGATIVE or (plain.startswith("(") and plain.endswith(")"))
    rest = plain.strip("()").lstrip(_NEGATIVE + "¥\\ ").removesuffix("円").strip()
    total = _sum_of_parts(rest, text)
    if total != total.to_integral_value() or total >= 10**15:
        raise UnreadableAmountError(text)
    return -int(total) if negative else int(total)


def _sum_of_parts(rest: str, text: str) -> Decimal:
    """「1億2,000万」 is the sum of its parts, each with a smaller unit than the one before."""
    total, position, last_unit = Decimal(0), 0, 10**12
    while position < len(rest):
        match = _PART.match(rest, position)
        unit = UNITS.get(match["unit"] or "", 1) if match else 0
        if match is None or unit >= last_unit:
            raise UnreadableAmountError(text)
        total += Decimal(match["number"].replace(",", "")) * unit
        position, last_unit = match.end(), unit
    if position == 0:
        raise UnreadableAmountError(text)
    return total


def in_yen(amount: int) -> str:
    """1,234,000円; a negative amount with △, as budgets write it."""
    return f"{'△' if amount < 0 else ''}{abs(amount):,}円"


def in_thousands(amount: int) -> str:
    """1,234千円, rounded half up; for reading only."""
    thousands = (abs(amount) + 500) // 1000
    return f"{'△' if amount < 0 and thousands else ''}{thousands:,}千円"


def yen_in_words(amount: int) -> str:
    """1,234,000円 on a Japanese page, 1,234,000 yen on another. Documents say ``in_yen``."""
    return in_yen(amount) if _speaks_japanese() else f"{amount:,} yen"


def thousands_in_words(amount: int) -> str:
    """1,234千円, or 1,234 thousand yen."""
    written = in_thousands(amount)
    return written if _speaks_japanese() else f"{written.replace('△', '-').removesuffix('千円')} thousand yen"


def _speaks_japanese() -> bool:
    # Only pages have a reader; amounts are read without Django, too, as in ``enishi recompute``.
    from enishi.foundation.days import speaks_japanese

    return speaks_japanese()
