"""What every measurement answers with, and how it is printed."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement; ``target`` is what must be reached, ``baseline`` what the plain way gives in the same run."""

    what: str
    measured: str
    target: str = ""
    baseline: str = ""
    note: str = ""


def printed(rows: Iterable[Row]) -> str:
    """The rows as a table of equal columns, wide characters counted as two."""
    lines = [("測ったもの", "結果", "目標", "基準(同じ実行)", "補足")]
    lines += [(row.what, row.measured, row.target, row.baseline, row.note) for row in rows]
    widths = [max(width(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(text + " " * (size - width(text)) for text, size in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)
