"""How budget codes are written: 「０３款　民生費」, 3, "03" are one code; paths of a year sort as the budget book does."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.budgets.enums import Level

WIDTHS: dict[Level | None, int] = {None: 2, Level.JIGYO: 4, Level.SAIJIGYO: 2}
"""How many digits a code has at least; whatever is not named here has two. ``None`` is the account."""
_LABEL = "|".join(
    ["款", "項", "目", "細目", "事業", "大事業", "中事業", "小事業", "細事業", "細々目", "節", "細節", "会計"]
)
_WRITTEN = re.compile(
    rf"^[(\[（]?(?:第|(?:{_LABEL})[)\]）:：]?)?\s*(?P<code>[0-9A-Za-z]{{1,12}})\s*(?:{_LABEL})?[)\]）.:：．]?\s*(?P<name>.*)$"
)
_CODE = re.compile(r"[0-9A-Z]{1,12}")


def clean_code(text: str, level: Level | None) -> str:
    """The code as it is stored, or a ``ValidationError`` that says how to write it."""
    code, _name = split(text, level)
    if not _CODE.fullmatch(code):
        raise ValidationError({"code": _("コードは半角の数字か英字で書いてください。例: 03")})
    return code


def split(text: str, level: Level | None) -> tuple[str, str]:
    """Code and name of a cell; the code is empty where none is written.

    >>> split("０３款　民生費", Level.KAN)
    ('03', '民生費')
    >>> split("12", Level.SETSU), split("委託料", Level.SETSU)
    (('12', ''), ('', '委託料'))
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _WRITTEN.match(plain)
    if match is None:
        return "", plain
    return padded(match["code"].upper(), level), match["name"].strip()


def padded(code: str, level: Level | None) -> str:
    """With the zeros that a spreadsheet took away."""
    return code.zfill(WIDTHS.get(level, 2)) if code.isdecimal() else code
