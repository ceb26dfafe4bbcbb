"""Everything that writes readings: brought in, chosen item by item, written into the plan, taken back."""

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.core.files.base import ContentFile
from django.db import transaction

from enishi.accounts.models import Person
from enishi.foundation import jobs
from enishi.foundation.forms import clean_text, file_name
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import of_language_error
from enishi.language.extracting import CannotReadFileError, extract
from enishi.organizations.models import Organization, Section
from enishi.plans import owned
from enishi.plans.access import plan_access
from enishi.plans.errors import PlanError
from enishi.plans.models import PlanNode, PlanVersion, Reading, ReadingItem
from enishi.plans.owned import saved, told
from enishi.plans.reading.access import reading_access
from enishi.plans.reading.enums import TAKEN, Choice, ItemKind, ReadingState
from enishi.plans.reading.items import EDITABLE, said
from enishi.plans.reading.tasks import READING
from enishi.plans.reading.writing import Writer, take_back

MOST_BYTES = 20 * 1024 * 1024
UNDO_WITHIN = dt.timedelta(days=30)


@transaction.atomic
def bring_in(
    *,
    organization: Organization,
    section: Section | None,
    title: str,
    name: str,
    content: bytes,
    actor: Person,
    at: dt.datetime,
) -> Reading:
    """Keep the file and begin to read it. A file that holds no text is refused at once, with the reason."""
    reading_access.require(actor, "create", organization)  # type: ignore[arg-type]
    if len(content) > MOST_BYTES:
        raise PlanError(
            _("ファイルが大きすぎます。%(most)d MBまでに分けてください。")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    digest = hashlib.sha256(content).hexdigest()
    same = Reading.objects.kept().filter(organization=organization, sha256=digest).first()
    if same is not None:
        raise PlanError(
            _("同じファイルを「%(title)s」として読み込んでいます。そちらを開いてください。")
            % {"title": same.title}
        )
    try:
        extract(content, name=name)
    except CannotReadFileError as refused:
        raise PlanError(of_language_error(refused)) from refused
    called = file_name(name, unnamed=_("名前のない文書"))
    reading = Reading(
        organization=organization,
        section=section,
        title=clean_text(title).strip()[:200] or called.rsplit(".", 1)[0][:200],
        file_name=called[:200],
        sha256=digest,
        created_by=actor,
        created_at=at,
        updated_at=at,
        updated_by=actor,
    )
    reading.file.save(called, ContentFile(content), save=False)
    reading.save()
    reading.job = jobs.start(
        kind=READING,
        title=_("「%(title)s」を読み取る") % {"title": reading.title},
        person=actor,
        arguments={"reading": reading.pk},
        at=at,
    )
    reading.save(update_fields=["job"])
    told(reading, "create", actor=actor, at=at, note=reading.file_name)
    return reading


def _open(reading_id: int, actor: Person) -> Reading:
    reading = owned.locked(reading_access, reading_id, "edit", actor)
    if not reading.is_open:
        raise PlanError(
            _("この文書はいま「%(state)s」のため、判断を変えられません。")
            % {"state": reading.get_state_display()}
        )
    return reading


@transaction.atomic
def choose(
    *,
    item_id: int,
    choice: str,
    actor: Person,
    at: dt.datetime,
    edited: Mapping[str, str] | None = None,
) -> ReadingItem:
    """Accept, write differently, reject, or leave open again. The engine's answer itself never changes."""
    item = ReadingItem.objects.get(pk=item_id)
    reading = _open(item.reading_id, actor)
    item = ReadingItem.objects.select_for_update().get(pk=item_id)
    wanted = Choice(choice)
    if wanted is Choice.EDITED:
        item.edited = _edits(item, edited or {})
        wanted = Choice.EDITED if item.edited else Choice.ACCEPTED
    item.choice = wanted
    item.chosen_by, item.chosen_at = (None, None) if wanted is Choice.PENDING else (actor, at)
    item.save()
    saved(reading, actor=actor, at=at)
    return item


def _edits(item: ReadingItem, edited: Mapping[str, str]) -> dict[str, str]:
    names = {name for name, _label in EDITABLE[ItemKind(item.kind)]}
    before = said(item.kind, item.data)
    found = {}
    for name, value in edited.items():
        text = clean_text(str(value), lines=name in ("intent", "harm", "title")).strip()[:2_000]
        if name in names and text != before.get(name, ""):
            found[name] = text
    if "title" in found and not found["title"]:
        raise PlanError(_("名称を空にはできません。採らないときは「採用しない」を選んでください。"))
    return found


@transaction.atomic
def accept_sure(*, reading_id: int, kind: str, actor: Person, at: dt.datetime) -> int:
    """Accept what is still open and not marked unsure; the unsure ones want a look each."""
    reading = _open(reading_id, actor)
    rows = reading.items.filter(choice=Choice.PENDING, unsure="")
    if kind in ItemKind.values:
        rows = rows.filter(kind=kind)
    count = rows.update(choice=Choice.ACCEPTED, chosen_by=actor, chosen_at=at)
    saved(reading, actor=actor, at=at)
    told(reading, "accept_sure", actor=actor, at=at, note=_("%(count)d件") % {"count": count})
    return count


@transaction.atomic
def write_reading(
    *,
    reading_id: int,
    version: PlanVersion,
    parent: PlanNode | None,
    goal_year: int | None = None,
    base_year: int | None = None,
    actor: Person,
    at: dt.datetime,
) -> Reading:
    """Write what was accepted into a draft of a plan, whole or not at all.

    ``goal_year`` and ``base_year`` are what the person says of targets and present values that name no year.
    """
    reading = _open(reading_id, actor)
    plan_access.require(actor, "edit", version.plan)
    if version.plan.organization_id != reading.organization_id:
        raise PlanError(_("書き込み先は、この団体の計画から選んでください。"))
    if parent is not None and parent.version_id != version.pk:
        raise PlanError(_("置き場所の枝が、選んだ計画の版にありません。選び直してください。"))
    if not reading.items.filter(choice__in=TAKEN).exists():
        raise PlanError(_("採用したものがまだありません。一つ以上を採用してから書き込んでください。"))
    made = Writer(reading, version, parent, actor, at, goal_year=goal_year, base_year=base_year).write()
    reading.state, reading.plan_version, reading.made = ReadingState.WRITTEN, version, made.as_json()
    reading.written_at, reading.written_by = at, actor
    saved(reading, actor=actor, at=at)
    note = _("枝%(nodes)d、指標%(indicators)d、根拠%(evidence)d") % {
        "nodes": len(made.uids),
        "indicators": len(made.indicators),
        "evidence": len(made.evidence),
    }
    told(reading, "write", actor=actor, at=at, note=note)
    return reading


@transaction.atomic
def undo_writing(*, reading_id: int, actor: Person, at: dt.datetime) -> list[str]:
    """Take out what was written and go back to choosing. Sentences say what had to stay."""
    reading = owned.locked(reading_access, reading_id, "edit", actor)
    if (
        reading.state != ReadingState.WRITTEN
        or reading.written_at is None
        or at - reading.written_at > UNDO_WITHIN
    ):
        raise PlanError(_("取り消せるのは、書き込んでから30日のあいだだけです。"))
    kept = take_back(reading, actor=actor, at=at)
    reading.state, reading.made = ReadingState.READ, {}
    reading.written_at = reading.written_by = None
    saved(reading, actor=actor, at=at)
    told(reading, "undo_writing", actor=actor, at=at)
    return kept


@transaction.atomic
def delete_reading(*, reading_id: int, actor: Person, at: dt.datetime) -> Reading:
    return owned.discard(reading_access, reading_id, actor=actor, at=at)


@transaction.atomic
def restore_reading(*, reading_id: int, actor: Person, at: dt.datetime) -> Reading:
    return owned.restore(reading_access, reading_id, actor=actor, at=at)
