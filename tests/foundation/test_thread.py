import datetime as dt

from enishi.foundation.thread import Reached, Stage, case_thread

TODAY = dt.date(2026, 11, 22)


def test_the_thread_has_seven_knots_in_order() -> None:
    knots = case_thread(here=Stage.CHALLENGE, reached={}, today=TODAY)

    assert [str(knot.label) for knot in knots] == ["課題", "縁", "提案", "協定", "事業", "評価", "予算"]
    assert [knot.state for knot in knots] == ["here", *["ahead"] * 6]


def test_reached_knots_are_links_with_the_days_spent() -> None:
    reached = {
        Stage.CHALLENGE: Reached(dt.date(2026, 6, 1), "/challenges/1", "雪下ろし"),
        Stage.MATCH: Reached(dt.date(2026, 8, 20), "/matches/2"),
        Stage.PROPOSAL: Reached(dt.date(2026, 11, 2), "/proposals/3"),
    }

    challenge, match, proposal, *_later = case_thread(here=Stage.MATCH, reached=reached, today=TODAY)

    assert (challenge.state, challenge.url, challenge.days) == ("past", "/challenges/1", 80)
    assert (match.state, match.url, match.days) == ("here", "", 74)
    assert (proposal.state, proposal.url, proposal.days) == ("past", "/proposals/3", 20)
