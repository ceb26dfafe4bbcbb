"""The imaginary region has something on every page of calls, soundings, reviews and decisions."""

import pytest
from django.utils import timezone

from enishi.config.demo import region
from enishi.desk.calls.models import Call
from enishi.desk.decisions.models import Decision, Learned
from enishi.desk.models import Letter, Posting
from enishi.desk.review.calculations import ranking
from enishi.desk.review.models import Review
from enishi.desk.soundings.models import SoundingApplication
from enishi.notifications.models import Notice

pytestmark = pytest.mark.django_db


def test_the_region_brings_calls_in_every_state_and_writes_to_nobody():
    region._fill(timezone.now())

    assert sorted(Call.objects.values_list("status", flat=True)) == ["closed", "decided", "open"]
    assert sorted(Review.objects.values_list("status", flat=True)) == ["closed", "scoring"]
    assert ranking(Review.objects.get(status="closed")).is_firm
    assert Decision.objects.filter(published_at__isnull=False).count() == 3
    assert Learned.objects.filter(published_at__isnull=False).count() == 1
    assert SoundingApplication.objects.filter(minutes__isnull=False).count() == 5
    assert not Letter.objects.filter(state="waiting").exists()
    assert not Posting.objects.filter(state="waiting").exists()
    assert not Notice.objects.exclude(mail="none").filter(kind__startswith="desk").exists()
