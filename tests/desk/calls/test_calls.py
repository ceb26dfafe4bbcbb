import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.desk import services as desk
from enishi.desk.calls import panels, services
from enishi.desk.calls.calendar import calendar_of
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import Call
from enishi.desk.enums import Origin, ProposalKind, ProposalStatus
from enishi.desk.models import Posting
from enishi.exchange.errors import RefusedError
from enishi.notifications.models import Notice
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.handover import hand_over_section
from tests.desk.engaging import DAY, call_values, company_person, open_call, planner_of
from tests.factories import NOON, ChallengeFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def planner(town):
    return planner_of(town)


def test_a_partner_cannot_make_a_call(town):
    person, company = company_person()

    with pytest.raises(PermissionDenied):
        services.create_call(organization=company, values=call_values(town), actor=person, at=NOON)


def test_opening_names_everything_that_is_missing(town, planner):
    values = call_values(town, challenges=[], contact_name="", deadline=NOON - DAY)
    call = services.create_call(organization=town, values=values, actor=planner, at=NOON)

    with pytest.raises(RefusedError) as refused:
        services.open_call(call_id=call.pk, actor=planner, at=NOON)

    assert [word in refused.value.sentence for word in ("締切", "課題", "観点", "問い合わせ先")] == [True] * 4


def test_a_public_call_does_not_show_a_hidden_challenge(town, planner):
    hidden = ChallengeFactory(organization=town, visibility=Visibility.INTERNAL)

    with pytest.raises(RefusedError, match="公開していない課題"):
        open_call(town, planner, challenges=[hidden])


def test_somebody_elses_challenge_is_refused(town, planner):
    with pytest.raises(RefusedError, match="自分の団体"):
        open_call(town, planner, challenges=[ChallengeFactory()])


def test_what_is_asked_stays_once_open_and_the_deadline_only_moves_back(town, planner):
    call = open_call(town, planner)
    same = {name: getattr(call, name) for name in services.CALLS.written}

    for change in ({"asks": "別のこと"}, {"deadline": call.deadline - DAY}):
        with pytest.raises(RefusedError):
            services.edit_call(
                call_id=call.pk, values=same | change, version=call.version, actor=planner, at=NOON
            )
    later = services.edit_call(
        call_id=call.pk,
        values=same | {"deadline": call.deadline + DAY},
        version=call.version,
        actor=planner,
        at=NOON,
    )

    assert later.deadline == call.deadline + DAY


def test_criteria_stay_once_open(town, planner):
    call = open_call(town, planner)

    with pytest.raises(RefusedError, match="重み"):
        services.set_criteria(call_id=call.pk, rows=[("価格", "", 100)], actor=planner, at=NOON)


def test_nothing_is_handed_in_from_the_deadline_on(town, planner):
    call = open_call(town, planner)

    services.require_open(call, at=call.deadline - DAY)
    with pytest.raises(services.CallClosedError, match="下書きに残っています"):
        services.require_open(call, at=call.deadline)


def test_a_draft_that_came_too_late_goes_on_as_a_free_proposal(town, planner, client):
    person, company = company_person()
    call = open_call(town, planner)
    draft = desk.start_draft(
        organization=town, kind=ProposalKind.PROPOSAL, actor=person, proposer=company, at=NOON, call=call
    )
    desk.save_draft(
        proposal_id=draft.pk, values={"title": "朝市", "summary": "月に一度。"}, actor=person, at=NOON
    )
    services.close_due(call.deadline)
    client.force_login(person)
    address = reverse("desk:write_step", args=[draft.pk, "check"])

    offered = client.get(address).content.decode()
    client.post(address, {"then": "leave_call"})
    client.post(address, {"then": "send"})

    draft.refresh_from_db()
    assert "自由提案にする" in offered
    assert (draft.call, draft.origin, draft.status) == (None, Origin.FREE, ProposalStatus.RECEIVED)


def test_the_round_closes_what_is_due_and_tells_the_office(town, planner, django_capture_on_commit_callbacks):
    call = open_call(town, planner)

    assert services.close_due(call.deadline - DAY) == 0
    assert services.close_due(call.deadline) == 1

    call.refresh_from_db()
    assert call.status == CallStatus.CLOSED
    assert Notice.objects.filter(person=planner, kind="desk_call").count() == 1


def test_the_answer_is_for_all_and_the_asker_for_nobody(client, town, planner):
    call = open_call(town, planner)
    question = services.ask(
        call_id=call.pk,
        text="青葉建設ですが、夜も対象ですか。",
        name="青葉建設",
        email="q@example.jp",
        person=None,
        at=NOON,
    )
    page = call.get_absolute_url()
    assert "夜も対象" not in client.get(page).content.decode()

    services.answer(
        question_id=question.pk, text="対象です。", public_text="夜も対象ですか。", actor=planner, at=NOON
    )

    shown = client.get(page).content.decode()
    assert ("夜も対象ですか。" in shown, "対象です。" in shown, "青葉建設" in shown, "q@example.jp" in shown) == (
        True, True, False, False,
    )  # fmt: skip
    letter = Posting.objects.get()
    assert (letter.to, "対象です。" in letter.body) == ("q@example.jp", True)


def test_an_answer_does_not_publish_the_askers_name(town, planner):
    call = open_call(town, planner)
    question = services.ask(
        call_id=call.pk, text="青葉建設です。", name="青葉建設", email="", person=None, at=NOON
    )

    with pytest.raises(RefusedError, match="名前"):
        services.answer(question_id=question.pk, text="はい。", public_text="", actor=planner, at=NOON)


def test_questions_end_on_their_day(town, planner):
    call = open_call(town, planner)

    with pytest.raises(RefusedError, match="質問の受付"):
        services.ask(call_id=call.pk, text="まだ?", name="", email="", person=None, at=NOON + 11 * DAY)


def test_addenda_are_numbered_and_told_to_who_asked(town, planner, django_capture_on_commit_callbacks):
    call = open_call(town, planner)
    services.ask(call_id=call.pk, text="問い", name="", email="q@example.jp", person=None, at=NOON)

    with django_capture_on_commit_callbacks(execute=True):
        numbers = [
            services.add(call_id=call.pk, text=f"訂正{n}", actor=planner, at=NOON).number for n in (1, 2)
        ]

    assert numbers == [1, 2]
    assert Posting.objects.filter(to="q@example.jp", subject__contains="追加・訂正").count() == 2


def test_cancelling_says_why_and_skipping_a_step_is_refused(town, planner):
    call = open_call(town, planner)

    with pytest.raises(RefusedError):
        services.change_status(call_id=call.pk, status="decided", reason="", actor=planner, at=NOON)
    with pytest.raises(RefusedError, match="理由"):
        services.change_status(call_id=call.pk, status="cancelled", reason="", actor=planner, at=NOON)
    call = services.change_status(
        call_id=call.pk, status="cancelled", reason="予算が付かなかった", actor=planner, at=NOON
    )

    assert (call.status, call.status_reason) == ("cancelled", "予算が付かなかった")


def test_a_draft_is_found_by_its_house_alone(client, town, planner):
    call = services.create_call(organization=town, values=call_values(town), actor=planner, at=NOON)

    assert client.get(call.get_absolute_url()).status_code == 404
    client.force_login(planner)
    assert "公開までにあと必要なこと" in client.get(call.get_absolute_url()).content.decode()


def test_an_officer_runs_the_calls_of_the_own_section_only(client, town, planner):
    call = open_call(town, planner)
    officer = planner_of(town, Role.OFFICER)
    Call.objects.filter(pk=call.pk).update(
        section=town.sections.create(name="建築課", valid_from="2020-04-01")
    )
    client.force_login(officer)

    assert client.get(reverse("desk:call_edit", args=[call.pk])).status_code == 403


def test_the_office_writes_a_call_on_the_pages(client, town, planner):
    challenge = ChallengeFactory(organization=town)
    client.force_login(planner)
    typed = {
        "title": "移動の足を増やす", "purpose": "買い物", "asks": "乗合", "challenges": [challenge.pk],
        "deadline_on": "令和99年1月5日", "deadline_time": "17:00", "contact_name": "交通係", "visibility": "public",
    }  # fmt: skip

    answer = client.post(reverse("desk:call_new"), typed)
    call = Call.objects.get()
    assert answer.status_code == 302
    rows = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, "form-0-name": "効果", "form-0-weight": 60,
            "form-1-name": "費用", "form-1-weight": ""}  # fmt: skip
    wrong = client.post(reverse("desk:call_criteria", args=[call.pk]), rows)
    assert (wrong.status_code, "重みを1から100まで" in wrong.content.decode()) == (422, True)
    client.post(reverse("desk:call_criteria", args=[call.pk]), rows | {"form-1-weight": 40})
    client.post(reverse("desk:call_open", args=[call.pk]))

    call.refresh_from_db()
    assert (call.status, [row.weight for row in call.criteria.all()]) == ("open", [60, 40])


def test_the_list_counts_filters_and_exports(client, town, planner, django_assert_max_num_queries):
    call = open_call(town, planner)
    services.change_status(call_id=call.pk, status="cancelled", reason="中止", actor=planner, at=NOON)
    open_call(town, planner, title="別の募集")

    with django_assert_max_num_queries(9):
        page = client.get(reverse("desk:call_list"), {"status": "open"}).content.decode()
    table = client.get(reverse("desk:call_list"), {"format": "csv"}).content.decode("utf-8-sig")

    assert ("別の募集" in page, "空き家の見回り" in page) == (True, False)
    assert len(table.strip().splitlines()) == 3


def test_the_calendar_folds_and_names_the_deadline_in_utc(town, planner):
    call = open_call(town, planner, title="長い題名" * 20)

    text = calendar_of(call, address="https://example.jp/desk/calls/1/", at=NOON).decode()

    assert "DTSTART:20261212T030000Z" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert text.replace("\r\n ", "").count("長い題名" * 20) == 4


def test_the_office_reads_the_history_of_a_call_and_others_do_not(client, town, planner):
    call = open_call(town, planner)
    address = reverse("audit:record_history", args=["desk.call", call.pk])
    rival, _company = company_person()
    client.force_login(rival)
    outside = client.get(address).status_code
    client.force_login(planner)
    inside = client.get(address)

    assert (outside, inside.status_code, "審査の観点を決めました。" in inside.content.decode()) == (
        404,
        200,
        True,
    )


def test_the_challenge_shows_its_calls_to_who_may_read_them(client, town, planner):
    challenge = ChallengeFactory(organization=town)
    call = open_call(town, planner, challenges=[challenge])
    draft = services.create_call(
        organization=town,
        values=call_values(town, title="準備中の募集", challenges=[challenge]),
        actor=planner,
        at=NOON,
    )
    visitor = client.get(challenge.get_absolute_url()).content.decode()
    client.force_login(planner)
    staff = client.get(challenge.get_absolute_url()).content.decode()

    assert (call.title in visitor, draft.title in visitor, draft.title in staff) == (True, False, True)


def test_questions_wait_at_home_for_who_may_answer(town, planner):
    call = open_call(town, planner)
    services.ask(call_id=call.pk, text="いつからですか", name="", email="", person=None, at=NOON)
    partner, _company = company_person()

    found = panels.to_answer(planner, NOON)

    assert [(item.title, item.due) for item in found["items"]] == [("いつからですか", call.answers_by)]
    assert panels.to_answer(partner, NOON) is None


def test_a_closed_section_leaves_its_calls_to_the_successor(town, planner):
    old, new = (town.sections.create(name=name, valid_from="2020-04-01") for name in ("旧課", "新課"))
    call = open_call(town, planner, section=old)

    piles = hand_over_section(section=old, successor=new, actor=planner, at=NOON)

    call.refresh_from_db()
    assert (call.section, [pile.count for pile in piles if str(pile.label) == "提案の募集"]) == (new, [1])
