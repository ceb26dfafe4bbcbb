"""The imaginary region's desk: thirty proposals that every page can show; something on every page of calls, soundings,
reviews and decisions; and nobody is written to."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from enishi.accounts.models import Person
from enishi.config.demo import region
from enishi.desk.calls.models import Call
from enishi.desk.decisions.models import Decision, Learned
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Consultation, Letter, Posting, Proposal
from enishi.desk.review.calculations import ranking
from enishi.desk.review.models import Review
from enishi.desk.soundings.models import SoundingApplication
from enishi.notifications.models import Notice

pytestmark = pytest.mark.django_db


def test_the_demo_region_has_everything_the_desk_can_show(client: Client) -> None:
    """One test, for filling the region takes longer than all it is asked."""
    region._fill(region.timezone.now())

    _is_in_every_state()
    _has_calls_reviews_and_decisions()
    _wrote_to_nobody()
    _shows_its_pages(client)


def _is_in_every_state() -> None:
    ours = Proposal.objects.filter(organization__name="あおば市", is_demo=True)
    stages = Counter(ours.values_list("status", flat=True))
    assert ours.count() >= 30
    assert {status.value for status in ProposalStatus} - {"draft"} <= set(stages)
    assert Consultation.objects.waiting().count() >= 4


def _has_calls_reviews_and_decisions() -> None:
    assert sorted(Call.objects.values_list("status", flat=True)) == ["closed", "decided", "open"]
    assert sorted(Review.objects.values_list("status", flat=True)) == ["closed", "scoring"]
    assert ranking(Review.objects.get(status="closed")).is_firm
    assert Decision.objects.filter(published_at__isnull=False).count() == 3
    assert Learned.objects.filter(published_at__isnull=False).count() == 1
    assert SoundingApplication.objects.filter(minutes__isnull=False).count() == 5


def _wrote_to_nobody() -> None:
    assert not Letter.objects.filter(state="waiting").exists()
    assert not Posting.objects.filter(state="waiting").exists()
    assert not Notice.objects.exclude(mail="none").filter(kind__startswith="desk").exists()


def _shows_its_pages(client: Client) -> None:
    client.force_login(Person.objects.get(email="planner@demo.example"))
    for name in ("board", "proposal_list", "clock", "consultation_list", "settings"):
        assert client.get(reverse(f"desk:{name}")).status_code == 200
    for proposal in Proposal.objects.filter(organization__name="あおば市", is_demo=True)[:6]:
        assert client.get(proposal.get_absolute_url()).status_code == 200
