"""The quick way for thousands of indicators says what the slow one with sentences says."""

import datetime as dt
import json
from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.engines import progress
from enishi.engines.progress import Direction, InvalidInputError, Missing, Series

VECTORS = json.loads(resources.files(progress).joinpath("vectors.json").read_text(encoding="utf-8"))[
    "vectors"
]
JUDGED = [
    each for each in VECTORS if each["function"] == "judge" and not {"by", "scheme"} & set(each["inputs"])
]


@pytest.mark.parametrize("vector", JUDGED, ids=[each["id"] for each in JUDGED])
def test_standing_agrees_with_judge_on_published_vectors(vector):
    slow, quick = (progress.replay(name, vector["inputs"]) for name in ("judge", "standings"))

    if "refused" in slow:
        assert quick == slow
    else:
        assert (quick["status"], quick["reason"] or None) == (slow["status"], slow["reason"])
        assert quick["value"] == slow["value"]


numbers = st.decimals(-1000, 1000, places=2)
amounts = numbers | st.just(Missing("調査中止"))
readings = st.lists(
    st.builds(
        progress.yearly,
        st.integers(2015, 2027),
        amounts,
        certainty=st.sampled_from(list(progress.Certainty)),
        definition=st.integers(1, 3),
    ),
    max_size=9,
    unique_by=lambda each: each.fiscal_year,
)


@st.composite
def drawn_series(draw):
    direction = draw(st.sampled_from(list(Direction)))
    base = draw(numbers)
    away = draw(st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=3))
    sign = -1 if direction is Direction.DOWN else 1
    years = sorted(draw(st.sets(st.integers(2019, 2030), min_size=len(away), max_size=len(away))))
    if direction is Direction.RANGE:
        targets = tuple(
            progress.Target(y, lower=base, upper=base + w) for y, w in zip(years, away, strict=True)
        )
    elif direction is Direction.BINARY:
        targets = tuple(progress.Target(y, 1) for y in years)
    else:
        targets = tuple(progress.Target(y, base + sign * w) for y, w in zip(years, away, strict=True))
    found = draw(readings)
    if direction is Direction.BINARY:
        found = [
            progress.yearly(each.fiscal_year, each.value if isinstance(each.value, Missing) else index % 2)
            for index, each in enumerate(found)
        ]
    return Series(
        direction,
        baseline=draw(st.none() | st.just(progress.Baseline(2018, base))),
        targets=targets,
        readings=tuple(found),
        tolerance=draw(st.sampled_from([Decimal(0), Decimal("1.5")])),
        breaks=draw(st.sampled_from([frozenset(), frozenset({2}), frozenset({2, 3})])),
    )


@given(drawn_series(), st.integers(2015, 2031))
def test_standing_agrees_with_the_functions_that_explain(series, year):
    (quick,) = progress.standings(series, [year])
    slow = progress.judge(series, fiscal_year=year)

    assert quick.status is slow.status
    assert (quick.reason or None) == slow.reason
    assert quick.attainment.value == slow.figure.value
    assert quick.progress.value == progress.series_progress(series, as_of=year).value
    assert quick.trend == progress.series_trend(series, as_of=year).slope.value


def test_standing_refuses_a_target_on_the_wrong_side():
    series = Series(Direction.UP, baseline=progress.Baseline(2024, 60), targets=(progress.Target(2028, 50),))

    with pytest.raises(InvalidInputError):
        progress.standings(series, [2026])


def test_last_value_of_a_year_steps_back_over_a_period_without_value():
    halves = (
        progress.Reading(dt.date(2026, 4, 1), dt.date(2026, 9, 30), 30),
        progress.Reading(dt.date(2026, 10, 1), dt.date(2027, 3, 31), Missing("未集計")),
    )

    found = progress.value_of_year(Series(Direction.UP, readings=halves, cumulative=True), 2026)

    assert (found.value, found.marks) == (30, ("最後の期間は値なし(未集計)",))
