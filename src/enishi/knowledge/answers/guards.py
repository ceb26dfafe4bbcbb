"""What is looked at before a question is answered or kept: whom it is about, what it says, what it must not leave behind."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from enishi.engines import privacy
from enishi.language.normalising import normalise
from enishi.language.reading import names_people, person_spans

MOST_KEPT = 600
MOST_MASKED = 4_000
"""Only the first part of a very long question is read at all, so only that is masked and kept."""

_DANGERS = {
    # Despair: somebody speaks of ending their life, their own words or a question about it.
    "despair": r"死にたい|しにたい|死んでしまいたい|自殺(?!対策|予防|防止|率|者|総合|の?統計)|自死(?!遺族|対策)|消えてしまいたい|消えてなくなりたい|生きていたくない|生きるのがつら|生きるのが辛|リストカット|首を吊|kill myself|suicid(?!e (?:prevention|rate|statistics))|"
    r"(?:want|going) to die|end my life|don't want to live|自杀(?!预防|干预|率)|轻生|不想活|想死|자살(?! ?(?:예방|률))|죽고 ?싶|살고 ?싶지 ?않|(?<!phòng chống )tự tử|tự sát|muốn chết|không muốn sống",
    "child": r"(?:子ども|子供|こども|赤ちゃん|赤ん坊|児童|幼児)[^。\n]{0,10}(?:虐待(?!防止|予防|対応|対策)|殴|叩かれ|たたかれ|蹴|閉じ込め|置き去り|泣き叫)|虐待(?:され|を受け|してい|を見|かも|では|の通報|の通告)|child abuse|"
    r"(?:child|kid|baby|boy|girl)[^.\n]{0,20}(?:beaten|being hit|abused|locked (?:in|out))|虐待(?:儿童|孩子)|打孩子|孩子被打|아동 ?학대|아이를 ?때|bạo hành trẻ|ngược đãi trẻ|đánh đập trẻ",
    "violence": r"(?<![A-Za-z])DV(?![A-Za-z])|家庭内暴力|ドメスティック|(?:夫|妻|旦那|彼氏|彼女|恋人|元夫|元彼|親|父|母|家族)[^。\n]{0,8}(?:殴(?!り書)|蹴|暴力|首を絞)|暴力を(?:受け|ふるわ|振るわ)|殴られ|ストーカー|つきまと|レイプ|性暴力|性被害|"
    r"(?:beat(?:s|ing)?|hit(?:s|ting)?|hurt(?:s|ing)?|attack(?:s|ing|ed)?) me|domestic violence|raped|stalk(?:er|ing)|家暴|家庭暴力|打我|强奸|跟踪我|가정 ?폭력|때려요|때립니다|맞고 ?있|성폭행|스토킹|bạo lực gia đình|đánh tôi|bị đánh|cưỡng hiếp",
    "life": r"火事(?:です|だ|になっ|が起き|を見)|(?:家|部屋|隣|建物|車)が燃え|煙が(?:出て|上が)|(?:人|父|母|夫|妻|子ども|祖父|祖母|おじいさん|おばあさん)が?[^。\n]{0,6}倒れて|意識が(?:ない|ありません|もうろう)|息を?(?:して(?:い)?(?:ない|ません)|が?でき(?:ない|ません))|"
    r"呼吸が(?:ない|止ま)|血が止まら|溺れ(?:て|た|そう)|刺され|殺され|襲われ|強盗|助けて(?:ください|くれ|下さい)?[!！。…\s]*$|not breathing|unconscious|heart attack|(?:house|room|building) is on fire|there is a fire|overdose|help me[!.\s]*$|"
    r"救命|着火了|没有呼吸|不呼吸|晕倒|昏倒|流血不止|불이 ?났|살려|숨을 ?(?:안|못|쉬지)|쓰러졌|의식이 ?없|cháy nhà|cứu (?:tôi|với)|không thở|bất tỉnh|ngất xỉu",
}
"""What may need help at once, in six languages: each leads to the telephone that answers day and night."""
_DANGER_SIGNS = {kind: re.compile(signs, re.IGNORECASE) for kind, signs in _DANGERS.items()}
_INTRODUCED = re.compile(
    r"(?:私|わたし|わたくし|僕|俺)は[^。、]{2,12}?(?:です|と申します)[。、]?|(?:氏名|名前)[はが:：]\s*[^。、\s]{2,10}[。、\s]?"
)
_ADDRESSED = re.compile(r"お前|てめえ|おまえ|ほんと|[のはらもが]")
_ONLY_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Kept:
    """A question as it may be kept."""

    text: str
    kinds: tuple[str, ...]


def masked(text: str, *, public: tuple[str, ...] = ()) -> Kept:
    """The text without what points to a person; ``public`` may stay, such as the town hall's own telephone number."""
    cut = normalise(text, limit=MOST_MASKED)
    found = privacy.mask(cut, names=person_spans(cut), kept=public)
    return Kept(found.text[:MOST_KEPT], tuple(sorted({kind.value for kind in found.kinds})))


def is_empty(text: str) -> bool:
    return not _ONLY_NOISE.sub("", normalise(text, limit=2_000))


def is_abuse(text: str) -> bool:
    """Whether nothing is left of a text but insults."""
    rest = normalise(text, limit=500).lower()
    shorter = rest
    for word in _insults():
        shorter = shorter.replace(word, "")
    # Only beside an insult do these say nothing: 「ごみの日」 is a question.
    return shorter != rest and len(_ONLY_NOISE.sub("", _ADDRESSED.sub("", shorter))) <= 4


def is_about_person(text: str) -> bool:
    """Whether somebody else is asked about by name; who only says who they are is not."""
    plain = normalise(text, limit=500)
    return names_people(_INTRODUCED.sub("", plain))


def dangers(text: str) -> tuple[str, ...]:
    """Who may need help at once, and of which kind."""
    plain = normalise(text, limit=2_000)
    return tuple(kind for kind, signs in _DANGER_SIGNS.items() if signs.search(plain))


@lru_cache(maxsize=1)
def _insults() -> tuple[str, ...]:
    lines = (files("enishi.knowledge.answers") / "insults.txt").read_text("utf-8").splitlines()
    words = [line.strip().lower() for line in lines if line.strip() and not line.startswith("#")]
    return tuple(sorted(words, key=len, reverse=True))
