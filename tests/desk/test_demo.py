"""The imaginary region's desk: thirty proposals that every page of the room can show."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from enishi.accounts.models import Person
from enishi.config.demo import region
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Consultation, Letter, Proposal

pytestmark = pytest.mark.django_db


def test_the_demo_desk_has_all_stages_and_pages_show_them(client: Client, settings: object) -> None:
    region._fill(region.timezone.now())

    ours = Proposal.objects.filter(organization__name="あおば市", is_demo=True)
    stages = Counter(ours.values_list("status", flat=True))
    assert ours.count() >= 30
    assert {status.value for status in ProposalStatus} - {"draft"} <= set(stages)
    assert Consultation.objects.waiting().count() >= 4
    assert not Letter.objects.filter(state="waiting").exists()
    client.force_login(Person.objects.get(email="planner@demo.example"))
    for name in ("board", "proposal_list", "clock", "consultation_list", "settings"):
        assert client.get(reverse(f"desk:{name}")).status_code == 200
    for proposal in ours[:6]:
        assert client.get(proposal.get_absolute_url()).status_code == 200
