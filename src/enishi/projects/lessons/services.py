"""Everything that writes lessons."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from enishi.accounts.models import Person
from enishi.exchange.errors import NotRestorableError
from enishi.exchange.models import Field
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.knowledge import services as knowledge
from enishi.notifications.services import notify
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Membership, Organization
from enishi.projects.access import project_access
from enishi.projects.errors import NotReadyError, RefusedError
from enishi.projects.lessons.access import lesson_access, nameless_access
from enishi.projects.lessons.enums import LessonStatus, NamelessState, Occasion
from enishi.projects.lessons.models import Lesson, NamelessLesson
from enishi.projects.lessons.naming import TEXTS, names_left, without_names
from enishi.projects.models import Incident, Project
from enishi.projects.services.writing import assign, require_version

WRITABLE = ("title", "what_happened", "cause", "next_time", "happened_on", "visibility")
QUESTIONS = {
    "what_happened": "何が起きたか",
    "cause": "なぜ起きたか",
    "next_time": "次はどうするか",
}


@transaction.atomic
def write_lesson(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    project: Project | None = None,
    incident: Incident | None = None,
    fields: Iterable[Field] = (),
    record: bool = True,
) -> Lesson:
    """Write a lesson down; with ``record`` its three questions must be answered."""
    if not lesson_access.allows(actor, "create", organization):
        raise PermissionDenied
    if incident is not None:
        project = incident.project
    if project is not None and not project_access.allows(actor, "read_inside", project):
        raise RefusedError(_("この事業の教訓を書けるのは、事業に参加している団体の人です。"))
    lesson = Lesson(
        organization=organization,
        section=project.section if project and project.organization_id == organization.pk else None,
        project=project,
        incident=incident,
        occasion=_occasion(project, incident),
        author=actor,
        created_at=at,
    )
    _fill(lesson, values)
    return _saved(lesson, "create", {}, fields, record, actor, at)


def _occasion(project: Project | None, incident: Incident | None) -> Occasion:
    if incident is not None:
        return Occasion.INCIDENT
    return Occasion.CLOSE if project is not None and not project.is_open else Occasion.OTHER


@transaction.atomic
def edit_lesson(
    *,
    lesson_id: int,
    values: Mapping[str, Any],
    version: int,
    actor: Person,
    at: dt.datetime,
    fields: Iterable[Field] = (),
    record: bool = True,
) -> Lesson:
    lesson = Lesson.objects.select_for_update().get(pk=lesson_id)
    lesson_access.require(actor, "edit", lesson)
    require_version(lesson, version)
    before = trail.values(lesson)
    _fill(lesson, values)
    lesson.version += 1
    return _saved(lesson, "edit", before, fields, record or lesson.status == "recorded", actor, at)


def _fill(lesson: Lesson, values: Mapping[str, Any]) -> None:
    assign(lesson, values, WRITABLE)
    if lesson.visibility == Visibility.SECTION and lesson.section_id is None:
        raise RefusedError(
            _("担当課のない教訓は「課内」にできません。「庁内・団体内」より広い範囲を選んでください。")
        )


def _saved(
    lesson: Lesson,
    action: str,
    before: Mapping[str, Any],
    fields: Iterable[Field],
    record: bool,
    actor: Person,
    at: dt.datetime,
) -> Lesson:
    if record:
        _require_answers(lesson)
        lesson.status = LessonStatus.RECORDED
        lesson.recorded_at = lesson.recorded_at or at
    lesson.updated_at, lesson.updated_by = at, actor
    lesson.save()
    lesson.fields.set(fields)
    _tell(lesson, action, trail.differences(before, trail.values(lesson)) if before else {}, actor, at)
    return lesson


def _require_answers(lesson: Lesson | NamelessLesson) -> None:
    missing = [question for name, question in QUESTIONS.items() if not getattr(lesson, name).strip()]
    if missing:
        raise NotReadyError(
            _("教訓は三つの問いに答えてはじめて役に立ちます。"),
            [_("「%(question)s」がまだ書かれていません。") % {"question": one} for one in missing],
        )


def _tell(lesson: Lesson, action: str, changes: Mapping[str, Any], actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(actor, action, lesson, at, organization_id=lesson.organization_id, changes=changes)
    )
    transaction.on_commit(lambda: _index(lesson.pk))


def _index(pk: int) -> None:
    knowledge.index("lesson", [pk])


@transaction.atomic
def delete_lesson(*, lesson_id: int, actor: Person, at: dt.datetime) -> Lesson:
    """Throw a lesson away. One that is out without names stays out until it is withdrawn."""
    lesson = Lesson.objects.select_for_update().get(pk=lesson_id)
    lesson_access.require(actor, "delete", lesson)
    if NamelessLesson.objects.filter(lesson=lesson, state=NamelessState.PUBLISHED).exists():
        raise RefusedError(_("名前のない形で公開されています。先に公開を取り下げてください。"))
    lesson.deleted_at = lesson.updated_at = at
    lesson.updated_by = actor
    lesson.save(update_fields=["deleted_at", "updated_at", "updated_by"])
    _tell(lesson, "delete", {}, actor, at)
    return lesson


@transaction.atomic
def restore_lesson(*, lesson_id: int, actor: Person, at: dt.datetime) -> Lesson:
    lesson = Lesson.objects.select_for_update().get(pk=lesson_id)
    lesson_access.require(actor, "restore", lesson)
    if lesson.deleted_at is None or at - lesson.deleted_at > RESTORABLE:
        raise NotRestorableError
    lesson.deleted_at, lesson.updated_at, lesson.updated_by = None, at, actor
    lesson.save(update_fields=["deleted_at", "updated_at", "updated_by"])
    _tell(lesson, "restore", {}, actor, at)
    return lesson


# --- Without names -------------------------------------------------------------------------------------------------------


@transaction.atomic
def prepare_nameless(
    *, lesson_id: int, texts: Mapping[str, str], actor: Person, at: dt.datetime
) -> NamelessLesson:
    """Hand in a version without names; somebody else of the house reads it before it goes out."""
    lesson = Lesson.objects.select_for_update(of=("self",)).select_related("project").get(pk=lesson_id)
    lesson_access.require(actor, "prepare", lesson)
    if lesson.status != LessonStatus.RECORDED:
        raise RefusedError(_("下書きの教訓は公開できません。先に三つの問いに答えて記録してください。"))
    known = NamelessLesson.objects.filter(lesson=lesson).first()
    if known is not None and known.state == NamelessState.PUBLISHED:
        raise RefusedError(_("もう公開されています。直すときは、先に公開を取り下げてください。"))
    nameless = known or NamelessLesson(lesson=lesson)
    for name in TEXTS:
        column: Any = NamelessLesson._meta.get_field(name)
        text = clean_text(texts.get(name, ""), lines=name != "title").strip()
        setattr(nameless, name, text[: column.max_length])
    _require_answers(nameless)
    left = names_left(lesson, {name: getattr(nameless, name) for name in TEXTS})
    if left:
        raise RefusedError(
            _("まだ名前が残っています: %(names)s。別の言い方に変えてください。")
            % {"names": _("、").join(left)}
        )
    nameless.replaced = [list(pair) for pair in without_names(lesson).replaced]
    nameless.state, nameless.prepared_by, nameless.prepared_at = NamelessState.WAITING, actor, at
    nameless.checked_by, nameless.checked_at, nameless.check_note = None, None, ""
    nameless.save()
    _note(nameless, "prepare_nameless", actor, at)
    notify(
        kind="lesson_check",
        persons=[person for person in checkers(nameless) if person.pk != actor.pk],
        title=_("名前のない教訓「%(title)s」の確認をお願いします") % {"title": nameless.title},
        url=nameless.get_absolute_url(),
        at=at,
    )
    return nameless


def checkers(nameless: NamelessLesson) -> list[Person]:
    """Who may let it out."""
    roles = [Role.MANAGER, Role.PLANNER, Role.PARTNER_ADMINISTRATOR]
    places = Membership.objects.current(nameless.prepared_at.date()).filter(
        organization_id=nameless.lesson.organization_id, role__in=roles, person__is_active=True
    )
    if nameless.lesson.visibility == Visibility.SECTION and nameless.lesson.section_id is not None:
        places = places.filter(section_id=nameless.lesson.section_id)
    return list(Person.objects.filter(pk__in=places.values("person_id")).order_by("pk"))


@transaction.atomic
def check_nameless(
    *, nameless_id: int, publish: bool, note: str, actor: Person, at: dt.datetime
) -> NamelessLesson:
    """Let it out, or give it back with a word why. Nobody checks their own."""
    nameless = (
        NamelessLesson.objects.select_for_update(of=("self",)).select_related("lesson").get(pk=nameless_id)
    )
    if nameless.prepared_by_id == actor.pk:
        raise RefusedError(
            _("自分で整えた教訓は、自分では確認できません。ほかの管理職か企画の人に頼んでください。")
        )
    nameless_access.require(actor, "check", nameless)
    if nameless.state != NamelessState.WAITING:
        raise RefusedError(_("確認を待っているものではありません。ほかの人がもう確認したようです。"))
    note = note.strip()[:500]
    if not publish and not note:
        raise RefusedError(_("差し戻すときは、どこを直せばよいかを書いてください。"))
    nameless.state = NamelessState.PUBLISHED if publish else NamelessState.RETURNED
    nameless.checked_by, nameless.checked_at, nameless.check_note = actor, at, note
    nameless.save()
    _note(nameless, "publish_nameless" if publish else "return_nameless", actor, at)
    return nameless


@transaction.atomic
def withdraw_nameless(*, nameless_id: int, actor: Person, at: dt.datetime) -> NamelessLesson:
    nameless = (
        NamelessLesson.objects.select_for_update(of=("self",)).select_related("lesson").get(pk=nameless_id)
    )
    nameless_access.require(actor, "withdraw", nameless)
    if nameless.state != NamelessState.PUBLISHED:
        raise RefusedError(_("公開されていません。"))
    nameless.state = NamelessState.WITHDRAWN
    nameless.save(update_fields=["state"])
    _note(nameless, "withdraw_nameless", actor, at)
    return nameless


def _note(nameless: NamelessLesson, action: str, actor: Person, at: dt.datetime) -> None:
    lesson = nameless.lesson
    trail.record(
        trail.Act(actor, action, lesson, at, organization_id=lesson.organization_id, note=nameless.check_note)
    )
