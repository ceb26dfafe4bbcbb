"""Files as lines of cells: what indicators and budgets share lies in ``foundation.tables``; what nobody sees is left out."""

from functools import partial

from enishi.foundation.tables import IsHeadingLine, Lines, encoding_of
from enishi.foundation.tables import open_table as _open_table

__all__ = ["IsHeadingLine", "Lines", "encoding_of", "open_table", "seen_headings"]

open_table = partial(_open_table, has_joined_headings=True)
"""Joined headings over several lines are one heading each: 款 over コード and 名称 is 「款 コード」, 「款 名称」."""


def seen_headings(lines: Lines) -> list[str]:
    """The headings in their places, without those of hidden columns."""
    return ["" if place in lines.hidden_columns else each for place, each in enumerate(lines.headings)]
