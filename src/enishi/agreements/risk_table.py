"""The risk table as a sheet: out with its headings, back with what it would change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.agreements.enums import Bearer
from enishi.agreements.forms_rows import with_keys
from enishi.agreements.knowledge import phases
from enishi.agreements.models import Risk
from enishi.agreements.services.drafting import risk_values
from enishi.foundation.forms import clean_text, too_long
from enishi.foundation.previews import Difference, Fault
from enishi.foundation.spreadsheets import Table

COLUMNS = {
    "番号": "key",
    "段階": "phase",
    "種類": "kind",
    "内容": "text",
    "負担する側": "bearer",
    "分かれ目": "threshold",
    "起きたときの対応": "remedy",
    "出所": "source",
}
HEADINGS = tuple(COLUMNS)
_LABELS = {str(bearer.label): bearer.value for bearer in Bearer}
_MARKS = {
    "○": Bearer.MUNICIPALITY,
    "自治体の側": Bearer.MUNICIPALITY,
    "公共": Bearer.MUNICIPALITY,
    "甲": Bearer.MUNICIPALITY,
    "事業者": Bearer.PARTNER,
    "相手の側": Bearer.PARTNER,
    "民間": Bearer.PARTNER,
    "乙": Bearer.PARTNER,
    "両者": Bearer.BOTH,
    "": Bearer.NOBODY,
}


@dataclass(frozen=True)
class Preview:
    """What a filled sheet would do; ``rows`` is the whole new table."""

    rows: Sequence[Mapping[str, Any]] = ()
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: Sequence[str] = ()
    faults: Sequence[Fault] = ()
    differences: Sequence[Difference] = field(default_factory=list)


def is_heading(text: str) -> bool:
    return text in COLUMNS


def lines(risks: Iterable[Risk]) -> Iterator[list[str]]:
    """The rows of the sheet."""
    for risk in risks:
        values = risk_values(risk) | {"bearer": risk.get_bearer_display()}
        yield [str(values[name]) for name in COLUMNS.values()]


def preview(risks: Sequence[Risk], table: Table) -> Preview:
    """Hold a filled sheet against the table there is."""
    wanted = [heading for heading in ("種類", "内容", "負担する側") if heading not in table.headings]
    if wanted:
        headings = _("、").join(wanted)
        return Preview(
            faults=[
                Fault(
                    1, headings, "", _("この見出しがありません。書き出した表の見出しのまま使ってください。")
                )
            ]
        )
    old = {risk.key: risk_values(risk) for risk in risks}
    faults: list[Fault] = []
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for line in table.rows:
        if not any(value.strip() for value in line.cells.values()):
            continue
        row = _read(line.number, line.cells, old, faults)
        if row["key"] and any(each["key"] == row["key"] for each in rows):
            faults.append(Fault(line.number, "番号", row["key"], _("同じ番号が二度あります。")))
        rows.append(row)
        numbers.append(line.number)
    if faults:
        return Preview(faults=faults)
    return _compared(with_keys(rows), numbers, old)


def _read(
    number: int, cells: Mapping[str, str], old: Mapping[str, Any], faults: list[Fault]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for heading, name in COLUMNS.items():
        limit = getattr(Risk._meta.get_field(name), "max_length", None)
        text = clean_text(cells.get(heading, "")).strip()
        if limit and len(text) > limit and name != "bearer":
            faults.append(Fault(number, heading, text[:40], too_long(limit)))
        row[name] = text
    known = row["bearer"]
    row["bearer"] = _LABELS.get(known) or _MARKS.get(known) or (known if known in Bearer.values else "")
    if not row["bearer"]:
        names = _("・").join(_LABELS)
        faults.append(
            Fault(
                number,
                "負担する側",
                known[:40],
                _("次のどれかを書いてください: %(names)s") % {"names": names},
            )
        )
    row["phase"] = row["phase"] or phases()[0]
    if row["phase"] not in phases():
        faults.append(
            Fault(
                number,
                "段階",
                row["phase"][:40],
                _("次のどれかを書いてください: %(names)s") % {"names": _("・").join(phases())},
            )
        )
    for name, heading in (("kind", "種類"), ("text", "内容")):
        if not row[name]:
            faults.append(Fault(number, heading, "", _("空欄にはできません。")))
    row["seen"] = old.get(row["key"], {}).get("seen", "")
    return row


def _compared(rows: Sequence[dict[str, Any]], numbers: Sequence[int], old: Mapping[str, Any]) -> Preview:
    headings = {name: heading for heading, name in COLUMNS.items()}
    differences, added, changed = [], 0, 0
    for row, number in zip(rows, numbers, strict=True):
        before = old.get(row["key"])
        if before is None:
            added += 1
            told = " / ".join([row["kind"], row["text"], _told("bearer", row["bearer"])])
            differences.append(Difference(number, row["key"], _("新しい行"), "", told))
            continue
        found = [
            Difference(number, row["key"], headings[name], _told(name, before[name]), _told(name, row[name]))
            for name in headings
            if before[name] != row[name]
        ]
        differences += found
        changed += bool(found)
    gone = [key for key in old if key not in {row["key"] for row in rows}]
    return Preview(rows, added, changed, len(rows) - added - changed, gone, (), differences)


def _told(name: str, value: str) -> str:
    return str(Bearer(value).label) if name == "bearer" else value
