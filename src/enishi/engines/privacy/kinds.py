"""What is masked, and where it stood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MY_NUMBER = "個人番号"
    CARD = "カード番号"
    NUMBER = "番号"
    PHONE = "電話番号"
    EMAIL = "メール"
    ACCOUNT = "アカウント"
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


def marks_of(kind: Kind, patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Mark]:
    """Every place a pattern fits; where the pattern has a group ``it``, only that goes and the words around it stay."""
    for pattern in patterns:
        group = "it" if "it" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            yield Mark(kind, match.start(group), match.end(group))
