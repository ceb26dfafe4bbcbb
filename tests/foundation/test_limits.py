"""How often one caller may ask."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import reverse

from enishi.foundation.limits import caller, is_over, limited
from tests.factories import PersonFactory


@pytest.fixture
def counting(settings):
    """The counter as it ships; the rest of the suite runs without."""
    settings.CACHES = {
        **settings.CACHES,
        "limits": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits-tried"},
        "shared_limits": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "enishi_limits",
        },
    }
    caches["limits"].clear()


def asked(rf, person=None, address="203.0.113.5", **headers):
    request = rf.get("/", REMOTE_ADDR=address, **headers)
    request.user = person or AnonymousUser()
    return request


def test_one_more_than_enough_is_too_many(counting):
    answers = [is_over("search", "somebody", times=3, seconds=60) for _time in range(5)]

    assert answers == [False, False, False, True, True]


def test_callers_and_doors_are_counted_apart(counting):
    is_over("search", "one", times=1, seconds=60)

    assert is_over("search", "one", times=1, seconds=60)
    assert not is_over("search", "another", times=1, seconds=60)
    assert not is_over("contact", "one", times=1, seconds=60)


def test_limits_can_be_switched_off_for_measuring(counting, settings):
    settings.LIMITS = False

    assert not any(is_over("search", "one", times=1, seconds=60) for _time in range(5))


@pytest.mark.django_db
def test_what_is_sent_is_counted_over_all_processes(counting):
    call_command("createcachetable", verbosity=0)

    here = [is_over("ask", "somebody", times=2, seconds=86_400, shared=True) for _time in range(2)]
    # Another process has no memory of ours.
    caches["limits"].clear()

    assert here == [False, False]
    assert is_over("ask", "somebody", times=2, seconds=86_400, shared=True)


def test_reading_is_shared_out_among_the_processes(counting, settings):
    settings.WEB_WORKERS = 2

    answers = [is_over("search", "somebody", times=3, seconds=60) for _time in range(3)]

    assert answers == [False, False, True]


@pytest.mark.django_db
def test_people_are_counted_as_themselves_and_visitors_by_address(rf):
    person = PersonFactory()

    assert caller(asked(rf, person)) == f"person-{person.pk}"
    assert caller(asked(rf)) == "address-203.0.113.5"


def test_what_a_visitor_claims_of_their_address_is_not_believed(rf):
    assert caller(asked(rf, HTTP_X_FORWARDED_FOR="198.51.100.9")) == "address-203.0.113.5"


def test_behind_tls_our_own_proxy_is_believed_and_nobody_before_it(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    request = asked(rf, address="127.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.9")

    assert caller(request) == "address-198.51.100.9"


def test_only_the_named_methods_count(counting, rf):
    view = limited("form", times=1, seconds=60, methods=("POST",))(lambda request: HttpResponse("in"))

    assert [view(asked(rf)).status_code for _time in range(3)] == [200, 200, 200]


@pytest.mark.django_db
def test_the_page_asks_for_patience(client, counting):
    address = reverse("organizations:organization_list") + "?q=まず出ない名前"

    answers = [client.get(address).status_code for _time in range(241)]
    last = client.get(address)

    assert (answers[239], answers[240]) == (200, 429)
    assert "待って" in last.content.decode()
    assert last["Retry-After"] == "60"
