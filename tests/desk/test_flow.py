"""The way of a proposal: legal steps, refused jumps, two officers, the clock of each stage."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from enishi.desk import services
from enishi.desk.enums import ProposalKind, ProposalStatus
from enishi.desk.errors import ChangedMeanwhileError, IllegalMoveError, ReasonNeededError, RefusedError
from enishi.desk.models import Proposal, StageEntry
from enishi.desk.services.overdue import tell_of_overdue
from enishi.notifications.models import Notice
from tests.desk.making import WAYS, Desk
from tests.factories import NOON

pytestmark = pytest.mark.django_db
S = ProposalStatus


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("status", list(WAYS))
def test_every_stage_is_reached_by_its_way(desk: Desk, status: ProposalStatus) -> None:
    proposal = desk.at_stage(status)

    assert proposal.stage == status
    assert StageEntry.objects.get(proposal=proposal, left_at__isnull=True).stage == status


def test_a_jump_is_refused_and_says_what_is_possible(desk: Desk) -> None:
    proposal = desk.proposal()

    with pytest.raises(IllegalMoveError) as refused:
        services.move(proposal_id=proposal.pk, status=S.ADOPTED, actor=desk.planner, at=NOON)

    assert "「受付」から「採択」へは進められません" in refused.value.sentence
    assert "確認・取下げ" in refused.value.sentence
    assert "審査を通して" in refused.value.sentence
    assert Proposal.objects.get(pk=proposal.pk).stage == S.RECEIVED


def test_the_second_of_two_officers_is_told_what_the_first_did(desk: Desk) -> None:
    proposal = desk.at_stage(S.CHECKING)
    opened = proposal.version
    services.move(proposal_id=proposal.pk, status=S.IN_DIALOGUE, actor=desk.planner, at=NOON, version=opened)

    with pytest.raises(ChangedMeanwhileError) as refused:
        services.move(
            proposal_id=proposal.pk,
            status=S.DECLINED,
            actor=desk.planner,
            at=NOON,
            reason="予算がない",
            version=opened,
        )

    assert "水瀬 千景がこの提案を「対話」にしました" in refused.value.sentence
    assert Proposal.objects.get(pk=proposal.pk).stage == S.IN_DIALOGUE


def test_declining_needs_a_reason(desk: Desk) -> None:
    proposal = desk.at_stage(S.CHECKING)

    with pytest.raises(ReasonNeededError):
        services.move(proposal_id=proposal.pk, status=S.DECLINED, actor=desk.planner, at=NOON, reason="  ")


def test_an_idea_may_be_adopted_from_the_talk_but_a_proposal_may_not(desk: Desk) -> None:
    idea = desk.at_stage(S.IN_DIALOGUE, kind=ProposalKind.DONATION)
    proposal = desk.at_stage(S.IN_DIALOGUE)

    adopted = services.move(proposal_id=idea.pk, status=S.ADOPTED, actor=desk.planner, at=NOON)
    with pytest.raises(IllegalMoveError):
        services.move(proposal_id=proposal.pk, status=S.ADOPTED, actor=desk.planner, at=NOON)

    assert adopted.decided_at == NOON


def test_others_may_not_move(desk: Desk) -> None:
    proposal = desk.proposal()

    for person in (desk.partner, desk.rival_partner, desk.officer, desk.neighbour, desk.auditor):
        with pytest.raises(PermissionDenied):
            services.move(proposal_id=proposal.pk, status=S.CHECKING, actor=person, at=NOON)


def test_stages_are_timed_in_business_days(desk: Desk) -> None:
    friday = dt.datetime(2026, 11, 20, 15, 0, tzinfo=NOON.tzinfo)
    proposal = desk.proposal(at=friday)

    # 21 and 22 are a weekend, 23 a holiday.
    services.move(
        proposal_id=proposal.pk,
        status=S.CHECKING,
        actor=desk.planner,
        at=dt.datetime(2026, 11, 25, 9, 0, tzinfo=NOON.tzinfo),
    )

    received = StageEntry.objects.get(proposal=proposal, stage=S.RECEIVED)
    assert received.due_on == dt.date(2026, 11, 25)
    assert received.business_days == 2


def test_withdrawn_in_the_middle_of_the_review(desk: Desk) -> None:
    proposal = desk.at_stage(S.REVIEWING)

    services.withdraw(proposal_id=proposal.pk, actor=desk.partner, at=NOON)

    assert Proposal.objects.get(pk=proposal.pk).stage == S.WITHDRAWN
    assert Notice.objects.filter(person=desk.planner, title__startswith="取り下げられました").exists()
    with pytest.raises(IllegalMoveError):
        services.move(proposal_id=proposal.pk, status=S.ADOPTED, actor=desk.planner, at=NOON)


def test_a_draft_is_not_withdrawn_but_thrown_away(desk: Desk) -> None:
    draft = desk.draft()

    with pytest.raises(RefusedError):
        services.withdraw(proposal_id=draft.pk, actor=desk.partner, at=NOON)
    services.discard_draft(proposal_id=draft.pk, actor=desk.partner, at=NOON)

    assert not Proposal.objects.filter(pk=draft.pk).exists()


def test_the_proposer_is_told_of_each_stage(desk: Desk) -> None:
    desk.at_stage(S.DECLINED)

    titles = list(Notice.objects.filter(person=desk.partner).order_by("pk").values_list("title", flat=True))
    assert titles[0].startswith("ご提案を受け付けました(令和8年度-0001)")
    assert titles[1:] == [
        "ご提案「電気の使い方で見守る」は「確認」になりました",
        "ご提案「電気の使い方で見守る」は「不採択」になりました",
    ]
    assert "理由: 予算の都合" in Notice.objects.filter(person=desk.partner).order_by("pk").last().body


def test_the_officer_hears_of_what_is_late_and_later_the_manager(desk: Desk) -> None:
    proposal = desk.proposal(at=NOON)
    assert proposal.stage_due_on == dt.date(2026, 11, 25)

    told = [
        (day, tell_of_overdue(dt.datetime(2026, month, day, 8, 45, tzinfo=NOON.tzinfo)))
        for month, day in ((11, 25), (11, 26), (11, 27), (11, 28), (12, 2))
    ]

    assert told == [(25, 0), (26, 1), (27, 0), (28, 0), (2, 1)]
    assert Notice.objects.filter(person=desk.planner, title__contains="1営業日過ぎています").count() == 1
    assert Notice.objects.filter(person=desk.manager, title__contains="5営業日過ぎています").count() == 1
