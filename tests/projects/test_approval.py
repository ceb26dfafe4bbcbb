"""From the plan to the end: no KPI no approval, nobody approves the own plan, no jumps, reasons are kept."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from enishi.audit.models import AuditEvent
from enishi.desk.models import Proposal
from enishi.desk.signals import proposal_moved
from enishi.projects import services
from enishi.projects.enums import ProjectStatus
from enishi.projects.errors import (
    IllegalMoveError,
    NotReadyError,
    OverError,
    RefusedError,
    SelfApprovalError,
    StaleVersionError,
)
from enishi.projects.models import Project
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, approve, cast, draft, join, move, outcome, running, start

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("left_out", ["baseline_value", "baseline_on", "target_value", "target_on", "source"])
def test_no_approval_without_a_whole_outcome_measure(left_out):
    who = cast()
    project = draft(who)
    outcome(who, project, **{left_out: "" if left_out == "source" else None})

    with pytest.raises(NotReadyError, match="成果の指標"):
        services.ask_approval(project_id=project.pk, actor=who.officer, at=NOON)
    with pytest.raises(NotReadyError, match="成果の指標"):
        move(who.manager, project, ProjectStatus.APPROVED)


def test_an_output_measure_alone_is_no_kpi():
    who = cast()
    project = draft(who)
    outcome(who, project, kind="output", title="配った台数", direction="UP", target_value=Decimal(30))

    with pytest.raises(NotReadyError):
        move(who.manager, project, ProjectStatus.APPROVED)


def test_nobody_approves_what_they_wrote_or_handed_in():
    who = cast()
    project = services.create_project(
        organization=who.town,
        values={"title": "案", "purpose": "目的", "starts_on": TODAY, "ends_on": TODAY},
        actor=who.manager,
        at=NOON,
    )
    outcome(who, project)
    services.ask_approval(project_id=project.pk, actor=who.planner, at=NOON)

    for person in (who.manager, who.planner):
        with pytest.raises(SelfApprovalError):
            move(person, project, ProjectStatus.APPROVED)


def test_an_officer_does_not_approve():
    who = cast()
    project = draft(who)
    outcome(who, project)

    with pytest.raises(PermissionDenied):
        move(who.officer, project, ProjectStatus.APPROVED)


@pytest.mark.parametrize("status", [ProjectStatus.RUNNING, ProjectStatus.COMPLETED])
def test_a_draft_does_not_jump(status):
    who = cast()

    with pytest.raises(IllegalMoveError, match="いま選べるのは「承認済み・中止」"):
        move(who.manager, draft(who), status)


def test_stopping_needs_a_reason_from_the_list_and_a_sentence():
    who = cast()
    project = running(who)

    with pytest.raises(RefusedError, match="理由を書いてください"):
        move(who.officer, project, ProjectStatus.STOPPED, end_reason="budget")
    with pytest.raises(RefusedError, match="一覧から"):
        move(who.officer, project, ProjectStatus.STOPPED, reason="電波が届かない")
    stopped = move(
        who.officer, project, ProjectStatus.STOPPED, reason="電波が届かない", end_reason="technology"
    )

    assert (stopped.end_reason, stopped.status_reason, stopped.ended_on) == (
        "technology",
        "電波が届かない",
        TODAY,
    )


def test_completion_asks_for_a_value_of_each_outcome():
    who = cast()
    project = running(who)

    with pytest.raises(NotReadyError, match="気づくまでの日数"):
        move(who.officer, project, ProjectStatus.COMPLETED)
    services.record_value(
        measure_id=project.measures.get().pk,
        values={"on": TODAY, "missing_reason": "記録が残っていない"},
        actor=who.officer,
        at=NOON,
    )

    assert move(who.officer, project, ProjectStatus.COMPLETED).status == ProjectStatus.COMPLETED


def test_what_is_over_is_not_written_any_more():
    who = cast()
    project = running(who)
    move(who.officer, project, ProjectStatus.STOPPED, reason="予算がない", end_reason="budget")

    with pytest.raises(OverError):
        outcome(who, project)


def adopted_proposal(who, status="adopted"):
    early = NOON - 200 * DAY
    return Proposal.objects.create(
        organization=who.town,
        kind="trial",
        title="提案",
        status=status,
        received_at=early,
        decided_at=early if status == "adopted" else None,
        created_at=early,
        updated_at=early,
    )


def test_a_proposal_taken_up_later_learns_of_the_start_then():
    who = cast()
    proposal = adopted_proposal(who, status="reviewing")
    project = draft(who, proposal=proposal)
    outcome(who, project)
    approve(who, project)
    start(who, project)
    assert Proposal.objects.get(pk=proposal.pk).started_on is None

    Proposal.objects.filter(pk=proposal.pk).update(status="adopted", decided_at=NOON)
    proposal_moved.send(Proposal, proposal_id=proposal.pk, before="reviewing", after="adopted")

    assert Proposal.objects.get(pk=proposal.pk).started_on == TODAY - 90 * DAY


def test_the_start_tells_the_proposal_the_first_time_only():
    who = cast()
    proposal = adopted_proposal(who)
    for days in (90, 30):
        project = draft(who, proposal=proposal)
        outcome(who, project)
        approve(who, project)
        move(who.officer, project, ProjectStatus.RUNNING, at=NOON - days * DAY)

    proposal.refresh_from_db()
    assert proposal.started_on == TODAY - 90 * DAY
    assert AuditEvent.objects.filter(subject_type="desk.proposal", action="start").count() == 1


def test_the_first_day_is_not_in_the_future():
    who = cast()
    project = draft(who)
    outcome(who, project)
    approve(who, project)

    with pytest.raises(ValidationError):
        move(who.officer, project, ProjectStatus.RUNNING, on=TODAY + DAY)


def test_two_editors_do_not_overwrite_each_other():
    who = cast()
    project = draft(who)
    version = project.version
    services.edit_project(
        project_id=project.pk, values={"title": "先の人"}, version=version, actor=who.manager, at=NOON
    )

    with pytest.raises(StaleVersionError):
        services.edit_project(
            project_id=project.pk, values={"title": "後の人"}, version=version, actor=who.officer, at=NOON
        )
    assert Project.objects.get(pk=project.pk).title == "先の人"


def test_what_ran_once_is_not_thrown_away():
    who = cast()

    with pytest.raises(RefusedError, match="記録として残します"):
        services.delete_project(project_id=running(who).pk, actor=who.manager, at=NOON)


def test_a_draft_comes_back_for_thirty_days():
    who = cast()
    project = draft(who)
    services.delete_project(project_id=project.pk, actor=who.officer, at=NOON)

    with pytest.raises(RefusedError):
        services.restore_project(project_id=project.pk, actor=who.officer, at=NOON + dt.timedelta(days=31))
    assert (
        services.restore_project(project_id=project.pk, actor=who.officer, at=NOON + DAY).deleted_at is None
    )


def test_participants_are_the_parties_who_read():
    who = cast()
    project = draft(who)
    place = join(who, project)
    assert [party.pk for party in project.parties.all()] == [who.partner.pk]
    with pytest.raises(ValidationError):
        join(who, project)

    services.remove_participant(participant_id=place.pk, actor=who.officer, at=NOON)

    assert not project.parties.exists()


def test_the_database_itself_refuses_a_running_project_nobody_approved():
    who = cast()
    project = draft(who)

    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(status="running")


def test_reopening_is_for_those_who_approve():
    who = cast()
    project = running(who)
    services.record_value(
        measure_id=project.measures.get().pk, values={"on": TODAY, "value": 2}, actor=who.officer, at=NOON
    )
    move(who.officer, project, ProjectStatus.COMPLETED)

    with pytest.raises(PermissionDenied):
        move(who.officer, project, ProjectStatus.RUNNING, reason="続ける")
    assert move(who.manager, project, ProjectStatus.RUNNING, reason="続ける").ended_on is None


def test_start_uses_the_day_given():
    who = cast()
    project = draft(who)
    outcome(who, project)
    approve(who, project)

    assert start(who, project).started_on == TODAY - 90 * DAY
