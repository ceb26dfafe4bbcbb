"""A text as the engine of answers compares it: words, names, numbers, and what is said or denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from enishi.engines.answers import Reading, numbers_in
from enishi.language.normalising import normalise
from enishi.language.tokens import Token, tokens

_HELPERS = frozenset(("助詞", "助動詞", "補助記号", "空白", "接尾辞"))
_LEANING_VERBS = frozenset(
    ("為る", "居る", "有る", "成る", "下さる", "貰う", "頂く", "行く", "置く", "御座る")
)
_CLAIMING = frozenset(("出来る", "可能", "必要"))
_DENIED_WORDS = {
    "不要": ("必要", False),
    "不可": ("可能", False),
    "不可能": ("可能", False),
    "有料": ("無料", False),
    "禁止": ("可能", False),
    "休館": ("開館", False),
    "閉館": ("開館", False),
    "休業": ("営業", False),
    "休園": ("開園", False),
    "非課税": ("課税", False),
    "不燃": ("燃える", False),
    "可燃": ("燃える", True),
    "燃やせる": ("燃える", True),
    "以下": ("以上", False),
    "未満": ("以上", False),
    "以上": ("以上", True),
}
"""Words that say the opposite of another one: compared as that word, denied."""

_DUTY = re.compile(r"(?:なければ|なくては|ないと)(?:なり|いけ|な)|ざるを得|ねばな")
_MAYBE = re.compile(r"かもしれ")
_HONORIFICS = frozenset(
    ("さん", "様", "氏", "君", "くん", "殿", "ちゃん", "先生", "夫妻", "課長", "部長", "係長", "局長", "主査")
)
_SAID_OF = frozenset(("です", "と"))
_LETTERS = re.compile(r"[ぁ-ゖァ-ヺ一-鿿]")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_PLACES_OF = frozenset("市 町 村 区 県 府 都 道 郡".split())


@lru_cache(maxsize=8_192)
def read(text: str) -> Reading:
    """Return the reading of a text of any language; words and names are found in Japanese ones only."""
    plain = normalise(text)
    found = tokens(plain)
    content = [token for token in found if token.is_content]
    return Reading(
        text=plain,
        words=tuple(token.normal for token in content),
        nouns=frozenset(token.normal for token in content if token.part == "名詞"),
        names=frozenset(names_in(found)),
        numbers=numbers_in(plain),
        claims=frozenset(_claims(plain, found)),
    )


def _word(token: Token) -> str:
    return _DENIED_WORDS.get(token.normal, (token.normal, True))[0]


def names_in(found: Sequence[Token]) -> list[str]:
    """Names of places, people and organisations, each with the noun that completes it (草薙町, 青葉大学)."""
    names: list[str] = []
    place = 0
    while place < len(found):
        token = found[place]
        if not _is_name(token):
            place += 1
            continue
        end = place + 1
        while end < len(found) and _is_name(found[end]) and found[end].start == found[end - 1].end:
            end += 1
        is_place = end < len(found) and found[end].surface in _PLACES_OF
        if is_place and found[end].start == found[end - 1].end:
            end += 1
        name = "".join(each.surface for each in found[place:end])
        # Words spelled out in kana are often taken for names (けんこう, ゆき); an office's place says what it is.
        if is_place or not _HIRAGANA.fullmatch(name):
            names.append(name)
        place = end
    return names


def _is_name(token: Token) -> bool:
    return (
        token.subpart == "固有名詞" and bool(_LETTERS.search(token.surface)) and token.normal not in _NO_NAMES
    )


_NO_NAMES = frozenset("日本 マイナンバー".split())


def names_people(text: str) -> bool:
    """Whether a question is about a person by name: 「山田太郎さんは…」, 「鈴木課長の…」."""
    found = tokens(normalise(text))
    for place, token in enumerate(found):
        if token.detail != "人名" or not _LETTERS.search(token.surface):
            continue
        following = found[place + 1] if place + 1 < len(found) else None
        if following is None:
            continue
        if following.surface in _HONORIFICS or (following.detail == "人名" and len(token.surface) > 1):
            return True
    return False


def _claims(plain: str, found: Sequence[Token]) -> list[tuple[str, bool]]:
    claims: dict[int, tuple[str, bool]] = {}
    for place, token in enumerate(found):
        if token.normal in _DENIED_WORDS:
            claims[place] = _DENIED_WORDS[token.normal]
        elif token.is_content or token.normal in _CLAIMING:
            claims[place] = (token.normal, True)
    for place, token in enumerate(found):
        if (
            not _denies(token)
            or _DUTY.match(plain, _start_of_denial(found, place))
            or _is_maybe(plain, token)
        ):
            continue
        head = _head(found, place)
        if head is not None:
            word, said = claims.get(head, (found[head].normal, True))
            claims[head] = (word, not said)
    return list(claims.values())


def _denies(token: Token) -> bool:
    if token.part == "助動詞":
        return token.normal in ("ない", "ず", "ぬ", "まい")
    if token.part == "形容詞":
        return token.normal == "無い"
    return token.part == "接尾辞" and token.surface == "外"


def _start_of_denial(found: Sequence[Token], place: int) -> int:
    return found[place].start


def _is_maybe(plain: str, token: Token) -> bool:
    return bool(_MAYBE.search(plain, max(token.start - 5, 0), token.end))


def _head(found: Sequence[Token], place: int) -> int | None:
    """The word that is denied: the nearest before that is no helper."""
    for before in range(place - 1, -1, -1):
        token = found[before]
        leans = token.normal in _LEANING_VERBS or (
            token.subpart == "非自立可能" and before > 0 and found[before - 1].part == "動詞"
        )
        if token.part in _HELPERS or (leans and token.normal != "出来る"):
            continue
        return before
    return None


def person_spans(text: str) -> list[tuple[int, int]]:
    """Where names of persons stand in a text as given: several in a row, or one with 「さん」 or a title behind it, or 「…は山田です」."""
    found = tokens(text)
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(found):
        end = place
        while end < len(found) and _is_of_name(found, end):
            end += 1
        following = found[end].surface if end < len(found) else ""
        if end > place and found[end - 1].part == "空白":
            end -= 1
        is_said_so = place > 0 and found[place - 1].surface == "は" and following in _SAID_OF
        is_person = end - place > 1 or (end > place and (following in _HONORIFICS or is_said_so))
        if is_person and following not in _PLACES_OF:
            spans.append((found[place].start, found[end - 1].end))
        place = max(end, place + 1)
    return spans


def _is_of_name(found: Sequence[Token], place: int) -> bool:
    """Whether a word is part of a person's name, or the blank within: 「山田 花子」."""
    if found[place].part == "空白":
        return 0 < place < len(found) - 1 and all(
            found[beside].detail == "人名" for beside in (place - 1, place + 1)
        )
    return found[place].detail == "人名" and bool(_LETTERS.search(found[place].surface))
