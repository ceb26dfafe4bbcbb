"""Numbers that name a thing, written in one way: 第十二号, 第12号議案, ZK-9041, ｚｋ９０４１, 20250412."""

from __future__ import annotations

import re

from enishi.language.statutes import value_of

CODE = re.compile(
    r"第(?P<number>[0-9]{1,6}|[〇一二三四五六七八九十百千]{1,9})号"
    r"|(?<![A-Za-z0-9.-])(?P<letters>[A-Za-z]{1,8}[-_]?[0-9]{2,}(?:[-_][A-Za-z0-9]+)*)(?![A-Za-z0-9.])"
    r"|(?<![A-Za-z0-9.,-])(?P<digits>[0-9]{5,14})(?![A-Za-z0-9.,-])"
)


def code_of(match: re.Match[str]) -> str:
    """Return the code a match of ``CODE`` names.

    >>> [code_of(match) for match in CODE.finditer("第十二号議案、契約番号ZK-9041、20250412")]
    ['第12号', 'zk9041', '20250412']
    """
    if match["number"]:
        return f"第{value_of(match['number'])}号"
    return re.sub(r"[-_]", "", match["letters"] or match["digits"]).casefold()
