"""Two questions asked in one: each is answered by itself, so that no half of an answer passes for the whole."""

from __future__ import annotations

import re

MOST_PARTS = 3
_ENDS = re.compile(r"(?<=[。?？!\n])\s*")
_ASKS = re.compile(
    r"[?？]|か[。]?$|教えて|知りたい|知り(?:ませんか|たく)|(?:いくら|いつ|どこ|何[一-鿿]|だれ|誰|どうすれば|どうやって|どうしたら)"
)
_JOINS = re.compile(
    r"^(?:あと|また|それと|それから|ちなみに|ついでに|加えて|さらに|そして|その|それ|では|じゃあ)(?:は|、|,)?\s*"
)
_TOPIC = re.compile(r"^[一-鿿ァ-ヺー々A-Za-z0-9・ごみ]{2,14}")
_OWN_TOPIC = re.compile(r"^[^。、?？]{2,}?(?:には|では|は)")
_OF_KIND = re.compile(r"^[^。、?？はがをでもに]{2,14}?の[^。、?？はがをでもに]{1,10}?の")
_BARE_TOPIC = re.compile(r"^[^。、?？の]{1,5}は")
_ONLY_ASKS = re.compile(
    r"^(?:いくら|いつ|どこ|何[一-鿿]|だれ|誰|どうして|なぜ|できますか|いいですか)[^一-鿿ァ-ヺ]{0,6}$"
)
_SHORT = 8
_ACTS = re.compile(r"する|して|した|ため|たい|ます|です|ので|から|って")
_EACH = re.compile(r"それぞれ|各々|おのおの")
_AND = re.compile(
    r"(?<=[一-鿿ァ-ヺー)A-Za-z0-9])(?:と|や|および|及び|ならびに)、?(?=[一-鿿ァ-ヺA-Za-z0-9])|、(?:それと|あと)"
)
_TOGETHER = re.compile(r"違い|ちがい|違う|比べ|比較|どちら|どっち|一緒|両方|同時|関係|合わせ|または")
_REST = re.compile(
    r"、|それぞれ|(?:[はをが]|で(?!き))(?![一-鿿ァ-ヺ]{0,2}[のとや])|って|いくら|いつ|何|どこ|教え"
)
_LEANING = re.compile(
    r"^(?:駐車場|駐輪場|受付|窓口|申し?込み?|申請|手続き?|届出|予約|電話|連絡先|締め?切り?|期限|期間|期日|料金|手数料|費用|金額|値段|場所|時間|"
    r"日時|日程|対象者?|条件|定員|持ち物|必要(?:な|書類)|休館|休み|開館|閉館|順延|延期|定休)"
)
_MOST_NAMED = 25


def parts(text: str) -> tuple[str, ...]:
    """Return the questions that are asked in one; a single one where there is but one, or where they belong together.

    >>> parts("図書館の本は何冊借りられますか。それと閉館時間は何時ですか?")
    ('図書館の本は何冊借りられますか。', '図書館の閉館時間は何時ですか?')
    >>> parts("太陽光パネルと蓄電池の補助の上限はそれぞれいくらですか")
    ('太陽光パネルの補助の上限はいくらですか', '蓄電池の補助の上限はいくらですか')
    >>> parts("転入届と転出届の違いは何ですか")
    ('転入届と転出届の違いは何ですか',)
    """
    said = [each for each in _ENDS.split(text.strip()) if each.strip()]
    asking = [each for each in said if _ASKS.search(each)]
    if any(_ONLY_ASKS.search(each) for each in asking[1:]) or not asking:
        return (text,)
    told = "".join(said[: said.index(asking[0])])
    found = _one_by_one(asking) if len(asking) > 1 else _named_apart(asking[0])
    return tuple(told + each for each in found[:MOST_PARTS]) or (text,)


def _one_by_one(asking: list[str]) -> list[str]:
    """Each asking sentence, with the topic of the first where it goes on about that."""
    topic = _TOPIC.match(asking[0])
    found = [asking[0]]
    for each in asking[1:]:
        own = _JOINS.sub("", each)
        goes_on = (
            _LEANING.match(own)
            or len(own) <= _SHORT
            or (own != each and not _OWN_TOPIC.match(own))
            or (_OF_KIND.match(asking[0]) and _BARE_TOPIC.match(own))
        )
        about = f"{topic.group()}の" if goes_on and topic and topic.group() not in own else ""
        found.append(about + own)
    return found


def _named_apart(text: str) -> list[str]:
    """「AとBの料金」: the question for A and the question for B."""
    joined = _AND.search(text)
    if joined is None or _TOGETHER.search(text) or not (_EACH.search(text) or _asks_for_facts(text)):
        return []
    one, after = text[: joined.start()], text[joined.end() :]
    rest = _REST.search(after)
    if rest is None or not rest.start() or _AND.search(after[: rest.start()]) or len(one) > _MOST_NAMED:
        return []
    other, asked = after[: rest.start()], _EACH.sub("", after[rest.start() :])
    if "、" in one or len(other) > _MOST_NAMED or _ACTS.search(one + other):
        return []
    if "の" in one:
        # Each says of itself what is asked: 「就農の補助の上限と、漁船の補助の上限」.
        about = f"{one.split('の')[0]}の" if _LEANING.match(other) else ""
        return [f"{one}{asked}", f"{about}{other}{asked}"]
    shared = other[other.index("の") :] if "の" in other else ""
    return [f"{one}{shared}{asked}", f"{other}{asked}"]


def _asks_for_facts(text: str) -> bool:
    return bool(re.search(r"いくら|いつ|何(?:円|時|日|曜|月|人|歳|枚|回|冊|個)|教えて|知りたい|どこ", text))
