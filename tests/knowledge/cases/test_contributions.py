"""What came to an end in other rooms becomes a case, once, and by a person."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from enishi.exchange.matches.models import Contact
from enishi.knowledge.models import Case
from tests.factories import NOON, ChallengeFactory, ResourceFactory
from tests.knowledge.cases.making import VALUES, House

pytestmark = pytest.mark.django_db


def contact_of(house: House, **changes: Any) -> Contact:
    challenge = ChallengeFactory(organization=house.town)
    resource = ResourceFactory()
    values: dict[str, Any] = {
        "state": "declined",
        "decline_reason": "budget",
        "decline_note": "初期費用が折り合わない",
        "opened_side": "challenge",
        "turn": "challenge",
        "opened_at": NOON,
        "moved_at": NOON,
        "last_word_at": NOON,
    }
    return Contact.objects.create(
        challenge=challenge,
        resource=resource,
        wanting=house.town,
        offering=resource.organization,
        **{**values, **changes},
    )


def test_an_ended_contact_becomes_a_case_once(client: Client) -> None:
    house = House()
    contact = contact_of(house)
    client.force_login(house.planner)
    address = f"{reverse('cases:case_new')}?from=exchange.contact:{contact.pk}"

    listed = client.get(reverse("cases:candidates")).content.decode()
    begun = client.get(address).content.decode()
    client.post(address, {**VALUES, "fields_": "福祉", "token": ""})
    again = client.post(address, {**VALUES, "fields_": "福祉", "token": ""}).content.decode()

    assert contact.challenge.title in listed
    assert "初期費用が折り合わない" in begun
    case = Case.objects.get()
    assert (case.contributed_kind, case.contributed_key) == ("exchange.contact", contact.pk)
    assert "もう事例が作られています" in again
    assert contact.challenge.title not in client.get(reverse("cases:candidates")).content.decode()


def test_a_contact_still_going_on_is_no_candidate(client: Client) -> None:
    house = House()
    contact = contact_of(house, state="in_dialogue", decline_reason="", decline_note="")
    client.force_login(house.planner)

    assert contact.challenge.title not in client.get(reverse("cases:candidates")).content.decode()


def test_a_stranger_learns_nothing_of_a_contact(client: Client) -> None:
    contact = contact_of(House())
    client.force_login(House("別市").planner)

    page = client.get(f"{reverse('cases:case_new')}?from=exchange.contact:{contact.pk}").content.decode()

    assert "初期費用が折り合わない" not in page
