"""Numbers as Japanese documents write them: targets, present values, periods, years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
_SCALES = {"兆": 10**12, "億": 10**8, "万": 10**4, "千": 10**3, "百": 10**2}

YEAR = r"(?:(?:令和|平成|昭和|[RHS](?=\d))\s?(?:\d{1,2}|元)|(?:19|20)\d{2})(?:\([^()]{2,8}\))?(?:年度?)?"
_YEAR_PARTS = re.compile(r"(令和|平成|昭和|[RHS])\s?(\d{1,2}|元)|((?:19|20)\d{2})")

_NAMES_OF_UNITS = (
    "t-CO2|トン-CO2|トンCO2|百万円|千円|万円|億円|円|パーセント|%|%ポイント|ポイント|pt|ポイント|割|分の1|"
    "人日|人時|人分|日分|食分|人|名|件|回|社|団体|か所|箇所|カ所|ヶ所|ヵ所|か国|カ国|中学校区|小学校区|校区|学区|校|園|世帯|戸|棟|台|本|枚|冊|部|通|"
    "時間|分|秒|営業日|日間|日|週間|週|か月|カ月|ヶ月|ヵ月|箇月|ケ月|ヶ年|か年|カ年|年間|年|歳|"
    "km/h|kWh|MWh|GWh|MW|kW|kL|リットル|ヘクタール|立方メートル|キロメートル|℃|°C|デシベル|dB|mm|cm|ppm|個|両|事業者|経営体|学級|クラス|トン|kg|km2|㎢|km|ha|m3|㎥|m2|㎡|平方メートル|メートル|m|g|t|点|位|倍|種類|種目|種|項目|業務|事業所|事業|施策|講座|コース|組織|組合|組|"
    "グループ|店舗|店|施設|プロジェクト|テーマ|ページ|アクセス|PV|ダウンロード|便|路線|床|食|泊|例|品目|区画|地区|町会|自治会|"
    "自治体|市町村|言語|か国語|拠点|基|隻|頭|羽|株|区間|橋|編|号|席|票|機関|会場|企業|ファイル|データセット|サービス|手続き?|様式|制度|計画"
)
UNITS = "|".join(sorted(_NAMES_OF_UNITS.split("|"), key=len, reverse=True))
COMPARATORS = "以上|以下|以内|未満|超過|超|以降|以前|程度|前後|台"
_CHANGES = (
    "低下|軽減|節減|削減|縮減|低減|短縮|減少|圧縮|半減|抑制|引き?下げ|減|向上|増加|上昇|拡大|改善|引き?上げ|増|伸長|回復|維持|達成|確保|導入|実施|開催|配置|"
    "設置|創出|解消|延伸|ゼロ"
)
_SIGNED = "上回る|下回る|延伸|延長|低下|軽減|節減|拡充|増強|前倒し|増員|減員|増設|削減|縮減|低減|短縮|減少|圧縮|抑制|引き?下げ|向上|増加|上昇|拡大|改善|引き?上げ|伸長|減|増|維持|継続|堅持"
_YEARLY = r"対?前年(?:度|同[期月])?比|対前年度?"
_RATIO = rf"{_YEARLY}|コロナ禍?前(?:\([^()]*\))?比|\0+末?比|(?:基準年度?|現状|現行|対?[^\s\0::前毎各]{{0,6}}年度?)比"
_FREQUENCY = (
    r"各年度|毎年度|毎年|毎月|毎週|毎日|毎学期|隔月|隔週|隔年|四半期(?:ごと)?に?|半期に?|年度内に?|年度間|年間|年度|月間|週間|月額|年額|日額|"
    r"(?:1?(?:か月|カ月|ヶ月|日|年|週|月))平均|1年度(?:当たり|あたり|につき)|1(?:か月|カ月|ヶ月|日|年|週間?|学期)|(?:(?:平日|休日)?[1-9]|半)?(?:年|月|か月|カ月|ヶ月|日|週|時間|学期)(?:当たり|あたり|につき|に)|年|月|週|日"
)
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
NUMBER = rf"(?:[△▲]\s?|(?<![\d\w)])-)?{_DIGITS}(?:\s?[兆億万千百](?:\s?{_DIGITS}(?:\s?[億万千百])?)*)?"
_UNIT = rf"(?:{UNITS})"
_LOOSE_UNIT = rf"(?!{COMPARATORS}|{_CHANGES}|[にをへとはがのでやも])[^\W\d_]{{1,6}}?(?=(?:{COMPARATORS}|{_CHANGES}|に|を|へ|すべて|全て|、|。|\(|\)|$|\s|→|~|/))"
QUANTITY = re.compile(
    rf"(?P<number>{NUMBER})\s?(?:(?P<unit>{_UNIT})|(?P<loose>{_LOOSE_UNIT}))?"
    rf"(?:(?P<sen>\d)分(?=以|未|超|$|\s|に|を|\)))?"
)
_RANGE = re.compile(rf"\s?[~]\s?(?P<upper>{NUMBER})\s?(?P<unit>{_UNIT})?")
_AFTER = re.compile(
    rf"\s?(?:\(?/(?P<slash>年度?|月|日|週|回|人)\)?)?\s?(?:ずつ)?を?(?P<comparator>(?:超え|上回ら|下回ら)ない|{COMPARATORS})?\s?(?:に|へ|を|の|まで)?\s?(?P<change>{_SIGNED})?(?:\s?/\s?(?P<slash2>年度?|月|日|週|回|人))?"
)
_TOTAL = r"累[計積]で?|延べ|のべ|述べ"
_EACH = rf"(?:人口)?(?:1|10|100)[千万]?(?!か?月|日|年|週|時間|学期)(?:{UNITS})(?:当たり|あたり|につき)|1(?:人|世帯)(?=1)|[^\s、。::()→]{{1,8}}ごとに|全(?:校|園|課|部署|地区|職員|施設|区|学年)で|(?:前年度?|現状|現在|\0+末?)(?:から|より)|各(?:地区|地域|学区|小学校区|中学校区|圏域|校|園|課|部署|施設|団体|町|区|回|年)"
_BEFORE = re.compile(
    rf"(?P<ratio>{_RATIO})?\s?(?P<each>{_EACH})?(?P<frequency>{_FREQUENCY})?\s?(?P<qualifier>平均|約|概ね|おおむね|最大|最低|少なくとも|合計|計|全|{_TOTAL}|新規に?|新たに|"
    rf"常時|全体の|{_EACH}|(?:[^\s、。::()→]{{1,14}}の))?(?P<ratio2>{_RATIO})?\s?$"
)
_TIME = r"(?:\d+|[一二三四五六七八九十])\s?(?:[かカヶ]?年間?|[かカヶ]月間?|週間|日間?|時間)"
_DUE = re.compile(
    rf"(?P<words>(?<!対)(?P<year>(?>{YEAR}))(?:(?:[~\-]|から)(?:{YEAR}|\d{{1,2}}年度?))?(?:\d{{1,2}}月(?:\d{{1,2}}日)?)?(?:末|中|当初|[春夏秋冬]|[上下]半期)?(?:時点)?(?!年?度?\)?(?:比|同期比|実績|現在)|末?(?:から(?!(?:令和|平成|\d))|より|と比べ|に比べ|に対し))(?:までに|までの|まで|に|末)?"
    rf"|(?<![後前ら])(?:今後)?{_TIME}以内に(?=\D{{0,6}}\d)|(?<![後前ら])(?:今後)?(?:\d+|[一二三四五六七八九十])\s?(?:か?年|年間|か月|カ月|ヶ月)(?:以内に?|間で|で|後に?|後まで(?:に)?)|計画期間(?:中|内)?(?:に|で)?)"
)
_PER = re.compile(r"\s?度?(?:当たり|あたり|につき|に1)")
_COUNTS = re.compile(
    r"\s?(?:以上|以下|未満|以内)の(?!純?[増減]|実現|削減|縮減|低減|短縮|向上|改善|確保|達成|維持|実施|開催)\S"
)
_ONE_TIME = re.compile(r"1(?:か月|カ月|ヶ月|日|年|週間?|学期)")
_COUNTED = re.compile(rf"\s?(?:平均|約|延べ)?{NUMBER}\s?{_UNIT}")
_FINER = {"時間": re.compile(rf"({_DIGITS})(分)(?!の\d)"), "分": re.compile(rf"({_DIGITS})(秒)")}
_ZERO = re.compile(rf"(?:ゼロ|皆無)(?P<unit>{_UNIT})?")
_HALF = re.compile(r"半減")
_DOUBLE = re.compile(r"倍増")


LONGEST = 1_000
"""A line with more characters than this states no quantity of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A quantity in a text: its place there and what it says."""

    start: int
    end: int
    value: Decimal | None
    unit: str | None
    comparator: str | None = None
    change: str | None = None
    period: str | None = None
    upper: Decimal | None = None
    qualifier: str | None = None
    unsure: str | None = None


def decimal_of(text: str) -> Decimal:
    """Return the number a text of digits and 兆億万千百 stands for; △ and ▲ make it negative.

    >>> decimal_of("1億2,000万"), decimal_of("△3.5"), decimal_of("3万5千")
    (Decimal('120000000'), Decimal('-3.5'), Decimal('35000'))
    """
    negative = text[0] in "△▲-"
    total = Decimal(0)
    for digits, scale in re.findall(rf"({_DIGITS})\s?([兆億万千百]*)", text):
        factor = 1
        for each in scale:
            factor *= _SCALES[each]
        total += Decimal(digits.replace(",", "")) * factor
    if total == total.to_integral_value() and re.search("[兆億万千百]", text):
        total = Decimal(int(total))
    return -total if negative else total


def year_of(text: str) -> int | None:
    """Return the first year named in a text, Japanese eras worked out.

    >>> year_of("令和9年度末"), year_of("R元年"), year_of("2030年"), year_of("10年間")
    (2027, 2019, 2030, None)
    """
    found = _YEAR_PARTS.search(text)
    if not found:
        return None
    if found[3]:
        return int(found[3])
    return _ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))


def due_in(text: str) -> tuple[int, int, int | None] | None:
    """Return the place of the words that say until when, and the year they name."""
    found = _DUE.search(text)
    return (found.start("words"), found.end("words"), _last_year(found["words"])) if found else None


def _last_year(text: str) -> int | None:
    """Return the year in which a stretch of years ends (令和7〜9年度 → 2027)."""
    first = _YEAR_PARTS.search(text)
    if not first:
        return None
    rest = text[first.end() :]
    if (later := year_of(rest)) is not None:
        return later
    bare = re.match(r"年?度?(?:[~\-]|から)(\d{1,2})(?!\d)", rest)
    if bare and first[1]:
        return _ERAS[first[1]] + int(bare[1])
    return year_of(text)


@lru_cache(maxsize=1024)
def quantities(text: str, *, with_counted: bool = False) -> tuple[Found, ...]:
    """Return the quantities of a narrow text in order; years, and numbers that only count others (1人当たり), are not among them.

    ``with_counted`` takes also what counts the words behind it (50%以上の施設), for a place where only a target can stand.

    >>> [(each.value, each.unit, each.comparator) for each in quantities("年間500件以上")]
    [(Decimal('500'), '件', '以上')]
    >>> [(each.value, each.unit, each.comparator) for each in quantities("8割に向上")]
    [(Decimal('80'), '%', '向上')]
    >>> [(each.value, each.unit) for each in quantities("8分30秒以内")]
    [(Decimal('510'), '秒')]
    """
    if len(text) > LONGEST:
        return ()
    hidden = _without_years(text)
    found = []
    at = 0
    while match := QUANTITY.search(hidden, at):
        at = max(match.end(), at + 1)
        if _PER.match(hidden, match.end()) or _is_a_name(hidden, match):
            continue
        if not with_counted and _COUNTS.match(hidden, match.end()):
            continue
        if _ONE_TIME.fullmatch(match.group()) and _COUNTED.match(hidden, match.end()):
            # 1日4時間: four hours a day.
            continue
        each = _quantity(text, hidden, match)
        at = max(each.end, at)
        found.append(each)
    return tuple(found or _in_words(text))


_NO_QUANTITIES = tuple(
    re.compile(pattern)
    for pattern in (
        # 2030年度, 令和7~9年度
        rf"{YEAR}(?:(?:[~\-・]|から)(?:{YEAR}|\d{{1,2}}年度?))?(?:(?<=[年度])|(?!\d(?!\d?月)|,\d|(?:{UNITS})(?<!年)))",
        r"(?<!\d)(?:19|20)\d{2}年度?",
        r"\d+月\d+日|(?<=\0)\d{1,2}月(?:末|時点|現在)?",
        # 5年以内に, 3年間で, 6か月以内に100%: the time to reach a target
        r"(?:\d+|[一二三四五六七八九十])\s?(?:か?年|年間|カ年|ヶ年)(?=以内に|間で|で|後に?|後まで|の?累計|の?合計)",
        rf"{_TIME}(?=以内に\D{{0,6}}\d)",
        # 3人に1人, 第2回, 10年連続, 過去3年平均比
        r"[①-⑳]|\d+(人|世帯|社|校|団体)に\d+\1(?:以上)?|第\d+[回次期章]|\d+(?:か?年|期|か月)連続|(?<!\d)23区",
        r"\d+(?:[かカヶ]?年間?|[かカヶ]月|回|期)の?平均(?=比|\s?約?\d)",
    )
)


def _without_years(text: str) -> str:
    """Hide years and other numbers that count nothing, so that 2030年度 is not 2,030; the length stays."""
    for pattern in _NO_QUANTITIES:
        text = pattern.sub(lambda found: "\0" * len(found.group()), text)
    return text


_COMPARED = re.compile(
    rf"(?P<comparator>{COMPARATORS})(?:を?(?:維持|確保))?\s*$|(?P<change>{_SIGNED})(?:する|させる)?\s*$"
)


_BEHIND_BRACKET = re.compile(rf"\s?[)\]](?:を|に|へ|の水準に)?\s?(?P<told>{COMPARATORS}|{_SIGNED}|回復)")


def comparator_behind(text: str, at: int) -> str | None:
    """Return the comparator behind the bracket that a quantity closes: 前年度(320人)以上."""
    found = _BEHIND_BRACKET.match(text, at)
    return found["told"] if found else None


_REGULAR = re.compile(r"(?:四半期|半期|学期|[1-9]?(?:年|か月|カ月|週間?|日))ごとに")
_NAMED_UNIT = re.compile(rf"[(\[](?:単位\s*:?\s*)?(?P<unit>{_UNIT})[)\]]\s*$")


def unit_named(text: str) -> str | None:
    """Return the unit that closes a name or the head of a column.

    >>> unit_named("講座修了者の活動開始率(%)"), unit_named("満足度(5段階)")
    ('%', None)
    """
    found = _NAMED_UNIT.search(text)
    return found["unit"] if found else None


_RHYTHM = re.compile(rf"\s*[(\[](?P<period>(?:{_FREQUENCY}))[)\]]")


def period_behind(text: str, at: int) -> str | None:
    """Return the rhythm in brackets right behind a quantity: 90か所(年度内)."""
    found = _RHYTHM.match(text, at)
    return found["period"] if found else None


def comparator_in(text: str) -> str | None:
    """Return the comparator that closes a target without a number.

    >>> comparator_in("A評価以上"), comparator_in("全部署")
    ('以上', None)
    """
    found = _COMPARED.search(re.sub(r"\([^()]*\)", "", text))
    return (found["comparator"] or found["change"]) if found else None


def _is_a_name(text: str, match: re.Match[str]) -> bool:
    """True for digits inside a word: G7, COVID-19, 5G, SDGs11, CO2."""
    before = text[match.start() - 1 : match.start()]
    return bool(before and before.isascii() and before.isalpha()) or (
        not match["unit"] and text[match.end() :][:1] in "GD" and text[match.end() :] != ""
    )


def _quantity(text: str, hidden: str, match: re.Match[str]) -> Found:
    value, unit = decimal_of(match["number"]), match["unit"] or match["loose"]
    end, upper = match.end(), None
    while unit in _FINER and (finer := _FINER[unit].match(hidden, end)):
        value, unit, end = value * 60 + decimal_of(finer[1]), finer[2], finer.end()
    if span := _RANGE.match(hidden, end):
        upper, end, unit = decimal_of(span["upper"]), span.end(), span["unit"] or unit
    if unit == "割":
        value, unit = value * 10 + Decimal(match["sen"] or 0), "%"
        upper = upper * 10 if upper is not None else None
    after = _AFTER.match(hidden, end)
    assert after is not None
    stop = max(
        (after.end(name) for name in ("slash", "comparator", "change", "slash2") if after[name]), default=end
    )
    before = _BEFORE.search(hidden, max(0, match.start() - 60), match.start())
    assert before is not None
    start = min(
        (
            before.start(name)
            for name in ("ratio", "each", "frequency", "qualifier", "ratio2")
            if before[name]
        ),
        default=match.start(),
    )
    ratio = next((text[slice(*before.span(name))] for name in ("ratio", "ratio2") if before[name]), None)
    period, qualifier = (
        before["frequency"] or after["slash"] or after["slash2"],
        before["qualifier"] or before["each"],
    )
    if qualifier and not period and re.fullmatch(_TOTAL, qualifier):
        period, qualifier = qualifier, None
    if period and period.endswith("平均"):
        period, qualifier = period.removesuffix("平均"), qualifier or "平均"
    elif period and re.fullmatch(r"[^度]+に", period):
        period = period.removesuffix("に")
    elif not period and qualifier and _REGULAR.fullmatch(qualifier):
        period, qualifier = qualifier, None
    told = after["comparator"] or after["change"]
    if ratio and told and not re.fullmatch(_YEARLY, ratio):
        # 2013年度比50%削減: only what is compared from year to year is a comparator of its own.
        ratio, qualifier = None, qualifier or ratio
    return Found(
        start=start,
        end=stop,
        value=value,
        unit=unit,
        comparator=ratio or told,
        change=after["change"] if ratio or after["comparator"] else None,
        period=period,
        upper=upper,
        qualifier=qualifier,
    )


def _in_words(text: str) -> list[Found]:
    if found := _ZERO.search(text):
        after = _AFTER.match(text, found.end())
        told = (after["comparator"] or after["change"]) if after else None
        return [Found(found.start(), found.end(), Decimal(0), found["unit"], told)]
    if found := _HALF.search(text):
        return [
            Found(found.start(), found.end(), Decimal(50), "%", "削減", unsure="「半減」を50%の削減と読んだ")
        ]
    if found := _DOUBLE.search(text):
        return [
            Found(
                found.start(), found.end(), Decimal(2), "倍", "増加", unsure="「倍増」を2倍への増加と読んだ"
            )
        ]
    return []
