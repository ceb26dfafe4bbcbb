"""What must hold for every indicator, and the sentences people read."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.engines import progress as engine
from enishi.engines.progress import Direction, Missing, Series, Status, Target

numbers = st.decimals(min_value=-10_000, max_value=10_000, allow_nan=False, allow_infinity=False, places=3)
widths = st.decimals(min_value="0.001", max_value=10_000, allow_nan=False, allow_infinity=False, places=3)


@given(numbers, widths, numbers)
def test_down_mirrors_up(baseline, width, value):
    up = engine.progress(direction=Direction.UP, baseline=baseline, target=baseline + width, value=value)
    down = engine.progress(
        direction=Direction.DOWN, baseline=-baseline, target=-baseline - width, value=-value
    )

    assert up.value == down.value


@given(numbers, widths, numbers, st.integers(1, 1000))
def test_progress_does_not_depend_on_the_unit(baseline, width, value, factor):
    plain = engine.progress(direction=Direction.UP, baseline=baseline, target=baseline + width, value=value)
    scaled = engine.progress(
        direction=Direction.UP,
        baseline=baseline * factor,
        target=(baseline + width) * factor,
        value=value * factor,
    )

    assert plain.value == scaled.value


@given(st.lists(numbers, min_size=4, max_size=12), numbers)
def test_trend_is_unmoved_by_a_shift(values, shift):
    years = {2010 + at: value for at, value in enumerate(values)}
    shifted = {year: value + shift for year, value in years.items()}

    assert engine.trend(years).slope.value == engine.trend(shifted).slope.value


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(engine.Ending)), max_size=15))
def test_survival_never_rises(pairs):
    curve = engine.waiting([engine.Duration(days, ending) for days, ending in pairs]).curve

    shares = [1, *(share for _, _, _, share in curve)]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("value", [0.5, True, "0.5", None, Decimal("NaN"), Decimal("Infinity")])
def test_only_exact_finite_numbers_are_taken(value):
    with pytest.raises(engine.InvalidInputError) as refusal:
        engine.progress(direction=Direction.UP, baseline=0, target=1, value=value)

    assert refusal.value.field == "value"


def test_a_missing_value_needs_a_reason():
    with pytest.raises(engine.InvalidInputError):
        Missing(" ")


def test_a_figure_names_its_parents():
    figure = engine.progress(direction=Direction.DOWN, baseline=100, target=60, value=110, unit="件")

    assert figure.explanation == "進捗率は-25.0% = 10 ÷ -40。基準100件、目標60件、実績110件"
    assert str(figure.formula) == "(実績値 − 基準値) ÷ (最終目標値 − 基準値)〔progress/1〕"


def test_a_missing_figure_says_why():
    figure = engine.progress(direction=Direction.UP, baseline=60, target=80, value=Missing("調査を中止した"))

    assert (
        figure.explanation
        == "進捗率は算出できない(調査を中止した)。基準60、目標80、実績値なし(調査を中止した)"
    )


def test_a_missing_figure_has_no_percent():
    figure = engine.execution_rate(spent_yen=0, budget_yen=0)

    with pytest.raises(engine.InvalidInputError):
        figure.percent()


def test_simple_rate_prints_its_formula():
    rate = engine.simple_rate(direction=Direction.DOWN, target=60, value=80)

    assert rate.explanation == "単純達成率は75.0% = 60 ÷ 80。式: 目標値 ÷ 実績値"


def test_status_is_explained_with_its_thresholds():
    scheme = engine.Scheme(name="本市基準", on_track=Decimal("0.8"), slightly_late=Decimal("0.5"))
    series = Series(
        Direction.UP,
        baseline=engine.Baseline(2024, 0),
        targets=(Target(2026, 100),),
        readings=(engine.yearly(2026, 85),),
        unit="%",
    )

    judgement = engine.judge(series, fiscal_year=2026, scheme=scheme)

    assert judgement.explanation == (
        "年度達成率は85.0% = 85 ÷ 100。基準0%、目標100%、実績85%。したがって「順調」"
        "(本市基準: 達成100%以上、順調80%以上、やや遅れ50%以上、遅れ0%以上、後退0%未満)"
    )


def test_status_out_of_tolerance_is_explained():
    series = Series(
        Direction.KEEP,
        targets=(Target(2026, 50),),
        readings=(engine.yearly(2026, 53),),
        tolerance=2,
        unit="%",
    )

    judgement = engine.judge(series, fiscal_year=2026)

    assert judgement.status is Status.SLIGHTLY_LATE
    assert judgement.explanation == (
        "離れ具合は1.5倍 = 3 ÷ 2。目標は50%、許容幅は2%、実績は53%。したがって「やや遅れ」"
        "(標準: 許容幅以内は達成、許容幅の2倍以内はやや遅れ、それより離れれば遅れ)"
    )


def test_undecidable_says_why():
    series = Series(Direction.UP, baseline=engine.Baseline(2024, 0), targets=(Target(2026, 100),))

    judgement = engine.judge(series, fiscal_year=2026)

    assert judgement.explanation == "年度達成率は算出できない(実績値なし)。したがって「判定不能」"


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"value": 1, "lower": 0, "upper": 2},
        {"lower": 1},
        {"lower": 3, "upper": 2},
    ],
)
def test_target_is_a_value_or_two_bounds(wrong):
    with pytest.raises(engine.InvalidInputError):
        Target(2026, **wrong)


@pytest.mark.parametrize(
    "lines", [{"on_track": Decimal("0.6")}, {"on_track": Decimal("1.1")}, {"far_off": 0}]
)
def test_thresholds_must_make_sense(lines):
    with pytest.raises(engine.InvalidInputError):
        engine.Scheme(**lines)


def test_range_needs_a_path_of_its_own():
    series = Series(
        Direction.UP, targets=(Target(2026, lower=1, upper=2),), readings=(engine.yearly(2026, 1),)
    )

    with pytest.raises(engine.InvalidInputError):
        engine.series_progress(series, as_of=2026)


def test_trend_line_can_be_read_off():
    found = engine.trend({2021: 10, 2022: 12, 2023: 14, 2024: 16})

    assert found.at(2025) == 18
    assert engine.trend_is_good(found, Direction.UP) is True
    assert engine.trend_is_good(found, Direction.DOWN) is False
    assert engine.trend({}).at(2025) == Missing("点数不足")


def test_unknown_definitions_are_comparable_only_within_a_break():
    series = Series(Direction.UP, breaks=frozenset({3}))

    assert series.comparable(1, 2)
    assert not series.comparable(2, 3)
    assert series.comparable(4, 3)


def test_replay_refuses_an_unknown_function():
    with pytest.raises(engine.InvalidInputError):
        engine.replay("guess", {})


def test_share_refuses_more_than_all():
    with pytest.raises(engine.InvalidInputError):
        engine.share(
            name="統合計画率", part=3, whole=2, formula=engine.Formula("x", 1, "統合した計画 ÷ 計画")
        )


def test_halves_are_rounded_away_from_zero():
    assert engine.rounded(Fraction(1, 8), 2) == Decimal("0.13")
    assert engine.rounded(Fraction(-1, 8), 2) == Decimal("-0.13")
    assert str(engine.rounded(Fraction(-1, 1000), 1)) == "0.0"
