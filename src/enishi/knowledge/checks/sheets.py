"""A checklist as a table: taken out, written offline, and read back into the page on which it is saved."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.knowledge.checks.enums import RuleKind, Severity
from enishi.knowledge.checks.forms import RuleForm
from enishi.knowledge.staff.errors import RefusedError

COLUMNS = tuple("name kind field other low high words when_field when_value severity hint".split())
MOST = 60
_ALSO = {
    "name": ("決まり", "点検項目", "確認項目", "確認事項", "チェック項目"),
    "field": ("欄", "見る欄", "用紙の欄"),
    "words": ("言葉",),
    "hint": ("頼み方", "補正の頼み方"),
    "severity": ("必須", "要否"),
}
"""How sections head the lists they already have."""
_CHOSEN: Mapping[str, Any] = {"kind": RuleKind, "severity": Severity}


def headings() -> list[str]:
    return [str(RuleForm.base_fields[name].label) for name in COLUMNS]


def lines(rules: Sequence[Mapping[str, Any]]) -> list[list[object]]:
    """A line a rule, each in the words of the page."""
    return [[_written(name, rule.get(name)) for name in COLUMNS] for rule in rules]


def _written(name: str, value: Any) -> object:
    if name in _CHOSEN and value in _CHOSEN[name].values:
        return str(_CHOSEN[name](value).label)
    return "、".join(value) if isinstance(value, list) else value or ""


def data_of(content: bytes) -> dict[str, str]:
    """What the page would send had somebody typed the table there.

    Raises
    ------
    RefusedError
        If no heading of it is one of a checklist's, or it is no table.
    """
    names = _names()
    try:
        table = read_table(content, max_rows=MOST + 20, is_heading=lambda text: _plain(text) in names)
    except UnreadableTableError as error:
        raise RefusedError(str(error)) from error
    columns = {heading: names[_plain(heading)] for heading in table.headings if _plain(heading) in names}
    if not {"name", "field"} & set(columns.values()):
        raise RefusedError(
            _(
                "見出しに「%(first)s」か「%(second)s」がありません。書き出したExcelの見出しのまま書いてください。"
            )
            % {"first": headings()[0], "second": headings()[2]}
        )
    rows = [{name: row.cells.get(heading, "") for heading, name in columns.items()} for row in table.rows]
    rows = [row for row in rows if any(text.strip() for text in row.values())][:MOST]
    data = {"rule-TOTAL_FORMS": str(len(rows) + 3), "rule-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"rule-{number}-{name}": _sent(name, text.strip()) for name, text in row.items()}
    return data


def _sent(name: str, text: str) -> str:
    """A choice by its label, in whichever language the sheet was written; what is none is refused at its field."""
    if name not in _CHOSEN or not text:
        return text
    for language in ("ja", "en"):
        with override(language):
            found = next(
                (value for value, label in _CHOSEN[name].choices if _plain(label) == _plain(text)), ""
            )
        if found:
            return str(found)
    return text


def _names() -> dict[str, str]:
    known = {_plain(also): name for name, others in _ALSO.items() for also in others}
    for language in ("ja", "en"):
        with override(language):
            known |= {_plain(heading): name for heading, name in zip(headings(), COLUMNS, strict=True)}
    return known


def _plain(text: object) -> str:
    """A heading without its note in brackets, width and blanks."""
    return "".join(unicodedata.normalize("NFKC", str(text)).partition("(")[0].split()).lower()
