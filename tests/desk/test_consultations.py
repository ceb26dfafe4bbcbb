"""庁内照会: in parallel, by one click, from the letter, passed on, late, followed to the successor."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from enishi.desk import services
from enishi.desk.enums import ConsultationAnswer, ProposalStatus
from enishi.desk.errors import ReasonNeededError, RefusedError
from enishi.desk.models import Consultation, Routing, SectionMailbox, StageEntry
from enishi.desk.services import consultation_rounds, letters
from enishi.notifications.models import Notice
from enishi.organizations.models import Section
from enishi.organizations.services.sections import close_section
from tests.desk.making import Desk
from tests.factories import NOON, SectionFactory

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 24, 9, 0, tzinfo=NOON.tzinfo)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _ask(desk: Desk, *sections: object, at: dt.datetime = MONDAY) -> list[Consultation]:
    proposal = desk.proposal(at=NOON)
    return services.consult(
        proposal_id=proposal.pk,
        sections=list(sections or (desk.welfare, desk.parks)),
        actor=desk.planner,
        at=at,
        question="場所を出せますか",
        business_days=3,
    )


def test_several_sections_are_asked_at_once(desk: Desk) -> None:
    asked = _ask(desk)

    assert [one.section for one in asked] == [desk.welfare, desk.parks]
    assert {one.due_on for one in asked} == {dt.date(2026, 11, 27)}
    assert asked[0].proposal.stage == ProposalStatus.CONSULTING
    moves = Notice.objects.filter(person=desk.partner, title__contains="になりました")
    assert [notice.title for notice in moves] == [
        f"ご提案「{asked[0].proposal.title}」は「庁内照会」になりました"
    ]


def test_asking_one_section_twice_is_refused(desk: Desk) -> None:
    asked = _ask(desk, desk.welfare)

    with pytest.raises(RefusedError):
        services.consult(
            proposal_id=asked[0].proposal_id, sections=[desk.welfare], actor=desk.planner, at=MONDAY
        )


def test_a_section_where_nobody_would_read_it_is_told_at_once(client: Client, desk: Desk) -> None:
    empty = SectionFactory(organization=desk.town, name="地域協働課")
    proposal = desk.proposal()
    client.force_login(desk.planner)

    answer = client.post(
        reverse("desk:proposal_consult", args=[proposal.pk]),
        {"sections": [empty.pk, desk.welfare.pk], "business_days": 3},
        follow=True,
    )

    assert "地域協働課には、照会が届く人がいません。" in answer.content.decode()
    assert Notice.objects.filter(person=desk.planner, title__contains="地域協働課").count() == 1


def test_the_letter_asks_first_and_cuts_long_letters_of_companies(desk: Desk) -> None:
    letter = "平素より格別のご高配を賜り、厚く御礼申し上げます。\n【実施内容】\n配送員が週2回、声をかけます。\n【強み】\n"
    proposal = desk.proposal(summary=letter + "業界初の二刀流です。安く始められます。\n" * 60)

    services.consult(
        proposal_id=proposal.pk, sections=[desk.welfare], actor=desk.planner, at=MONDAY, question="場所は"
    )

    body = proposal.letters.filter(subject__startswith="庁内照会").first().body
    assert body.index("場所は") < body.index("配送員が") < body.index("抜き書きです")
    assert "平素より" not in body
    assert body.count("安く始められます") < 40


def test_an_answer_that_is_not_yes_needs_its_reason(desk: Desk) -> None:
    asked = _ask(desk, desk.welfare)[0]

    with pytest.raises(ReasonNeededError):
        services.answer(
            consultation_id=asked.pk,
            verdict=ConsultationAnswer.NOT_OURS,
            actor=desk.welfare_officer,
            at=MONDAY,
        )


def test_only_the_section_asked_answers(desk: Desk) -> None:
    asked = _ask(desk, desk.welfare)[0]

    for person in (desk.officer, desk.partner, desk.neighbour, desk.auditor):
        with pytest.raises(PermissionDenied):
            services.answer(
                consultation_id=asked.pk,
                verdict=ConsultationAnswer.INTERESTED,
                actor=person,
                at=MONDAY,
            )


def test_interest_teaches_where_such_proposals_belong(desk: Desk) -> None:
    asked = _ask(desk, desk.welfare)[0]

    services.answer(
        consultation_id=asked.pk, verdict=ConsultationAnswer.INTERESTED, actor=desk.manager, at=MONDAY
    )

    assert Routing.objects.get().section == desk.welfare


def test_a_section_head_answers_from_the_letter(client: Client, desk: Desk) -> None:
    SectionMailbox.objects.create(section=desk.welfare, email="fukushi@city.example.jp")
    asked = _ask(desk, desk.welfare)[0]
    letters.send_letters(MONDAY)
    letter = next(one for one in mail.outbox if one.to == ["fukushi@city.example.jp"])
    address = _address_in(letter)

    opened = client.get(address)
    asked.refresh_from_db()
    assert opened.status_code == 200
    assert asked.is_waiting, "opening answers nothing: mail scanners open links"
    refused = client.post(address, {"answer": "not_ours", "reason": ""})
    answered = client.post(address, {"answer": "conditional", "reason": "屋内に限る"})

    asked.refresh_from_db()
    assert "理由を書いてください" in refused.content.decode()
    assert answered.status_code == 302
    assert (asked.answer, asked.reason, asked.answered_by_link) == ("conditional", "屋内に限る", True)


def test_a_transfer_keeps_the_clock(desk: Desk) -> None:
    asked = _ask(desk, desk.welfare)[0]

    services.transfer(
        consultation_id=asked.pk,
        section=desk.parks,
        actor=desk.welfare_officer,
        at=MONDAY + dt.timedelta(days=2),
        reason="公園の管理のため",
    )

    asked.refresh_from_db()
    assert (asked.section, asked.asked_at, asked.due_on) == (desk.parks, MONDAY, dt.date(2026, 11, 27))
    stretches = list(StageEntry.objects.filter(consultation=asked).order_by("pk"))
    assert [(one.section, one.business_days) for one in stretches] == [(desk.welfare, 2), (desk.parks, None)]


def test_a_section_head_passes_it_on_from_the_letter(client: Client, desk: Desk) -> None:
    SectionMailbox.objects.create(section=desk.welfare, email="fukushi@city.example.jp")
    SectionMailbox.objects.create(section=desk.parks, email="koen@city.example.jp")
    Section.objects.filter(pk=desk.parks.pk).update(duties="公園と広場の管理に関すること。")
    asked = _ask(desk, desk.welfare)[0]
    letters.send_letters(MONDAY)
    address = _address_in(next(one for one in mail.outbox if one.to == ["fukushi@city.example.jp"]))

    shown = client.get(address).content.decode()
    without_reason = client.post(f"{address}transfer/", {"transfer-section": desk.parks.pk})
    passed = client.post(
        f"{address}transfer/",
        {"transfer-section": desk.parks.pk, "transfer-reason": "置く場所は公園のため"},
        follow=True,
    )
    again = client.post(
        f"{address}transfer/", {"transfer-section": desk.welfare.pk, "transfer-reason": "二度"}
    )
    asked.refresh_from_db()
    letters.send_letters(MONDAY)
    arrived = [one for one in mail.outbox if one.to == ["koen@city.example.jp"]]

    assert "公園と広場の管理に関すること。" in shown
    assert (without_reason.status_code, again.status_code) == (422, 302)
    assert "この照会は、いま公園緑地課にあります" in passed.content.decode(), "the address says where it went"
    assert (asked.section, asked.is_waiting, asked.due_on) == (desk.parks, True, dt.date(2026, 11, 27))
    assert "高齢福祉課から回ってきました。置く場所は公園のため" in arrived[0].body
    assert Notice.objects.filter(person=desk.planner, title__startswith="照会が回りました").exists()
    refused = client.post(address, {"answer": "interested", "reason": ""}, follow=True)
    asked.refresh_from_db()
    assert asked.is_waiting and "公園緑地課にあります" in refused.content.decode()
    assert client.post(_address_in(arrived[0]), {"answer": "interested"}).status_code == 302


def test_the_letter_says_when_it_was_passed_to_a_section_that_gets_no_mail(
    client: Client, desk: Desk
) -> None:
    SectionMailbox.objects.create(section=desk.welfare, email="fukushi@city.example.jp")
    nobody = SectionFactory(organization=desk.town, name="新設準備課")
    _ask(desk, desk.welfare)
    letters.send_letters(MONDAY)
    address = _address_in(next(one for one in mail.outbox if one.to == ["fukushi@city.example.jp"]))

    passed = client.post(
        f"{address}transfer/", {"transfer-section": nobody.pk, "transfer-reason": "新しい担当"}, follow=True
    ).content.decode()

    assert "新設準備課にはメールの届く人がまだいないので、窓口が伝えます" in passed
    assert "メールを送りました" not in passed


def _address_in(letter: EmailMessage) -> str:
    return str(re.search(r"https?://[^/\s]+(/\S+)", letter.body)[1])


def test_reminded_the_day_before_and_escalated_when_late(desk: Desk) -> None:
    _ask(desk, desk.welfare)

    consultation_rounds.make_round(dt.datetime(2026, 11, 26, 8, 30, tzinfo=NOON.tzinfo))
    reminded = Notice.objects.filter(person=desk.welfare_officer, title__startswith="回答をお待ちしています")
    assert reminded.count() == 1
    consultation_rounds.make_round(dt.datetime(2026, 11, 26, 9, 30, tzinfo=NOON.tzinfo))
    assert reminded.count() == 1, "one reminder is enough"
    consultation_rounds.make_round(dt.datetime(2026, 12, 1, 8, 30, tzinfo=NOON.tzinfo))

    told = Notice.objects.filter(title__contains="2営業日遅れています")
    assert {notice.person for notice in told} >= {desk.manager, desk.planner}
    assert Consultation.objects.get().escalated_at is not None


def test_a_closed_section_is_followed_to_its_successor(desk: Desk) -> None:
    successor = SectionFactory(organization=desk.town, name="福祉総務課")
    asked = _ask(desk, desk.welfare)[0]
    close_section(
        section_id=desk.welfare.pk,
        last_day=dt.date(2026, 11, 25),
        successors=[successor],
        actor=None,
        at=MONDAY,
    )

    asked.refresh_from_db()
    assert (asked.section, asked.due_on, asked.is_waiting) == (successor, dt.date(2026, 11, 27), True)
    later = services.consult(
        proposal_id=asked.proposal_id,
        sections=[desk.parks],
        actor=desk.planner,
        at=MONDAY,
    )
    assert later[0].section == desk.parks


def test_nobody_is_left_with_a_question_about_a_case_that_is_over(desk: Desk) -> None:
    asked = _ask(desk)

    services.withdraw(proposal_id=asked[0].proposal_id, actor=desk.partner, at=MONDAY)

    assert not Consultation.objects.waiting().exists()
    with pytest.raises(RefusedError):
        services.answer(
            consultation_id=asked[0].pk,
            verdict=ConsultationAnswer.INTERESTED,
            actor=desk.manager,
            at=MONDAY,
        )


def test_answering_on_the_page(client: Client, desk: Desk) -> None:
    asked = _ask(desk, desk.parks)[0]
    client.force_login(desk.officer)

    page = client.get(reverse("desk:consultation_list")).content.decode()
    client.post(reverse("desk:consultation", args=[asked.pk]), {"answer": "interested", "reason": ""})

    assert "電気の使い方で見守る" in page
    asked.refresh_from_db()
    assert asked.answered_by == desk.officer
