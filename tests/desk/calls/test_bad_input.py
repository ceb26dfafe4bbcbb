"""Whatever somebody types or sends, the answer is a page with a sentence, never a broken one."""

import pytest
from django.urls import reverse

from enishi.desk.dialogue.models import Meeting
from enishi.desk.soundings import services as soundings
from enishi.desk.soundings.models import SoundingApplication
from tests.desk.engaging import open_call, open_sounding, planner_of
from tests.desk.making import Desk
from tests.factories import NOON, OrganizationFactory

pytestmark = pytest.mark.django_db
STRANGE = ["\x00", "²", "-1", "9" * 30, "１２", "' OR 1=1", "😀" * 300, "%", "‮", ""]


@pytest.mark.parametrize("text", STRANGE)
def test_lists_answer_any_question(client, text):
    for name in ("call_list", "sounding_list", "learned_list", "result_list"):
        answer = client.get(
            reverse(f"desk:{name}"),
            {"q": text, "status": text, "after": text, "reason": text, "verdict": text, "format": text},
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("text", STRANGE)
def test_strange_keys_are_refused_in_words(client, text):
    town = OrganizationFactory()
    planner = planner_of(town)
    sounding = open_sounding(town, planner)
    call = open_call(town, planner)
    values = {"company": "青葉", "contact_name": "森", "email": "m@example.jp"}
    made = soundings.apply(sounding_id=sounding.pk, values=values, person=None, organization=None, at=NOON)
    soundings.verify(application_id=made.pk, at=NOON)
    own = reverse("desk:sounding_mine", args=[soundings.link_token(made)])

    answers = [
        client.post(own, {"act": act, "slot": text, "basis": text, "consent": text})
        for act in ("book", "consent", text)
    ]
    answers.append(
        client.post(reverse("desk:call_ask", args=[call.pk]), {"text": text, "email": text, "token": text})
    )
    client.force_login(planner)
    answers.append(client.post(reverse("desk:sounding_dialogue_book", args=[made.pk]), {"slot": text}))
    answers.append(client.post(reverse("desk:call_status", args=[call.pk]), {"status": text, "reason": text}))

    assert {answer.status_code for answer in answers} <= {302, 422}
    assert SoundingApplication.objects.get().slot is None


@pytest.mark.parametrize("count", [1, 4])
def test_the_lists_ask_the_same_number_of_questions_however_long(
    client, count, django_assert_max_num_queries
):
    town = OrganizationFactory()
    planner = planner_of(town)
    for number in range(count):
        open_call(town, planner, title=f"募集{number}")
        open_sounding(town, planner, title=f"対話{number}")
    client.force_login(planner)

    for name, most in (("call_list", 16), ("sounding_list", 16), ("review_list", 16), ("result_list", 14)):
        with django_assert_max_num_queries(most):
            client.get(reverse(f"desk:{name}"))


def test_a_meeting_sent_twice_is_one_and_begins_with_open_homework(client):
    desk = Desk()
    proposal = desk.proposal()
    client.force_login(desk.planner)
    typed = {
        "held_on": "令和8年11月20日", "attendees": "二人", "minutes": "話した", "promises-TOTAL_FORMS": 1,
        "promises-INITIAL_FORMS": 0, "promises-0-what": "見積を出す", "promises-0-side": "proposer",
        "promises-0-owner_name": "森", "promises-0-due_on": "R8.12.1",
        "token": "6f1b8a34-0d57-4c55-9d5b-2f0e5f6a7b8c",
    }  # fmt: skip
    address = reverse("desk:meeting_new", args=[proposal.pk])

    for _press in range(2):
        client.post(address, typed)

    assert Meeting.objects.count() == 1
    assert "見積を出す" in client.get(address).content.decode()
