"""A column of numbers out of Excel: the rows it names, or a refusal that names each line."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from enishi.plans.errors import PlanError
from enishi.plans.transfer.cells import named

MOST_AT_ONCE = 500
_AFTER = re.compile(r"[\s,、;]")


def rows_named(typed: str, known: Callable[[list[str]], Mapping[str, int]]) -> list[int]:
    """The keys of the rows that the first cell of each line names; ``known`` says which numbers there are."""
    cells = [
        (at, _AFTER.split(unicodedata.normalize("NFKC", line).strip(), maxsplit=1)[0])
        for at, line in enumerate(typed.splitlines(), start=1)
        if line.strip()
    ]
    if not cells:
        raise PlanError(_("番号を、1行に1つ書いてください。"))
    if len(cells) > MOST_AT_ONCE:
        raise PlanError(_("一度に%(most)s件までです。分けて貼ってください。") % {"most": MOST_AT_ONCE})
    keys = known([cell for _at, cell in cells])
    unknown = [
        _("%(line)s行目「%(cell)s」") % {"line": at, "cell": cell[:20]}
        for at, cell in cells
        if cell not in keys
    ]
    if unknown:
        raise PlanError(
            _(
                "見つからない番号があるため、何も変えていません: %(cells)s。番号を直すか、その行を消してください。"
            )
            % {"cells": named(unknown)}
        )
    return list(dict.fromkeys(keys[cell] for _at, cell in cells))
