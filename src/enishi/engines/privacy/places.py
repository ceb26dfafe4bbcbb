"""Where somebody lives, as people write it on a form, in a letter and in other scripts; and number plates.

A district alone (「本町1丁目の交差点」, 「北1条西2丁目」) points to nobody: an address has the number of a house or a room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enishi.engines.privacy.kinds import Kind, Mark, marks_of

_DASH = r"[-‐‑–—―−ー－]"
_NUMERAL = r"[\d一二三四五六七八九十百]"
_NAME = r"[一-鿿ぁ-ゖァ-ヶー々]"
_HOUSES = r"(?:荘|ハイツ|マンション|アパート|コーポ|メゾン|団地|住宅|レジデンス|ハイム|ビル|寮|コート|テラス)"
_ROOM = rf"(?:[ 　]?[一-鿿ァ-ヶーA-Za-zａ-ｚＡ-Ｚ・]{{0,14}}{_HOUSES}{_NAME}{{0,8}}[ 　]?\d{{0,5}}(?:号棟|号室|号)?(?:\d{{1,4}}号室)?|[ 　]?{_NAME}{{0,14}}\d{{1,4}}号室)?"
_TOWN = r"(?:(?:北海道|東京都|(?:京都|大阪)府|[一-鿿]{2,3}県)[ 　]?)?(?:[一-鿿ぁ-ゖァ-ヶー]{1,8}[市区郡町村])?[ 　]?[一-鿿ァ-ヶー々の]{0,8}?"
_BLOCK = r"(?:丁目|ちょうめ|番町)"

_ADDRESSES = (
    # 本町1丁目2番3号, みどりがおか3ちょうめ4ばん5ごう
    re.compile(
        rf"{_TOWN}[ぁ-ゖ]{{0,10}}{_NUMERAL}{{1,4}}\s*{_BLOCK}[\sの]?{_NUMERAL}{{1,4}}(?:\s*(?:番地?|ばんち?|の|{_DASH})\s*(?:の?\s*{_NUMERAL}{{1,5}}\s*(?:号|ごう)?)?|\s*(?:号|ごう))*(?:{_DASH}\d{{1,4}}){{0,2}}{_ROOM}"
    ),
    # 488番地, 字大谷1234番地の5
    re.compile(
        rf"{_TOWN}{_NUMERAL}{{1,5}}\s*番地(?!区)(?:の?\s*{_NUMERAL}{{1,5}})?(?:{_DASH}\d{{1,4}})?\s*号?{_ROOM}"
    ),
    re.compile(
        rf"(?:大字|字){_NAME}{{1,8}}?(?:字{_NAME}{{1,8}}?)?\d{{1,5}}(?:番地?)?(?:(?:の|{_DASH})\d{{1,4}}){{0,2}}"
    ),
    # 緑が丘2-3-4-101, 1の2の3; of two parts only behind what ends the name of a town
    re.compile(
        rf"(?:{_TOWN}(?<=[一-鿿ぁ-ゖァ-ヶー가-힣])(?<![第策式表図条章節料コ案画])[ 　]?)(?![0０٠])\d{{1,4}}{_DASH}\d{{1,4}}{_DASH}\d{{1,4}}(?:{_DASH}\d{{1,4}})?(?!{_DASH}?\d)(?:号室?)?{_ROOM}"
    ),
    re.compile(
        rf"{_TOWN}(?<=[市区町村台丘原野本東西南北])\d{{1,4}}{_DASH}\d{{1,4}}(?!{_DASH}?\d)(?:号室?)?{_ROOM}(?!\s*[日時人回か月年歳才階枚])"
    ),
    re.compile(rf"{_TOWN}(?<![\d条第])\d{{1,4}}の\d{{1,4}}の\d{{1,4}}(?!\d)号?"),
    re.compile(
        rf"{_NAME}{{1,8}}[市区町村郡]{_NAME}{{1,10}}?\d{{1,4}}(?:(?:丁目|番地?の?|{_DASH})\d{{1,4}}|の\d{{1,4}}の\d{{1,4}}){{1,4}}(?![\d歳才月日時人回年階枚か])号?{_ROOM}"
    ),
    # The room of a house.
    re.compile(
        rf"[一-鿿ァ-ヶーA-Za-z・]{{0,14}}{_HOUSES}{_NAME}{{0,8}}[ 　]?(?:(?:\d{{1,3}}号棟[ 　]?)?\d{{1,4}}号室|\d{{1,3}}{_DASH}\d{{2,4}}|\d{{3,4}}(?=の|に|で|[、。\s]|$))|(?<!\d)\d{{3,4}}号室"
    ),
    re.compile(
        r"\d{1,4}-\d{1,4}(?:-\d{1,4}){0,2},? [A-Z][a-z]+(?:[,-]? ?[A-Z]?[a-z]+(?:-(?:ku|cho|shi|machi|ken))?){0,4}"
    ),
    re.compile(r"[A-Z][a-z]+-?(?:cho|machi|ku|gaoka|dai)?,? \d{1,4}-\d{1,4}-\d{1,4}(?:-\d{1,4})?"),
    re.compile(r"\b(?:room|apt\.?|apartment|unit|phòng)\s?(?:no\.?\s?)?#?\d{2,4}\b", re.IGNORECASE),
)
_POSTAL = (
    re.compile(r"〒\s*\d{3}[-‐ー－]?\d{4}"),
    re.compile(r"(?<![\d-])\d{3}[-ー－]\d{4}(?![\d-])"),
)
_PLATE = re.compile(
    r"[一-鿿ぁ-ゖ]{1,4}\s*(?:\d[\dA-ZＡ-Ｚ]{1,2}\s*|\s)(?![おしへん])[あ-をA-Z]\s*"
    rf"(?:\d{{2}}{_DASH}\d{{2}}|[・･.]{{1,3}}\s*\d{{1,3}}|\d{{4}}(?!\d|\s*[円人件年%％個枚世]))"
)


def places_in(text: str) -> Iterator[Mark]:
    yield from marks_of(Kind.PLATE, [_PLATE], text)
    yield from marks_of(Kind.POSTAL, _POSTAL, text)
    yield from marks_of(Kind.ADDRESS, _ADDRESSES, text)
