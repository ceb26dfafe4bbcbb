import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.budgets.comparing import groups
from enishi.budgets.dividing import Part, by_largest_remainder, divide, funds_of
from enishi.budgets.rolling import Raw, breaches, current, own_sums, rolled_up

shares = st.lists(st.integers(1, 2_000), max_size=5)


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), shares)
def test_b4_parts_and_rest_are_the_whole_to_the_yen(amount: int, several: list[int]) -> None:
    divided = divide(amount, [Part(key, share_bp=share) for key, share in enumerate(several)])

    assert sum(divided.parts.values()) + divided.rest == amount


@settings(deadline=None)
@given(st.integers(0, 10**12), shares)
def test_b4_nobody_is_a_yen_away_from_the_exact_share(amount: int, several: list[int]) -> None:
    divided = divide(amount, [Part(key, share_bp=share) for key, share in enumerate(several)])

    assert all(
        abs(divided.parts[key] * 10_000 - amount * share) < 10_000 for key, share in enumerate(several)
    )


def test_largest_remainder_gives_the_left_over_yen_to_the_largest_fractions():
    assert by_largest_remainder(10, [3333, 3333, 3334]) == [3, 3, 4]


def test_largest_remainder_of_a_reduction_mirrors_that_of_an_increase():
    assert by_largest_remainder(-10, [3333, 3333, 3334]) == [-3, -3, -4]


def test_fixed_amounts_come_first_and_shares_are_of_what_is_left():
    divided = divide(1_000, [Part(1, fixed_yen=400), Part(2, share_bp=5_000)])

    assert (divided.parts, divided.rest) == ({1: 400, 2: 300}, 300)


def test_fixed_amounts_are_cut_down_together_when_there_is_not_enough():
    divided = divide(300, [Part(1, fixed_yen=400), Part(2, fixed_yen=200)])

    assert (divided.parts, divided.rest) == ({1: 200, 2: 100}, 0)


def test_fixed_amounts_take_no_part_in_supplements():
    divided = divide(500, [Part(1, fixed_yen=400)], fixed_applies=False)

    assert (divided.parts, divided.rest) == ({1: 0}, 500)


@settings(deadline=None)
@given(
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from(["national", "bond", "general"]), st.integers(0, 10**9), min_size=1),
)
def test_b3_funds_of_a_part_sum_to_the_part(mine: int, funds: dict[str, int]) -> None:
    whole = sum(funds.values())
    mine = min(mine, whole)

    found = funds_of(mine, whole, funds)

    assert sum(found.values()) == (mine if whole else 0)


def test_b1_current_budget_is_initial_and_every_change():
    sums = {"initial": 1_000, "supplement": -50, "carried": 30, "transfer": -20, "reserve": 5}

    assert current(sums) == 965
    assert current({"spending": 10}) is None


def test_only_the_last_assessment_of_an_account_counts():
    raw = {"01-03": Raw(), "01-08": Raw()}
    raw["01-03"].add("assessment", 1, 900)
    raw["01-03"].add("assessment", 2, 800)
    raw["01-08"].add("assessment", 1, 500)

    assert own_sums(raw) == {"01-03": {"assessment": 800}, "01-08": {}}


def test_sums_rise_from_the_narrowest_code_to_the_widest():
    totals = rolled_up(
        {"01-03-01": {"initial": 5}, "01-03-02": {"initial": 7}}, ["01-03", "01-03-01", "01-03-02"]
    )

    assert totals == {"01-03": {"initial": 12}, "01-03-01": {"initial": 5}, "01-03-02": {"initial": 7}}


@pytest.mark.parametrize(
    ("path", "sums", "rules"),
    [
        ("01-03", {"initial": 100, "commitment": 100, "spending": 100}, []),
        ("01-03", {"initial": 100, "commitment": 101}, ["commitment_over_current"]),
        ("01-03", {"initial": 100, "supplement": -1, "spending": 100}, ["spending_over_current"]),
        ("01-03", {"initial": 100, "commitment": 50, "spending": 60}, ["spending_over_commitment"]),
        ("01-03", {"spending": 1}, ["no_budget"]),
        ("01-03-01-02-2010-12", {"spending": 1}, []),
    ],
)
def test_b2_spending_within_commitment_within_budget(
    path: str, sums: dict[str, int], rules: list[str]
) -> None:
    assert [breach.rule for breach in breaches({path: sums})] == rules


@pytest.mark.parametrize(
    ("old", "new", "links", "expected"),
    [
        ({1: "a"}, {8: "a"}, [], [([1], [8], False)]),
        ({1: "a"}, {8: "b"}, [(1, 8)], [([1], [8], True)]),
        ({1: "a"}, {8: "b", 9: "c"}, [(1, 8), (1, 9)], [([1], [8, 9], True)]),
        ({1: "a", 2: "b"}, {8: "a"}, [(1, 8), (2, 8)], [([1, 2], [8], True)]),
        ({1: "a"}, {8: "b"}, [], [([1], [], False), ([], [8], False)]),
    ],
)
def test_years_are_compared_across_split_and_joined_codes(
    old: dict[int, str], new: dict[int, str], links: list[tuple[int, int]], expected: list[object]
) -> None:
    assert groups(old, new, links) == expected
