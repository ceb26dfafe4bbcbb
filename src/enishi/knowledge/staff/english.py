"""Staff questions in English, in the words of the office: cases and documents are written in Japanese. Pure.

The sentence model reads English as it is; these words let places, fields, endings and numbers be understood, and say
whether a case really speaks of what was asked.
"""

import re
from collections.abc import Mapping

from enishi.language.places import PREFECTURE_CODES

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_FAILED = "failed|failure|failures|did not work|didn't work|went wrong|unsuccessful|not work out|what failed|problems"
_NUMBERS = "one two three four five six seven eight nine ten".split()
_WORDS: Mapping[str, str] = {
    "うまくいかなかった": _FAILED,
    "うまくいった": "worked|success|successes|successful|succeeded|went well|good results|what worked",
    "途中でやめた": "stopped|abandoned|cancelled|canceled|discontinued|ended early|gave up",
    "食": "food|foods|cooking|restaurant|restaurants|local produce|specialty products",
    "農業": "farm|farms|farmers|farming|agriculture|agricultural",
    "漁業": "fish|fishing|fishery|fisheries|fishermen",
    "観光": "tourism|tourist|tourists|sightseeing|visitors",
    "福祉": "welfare|elderly care|nursing care|disabled|disability",
    "高齢者": "elderly|older people|seniors|aged",
    "子育て": "childcare|child care|children|parenting|nursery",
    "教育": "education|school|schools|students|pupils",
    "学校": "school|schools",
    "保護者": "parents|guardians",
    "試食": "tasting|taste test",
    "反対": "oppose|opposed|opposition|objected|objection|objections|against",
    "交通": "transport|transportation|bus|buses|taxi|mobility",
    "予約": "booking|reservation|reservations|on demand|on-demand",
    "防災": "disaster|disasters|emergency preparedness",
    "避難": "evacuation|evacuate|shelter|shelters",
    "環境": "environment|environmental|recycling|garbage|waste|energy|solar",
    "移住": "migration|relocation|newcomers|settlers",
    "空き家": "vacant house|vacant houses|vacant homes|empty houses|akiya",
    "健康": "health|healthcare|medical|exercise",
    "行政": "administration|city hall|paperwork",
    "文化": "culture|cultural|festival|festivals|heritage",
    "公共施設": "public facilities|public facility|public building|public buildings|closed school",
    "産業": "industry|business park|shopping street|start-up|startups",
    "協定": "agreement|agreements|partnership agreement|mou",
    "契約": "contract|contracts",
    "範囲 外": "outside|beyond the scope|out of scope|not covered|not in",
    "仕事": "work|task|tasks|job|jobs",
    "相手": "partner|partners|counterpart|counterparty",
    "企業": "company|companies|firm|firms|private sector",
    "大学": "university|universities|college",
    "頼む": "asked for|asked us|requested|request|requests",
    "提案": "proposal|proposals",
    "断る": "declined|decline|refused|refuse|rejected|turned down",
    "手紙": "letter|letters",
    "実証": "trial|trials|pilot|pilots|experiment|proof of concept",
    "個人情報": "personal data|personal information|privacy",
    "データ": "data|dataset",
    "費用": "cost|costs|expense|expenses|money|budget",
    "住民": "residents|citizens|inhabitants",
    "苦情": "complaint|complaints",
    "見守り": "monitoring the elderly|watching over|welfare checks",
    "給食": "school lunch|school lunches|school meals",
    "配送": "delivery|deliveries",
    "ドローン": "drone|drones",
    "翻訳": "translation|translations|interpreting",
    "倒産": "bankrupt|bankruptcy|insolvent",
}
_ROMAJI = (
    "hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo kanagawa niigata toyama ishikawa fukui "
    "yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima "
    "kagawa ehime kochi fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa"
).split()
_PLACES = dict(zip(_ROMAJI, PREFECTURE_CODES, strict=True))
_REGIONS = {
    "tohoku": "東北",
    "kanto": "関東",
    "hokuriku": "北陸",
    "tokai": "東海",
    "kinki": "近畿",
    "kansai": "関西",
    "shikoku": "四国",
    "kyushu": "九州",
}


def in_japanese(text: str) -> str:
    """An English question in Japanese words; any other text as it is.

    >>> in_japanese("past food projects with towns in Hokkaido: what worked, what failed, five things to mind")
    '北海道 うまくいかなかった うまくいった 食 5つ'
    """
    if _JAPANESE.search(text) or not re.search(r"[A-Za-z]{3}", text):
        return text
    lower = f" {text.lower()} "
    found = [name for romaji, name in {**_PLACES, **_REGIONS}.items() if _says(lower, romaji)]
    for japanese, english in _WORDS.items():
        terms = sorted(english.split("|"), key=len, reverse=True)
        said = next((term for term in terms if _says(lower, term)), "")
        if said:
            found.append(japanese)
        if japanese == "うまくいかなかった":
            # 「did not work」 is no success.
            lower = re.sub("|".join(map(re.escape, terms)), " ", lower)
    count = re.search(
        rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:\w+\s+)?(?:things|points|lessons|tips|items)\b", lower
    )
    if count:
        written = count.group(1)
        found.append(f"{_NUMBERS.index(written) + 1 if written in _NUMBERS else int(written)}つ")
    return " ".join(dict.fromkeys(found)) or text


def _says(text: str, term: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(term)}(?![a-z])", text) is not None
