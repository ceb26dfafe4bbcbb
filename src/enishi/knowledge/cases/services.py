"""Everything that writes cases: made, rewritten, confirmed, thrown away; their steps, files and sources."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.sentences import gettext as _
from enishi.knowledge import services as search
from enishi.knowledge.cases import readings
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.enums import Verification
from enishi.knowledge.cases.search import KIND
from enishi.knowledge.cases.values import PLAIN, CaseValues, prefecture_of
from enishi.knowledge.models import Case, CaseFile, CaseSource, CaseStep
from enishi.knowledge.staff import keeping
from enishi.knowledge.staff.errors import NotRestorableError, RefusedError
from enishi.knowledge.staff.uploads import Upload
from enishi.language.errors import LanguageError
from enishi.language.extracting import extract
from enishi.organizations.models import Organization

MOST_FILES = 20


@transaction.atomic
def create_case(
    *,
    organization: Organization,
    values: CaseValues,
    actor: Person,
    at: dt.datetime,
    contributed: tuple[str, int, str] | None = None,
    import_key: str = "",
    is_demo: bool = False,
) -> Case:
    """Write a case down in the organisation's name. ``contributed``: kind, key and address of the record it came of."""
    case = Case(organization=organization, import_key=import_key, is_demo=is_demo)
    if contributed is not None:
        kind, key, url = contributed
        if Case.objects.filter(
            organization=organization, contributed_kind=kind, contributed_key=key
        ).exists():
            raise RefusedError(_("この記録からは、もう事例が作られています。事例の一覧で探してください。"))
        case.contributed_kind, case.contributed_key, case.contributed_url = kind, key, url
    _assign(case, values)
    keeping.begin(case, access=case_access, actor=actor, at=at)
    _tell(case)
    return case


@transaction.atomic
def edit_case(*, case_id: int, values: CaseValues, version: int, actor: Person, at: dt.datetime) -> Case:
    """Rewrite a case. What was confirmed before must be confirmed again once its words have changed."""
    case, before = keeping.open_for_change(Case, case_id, access=case_access, actor=actor, version=version)
    _assign(case, values)
    said = {"situation", "action", "result", "outcome", "cause", "lesson", "transfer", "figures"}
    changed = trail.differences(before, trail.values(case))
    if case.verification == Verification.CONFIRMED and said & set(changed):
        case.verification, case.verified_on, case.verified_by = Verification.UNVERIFIED, None, None
    if keeping.save(case, "edit", before, actor=actor, at=at):
        _tell(case)
    return case


@transaction.atomic
def verify_case(*, case_id: int, verification: Verification, actor: Person, at: dt.datetime) -> Case:
    """Say how sure the case is. Confirmed needs a source to have been confirmed against."""
    case, before = keeping.open_for_change(Case, case_id, access=case_access, actor=actor)
    has_source = bool(case.source_note or case.source_url or case.sources.exists() or case.contributed_kind)
    if verification == Verification.CONFIRMED and not has_source:
        raise RefusedError(
            _("出典がないので「資料で確認済み」にできません。先に出典か資料を書いてください。")
        )
    case.verification = verification
    case.verified_on = timezone.localdate(at) if verification == Verification.CONFIRMED else None
    case.verified_by = actor if verification == Verification.CONFIRMED else None
    if keeping.save(case, "verify", before, actor=actor, at=at):
        _tell(case)
    return case


@transaction.atomic
def delete_case(*, case_id: int, actor: Person, at: dt.datetime) -> Case:
    case = keeping.throw_away(Case, case_id, access=case_access, actor=actor, at=at)
    _tell(case)
    return case


@transaction.atomic
def restore_case(*, case_id: int, actor: Person, at: dt.datetime) -> Case:
    case = keeping.bring_back(Case, case_id, access=case_access, actor=actor, at=at)
    _tell(case)
    return case


@transaction.atomic
def write_steps(
    *,
    case_id: int,
    steps: Sequence[Mapping[str, Any]],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Case:
    """Put the steps in place of those before, in the order given; files stay with the step whose ``id`` is kept."""
    case, before = keeping.open_for_change(Case, case_id, access=case_access, actor=actor, version=version)
    old = {step.pk: step for step in case.steps.all()}
    told = [step.title for step in old.values()]
    kept = set()
    for order, values in enumerate(steps, start=1):
        step = old.get(values.get("id") or 0) or CaseStep(case=case)
        for name in ("title", "detail", "who", "days", "document"):
            setattr(step, name, values.get(name) if name in {"days", "document"} else values.get(name) or "")
        step.order = order
        step.save()
        kept.add(step.pk)
    case.steps.exclude(pk__in=kept).delete()
    now = [step.title for step in case.steps.all()]
    keeping.save(
        case,
        "edit",
        before,
        actor=actor,
        at=at,
        note=_("手順: %(what)s") % {"what": _("、").join(now)} if told != now else _("手順"),
    )
    _tell(case)
    return case


@transaction.atomic
def write_sources(
    *,
    case_id: int,
    sources: Sequence[Mapping[str, Any]],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Case:
    case, before = keeping.open_for_change(Case, case_id, access=case_access, actor=actor, version=version)
    told = list(case.sources.values_list("label", flat=True))
    case.sources.all().delete()
    CaseSource.objects.bulk_create(
        CaseSource(
            case=case,
            label=values["label"],
            url=values.get("url") or "",
            quote=values.get("quote") or "",
            document=values.get("document"),
            passage_order=values.get("passage_order"),
        )
        for values in sources
    )
    now = list(case.sources.values_list("label", flat=True))
    keeping.save(
        case,
        "edit",
        before,
        actor=actor,
        at=at,
        note=_("資料: %(what)s") % {"what": _("、").join(now)} if told != now else _("資料"),
    )
    return case


@transaction.atomic
def attach_file(
    *, case_id: int, upload: Upload, step_id: int | None, actor: Person, at: dt.datetime
) -> CaseFile:
    """Keep a letter or a form with the case, or with one of its steps."""
    case, before = keeping.open_for_change(Case, case_id, access=case_access, actor=actor)
    if case.files.filter(removed_at__isnull=True).count() >= MOST_FILES:
        raise RefusedError(
            _("文書は%(limit)d個までです。使わないものを外してから加えてください。") % {"limit": MOST_FILES}
        )
    file = CaseFile(
        case=case,
        step=case.steps.filter(pk=step_id).first() if step_id else None,
        name=upload.name,
        content_type=upload.content_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        text=_text_of(upload),
        added_by=actor,
        added_at=at,
    )
    file.file.save(upload.name, ContentFile(upload.content), save=False)
    file.save()
    keeping.save(case, "attach", before, actor=actor, at=at, note=upload.name)
    return file


@transaction.atomic
def remove_file(*, file_id: int, actor: Person, at: dt.datetime) -> CaseFile:
    """Take a file off; it comes back for 30 days."""
    file = CaseFile.objects.select_for_update().get(pk=file_id)
    case, before = keeping.open_for_change(Case, file.case_id, access=case_access, actor=actor)
    if file.removed_at is None:
        file.removed_at = at
        file.save(update_fields=["removed_at"])
        keeping.save(case, "detach", before, actor=actor, at=at, note=file.name)
    return file


@transaction.atomic
def restore_file(*, file_id: int, actor: Person, at: dt.datetime) -> CaseFile:
    file = CaseFile.objects.select_for_update().get(pk=file_id)
    case, before = keeping.open_for_change(Case, file.case_id, access=case_access, actor=actor)
    if file.removed_at is None or at - file.removed_at > RESTORABLE:
        raise NotRestorableError
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    keeping.save(case, "attach", before, actor=actor, at=at, note=file.name)
    return file


def _assign(case: Case, values: CaseValues) -> None:
    for name in PLAIN:
        setattr(case, name, getattr(values, name))
    case.fields, case.themes = list(values.fields), list(values.themes)
    case.figures = list(values.figures)
    case.prefecture_code = values.prefecture_code or prefecture_of(values.place)
    if case.visibility == "section" and case.section_id is None:
        raise RefusedError(_("課内だけに見せるときは、担当課を選んでください。"))
    if case.started_on and case.ended_on and case.ended_on < case.started_on:
        raise RefusedError(_("終わりの日が始まりの日より前です。日付を確かめてください。"))


def _text_of(upload: Upload) -> str:
    """The words of a letter, so that a draft can begin with it; nothing where there are none."""
    try:
        return extract(upload.content, name=upload.name).text[:50_000]
    except LanguageError:
        return ""


def _tell(case: Case) -> None:
    pk = case.pk
    transaction.on_commit(lambda: _read(pk))


def _read(pk: int) -> None:
    search.index(KIND, [pk])
    readings.refresh([pk])
