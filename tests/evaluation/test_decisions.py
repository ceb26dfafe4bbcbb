"""What is decided after a review: E2, E4, who may, and that nothing decided is rewritten."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from enishi.evaluation import metrics, selectors
from enishi.evaluation.enums import Place
from enishi.evaluation.errors import OwnWorkError, RefusedError
from enishi.evaluation.models import Evaluation, ImprovementDecision, Subject
from enishi.evaluation.reflection.models import Reflection
from enishi.evaluation.rounds import remind
from enishi.evaluation.services import decisions
from enishi.foundation.metrics import Period
from tests.evaluation.making import DECIDED, LATER, YEAR, programme, town, walk
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def of():
    made = town()
    walk(made, Place.DECISION)
    return made


def propose(of, **changes):
    return decisions.propose(subject_id=of.subject.pk, values=DECIDED | changes, actor=of.manager, at=NOON)


def decided(of, **changes):
    made = propose(of, **changes)
    decisions.confirm(decision_id=made.pk, actor=of.reviewer, at=NOON)
    return decisions.decide(decision_id=made.pk, actor=of.mayor, at=NOON)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"direction": "統合"}, "merges_into"),
        (
            {"direction": "廃止", "target_fy": None, "budget_relevant": False, "budget_reason": "x"},
            "target_fy",
        ),
        ({"direction": "縮小", "target_fy": None, "expected_delta_yen": -1}, "target_fy"),
        ({"target_fy": YEAR}, "target_fy"),
        ({"content": ""}, "content"),
        ({"budget_relevant": False}, "budget_reason"),
        ({"expected_delta_yen": None}, "expected_delta_yen"),
        ({"direction": "拡充", "expected_delta_yen": -1}, "expected_delta_yen"),
        ({"direction": "縮小", "expected_delta_yen": 1}, "expected_delta_yen"),
        ({"expected_delta_yen": 10**14}, "expected_delta_yen"),
    ],
)
def test_e2_a_decision_that_lacks_something_says_where(of, changes, field):
    with pytest.raises(ValidationError) as refused:
        propose(of, **changes)

    assert field in refused.value.message_dict


def test_e2_a_programme_is_not_merged_into_itself(of):
    with pytest.raises(ValidationError) as refused:
        propose(of, direction="統合", merges_into=of.programme)

    assert list(refused.value.message_dict) == ["merges_into"]


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "統合"},
        {"direction": "廃止", "target_fy": None},
        {"direction": "拡充", "expected_delta_yen": -1},
        {"budget_relevant": True, "target_fy": None},
    ],
)
def test_e2_the_database_holds_the_same_rules(of, changes):
    values = {"direction": "改善", "content": "x", "budget_relevant": False, "target_fy": YEAR + 2} | changes

    with pytest.raises(IntegrityError), transaction.atomic():
        ImprovementDecision.objects.create(
            subject=of.subject,
            organization=of.house,
            programme=of.programme,
            proposed_by=of.manager,
            proposed_at=NOON,
            **values,
        )


def test_e2_continuing_needs_no_amount(of):
    made = propose(of, direction="継続", expected_delta_yen=None)

    assert made.expected_delta_yen is None


def test_e2_a_merger_names_another_programme(of):
    other = programme(of.house, of.care, "200302", "一時預かり事業")

    made = propose(of, direction="統合", merges_into=other, expected_delta_yen=-1)

    assert made.merges_into == other


def test_e4_a_decision_for_the_budget_stays_listed_until_it_is_reflected(of):
    made = decided(of)
    waiting = selectors.unreflected(ImprovementDecision.objects.for_budget(YEAR + 2))
    before = list(waiting)

    Reflection.objects.create(
        decision=made,
        organization=of.house,
        direction=made.direction,
        fiscal_year=YEAR + 2,
        stage="initial",
        status="未反映",
        reason="財源がない",
        recorded_by=of.reviewer,
        recorded_at=NOON,
    )

    assert (before, list(waiting.all())) == ([made], [])


def test_e4_what_does_not_matter_to_the_budget_is_not_waited_for(of):
    decided(of, budget_relevant=False, budget_reason="人員の範囲でできる", expected_delta_yen=None)

    assert not selectors.unreflected(ImprovementDecision.objects.all()).exists()


@pytest.mark.parametrize("who", ["officer", "auditor", "stranger", "resident", "outsider"])
def test_only_managers_and_offices_draft(of, who):
    with pytest.raises(PermissionDenied):
        decisions.propose(subject_id=of.subject.pk, values=DECIDED, actor=getattr(of, who), at=NOON)


@pytest.mark.parametrize("who", ["officer", "manager", "reviewer", "auditor"])
def test_only_the_council_decides(of, who):
    made = propose(of)
    decisions.confirm(decision_id=made.pk, actor=of.reviewer, at=NOON)

    with pytest.raises(PermissionDenied):
        decisions.decide(decision_id=made.pk, actor=getattr(of, who), at=NOON)


def test_nobody_confirms_what_they_drafted(of):
    made = decisions.propose(subject_id=of.subject.pk, values=DECIDED, actor=of.reviewer, at=NOON)

    with pytest.raises(OwnWorkError):
        decisions.confirm(decision_id=made.pk, actor=of.reviewer, at=NOON)
    assert selectors.waiting_for(of.reviewer, 9) == []


def test_a_draft_begins_with_the_last_words_and_with_the_amount_of_who_said_the_same(of):
    stages = {each.stage: each for each in of.subject.evaluations.all()}
    Evaluation.objects.filter(pk=stages["second"].pk).update(direction="廃止", improvement="終える。")

    begun = decisions.draft_values(of.subject)

    assert (begun["direction"], begun["content"], begun["expected_delta_yen"]) == ("廃止", "終える。", None)


def test_nobody_decides_what_they_confirmed(of):
    made = propose(of)
    decisions.confirm(decision_id=made.pk, actor=of.mayor, at=NOON)

    with pytest.raises(OwnWorkError):
        decisions.decide(decision_id=made.pk, actor=of.mayor, at=NOON)


def test_what_was_not_confirmed_is_not_decided(of):
    made = propose(of)

    with pytest.raises(RefusedError):
        decisions.decide(decision_id=made.pk, actor=of.mayor, at=NOON)


def test_rewriting_a_confirmed_draft_asks_for_another_confirmation(of):
    made = propose(of)
    made = decisions.confirm(decision_id=made.pk, actor=of.reviewer, at=NOON)

    again = decisions.edit(
        decision_id=made.pk,
        values=DECIDED | {"content": "別の案"},
        version=made.version,
        actor=of.manager,
        at=LATER,
    )

    assert (again.state, again.confirmed_by) == ("proposed", None)


def test_deciding_lays_the_sheet_at_its_last_station(of):
    decided(of)

    assert Subject.objects.get(pk=of.subject.pk).place == Place.DECIDED


def test_a_decided_one_is_not_rewritten(of):
    made = decided(of)

    with pytest.raises(RefusedError):
        decisions.edit(decision_id=made.pk, values=DECIDED, version=made.version, actor=of.reviewer, at=NOON)


def test_a_decided_one_stands_until_its_replacement_is_decided_and_stays_readable(of):
    old = decided(of)

    ending = DECIDED | {"direction": "廃止", "expected_delta_yen": -1, "content": "やめる"}
    new = decisions.supersede(
        decision_id=old.pk,
        values=ending,
        reason="国の制度が変わったため",
        actor=of.reviewer,
        at=LATER,
    )

    old.refresh_from_db()
    assert old.state == "decided"
    assert selectors.decision_of(of.subject) == old

    decisions.edit(decision_id=new.pk, values=ending, version=new.version, actor=of.manager, at=LATER)
    decisions.confirm(decision_id=new.pk, actor=of.reviewer, at=LATER)
    decisions.decide(decision_id=new.pk, actor=of.mayor, at=LATER)

    old.refresh_from_db()
    assert (old.state, old.content, new.supersedes) == ("superseded", DECIDED["content"], old)
    assert list(of.subject.decisions.current()) == [new]


def test_a_follow_up_ends_with_what_shows_it(of):
    made = decided(of)
    row = decisions.add_follow_up(
        decision_id=made.pk, what="試す", due_on=NOON.date(), owner=of.officer, actor=of.manager, at=NOON
    )
    ending = {"follow_up_id": row.pk, "state": "done", "on": NOON.date(), "actor": of.officer, "at": NOON}

    with pytest.raises(ValidationError):
        decisions.end_follow_up(**ending, evidence="")
    ended = decisions.end_follow_up(**ending, evidence="4月の報告書")

    assert (ended.state, ended.evidence) == ("done", "4月の報告書")


def test_a_follow_up_added_late_is_told_of_all_the_same_and_once(of):
    made = decided(of)
    decisions.add_follow_up(
        decision_id=made.pk,
        what="見積りを取る",
        due_on=NOON.date() + dt.timedelta(days=1),
        owner=of.officer,
        actor=of.officer,
        at=NOON,
    )

    assert (remind(NOON), remind(LATER)) == (1, 0)


def test_the_rate_of_follow_ups_done_shows_its_parts(of):
    made = decided(of)
    for number, day in enumerate((1, 2, 3)):
        row = decisions.add_follow_up(
            decision_id=made.pk,
            what=f"仕事{number}",
            due_on=dt.date(2026, 11, day),
            owner=None,
            actor=of.manager,
            at=NOON,
        )
        if number < 2:
            decisions.end_follow_up(
                follow_up_id=row.pk,
                state="done" if number else "dropped",
                evidence="x",
                on=dt.date(2026, 11, 20),
                actor=of.officer,
                at=NOON,
            )

    figure = metrics._done(of.house.pk, Period(dt.date(2026, 4, 1), dt.date(2027, 3, 31)), NOON.date())

    assert (figure.numerator, figure.denominator, str(figure.value)) == (1, 3, "33.3")
    assert figure.beside == [("うち期限内", "0件"), ("取りやめ", "1件")]
