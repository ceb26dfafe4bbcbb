"""Preparing a review: its rules, which programmes it looks at and why, opening and closing."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from enishi.budgets.models import Programme
from enishi.evaluation import selection
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.forms import CycleForm
from enishi.evaluation.models import EvaluationCycle, Panelist, ReviewProposal, Subject
from enishi.evaluation.services import cycles, proposals, sheets
from tests.evaluation.making import MILLION, TYPED, YEAR, cycle, subject, town, walk
from tests.factories import NOON, OrganizationFactory

RULES = selection.Rules(
    evaluated_fy=YEAR,
    triggers=["new", "long_ago", "off_track", "cost_up", "proposed"],
    new_after_years=3,
    review_after_years=10,
    cost_up_percent=20,
    cost_up_yen=MILLION,
)


@pytest.mark.parametrize(
    ("facts", "chosen_by"),
    [
        ({"start_fy": YEAR - 2}, ["new"]),
        ({"start_fy": YEAR - 1}, []),
        ({"start_fy": YEAR - 20, "last_review_fy": YEAR - 10}, ["long_ago"]),
        ({"start_fy": YEAR - 20, "last_review_fy": YEAR - 9}, []),
        ({"last_review_fy": YEAR - 1, "late": ["利用者数"]}, ["off_track"]),
        ({"last_review_fy": YEAR - 1, "cost_before_yen": 5 * MILLION, "cost_yen": 6 * MILLION}, ["cost_up"]),
        ({"last_review_fy": YEAR - 1, "cost_before_yen": 50 * MILLION, "cost_yen": 59 * MILLION}, []),
        ({"last_review_fy": YEAR - 1, "cost_before_yen": 1_000, "cost_yen": 900_000}, []),
        ({"last_review_fy": YEAR - 1, "cost_before_yen": 0, "cost_yen": MILLION}, ["cost_up"]),
        ({"last_review_fy": YEAR - 1, "cost_before_yen": None, "cost_yen": 9 * MILLION}, []),
        ({"last_review_fy": YEAR - 1, "proposals": 1}, ["proposed"]),
    ],
)
def test_each_trigger_chooses_by_its_own_rule(facts, chosen_by):
    choice = selection.choose(selection.Candidate(key=1, **facts), RULES)

    assert [each["trigger"] for each in choice.why] == chosen_by
    assert len(choice.why) + len(choice.against) == 5


def test_without_triggers_everything_is_reviewed():
    everything = selection.Rules(YEAR, [], 3, 10, 20, MILLION)

    assert selection.choose(selection.Candidate(key=1), everything).included


VALUES = {
    "title": "令和9年度 事務事業評価",
    "evaluated_fy": YEAR + 1,
    "decision_fy": YEAR + 3,
    "first_due_on": dt.date(2027, 7, 31),
    "approval_due_on": dt.date(2027, 8, 7),
    "second_due_on": dt.date(2027, 8, 31),
    "decision_due_on": dt.date(2027, 10, 15),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"decision_fy": YEAR + 1}, "decision_fy"),
        ({"evaluated_fy": 1900}, "evaluated_fy"),
        ({"evaluated_fy": YEAR, "decision_fy": YEAR + 2}, "evaluated_fy"),
        ({"criteria": ["necessity", "alternative", "fairness", "urgency"]}, "criteria"),
        ({"criteria": ["beauty"]}, "criteria"),
        ({"triggers": ["moon"]}, "triggers"),
        ({"approval_due_on": dt.date(2027, 7, 1)}, "approval_due_on"),
        ({"second_due_on": None}, "second_due_on"),
        ({"has_external": True}, "external_due_on"),
    ],
)
def test_wrong_rules_of_a_cycle_are_named(changes, field):
    of = town()

    with pytest.raises(ValidationError) as refused:
        cycles.create_cycle(organization=of.house, values=VALUES | changes, actor=of.reviewer, at=NOON)

    assert field in refused.value.message_dict


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["officer", "manager", "auditor", "stranger", "resident"])
def test_only_the_office_of_review_prepares(who):
    of = town()

    with pytest.raises(PermissionDenied):
        cycles.create_cycle(organization=of.house, values=VALUES, actor=getattr(of, who), at=NOON)


@pytest.mark.django_db
def test_selecting_tells_why_of_what_was_chosen_and_of_what_was_left_out():
    of = town(state="preparing")
    Subject.objects.all().delete()
    Programme.objects.create(
        organization=of.house,
        uid="200399",
        title="始めたばかり",
        start_fy=YEAR,
        created_at=NOON,
        updated_at=NOON,
    )

    counts = cycles.select_subjects(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)

    chosen, left = (Subject.objects.get(code=code) for code in ("200301", "200399"))
    assert counts == (1, 1)
    assert {each["trigger"] for each in chosen.why} == {"new", "off_track", "cost_up"}
    assert len([each["sentence"] for each in left.why if each["sentence"]]) == 5
    with translation.override("en"):
        assert not [reason for reason in (*chosen.reasons, *left.reasons) if re.search("。|円|年度", reason)]


@pytest.mark.parametrize("is_promised", [False, True])
@pytest.mark.django_db
def test_a_residents_proposal_brings_a_programme_into_the_review(is_promised):
    of = town(state="preparing")
    Subject.objects.all().delete()
    EvaluationCycle.objects.filter(pk=of.cycle.pk).update(triggers=["proposed"])
    made = proposals.propose_review(
        programme=of.programme, kind="resident", reason="使われていない", actor=of.resident, at=NOON
    )
    if is_promised:
        proposals.answer_proposal(
            proposal_id=made.pk, state="taken_up", answer="次に見ます。", actor=of.reviewer, at=NOON
        )

    cycles.select_subjects(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)
    cycles.open_cycle(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)

    made.refresh_from_db()
    assert [each["trigger"] for each in Subject.objects.get().why] == ["proposed"]
    assert (made.state, made.cycle) == ("taken_up", of.cycle)


@pytest.mark.django_db
def test_what_was_chosen_by_hand_stays_when_selecting_again():
    of = town(state="preparing")
    cycles.choose_by_hand(
        subject_id=of.subject.pk, included=False, reason="来年に回す", actor=of.reviewer, at=NOON
    )

    cycles.select_subjects(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)

    again = Subject.objects.get(pk=of.subject.pk)
    assert (again.included, again.why_by_hand) == (False, "来年に回す")


@pytest.mark.django_db
def test_once_running_the_yardstick_does_not_change():
    of = town()

    with pytest.raises(RefusedError):
        cycles.edit_cycle(
            cycle_id=of.cycle.pk, values={"scale": "numbers"}, version=1, actor=of.reviewer, at=NOON
        )


@pytest.mark.django_db
def test_an_empty_cycle_is_not_opened():
    of = town(state="preparing")
    Subject.objects.all().delete()

    with pytest.raises(RefusedError):
        cycles.open_cycle(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)


@pytest.mark.django_db
def test_a_cycle_closes_when_every_sheet_has_its_decision():
    of = town()
    with pytest.raises(RefusedError):
        cycles.close_cycle(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)
    walk(of, "decided")

    closed = cycles.close_cycle(cycle_id=of.cycle.pk, actor=of.reviewer, at=NOON)

    assert closed.state == "closed"


@pytest.mark.django_db
def test_a_submitted_sheet_is_not_left_out_any_more():
    of = town()
    sheets.submit(subject_id=of.subject.pk, stage="first", values=TYPED, version=0, actor=of.officer, at=NOON)

    with pytest.raises(RefusedError):
        cycles.choose_by_hand(
            subject_id=of.subject.pk, included=False, reason="x", actor=of.reviewer, at=NOON
        )


@pytest.mark.django_db
def test_the_houses_own_people_are_no_outsiders():
    of = town(external=True)

    with pytest.raises(RefusedError):
        cycles.add_panelist(cycle_id=of.cycle.pk, person=of.officer, actor=of.reviewer, at=NOON)
    cycles.add_panelist(cycle_id=of.cycle.pk, person=of.outsider, actor=of.reviewer, at=NOON)

    assert Panelist.objects.get().person == of.outsider


@pytest.mark.django_db
def test_one_person_does_not_propose_the_same_twice():
    of = town()
    given = {"programme": of.programme, "kind": "resident", "reason": "x", "actor": of.resident, "at": NOON}
    proposals.propose_review(**given)

    with pytest.raises(RefusedError):
        proposals.propose_review(**given)

    assert ReviewProposal.objects.count() == 1


@pytest.mark.django_db
def test_a_sheet_of_another_year_does_not_count_as_this_years():
    of = town()
    before = cycle(of.house, evaluated_fy=YEAR - 1, decision_fy=YEAR + 1, title="前の年")

    subject(before, of.programme)

    assert Subject.objects.filter(programme=of.programme).count() == 2


@pytest.mark.django_db
def test_a_municipality_names_its_grades_on_the_page():
    made = cycle(OrganizationFactory())
    form = CycleForm(cycle=made)
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value not in (None, False)}

    filled = CycleForm(typed | {"words_A": "十分に成果があった"}, cycle=made)

    assert filled.is_valid(), filled.errors
    assert filled.values()["judgement_words"] == {"A": "十分に成果があった"}
