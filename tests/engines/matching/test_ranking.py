import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.matching.build import between, can, direction, evidence, space, want

from enishi.engines.matching import (
    DEFAULT_WEIGHTS,
    NATIONWIDE,
    InvalidInputError,
    MatchWeights,
    Period,
    ReasonKind,
    Rule,
    View,
    best_pairs,
    rank,
    rank_wants,
)

TODAY = dt.date(2026, 11, 22)
SPACE = space()


def only(want_, cans, **arguments):
    (ranking,) = rank([want_], cans, SPACE, as_of=TODAY, **arguments)
    return ranking


def test_nearer_in_meaning_comes_first():
    wanted = direction(1)
    cans = [can("far", vector=direction(2)), can("near", vector=between(wanted, direction(3), 0.3))]

    ranking = only(want(vector=wanted), cans)

    assert [match.can_id for match in ranking.matches] == ["near", "far"]


def test_the_score_is_the_sum_of_its_parts():
    rows = [can(str(number), text=f"断水 {number}", regions=frozenset({"13"})) for number in range(5)]

    ranking = only(want(regions=frozenset({"13101"})), rows)

    for match in ranking.matches:
        assert match.score == pytest.approx(sum(part.contribution for part in match.parts), abs=1e-5)
        assert {part.view for part in match.parts} == set(View)


def test_a_text_without_vector_is_matched_by_its_words():
    silent = np.zeros(64, np.float32)
    cans = [can("other", "鉄道 模型", vector=silent), can("same", "断水 対策", vector=silent)]

    ranking = only(want("w", "断水 が 続く", vector=silent), cans)

    assert ranking.matches[0].can_id == "same"
    assert ranking.matches[0].part(View.MEANING).value is None
    assert ranking.matches[0].part(View.WORDS).value > 0


def test_a_hub_that_is_near_to_all_wants_loses_to_one_that_is_not():
    hub, wanted = direction(10), direction(11)
    bank = np.stack([between(hub, direction(100 + number), 0.2) for number in range(50)])
    cans = [
        can("hub", "a", vector=between(wanted, hub, 0.5)),
        can("own", "b", vector=between(wanted, direction(12), 0.5)),
    ]

    (ranking,) = rank([want(vector=wanted)], cans, replace(SPACE, want_bank=bank), as_of=TODAY)

    assert [match.can_id for match in ranking.matches] == ["own", "hub"]


GOOD_AND_BAD = {
    "fields": (
        {"fields": frozenset({"disaster/water"})},
        {"fields": frozenset({"disaster/water"})},
        {"fields": frozenset({"tourism"})},
    ),
    "kinds": (
        {"kinds": frozenset({"people"})},
        {"kinds": frozenset({"people"})},
        {"kinds": frozenset({"funds"})},
    ),
    "region": (
        {"regions": frozenset({"13101"})},
        {"regions": frozenset({"13101"})},
        {"regions": frozenset({"13999"})},
    ),
    "window": (
        {"window": Period(dt.date(2027, 1, 1), dt.date(2027, 3, 31))},
        {"window": Period(dt.date(2027, 1, 1), dt.date(2027, 12, 31))},
        {"window": Period(dt.date(2027, 3, 30), dt.date(2027, 12, 31))},
    ),
    "budget": (
        {"budget_max_yen": 1_000_000},
        {"cost_min_yen": 0, "cost_max_yen": 0},
        {"cost_min_yen": 3_000_000, "cost_max_yen": 5_000_000},
    ),
    "capacity": ({}, {"capacity": 3, "engaged": 0}, {"capacity": 3, "engaged": 3}),
    "freshness": ({}, {"confirmed_on": TODAY}, {"confirmed_on": dt.date(2024, 1, 1)}),
    "track_record": ({}, {"successes": 9, "attempts": 10}, {"successes": 0, "attempts": 10}),
}


@pytest.mark.parametrize("view", GOOD_AND_BAD)
def test_what_fits_ranks_above_what_is_unsaid_above_what_does_not_fit(view):
    wish, good, bad = GOOD_AND_BAD[view]
    vector = direction(5)
    cans = [
        can("bad", vector=vector, **bad),
        can("unsaid", vector=vector),
        can("good", vector=vector, **good),
    ]

    ranking = only(want(**wish), cans)

    order = [match.can_id for match in ranking.matches]
    assert order.index("bad") > order.index("unsaid")
    assert order.index("good") < order.index("unsaid") or view == "freshness"
    unsaid = next(match for match in ranking.matches if match.can_id == "unsaid")
    assert unsaid.part(View(view)).contribution == 0


LEFT_OUT = {
    Rule.OWN_RESOURCE: ({"owner": "a"}, {"owner": "a"}),
    Rule.CONFLICT_OF_INTEREST: ({"conflicts": frozenset({"a"})}, {"owner": "a"}),
    Rule.EXPIRED: ({}, {"expires_on": dt.date(2026, 11, 21)}),
    Rule.WINDOW_CLOSED: (
        {"window": Period(dt.date(2027, 1, 1), dt.date(2027, 2, 1))},
        {"window": Period(dt.date(2027, 4, 1), None)},
    ),
    Rule.REGION_EXCLUDED: ({"regions": frozenset({"13101"})}, {"regions": frozenset({"27100"})}),
    Rule.NOT_VISIBLE: ({}, {"audience": 7}),
}


@pytest.mark.parametrize("rule", LEFT_OUT, ids=str)
def test_a_can_that_breaks_a_rule_is_left_out_and_counted(rule):
    wish, offer = LEFT_OUT[rule]

    ranking = only(want(**wish), [can("out", **offer), can("in")], audiences={0, 1})

    assert [match.can_id for match in ranking.matches] == ["in"]
    assert {name: count for name, count in ranking.excluded.items() if count} == {rule: 1}


def test_a_can_is_counted_under_one_rule_only():
    both = can("out", owner="a", expires_on=dt.date(2020, 1, 1))

    ranking = only(want(owner="a"), [both])

    assert sum(ranking.excluded.values()) == 1


def test_a_window_in_the_past_is_closed():
    ranking = only(want(), [can("past", window=Period(None, dt.date(2026, 11, 1)))])

    assert ranking.excluded[Rule.WINDOW_CLOSED] == 1


def test_nationwide_serves_every_place_but_less_than_a_neighbour():
    cans = [
        can("all", vector=direction(5), regions=frozenset({NATIONWIDE})),
        can("here", vector=direction(5), regions=frozenset({"131016"})),
    ]

    ranking = only(want(regions=frozenset({"13101"})), cans)

    assert [match.can_id for match in ranking.matches] == ["here", "all"]


def test_a_prefecture_serves_its_municipalities():
    ranking = only(want(regions=frozenset({"13101"})), [can(regions=frozenset({"13"}))])

    assert ranking.matches[0].part(View.REGION).value == 1


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([view.value for view in View]), st.floats(0, 3))
def test_more_weight_never_lowers_a_view_that_speaks_for(view, weight):
    near = between(direction(1), direction(2), 0.2)
    wish = want(vector=direction(1), fields=frozenset({"a"}), budget_max_yen=10)
    offer = can(text="断水", vector=near, fields=frozenset({"a"}), cost_min_yen=1, cost_max_yen=1)

    light = only(wish, [offer], weights=replace(DEFAULT_WEIGHTS, **{view: weight}))
    heavy = only(wish, [offer], weights=replace(DEFAULT_WEIGHTS, **{view: weight + 1}))

    assert heavy.matches[0].score >= light.matches[0].score - 1e-6


def test_one_can_sees_its_wants_with_the_same_scores():
    wants = [want(str(number), vector=direction(number)) for number in range(6)]
    offer = can(vector=between(direction(3), direction(50), 0.4))

    matches = rank_wants(offer, wants, SPACE, as_of=TODAY, top=3)

    assert matches[0].want_id == "3"
    assert [match.rank for match in matches] == [1, 2, 3]
    assert matches[0].score == pytest.approx(only(wants[3], [offer]).matches[0].score)


def test_best_pairs_are_the_best_of_all():
    wants = [want(str(number), vector=direction(number)) for number in range(4)]
    cans = [
        can(str(number), vector=between(direction(number), direction(90), 0.1 * number))
        for number in range(4)
    ]

    pairs = best_pairs(wants, cans, SPACE, as_of=TODAY, top=3)

    assert all(match.want_id == match.can_id for match in pairs)
    assert [match.score for match in pairs] == sorted((match.score for match in pairs), reverse=True)
    assert all(match.reasons for match in pairs)


def test_no_can_gives_an_empty_ranking():
    assert only(want(), []).matches == ()


@pytest.mark.parametrize("arguments", [{"top": 0}, {"unexpected": 6}])
def test_meaningless_arguments_are_refused(arguments):
    with pytest.raises(InvalidInputError):
        only(want(), [can()], **arguments)


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(InvalidInputError, match="cans"):
        only(want(), [can("a"), can("a")])


def test_a_vector_of_another_model_is_refused():
    with pytest.raises(InvalidInputError, match="dimensions"):
        only(want(), [can(vector=np.ones(3, np.float32))])


def test_weights_are_never_negative():
    with pytest.raises(InvalidInputError, match="words"):
        MatchWeights(words=-0.1)


def test_unexpected_cans_of_another_field_take_two_of_ten_places():
    wanted = direction(1)
    near = [
        can(f"same{number:02}", vector=between(wanted, direction(200 + number), 0.3), fields=frozenset({"a"}))
        for number in range(15)
    ]
    far = [
        can(f"other{number}", vector=between(wanted, direction(300 + number), 0.42), fields=frozenset({"b"}))
        for number in range(3)
    ]

    ranking = only(want(vector=wanted, fields=frozenset({"a"})), [*near, *far], unexpected=2)

    first = ranking.matches[:10]
    assert [match.is_unexpected for match in first].count(True) == 2
    assert all(match.can_id.startswith("other") for match in first if match.is_unexpected)
    assert [match.rank for match in ranking.matches] == list(range(1, 19))


def test_nothing_irrelevant_is_called_unexpected():
    wanted = direction(1)
    cans = [can(f"s{number}", vector=wanted, fields=frozenset({"a"})) for number in range(12)]
    cans.append(can("far", vector=-wanted, fields=frozenset({"b"})))

    ranking = only(want(vector=wanted, fields=frozenset({"a"})), cans, unexpected=2)

    assert not any(match.is_unexpected for match in ranking.matches)


def test_phrases_stand_literally_in_their_texts():
    wish = want(text="山 の 断水 が 続く 消防 水")
    offer = can(text="給水 車 と 消防 団 山")

    match = only(wish, [offer]).matches[0]

    assert match.phrases
    for phrase in match.phrases:
        assert wish.evidence.text[phrase.want_start : phrase.want_end] == phrase.want
        assert offer.evidence.text[phrase.can_start : phrase.can_end] == phrase.can
    assert {phrase.can for phrase in match.phrases if phrase.shared} >= {"山", "消防"}
    assert any("給水" in phrase.can and not phrase.shared for phrase in match.phrases)


def test_the_passages_around_near_words_are_quoted():
    wish = want(text="朝 の 駅 に 人 が あふれる。 断水 が 続き、 水 不足。 役場 は 遠い")
    offer = can(text="「鉄道 の 車両 を 貸す」と 書いた。 給水 の 車 二台")

    match = only(wish, [offer]).matches[0]

    near = [(phrase.want, phrase.can) for phrase in match.phrases if not phrase.shared]
    assert near == [("断水 が 続き、 水 不足", "給水 の 車 二台")]
    assert match.reasons[0].text == (
        "課題の「断水 が 続き、 水 不足」に、資源の「給水 の 車 二台」が近い内容です"
    )


@pytest.mark.parametrize("text", ["、、。", "あ" * 300, "word " * 100, "「」()", "1,200円、3.5%です"])
def test_any_text_is_quoted_without_a_fault(text):
    match = only(want(text=text), [can(text=text)]).matches[0]

    assert all(len(phrase.can) <= 80 for phrase in match.phrases if not phrase.shared)


def test_reasons_say_what_is_met_what_is_not_and_what_would_raise_it():
    wish = want(regions=frozenset({"13101"}), budget_max_yen=100_000, kinds=frozenset({"people", "data"}))
    offer = can(
        regions=frozenset({"13103"}),
        cost_min_yen=250_000,
        cost_max_yen=300_000,
        kinds=frozenset({"people"}),
        confirmed_on=dt.date(2025, 11, 22),
    )

    match = only(wish, [offer]).matches[0]

    said = {kind: [reason.text for reason in match.reasons_of(kind)] for kind in ReasonKind}
    assert "求めている種類を持っています: 人材" in said[ReasonKind.MET]
    assert "求めている種類のうち、ないもの: データ" in said[ReasonKind.NOT_MET]
    assert "同じ都道府県ですが、対象の地域は対応地域に入っていません" in said[ReasonKind.NOT_MET]
    assert "費用が予算を150,000円上回ります" in said[ReasonKind.NOT_MET]
    assert "提供者の最後の確認から365日たっています" in said[ReasonKind.NOT_MET]
    assert "提供者が内容を確認すると上がります" in said[ReasonKind.RAISE]


def test_a_can_without_any_word_in_common_still_has_its_parts():
    match = only(want(text="断水"), [can(text="鉄道")]).matches[0]

    assert match.part(View.WORDS).value == 0


def test_an_empty_text_can_be_ranked():
    ranking = only(want(text="", vector=np.zeros(64, np.float32)), [can(), can("c2", text="")])

    assert len(ranking.matches) == 2
    assert evidence("").words == ()


def test_a_cost_that_begins_within_the_budget_is_not_said_to_exceed_it():
    match = only(want(budget_max_yen=0), [can(cost_min_yen=0, cost_max_yen=600_000)]).matches[0]

    assert "費用の下のほうが予算に収まります" in [reason.text for reason in match.reasons_of(ReasonKind.MET)]
    assert not [reason for reason in match.reasons_of(ReasonKind.NOT_MET) if "上回ります" in reason.text]
