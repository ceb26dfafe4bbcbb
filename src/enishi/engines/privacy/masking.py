"""Masking of what points to one person. Rather too much than too little: what is kept is only read to improve answers.

Source
------
個人番号の検査用数字: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに
情報提供ネットワークシステムによる特定個人情報の提供等に関する省令(平成26年総務省令第85号)第5条 (status: memory).
What has to go: 個人情報の保護に関する法律施行規則 第62条, the five standards (status: statute); the replacement has no rule that
would restore the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MY_NUMBER = "個人番号"
    CARD = "カード番号"
    NUMBER = "番号"
    PHONE = "電話番号"
    EMAIL = "メール"
    POSTAL = "郵便番号"
    ADDRESS = "住所"
    BIRTHDAY = "生年月日"
    NAME = "氏名"
    PLATE = "車のナンバー"


@dataclass(frozen=True)
class Mark:
    """Where something personal stood: ``text[start:end]`` of the text as it was given."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    text: str
    marks: tuple[Mark, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(mark.kind for mark in self.marks)


_JOINT = r"[-‐‑–—―−ー－ 　]?"
_DIGIT = r"[0-9０-９]"
_KANJI_DIGIT = r"[〇零○◯一二三四五六七八九]"
_SPELT = r"[0-9０-９〇零○◯一二三四五六七八九]"
_POINT = r"[・･.·_/のノ‐‑–—―−ーｰ－ 　-]{1,2}"
_EMAIL = re.compile(r"[\w.+%-]{1,64}[@＠][\w-]{1,63}(?:[.．][\w-]{1,63}){1,8}")
_EMAIL_SPELLED = re.compile(
    r"[\w.+%-]{1,64}\s*[(（\[]\s*(?:at|アット|アットマーク)\s*[)）\]]\s*[\w-]{1,63}(?:[.．][\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
_POINTED = re.compile(
    rf"(?<![0-9０-９.])(?:{_SPELT}{{4}}{_POINT}{_SPELT}{{4}}{_POINT}{_SPELT}{{4}}|[0０〇零○◯]{_SPELT}{{1,3}}{_POINT}{_SPELT}{{2,4}}{_POINT}{_SPELT}{{3,4}})(?!{_SPELT})"
)
"""In groups, in whatever digits and with whatever between them: 「〇九〇 一二三四 五六七八」, 「090ー1234の5678」."""
_IN_KANJI = re.compile(
    rf"(?<!{_KANJI_DIGIT}){_KANJI_DIGIT}(?:{_JOINT}{_KANJI_DIGIT}){{6,18}}(?!{_KANJI_DIGIT}|[十百千万])"
)
_BEFORE_ACCOUNT = "口座|記号|番号|普通|当座"
_ACCOUNT = re.compile(
    rf"(?:(?<={_BEFORE_ACCOUNT})|(?<=(?:{_BEFORE_ACCOUNT})[はが:：　 ]))"
    rf"{_SPELT}{{4,8}}(?!{_JOINT}{_SPELT}|\s*[円人件年%％])"
)
_PLATE = re.compile(
    rf"[一-鿿ぁ-ゖ]{{1,4}}\s*{_DIGIT}[0-9０-９A-ZＡ-Ｚ]{{1,2}}\s*(?![おしへん])[あ-をA-Z]\s*"
    rf"(?:{_DIGIT}{{2}}[-‐‑–—―−ー－]{_DIGIT}{{2}}|[・･.]{{1,3}}\s*{_DIGIT}{{1,3}}|{_DIGIT}{{4}}(?!{_DIGIT}|\s*[円人件年%％個枚世]))"
)
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{7,8}(?:[A-Z]{2})?(?![A-Za-z0-9])")
_LONG = re.compile(rf"(?<![0-9０-９,，.]){_DIGIT}(?:{_JOINT}{_DIGIT}){{6,18}}(?![0-9０-９])")
_PHONE = re.compile(
    rf"(?<![0-9０-９])(?:[+＋]{_DIGIT}{{1,3}}{_JOINT}{_DIGIT}{{1,4}}|[0０]{_DIGIT}{{1,4}})[-‐‑–—―−ー－ 　()（）]{{1,2}}{_DIGIT}{{1,4}}[-‐‑–—―−ー－ 　)）]{_DIGIT}{{3,4}}(?![0-9０-９])"
)
_POSTAL = re.compile(
    rf"〒\s*{_DIGIT}{{3}}[-‐ー－]?{_DIGIT}{{4}}|(?<![0-9０-９-]){_DIGIT}{{3}}[-ー－]{_DIGIT}{{4}}(?![0-9０-９-])"
)
_NUMERAL = r"[0-9０-９一二三四五六七八九十百]"
_ADDRESS = re.compile(
    rf"(?:(?:北海道|東京都|(?:京都|大阪)府|[一-鿿]{{2,3}}県)\s*)?(?:[一-鿿ぁ-ゖァ-ヶー]{{1,8}}[市区郡町村])?\s*[一-鿿ァ-ヶー々の]{{0,8}}?"
    rf"(?:{_NUMERAL}{{1,4}}\s*(?:丁目|番地|番町)(?:の?\s*{_NUMERAL}{{1,5}}\s*(?:番地?|号|[-‐ー－]))*(?:の?\s*{_NUMERAL}{{1,5}}\s*号?)?(?:\s*[一-鿿ァ-ヶー]{{2,14}}(?:荘|ハイツ|マンション|アパート|コーポ|号室)\s*{_NUMERAL}{{0,5}}(?:号室)?)?"
    rf"|(?<=[一-鿿ァ-ヶ]){_DIGIT}{{1,4}}[-‐ー－]{_DIGIT}{{1,4}}[-‐ー－]{_DIGIT}{{1,4}}(?:号室)?|(?<=[市区町村台丘原野本東西南北]){_DIGIT}{{1,4}}[-‐ー－]{_DIGIT}{{1,4}}(?:[-‐ー－]{_DIGIT}{{1,4}})?(?:号室)?)"
)
_PLACED = re.compile(
    rf"[一-鿿ぁ-ゖァ-ヶー]{{1,8}}[市区町村郡][一-鿿ぁ-ゖァ-ヶー々]{{1,10}}?{_DIGIT}{{1,4}}(?:(?:丁目|番地?の?|[-‐ー－]){_DIGIT}{{1,4}}|の{_DIGIT}{{1,4}}の{_DIGIT}{{1,4}}){{1,4}}号?"
    rf"(?:\s*[一-鿿ぁ-ゖァ-ヶーA-Za-z]{{0,14}}?{_DIGIT}{{1,4}}号室)?"
    r"|[0-9]{1,4}-[0-9]{1,4}(?:-[0-9]{1,4}){0,2},? [A-Z][a-z]+(?:[,-]? ?[A-Z]?[a-z]+(?:-(?:ku|cho|shi|machi|ken))?){0,4}"
)
"""An address as people write it on a form: 「緑が丘2-3-4-101」, 「2丁目3番4号メゾン青葉101号室」, and in English."""
_BIRTHDAY = re.compile(
    rf"(?:19|20){_DIGIT}{{2}}[/.-]{_DIGIT}{{1,2}}[/.-]{_DIGIT}{{1,2}}\s*(?:生|うまれ)(?:まれ|れ)?|born (?:on|in) [A-Za-z0-9 ,]{{4,20}}|"
    rf"(?:[MTSHRＭＴＳＨＲ]|明治?|大正?|昭和?|平成?|令和?){_DIGIT}{{1,2}}[/.．年-]{_DIGIT}{{1,2}}[/.．月-]{_DIGIT}{{1,2}}日?\s*(?:生|うまれ)(?:まれ|れ)?|"
    rf"(?:生年月日|誕生日)\s*(?:は|が|[:：])?\s*[^\s、。]{{4,20}}|(?:(?:明治|大正|昭和|平成|令和)\s*{_NUMERAL}{{1,3}}|(?:19|20){_DIGIT}{{2}})\s*年\s*(?:{_NUMERAL}{{1,3}}月\s*{_NUMERAL}{{1,3}}日)?\s*(?:生まれ|生れ)"
)
_INTRODUCED = re.compile(
    r"(?:(?:氏名|名前|なまえ|姓名|本名)(?:は|[:：])?\s*|(?:私|わたし|わたくし|僕|ぼく|俺)(?:は|の名前は))(?P<name>[一-鿿ぁ-ゖァ-ヶー々]{2,7}?(?:[ 　][一-鿿ぁ-ゖァ-ヶー々]{1,5}?)?)(?=です|と申|といい|と言い|[、。,\s]|$)"
    r"|(?P<name2>[一-鿿ァ-ヶー々]{2,8})(?=と申します|と申し)"
    r"|(?:my name is|i am called|i'm called)\s+(?P<name3>(?-i:[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*){0,3}))"
    r"|(?:我叫|我的名字是|姓名是)\s*(?!了|过|不|救|警)(?P<name4>[一-鿿]{2,4})(?=[,,。.!!、\s]|$)|(?:제 ?이름은|이름은|저는)\s*(?P<name5>[가-힣]{2,4})(?=입니다|이에요|예요|이라고|라고)"
    r"|(?:tôi tên là|tên tôi là|tên là|họ tên[:：]?)\s+(?P<name6>(?-i:[A-ZÀ-ÝĐƠƯ][\w]*(?:\s+[A-ZÀ-ÝĐƠƯ][\w]*){0,4}))",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(
    "市民 住民 外国人 高齢者 会社員 学生 大学生 高校生 主婦 妊婦 障害者 子ども 母親 父親 夫婦 日本人 独身 無職 自営業 農家 一人暮らし 市外在住 市内在住 転入者 退職 未成年 初めて".split()
)
_KANJI_DIGITS = str.maketrans("〇零○◯一二三四五六七八九", "0000123456789")
_AMOUNT = re.compile(r"^\s*(?:円|人|件|年|%|％|kg|ｋｇ|個|台|枚|世帯|分|時)")


def mask(text: str, *, names: Iterable[tuple[int, int]] = (), kept: Sequence[str] = ()) -> Masked:
    """Replace what points to one person by the kind of it.

    Parameters
    ----------
    text : str
        Any text, of any length the caller has limited.
    names : spans
        Names of persons that a language's own tools found, as ``(start, end)`` of the text.
    kept : texts
        What is public and may stay, such as the telephone numbers of the town hall.

    Examples
    --------
    >>> mask("私は山田太郎です。番号は 1234 5678 9018").text
    '私は〔氏名〕です。番号は 〔個人番号〕'
    """
    marks = [*_found(text), *(Mark(Kind.NAME, start, end) for start, end in names if start < end)]
    marks = [mark for mark in marks if text[mark.start : mark.end].strip() not in kept]
    chosen: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if chosen and mark.start < chosen[-1].end:
            if mark.end > chosen[-1].end:
                chosen[-1] = Mark(chosen[-1].kind, chosen[-1].start, mark.end)
            continue
        chosen.append(mark)
    parts, place = [], 0
    for mark in chosen:
        parts += [text[place : mark.start], f"〔{mark.kind}〕"]
        place = mark.end
    return Masked("".join([*parts, text[place:]]), tuple(chosen))


def is_my_number(digits: str) -> bool:
    """Whether twelve digits end with the check digit of a 個人番号.

    Notes
    -----
    11 - (sum over n = 1..11 of P(n) Q(n)) mod 11, where P(n) is the n-th digit from the right of the first
    eleven, Q(n) = n + 1 for n <= 6 and n - 5 above; 0 where the remainder is 0 or 1.

    Examples
    --------
    >>> is_my_number("123456789018"), is_my_number("123456789012")
    (True, False)
    """
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return False
    total = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(digits[:11]), start=1)
    )
    remainder = total % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def _found(text: str) -> list[Mark]:
    marks = [_mark(kind, match) for kind, pattern in _PATTERNS for match in pattern.finditer(text)]
    marks += [
        Mark(_number_kind(match.group()), match.start(), match.end())
        for pattern in (_LONG, _POINTED, _IN_KANJI)
        for match in pattern.finditer(text)
        if not _AMOUNT.match(text[match.end() :])
    ]
    for match in _INTRODUCED.finditer(text):
        group = next(name for name in _INTRODUCED.groupindex if match.group(name))
        if match.group(group).strip() not in _NOT_NAMES:
            marks.append(Mark(Kind.NAME, match.start(group), match.end(group)))
    return marks


_PATTERNS = (
    (Kind.EMAIL, _EMAIL),
    (Kind.EMAIL, _EMAIL_SPELLED),
    (Kind.PLATE, _PLATE),
    (Kind.NUMBER, _CODE),
    (Kind.NUMBER, _ACCOUNT),
    (Kind.PHONE, _PHONE),
    (Kind.POSTAL, _POSTAL),
    (Kind.ADDRESS, _PLACED),
    (Kind.ADDRESS, _ADDRESS),
    (Kind.BIRTHDAY, _BIRTHDAY),
)


def _mark(kind: Kind, match: re.Match[str]) -> Mark:
    return Mark(kind, match.start(), match.end())


def _number_kind(written: str) -> Kind:
    spelled = written.translate(_KANJI_DIGITS)
    digits = "".join(str(int(character)) for character in spelled if character.isdigit())
    if is_my_number(digits):
        return Kind.MY_NUMBER
    if digits.startswith("0") and 10 <= len(digits) <= 11:
        return Kind.PHONE
    if 14 <= len(digits) <= 19 and _luhn(digits):
        return Kind.CARD
    return Kind.NUMBER


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
