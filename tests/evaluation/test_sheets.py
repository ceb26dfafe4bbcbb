"""One sheet: what the records fill, what people type, and who hands it on (E1, E3, separation of duties)."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from enishi.budgets.models import Programme
from enishi.evaluation import forms, selectors
from enishi.evaluation.enums import Place
from enishi.evaluation.errors import (
    IncompleteError,
    OwnWorkError,
    RefusedError,
    StageOrderError,
    StaleVersionError,
)
from enishi.evaluation.facts.freezing import is_whole, living_facts
from enishi.evaluation.facts.shapes import digest
from enishi.evaluation.models import Evaluation, FactSheet, Panelist, ProgrammeIndicator, Subject
from enishi.evaluation.services import sheets
from enishi.indicators.models import Indicator, Standing
from enishi.organizations.enums import Visibility
from enishi.plans.models import PlanVersion
from enishi.plans.models_placing import NodeIndicator, Placement
from tests.evaluation.making import LATER, MILLION, TYPED, YEAR, cycle, programme, subject, town, walk
from tests.factories import NOON

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 7, 1)


def submit(of, **changes):
    return sheets.submit(
        subject_id=of.subject.pk, stage="first", values=TYPED | changes, version=0, actor=of.officer, at=NOON
    )


def facts_of(of):
    row = Subject.objects.select_related("cycle", "programme__section", "node", "section").get(
        pk=of.subject.pk
    )
    return living_facts(of.cycle, [row], on=TODAY)[row.pk]


@pytest.mark.parametrize("indicators", ["its own", "none", "only how much was done"])
def test_records_fill_at_least_seventy_percent_and_people_type_at_most_eight(indicators):
    of = town()
    if indicators != "its own":
        ProgrammeIndicator.objects.all().delete()
    if indicators == "only how much was done":
        Programme.objects.update(output_indicator=of.indicators[0])

    filled = selectors.filled(facts_of(of), of.cycle)

    assert filled.typed == 8
    assert filled.records / filled.boxes >= 0.7
    assert ("指標" in filled.missing) == (indicators == "none")


def test_each_part_of_the_facts_names_its_source():
    facts = facts_of(town())

    lines = [*facts["basics"], *facts["purpose"], *facts["yardsticks"], *facts["money"]]
    assert [line for line in lines if not line["source"]] == []


def test_facts_tell_plan_money_people_and_indicators():
    facts = facts_of(town())

    basics = {item["label"]: item["value"] for item in facts["basics"]}
    money = {row["key"]: row["yen"] for row in facts["money"]}
    assert (basics["政策"], basics["施策"]) == ("2 子どもが育つまち", "03 子育ての支え")
    assert money["settlement"] == [8 * MILLION, 12 * MILLION, None]
    assert money["full"] == [20 * MILLION, 24 * MILLION, None]
    assert money["unit"] == [2_000, 2_182, None]
    assert [each["status"] for each in facts["yardsticks"]] == ["やや遅れ", "遅れ"]


def test_computed_judgement_and_efficiency_say_how_they_came_about():
    computed = facts_of(town())["computed"]

    assert computed["judgement"]["letter"] == "C"
    assert computed["efficiency"] == {
        "letter": "B",
        "why": "単位コストは2,000円から2,182円へ(+9.1%)。増えていなければA、1割までB、それを超えるとC。",
    }


def test_facts_of_many_sheets_take_no_more_questions_than_of_one(django_assert_max_num_queries):
    of = town()
    others = [programme(of.house, of.care, f"20030{n}", f"事業{n}") for n in range(2, 8)]
    for each in others:
        subject(of.cycle, each)
    rows = Subject.objects.select_related("cycle", "programme__section", "node", "section")

    with django_assert_max_num_queries(24):
        living_facts(of.cycle, list(rows.filter(cycle=of.cycle)), on=TODAY)


def test_submitting_freezes_the_facts_with_their_hash():
    of = town()

    handed_in = submit(of)
    Standing.objects.update(value=1)

    frozen = handed_in.facts
    frozen.refresh_from_db()
    assert (frozen.no, frozen.sha256, is_whole(frozen)) == (1, digest(frozen.facts), True)
    assert frozen.facts["yardsticks"][0]["years"][1]["value"] == "11,000"


def test_frozen_facts_are_read_in_the_language_of_the_reader_and_proved_in_the_official_one():
    of = town()
    frozen = submit(of).facts
    frozen.refresh_from_db()

    with translation.override("en"):
        read = selectors.sheet_of(of.subject, on=TODAY).facts
    labels = [each["label"] for each in (*read["basics"], *read["purpose"], *read["money"])]

    assert {"Name of the programme", "Settled amount"} & set(labels)
    assert not [label for label in labels if re.search("[ぁ-ん]", label)]
    assert [each["value"] for each in read["basics"]][:2] == [
        each["value"] for each in frozen.facts["basics"]
    ][:2]
    assert is_whole(frozen)
    assert selectors.sheet_of(of.subject, on=TODAY).facts == frozen.facts


def test_frozen_facts_are_never_changed():
    of = town()
    frozen = submit(of).facts

    with pytest.raises(TypeError):
        frozen.save()


def test_tampered_facts_are_noticed():
    of = town()
    frozen = submit(of).facts
    FactSheet.objects.filter(pk=frozen.pk).update(facts=frozen.facts | {"year": 1999})

    frozen.refresh_from_db()

    assert not is_whole(frozen)


def test_e1_a_later_stage_cannot_come_before_an_earlier_one():
    of = town()

    with pytest.raises(StageOrderError):
        sheets.submit(
            subject_id=of.subject.pk, stage="second", values={}, version=0, actor=of.reviewer, at=NOON
        )


def test_e1_later_stages_judge_on_the_facts_of_the_first():
    of = town(external=True)
    Panelist.objects.create(cycle=of.cycle, person=of.outsider, added_by=of.reviewer, added_at=NOON)

    walk(of, Place.DECISION)

    facts = set(Evaluation.objects.filter(subject=of.subject).values_list("facts__sha256", flat=True))
    assert Evaluation.objects.filter(subject=of.subject).count() == 3
    assert len(facts) == 1


def test_e1_the_database_keeps_no_submission_without_facts():
    of = town()

    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(
            subject=of.subject,
            stage="first",
            state="submitted",
            judgement="A",
            direction="継続",
            evaluator=of.officer,
            submitted_at=NOON,
            created_at=NOON,
            updated_at=NOON,
        )


@pytest.mark.parametrize(("judgement", "passes"), [("A", False), ("B", True), ("C", True), ("D", True)])
def test_e3_two_steps_away_from_the_records_needs_a_reason(judgement, passes):
    of = town()

    if passes:
        assert submit(of, judgement=judgement).judgement == judgement
        return
    with pytest.raises(IncompleteError) as refused:
        submit(of, judgement=judgement)
    assert [each.name for each in refused.value.missing] == ["departure_reason"]


def test_e3_with_a_reason_it_may_be_handed_in():
    of = town()

    handed_in = submit(of, judgement="A", departure_reason="調査の対象が途中で変わったため。")

    assert handed_in.state == "submitted"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"comment": ""}, "comment"),
        ({"direction": ""}, "direction"),
        ({"judgement": ""}, "judgement"),
        ({"improvement": ""}, "improvement"),
        ({"scores": {"necessity": "A"}}, "score_alternative"),
        ({"direction": "統合"}, "merges_into"),
    ],
)
def test_an_incomplete_sheet_names_what_is_missing(changes, missing):
    of = town()

    with pytest.raises(IncompleteError) as refused:
        submit(of, **changes)

    assert refused.value.missing[0].name == missing
    assert Subject.objects.get(pk=of.subject.pk).place == Place.FIRST


def test_nobody_approves_their_own_sheet():
    of = town()
    sheets.submit(subject_id=of.subject.pk, stage="first", values=TYPED, version=0, actor=of.manager, at=NOON)

    with pytest.raises(OwnWorkError):
        sheets.approve(subject_id=of.subject.pk, actor=of.manager, at=NOON)


@pytest.mark.parametrize("who", ["officer", "reviewer", "auditor", "stranger", "resident"])
def test_only_the_sections_manager_approves(who):
    of = town()
    submit(of)

    with pytest.raises(PermissionDenied):
        sheets.approve(subject_id=of.subject.pk, actor=getattr(of, who), at=NOON)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger", "resident", "outsider"])
def test_only_the_section_fills(who):
    of = town()

    with pytest.raises(PermissionDenied):
        sheets.save_sheet(
            subject_id=of.subject.pk, stage="first", values=TYPED, version=0, actor=getattr(of, who), at=NOON
        )


def test_second_of_two_editors_is_told():
    of = town()
    given = {"subject_id": of.subject.pk, "stage": "first", "version": 0, "at": NOON}
    sheets.save_sheet(**given, values={"comment": "一人目"}, actor=of.officer)

    with pytest.raises(StaleVersionError) as refused:
        sheets.save_sheet(**given, values={"comment": "二人目"}, actor=of.colleague)

    assert (refused.value.opened, refused.value.current) == (0, 1)


def test_a_sheet_sent_back_and_handed_in_again_gets_fresh_facts():
    of = town()
    submit(of)
    sheets.send_back(subject_id=of.subject.pk, reason="理由が足りない", actor=of.manager, at=NOON)
    Standing.objects.update(value=7)
    first = of.subject.evaluations.get()

    again = sheets.submit(
        subject_id=of.subject.pk, stage="first", version=first.version, actor=of.officer, at=LATER
    )

    assert (first.returned_reason, again.facts.no) == ("理由が足りない", 2)
    assert FactSheet.objects.filter(subject=of.subject).count() == 2


def test_handed_in_sheets_take_no_more_words():
    of = town()
    submit(of)

    with pytest.raises(StageOrderError):
        sheets.save_sheet(
            subject_id=of.subject.pk,
            stage="first",
            values={"comment": "x"},
            version=2,
            actor=of.officer,
            at=NOON,
        )


def test_sending_back_says_why():
    of = town()
    submit(of)

    with pytest.raises(ValidationError):
        sheets.send_back(subject_id=of.subject.pk, reason=" ", actor=of.manager, at=NOON)


def test_second_stage_is_not_judged_by_those_of_the_first():
    of = town()
    of.cycle.organization.memberships.filter(person=of.officer).update(section=of.review)
    submit_as = {"subject_id": of.subject.pk, "stage": "second", "version": 0, "at": NOON}
    Subject.objects.filter(pk=of.subject.pk).update(section=of.review)
    of.house.memberships.filter(person=of.manager).update(section=of.review)
    submit(of)
    sheets.approve(subject_id=of.subject.pk, actor=of.manager, at=NOON)

    with pytest.raises(OwnWorkError):
        sheets.submit(**submit_as, values=TYPED, actor=of.officer)


def test_words_of_last_year_are_found_again():
    of = town()
    before = cycle(of.house, evaluated_fy=YEAR - 1, decision_fy=YEAR + 1, title="前の年")
    old = subject(before, of.programme)
    sheets.submit(subject_id=old.pk, stage="first", values=TYPED, version=0, actor=of.officer, at=NOON)
    sheets.approve(subject_id=old.pk, actor=of.manager, at=NOON)

    handed_in = submit(
        of, comment=TYPED["comment"] + "　", improvement="来年度は出張広場を二つの地区で始める。"
    )

    assert handed_in.repeated == ["comment"]


def test_a_sheet_of_a_closed_cycle_is_not_filled():
    of = town(state="closed")

    with pytest.raises(RefusedError):
        submit(of)


def test_in_a_city_of_thousands_the_programme_to_merge_into_is_typed(monkeypatch):
    of = town()
    other = programme(of.house, of.care, "200302", "一時預かり事業")
    monkeypatch.setattr(forms, "MOST_OFFERED", 0)
    given = {"subject": of.subject, "stage": "first", "actor": of.officer, "evaluation": None}

    right = forms.SheetForm({"direction": "統合", "merges_into": "200302"}, **given)
    wrong = forms.SheetForm({"direction": "統合", "merges_into": "999999"}, **given)

    assert right.is_valid() and right.cleaned_data["merges_into"] == other
    assert "「999999」という番号の事務事業がありません" in wrong.errors["merges_into"][0]
    assert "<select" not in str(right["merges_into"])


def test_a_programme_without_indicators_is_read_beside_those_of_its_branch_and_judged_by_none():
    of = town()
    of.programme.yardsticks.all().delete()
    node = Placement.objects.get(programme=of.programme).node
    Indicator.objects.update(visibility=Visibility.PUBLIC)
    approved = PlanVersion.objects.values("state", "frozen_hash").get(pk=node.version_id)
    PlanVersion.objects.update(state="draft", frozen_hash="")
    NodeIndicator.objects.create(node=node, indicator=of.indicators[0])
    PlanVersion.objects.update(**approved)

    facts = facts_of(of)

    assert [each["role"] for each in facts["yardsticks"]] == ["above"]
    assert facts["yardsticks"][0]["years"][1]["value"]
    assert facts["computed"]["judgement"]["letter"] == ""
