"""The doorway for programs: same rules as the pages, refusals in sentences."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from enishi.accounts.models import ApiToken, digest_of
from enishi.exchange.matches import services
from enishi.exchange.matches.store import store
from enishi.exchange.models import Challenge, Field
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    ResourceFactory,
)

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture(autouse=True)
def _an_index_of_its_own(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    store.forget()
    yield
    store.forget()


def key_of(person, secret="enishi_test", **values):
    now = timezone.now()
    ApiToken.objects.create(
        **{
            "person": person,
            "name": "試験",
            "digest": digest_of(secret),
            "created_at": now,
            "expires_at": now + dt.timedelta(days=1),
            **values,
        }
    )
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def planner():
    return MembershipFactory().person


@pytest.fixture
def town(planner):
    return planner.memberships.get().organization


def test_a_visitor_reads_what_is_public_and_nothing_else(client):
    seen = ChallengeFactory()
    hidden = ChallengeFactory(visibility=Visibility.INTERNAL)

    listed = client.get(f"{ROOT}/challenges").json()

    assert [row["id"] for row in listed["items"]] == [seen.pk]
    assert client.get(f"{ROOT}/challenges/{hidden.pk}").status_code == 404
    assert client.post(f"{ROOT}/challenges", "{}", content_type="application/json").status_code == 401


def test_a_key_reads_as_its_person(client, planner, town):
    own = ChallengeFactory(organization=town, visibility=Visibility.INTERNAL)

    answer = client.get(f"{ROOT}/challenges/{own.pk}", headers=key_of(planner))

    assert (answer.status_code, answer.json()["title"]) == (200, own.title)
    assert client.get(f"{ROOT}/me", headers={"Authorization": "Bearer enishi_test"}).json()["places"][0][
        "organization"
    ] == {"id": town.pk, "name": town.name}


@pytest.mark.parametrize("flaw", ["unknown", "expired", "revoked", "asleep"])
def test_a_key_that_does_not_work_is_told_so(client, planner, flaw):
    past = timezone.now() - dt.timedelta(days=1)
    values = {"expired": {"expires_at": past}, "revoked": {"revoked_at": past}}.get(flaw, {})
    headers = key_of(planner, **values)
    if flaw == "unknown":
        headers = {"Authorization": "Bearer enishi_other"}
    if flaw == "asleep":
        planner.is_active = False
        planner.save()

    answer = client.get(f"{ROOT}/challenges", headers=headers)

    assert answer.status_code == 401
    assert "APIキー" in answer.json()["sentence"]


def test_a_challenge_from_draft_to_end(client, planner, town):
    headers, field = key_of(planner), Field.objects.get(code="welfare-1")
    town.kind = OrganizationKind.MUNICIPALITY
    town.save()
    body = {
        "organization_id": town.pk,
        "title": "空き家が増えている",
        "present_state": "駅前の三割が空き家になった。",
        "desired_state": "五年で半分にする。",
        "sufferers": ["residents"],
        "field_codes": [field.code],
        "area_ids": [town.pk],
        "contact_name": "住宅課",
        "visibility": "public",
    }

    made = client.post(
        f"{ROOT}/challenges", json.dumps(body), content_type="application/json", headers=headers
    )
    key, version = made.json()["id"], made.json()["version"]
    edited = client.patch(
        f"{ROOT}/challenges/{key}",
        json.dumps({"version": version, "title": "駅前の空き家が増えている", "budget_max_yen": 0}),
        content_type="application/json",
        headers=headers,
    )
    again = client.patch(
        f"{ROOT}/challenges/{key}",
        json.dumps({"version": version, "title": "別の題名"}),
        content_type="application/json",
        headers=headers,
    )
    published = client.post(f"{ROOT}/challenges/{key}/publish", headers=headers)
    closed = client.post(
        f"{ROOT}/challenges/{key}/status",
        json.dumps({"status": "closed"}),
        content_type="application/json",
        headers=headers,
    )
    gone = client.delete(f"{ROOT}/challenges/{key}", headers=headers)

    assert (made.status_code, made.json()["fields"]) == (201, ["welfare-1"])
    assert (edited.status_code, edited.json()["budget_max_yen"]) == (200, 0)
    assert (again.status_code, "ほかの人が先に" in again.json()["sentence"]) == (409, True)
    assert (published.status_code, published.json()["status"]) == (200, "open")
    assert (closed.status_code, "理由" in closed.json()["sentence"]) == (409, True)
    assert gone.status_code == 204
    assert Challenge.objects.get(pk=key).deleted_at is not None


def test_nobody_writes_for_others(client, planner):
    theirs = ChallengeFactory()
    body = json.dumps({"version": 1, "title": "書き換え"})

    answer = client.patch(
        f"{ROOT}/challenges/{theirs.pk}", body, content_type="application/json", headers=key_of(planner)
    )

    assert answer.status_code == 403
    assert not answer.json()["sentence"].isascii()


def test_a_session_needs_the_csrf_token_to_write(planner, town):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(planner)
    body = json.dumps({"organization_id": town.pk, "title": "課題"})

    refused = browser.post(f"{ROOT}/challenges", body, content_type="application/json")

    assert refused.status_code == 403
    assert browser.get(f"{ROOT}/me").status_code == 200


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"organization_id": "1", "title": "題"}', "organization_id"),
        ('{"organization_id": 1, "title": 5}', "title"),
        ('{"organization_id": 1, "title": "題", "nobody": 1}', "nobody"),
        ('{"organization_id": 1, "title": "題", "due_on": 20261201}', "due_on"),
        ('{"organization_id": 1}', "title"),
    ],
)
def test_a_slip_is_named_with_its_place(client, planner, body, where):
    answer = client.post(f"{ROOT}/challenges", body, content_type="application/json", headers=key_of(planner))

    assert answer.status_code == 422
    assert [fault["where"].split(".")[-1] for fault in answer.json()["faults"]] == [where]


@pytest.mark.parametrize(
    "title", ["\x00題名", "𠮷野家の前の道", "<script>alert(1)</script>", "題\ud800名", "🏯🏯"]
)
def test_strange_text_is_kept_harmless(client, planner, town, title):
    body = json.dumps({"organization_id": town.pk, "title": title})

    answer = client.post(f"{ROOT}/challenges", body, content_type="application/json", headers=key_of(planner))

    assert answer.status_code in {201, 422}
    assert (
        client.get(f"{ROOT}/challenges", headers={"Authorization": "Bearer enishi_test"}).status_code == 200
    )


def test_lists_go_on_with_a_cursor(client):
    made = [ChallengeFactory().pk for _ in range(5)]

    first = client.get(f"{ROOT}/challenges?limit=3").json()
    rest = client.get(f"{ROOT}/challenges", {"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [row["id"] for row in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] == ""
    assert client.get(f"{ROOT}/challenges?cursor=%FFnonsense").status_code == 200


def test_matches_come_with_parts_and_reasons(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    resource = ResourceFactory(title="一人で暮らす高齢者を見守るセンサー")
    hidden = ResourceFactory(title="高齢者の変化に気づく", visibility=Visibility.INTERNAL)
    services.index_now("challenge", [challenge.pk])
    services.index_now("resource", [resource.pk, hidden.pk])
    headers = key_of(planner)

    answer = client.get(f"{ROOT}/challenges/{challenge.pk}/matches", headers=headers).json()
    back = client.get(f"{ROOT}/resources/{resource.pk}/matches", headers=headers).json()

    (only,) = answer["items"]
    assert only["resource"]["id"] == resource.pk
    assert only["score"] == pytest.approx(sum(part["contribution"] for part in only["parts"]), abs=1e-3)
    assert all(phrase["can"] in f"{resource.title}\n{resource.offer}" for phrase in only["phrases"])
    assert [each["challenge"]["id"] for each in back["items"]] == [challenge.pk]
    assert client.get(f"{ROOT}/challenges/{challenge.pk}/matches").status_code == 401


def test_a_draft_has_no_matches(client, planner, town):
    draft = ChallengeFactory(organization=town, status="draft")

    answer = client.get(f"{ROOT}/challenges/{draft.pk}/matches", headers=key_of(planner))

    assert (answer.status_code, answer.json()["sentence"].startswith("公開中か")) == (409, True)


def test_a_resource_is_made_confirmed_and_closed(client):
    owner = OrganizationFactory(kind=OrganizationKind.COMPANY)
    person = MembershipFactory(organization=owner, role=Role.PARTNER_MEMBER).person
    headers = key_of(person)
    body = json.dumps({"organization_id": owner.pk, "title": "移動図書館", "kinds": ["goods"]})

    made = client.post(f"{ROOT}/resources", body, content_type="application/json", headers=headers)
    early = client.post(f"{ROOT}/resources/{made.json()['id']}/confirm", headers=headers)
    open_one = ResourceFactory(organization=owner, confirmed_on=dt.date(2026, 1, 1))
    confirmed = client.post(f"{ROOT}/resources/{open_one.pk}/confirm", headers=headers)

    assert made.status_code == 201
    assert early.status_code == 409
    assert confirmed.json()["confirmed_on"] == timezone.localdate().isoformat()


def test_the_reference_needs_no_script(client):
    page = client.get(f"{ROOT}/")

    assert page.status_code == 200
    assert "/api/v1/challenges/{key}/matches" in page.content.decode()
    assert client.get(f"{ROOT}/openapi.json").json()["openapi"] == "3.1.0"


def test_too_many_requests_are_asked_to_wait(client, settings):
    from django.core.cache import caches

    settings.CACHES = {
        **settings.CACHES,
        "limits": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "api-test"},
    }
    caches["limits"].clear()

    statuses = [client.get(f"{ROOT}/fields").status_code for _ in range(301)]

    assert (statuses[-2], statuses[-1]) == (200, 429)


def test_times_without_a_zone_are_ours(client):
    ChallengeFactory(updated_at=NOON)

    counts = [
        len(client.get(f"{ROOT}/challenges", {"updated_since": since}).json()["items"])
        for since in ("2026-11-22T11:59:00", "2026-11-22T12:01:00", "2026-11-22T02:59:00Z")
    ]

    assert counts == [1, 0, 1]
