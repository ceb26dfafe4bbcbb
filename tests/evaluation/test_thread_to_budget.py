"""The whole thread: from a project to its evaluation, the decision, the yen in the budget, and the next plan; and back."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.evaluation.models import EvaluationCycle, Subject
from enishi.evaluation.published import selectors, services
from enishi.evaluation.published.answers import shown
from enishi.evaluation.reflection.selectors import Moment
from enishi.evaluation.reflection.services import Said, approve, record_reflection
from enishi.foundation import metrics, panels
from enishi.foundation.metrics import Period
from enishi.foundation.thread import Stage, case_knots, case_of
from enishi.organizations.models import Membership
from enishi.projects import programmes
from enishi.projects.models import Project
from tests.evaluation.money_world import MILLION, YEAR, allocate, budget, cycle, decision, town
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A project carried out as a programme that was shrunk, and the budget followed."""
    made = town()
    budget(made, [(2025, "0100", 10 * MILLION), (2026, "0100", 8 * MILLION)])
    made.decision = decision(made, cycle(made), "100101", "縮小", -2 * MILLION)
    allocate(made, "100101", (2025, "0100"), (2026, "0100"))
    made.row = record_reflection(
        decision_id=made.decision.pk, moment=Moment(YEAR), said=Said("反映"), actor=made.finance, at=NOON
    )
    approve(reflection_ids=[made.row.pk], actor=made.second, at=NOON)
    made.project = Project.objects.create(
        organization=made.house,
        section=Membership.objects.get(person=made.officer).section,
        title="見守りの実証",
        purpose="x",
        visibility="public",
        status="running",
        approved_at=NOON,
        started_on=dt.date(2024, 6, 1),
        author=made.officer,
        officer=made.officer,
        created_at=NOON,
        updated_at=NOON,
    )
    programmes.link(project_id=made.project.pk, uid="100101", actor=made.mayor, at=NOON)
    return made


def kinds(case):
    return [record.key[0] for record in case.records]


def test_a_case_runs_from_the_project_to_the_budget_and_back(place):
    forward = case_of(place.finance, "project", place.project.pk, TODAY)
    backward = case_of(place.finance, "reflection", place.row.pk, TODAY)

    assert kinds(forward) == kinds(backward) == ["project", "evaluation", "reflection"]
    assert dict(forward.records[2].facts)["増減"] == "△2,000,000円"
    knots = case_knots(place.finance, "reflection", place.row.pk, TODAY)
    assert [knot.state for knot in knots][-3:] == ["past", "past", "here"]
    assert knots[-1].label == Stage.BUDGET.label


def test_reviews_before_the_project_began_are_not_of_its_case(place):
    earlier = EvaluationCycle.objects.get()
    earlier.pk, earlier.evaluated_fy, earlier.title = None, 2022, "前の評価"
    earlier.first_due_on = earlier.approval_due_on = dt.date(2023, 6, 1)
    earlier.second_due_on = earlier.decision_due_on = dt.date(2023, 9, 1)
    earlier.save()
    old = Subject.objects.get()
    old.pk, old.cycle = None, earlier
    old.save()

    case = case_of(place.finance, "project", place.project.pk, TODAY)

    assert ("evaluation", old.pk) not in [record.key for record in case.records]


def test_residents_see_the_budget_knot_once_it_is_published(place):
    visitor = AnonymousUser()
    Subject.objects.update(published_at=NOON)
    assert kinds(case_of(visitor, "project", place.project.pk, TODAY)) == ["project", "evaluation"]

    data = services.freeze(
        organization=place.house, fiscal_year=YEAR, title="x", note="", actor=place.finance, at=NOON
    )
    services.publish(data_set_id=data.pk, actor=place.second, at=NOON)

    case = case_of(visitor, "project", place.project.pk, TODAY)
    assert (kinds(case)[-1], case.records[-1].url) == ("reflection", data.get_absolute_url())


def test_the_number_of_the_house_is_the_number_that_is_published(place):
    period = Period(dt.date(YEAR, 4, 1), dt.date(YEAR + 1, 3, 31))
    figure = metrics.metric("evaluation.reflection_strict").figure(place.house.pk, period, TODAY)
    rows = metrics.metric("evaluation.reflection_strict").rows(place.house.pk, period, TODAY, place.finance)
    data = services.freeze(
        organization=place.house, fiscal_year=YEAR, title="x", note="", actor=place.finance, at=NOON
    )

    assert (figure.numerator, figure.denominator) == (1, 1)
    assert [row.counts for row in rows] == [True]
    assert shown(selectors.told(data).headline.figure) == f"{figure.value}%(1/1)"
    evaluated = Period(dt.date(2024, 4, 1), dt.date(2025, 3, 31))
    assert metrics.metric("evaluation.reviewed").figure(place.house.pk, evaluated, TODAY).value == 100


def test_from_the_code_of_the_budget_back_to_the_decision(place):
    """A code of the next year's plan of money names what moved it; so does the programme's page."""
    for record, instance in (
        ("budgets.budgetcode", place.codes[YEAR, "0100"]),
        ("budgets.programme", place.programmes["100101"]),
        ("evaluation.improvementdecision", place.decision),
    ):
        found = panels.record_panels(record, place.finance, instance)
        told = [row for panel in found for row in panel.context.get("reflections", [])]
        assert told == [place.row]
        assert not [
            row
            for panel in panels.record_panels(record, AnonymousUser(), instance)
            for row in panel.context.get("reflections", [])
        ]
