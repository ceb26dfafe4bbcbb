"""A project from the first plan to its end, and who takes part in it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange.models import Field
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Membership, Organization, Section
from enishi.projects.access import project_access, works_for
from enishi.projects.enums import EndReason, MeasureKind, ParticipantRole, ProjectStatus, TrialState
from enishi.projects.errors import IllegalMoveError, NotReadyError, RefusedError, SelfApprovalError
from enishi.projects.models import Participant, Project
from enishi.projects.services import starting
from enishi.projects.services.writing import (
    assign,
    changed,
    in_order,
    locked_project,
    require_open,
    require_version,
    tell,
    touch,
    write_down,
)
from enishi.projects.signals import project_moved

WRITABLE = (
    "title",
    "purpose",
    "content",
    "is_trial",
    "section",
    "visibility",
    "officer",
    "starts_on",
    "ends_on",
    "challenge",
    "contact",
    "proposal",
    "agreement",
    "grown_from",
    "is_demo",
)
NEXT: dict[ProjectStatus, tuple[ProjectStatus, ...]] = {
    ProjectStatus.DRAFT: (ProjectStatus.APPROVED, ProjectStatus.STOPPED),
    ProjectStatus.APPROVED: (ProjectStatus.RUNNING, ProjectStatus.DRAFT, ProjectStatus.STOPPED),
    ProjectStatus.RUNNING: (ProjectStatus.COMPLETED, ProjectStatus.STOPPED),
    ProjectStatus.COMPLETED: (ProjectStatus.RUNNING,),
    ProjectStatus.STOPPED: (ProjectStatus.DRAFT,),
}
"""From each status the ones that may follow."""


def needs_reason(before: ProjectStatus, after: ProjectStatus) -> bool:
    """Endings without a result, returns and new beginnings are explained to those who come later."""
    return after in {ProjectStatus.STOPPED, ProjectStatus.DRAFT} or before == ProjectStatus.COMPLETED


@transaction.atomic
def create_project(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    fields: Iterable[Field] = (),
    actor: Person,
    at: dt.datetime,
) -> Project:
    """Start a draft in the organisation's name; the organisation is its first participant."""
    if not project_access.allows(actor, "create", organization):
        raise PermissionDenied("create")
    project = Project(
        organization=organization,
        author=actor,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        officer=actor,
        visibility=Visibility.PARTIES,
    )
    assign(project, values, WRITABLE)
    _check(project, actor)
    project.save()
    project.fields.set(fields)
    Participant.objects.create(
        project=project, organization=organization, role=ParticipantRole.LEAD, created_at=at
    )
    _bring_partners_along(project, at)
    write_down(project, "create", actor=actor, at=at)
    tell(project)
    return project


def _bring_partners_along(project: Project, at: dt.datetime) -> None:
    """Those who met in the match, in the proposal or in the agreement take part from the first day."""
    wanted: list[int] = []
    if project.contact is not None:
        wanted.append(project.contact.offering_id)
    if project.proposal is not None and project.proposal.proposer_id:
        wanted.append(project.proposal.proposer_id)
    if project.agreement is not None:
        wanted += list(project.agreement.parties.values_list("pk", flat=True))
    for key in dict.fromkeys(wanted):
        if key != project.organization_id:
            Participant.objects.create(
                project=project, organization_id=key, role=ParticipantRole.PARTNER, created_at=at
            )
    _set_parties(project)


def _set_parties(project: Project) -> None:
    houses = project.participants.filter(organization__isnull=False).exclude(
        organization_id=project.organization_id
    )
    project.parties.set(houses.values_list("organization_id", flat=True))


@transaction.atomic
def edit_project(
    *,
    project_id: int,
    values: Mapping[str, Any],
    version: int,
    fields: Iterable[Field] | None = None,
    actor: Person,
    at: dt.datetime,
) -> Project:
    """Write the given values, unless somebody else saved since ``version`` was read."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_version(project, version)
    before = trail.values(project) | {"fields": _names(project)}
    assign(project, values, WRITABLE)
    _check(project, actor)
    if fields is not None:
        project.fields.set(fields)
    changes = changed(before, project)
    changes.pop("fields", None)
    if fields is not None and before["fields"] != _names(project):
        changes["fields"] = (before["fields"], _names(project))
    if changes:
        _save(project, actor=actor, at=at)
        write_down(project, "edit", actor=actor, at=at, changes=changes)
        tell(project)
    return project


def _names(project: Project) -> list[str]:
    return list(project.fields.order_by("pk").values_list("name", flat=True))


def _save(project: Project, *, actor: Person | None, at: dt.datetime) -> None:
    project.version += 1
    project.updated_at = max(at, project.updated_at)
    if actor is not None:
        project.updated_by = actor
    project.save()


def _check(project: Project, actor: Person) -> None:
    in_order(project, "starts_on", "ends_on", _("終わりは、始まりと同じ日かそれより後の日付にしてください。"))
    faults: dict[str, str] = {}
    if not project.title:
        faults["title"] = _("名称を書いてください。")
    if project.section_id and project.section and project.section.organization_id != project.organization_id:
        faults["section"] = _("この団体の課を選んでください。")
    if project.visibility == Visibility.SECTION and project.section_id is None:
        faults["section"] = _("公開範囲を「課内」にするには、担当課を選んでください。")
    if project.officer_id and not _is_of(project.officer_id, project.organization_id):
        faults["officer"] = _("この団体の人から選んでください。")
    if faults:
        raise ValidationError(faults)


def _is_of(person_id: int, organization_id: int | None) -> bool:
    if organization_id is None:
        return False
    today = timezone.localdate()
    rows = Membership.objects.filter(person_id=person_id, organization_id=organization_id)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today)).exists()


# --- State ---------------------------------------------------------------------------------------------------------------


def missing_for_approval(project: Project) -> list[str]:
    """What the plan still lacks, one sentence each. KPI is mandatory."""
    missing = []
    if not project.purpose.strip():
        missing.append(_("目的を書いてください。"))
    if project.starts_on is None or project.ends_on is None:
        missing.append(_("始まりと終わりの日を書いてください。"))
    outcomes = list(project.measures.filter(retired_at__isnull=True, kind=MeasureKind.OUTCOME))
    if not any(measure.is_complete for measure in outcomes):
        missing.append(
            _(
                "成果の指標を一つ以上、基準値とその日、目標値とその日、データの出所まで書いてください(承認に必ず要ります)。"
            )
        )
    if project.is_trial:
        missing += starting.missing_of_trial(project)
    return missing


@transaction.atomic
def ask_approval(*, project_id: int, actor: Person, at: dt.datetime) -> Project:
    """Put the plan before somebody who may approve it."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    if project.status != ProjectStatus.DRAFT:
        raise RefusedError(_("承認を求められるのは、準備中の事業だけです。"))
    missing = missing_for_approval(project)
    if missing:
        raise NotReadyError(_("承認を求める前に、次を整えてください。"), missing)
    project.approval_asked_at, project.approval_asked_by = at, actor
    _save(project, actor=actor, at=at)
    write_down(project, "ask_approval", actor=actor, at=at)
    tell(project)
    return project


@transaction.atomic
def move_project(
    *,
    project_id: int,
    status: ProjectStatus,
    reason: str = "",
    end_reason: str = "",
    on: dt.date | None = None,
    version: int | None = None,
    actor: Person,
    at: dt.datetime,
) -> Project:
    """Move the project on. ``on`` is the day it started or ended, today unless said."""
    project = locked_project(project_id)
    before = ProjectStatus(project.status)
    if status not in NEXT[before]:
        raise IllegalMoveError(before, status, NEXT[before])
    project_access.require(actor, right_for(before, status), project)
    if version is not None:
        require_version(project, version)
    reason = clean_text(reason).strip()[:500]
    if needs_reason(before, status) and not reason:
        raise RefusedError(_("理由を書いてください。あとから見る人に、なぜ変えたかが伝わります。"))
    stored = trail.values(project)
    day = on or timezone.localdate(at)
    if status == ProjectStatus.APPROVED:
        _approve(project, actor, at)
    elif status == ProjectStatus.RUNNING:
        starting.start(project, day, reopened=before == ProjectStatus.COMPLETED, actor=actor, at=at)
    elif status == ProjectStatus.DRAFT:
        project.approval_asked_at = project.approval_asked_by = None
        project.approved_at = project.approved_by = None
        project.end_reason, project.ended_on = "", None
    else:
        _end(project, status, end_reason, day, at)
    project.status, project.status_reason = status, reason
    _save(project, actor=actor, at=at)
    write_down(project, "change_status", actor=actor, at=at, changes=changed(stored, project), note=reason)
    tell(project)
    key = project.pk
    transaction.on_commit(
        lambda: project_moved.send_robust(Project, project_id=key, before=before, after=status)
    )
    return project


def right_for(before: ProjectStatus, after: ProjectStatus) -> str:
    """Approving, sending back and reopening are for managers and planners; the rest for who runs the project."""
    if after == ProjectStatus.APPROVED or before == ProjectStatus.COMPLETED:
        return "approve"
    if after == ProjectStatus.DRAFT and before == ProjectStatus.APPROVED:
        return "approve"
    return "change_status"


def _approve(project: Project, actor: Person, at: dt.datetime) -> None:
    if actor.pk in {project.author_id, project.approval_asked_by_id}:
        raise SelfApprovalError
    missing = missing_for_approval(project)
    if missing:
        raise NotReadyError(_("承認の前に、次を整えてください。"), missing)
    project.approved_at, project.approved_by = at, actor


def _end(project: Project, status: ProjectStatus, end_reason: str, day: dt.date, at: dt.datetime) -> None:
    if project.started_on and day < project.started_on:
        raise ValidationError({"on": _("終えた日は、始めた日と同じかそれより後にしてください。")})
    if day > timezone.localdate(at):
        raise ValidationError({"on": _("終えた日に、まだ来ていない日は書けません。")})
    if status == ProjectStatus.STOPPED:
        if end_reason not in EndReason.values:
            raise RefusedError(
                _("先へ進まない理由を一覧から選んでください。次に試す人の手がかりになります。")
            )
        project.end_reason = end_reason
    else:
        _require_results(project)
    project.ended_on = day


def _require_results(project: Project) -> None:
    """A project ends with what came of it: a value, or the reason for none, of every outcome measure; trials decided."""
    waiting = [
        measure.title
        for measure in project.measures.filter(retired_at__isnull=True, kind=MeasureKind.OUTCOME)
        if not measure.values.current().exists()
    ]
    missing = [
        _("成果の指標「%(title)s」の値か、値がない理由を入れてください。") % {"title": t} for t in waiting
    ]
    if project.trials.filter(state=TrialState.RUNNING).exists():
        missing.append(_("実証の判断(実装・再実証・中止)をしてください。"))
    if missing:
        raise NotReadyError(_("完了の前に、次を整えてください。"), missing)


@transaction.atomic
def delete_project(*, project_id: int, actor: Person, at: dt.datetime) -> Project:
    """Throw away; it comes back for 30 days. One that ran is evidence and stays."""
    project = locked_project(project_id)
    project_access.require(actor, "delete", project)
    if project.started_on is not None:
        raise RefusedError(
            _("一度始めた事業は記録として残します。やめるときは「中止」にして、理由を書いてください。")
        )
    project.deleted_at = at
    _save(project, actor=actor, at=at)
    write_down(project, "delete", actor=actor, at=at)
    tell(project)
    return project


@transaction.atomic
def restore_project(*, project_id: int, actor: Person, at: dt.datetime) -> Project:
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "restore", project)
    if project.deleted_at is None or at - project.deleted_at > RESTORABLE:
        raise RefusedError(_("削除から30日を過ぎたか、すでに元に戻されています。"))
    project.deleted_at = None
    _save(project, actor=actor, at=at)
    write_down(project, "restore", actor=actor, at=at)
    tell(project)
    return project


# --- Participants ----------------------------------------------------------------------------------------------------------

PARTICIPANT_WRITABLE = (
    "organization",
    "name",
    "role",
    "part",
    "budget_yen",
    "in_kind_yen",
    "in_kind_hours",
    "provided_yen",
    "provided_hours",
    "contribution_note",
)
OWN_PART = frozenset({"provided_yen", "provided_hours", "contribution_note"})
"""What a participant's own people may write: what they brought so far."""


@transaction.atomic
def add_participant(
    *,
    project_id: int,
    values: Mapping[str, Any],
    sections: Iterable[Section] = (),
    people: Iterable[Person] = (),
    actor: Person,
    at: dt.datetime,
) -> Participant:
    """Let an organisation take part; it reads the project from now on where the visibility says 当事者."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    participant = Participant(project=project, created_at=at)
    assign(participant, values, PARTICIPANT_WRITABLE)
    _check_participant(participant, sections, people)
    participant.save()
    participant.sections.set(sections)
    participant.people.set(people)
    _set_parties(project)
    touch(project, actor=actor, at=at)
    write_down(project, "add_participant", actor=actor, at=at, note=str(participant))
    tell(project)
    return participant


@transaction.atomic
def edit_participant(
    *,
    participant_id: int,
    values: Mapping[str, Any],
    sections: Iterable[Section] | None = None,
    people: Iterable[Person] | None = None,
    actor: Person,
    at: dt.datetime,
) -> Participant:
    participant = Participant.objects.get(pk=participant_id)
    project = locked_project(participant.project_id)
    participant = project.participants.select_for_update().get(pk=participant_id)
    leads = project_access.allows(actor, "edit", project)
    own = works_for(actor, participant) and project_access.allows(actor, "take_part", project)
    if not leads and not (own and set(values) <= OWN_PART and sections is None and people is None):
        raise PermissionDenied("edit")
    before = trail.values(participant)
    assign(participant, values, PARTICIPANT_WRITABLE)
    _check_participant(participant, sections or (), people or ())
    changes = changed(before, participant)
    participant.save()
    if sections is not None:
        participant.sections.set(sections)
    if people is not None:
        participant.people.set(people)
    _set_parties(project)
    touch(project, actor=actor, at=at)
    write_down(
        project,
        "edit_participant",
        actor=actor,
        at=at,
        row=participant,
        changes=changes,
        note=str(participant),
    )
    tell(project)
    return participant


def _check_participant(
    participant: Participant, sections: Iterable[Section], people: Iterable[Person]
) -> None:
    faults: dict[str, str] = {}
    house = participant.organization_id
    if house is None and not participant.name:
        faults["organization"] = _("団体を選ぶか、登録のない団体の名前を書いてください。")
    others = participant.project.participants.exclude(pk=participant.pk)
    if house is not None and others.filter(organization_id=house).exists():
        faults["organization"] = _("この団体はすでに参加しています。")
    if any(section.organization_id != house for section in sections):
        faults["sections"] = _("その団体の課を選んでください。")
    if any(not _is_of(person.pk, house) for person in people):
        faults["people"] = _("その団体の人から選んでください。")
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def remove_participant(*, participant_id: int, actor: Person, at: dt.datetime) -> None:
    """Take an organisation out that brought nothing and spent nothing yet."""
    participant = Participant.objects.get(pk=participant_id)
    project = locked_project(participant.project_id)
    project_access.require(actor, "edit", project)
    if participant.organization_id == project.organization_id:
        raise RefusedError(_("主催する団体は外せません。"))
    if participant.expenses.exists() or participant.settlements.exists():
        raise RefusedError(_("この団体には支出の記録があるため外せません。役割を書き直してください。"))
    name = str(participant)
    participant.delete()
    _set_parties(project)
    touch(project, actor=actor, at=at)
    write_down(project, "remove_participant", actor=actor, at=at, note=name)
    tell(project)
