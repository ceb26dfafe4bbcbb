"""Answers from first draft to the day they are looked at again."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from enishi.audit import selectors as audit
from enishi.knowledge.answers import reviewing, services
from enishi.knowledge.answers.signals import answers_to_review
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer
from enishi.knowledge.staff.errors import RefusedError, StaleVersionError
from enishi.notifications.models import Notice
from enishi.organizations.enums import Role
from tests.factories import NOON, TODAY, MembershipFactory, PersonFactory
from tests.knowledge.answers.making import approved, town, values

pytestmark = pytest.mark.django_db


def test_what_is_approved_is_in_force_and_says_who():
    place = town()

    answer = approved(place)

    assert list(ApprovedAnswer.objects.in_force(TODAY)) == [answer]
    assert (answer.author, answer.approver, answer.approved_at) == (place.writer, place.approver, NOON)
    assert [event.action for event in audit.history(answer)] == ["approve", "submit", "create"]


def test_the_author_cannot_approve():
    place = town()
    answer = services.create_answer(organization=place.house, values=values(), actor=place.approver, at=NOON)
    services.submit_answer(answer_id=answer.pk, actor=place.approver, at=NOON)

    with pytest.raises(RefusedError, match="自分が書いた回答"):
        services.approve_answer(answer_id=answer.pk, actor=place.approver, at=NOON)


def test_the_database_refuses_an_author_as_approver():
    place = town()
    answer = approved(place)

    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovedAnswer.objects.filter(pk=answer.pk).update(approver=place.writer)


def test_an_officer_cannot_approve():
    place = town()
    colleague = PersonFactory()
    MembershipFactory(person=colleague, organization=place.house, section=place.section, role=Role.OFFICER)
    answer = services.create_answer(organization=place.house, values=values(), actor=place.writer, at=NOON)
    services.submit_answer(answer_id=answer.pk, actor=place.writer, at=NOON)

    with pytest.raises(PermissionDenied):
        services.approve_answer(answer_id=answer.pk, actor=colleague, at=NOON)


def test_new_words_wait_for_approval_again_and_belong_to_who_wrote_them():
    place = town()
    answer = approved(place)

    services.edit_answer(
        answer_id=answer.pk,
        values=values(answer="手数料は1点につき600円です。"),
        version=answer.version,
        actor=place.approver,
        at=NOON,
    )

    answer.refresh_from_db()
    assert (answer.status, answer.author, answer.approver) == ("draft", place.approver, None)
    assert not ApprovedAnswer.objects.in_force(TODAY).exists()


def test_another_review_day_needs_no_new_approval():
    place = town()
    answer = approved(place)

    services.edit_answer(
        answer_id=answer.pk,
        values=values(review_on=dt.date(2027, 1, 1)),
        version=answer.version,
        actor=place.writer,
        at=NOON,
    )

    answer.refresh_from_db()
    assert (answer.status, answer.review_on) == ("approved", dt.date(2027, 1, 1))


def test_two_editors_do_not_overwrite_each_other():
    place = town()
    answer = approved(place)
    opened = answer.version
    services.edit_answer(
        answer_id=answer.pk, values=values(answer="一人目"), version=opened, actor=place.writer, at=NOON
    )

    with pytest.raises(StaleVersionError):
        services.edit_answer(
            answer_id=answer.pk, values=values(answer="二人目"), version=opened, actor=place.approver, at=NOON
        )


@pytest.mark.parametrize(
    ("begins", "ends", "holds"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY + dt.timedelta(days=1), None, False),
        (None, TODAY - dt.timedelta(days=1), False),
    ],
)
def test_only_valid_answers_are_in_force(begins, ends, holds):
    answer = approved(town(), valid_from=begins, valid_to=ends)

    assert ApprovedAnswer.objects.in_force(TODAY).filter(pk=answer.pk).exists() is holds
    assert answer.is_in_force(TODAY) is holds


def test_a_validity_that_ends_before_it_begins_is_refused():
    place = town()

    with pytest.raises(RefusedError, match="有効期間"):
        services.create_answer(
            organization=place.house,
            values=values(valid_from=TODAY, valid_to=TODAY - dt.timedelta(days=1)),
            actor=place.writer,
            at=NOON,
        )


def test_sending_back_needs_a_reason_and_keeps_it():
    place = town()
    answer = services.create_answer(organization=place.house, values=values(), actor=place.writer, at=NOON)
    services.submit_answer(answer_id=answer.pk, actor=place.writer, at=NOON)

    with pytest.raises(RefusedError, match="理由"):
        services.send_back_answer(answer_id=answer.pk, reason=" ", actor=place.approver, at=NOON)
    services.send_back_answer(answer_id=answer.pk, reason="金額を確かめて", actor=place.approver, at=NOON)

    assert audit.history(answer)[0].note == "金額を確かめて"


def test_an_answer_due_is_told_to_its_owner_once_a_fortnight(django_capture_on_commit_callbacks):
    place = town()
    answer = approved(place, review_on=TODAY + dt.timedelta(days=30), owner_id=place.writer.pk)
    told: list[tuple[int, list[int]]] = []

    def listen(sender, person_id, answer_ids, **more):
        told.append((person_id, answer_ids))

    answers_to_review.connect(listen)
    try:
        for day in (29, 30, 31, 45):
            with django_capture_on_commit_callbacks(execute=True):
                reviewing.remind(NOON + dt.timedelta(days=day))
    finally:
        answers_to_review.disconnect(listen)

    assert told == [(place.writer.pk, [answer.pk])] * 2
    notices = Notice.objects.filter(person=place.writer, kind="answer_review")
    assert [notice.url for notice in notices] == [answer.get_absolute_url()] * 2


def test_confirming_puts_the_review_off_for_a_year():
    place = town()
    answer = approved(place)

    answer = services.confirm_answer(answer_id=answer.pk, actor=place.writer, at=NOON)

    assert answer.review_on == TODAY + dt.timedelta(days=365)


def test_a_translation_is_used_only_once_somebody_else_approved_it():
    place = town()
    answer = approved(place)
    kept = services.write_translation(
        answer_id=answer.pk,
        language="en",
        question="How much?",
        answer="The fee is 500 yen.",
        actor=place.writer,
        at=NOON,
    )

    with pytest.raises(RefusedError, match="自分が書いた訳文"):
        services.approve_translation(translation_id=kept.pk, actor=place.writer, at=NOON)
    services.approve_translation(translation_id=kept.pk, actor=place.approver, at=NOON)

    assert AnswerTranslation.objects.get().approver == place.approver


def test_a_translation_that_lost_a_number_is_refused():
    place = town()
    answer = approved(place)

    with pytest.raises(RefusedError, match="500"):
        services.write_translation(
            answer_id=answer.pk,
            language="en",
            question="How much?",
            answer="It costs money.",
            actor=place.writer,
            at=NOON,
        )


def test_a_translation_of_earlier_words_cannot_be_approved():
    place = town()
    answer = approved(place)
    kept = services.write_translation(
        answer_id=answer.pk,
        language="en",
        question="How much?",
        answer="500 yen.",
        actor=place.writer,
        at=NOON,
    )
    services.edit_answer(
        answer_id=answer.pk,
        values=values(answer="1点600円です。"),
        version=answer.version,
        actor=place.writer,
        at=NOON,
    )

    with pytest.raises(RefusedError, match="日本語の回答が変わりました"):
        services.approve_translation(translation_id=kept.pk, actor=place.approver, at=NOON)


def test_strangers_cannot_write_for_the_town():
    place, other = town(), town("草薙町")

    with pytest.raises(PermissionDenied):
        services.create_answer(organization=place.house, values=values(), actor=other.writer, at=NOON)


def test_what_was_thrown_away_comes_back():
    place = town()
    answer = approved(place)
    services.delete_answer(answer_id=answer.pk, actor=place.writer, at=NOON)
    assert not ApprovedAnswer.objects.in_force(TODAY).exists()

    services.restore_answer(answer_id=answer.pk, actor=place.writer, at=NOON)

    assert list(ApprovedAnswer.objects.in_force(TODAY)) == [answer]
