"""Numbers that point to one person: 個人番号, cards, certificates, accounts, and any other long one.

Source
------
個人番号の検査用数字: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに
情報提供ネットワークシステムによる特定個人情報の提供等に関する省令(平成26年総務省令第85号)第5条 (status: memory).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enishi.engines.privacy.kinds import Kind, Mark, marks_of

_JOINT = r"[-‐‑–—―−ー－ 　]?"
_KANJI_DIGIT = r"[〇零○◯一二三四五六七八九]"
_SPELT = r"[\d〇零○◯一二三四五六七八九]"
_POINT = r"[・･.·_/のノ‐‑–—―−ーｰ－ 　-]{1,2}"
_KANJI_DIGITS = str.maketrans("〇零○◯一二三四五六七八九", "0000123456789")
_UNIT = re.compile(
    r"\s*(?:円|人|名|件|年|%|％|k[gmｍ]|ｋｇ|個|台|枚|冊|本|世帯|分|時|歳|平方|㎡|m|ha|ヘクタール|リットル|トン|yen|元|日元|원|đồng|万|億|千)"
)
"""What makes a long number an amount of something."""
_TIME = re.compile(
    r"(?:19|20)\d\d[-‐–](?:19|20)\d\d|(?:18|19|20)\d\d([-‐–/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])"
)

_IN_GROUPS = re.compile(
    rf"(?<![\d.])(?:{_SPELT}{{4}}{_POINT}{_SPELT}{{4}}{_POINT}{_SPELT}{{4}}"
    rf"|[0０〇零○◯]{_SPELT}{{1,3}}{_POINT}{_SPELT}{{2,4}}{_POINT}{_SPELT}{{3,4}})(?!{_SPELT})"
)
"""In whatever digits and with whatever between them: 「〇九〇 一二三四 五六七八」, 「090ー1234の5678」."""
_IN_KANJI = re.compile(
    rf"(?<!{_KANJI_DIGIT}){_KANJI_DIGIT}(?:{_JOINT}{_KANJI_DIGIT}){{6,18}}(?!{_KANJI_DIGIT}|[十百千万])"
)
_LONG = re.compile(rf"(?<![\d,，.])\d(?:{_JOINT}\d){{6,18}}(?!\d)")
_COUNTED = r"\s*[円人名件年月日歳回枚か%％]"
_PAPERS = (
    r"(?:免許|保険|国保|年金|手帳|手帖|パスポート|旅券|在留|診察券|学籍|社員|職員|会員|住民票|整理|通知書|納付書|納税|お客様|顧客|証明書|口座|通帳|暗証|識別)"
    r"[ぁ-ゖァ-ヶ一-鿿ー・]{0,10}?"
)
_LABELLED = (
    re.compile(
        rf"{_PAPERS}(?:番号|記号|コード|ナンバー|No[.．]?)[はがをもの:：\s「]{{0,4}}"
        rf"(?P<it>[A-Za-zＡ-Ｚ]{{0,3}}[-‐ー－]?{_SPELT}{{2,12}}(?:[-‐ー－・ ]{_SPELT}{{1,12}}){{0,3}}[A-ZＡ-Ｚ]{{0,2}})(?!{_SPELT}|{_COUNTED})"
    ),
    re.compile(
        rf"(?P<it>記号[はが:：・\s]{{0,2}}{_SPELT}{{1,8}}[-‐ー－、,\s]{{0,2}}(?:の?番号)[はが:：・\s]{{0,2}}{_SPELT}{{1,10}})"
    ),
    re.compile(rf"手帳[^。\n第]{{0,14}}?(?P<it>第\s*[A-Za-z]?-?{_SPELT}{{3,12}}\s*号)"),
    re.compile(
        rf"(?:口座|記号|番号|普通|当座|通帳)[はが:：\s]?(?P<it>{_SPELT}{{4,8}})(?!{_JOINT}{_SPELT}|{_COUNTED})"
    ),
    re.compile(r"(?<![A-Za-z\d])[A-ZＡ-Ｚ]{2}\d{7,8}(?:[A-ZＡ-Ｚ]{2})?(?![A-Za-z\d])"),
)
"""A certificate, a pension book, a passport, an account: short ones only behind what names them."""


def numbers_in(text: str) -> Iterator[Mark]:
    yield from marks_of(Kind.NUMBER, _LABELLED, text)
    for pattern in (_LONG, _IN_GROUPS, _IN_KANJI):
        for match in pattern.finditer(text):
            if not _UNIT.match(text, match.end()) and not _TIME.fullmatch(match.group()):
                yield Mark(_kind_of(match.group()), match.start(), match.end())


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


def _kind_of(written: str) -> Kind:
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
