"""The register as a table: out as xlsx or CSV, and back in after a look."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.numbers import whole
from enishi.foundation.previews import Difference, Fault, Preview
from enishi.foundation.spreadsheets import Table
from enishi.organizations.models import Organization
from enishi.plans.errors import PlanError
from enishi.plans.evidence import services
from enishi.plans.evidence.access import evidence_access
from enishi.plans.evidence.enums import EvidenceKind
from enishi.plans.forms import read_year
from enishi.plans.held import (
    require_headings,
)
from enishi.plans.models import Evidence

HEADINGS = (
    "番号",
    "主張",
    "数値",
    "出典",
    "発行した団体",
    "資料の年",
    "頁・表番号",
    "URL",
    "種類",
    "根拠の水準",
    "確認の状態",
    "確認した人",
    "確認した日",
)
_COLUMNS = {
    "主張": ("claim", 1_000),
    "数値": ("figure", 200),
    "出典": ("source_title", 300),
    "発行した団体": ("publisher", 150),
    "頁・表番号": ("locator", 100),
}
_KINDS = {str(label): value for value, label in EvidenceKind.choices}


def rows_of(rows: Iterable[Evidence], *, inside: frozenset[int]) -> Iterable[list[object]]:
    """Who checked is told to the people of the house only."""
    for row in rows:
        yield [
            row.pk,
            row.claim,
            row.figure,
            row.source_title,
            row.publisher,
            row.year,
            row.locator,
            row.url,
            str(row.get_kind_display()),
            row.level,
            str(row.get_verification_display()),
            str(row.checked_by or "") if row.organization_id in inside else "",
            row.checked_at.date() if row.checked_at else "",
        ]


def look(table: Table, *, organization: Organization, actor: Person) -> Preview:
    """A row with a number changes that piece of evidence, one without makes a new one. Verification never comes from a file."""
    require_headings(table, ("主張", "種類"))
    preview = Preview()
    known = {row.pk: row for row in _known(table, organization, actor)}
    claims = set(Evidence.objects.kept().filter(organization=organization).values_list("claim", "figure"))
    for row in table.rows:
        cells = {name: row.cells.get(name, "").strip() for name in HEADINGS}
        if not any(cells.values()):
            continue
        values, old = _read(row.number, cells, preview.faults, known)
        if values is None:
            continue
        if old is None and (values["claim"], values["figure"]) in claims:
            preview.unchanged += 1
            continue
        claims.add((values["claim"], values["figure"]))
        changed = _changes(row.number, old, values, preview) if old else True
        if old is None:
            preview.added += 1
        elif changed:
            preview.changed += 1
        else:
            preview.unchanged += 1
            continue
        preview.rows.append(
            {"pk": old.pk if old else None, "version": old.version if old else None, "values": values}
        )
    return preview


def _known(table: Table, organization: Organization, actor: Person) -> Iterable[Evidence]:
    keys = {
        int(text)
        for row in table.rows
        if (text := row.cells.get("番号", "").strip()).isdecimal() and len(text) < 18
    }
    return evidence_access.visible(actor).filter(pk__in=keys, organization=organization)


def _read(
    number: int, cells: dict[str, str], faults: list[Fault], known: dict[int, Evidence]
) -> tuple[dict[str, Any] | None, Evidence | None]:
    before = len(faults)
    old = None
    if cells["番号"]:
        old = known.get(int(cells["番号"])) if cells["番号"].isdecimal() and len(cells["番号"]) < 18 else None
        if old is None:
            faults.append(
                Fault(
                    number, "番号", cells["番号"], _("この番号の根拠はありません。新しいものは空欄にします。")
                )
            )
    values: dict[str, Any] = {}
    for column, (name, most) in _COLUMNS.items():
        if len(cells[column]) > most:
            reason = _("%(most)d文字までにします。") % {"most": most}
            faults.append(Fault(number, column, cells[column][:40], reason))
        values[name] = cells[column]
    if not cells["主張"]:
        faults.append(Fault(number, "主張", "", _("何を裏付けるのかを書きます。")))
    values |= _choices(number, cells, faults)
    return (values if len(faults) == before else None), old


def _choices(number: int, cells: dict[str, str], faults: list[Fault]) -> dict[str, Any]:
    values: dict[str, Any] = {"year": None, "url": cells["URL"], "level": 0}
    if cells["資料の年"]:
        try:
            values["year"] = read_year(cells["資料の年"])
        except ValidationError as refused:
            faults.append(Fault(number, "資料の年", cells["資料の年"], " ".join(refused.messages)))
    if cells["URL"]:
        try:
            URLValidator()(cells["URL"])
        except ValidationError:
            faults.append(Fault(number, "URL", cells["URL"][:60], _("https:// から始まる番地を書きます。")))
    values["kind"] = _KINDS.get(cells["種類"])
    if values["kind"] is None:
        reason = _("種類は %(known)s のどれかにします。") % {"known": _("・").join(_KINDS)}
        faults.append(Fault(number, "種類", cells["種類"], reason))
    level = cells["根拠の水準"]
    if (found := whole(level, last=5)) is not None:
        values["level"] = found
    elif level:
        faults.append(Fault(number, "根拠の水準", level, _("0から5までの整数で書きます。")))
    return values


def _changes(number: int, old: Evidence, values: dict[str, Any], preview: Preview) -> bool:
    labels = {name: column for column, (name, _most) in _COLUMNS.items()}
    labels |= {"year": "資料の年", "url": "URL", "kind": "種類", "level": "根拠の水準"}
    found = [
        Difference(number, str(old.pk), labels[name], str(getattr(old, name) or ""), str(value or ""))
        for name, value in values.items()
        if (getattr(old, name) or "") != (value or "")
    ]
    preview.differences.extend(found)
    return bool(found)


@transaction.atomic
def take_over(
    *, organization: Organization, rows: list[dict[str, Any]], actor: Person, at: Any
) -> tuple[int, int]:
    """All of it or nothing; somebody else's newer words are not written over."""
    made = changed = 0
    for row in rows:
        if row["pk"] is None:
            services.create_evidence(organization=organization, values=row["values"], actor=actor, at=at)
            made += 1
        else:
            if not evidence_access.visible(actor).filter(pk=row["pk"], organization=organization).exists():
                raise PlanError(
                    _("番号%(pk)dの根拠が無くなっています。もう一度ファイルを選んでください。")
                    % {"pk": row["pk"]}
                )
            services.edit_evidence(
                evidence_id=row["pk"], values=row["values"], version=row["version"], actor=actor, at=at
            )
            changed += 1
    return made, changed
