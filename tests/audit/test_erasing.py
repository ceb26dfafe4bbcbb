"""The trash is emptied after thirty days, and the record of acts says so."""

import datetime as dt

import pytest

from enishi.audit.models import AuditEvent
from enishi.exchange import services
from enishi.exchange.models import Challenge
from enishi.exchange.services import records
from enishi.foundation import erasing, schedule
from enishi.organizations.models import Organization
from tests.factories import NOON, ChallengeFactory, MembershipFactory, SectionFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def thrown():
    membership = MembershipFactory()
    planner, challenge = membership.person, ChallengeFactory(organization=membership.organization)
    attachment = services.attach(
        record=challenge, name="現状.pdf", content=b"%PDF-1.7 test", actor=planner, at=NOON
    )
    records.delete(Challenge, pk=challenge.pk, actor=planner, at=NOON)
    return challenge, attachment.file


def test_what_can_still_come_back_stays(thrown):
    assert erasing.erase_old(NOON + 30 * DAY) == 0
    assert Challenge.objects.filter(pk=thrown[0].pk).exists()


def test_after_thirty_days_the_record_and_its_files_are_erased_and_that_is_written_down(
    thrown, django_capture_on_commit_callbacks
):
    challenge, file = thrown

    with django_capture_on_commit_callbacks(execute=True):
        assert erasing.erase_old(NOON + 32 * DAY) == 1

    assert not Challenge.objects.filter(pk=challenge.pk).exists()
    assert not file.storage.exists(file.name)
    last = AuditEvent.objects.order_by("-sequence").first()
    assert (last.action, last.subject_id, last.actor_id) == ("erase", str(challenge.pk), None)


def test_what_others_rest_on_stays_unseen(thrown):
    challenge, _file = thrown
    section = SectionFactory(organization=challenge.organization)

    assert erasing._erase(section.organization, NOON) == 0
    assert Organization.objects.filter(pk=section.organization_id).exists()


def test_the_worker_empties_it_every_night():
    assert schedule._rounds["trash-erase"].function is erasing.erase_old
