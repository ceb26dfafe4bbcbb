"""Numbers, dates and times as Japanese texts write them, in one canonical form, to be compared literally."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from enishi.engines.answers.model import Number

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_KANJI = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}

_YEAR = r"(?:(?P<era>令和|平成|昭和|大正|明治)\s?(?P<of_era>\d{1,2}|元)|(?P<west>(?:18|19|20|21)\d{2}))\s?年(?P<fiscal>度)?"
_DATE = re.compile(
    rf"{_YEAR}(?:\s?(?P<month>\d{{1,2}})\s?月(?:\s?(?P<day>\d{{1,2}})\s?日)?)?"
    r"|(?P<iso>(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2})(?!\d)"
    r"|(?P<month2>1[0-2]|0?[1-9])\s?月\s?(?P<day2>\d{1,2})\s?日"
    r"|(?<![\d/])(?P<month3>1[0-2]|0?[1-9])/(?P<day3>[12]\d|3[01]|0?[1-9])(?![\d/])"
    r"|(?<!\d)(?P<month4>1[0-2]|0?[1-9])\s?月(?!額|例|給|刊|報|次|間|\d)"
)
_TIME = re.compile(
    r"(?P<half>午前|午後|夜|朝)?\s?(?P<hour>[01]?\d|2[0-4])\s?時(?!間)(?:\s?(?P<minute>[0-5]?\d)\s?分|(?P<thirty>半))?"
    r"|(?P<half2>午前|午後)?\s?(?<!\d)(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d)(?!\d)\s?(?P<latin>[ap]\.?m\.?)?"
    r"|(?<!\d)(?P<hour3>1[0-2]|[1-9])\s?(?P<latin3>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\d-])(?:\d{2,5}[-(]\d{1,4}[-)]\d{3,4}|0\d{9,10}|#\d{4})(?![\d-])")
_ARTICLE = re.compile(r"第\s?(\d+)\s?(?:条|項|号|章)(?:の(\d+))?")
UNITS = (
    "パーセント|%|円|か月|カ月|ヶ月|ヵ月|箇月|週間|日間|年間|時間|営業日|開庁日|歳|才|人|名|世帯|件|回|社|団体|か所|箇所|カ所|ヶ所|"
    "校|台|本|枚|冊|部|通|個|袋|点|分|秒|日|週|年生|年|階|棟|戸|室|席|倍|割|kg|km|cm|mm|ml|m2|㎡|ha|m|g|t|L|l|リットル|キログラム|キロ|"
    "グラム|メートル|センチメートル|センチ|ミリ|トン|平方メートル|立方メートル|m3|種類|品目|匹|頭|羽|杯|食|泊|便|路線|丁目|番地|番|号|度|"
    "月|周年|基|床|ページ|文字|MB|GB|区画|地区|組|チーム|コース|講座|級|段|泊|票|位|口|リッター"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?P<digits>(?:{_DIGITS})(?:\s?[十百千万億兆](?:(?:{_DIGITS})[十百千万億]?)*)*)\s?(?P<unit>{UNITS})?"
    rf"|(?P<kanji>[〇一二三四五六七八九十百千万億]+)(?P<unit2>円|人|歳|日間|日|年|回|件|枚|冊|個|か所|か月|世帯|割|階|点|分の|週間|時間|名|台|本|袋|つ)"
)
SAME_UNIT = {
    "カ月": "か月", "ヶ月": "か月", "ヵ月": "か月", "箇月": "か月", "パーセント": "%", "才": "歳", "名": "人", "箇所": "か所",
    "カ所": "か所", "ヶ所": "か所", "リットル": "l", "L": "l", "リッター": "l", "キログラム": "kg", "グラム": "g", "キロ": "kg",
    "メートル": "m", "センチメートル": "cm", "センチ": "cm", "ミリ": "mm", "トン": "t", "㎡": "m2", "平方メートル": "m2",
    "立方メートル": "m3", "つ": "個", "日間": "日", "年間": "年", "週間": "週",
}  # fmt: skip
_PLAIN_WORDS = frozenset(("一部", "一般", "一日", "一人", "一時", "一番", "一度", "一定", "一覧", "万一"))


def numbers_in(text: str) -> frozenset[Number]:
    """Return every number of a normalised (NFKC) text.

    >>> sorted(n.value for n in numbers_in("令和8年4月1日(水)の午後5時まで、1,200円"))
    ['1200', '17:00', '2026-04-01']
    """
    found: set[Number] = set()
    rest = text
    for pattern, read in (
        (_PHONE, _phone),
        (_ARTICLE, _article),
        (_DATE, _date),
        (_TIME, _time),
        (_NUMBER, _number),
    ):
        for match in pattern.finditer(rest):
            number = read(match)
            if number is not None:
                found.add(number)
        rest = pattern.sub(lambda match: "\n" * len(match.group()), rest)
    return frozenset(found)


def states(number: Number, source: Iterable[Number]) -> bool:
    """Whether the source states this very number; what a date leaves open may be anything.

    >>> states(Number("date", "*-04-01"), [Number("date", "2026-04-01")])
    True
    """
    return any(_same(number, other) for other in source)


def _same(number: Number, other: Number) -> bool:
    if number.kind != other.kind:
        return False
    if number.kind == "date":
        pairs = zip(number.value.split("-"), other.value.split("-"), strict=True)
        return all(mine in ("*", theirs) for mine, theirs in pairs)
    return number.value == other.value and (number.unit == other.unit or not number.unit or not other.unit)


def _phone(match: re.Match[str]) -> Number:
    return Number("phone", re.sub(r"[^\d#]", "", match.group()))


def _article(match: re.Match[str]) -> Number:
    return Number(
        "article",
        "-".join(part for part in match.groups() if part),
        match.group()[-1:] if not match.group(2) else "条",
    )


def _date(match: re.Match[str]) -> Number | None:
    part = match.groupdict()
    if part["iso"]:
        year, month, day = re.split(r"[-/.]", part["iso"])
        return Number("date", f"{int(year):04d}-{int(month):02d}-{int(day):02d}")
    if part["era"] or part["west"]:
        of_era = 1 if part["of_era"] == "元" else int(part["of_era"] or 0)
        year = str(_ERAS[part["era"]] + of_era) if part["era"] else part["west"]
    else:
        year = "*"
    month = part["month"] or part["month2"] or part["month3"] or part["month4"]
    day = part["day"] or part["day2"] or part["day3"]
    if (month and not 1 <= int(month) <= 12) or (day and not 1 <= int(day) <= 31):
        return None
    return Number(
        "date", f"{year}-{f'{int(month):02d}' if month else '*'}-{f'{int(day):02d}' if day else '*'}"
    )


def _time(match: re.Match[str]) -> Number:
    part = match.groupdict()
    hour = int(part["hour"] or part["hour2"] or part["hour3"])
    minute = 30 if part["thirty"] else int(part["minute"] or part["minute2"] or 0)
    latin = (part["latin"] or part["latin3"] or "").lower()
    late = (part["half"] or part["half2"]) in ("午後", "夜") or latin.startswith("p")
    return Number("time", f"{hour + 12 if late and hour < 12 else hour:02d}:{minute:02d}")


def _number(match: re.Match[str]) -> Number | None:
    if match.group() in _PLAIN_WORDS:
        return None
    written, unit = (
        match.group("digits") or match.group("kanji"),
        match.group("unit") or match.group("unit2") or "",
    )
    value = _value(written.replace(",", "").replace(" ", ""))
    return Number("number", f"{value.normalize():f}", SAME_UNIT.get(unit, unit))


def _value(written: str) -> Decimal:
    """The value of digits and kanji mixed, such as 2万5千 or 百二十."""
    total, part, current = Decimal(0), Decimal(0), Decimal(0)
    has_current = False
    for piece in re.findall(r"\d+(?:\.\d+)?|[〇一二三四五六七八九十百千万億兆]", written):
        if piece[0].isdigit():
            current, has_current = Decimal(piece), True
        elif piece in _KANJI:
            current = current * 10 + _KANJI[piece] if has_current else Decimal(_KANJI[piece])
            has_current = True
        elif piece in _SMALL:
            part += (current if has_current else 1) * _SMALL[piece]
            current, has_current = Decimal(0), False
        else:
            whole = part + (current if has_current else (0 if part else 1))
            total += whole * _LARGE[piece]
            part, current, has_current = Decimal(0), Decimal(0), False
    return total + part + current
