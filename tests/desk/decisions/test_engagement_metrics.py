import datetime as dt

import pytest

from enishi.desk.calls import services as calls
from enishi.desk.decisions import services
from enishi.desk.decisions.enums import FirstVerdict, Verdict
from enishi.desk.enums import ProposalStatus
from enishi.foundation.metrics import Period, metric
from tests.desk.engaging import open_call
from tests.desk.making import DAY, Desk
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db
YEAR = Period(dt.date(2026, 4, 1), dt.date(2027, 3, 31))


def figure(desk, key, period=YEAR):
    return metric(key).figure(desk.town.pk, period, TODAY)


def rows(desk, key, actor):
    return metric(key).rows(desk.town.pk, YEAR, TODAY, actor)


def test_the_adoption_share_has_its_parents_and_its_list():
    desk = Desk()
    for place, (verdict, reason) in enumerate(
        (("adopted", "effect"), ("trial", "new"), ("declined", "cost"))
    ):
        proposal = desk.at_stage(ProposalStatus.REVIEWING, title=f"提案{place}")
        services.decide(
            proposal_id=proposal.pk, verdict=Verdict(verdict), reasons=[reason], sentence="理由",
            actor=desk.planner, at=NOON + DAY,
        )  # fmt: skip

    found = figure(desk, "desk.adoption_share")

    assert (found.numerator, found.denominator) == (2, 3)
    assert sorted(row.counts for row in rows(desk, "desk.adoption_share", desk.planner)) == [
        False,
        True,
        True,
    ]
    assert rows(desk, "desk.adoption_share", desk.neighbour) == []
    assert figure(desk, "desk.adoption_share", Period(TODAY - 9 * DAY, TODAY)).missing


def test_a_proposal_declined_in_the_reply_and_in_the_decision_counts_once():
    desk = Desk()
    replied = desk.proposal()
    services.reply_first(
        proposal_id=replied.pk, verdict=FirstVerdict.DECLINE, reasons=["no_budget"], sentence="予算",
        text="見送ります", actor=desk.planner, at=NOON,
    )  # fmt: skip
    services.decide(
        proposal_id=replied.pk, verdict=Verdict.DECLINED, reasons=["no_budget", "timing"], sentence="予算",
        actor=desk.planner, at=NOON,
    )  # fmt: skip

    found = figure(desk, "desk.declines")

    assert found.value == 1
    assert {str(label): count for label, count in found.beside} == {
        "予算が確保できない": "1",
        "時期が合わない": "1",
    }


def test_calls_count_from_their_publication_with_their_answers():
    desk = Desk()
    call = open_call(desk.town, desk.planner)
    proposal = desk.proposal()
    type(proposal).objects.filter(pk=proposal.pk).update(call=call)
    calls.create_call(
        organization=desk.town,
        values={name: getattr(call, name) for name in calls.CALLS.written},
        actor=desk.planner,
        at=NOON,
    )

    found = figure(desk, "desk.calls")

    assert (found.value, [count for _label, count in found.beside]) == (1, ["1"])
    assert [row.title for row in rows(desk, "desk.calls", desk.partner)] == [call.title]
