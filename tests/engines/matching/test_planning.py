"""Combinations, joint calls, fair reach and learning."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from tests.engines.matching.build import between, can, direction, evidence, space, want

from enishi.engines.core import NotEnoughDataError
from enishi.engines.matching import (
    DEFAULT_WEIGHTS,
    InvalidInputError,
    Outcome,
    View,
    Want,
    combine,
    exposure,
    joint_calls,
    rank,
    refit,
    with_fair_reach,
)

TODAY = dt.date(2026, 11, 22)
SPACE = space()
SECOND = 5
"""Seed of a direction that has nothing to do with the first."""


def want_of_two_needs(**attributes):
    first, second = direction(1), direction(SECOND)
    text = "水を運ぶ車がない。 一人で取りに行けない。"
    return Want(
        "w",
        evidence(
            text,
            between(first, second),
            passages=[(0, 9), (10, 21)],
            passage_vectors=np.stack([first, second]),
        ),
        **attributes,
    )


def test_two_cans_that_cover_different_needs_are_combined():
    wish = want_of_two_needs()
    cans = [
        can("vehicle", "a", vector=between(direction(1), direction(30), 0.2)),
        can("people", "b", vector=between(direction(SECOND), direction(31), 0.2)),
        can("vehicle2", "c", vector=between(direction(1), direction(32), 0.25)),
    ]
    (ranking,) = rank([wish], cans, SPACE, as_of=TODAY)

    best = combine(wish, cans, ranking.matches, SPACE)[0]

    assert {member.can_id for member in best.members} == {"vehicle", "people"}
    assert best.coverage > best.single_coverage
    brought = {member.can_id: [need.label for need, _ in member.needs] for member in best.members}
    assert brought == {"vehicle": ["水を運ぶ車がない。"], "people": ["一人で取りに行けない。"]}


def test_kinds_sought_are_needs_too():
    wish = want(vector=direction(1), kinds=frozenset({"people", "technology"}))
    cans = [
        can("t", vector=direction(1), kinds=frozenset({"technology"})),
        can("p", vector=direction(1), kinds=frozenset({"people"})),
    ]
    (ranking,) = rank([wish], cans, SPACE, as_of=TODAY)

    (best,) = combine(wish, cans, ranking.matches, SPACE)

    assert best.coverage == 1
    assert best.single_coverage == 0.5


def test_nothing_is_combined_when_one_can_covers_all():
    wish = want(vector=direction(1), kinds=frozenset({"people", "technology"}))
    cans = [can("both", kinds=frozenset({"technology", "people"})), can("p", kinds=frozenset({"people"}))]
    (ranking,) = rank([wish], cans, SPACE, as_of=TODAY)

    assert combine(wish, cans, ranking.matches, SPACE) == []


def test_the_same_trouble_of_two_towns_becomes_a_joint_call():
    trouble = direction(1)
    wants = [
        want("a1", "断水 老朽", vector=between(trouble, direction(40), 0.15), owner="a"),
        want("b1", "断水 水", vector=between(trouble, direction(41), 0.15), owner="b"),
        want("c1", "祭り", vector=direction(9), owner="c"),
    ]

    (call,) = joint_calls(wants, SPACE)

    assert set(call.want_ids) == {"a1", "b1"}
    assert call.words == ("断水",)


def test_two_wants_of_one_town_are_no_joint_call():
    wants = [want("a1", vector=direction(1), owner="a"), want("a2", vector=direction(1), owner="a")]

    assert joint_calls(wants, SPACE) == []


def test_a_chain_of_small_steps_does_not_join_its_ends():
    first, last = direction(1), direction(2)
    wants = [
        want(str(number), vector=between(first, last, number / 4), owner=str(number)) for number in range(5)
    ]

    assert all(call.nearness >= 0.8 for call in joint_calls(wants, SPACE, nearness=0.8))
    assert not any({"0", "4"} <= set(call.want_ids) for call in joint_calls(wants, SPACE, nearness=0.8))


@pytest.fixture
def rankings():
    small = {f"small{number}" for number in range(8)}
    cans = [can(f"big{n:02}", vector=between(direction(1), direction(60 + n), 0.2)) for n in range(12)]
    cans += [
        can(name, vector=between(direction(1), direction(80 + n), 0.35))
        for n, name in enumerate(sorted(small))
    ]
    wants = [want(str(n), vector=between(direction(1), direction(500 + n), 0.1)) for n in range(4)]
    return rank(wants, cans, SPACE, as_of=TODAY, top=20, explain=False), small


def test_a_floor_of_exposure_is_reached_and_its_cost_said(rankings):
    before, small = rankings

    reach = with_fair_reach(before, small, floor=0.3)

    assert reach.is_reached
    assert exposure(reach.rankings, small) == reach.exposure_after >= 0.3 > reach.exposure_before
    assert 0 < reach.relevance_loss < 1
    for old, new in zip(before, reach.rankings, strict=True):
        assert {match.can_id for match in old.matches} == {match.can_id for match in new.matches}
        assert [match.rank for match in new.matches] == list(range(1, 21))


def test_a_floor_that_is_met_changes_nothing(rankings):
    before, small = rankings

    reach = with_fair_reach(before, small, floor=0.0)

    assert reach.rankings == tuple(before)
    assert reach.relevance_loss == 0


def test_a_floor_out_of_reach_is_told(rankings):
    before, _ = rankings

    assert not with_fair_reach(before, {"small1"}, floor=0.5).is_reached


def test_a_floor_above_one_is_refused(rankings):
    with pytest.raises(InvalidInputError, match="floor"):
        with_fair_reach(rankings[0], set(), floor=1.2)


def outcomes(rng, count, *, budget_decides):
    rows = []
    for _ in range(count):
        meaning, budget = rng.normal(2, 1), rng.random()
        score = (4 * (budget - 0.5) if budget_decides else meaning - 2) + rng.normal(0, 0.3)
        rows.append(Outcome({View.MEANING: meaning, View.BUDGET: budget, View.REGION: None}, bool(score > 0)))
    return rows


def test_a_view_that_decides_gains_weight():
    rng = np.random.default_rng(1)

    result = refit(outcomes(rng, 400, budget_decides=True), DEFAULT_WEIGHTS, version="2", rng=rng)

    assert result.new.budget > DEFAULT_WEIGHTS.budget
    assert result.new.meaning < DEFAULT_WEIGHTS.meaning
    assert result.is_better
    assert result.after.concordance > result.before.concordance
    assert result.new.version == "2"


def test_a_view_nobody_filled_in_keeps_its_weight():
    rng = np.random.default_rng(2)

    result = refit(outcomes(rng, 100, budget_decides=True), DEFAULT_WEIGHTS, version="2", rng=rng)

    assert result.new.region == DEFAULT_WEIGHTS.region
    assert result.shares[View.REGION] == 0


def test_evidence_against_a_view_never_makes_its_weight_negative():
    rng = np.random.default_rng(3)
    turned = [
        replace(outcome, led_on=not outcome.led_on) for outcome in outcomes(rng, 300, budget_decides=True)
    ]

    assert refit(turned, DEFAULT_WEIGHTS, version="2", rng=rng, strength=0.1).new.budget >= 0


def test_the_same_chance_gives_the_same_weights():
    rows = outcomes(np.random.default_rng(4), 80, budget_decides=False)

    first, second = (
        refit(rows, DEFAULT_WEIGHTS, version="2", rng=np.random.default_rng(5)) for _ in range(2)
    )

    assert first == second


def test_fewer_than_fifty_outcomes_are_too_few():
    rng = np.random.default_rng(6)

    with pytest.raises(NotEnoughDataError):
        refit(outcomes(rng, 49, budget_decides=True), DEFAULT_WEIGHTS, version="2", rng=rng)


def test_outcomes_of_one_kind_teach_nothing():
    rows = [Outcome({View.MEANING: 1.0}, True)] * 60

    with pytest.raises(InvalidInputError, match="one kind"):
        refit(rows, DEFAULT_WEIGHTS, version="2", rng=np.random.default_rng(0))
