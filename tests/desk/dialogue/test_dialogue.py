import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.audit.models import AuditEvent
from enishi.desk.dialogue import services
from enishi.desk.dialogue.models import Homework, Meeting
from enishi.desk.dialogue.services import Promise
from enishi.desk.enums import ProposalStatus, Speaker
from enishi.desk.services import links
from enishi.notifications.models import Notice
from tests.desk.making import DAY, Desk
from tests.factories import NOON

pytestmark = pytest.mark.django_db
VALUES = {
    "held_on": NOON.date(), "place": "市役所", "attendees": "二人", "minutes": "費用について話した",
    "decisions": "見積を出す", "internal_note": "庁内だけの本音", "is_shared": True,
}  # fmt: skip


@pytest.fixture
def desk():
    return Desk()


def met(desk, proposal, **also):
    due = (NOON + 7 * DAY).date()
    promises = [
        Promise(Speaker.PROPOSER, "提案者", "見積を出す", due),
        Promise(Speaker.DESK, "窓口", "場所を確かめる", due),
    ]
    return services.write_meeting(
        proposal_id=proposal.pk,
        meeting_id=None,
        values=VALUES | also,
        promises=promises,
        actor=desk.planner,
        at=NOON,
    )


def test_both_sides_read_what_is_shared_and_the_note_stays_inside(client, desk):
    proposal = desk.at_stage(ProposalStatus.IN_DIALOGUE)
    met(desk, proposal)
    services.note(proposal_id=proposal.pk, body="別の庁内メモ", actor=desk.planner, at=NOON)
    seen = {}
    for who in ("planner", "partner"):
        client.force_login(getattr(desk, who))
        page = client.get(proposal.get_absolute_url()).content.decode()
        seen[who] = [word in page for word in ("費用について話した", "庁内だけの本音", "別の庁内メモ")]
    client.logout()
    secret = links.secret_of(links.status_link(proposal, at=NOON))
    page = client.get(reverse("desk:status", args=[secret])).content.decode()
    seen["link"] = [word in page for word in ("費用について話した", "庁内だけの本音", "別の庁内メモ")]

    assert seen == {"planner": [True] * 3, "partner": [True, False, False], "link": [True, False, False]}


def test_what_is_not_shared_is_not_shown_and_not_told(client, desk):
    proposal = desk.at_stage(ProposalStatus.IN_DIALOGUE)
    before = Notice.objects.filter(person=desk.partner).count()
    met(desk, proposal, is_shared=False)
    client.force_login(desk.partner)

    assert "費用について話した" not in client.get(proposal.get_absolute_url()).content.decode()
    assert Notice.objects.filter(person=desk.partner).count() == before


def test_the_proposer_ticks_off_its_own_homework_only(desk):
    met(desk, desk.at_stage(ProposalStatus.IN_DIALOGUE))
    own, desks = Homework.objects.get(side="proposer"), Homework.objects.get(side="desk")

    services.finish_homework(homework_id=own.pk, actor=desk.partner, at=NOON)
    with pytest.raises(PermissionDenied):
        services.finish_homework(homework_id=desks.pk, actor=desk.partner, at=NOON)
    with pytest.raises(PermissionDenied):
        services.finish_homework(homework_id=desks.pk, actor=desk.rival_partner, at=NOON)

    own.refresh_from_db()
    assert own.done_at == NOON


def test_the_record_of_acts_holds_no_word_of_the_minutes(desk):
    met(desk, desk.at_stage(ProposalStatus.IN_DIALOGUE))

    event = AuditEvent.objects.get(action="write_meeting")

    assert not any(word in str(event.__dict__) for word in ("費用について", "庁内だけの本音"))


def test_a_meeting_is_written_on_the_page_and_half_a_promise_is_mended(client, desk):
    proposal = desk.at_stage(ProposalStatus.IN_DIALOGUE)
    client.force_login(desk.planner)
    typed = {
        "held_on": "令和8年11月20日", "attendees": "二人", "minutes": "話した", "promises-TOTAL_FORMS": 1,
        "promises-INITIAL_FORMS": 0, "promises-0-what": "見積", "promises-0-side": "proposer",
    }  # fmt: skip
    address = reverse("desk:meeting_new", args=[proposal.pk])

    half = client.post(address, typed)
    whole = client.post(address, typed | {"promises-0-owner_name": "森", "promises-0-due_on": "R8.12.1"})

    assert (half.status_code, "いつまでか" in half.content.decode(), whole.status_code) == (422, True, 302)
    assert (Meeting.objects.count(), Homework.objects.get().owner_name) == (1, "森")


def test_a_stranger_writes_nothing(client, desk):
    proposal = desk.at_stage(ProposalStatus.IN_DIALOGUE)
    client.force_login(desk.rival_partner)

    assert client.get(reverse("desk:meeting_new", args=[proposal.pk])).status_code == 404
    assert (
        client.post(reverse("desk:internal_note_add", args=[proposal.pk]), {"body": "x"}).status_code == 404
    )
