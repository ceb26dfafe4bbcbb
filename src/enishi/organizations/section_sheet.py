"""Sections and their duties (事務分掌) as a sheet: out, filled in, read back, compared, and taken over all or nothing."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.forms import clean_text, read_date, shortened
from enishi.foundation.previews import Difference, Fault, Preview
from enishi.foundation.spreadsheets import Table
from enishi.organizations.access import organization_access
from enishi.organizations.models import Organization, Section
from enishi.organizations.services.sections import add_section, edit_section

COLUMNS: Mapping[str, str] = {
    "組織コード": "code",
    "名称": "name",
    "上位の組織": "parent",
    "事務分掌": "duties",
    "電話": "phone",
    "メール": "email",
    "受付時間": "opening_hours",
    "設置日": "valid_from",
}
MOST = 1_000
_TEXTS = ("name", "code", "duties", "phone", "email", "opening_hours")
_LABELS = {name: heading for heading, name in COLUMNS.items()}


def lines(organization: Organization, today: dt.date) -> Iterator[list[str]]:
    """The sections of today, as the sheet has them."""
    for section in _open(organization, today):
        parent = section.parent.name if section.parent else ""
        cells = {name: getattr(section, name) for name in _TEXTS}
        cells |= {"parent": parent, "valid_from": section.valid_from.isoformat()}
        yield [str(cells[name]) for name in COLUMNS.values()]


def preview(organization: Organization, table: Table, today: dt.date) -> Preview:
    """Read every line beside the sections of today; nothing is written."""
    found = Preview()
    if "名称" not in table.headings:
        found.faults.append(Fault(1, "名称", "", _("この見出しの列がありません。")))
    if len(table.rows) > MOST:
        reason = _("一度に取り込めるのは%(most)d行までです。分けてください。") % {"most": MOST}
        found.faults.append(Fault(MOST, "", "", reason))
    if found.faults:
        return found
    known = list(_open(organization, today))
    names = {section.name for section in known} | {_text(row.cells, "name") for row in table.rows}
    taken: set[int] = set()
    for row in table.rows:
        values = _read(row.number, row.cells, names, found.faults)
        section = _known(values, known)
        if section is not None and section.pk in taken:
            reason = _("同じ課が上の行にもあります。どちらか一つにしてください。")
            found.faults.append(Fault(row.number, "名称", values["name"], reason))
        if section is not None:
            taken.add(section.pk)
        _compare(row.number, values, section, found)
        found.rows.append({**values, "section": section.pk if section else None})
    return found


@transaction.atomic
def take_over(
    *, organization: Organization, rows: Sequence[Mapping[str, Any]], actor: Person, at: dt.datetime
) -> int:
    """Open what is new and correct what is there; a section the sheet leaves out stays as it is."""
    organization_access.require(actor, "edit_sections", organization)
    today = timezone.localdate(at)
    made = {section.name: section for section in _open(organization, today)}
    waiting = list(rows)
    count = 0
    while waiting:
        # Parents first: what hangs under a section that is itself new has to wait for it.
        ready = [row for row in waiting if not row["parent"] or row["parent"] in made] or waiting[:1]
        for row in ready:
            made[row["name"]] = _write(organization, row, made.get(row["parent"]), actor, at)
            count += 1
        waiting = [row for row in waiting if row not in ready]
    return count


def _write(
    organization: Organization,
    row: Mapping[str, Any],
    parent: Section | None,
    actor: Person,
    at: dt.datetime,
) -> Section:
    texts = {name: row[name] for name in _TEXTS if row.get(name) is not None}
    if row["section"]:
        section = Section.objects.get(pk=row["section"], organization=organization)
        kept_parent = parent if row["parent"] is not None else section.parent
        return edit_section(section_id=section.pk, parent=kept_parent, actor=actor, at=at, **texts)
    first_day = dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else timezone.localdate(at)
    return add_section(
        organization_id=organization.pk, parent=parent, valid_from=first_day, actor=actor, at=at, **texts
    )


def _open(organization: Organization, today: dt.date) -> Any:
    rows = Section.objects.open_on(today).filter(organization=organization)
    return rows.select_related("parent").order_by("code", "pk")


def _text(cells: Mapping[str, str], name: str) -> str:
    return clean_text(cells.get(_LABELS[name], ""), lines=name == "duties").strip()


def _read(number: int, cells: Mapping[str, str], names: set[str], faults: list[Fault]) -> dict[str, Any]:
    """One line. A column the sheet does not have is ``None``: it changes nothing."""
    values: dict[str, Any] = {
        name: _text(cells, name) if heading in cells else None for heading, name in COLUMNS.items()
    }

    def fault(name: str, reason: str) -> None:
        faults.append(Fault(number, _LABELS[name], shortened(values[name] or ""), reason))

    if not values["name"]:
        fault("name", _("課の名前を書いてください。"))
    for name in _TEXTS:
        column: Any = Section._meta.get_field(name)
        most = column.max_length
        if values[name] and most and len(values[name]) > most:
            fault(name, _("%(most)d文字までにしてください。") % {"most": most})
    if values["email"]:
        try:
            validate_email(values["email"])
        except ValidationError:
            fault("email", _("メールアドレスの形になっていません。例: fukushi@city.example.jp"))
    if values["parent"] and (values["parent"] not in names or values["parent"] == values["name"]):
        fault(
            "parent",
            _("この名前の組織がありません。登録されている名前か、この表の「名称」を書いてください。"),
        )
    if values["valid_from"]:
        try:
            values["valid_from"] = read_date(values["valid_from"]).isoformat()
        except ValidationError as refused:
            fault("valid_from", " ".join(refused.messages))
    return values


def _known(values: Mapping[str, Any], known: Sequence[Section]) -> Section | None:
    """The section a line means: by its code where both have one, else by its name."""
    if values["code"]:
        for section in known:
            if section.code == values["code"]:
                return section
    return next((section for section in known if section.name == values["name"]), None)


def _compare(number: int, values: Mapping[str, Any], section: Section | None, found: Preview) -> None:
    if section is None:
        found.added += 1
        return
    before = {name: getattr(section, name) for name in _TEXTS}
    before["parent"] = section.parent.name if section.parent else ""
    differences = [
        Difference(number, section.name, _LABELS[name], shortened(was), shortened(values[name]))
        for name, was in before.items()
        if values[name] is not None and values[name] != was
    ]
    found.differences += differences
    found.changed += bool(differences)
    found.unchanged += not differences
