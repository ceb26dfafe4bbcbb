"""Rows and columns of a worksheet that nobody sees: hidden, folded or filtered away."""

import io
import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMNS = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
_NUMBER = re.compile(rb'\s(r|min|max)="(\d+)"')
MOST_COLUMNS = 200


@dataclass(frozen=True)
class HiddenParts:
    """Rows count from 1, columns from 0."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()


def hidden_in(content: bytes, path: str) -> HiddenParts:
    """What is hidden in the sheet at ``path`` inside the xlsx."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(path) if path in archive.namelist() else b""
    rows, number = set(), 0
    for tag in _ROW.findall(xml):
        number = _numbers(tag).get(b"r", number + 1)
        if _HIDDEN.search(tag):
            rows.add(number)
    columns: set[int] = set()
    for tag in _COLUMNS.findall(xml):
        if _HIDDEN.search(tag):
            found = _numbers(tag)
            columns |= set(range(found.get(b"min", 1) - 1, min(found.get(b"max", 1), MOST_COLUMNS)))
    return HiddenParts(frozenset(rows), frozenset(columns))


def told_columns(columns: Collection[int]) -> str:
    """The sentence for whoever leaves hidden columns out, with their letters: C, D."""
    letters = _("、").join(get_column_letter(column + 1) for column in sorted(columns))
    return _(
        "%(columns)s列は非表示のため、読みませんでした。要る列なら、表示してから保存し直してください。"
    ) % {"columns": letters}


def _numbers(tag: bytes) -> dict[bytes, int]:
    return {name: int(number) for name, number in _NUMBER.findall(tag)}
