"""The legal forms: the thirty cases of the data, what is said about each form, and every refusal."""

import dataclasses
import doctest
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.agreements.knowledge import data, knowledge, standard_risks, thresholds
from enishi.engines.core.errors import InvalidInputError
from enishi.engines.schemes import (
    Citation,
    RiskShare,
    advise,
    advising,
    compare,
    comparing,
    council_vote_needed,
    gaps,
    limits_for,
    model,
    next_question,
    occurrence,
    read_knowledge,
    reading,
    risks,
)
from enishi.engines.schemes import (
    thresholds as thresholds_engine,
)

KNOWN = knowledge()
CASES = data("collaboration_schemes")["tests"]


@pytest.mark.parametrize("module", [advising, comparing, model, reading, risks, thresholds_engine])
def test_examples_in_docstrings_hold(module: ModuleType):
    assert doctest.testmod(module).failed == 0


def test_the_data_is_whole():
    assert (len(KNOWN.schemes), len(KNOWN.rules), len(CASES), len(standard_risks())) == (36, 37, 30, 57)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_published_cases(case):
    advice = advise(case["answers"], KNOWN)

    assert advice.first is not None
    assert (advice.first.scheme.id, advice.first.rule_id) == (case["expected"], case["rule"])
    assert [each.scheme.id for each in advice.recommendations if each.role == "also"] == case["also"]
    rule = next(rule for rule in KNOWN.rules if rule.id == case["rule"])
    assert [each.scheme.id for each in advice.recommendations if each.role == "alternative"] == list(
        rule.alternatives
    )


@pytest.mark.parametrize("scheme", KNOWN.schemes.values(), ids=list(KNOWN.schemes))
def test_every_form_says_what_people_ask(scheme):
    assert scheme.authority.text
    assert scheme.responsibility.text
    assert scheme.lead_time.text and not scheme.lead_time.is_verified
    assert scheme.steps
    assert scheme.duration.text and "unverified" not in scheme.duration.text and "memory" not in scheme.limit


@pytest.mark.parametrize("scheme", KNOWN.schemes.values(), ids=list(KNOWN.schemes))
def test_every_citation_leads_to_a_text_with_its_date(scheme):
    cited = [*scheme.citations, *(cite for step in scheme.steps for cite in step.citations)]

    for citation in cited:
        article = KNOWN.article(citation)
        assert article is not None, citation
        assert article.text and article.as_of.startswith("20")


def test_what_the_file_doubts_is_marked_and_not_shown_as_fact():
    assert KNOWN.schemes["pfi"].duration.seen == "unverified"
    assert KNOWN.schemes["pfi"].duration.text == "15〜20年ほど"
    assert KNOWN.schemes["shitei_kanri"].duration.is_verified
    assert not KNOWN.schemes["ichibu_jimu_kumiai"].personality.is_verified


def test_ruled_out_forms_say_which_answer_spoke_against_them():
    answers = {"partner": "local_government", "who_decides": "keep_name", "work": "execute"}

    out = {each.scheme.id: each for each in advise(answers, KNOWN).ruled_out}

    assert out["saigai_oen"].because == "unanswered"
    # 事務の委託 stands among the alternatives of R08, so it is not ruled out.
    assert "jimu_itaku" not in out
    assert out["renkei_kyoyaku"].because == "unmet"
    assert [(each.condition.question, each.answer) for each in out["renkei_kyoyaku"].lacking] == [
        ("work", "execute")
    ]
    assert "pfi" not in out


def test_a_missing_answer_is_never_assumed():
    advice = advise({"partner": "prefecture_to_municipality"}, KNOWN)

    assert advice.recommendations == ()
    assert advice.open_questions == ("who_decides",)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"partner": "martian"}, "partner"),
        ({"disaster": "yes"}, "disaster"),
        ({"disaster": 1}, "disaster"),
        ({"amount_yen": -1}, "amount_yen"),
        ({"amount_yen": True}, "amount_yen"),
        ({"amount_yen": float("nan")}, "amount_yen"),
        ({"amount_yen": "100"}, "amount_yen"),
    ],
)
def test_answers_that_mean_nothing_are_refused(answers, field):
    with pytest.raises(InvalidInputError) as refused:
        advise(answers, KNOWN)

    assert refused.value.field == field


def _values(question):
    return st.integers(0, 10**10) if question.is_number else st.sampled_from(list(question.labels))


ANSWERS = st.fixed_dictionaries({}, optional={name: _values(q) for name, q in KNOWN.questions.items()})


@given(ANSWERS)
def test_any_answers_give_each_form_at_most_once_and_following_the_questions_ends(answers):
    advice = advise(answers, KNOWN)

    shown = [each.scheme.id for each in advice.recommendations] + [
        each.scheme.id for each in advice.ruled_out
    ]
    assert len(shown) == len(set(shown))
    assert (advice.first is None) or next_question(answers, KNOWN) not in answers


@given(ANSWERS)
def test_answering_what_is_asked_always_comes_to_an_end(answers):
    given_so_far = {"partner": answers.get("partner", "private")}
    for _turn in range(len(KNOWN.questions) + 1):
        asked = next_question(given_so_far, KNOWN)
        if asked is None:
            return
        assert asked not in given_so_far
        question = KNOWN.questions[asked]
        given_so_far[asked] = answers.get(asked, 0 if question.is_number else next(iter(question.labels)))
    pytest.fail("the questions never end")


def test_compare_is_the_same_with_itself_and_mirrors():
    one, other = KNOWN.schemes["jimu_itaku"], KNOWN.schemes["renkei_kyoyaku"]

    assert {row.verdict for row in compare(one, one)} == {"same"}
    assert [(row.left, row.right, row.verdict) for row in compare(one, other)] == [
        (row.right, row.left, row.verdict) for row in compare(other, one)
    ]


def test_limits_differ_by_the_kind_of_body():
    rows = thresholds()["small_negotiated_contract_施行令167条の2第1項1号_別表第五"]

    assert [limit.yen for limit in limits_for("prefecture", rows)] == [
        4_000_000,
        3_000_000,
        1_500_000,
        1_000_000,
        500_000,
        2_000_000,
    ]
    assert limits_for("city", rows) == limits_for("town", rows)
    assert limits_for("city", rows)[0].before_2025_04_yen == 1_300_000
    with pytest.raises(InvalidInputError):
        limits_for("village", rows)  # type: ignore[arg-type]


def test_council_votes_from_the_floor_on():
    floors = thresholds()["council_contract_地方自治法96条1項5号_別表第三"]

    assert not council_vote_needed(49_999_999, "town", floors)
    assert council_vote_needed(50_000_000, "town", floors)
    with pytest.raises(InvalidInputError):
        council_vote_needed(-1, "town", floors)


def test_gaps_name_each_open_risk():
    table = [
        RiskShare("C01", "nobody"),
        RiskShare("C20", "both"),
        RiskShare("C21", "mainly_municipality", threshold="1.5%を超える分"),
        RiskShare("C23", "partner"),
        RiskShare("C26", "cause"),
        RiskShare("M06", "partner", remedy="協議", is_demand=True),
    ]

    found = [(gap.key, gap.reason, gap.weight) for gap in gaps(table, payment="service")]

    assert found == [
        ("C01", "nobody", "must"),
        ("C20", "no_boundary", "must"),
        ("C23", "no_cap", "look"),
        ("M06", "demand_mismatch", "look"),
    ]
    with pytest.raises(InvalidInputError):
        gaps([RiskShare("C01", "nobody"), RiskShare("C01", "both")])


def test_occurrence_counts_each_listed_risk_once():
    assert occurrence(["C01", "C20"], ["C20", "C20", "Z9"]) == (1, 2)
    assert occurrence([], ["C20"]) == (0, 0)


def test_knowledge_with_an_unknown_name_is_refused():
    schemes = data("collaboration_schemes")
    broken = {**schemes, "rules": [{**schemes["rules"][0], "recommend": "nothing"}]}

    with pytest.raises(InvalidInputError):
        read_knowledge(broken, data("law_articles"), {}, {})


def test_citations_are_values():
    assert dataclasses.replace(Citation("地方自治法", "96"), item=5) == Citation("地方自治法", "96", None, 5)
