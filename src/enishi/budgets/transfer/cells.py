"""What stands in a cell: amounts, years and totals, in all the ways people and systems write them."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from enishi.budgets.enums import Stage
from enishi.foundation import wareki
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import shortened

_NEGATIVE = "△▲-−‐–—―ー"
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_TOTAL = re.compile(
    r"^(?:(?P<level>会計|款|項|目|細目|事業|細事業|節|歳出|一般会計|特別会計)?\s*(?P<word>合計|小計|総計|総合計|総額|計))$"
)
_ANY_YEAR = re.compile(
    r"(令和|平成|昭和|[RHS])\s*(元|\d{1,2})\s*(?:年度|年)?|(\d{4})\s*(?:年度|年)?|(\d{1,2})"
)
_TITLE_YEAR = re.compile(r"(?:(令和|平成|昭和)\s*(元|\d{1,2})|(\d{4}))\s*年度")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
MOST = 10**15


class UnreadableCellError(ValueError):
    """The sentence says why, and how to write it."""


def read_amount(text: str, unit: int) -> int | None:
    """Whole yen of a cell that counts in ``unit``; ``None`` for an empty cell. 「―」 alone is zero.

    >>> read_amount("△１，２３４", 1_000), read_amount("▲5", 1), read_amount("-", 1)
    (-1234000, -5, 0)
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace(" ", "")
    if not plain:
        return None
    if plain in {"-", "−", "―", "—", "ー", "‐"}:
        return 0
    if plain[0] == "+" and plain[1:2].isdigit():
        plain = plain[1:]
    negative = plain[0] in _NEGATIVE or (plain.startswith("(") and plain.endswith(")"))
    body = plain.strip("()").lstrip(_NEGATIVE).lstrip("¥\\").removesuffix("円")
    body = body.lstrip(_NEGATIVE) if not negative else body
    if not _NUMBER.fullmatch(body):
        raise UnreadableCellError(_why_unreadable(text, body))
    try:
        yen = Decimal(body.replace(",", "")) * unit
    except InvalidOperation as error:
        raise UnreadableCellError(_why_unreadable(text, body)) from error
    if yen != yen.to_integral_value():
        raise UnreadableCellError(
            _("「%(text)s」は1円に満たない端数になります。") % {"text": shortened(text)}
        )
    if yen >= MOST:
        raise UnreadableCellError(
            _("「%(text)s」は大きすぎます。単位の設定を確かめてください。") % {"text": shortened(text)}
        )
    return -int(yen) if negative else int(yen)


def _why_unreadable(text: str, body: str) -> str:
    written = {"text": shortened(text)}
    if re.fullmatch(r"[\d.]+E[+-]?\d+", body, re.IGNORECASE):
        return (
            _(
                "「%(text)s」は指数の表示で、下の桁が失われています。書式を「数値」にして保存し直してください。"
            )
            % written
        )
    if body.endswith(("千", "万", "百万", "億")):
        return (
            _(
                "「%(text)s」には単位が書かれています。単位は読み取りの設定で選び、セルには数字だけを書いてください。"
            )
            % written
        )
    if "," in body:
        return _("「%(text)s」は桁区切りの位置が違います。数字だけにしてください。") % written
    return _("「%(text)s」は金額として読めません。例: 1,234,000、△500") % written


def read_year(text: str) -> int:
    """The fiscal year of a cell: 令和8年度, R8, 2026, or 8 alone for the era we live in.

    >>> read_year("令和８年度"), read_year("R8"), read_year("2026"), read_year("08")
    (2026, 2026, 2026, 2026)
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    match = _ANY_YEAR.fullmatch(plain)
    if match is None:
        raise UnreadableCellError(
            _("「%(text)s」は年度として読めません。例: 令和8年度、2026") % {"text": shortened(text)}
        )
    era, number, common, short = match.groups()
    if common:
        return int(common)
    return _ERAS[era or "令和"] + (1 if number == "元" else int(number or short))


def years_named(text: str) -> set[int]:
    """The fiscal years that a title above a table names."""
    found = set()
    for era, number, common in _TITLE_YEAR.findall(unicodedata.normalize("NFKC", text)):
        found.add(int(common) if common else _ERAS[era] + (1 if number == "元" else int(number)))
    return found


def read_day(text: str) -> dt.date:
    try:
        return wareki.read(text)
    except wareki.UnreadableDateError as error:
        raise UnreadableCellError(
            _("「%(text)s」は日付として読めません。例: 令和8年12月1日") % {"text": shortened(text)}
        ) from error


def total_word(text: str) -> str | None:
    """For 「款計」 the level, for 「合計」 the empty word, for anything else nothing.

    >>> total_word("款　計"), total_word("【合計】"), total_word("会計課")
    ('款', '', None)
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\s【】\[\]()<>*＊※・:-]+", "", plain)
    match = _TOTAL.match(plain)
    return (match["level"] or "") if match else None


def day_fault(day: dt.date, fiscal_year: int, stage: str) -> str:
    """Why this day cannot belong to this year's stage; empty when it can."""
    year = FiscalYear(fiscal_year)
    if stage in {Stage.COMMITMENT, Stage.SPENDING}:
        # 出納整理期間: what was committed by 31 March is paid until 31 May.
        last = year.last_day if stage == Stage.COMMITMENT else dt.date(fiscal_year + 1, 5, 31)
        if year.first_day <= day <= last:
            return ""
    elif dt.date(fiscal_year - 1, 4, 1) <= day <= dt.date(fiscal_year + 2, 3, 31):
        return ""
    return _("%(year)sの日付ではありません。年度か日付を確かめてください。") % {"year": year}
