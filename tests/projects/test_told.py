"""What the room tells the others: numbers with their parents, notices, today's work, search, handover, the API."""

from decimal import Decimal

import pytest
from django.urls import reverse

from enishi.desk.models import Proposal
from enishi.foundation import metrics, panels
from enishi.foundation.metrics import Period
from enishi.knowledge import services as knowledge
from enishi.knowledge.selectors import search
from enishi.notifications.models import Notice
from enishi.organizations import handover
from enishi.organizations.enums import Role, Visibility
from enishi.projects import rounds, services
from enishi.projects.enums import GateDecision, ProjectStatus, TaskState
from enishi.projects.models import Participant, Project, Task, Trial
from tests.factories import NOON, TODAY, ChallengeFactory, MembershipFactory
from tests.projects.making import (
    DAY,
    cast,
    draft,
    expense,
    move,
    outcome,
    running,
    task,
    trial_values,
)

pytestmark = pytest.mark.django_db
YEAR = Period(TODAY - 200 * DAY, TODAY + 100 * DAY)


def figure(key, who, as_of=TODAY):
    return metrics.metric(f"projects.{key}").figure(who.town.pk, YEAR, as_of)


def rows(key, who, actor):
    return metrics.metric(f"projects.{key}").rows(who.town.pk, YEAR, TODAY, actor)


def begun_trial(who, **values):
    project = draft(who, is_trial=True)
    measure = outcome(who, project)
    trial = services.plan_trial(
        project_id=project.pk, values=trial_values(measure, **values), actor=who.officer, at=NOON - 97 * DAY
    )
    move(who.manager, project, ProjectStatus.APPROVED, at=NOON - 94 * DAY)
    move(who.officer, project, ProjectStatus.RUNNING, at=NOON - 90 * DAY)
    return Trial.objects.get(pk=trial.pk), measure


def decide(who, trial, measure, decision, **named):
    services.record_value(
        measure_id=measure.pk,
        values={"on": TODAY - 12 * DAY, "value": Decimal(1)},
        actor=who.officer,
        at=NOON,
    )
    services.decide_trial(
        trial_id=trial.pk, decision=decision, result="結果", note="理由", actor=who.manager, at=NOON, **named
    )


def test_trials_that_went_on_are_counted_with_those_still_open_beside():
    who = cast()
    for decision, named in (
        (GateDecision.IMPLEMENT, {}),
        (GateDecision.STOP, {"reason": "budget"}),
        (None, {}),
    ):
        trial, measure = begun_trial(who)
        if decision:
            decide(who, trial, measure, decision, **named)

    cohort, period = figure("trials_implemented_cohort", who), figure("trials_implemented_period", who)

    assert (cohort.value, cohort.numerator, cohort.denominator) == (Decimal("33.3"), 1, 3)
    assert [words for _label, words in cohort.beside] == ["1件"]
    assert (period.value, period.denominator) == (Decimal("50.0"), 2)
    assert sum(row.counts for row in rows("trials_implemented_cohort", who, who.officer)) == 1


def test_as_of_an_earlier_day_nothing_was_decided_yet():
    who = cast()
    trial, measure = begun_trial(who)
    decide(who, trial, measure, GateDecision.IMPLEMENT)

    assert figure("trials_implemented_cohort", who, as_of=TODAY - DAY).value == 0


def test_nothing_to_count_says_so():
    who = cast()

    assert figure("trials_implemented_cohort", who).value is None
    assert figure("with_kpi", who).missing


def test_what_others_brought_is_added_up_without_the_leaders_own():
    who = cast()
    project = running(who)
    for place, yen, hours in zip(
        project.participants.order_by("pk"), (500, 1_200_000), ("9", "171.5"), strict=True
    ):
        services.edit_participant(
            participant_id=place.pk,
            values={"provided_yen": yen, "provided_hours": Decimal(hours)},
            actor=who.officer,
            at=NOON,
        )

    assert figure("in_kind_yen", who).value == 1_200_000
    assert figure("in_kind_hours", who).value == Decimal("171.5")


def test_share_with_kpi_and_projects_by_state():
    who = cast()
    running(who)
    stopped = running(who)
    move(who.officer, stopped, ProjectStatus.STOPPED, reason="予算", end_reason="budget")

    assert figure("with_kpi", who).value == Decimal("100.0")
    assert [(str(label), words) for label, words in figure("started", who).beside] == [
        ("実施中", "1件"),
        ("中止", "1件"),
    ]


def test_residents_who_withdrew_do_not_count():
    who = cast()
    one, _measure = begun_trial(who)
    two, _measure = begun_trial(who)
    for trial in (one, two):
        consent = services.write_consent_text(trial_id=trial.pk, text="同意", actor=who.officer, at=NOON)
        person = services.add_lab_participant(
            trial_id=trial.pk,
            values={
                "name": "x",
                "role": "resident",
                "consent": consent,
                "consented_on": TODAY,
                "method": "paper",
            },
            actor=who.officer,
            at=NOON,
        )
    services.withdraw_consent(lab_participant_id=person.pk, actor=who.officer, at=NOON)

    share = figure("resident_participation", who)

    assert (share.value, share.numerator, share.denominator) == (Decimal("50.0"), 1, 2)


def test_the_rows_behind_a_number_hide_what_a_reader_may_not_see():
    who = cast()
    running(who)

    assert rows("started", who, who.stranger) == []
    assert len(rows("started", who, who.officer)) == 1
    assert rows("risks_occurred", who, who.stranger) == []


# --- Notices and today's work ----------------------------------------------------------------------------------------------


def test_what_is_due_is_told_once():
    who = cast()
    project = running(who)
    task(who, project, "設計", -3, 2, assignee=who.officer)
    task(who, project, "ずっと先", 0, 30, assignee=who.officer)
    Notice.objects.all().delete()

    rounds.remind(NOON)
    rounds.remind(NOON + DAY)

    told = list(Notice.objects.filter(kind="project_task").values_list("person", "title"))
    assert len(told) == 1
    assert told[0][0] == who.officer.pk
    assert "設計" in told[0][1]


def test_a_gate_is_announced_to_those_who_decide():
    who = cast()
    begun_trial(who, judged_on=TODAY + 10 * DAY, stop_on=TODAY + 10 * DAY)

    rounds.remind(NOON)

    told = set(Notice.objects.filter(kind="project_gate").values_list("person", flat=True))
    assert told == {who.officer.pk, who.manager.pk}


def test_an_incident_reaches_the_officer(django_capture_on_commit_callbacks):
    who = cast()
    project = running(who)

    with django_capture_on_commit_callbacks(execute=True):
        services.record_incident(
            project_id=project.pk,
            values={"title": "落雷", "happened_on": TODAY, "severity": "serious"},
            actor=who.member,
            at=NOON,
        )

    notice = Notice.objects.get(kind="project_incident")
    assert (notice.person, "落雷" in notice.title) == (who.officer, True)


def todos(person):
    found = []
    for panel in panels.home:
        if panel.group == "today" and panel.shown(person):
            found += (panel.context(person, NOON) or {}).get("items", [])
    return {(todo.title, todo.due) for todo in found}


def test_today_shows_tasks_values_claims_and_plans():
    who = cast()
    project = running(who)
    task(who, project, "設計", -3, 2, assignee=who.officer)
    expense(who, project, who.officer)
    waiting = draft(who, title="新しい案")
    outcome(who, waiting)
    services.ask_approval(project_id=waiting.pk, actor=who.officer, at=NOON)

    assert ("設計", TODAY + 2 * DAY) in todos(who.officer)
    assert ("電池 1,234円", None) not in todos(who.officer)
    assert {("電池 1,234円", None), ("新しい案", None)} <= todos(who.manager)
    assert todos(who.stranger) == set()


def test_the_owner_of_a_claim_is_not_asked_to_approve_it():
    who = cast()
    expense(who, running(who), who.manager)

    assert ("電池 1,234円", None) not in todos(who.manager)
    assert ("電池 1,234円", None) in todos(who.planner)


# --- Search, handover, the API ---------------------------------------------------------------------------------------------


def test_a_project_is_found_by_who_may_read_it_and_never_by_what_is_inside():
    who = cast()
    project = running(who, title="ほたるぶくろ事業")
    services.write_minutes(
        project_id=project.pk,
        values={"title": "会議", "minutes": "ひみつのことば", "held_on": TODAY},
        actor=who.officer,
        at=NOON,
    )
    knowledge.index("project", [project.pk])

    assert search(who.member, "ほたるぶくろ", kinds=["project"]).object_ids == [project.pk]
    assert search(who.stranger, "ほたるぶくろ", kinds=["project"]).object_ids == []
    assert search(who.officer, "ひみつのことば", kinds=["project"]).object_ids == []


def test_everything_goes_to_the_successor():
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 5, assignee=who.officer)
    services.edit_participant(
        participant_id=project.participants.get(organization=who.town).pk,
        values={},
        people=[who.officer],
        actor=who.manager,
        at=NOON,
    )
    taker = MembershipFactory(organization=who.town, section=who.section, role=Role.OFFICER).person

    handover.hand_over(giver=who.officer, taker=taker, organization=who.town, actor=who.manager, at=NOON)

    assert Project.objects.get(pk=project.pk).officer == taker
    assert Task.objects.get(pk=one.pk).assignee == taker
    assert list(Participant.objects.get(project=project, organization=who.town).people.all()) == [taker]


def test_a_done_task_stays_with_who_did_it():
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 5, assignee=who.officer)
    services.move_task(task_id=one.pk, state=TaskState.DONE, actor=who.officer, at=NOON)

    handover.hand_over(
        giver=who.officer, taker=who.planner, organization=who.town, actor=who.manager, at=NOON
    )

    assert Task.objects.get(pk=one.pk).assignee == who.officer


def test_programs_read_what_the_page_shows(client):
    who = cast()
    project = running(who, visibility=Visibility.PUBLIC)
    hidden = running(who)
    measure = project.measures.get()
    services.record_value(
        measure_id=measure.pk, values={"on": TODAY, "value": Decimal("2.5")}, actor=who.officer, at=NOON
    )

    listed = client.get("/api/v1/projects").json()["items"]
    whole = client.get(f"/api/v1/projects/{project.pk}").json()
    values = client.get(f"/api/v1/projects/{project.pk}/measures").json()

    assert [row["id"] for row in listed] == [project.pk]
    assert [each["name"] for each in whole["participants"]] == ["試験市", "試験見守り社"]
    assert Decimal(values[0]["values"][0]["value"]) == Decimal("2.5")
    assert client.get(f"/api/v1/projects/{hidden.pk}").status_code == 404


def test_the_pages_of_earlier_records_show_what_came_of_them(client):
    who = cast()
    challenge = ChallengeFactory(organization=who.town, indexed=False)
    project = running(who, challenge=challenge, visibility=Visibility.PUBLIC)

    page = client.get(reverse("exchange:challenge_detail", args=[challenge.pk])).content.decode()

    assert project.title in page


def test_work_begins_from_an_adopted_proposal_with_what_is_known(client):
    who = cast()
    proposal = Proposal.objects.create(
        organization=who.town,
        proposer=who.partner,
        kind="trial",
        title="見守りの提案",
        effects="異変に早く気づける。",
        status="trial",
        received_at=NOON,
        decided_at=NOON,
        created_at=NOON,
        updated_at=NOON,
    )
    client.force_login(who.planner)
    address = f"{reverse('projects:project_new')}?proposal={proposal.pk}"

    assert address in client.get(proposal.get_absolute_url()).content.decode()
    page = client.get(address).content.decode()
    client.post(
        address, {"title": "見守り", "visibility": "parties", "proposal": proposal.pk, "is_trial": "on"}
    )

    assert "異変に早く気づける。" in page
    made = Project.objects.get(title="見守り")
    assert (made.proposal, made.is_trial) == (proposal, True)
    assert [party.pk for party in made.parties.all()] == [who.partner.pk]


def test_a_record_one_may_not_read_starts_nothing(client):
    who = cast()
    hidden = Proposal.objects.create(
        organization=who.town, kind="trial", title="秘密", status="draft", created_at=NOON, updated_at=NOON
    )
    other = MembershipFactory(role=Role.PLANNER).person
    client.force_login(other)

    assert client.get(f"{reverse('projects:project_new')}?proposal={hidden.pk}").status_code == 404


def test_whoever_decides_hears_once_that_a_stop_criterion_was_hit(client, django_capture_on_commit_callbacks):
    who = cast()
    trial, measure = begun_trial(who, judged_on=TODAY + 10 * DAY, stop_on=TODAY + 10 * DAY)

    for value, back in ((9, 12), (11, 8), (12, 6)):
        values = {"on": TODAY - back * DAY, "value": Decimal(value)}
        with django_capture_on_commit_callbacks(execute=True):
            services.record_value(measure_id=measure.pk, values=values, actor=who.officer, at=NOON)

    told = Notice.objects.filter(kind="project_stop")
    assert {notice.person for notice in told} == {who.officer, who.manager}
    assert told.count() == 2
    client.force_login(who.manager)
    page = client.get(reverse("projects:trial_detail", args=[trial.pk])).content.decode()
    assert "中止の基準に当たりました" in page
