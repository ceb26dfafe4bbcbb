"""What a question asks for: its kind, what an answer must literally hold, and whether it is no matter for guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from enishi.engines.answers.model import Number, QuestionKind, Reading, Wanted
from enishi.engines.answers.numbers import SAME_UNIT, UNITS, states


@dataclass(frozen=True)
class Understood:
    kind: QuestionKind
    wanted: frozenset[Wanted]
    unit: str
    is_strict: bool


_COUNTED = "|".join(
    unit
    for unit in UNITS.split("|")
    if unit not in ("円", "日", "年", "月", "時", "番", "度", "m", "g", "t", "L", "l", "%")
)

_KINDS: tuple[tuple[QuestionKind, str], ...] = (
    (
        QuestionKind.HOW_MUCH,
        r"いくら|何円|幾ら|料金は|手数料は|費用は|値段|金額は|いくつ|何(?:割|人|枚|個|回|歳|才|冊|点|本|台|件|分|キロ|センチ|リットル|グラム|パーセント|世帯|日間|か月|年間|週間)|どのくらい|どれくらい"
        r"|how (?:much|many|old|long)|what (?:is|are) the (?:fee|cost|price)|多少|几(?:个|岁|张|次)|얼마|몇\s?(?:개|명|살|세|장|번)|bao nhiêu|mấy tuổi|giá",
    ),
    (
        QuestionKind.WHEN,
        r"いつ|何時(?!間)|何曜日|何日|何月|何年|期限は|締(?:め)?切(?:り)?は|日程は|時間は|日時は|期間は|開館時間|受付時間|営業時間"
        r"|\bwhen\b|what (?:time|day|date)|until when|deadline|opening hours|什么时候|几点|何时|哪天|星期几|时间|언제|몇\s?시|무슨 요일|시간|khi nào|mấy giờ|ngày nào|thứ mấy|bao giờ|thời gian",
    ),
    (
        QuestionKind.WHERE,
        r"どこ|何処|場所は|住所は|所在地|どちら(?:で|に|へ)|\bwhere\b|哪里|哪儿|在哪|什么地方|어디|ở đâu|chỗ nào",
    ),
    (
        QuestionKind.WHO,
        r"だれ|誰|どなた|どんな人|どういう人|対象者?は|\bwho\b|谁|什么人|哪些人|누가|누구|대상|\bai\b|đối tượng",
    ),
    (QuestionKind.WHY, r"なぜ|何故|どうして|理由は|\bwhy\b|为什么|왜|tại sao|vì sao"),
    (
        QuestionKind.HOW,
        r"どうやって|どうすれば|どうしたら|どのように|どうやれば|どう(?:申し込|申請|手続|出し|捨て|届|すれ|した)|方法|手続|やり方|手順|仕方|流れ|たい(?:です|のですが|んですが|のです)?[。?？]*$|捨て方|出し方|借り方"
        r"|\bhow (?:do|can|to|should)|怎么|如何|怎样|办法|어떻게|방법|làm thế nào|làm sao|cách",
    ),
    (
        QuestionKind.YES_NO,
        r"(?:です|ます|でしょう|ません|ました|た|る|い|の)か[?？。]?\s*$|(?:ますか|ですか|できますか|でしょうか)"
        r"|^(?:can|do|does|is|are|may|must|should|will)\b|吗|是否|能不能|可以|습니까|나요|되나요|có .* không|được không",
    ),
)
_WANTED: tuple[tuple[Wanted, str], ...] = (
    (
        Wanted.MONEY,
        r"いくら|幾ら|何円|(?:料金|手数料|費用|値段|金額|利用料|使用料|参加費|自己負担)(?:は|の額は|を教えて|を知り|が知り|について)?(?:ください|下さい|たい|たいです|です|ですか)?[?？。]*$"
        r"|how much|what (?:is|are) the (?:fee|cost|price)|多少钱|얼마|bao nhiêu tiền",
    ),
    (Wanted.TIME, r"何時(?!間)|受付時間|開館時間|営業時間|what time|opening hours|几点|몇\s?시|mấy giờ"),
    (
        Wanted.DATE,
        r"いつ|何日(?!間)|何曜日|何月|締(?:め)?切|期限は|日程|日時|\bwhen\b|what (?:day|date)|deadline|什么时候|何时|哪天|星期几|언제|요일|khi nào|ngày nào|thứ mấy|bao giờ",
    ),
    (Wanted.PHONE, r"電話番号|何番に(?:電話|かけ)|phone number|电话号码|전화번호|số điện thoại"),
    (Wanted.PLACE, r"どこ|何処|場所は|住所は|所在地|\bwhere\b|哪里|哪儿|在哪|어디|ở đâu"),
    (
        Wanted.NUMBER,
        rf"何(?:{_COUNTED})|いくつ|how (?:many|old)|几(?:个|岁|张|次)|몇\s?(?:개|명|살|세|장|번)|mấy tuổi",
    ),
)
_UNIT_ASKED = re.compile(rf"何({_COUNTED})")
_STRICT = re.compile(
    r"法律|条例|規則|違反|罰|義務|権利|時効|税|円|料金|手数料|費用|金額|いくら|補助|助成|給付|減免|免除|控除|滞納|延滞|保険料|使用料|"
    r"期限|締切|締め切|いつまで|何日まで|何日以内|資格|要件|違法|合法|認められ"
    r"|deadline|fee|cost|tax|law|legal|penalt|how much|多少钱|费用|税|期限|截止|法律|요금|수수료|세금|기한|법|얼마|phí|thuế|hạn|luật|tiền"
)  # fmt: skip
_LEADS_ON = re.compile(
    r"申込|申し込|申請|届け?出|予約|連絡|窓口|お越し|来てください|持って|電話|出してください|受け付け"
)
_AGES = {"歳": frozenset(("か月", "学年"))}
_SCHOOL_YEAR = "年生"
_THINGS = frozenset("個 枚 点 本 台 冊 袋 通 品目 匹 頭".split())
"""What is counted so is counted otherwise by whoever answers: 何枚 a disc, 3点 the library."""
_FRACTION = re.compile(r"分の|半額|半分|%")
_SCHOOL_AGE = re.compile(r"[小中高]学?校?\s?[1-6]?年?生|就学前|未就学|年度末|学年")
_FREE = re.compile(r"無料|有料|(?:料金|費用|お金|手数料)は?(?:一切)?(?:かかりません|不要)|実費")
_DAY = re.compile(
    r"曜|\d\s?(?:営業|開庁)?日間?(?!本)|毎日|毎週|毎月|随時|通年|年末年始|祝日|平日|いつでも|翌日|当日|前日|以内|日前|日後|月の\d|年中|月末|末日|初日|か月|週間|every|daily"
)
_PLACE = re.compile(
    r"窓口|役場|役所|庁舎|本庁|支所|出張所|センター|公民館|図書館|学校|公園|病院|診療所|会館|ホール|広場|駅|階(?!級|段)|課(?!税|題|程|さ|す)|(?<!関)係(?!る|わ|数)|室|郵便局|コンビニ|"
    r"集積所|ステーション|店|施設|体育館|プール|薬局|医療機関|ホームページ|オンライン|会場|自宅|保健所|支店|番地|丁目|工場|処理場|場所|園|館|所(?![得有在定属持要管轄用])|アプリ|郵送|電話"
)


def understand(text: str) -> Understood:
    """Return what a question asks for; the first kind that fits, in the order in which they bind an answer most."""
    asked = text.lower()
    wanted = frozenset(want for want, pattern in _WANTED if re.search(pattern, asked))
    unit = _UNIT_ASKED.search(asked)
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, asked)), QuestionKind.WHAT)
    return Understood(
        kind,
        wanted,
        SAME_UNIT.get(unit.group(1), unit.group(1)) if unit else "",
        bool(_STRICT.search(asked)),
    )


def holds(wanted: Wanted, unit: str, reading: Reading) -> bool:
    """Whether a text holds what the question wants, such as an amount of money for 「いくら」."""
    kinds = {number.kind for number in reading.numbers}
    units = {number.unit for number in reading.numbers if number.kind == "number"}
    match wanted:
        case Wanted.MONEY:
            return bool(units & {"円", "割", "%"}) or bool(_FREE.search(reading.text))
        case Wanted.DATE:
            return "date" in kinds or bool(_DAY.search(reading.text))
        case Wanted.TIME:
            return "time" in kinds or "24時間" in reading.text
        case Wanted.PHONE:
            return "phone" in kinds
        case Wanted.PLACE:
            return bool(_PLACE.search(reading.text)) or bool(reading.names)
        case Wanted.NUMBER:
            if (unit == "歳" and _SCHOOL_AGE.search(reading.text)) or (
                unit == "割" and _FRACTION.search(reading.text)
            ):
                return True
            if unit in _THINGS:
                return bool(units & _THINGS)
            return unit in units | _AGES.get(unit, frozenset()) if unit else bool(units or kinds)


def leads_on(reading: Reading) -> bool:
    """Whether a sentence says where to go or what to hand in, which a question of how or of wanting asks for."""
    return bool(_LEADS_ON.search(reading.text))


def unstated(numbers: frozenset[Number], stated: frozenset[Number]) -> frozenset[Number]:
    """The numbers of a question that a passage does not state.

    「1個いくら」 asks for no certain number, and a school year matters only where the passage goes by school years.
    """
    units = {number.unit for number in stated}
    return frozenset(
        number
        for number in numbers
        if not states(number, stated)
        and not (number.value == "1" and number.unit in _THINGS)
        and (number.unit != _SCHOOL_YEAR or _SCHOOL_YEAR in units)
    )
