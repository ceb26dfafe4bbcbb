"""Numbers with their parents: who may read them, what stands behind them, and how they are handed out."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse
from django.utils.translation import override

from enishi.engines.progress.values import Because
from enishi.exchange.matches import services
from enishi.exchange.matches.enums import ContactState, Side
from enishi.foundation import metrics
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Figure, Metric, Period, metric
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.portal import numbers
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db

YEAR = FiscalYear(2026)
PERIOD = Period(YEAR.first_day, YEAR.last_day)
TODAY = NOON.date()


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def planner(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


@pytest.fixture
def firm():
    return OrganizationFactory(kind=OrganizationKind.COMPANY)


@pytest.fixture
def seller(firm):
    return MembershipFactory(organization=firm, role=Role.PARTNER_MEMBER).person


def moment(month, day):
    return NOON.replace(month=month, day=day)


def introduced(town, firm, planner, at):
    challenge = ChallengeFactory(organization=town, published_at=moment(4, 10))
    resource = ResourceFactory(organization=firm)
    return services.contact(
        challenge=challenge, resource=resource, side=Side.CHALLENGE, message="", actor=planner, at=at
    )


def figure(key, town, as_of=TODAY, period=PERIOD):
    return metric(key).figure(town.pk, period, as_of)


def test_an_introduction_that_led_on_is_counted_in_its_cohort(town, firm, planner, seller):
    first = introduced(town, firm, planner, moment(6, 1))
    introduced(town, firm, planner, moment(6, 2))
    services.write_note(
        contact_id=first.pk, body="うかがいます", side=Side.RESOURCE, actor=seller, at=moment(6, 11)
    )
    services.move(
        contact_id=first.pk, state=ContactState.PROPOSED, side=Side.RESOURCE, actor=seller, at=moment(7, 1)
    )

    assert figure("exchange.introductions", town).value == 2
    proposed = figure("exchange.introduced_proposed", town)
    assert (proposed.value, proposed.numerator, proposed.denominator) == (Decimal("50.0"), 1, 2)
    assert figure("exchange.introduced_proposed", town, as_of=dt.date(2026, 6, 30)).numerator == 0


def test_the_period_counts_what_happened_in_it_whenever_it_began(town, firm, planner, seller):
    last_year = introduced(town, firm, planner, NOON.replace(year=2026, month=3, day=1))
    introduced(town, firm, planner, moment(6, 2))
    services.write_note(
        contact_id=last_year.pk, body="お返事です", side=Side.RESOURCE, actor=seller, at=moment(4, 5)
    )

    assert figure("exchange.introduced_dialogue", town).numerator == 0
    assert figure("exchange.introduced_dialogue_in_period", town).numerator == 1


def test_a_contact_declined_after_a_dialogue_still_counts_as_having_had_one(town, firm, planner, seller):
    contact = introduced(town, firm, planner, moment(6, 1))
    services.write_note(
        contact_id=contact.pk, body="お返事です", side=Side.RESOURCE, actor=seller, at=moment(6, 5)
    )
    services.move(
        contact_id=contact.pk,
        state=ContactState.DECLINED,
        side=Side.RESOURCE,
        actor=seller,
        at=moment(6, 9),
        reason="budget",
        note="費用が合いません",
    )

    assert figure("exchange.introduced_dialogue", town).value == Decimal("100.0")


def test_the_mean_of_first_answers_stands_beside_what_those_who_wait_say(town, firm, planner, seller):
    for day in (3, 7):
        contact = introduced(town, firm, planner, moment(6, 1))
        services.write_note(
            contact_id=contact.pk, body="はい", side=Side.RESOURCE, actor=seller, at=moment(6, 1 + day)
        )
    for _number in range(3):
        introduced(town, firm, planner, moment(6, 1))

    found = figure("exchange.first_answer", town)

    assert (found.value, found.numerator, found.denominator) == (Decimal(5), 10, 2)
    beside = {str(label): value for label, value in found.beside}
    assert beside["返事待ち"] == "3"
    assert beside["中央値(カプラン・マイヤー法)"] == "まだ言えません(半数が終わっていません)"


def test_a_share_of_nothing_says_why_it_is_none(town):
    found = figure("exchange.challenges_met", town)

    assert found.value is None
    assert found.denominator == 0
    assert str(found.missing) == "この期間に数えるものがありません。"


def test_the_reason_of_an_engine_is_read_in_the_language_of_the_reader(town):
    unsaid = Figure(None, missing=str(Because.NOT_HALF_YET))
    example = Metric("x", "例", "定義", "日", lambda *_: unsaid, lambda *_: [])
    shown = numbers.shown(example, numbers.Asked(town, YEAR, TODAY))

    assert shown.missing == "半数に達していない"
    with override("en"):
        assert shown.missing.isascii()


def test_the_list_behind_a_number_holds_only_what_the_reader_may_see(town, planner):
    shown = ChallengeFactory(organization=town, published_at=moment(5, 1))
    section_only = MembershipFactory(organization=town, role=Role.OFFICER)
    section = section_only.organization.sections.create(name="別の課", valid_from=dt.date(2020, 4, 1))
    ChallengeFactory(
        organization=town, published_at=moment(5, 2), visibility=Visibility.SECTION, section=section
    )

    rows = metric("exchange.challenges").rows(town.pk, PERIOD, TODAY, planner)

    assert [row.title for row in rows] == [shown.title]
    assert figure("exchange.challenges", town).value == 2


def test_the_dashboard_shows_the_numbers_of_the_own_house_only(client, town, planner):
    other = OrganizationFactory()
    client.force_login(planner)

    page = client.get(reverse("portal:metric_list"), {"year": 2026})

    assert town.name in page.content.decode()
    assert client.get(reverse("portal:metric_list"), {"organization": other.pk}).status_code == 404
    assert client.get(reverse("portal:metric_detail", args=["exchange.nothing"])).status_code == 404
    bad = client.get(reverse("portal:metric_list"), {"year": "令和"})
    assert bad.status_code == 200


def test_a_person_without_a_house_is_told_whose_numbers_there_are(client, seller):
    resident = MembershipFactory(role=Role.RESIDENT).person
    client.force_login(resident)

    page = client.get(reverse("portal:metric_list")).content.decode()

    assert "見られる数字がありません" in page


def test_a_number_is_handed_out_with_its_rows(client, town, planner):
    challenge = ChallengeFactory(organization=town, published_at=moment(5, 1), title="=1+1 という題名")
    client.force_login(planner)
    address = reverse("portal:metric_detail", args=["exchange.challenges"])

    book = client.get(address, {"year": 2026, "format": "xlsx"})
    data = client.get(address, {"year": 2026, "format": "json"}).json()
    csv = client.get(address, {"year": 2026, "format": "csv"}).content.decode("utf-8-sig")

    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet[2][0].value == f"'{challenge.title}"
    assert (data["value"], data["rows"][0]["title"]) == ("1", challenge.title)
    assert challenge.get_absolute_url() in csv


def test_the_chart_is_drawn_with_the_answer_as_its_title(client, town, planner):
    ChallengeFactory(organization=town, published_at=moment(5, 1))
    client.force_login(planner)

    page = client.get(reverse("portal:metric_detail", args=["exchange.challenges"]), {"year": 2026})
    chart = client.get(reverse("portal:metric_chart", args=["exchange.challenges"]), {"year": 2026})

    assert "令和8年度の公開した課題は1件です" in page.content.decode()
    assert chart["Content-Type"].startswith("image/svg+xml")
    assert b"<svg" in chart.content


@pytest.mark.parametrize(
    ("value", "tags", "verdict"),
    [
        (Decimal(13), ("lower-is-better",), "met"),
        (Decimal(15), ("lower-is-better",), "missed"),
        (Decimal(14), (), "met"),
        (Decimal(13), (), "missed"),
        (None, (), ""),
    ],
)
def test_a_value_is_held_against_its_target(town, value, tags, verdict):
    example = Metric(
        "x", "例", "定義", "日", lambda *_: Figure(value), lambda *_: [], target=Decimal(14), tags=tags
    )

    shown = numbers.shown(example, numbers.Asked(town, YEAR, TODAY))

    assert shown.verdict == verdict


def test_a_long_list_is_shown_in_parts(client, town, planner):
    for _number in range(52):
        ChallengeFactory(organization=town, published_at=moment(5, 1), indexed=False)
    client.force_login(planner)
    address = reverse("portal:metric_detail", args=["exchange.challenges"])

    first = client.get(address, {"year": 2026})
    second = client.get(address, {"year": 2026, "after": first.context["page"].next_cursor})

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 2
    assert client.get(address, {"after": "９" * 30}).status_code == 200


def test_what_several_numbers_rest_on_is_read_once_together_and_anew_afterwards():
    read: list[int] = []

    @metrics.fact
    def rows(organization_id: int) -> list[int]:
        read.append(organization_id)
        return [organization_id]

    with metrics.together():
        same = rows(1) is rows(1)
        rows(2)
    rows(1)

    assert (same, read) == (True, [1, 2, 1])
