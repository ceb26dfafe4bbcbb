"""What a borrowed sentence brings along from another place or year: numbers, days, names. Pure.

A sentence taken over word for word is right where it was written. Whatever in it belongs there and not here is named,
so that a person looks at it before it stands in another document.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.foundation.wareki import ERAS
from enishi.language.tokens import tokens

_YEAR = re.compile(
    r"(令和|平成|昭和)(元|\d{1,2})年(度)?|(20\d\d|19\d\d)年(度)?|(?<![A-Za-z])([RH])(\d{1,2})年?度"
)
_DAY = re.compile(r"(?:\d{1,2}月\d{1,2}日|\d{1,2}月(?:上旬|中旬|下旬|末)?|\d{1,2}/\d{1,2})")
_NUMBER = re.compile(
    r"(?:約|およそ)?(?<![0-9,.])[0-9][0-9,.]{0,15}(?:[億万千百]+[0-9][0-9,.]{0,15}){0,3}[億万千百]*(?:点目|円|人|名|件|世帯|戸|%|パーセント|か所|箇所|回|台|本|社|団体|校|割|倍|トン|km|㎡|ha)"
    r"|\d{2,5}-\d{1,4}-\d{4}|[一二三四五六七八九十百千万億]{2,12}(?:円|世帯|戸|パーセント)"
)
_PLACE = re.compile(
    r"[一-龠々ヶケァ-ヴーぁ-ん]{1,6}(?:都|道|府|県|市|町|村)(?=[\s、。のにではがをと(「・]|$)"
)
_PERSON = re.compile(
    r"([一-龠々]{1,4}\s?[一-龠々ぁ-んァ-ヴー]{0,4})(?:氏|さん|様|課長|部長|係長|市長|町長|村長|議員|会長|理事長|社長)"
)
_SPEECH = re.compile(
    r"先ほど|先程|さきほど|今ほど|ただ(?:いま|今)|昨日|本日|この後|後ほど|のちほど"
    r"|(?:[一-龠々]{1,5}|\d{1,2}番)?議員(?:から|より|の|に)?[、,]?\s?[ご御](?:指摘|質問|提案|紹介|意見|案内|発言|理解)"
    r"|[ご御](?:指摘|質問|提案|紹介)の(?:とおり|通り|あった|ありました|ございました|点)"
    r"|(?:申し上げ|お答えし|答弁し|答弁いたし)ましたとおり|前(?:回|段)の(?:ご質問|答弁)"
    r"|(?:[369]|12|十二|[三六九])月(?:定例会|議会)|前回の(?:議会|定例会)"
)
"""Words that point at the sitting they were spoken in: whoever reads the new text was not there."""
_NO_PLACE = tuple(
    "本市 当市 本町 当町 本村 本県 当県 他市 各市 同市 同町 都市 両市 全市 本道 "
    "剣道 柔道 弓道 武道 書道 茶道 華道 水道 鉄道 国道 県道 市道 町道 村道 農道 林道 歩道 報道 坑道".split()
)


@dataclass(frozen=True)
class Flag:
    """Something to look at: ``kind`` is year, day, number, place, person or speech; ``text`` stands in the sentence."""

    kind: str
    text: str

    def stored(self) -> dict[str, str]:
        return {"kind": self.kind, "text": self.text}


@dataclass(frozen=True)
class Here:
    """For what is being written: place, fiscal year, and the texts given for it (their numbers and names belong here)."""

    place: str = ""
    year: int | None = None
    given: Sequence[str] = ()


def carried_over(sentence: str, here: Here) -> list[Flag]:
    """What in a borrowed sentence does not come from here.

    >>> [flag.text for flag in carried_over("あおば市では令和5年度に412世帯を訪問した。", Here("草薙町", 2026))]
    ['令和5年度', '412世帯', 'あおば市']
    """
    plain = unicodedata.normalize("NFKC", sentence)
    given = unicodedata.normalize("NFKC", "\n".join([here.place, *here.given]))
    rest, years = _years(plain, here)
    flags = [*years]
    flags += [Flag("day", text) for text in _DAY.findall(rest) if text not in given]
    flags += [Flag("number", match.group()) for match in _NUMBER.finditer(rest) if match.group() not in given]
    flags += [Flag("place", text) for text in _places(plain) if not _is_here(text, here, given)]
    flags += [
        Flag("person", match.group()) for match in _PERSON.finditer(plain) if match.group() not in given
    ]
    flags += [Flag("speech", match.group()) for match in _SPEECH.finditer(plain)]
    return list(dict.fromkeys(flags))


def year_of(text: str) -> int | None:
    """The first year a text names, as the common year."""
    match = _YEAR.search(unicodedata.normalize("NFKC", text))
    return _common_year(match) if match else None


def _years(text: str, here: Here) -> tuple[str, list[Flag]]:
    flags = [
        Flag("year", match.group())
        for match in _YEAR.finditer(text)
        if here.year is None or _common_year(match) != here.year
    ]
    return _YEAR.sub(" ", text), flags


def _common_year(match: "re.Match[str]") -> int:
    era, number, _fiscal, common, _fiscal2, letter, short = match.groups()
    if common:
        return int(common)
    name = era or {"R": "令和", "H": "平成"}[letter]
    first = next(each.first_day.year for each in ERAS if each.name == name)
    written = number or short
    return first - 1 + (1 if written == "元" else int(written))


def _places(text: str) -> list[str]:
    """Names that end like a municipality and that a reader of words takes for a name."""
    named = set()
    for match in _PLACE.finditer(text):
        name = match.group()
        found = [token for token in tokens(name) if token.part == "名詞"]
        start = next((token.start for token in found if token.subpart == "固有名詞"), None)
        if start is not None:
            name = name[start:]
        elif len(name) > 5:
            continue
        if len(name) > 1 and not name.endswith(_NO_PLACE):
            named.add(name)
    return sorted(named)


def _is_here(name: str, here: Here, given: str) -> bool:
    return (bool(here.place) and (name in here.place or here.place in name)) or name in given
