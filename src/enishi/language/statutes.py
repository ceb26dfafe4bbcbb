"""Numbers of articles, written in one way: 第二百五十二条の十四, 252条の14, 第２５２条の１４第２項."""

from __future__ import annotations

import re

_DIGITS = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_NUMBER = r"(?:[0-9]{1,5}|[〇零一二三四五六七八九十百千]{1,9})"
ARTICLE = re.compile(
    rf"(?:第?(?P<main>{_NUMBER})条|(?<=[法例則令])(?P<bare>{_NUMBER})(?=の[0-9〇一二三四五六七八九十百千]))(?P<branches>(?:の{_NUMBER}(?![0-9〇一二三四五六七八九十百千条]))*)"
)


def numbers_in(text: str) -> list[str]:
    """Return the articles a normalised text names, in one spelling, repeated as in the text.

    >>> numbers_in("地方自治法第二百五十二条の十四第一項")
    ['第252条の14']
    >>> numbers_in("地方自治法252の14")
    ['第252条の14']
    """
    return [article_of(match) for match in ARTICLE.finditer(text)]


def article_of(match: re.Match[str]) -> str:
    """Return the article a match of ``ARTICLE`` names."""
    branches = [part for part in match["branches"].split("の") if part]
    numbers = [value_of(match["main"] or match["bare"]), *(value_of(part) for part in branches)]
    return "第" + f"{numbers[0]}条" + "".join(f"の{number}" for number in numbers[1:])


def value_of(number: str) -> int:
    """Return the value of a number in digits or kanji.

    >>> value_of("二百五十二"), value_of("一〇"), value_of("14")
    (252, 10, 14)
    """
    if number.isascii():
        return int(number)
    if not any(letter in _UNITS for letter in number):
        return int("".join(str(_DIGITS[letter]) for letter in number))
    total, digit = 0, 0
    for letter in number:
        if letter in _UNITS:
            total += (digit or 1) * _UNITS[letter]
            digit = 0
        else:
            digit = _DIGITS[letter]
    return total + digit
