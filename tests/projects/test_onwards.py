"""The thread goes on: from the work to the plan that took it up, and to the next challenge; and back."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from enishi.budgets.models import Programme
from enishi.exchange.models import Challenge
from enishi.foundation.thread import Stage, case_knots, case_of
from enishi.organizations.enums import Visibility
from enishi.plans import services as plans
from enishi.projects import next_challenges, programmes
from enishi.projects.models import CompletionReport, NextChallenge, Project
from tests.factories import NOON, TODAY, ChallengeFactory
from tests.plans.making import approved, cast, draft_of, node, plan_of, programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return cast()


@pytest.fixture
def project(who):
    """Work begun in June that is carried out as a programme of the town."""
    made = Project.objects.create(
        organization=who.town,
        section=who.section,
        title="子育て相談の実証",
        visibility=Visibility.PUBLIC,
        status="completed",
        approved_at=NOON,
        started_on=dt.date(2026, 6, 1),
        ended_on=TODAY,
        author=who.officer,
        officer=who.officer,
        created_at=NOON,
        updated_at=NOON,
    )
    programme(who, "100101")
    programmes.link(project_id=made.pk, uid="100101", actor=who.planner, at=NOON)
    return made


def version_with_the_work(who, version):
    branch = node(who, version, "安心して育てられるまち", section=who.section)
    plans.place_programme(
        node_id=branch.pk,
        is_primary=True,
        programme_id=Programme.objects.get(organization=who.town).pk,
        actor=who.planner,
        at=NOON,
    )
    return branch


def told(case):
    return [(record.key[0], str(record.label)) for record in case.records]


def test_the_version_that_took_effect_after_the_work_began_is_in_its_case(who, project):
    draft = draft_of(plan_of(who))
    branch = version_with_the_work(who, draft)

    inside = case_of(who.officer, "project", project.pk, TODAY)
    outside = case_of(AnonymousUser(), "project", project.pk, TODAY)

    assert told(inside) == [("project", "事業"), ("plan", "計画")]
    assert told(outside) == [("project", "事業")]
    approved(who, draft, on=TODAY)
    plan = case_of(AnonymousUser(), "project", project.pk, TODAY).records[-1]
    assert (plan.stage, plan.url, plan.on) == (Stage.PLAN, branch.get_absolute_url(), TODAY)
    assert dict(plan.facts)["位置づけ"] == "安心して育てられるまち"
    assert told(case_of(who.officer, "plan", branch.pk, TODAY)) == told(inside)
    assert len(case_knots(who.officer, "project", project.pk, TODAY)) == 7


def test_a_version_from_before_the_work_is_not_of_its_case(who, project):
    draft = draft_of(plan_of(who))
    version_with_the_work(who, draft)
    approved(who, draft, on=dt.date(2026, 4, 1))

    assert told(case_of(who.officer, "project", project.pk, TODAY)) == [("project", "事業")]


def test_the_next_challenge_is_written_from_the_project_and_leads_on_and_back(who, project, client):
    CompletionReport.objects.create(
        project=project,
        summary="相談を夜も受けた",
        results="利用が倍になった",
        difficulties="外国語の相談に応じられなかった",
        next_steps="だれでも母語で相談できる",
        created_at=NOON,
        updated_at=NOON,
    )
    client.force_login(who.officer)

    page = client.get(project.get_absolute_url()).content.decode()
    token = page.split('name="once" value="')[1].split('"')[0]
    for _press in range(2):
        answer = client.post(
            reverse("projects:next_challenge", args=[project.pk]), {"do": "write", "once": token}
        )

    challenge = Challenge.objects.get()
    assert answer.headers["Location"] == challenge.get_absolute_url()
    assert challenge.present_state == "外国語の相談に応じられなかった"
    assert challenge.desired_state == "だれでも母語で相談できる"
    page = client.get(reverse("portal:case_detail", args=["project", project.pk])).content.decode()
    data = client.get(reverse("portal:case_json", args=["project", project.pk])).json()
    paper = client.get(reverse("portal:case_print", args=["project", project.pk])).content.decode()
    assert reverse("portal:case_detail", args=["challenge", challenge.pk]) in page
    assert [each["id"] for each in data["following"]] == [challenge.pk]
    assert challenge.title in paper
    back = client.get(reverse("portal:case_json", args=["challenge", challenge.pk])).json()
    assert [(each["kind"], each["id"]) for each in back["earlier"]] == [("project", project.pk)]
    assert back["following"] == []


def test_a_next_challenge_that_the_reader_may_not_see_is_not_told_of(who, project):
    hidden = ChallengeFactory(organization=who.town, visibility=Visibility.INTERNAL)
    next_challenges.link(project_id=project.pk, challenge=hidden, actor=who.officer, at=NOON)

    assert not case_of(AnonymousUser(), "project", project.pk, TODAY).following
    assert [each.key[1] for each in case_of(who.officer, "project", project.pk, TODAY).following] == [
        hidden.pk
    ]


def test_only_the_people_of_the_project_link_and_only_their_own_challenges(who, project, client):
    foreign = ChallengeFactory(visibility=Visibility.PUBLIC)
    client.force_login(who.officer)
    address = reverse("projects:next_challenge", args=[project.pk])

    client.post(address, {"challenge": foreign.pk})
    assert not NextChallenge.objects.exists()

    client.force_login(who.stranger)
    assert client.post(address, {"do": "write"}).status_code == 403
