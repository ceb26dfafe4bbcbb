"""What a target read as a change says: from what, which way, by how much."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from enishi.engines.policydoc.quantities import year_of
from enishi.indicators.enums import ChangeBasis, ChangeMeasure, ChangeWay

_DOWN = re.compile(r"削減|縮減|低減|短縮|減|圧縮|抑制|引き?下げ|縮小|解消")
_UP = re.compile(r"増|向上|上昇|拡大|改善|引き?上げ|伸長")
_PREVIOUS = re.compile(r"前年|前期")
_RATIO = re.compile(r"比$")
_MOVES = rf"(?:{_DOWN.pattern}|{_UP.pattern})"
_LEVEL = re.compile(rf"(?:に|へ|まで)\s?{_MOVES}")
_CHANGE = re.compile(rf"比|倍|{_MOVES}")


def is_change(read: Mapping[str, Any]) -> bool:
    """True if a target says by how much, not how high: 30%以上削減, but not 8割に向上.

    >>> is_change({"comparator": "以上", "change": "削減", "quote": "30%以上削減"})
    True
    >>> is_change({"comparator": "以上", "change": "向上", "quote": "85%以上へ向上"})
    False
    """
    words = f"{read.get('comparator') or ''}{read.get('change') or ''}"
    return bool(_CHANGE.search(words)) and not _LEVEL.search(read.get("quote") or "")


def counts_from(read: Mapping[str, Any]) -> int | None:
    """Return the year that a change is counted from where the words name one.

    >>> counts_from({"qualifier": "2013年度比", "comparator": "削減"}), counts_from({"comparator": "対前年比"})
    (2013, None)
    """
    told = (read.get("qualifier") or "", read.get("comparator") or "")
    return next((year_of(each) for each in told if _RATIO.search(each) and year_of(each)), None)


def change_of(
    read: Mapping[str, Any], goal: Decimal, year: int | None, otherwise: int | None = None
) -> dict[str, Any] | None:
    """Return the arguments of a change, or None where the words leave its way or its year open.

    >>> change_of({"comparator": "対前年比", "change": "増", "unit": "%"}, Decimal(5), None)["basis"].value
    'previous'
    >>> change_of({"comparator": "削減", "unit": "%"}, Decimal(30), 2028)["way"].value
    'down'
    >>> change_of({"comparator": "対前年比", "unit": "%"}, Decimal(105), None)["measure"].value
    'times'
    """
    words = f"{read.get('comparator') or ''}{read.get('change') or ''}"
    unit = read.get("unit") or ""
    basis = ChangeBasis.PREVIOUS if _PREVIOUS.search(words) else ChangeBasis.BASELINE
    if basis is ChangeBasis.BASELINE:
        year = year or otherwise
    if goal <= 0 or (basis is ChangeBasis.BASELINE and year is None):
        return None
    said = {"basis": basis, "fiscal_year": year, "amount": goal}
    if unit == "倍":
        return said | {"measure": ChangeMeasure.TIMES, "way": ChangeWay.UP if goal >= 1 else ChangeWay.DOWN}
    way = ChangeWay.DOWN if _DOWN.search(words) else ChangeWay.UP if _UP.search(words) else None
    if way is None:
        # 対前年比105%: the whole beside the whole, not a part more.
        if not _RATIO.search(words) or unit != "%" or goal < 50:
            return None
        way = ChangeWay.UP if goal >= 100 else ChangeWay.DOWN
        return said | {"measure": ChangeMeasure.TIMES, "way": way, "amount": goal / 100}
    measure = {
        "%": ChangeMeasure.PERCENT,
        "ポイント": ChangeMeasure.POINTS,
        "%ポイント": ChangeMeasure.POINTS,
    }
    return said | {"measure": measure.get(unit, ChangeMeasure.AMOUNT), "way": way}
