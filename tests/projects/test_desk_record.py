"""窓口の成績: the four numbers, by cases worked out by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from enishi.agreements.models import Agreement
from enishi.desk.models import Proposal
from enishi.exchange.models import Contact
from enishi.foundation.metrics import Period, metric
from enishi.organizations.enums import Role
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db

PERIOD = Period(dt.date(2026, 4, 1), dt.date(2027, 3, 31))
TODAY = NOON.date()


def day(month, number):
    return NOON.replace(month=month, day=number)


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def planner(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


def proposal(town, **values):
    return Proposal.objects.create(
        **{
            "organization": town,
            "kind": "proposal",
            "title": "提案",
            "status": "received",
            "received_at": day(6, 1),
            "created_at": NOON,
            "updated_at": NOON,
            **values,
        }
    )


def introduced(town):
    resource = ResourceFactory()
    return Contact.objects.create(
        challenge=ChallengeFactory(organization=town),
        resource=resource,
        wanting=town,
        offering=resource.organization,
        state="in_dialogue",
        opened_side="challenge",
        turn="challenge",
        opened_at=day(6, 1),
        moved_at=day(6, 1),
        last_word_at=day(6, 1),
    )


def figure(key, town, as_of=TODAY):
    return metric(f"record.{key}").figure(town.pk, PERIOD, as_of)


def beside(found):
    return {str(label): value for label, value in found.beside}


def test_introductions_that_led_to_a_signed_agreement(town):
    contacts = [introduced(town) for _number in range(5)]
    for contact, signed in ((contacts[0], dt.date(2026, 8, 1)), (contacts[1], dt.date(2026, 12, 1))):
        Agreement.objects.create(
            organization=town,
            title="協定",
            proposal=proposal(town, contact=contact),
            status="active",
            signed_on=signed,
            created_at=NOON,
            updated_at=NOON,
        )

    found = figure("introduced_agreed", town)

    assert (found.value, found.numerator, found.denominator) == (Decimal("20.0"), 1, 5)
    assert figure("introduced_agreed", town, dt.date(2026, 12, 31)).value == Decimal("40.0")


def test_the_first_reply_counts_those_who_still_wait(town):
    for replied in (3, 6, 12, 20):
        proposal(town, first_reply_at=day(6, 1) + dt.timedelta(days=replied))
    for _number in range(3):
        proposal(town)

    found = figure("first_reply", town)

    # Seven at risk: after 3, 6, 12 and 20 days 6/7, 5/7, 4/7 and 3/7 still wait.
    assert found.value == 20
    assert beside(found)["平均(終わったものだけ)"] == "10.25日"
    assert beside(found)["14日以内に回答した割合"] == "42.9%(3 ÷ 7)"


def test_a_median_that_cannot_be_said_yet_says_why(town):
    proposal(town, first_reply_at=day(6, 2))
    for _number in range(3):
        proposal(town)

    found = figure("first_reply", town)

    assert found.value is None
    assert "半数" in str(found.missing)


def test_days_to_the_start_leave_out_mere_consultations_and_count_the_declined_as_gone(town):
    proposal(town, kind="consultation")
    proposal(town, status="declined", decided_at=day(6, 11))
    proposal(town, status="adopted", decided_at=day(7, 1), started_on=dt.date(2026, 8, 10))

    found = figure("days_to_start", town)

    assert found.value == 70
    assert beside(found)["離脱"] == "1"
    assert beside(found)["継続中"] == "0"


def test_consultations_are_shared_out_among_those_who_took_them(town):
    officers = [MembershipFactory(organization=town).person for _number in range(2)]
    for number in range(5):
        proposal(town, officer=officers[number % 2])

    found = figure("consultations_per_officer", town)

    assert (found.value, found.numerator, found.denominator) == (Decimal("2.5"), 5, 2)


def test_the_four_stand_together_with_their_targets(client, town, planner):
    proposal(town, officer=planner, first_reply_at=day(6, 9))
    client.force_login(planner)

    page = client.get(reverse("portal:metric_list"), {"year": 2026}).content.decode()

    desk = page.split('id="desk"')[1].split("</table>")[0]
    for words in ("紹介から協定へ", "40.0%以上", "14日以内", "75日以内", "200.0件以上"):
        assert words in desk
    assert "令和8年度の受付から最初の回答まで(中央値)は8日で、目標(14日以内)に届いています" in page


def test_the_list_behind_a_number_opens_for_each_of_the_four(client, town, planner):
    proposal(town, officer=planner)
    client.force_login(planner)

    for key in ("introduced_agreed", "first_reply", "days_to_start", "consultations_per_officer"):
        answer = client.get(reverse("portal:metric_detail", args=[f"record.{key}"]), {"year": 2026})
        assert answer.status_code == 200, key
