"""Saved searches and the notices of what is new in them; lists narrowed by words and facets."""

import datetime as dt

import pytest
from django.urls import reverse

from enishi.exchange import services
from enishi.exchange.enums import RecordKind
from enishi.exchange.listing import Conditions, find
from enishi.exchange.models import Field, SavedSearch
from enishi.notifications.models import Notice
from enishi.organizations.enums import OrganizationKind, Visibility
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = MembershipFactory().person
    client.force_login(person)
    return person


def save(client, query):
    return client.post(reverse("exchange:search_save"), {"kind": "challenge", "query": query})


def test_the_conditions_of_a_list_are_kept_once(client, person):
    save(client, "q=空き家&field=housing&after=abc")
    save(client, "field=housing&q=空き家")

    search = SavedSearch.objects.get()
    assert (search.person, search.title) == (person, "「空き家」・住まい・空き家")
    assert search.parameters == {"q": "空き家", "field": ["housing"]}
    assert "field=housing" in search.get_absolute_url()


def test_nobody_sees_or_drops_another_persons_search(client, person):
    other = SavedSearch.objects.create(
        person=MembershipFactory().person,
        kind="challenge",
        title="秘密の条件",
        created_at=NOON,
        looked_at=NOON,
    )

    page = client.get(reverse("exchange:search_list")).content.decode()
    answer = client.post(reverse("exchange:search_delete", args=[other.pk]))

    assert "秘密の条件" not in page
    assert answer.status_code == 404
    assert SavedSearch.objects.filter(pk=other.pk).exists()


def test_new_hits_are_told_once(person):
    service = {
        "kind": RecordKind.CHALLENGE,
        "title": "空き家",
        "parameters": {"q": "空き家"},
        "notifies": True,
    }
    services.save_search(actor=person, at=NOON, **service)
    later = NOON + dt.timedelta(hours=1)
    ChallengeFactory(title="前からある空き家の課題", published_at=NOON - dt.timedelta(days=1))
    ChallengeFactory(title="空き家が増えている", published_at=later)
    ChallengeFactory(title="空き家のうわさ", published_at=later, visibility=Visibility.INTERNAL)

    sent = [services.notify_new_hits(NOON + dt.timedelta(hours=hours)) for hours in (2, 3)]

    assert sent == [1, 0]
    notice = Notice.objects.get()
    assert notice.title == "「空き家」に新しく1件が見つかりました"
    assert "空き家が増えている" in notice.body


def titles(person, **conditions):
    record = conditions.pop("record", RecordKind.CHALLENGE)
    return {row.title for row in find(person, Conditions.read(record, conditions), at=NOON).rows}


def test_facets_narrow_the_list(person):
    town = OrganizationFactory(prefecture_code="99")
    field = Field.objects.get(code="housing-1")
    ChallengeFactory(
        title="あてはまる",
        fields=[field],
        areas=[town],
        resource_kinds=["people", "data"],
        window_from=dt.date(2027, 4, 1),
        window_to=dt.date(2028, 3, 31),
    )
    ChallengeFactory(title="ほか", window_from=dt.date(2026, 4, 1), window_to=dt.date(2027, 3, 31))

    for conditions in (
        {"field": ["housing"]},
        {"field": ["housing-1"]},
        {"kind": ["data"]},
        {"area": ["99"]},
        {"area": [f"p{town.pk}"]},
        {"window": ["2027"]},
    ):
        assert titles(person, **conditions) == {"あてはまる"}, conditions


def test_resources_are_narrowed_by_organization_and_freshness(person):
    ResourceFactory(title="NPOの資源", organization__kind=OrganizationKind.NPO)
    ResourceFactory(title="古い資源", confirmed_on=dt.date(2020, 1, 1))

    assert titles(person, record=RecordKind.RESOURCE, orgkind=["npo"]) == {"NPOの資源"}
    assert titles(person, record=RecordKind.RESOURCE, fresh="1") == {"NPOの資源"}


def test_a_nationwide_resource_is_found_in_every_area(person):
    town = OrganizationFactory(prefecture_code="99")
    ResourceFactory(title="全国の資源")
    ResourceFactory(title="別の町だけ", is_nationwide=False)

    assert titles(person, record=RecordKind.RESOURCE, area=[f"p{town.pk}"]) == {"全国の資源"}


@pytest.mark.parametrize("form", ["xlsx", "csv", "csv-cp932"])
def test_a_list_goes_out_as_a_file(form, client, person):
    ChallengeFactory(title="空き家が増えている")
    ChallengeFactory(title="ひみつ", visibility=Visibility.INTERNAL)

    response = client.get(reverse("exchange:challenge_list"), {"format": form})

    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    if form == "csv":
        text = response.content.decode("utf-8-sig")
        assert "空き家が増えている" in text
        assert "ひみつ" not in text
