"""A form pressed twice makes one thing, however close together the presses come."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from enishi.foundation import drafts
from enishi.foundation.models import FormDraft, Submission
from enishi.foundation.submissions import new_token, once
from tests.factories import NOON, PersonFactory

HOUR = dt.timedelta(hours=1)


@pytest.mark.django_db
def test_the_second_press_finds_what_the_first_made():
    person, token, made = PersonFactory(), new_token(), []

    answers = [
        once(token=token, person=person, at=NOON, make=lambda: made.append(1) or "42") for _ in range(2)
    ]

    assert answers == ["42", "42"]
    assert made == [1]


@pytest.mark.django_db
def test_what_nobody_came_back_to_is_forgotten():
    person = PersonFactory()
    for form, age in (("old", drafts.KEPT + HOUR), ("young", drafts.KEPT - HOUR)):
        FormDraft.objects.create(person=person, form=form, values={}, saved_at=NOON - age)
    for age in (drafts.TOKENS_KEPT + HOUR, HOUR):
        Submission.objects.create(token=uuid.uuid4(), person=person, result="", at=NOON - age)

    assert drafts.forget_old(NOON) == 2
    assert [draft.form for draft in FormDraft.objects.all()] == ["young"]


@pytest.mark.django_db
def test_a_press_that_failed_may_be_tried_again():
    person, token = PersonFactory(), new_token()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        once(token=token, person=person, at=NOON, make=fail)

    assert once(token=token, person=person, at=NOON, make=lambda: "42") == "42"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "\x00", "9" * 500])
def test_a_lost_token_still_works(token):
    assert once(token=token, person=PersonFactory(), at=NOON, make=lambda: "42") == "42"
    assert not Submission.objects.exists()


@pytest.mark.django_db
def test_nobody_finds_what_another_made():
    token = new_token()
    once(token=token, person=PersonFactory(), at=NOON, make=lambda: "42")

    assert once(token=token, person=PersonFactory(), at=NOON, make=lambda: "43") == "43"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_thing():
    if connection.vendor == "sqlite":
        pytest.skip("the suite's SQLite lives in memory, where threads share one connection's lock")
    person, token = PersonFactory(), str(uuid.uuid4())
    made, answers, gate = [], [], threading.Barrier(2)

    def press() -> None:
        gate.wait()
        answers.append(once(token=token, person=person, at=NOON, make=lambda: made.append(1) or "42"))
        connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()

    assert answers == ["42", "42"]
    assert made == [1]
