"""Making, filling and finishing the sheet of a year."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import sentences, trail
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of
from enishi.projects.errors import RefusedError
from enishi.projects.services.writing import require_version
from enishi.projects.sheets.access import LEADING, WORKING, sheet_access
from enishi.projects.sheets.enums import Rating, SheetKind, SheetStatus
from enishi.projects.sheets.filling import lines_of
from enishi.projects.sheets.models import OWN, WRITTEN, PdcaLine, PdcaSheet, PdcaUpload

OVERALL = ("reflection", "next_year")
MOST_LINES = 200


@transaction.atomic
def begin_sheet(
    *, kind: SheetKind, organization: Organization, year: FiscalYear, actor: Person, at: dt.datetime
) -> PdcaSheet:
    """The sheet of a year, filled with what the records know; the one that is there already when there is one."""
    roles = LEADING if kind is SheetKind.ORGANIZATION else WORKING
    if not reach_of(actor).has_role(organization.pk, *roles):
        raise PermissionDenied
    person = actor if kind is SheetKind.PERSON else None
    sheet, is_new = PdcaSheet.objects.get_or_create(
        kind=kind,
        organization=organization,
        person=person,
        fiscal_year=year.year,
        defaults={"created_at": at, "updated_at": at, "updated_by": actor},
    )
    if is_new:
        _fill(sheet, at)
        _write_down(sheet, "create", actor, at)
    return sheet


def _locked(sheet_id: int, actor: Person) -> PdcaSheet:
    sheet = PdcaSheet.objects.select_for_update(of=("self",)).select_related(None).get(pk=sheet_id)
    sheet_access.require(actor, "edit", sheet)
    if sheet.status == SheetStatus.DONE:
        raise RefusedError(
            _("提出済みのシートは書き換えられません。直すときは「記入に戻す」を押してください。")
        )
    return sheet


@transaction.atomic
def refill(*, sheet_id: int, actor: Person, at: dt.datetime) -> PdcaSheet:
    """Copy the records' numbers again; what people wrote stays."""
    sheet = _locked(sheet_id, actor)
    _fill(sheet, at)
    sheet.version += 1
    _save(sheet, actor, at)
    _write_down(sheet, "refill", actor, at)
    return sheet


_MOST = {"subject": 200, "target": 100, "result": 200, "source": 200}
"""How many letters of what the records tell a line holds."""


def _fill(sheet: PdcaSheet, at: dt.datetime) -> None:
    there = {line.code: line for line in sheet.lines.all()}
    for position, known in enumerate(lines_of(sheet, timezone.localdate(at)), 1):
        line = there.get(known.code) or PdcaLine(sheet=sheet, code=known.code, plan=known.plan)
        line.position, line.source_url = position, known.url
        told = {
            "subject": known.subject,
            "target": known.target,
            "result": known.result,
            "source": known.source,
        }
        for name, text in told.items():
            setattr(line, name, sentences.in_source(text)[: _MOST[name]])
        line.said = sentences.in_other_languages(**told)
        line.save()
    sheet.filled_on = timezone.localdate(at)
    sheet.save(update_fields=["filled_on"])


@transaction.atomic
def write_sheet(
    *,
    sheet_id: int,
    lines: Mapping[str, Mapping[str, str]],
    overall: Mapping[str, str],
    new_lines: Sequence[Mapping[str, str]] = (),
    version: int,
    actor: Person,
    at: dt.datetime,
) -> PdcaSheet:
    """Write what people say: by the code of the line. What came from the records cannot be written over."""
    sheet = _locked(sheet_id, actor)
    require_version(sheet, version)
    before = {line.code: trail.values(line, OWN) for line in sheet.lines.all()}
    changes = _write_overall(sheet, overall)
    for line in sheet.lines.select_for_update():
        if line.code in lines:
            _write_line(line, lines[line.code])
            found = trail.differences(before[line.code], trail.values(line, OWN))
            changes |= {f"{line.subject[:60]}: {name}": pair for name, pair in found.items()}
    for values in new_lines:
        changes[_("新しい行")] = ("", _add_line(sheet, values).subject)
    sheet.version += 1
    _save(sheet, actor, at)
    _write_down(sheet, "edit", actor, at, changes)
    return sheet


def _write_overall(sheet: PdcaSheet, overall: Mapping[str, str]) -> dict[str, tuple[Any, Any]]:
    before = trail.values(sheet, OVERALL)
    for name in OVERALL:
        if name in overall:
            setattr(sheet, name, _clean(PdcaSheet, name, overall[name]))
    return trail.differences(before, trail.values(sheet, OVERALL))


def _write_line(line: PdcaLine, values: Mapping[str, str]) -> None:
    allowed = WRITTEN if line.is_prefilled else OWN
    for name, value in values.items():
        if name in allowed:
            setattr(line, name, _clean(PdcaLine, name, value))
    if line.rating not in {"", *Rating.values}:
        raise RefusedError(_("評価は選択肢から選んでください。"))
    line.save()


def _add_line(sheet: PdcaSheet, values: Mapping[str, str]) -> PdcaLine:
    count = sheet.lines.count()
    if count >= MOST_LINES:
        raise RefusedError(_("一つのシートに書けるのは%(most)d行までです。") % {"most": MOST_LINES})
    line = PdcaLine(sheet=sheet, code=f"own:{uuid.uuid4().hex[:12]}", position=1_000 + count)
    _write_line(line, values)
    if not line.subject:
        raise RefusedError(_("新しい行には「取り組むこと」を書いてください。"))
    return line


def _clean(model: Any, name: str, value: str) -> str:
    text = clean_text(value or "", lines=True).strip()
    longest = model._meta.get_field(name).max_length
    if len(text) > longest:
        label = model._meta.get_field(name).verbose_name
        raise RefusedError(
            _("「%(label)s」は%(most)d字までです(いま%(count)d字)。")
            % {"label": label, "most": longest, "count": len(text)}
        )
    return text


@transaction.atomic
def finish_sheet(*, sheet_id: int, actor: Person, at: dt.datetime) -> PdcaSheet:
    """Hand the sheet in. Somebody has to have said how the year went."""
    sheet = _locked(sheet_id, actor)
    if not sheet.reflection or not sheet.next_year:
        raise RefusedError(_("「一年をふりかえって」と「来年度に向けて」を書いてから提出してください。"))
    sheet.status = SheetStatus.DONE
    sheet.version += 1
    _save(sheet, actor, at)
    _write_down(sheet, "finish", actor, at)
    return sheet


@transaction.atomic
def reopen_sheet(*, sheet_id: int, actor: Person, at: dt.datetime) -> PdcaSheet:
    sheet = PdcaSheet.objects.select_for_update().get(pk=sheet_id)
    sheet_access.require(actor, "edit", sheet)
    sheet.status = SheetStatus.DRAFT
    sheet.version += 1
    _save(sheet, actor, at)
    _write_down(sheet, "reopen", actor, at)
    return sheet


@transaction.atomic
def apply_upload(*, upload_id: int, actor: Person, at: dt.datetime) -> PdcaSheet:
    """Write everything an uploaded workbook changes, or nothing."""
    upload = PdcaUpload.objects.select_for_update().get(pk=upload_id)
    if upload.person_id != actor.pk:
        raise PermissionDenied
    if upload.applied_at is not None:
        raise RefusedError(_("この取り込みは、もう済んでいます。"))
    if upload.faults:
        raise RefusedError(
            _("直すところがあるファイルは取り込めません。直してから、もう一度選んでください。")
        )
    lines: dict[str, dict[str, str]] = {}
    overall: dict[str, str] = {}
    added: dict[str, dict[str, str]] = {}
    for change in upload.changes:
        if change["code"] == "sheet":
            overall[change["name"]] = change["after"]
        elif change["code"].startswith("new:"):
            added.setdefault(change["code"], {})[change["name"]] = change["after"]
        else:
            lines.setdefault(change["code"], {})[change["name"]] = change["after"]
    sheet = write_sheet(
        sheet_id=upload.sheet_id,
        lines=lines,
        overall=overall,
        new_lines=list(added.values()),
        version=upload.sheet_version,
        actor=actor,
        at=at,
    )
    upload.applied_at = at
    upload.save(update_fields=["applied_at"])
    return sheet


def _save(sheet: PdcaSheet, actor: Person, at: dt.datetime) -> None:
    sheet.updated_at, sheet.updated_by = at, actor
    sheet.save()


def _write_down(
    sheet: PdcaSheet,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    trail.record(
        trail.Act(actor, action, sheet, at, organization_id=sheet.organization_id, changes=changes or {})
    )
