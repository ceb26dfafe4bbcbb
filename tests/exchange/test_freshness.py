"""Offers are confirmed every six months, with one click and without signing in."""

import datetime as dt

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from enishi.exchange import services
from enishi.exchange.models import Resource
from enishi.exchange.services.freshness import confirmation_link
from enishi.exchange.signals import records_changed
from enishi.notifications.models import Notice
from enishi.organizations.enums import OrganizationKind, Role
from tests.factories import NOON, TODAY, MembershipFactory, ResourceFactory

pytestmark = pytest.mark.django_db
LONG_AGO = dt.date(2026, 3, 1)


@pytest.fixture
def partner():
    return MembershipFactory(organization__kind=OrganizationKind.COMPANY, role=Role.PARTNER_ADMINISTRATOR)


def test_owners_of_ageing_resources_are_asked_once_a_month(partner):
    resource = ResourceFactory(organization=partner.organization, confirmed_on=LONG_AGO)
    ResourceFactory(organization=partner.organization, confirmed_on=TODAY)

    asked = [
        services.request_confirmations(at=at)
        for at in (NOON, NOON + dt.timedelta(days=29), NOON + dt.timedelta(days=30))
    ]

    assert asked == [1, 0, 1]
    notice = Notice.objects.first()
    assert notice.person == partner.person
    assert notice.title == f"「{resource.title}」はいまも提供できますか"


@pytest.mark.parametrize(
    "values", [{"status": "closed"}, {"status": "draft"}, {"deleted_at": NOON}, {"expires_on": LONG_AGO}]
)
def test_nobody_is_asked_about_what_is_not_offered(values, partner):
    ResourceFactory(organization=partner.organization, confirmed_on=LONG_AGO, **values)

    assert services.request_confirmations(at=NOON) == 0


def test_a_resource_without_people_waits(partner):
    ResourceFactory(confirmed_on=LONG_AGO)

    assert services.request_confirmations(at=NOON) == 0


def test_the_link_confirms_without_signing_in(client, partner):
    resource = ResourceFactory(organization=partner.organization, confirmed_on=LONG_AGO)
    link = confirmation_link(resource)

    looked = client.get(link)
    unchanged = Resource.objects.get(pk=resource.pk).confirmed_on
    done = client.post(link)

    resource.refresh_from_db()
    assert "いまも提供できます" in looked.content.decode()
    assert unchanged == LONG_AGO
    assert "確認しました" in done.content.decode()
    assert resource.confirmed_on == timezone.localdate()


@pytest.mark.parametrize(
    "token",
    ["x", "😀", signing.dumps([1, 2], salt="other"), signing.dumps("x", salt="enishi.exchange.confirm")],
    # A signature bears the second it was made in, and the suite's processes must agree on names.
    ids=["letter", "emoji", "of another kind", "of something else"],
)
def test_other_links_are_refused_with_a_sentence(token, client):
    response = client.get(reverse("exchange:resource_confirm_by_link", args=[token]))

    assert response.status_code == 400
    assert "このリンクは期限が切れたか" in response.content.decode()


def test_the_button_on_the_page_confirms(client, partner):
    resource = ResourceFactory(organization=partner.organization, confirmed_on=LONG_AGO)
    client.force_login(partner.person)

    client.post(reverse("exchange:resource_confirm", args=[resource.pk]))

    resource.refresh_from_db()
    assert resource.confirmed_on == timezone.localdate()


def test_what_aged_overnight_is_told_to_the_index(django_capture_on_commit_callbacks):
    day = TODAY - dt.timedelta(days=184)
    aged = ResourceFactory(confirmed_on=day)
    expired = ResourceFactory(expires_on=TODAY - dt.timedelta(days=1))
    ResourceFactory()
    heard = []

    def listen(sender, kind, ids, **kwargs):
        heard.append((kind, ids))

    records_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        services.announce_aged(at=NOON)

    assert heard == [("resource", [aged.pk, expired.pk])]
