"""The page of a whole case: everything the reader may see, in order, and no trace of the rest."""

import datetime as dt

import pytest
from django.urls import reverse

from enishi.agreements.models import Agreement
from enishi.desk.models import Proposal
from enishi.exchange.models import Contact
from enishi.foundation import trail
from enishi.foundation.thread import Stage, case_of
from enishi.organizations.enums import Role, Visibility
from enishi.projects.models import Project
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    ResourceFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def town():
    return OrganizationFactory(name="流れ市")


@pytest.fixture
def officer(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


def moment(month, day):
    return NOON.replace(month=month, day=day)


def contact_of(challenge, *, opened_at=None):
    resource = ResourceFactory(organization__name="流れ企画社")
    opened_at = opened_at or moment(6, 1)
    return Contact.objects.create(
        challenge=challenge,
        resource=resource,
        wanting=challenge.organization,
        offering=resource.organization,
        state="in_dialogue",
        opened_side="challenge",
        turn="challenge",
        opened_at=opened_at,
        moved_at=opened_at,
        last_word_at=opened_at,
        reasons=["見守りが共通しています"],
    )


def proposal_of(contact, **values):
    return Proposal.objects.create(
        **{
            "organization": contact.wanting,
            "kind": "proposal",
            "title": "見守りセンサーの提案",
            "challenge": contact.challenge,
            "contact": contact,
            "status": "adopted",
            "received_at": moment(7, 1),
            "decided_at": moment(8, 10),
            "created_at": NOON,
            "updated_at": NOON,
            **values,
        }
    )


def agreement_of(proposal, **values):
    return Agreement.objects.create(
        **{
            "organization": proposal.organization,
            "title": "見守り協定",
            "proposal": proposal,
            "status": "active",
            "signed_on": dt.date(2026, 9, 1),
            "created_at": NOON,
            "updated_at": NOON,
            **values,
        }
    )


def project_of(agreement, **values):
    return Project.objects.create(
        **{
            "organization": agreement.organization,
            "title": "見守り実証",
            "agreement": agreement,
            "status": "running",
            "starts_on": dt.date(2026, 10, 1),
            "started_on": dt.date(2026, 10, 1),
            "approved_at": moment(9, 20),
            "created_at": NOON,
            "updated_at": NOON,
            **values,
        }
    )


@pytest.fixture
def way(town):
    """A whole way of a case: challenge, contact, proposal, agreement, project."""
    challenge = ChallengeFactory(organization=town, published_at=moment(5, 1), title="見守りの目が足りない")
    contact = contact_of(challenge)
    proposal = proposal_of(contact)
    agreement = agreement_of(proposal)
    return challenge, contact, proposal, agreement, project_of(agreement)


KINDS = ("challenge", "contact", "proposal", "agreement", "project")


@pytest.mark.parametrize("index", range(5))
def test_the_same_case_is_found_from_each_of_its_records(way, officer, index):
    case = case_of(officer, KINDS[index], way[index].pk, TODAY)

    assert [record.key for record in case.records] == [
        (kind, record.pk) for kind, record in zip(KINDS, way, strict=True)
    ]


def test_the_time_spent_in_each_stage_runs_to_its_end_or_the_next_stage(way, officer):
    case = case_of(officer, "project", way[4].pk, TODAY)

    days = {record.stage: record.days for record in case.records}
    assert days == {
        Stage.CHALLENGE: 31,
        Stage.MATCH: 30,
        Stage.PROPOSAL: 40,
        Stage.AGREEMENT: 30,
        Stage.PROJECT: 52,
    }


def test_what_the_reader_may_not_see_is_left_out_without_trace(way, town, client):
    challenge, _contact, proposal, agreement, project = way
    project.visibility = Visibility.PUBLIC
    project.save()

    page = client.get(reverse("portal:case_detail", args=["project", project.pk])).content.decode()
    data = client.get(reverse("portal:case_json", args=["project", project.pk])).json()

    assert project.title in page
    for hidden in (proposal.title, agreement.title, "流れ企画社", challenge.title):
        assert hidden not in page
    assert [record["kind"] for record in data["records"]] == ["project"]


def test_a_record_hidden_between_two_readable_ones_is_not_told_of(way, client):
    """The visitor may read the challenge and the project: that a hidden proposal joins them stays unsaid."""
    project = way[4]
    project.visibility = Visibility.PUBLIC
    project.save()

    data = client.get(reverse("portal:case_json", args=["challenge", way[0].pk])).json()

    assert [record["kind"] for record in data["records"]] == ["challenge"]


def test_a_case_one_may_not_read_is_not_there(way, client):
    stranger = MembershipFactory(person=PersonFactory(), organization=OrganizationFactory()).person
    client.force_login(stranger)

    for form in ("case_detail", "case_print", "case_json"):
        assert client.get(reverse(f"portal:{form}", args=["proposal", way[2].pk])).status_code == 404
    assert client.get(reverse("portal:case_detail", args=["nothing", 1])).status_code == 404


def test_a_section_only_record_is_left_out_for_the_rest_of_the_house(way, town, officer):
    section = SectionFactory(organization=town)
    Proposal.objects.filter(pk=way[2].pk).update(visibility=Visibility.SECTION, section=section)
    member = MembershipFactory(organization=town, role=Role.OFFICER, section=section).person

    def seen(person):
        return [record.key[0] for record in case_of(person, "contact", way[1].pk, TODAY).records]

    assert seen(officer) == ["challenge", "contact"]
    assert seen(member) == ["challenge", "contact", "proposal", "agreement", "project"]


def test_a_challenge_with_several_ways_shows_each_of_them(way, officer, client):
    challenge = way[0]
    other = contact_of(challenge, opened_at=moment(8, 1))
    second = proposal_of(other, title="別の会社の提案", status="received", decided_at=None)

    case = case_of(officer, "challenge", challenge.pk, TODAY)
    client.force_login(officer)
    page = client.get(reverse("portal:case_detail", args=["challenge", challenge.pk])).content.decode()

    assert [record.key for record in case.records] == [("challenge", challenge.pk)]
    assert [[record.key[0] for record in branch] for branch in case.branches] == [
        ["contact", "proposal", "agreement", "project"],
        ["contact", "proposal"],
    ]
    assert reverse("portal:case_detail", args=["contact", other.pk]) in page
    keys = [record.key for record in case_of(officer, "proposal", second.pk, TODAY).records]
    assert keys == [("challenge", challenge.pk), ("contact", other.pk), ("proposal", second.pk)]


def test_the_printable_sheet_holds_every_stage_with_its_day(way, officer, client):
    client.force_login(officer)

    page = client.get(reverse("portal:case_print", args=["agreement", way[3].pk])).content.decode()

    for record in way[:1] + way[2:]:
        assert record.title in page
    for day in ("令和8年5月1日", "令和8年6月1日", "令和8年7月1日", "令和8年9月1日", "令和8年10月1日"):
        assert day in page


def test_the_way_of_a_case_asks_the_same_number_of_questions_however_many_branches(
    way, officer, django_assert_max_num_queries
):
    for _number in range(4):
        proposal_of(contact_of(way[0]))

    with django_assert_max_num_queries(60):
        case_of(officer, "challenge", way[0].pk, TODAY)


def test_what_went_on_before_a_record_was_shared_is_for_its_house(town, officer, way):
    """The approval of an agreement is nobody's business outside; that it was signed is."""
    agreement = way[3]
    Agreement.objects.filter(pk=agreement.pk).update(visibility=Visibility.PUBLIC)
    for before, after in (("draft", "in_approval"), ("in_approval", "approved"), ("approved", "active")):
        act = trail.Act(
            officer, "edit", agreement, NOON, organization_id=town.pk, changes={"status": (before, after)}
        )
        trail.record(act)

    def states(person):
        records = case_of(person, "agreement", agreement.pk, TODAY).records
        (record,) = [each for each in records if each.key[0] == "agreement"]
        return [(str(step.what), step.who) for step in record.steps]

    stranger = MembershipFactory(organization=OrganizationFactory()).person
    assert [what for what, _who in states(officer)] == ["決裁中", "決裁済み", "締結"]
    assert states(stranger) == [("決裁済み", ""), ("締結", "")]
