import doctest

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.engines.core import weighing
from enishi.engines.core.errors import InvalidInputError
from enishi.engines.core.weighing import low_discrepancy, places, stability, tipping_points, weighted_totals

# A busy machine is slow, not wrong.
patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
tables = st.integers(2, 6).flatmap(
    lambda entries: st.integers(1, 5).flatmap(
        lambda criteria: st.tuples(
            st.lists(
                st.lists(st.integers(0, 5), min_size=criteria, max_size=criteria),
                min_size=entries,
                max_size=entries,
            ),
            st.lists(st.integers(1, 100), min_size=criteria, max_size=criteria),
        )
    )
)


def read(table):
    return np.array(table[0], dtype=float), np.array(table[1], dtype=float)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(weighing).failed == 0


@patient
@given(tables)
def test_shares_sum_to_one_and_the_same_call_gives_the_same_answer(table):
    points, weights = read(table)

    one, two = stability(points, weights, samples=64), stability(points, weights, samples=64)

    assert np.allclose(one.shares.sum(axis=1), 1)
    assert np.array_equal(one.shares, two.shares)


@patient
@given(tables)
def test_whoever_is_best_in_everything_is_first_under_all_weights(table):
    points, weights = read(table)
    points[0] = 6.0

    assert stability(points, weights, variation=1.0, samples=64).kept[0] == 1.0


@patient
@given(tables, st.floats(0.1, 50))
def test_only_the_proportions_of_the_weights_count(table, factor):
    points, weights = read(table)

    assert np.allclose(weighted_totals(points, weights), weighted_totals(points, weights * factor))


@patient
@given(tables)
def test_at_the_tipping_point_another_draws_level_and_just_before_nobody_does(table):
    points, weights = read(table)
    first = int(np.argmax(points @ weights))
    if np.sum(places(weighted_totals(points, weights)) == 1) > 1:
        return
    for criterion, change in enumerate(tipping_points(points, weights)):
        if np.isnan(change):
            continue
        at, before = weights.copy(), weights.copy()
        at[criterion] *= 1 + change
        before[criterion] *= 1 + change * 0.999
        totals = points @ at
        assert np.delete(totals, first).max() == pytest.approx(totals[first], abs=1e-6)
        assert int(np.argmax(points @ before)) == first


def test_the_share_of_two_opposites_is_the_area_where_the_first_leads():
    # With weights 60 and 40, each varied by 30 %, the first leads where 60 a > 40 b; the square is [0.7, 1.3]².
    found = stability(np.array([[5.0, 1.0], [1.0, 5.0]]), np.array([60.0, 40.0]), samples=20_000)
    # What it loses is the corner b > 1.5 a: a triangle with the sides 1.3 - 1.05 and 1.3 / 1.5 - 0.7.
    expected = 1 - (1.3 - 1.05) * (1.3 / 1.5 - 0.7) / 2 / 0.6**2

    assert found.kept[0] == pytest.approx(expected, abs=0.002)


def test_equal_totals_share_the_better_place():
    assert places(np.array([1.0, 2.0, 2.0])).tolist() == [3, 1, 1]


def test_the_sequence_is_spread_evenly():
    found = low_discrepancy(1000, 4)

    assert np.allclose(found.mean(axis=0), 0.5, atol=0.01)
    assert (found > 0).all() and (found < 1).all()


@pytest.mark.parametrize(
    ("points", "weights", "field"),
    [
        ([1.0], [1.0], "points"),
        ([[1.0, 2.0]], [1.0], "weights"),
        ([[1.0, np.nan]], [1.0, 1.0], "points"),
        ([[1.0, 2.0]], [0.0, 0.0], "weights"),
        ([[1.0, 2.0]], [-1.0, 2.0], "weights"),
        ([[1.0] * 21], [1.0] * 21, "weights"),
    ],
)
def test_what_has_no_answer_is_refused(points, weights, field):
    with pytest.raises(InvalidInputError) as refused:
        weighted_totals(np.array(points), np.array(weights))

    assert refused.value.field == field


def test_bands_without_meaning_are_refused():
    table = np.array([[1.0]]), np.array([1.0])

    with pytest.raises(InvalidInputError):
        stability(*table, variation=0)
    with pytest.raises(InvalidInputError):
        stability(*table, samples=0)
