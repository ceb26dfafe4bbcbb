"""Tasks that wait for each other, and the chain that decides the last day."""

import datetime as dt
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.projects import selectors, services
from enishi.projects.enums import TaskState
from enishi.projects.errors import CycleError, RefusedError
from enishi.projects.planning import Bar, circle, schedule
from enishi.projects.views_work import chain_in_words
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, cast, running, task

FIRST = dt.date(2026, 4, 1)


def day(number):
    return FIRST + dt.timedelta(days=number)


@pytest.mark.django_db
def test_a_circle_is_refused_and_named():
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 5)
    two = task(who, project, "設置", 6, 9, predecessors=[one])
    three = task(who, project, "説明会", 10, 12, predecessors=[two])

    with pytest.raises(CycleError, match="「設計」 → 「説明会」 → 「設置」 → 「設計」"):
        services.edit_task(
            task_id=one.pk, values={}, version=one.version, predecessors=[three], actor=who.officer, at=NOON
        )
    with pytest.raises(CycleError, match="「設計」 → 「設計」"):
        services.edit_task(
            task_id=one.pk, values={}, version=one.version, predecessors=[one], actor=who.officer, at=NOON
        )


@pytest.mark.django_db
def test_the_chain_is_said_in_words():
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 9)
    task(who, project, "印刷", 0, 3)
    task(who, project, "設置", 10, 19, predecessors=[one])

    tasks, plan = selectors.plan_of(project)
    words = chain_in_words(plan, {each.pk: each for each in tasks})

    assert "「設計」 → 「設置」" in words
    assert "印刷" not in words


@pytest.mark.django_db
def test_a_partner_moves_its_own_tasks_days_and_no_others():
    who = cast()
    project = running(who)
    place = project.participants.get(organization=who.partner)
    own, other = task(who, project, "機器の手配", 0, 5, participant=place), task(who, project, "広報", 0, 5)

    moved = services.edit_task(
        task_id=own.pk,
        values={"due_on": TODAY + 8 * DAY},
        version=own.version,
        actor=who.member,
        at=NOON,
    )
    done = services.move_task(task_id=own.pk, state=TaskState.DONE, actor=who.member, at=NOON)

    assert (moved.due_on, done.done_on) == (TODAY + 8 * DAY, TODAY)
    for refused in (
        {"task_id": own.pk, "values": {"title": "別の仕事"}, "version": done.version},
        {"task_id": other.pk, "values": {"due_on": TODAY}, "version": other.version},
    ):
        with pytest.raises(PermissionDenied):
            services.edit_task(actor=who.member, at=NOON, **refused)
    with pytest.raises(PermissionDenied):
        services.move_task(task_id=other.pk, state=TaskState.DONE, actor=who.member, at=NOON)


@pytest.mark.django_db
def test_dates_the_wrong_way_round_are_refused():
    who = cast()

    with pytest.raises(ValidationError):
        task(who, running(who), "逆", 5, 0)


@pytest.mark.django_db
def test_a_task_that_began_is_not_taken_off_the_plan():
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 5)
    services.move_task(task_id=one.pk, state=TaskState.DOING, actor=who.officer, at=NOON)

    with pytest.raises(RefusedError):
        services.remove_task(task_id=one.pk, actor=who.officer, at=NOON)


@pytest.mark.django_db
def test_a_participant_of_another_project_carries_no_task_here():
    who = cast()
    one, two = running(who), running(who)
    place = two.participants.first()

    with pytest.raises(ValidationError):
        task(who, one, "作業", 0, 1, participant=place)


def test_a_late_task_pushes_what_waits_for_it():
    plan = schedule([Bar(1, day(0), day(9)), Bar(2, day(5), day(14), (1,)), Bar(3, day(0), day(2))])

    assert plan.ends_on == day(19)
    assert plan.chain == (1, 2)
    assert plan.too_early == ((2, 1),)
    assert plan.slack == {1: 0, 2: 0, 3: 17}


def test_a_gap_before_the_last_task_leaves_it_alone_in_the_chain():
    plan = schedule([Bar(1, day(0), day(2)), Bar(2, day(10), day(12), (1,))])

    assert plan.chain == (2,)
    assert plan.slack == {1: 7, 2: 0}


def test_nothing_to_plan():
    assert schedule([]) is None


graphs = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10), st.sets(st.integers(0, 11))), min_size=1, max_size=12
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs)
def test_no_task_begins_before_what_it_waits_for_and_the_chain_has_no_slack(rows):
    bars = [
        Bar(key, day(first), day(first + length), tuple(each for each in waits if each < key))
        for key, (first, length, waits) in enumerate(rows)
    ]

    plan = schedule(bars)

    assert plan.ends_on >= max(bar.last for bar in bars)
    assert all(plan.slack[key] == 0 for key in plan.chain)
    assert min(plan.slack.values()) == 0
    for before, after in pairwise(plan.chain):
        assert before in bars[after].waits_for


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8)), max_size=9), st.integers(0, 8))
def test_a_circle_found_is_one(waits, start):
    found = circle(waits, start)

    if found:
        assert found[0] == found[-1] == start
        assert all(b in waits[a] for a, b in pairwise(found))
    else:
        seen, edge = set(), set(waits.get(start, ()))
        while edge:
            seen |= edge
            edge = {each for key in edge for each in waits.get(key, ())} - seen
        assert start not in seen
