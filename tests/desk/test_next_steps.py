"""The one thing to press next, on the board and on the case."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from enishi.desk import services
from enishi.desk.enums import ConsultationAnswer, ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.next_steps import Answers, answers_of, next_step
from tests.desk.making import Desk
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db


def _words(proposal: Proposal, today: dt.date = TODAY) -> str:
    found = next_step(proposal, answers_of([proposal]).get(proposal.pk, Answers()), today)
    return str(found.words) if found else ""


def test_each_case_names_one_thing_to_do(client: Client) -> None:
    desk = Desk()
    proposal = desk.at_stage(ProposalStatus.CHECKING)
    assert _words(proposal) == "庁内に照会する"
    assert "最初の返事をする" in _words(proposal, TODAY + dt.timedelta(days=11)), "a promise goes first"
    asked = services.consult(
        proposal_id=proposal.pk, sections=[desk.welfare, desk.parks], actor=desk.planner, at=NOON
    )
    proposal.refresh_from_db()
    assert _words(proposal) == "2課のうち0課が回答しました"

    for one, person in zip(asked, (desk.manager, desk.officer), strict=True):
        services.answer(consultation_id=one.pk, verdict=ConsultationAnswer.INTERESTED, actor=person, at=NOON)
    Proposal.objects.filter(pk=proposal.pk).update(first_reply_at=NOON)
    client.force_login(desk.planner)
    page = client.get(proposal.get_absolute_url()).content.decode()

    assert "回答がそろいました。次に進める" in client.get(reverse("desk:board")).content.decode()
    assert page.count("button-primary") == 1 and "回答がそろいました。次に進める" in page
