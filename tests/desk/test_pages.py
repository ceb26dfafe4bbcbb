"""Every page of the desk for the one officer at the window, with thirty proposals at all stages."""

import datetime as dt
from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from enishi.desk import cases, selectors, services
from enishi.desk.decisions.procurement import Ground, grounds, kinds_of_contract
from enishi.desk.enums import ConsultationAnswer, ProposalStatus
from enishi.desk.models import BudgetStep, DeskSettings, Proposal, ReplyTemplate, StaffTime, Suggestion
from enishi.knowledge import services as knowledge
from tests.desk.making import WAYS, Desk
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_board_table_list_and_clock_show_all_stages(client: Client, desk: Desk) -> None:
    for status in WAYS:
        desk.at_stage(status, title=f"{status.label}の提案")
    client.force_login(desk.planner)

    board = client.get(reverse("desk:board")).content.decode()
    table = client.get(reverse("desk:board") + "?as=table").content.decode()
    listed = client.get(reverse("desk:proposal_list")).content.decode()
    clock = client.get(reverse("desk:clock"))

    for label in ("受付", "確認", "庁内照会", "対話", "審査", "採択", "実証"):
        assert f"{label}の提案" in board
        assert f"{label}の提案" in table
    assert "不採択の提案" in listed
    assert clock.status_code == 200


@pytest.mark.parametrize("count", [1, 6])
def test_board_and_list_ask_the_same_number_of_questions(
    client: Client, desk: Desk, count: int, django_assert_max_num_queries: object
) -> None:
    for number in range(count):
        desk.proposal(title=f"提案その{number}")
    client.force_login(desk.planner)
    client.get(reverse("desk:board"))

    with django_assert_max_num_queries(32):  # type: ignore[operator]
        client.get(reverse("desk:board"))
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        client.get(reverse("desk:proposal_list"))


def test_moving_by_the_menu_of_a_card(client: Client, desk: Desk) -> None:
    proposal = desk.proposal()
    client.force_login(desk.planner)

    board = client.get(reverse("desk:board")).content.decode()
    moved = client.post(
        reverse("desk:proposal_move", args=[proposal.pk]),
        {"status": "checking", "reason": "", "version": proposal.version, "from": "board"},
    )
    stale = client.post(
        reverse("desk:proposal_move", args=[proposal.pk]),
        {"status": "in_dialogue", "reason": "", "version": proposal.version},
    )

    assert '<option value="withdrawn" data-reason>' in board
    assert moved.headers["Location"] == reverse("desk:board")
    assert Proposal.objects.get().stage == ProposalStatus.CHECKING
    assert "開いているあいだに" in stale.content.decode()


def test_a_stage_that_cannot_be_is_refused_with_what_can(client: Client, desk: Desk) -> None:
    proposal = desk.proposal()
    client.force_login(desk.planner)

    answer = client.post(
        reverse("desk:proposal_move", args=[proposal.pk]),
        {"status": "adopted", "reason": "急ぐため", "version": proposal.version},
    )

    assert (
        "「受付」から「採択」へは進められません。いま選べるのは「確認・取下げ」です。"
        in answer.content.decode()
    )


def test_list_narrows_and_leaves_as_a_sheet(client: Client, desk: Desk) -> None:
    desk.proposal(title="受付のまま")
    desk.at_stage(ProposalStatus.CHECKING, title="確認へ進んだ")
    client.force_login(desk.planner)

    page = client.get(reverse("desk:proposal_list") + "?status=checking").content.decode()
    sheet = client.get(reverse("desk:proposal_list") + "?status=checking&format=csv").content.decode(
        "utf-8-sig"
    )

    assert "確認へ進んだ" in page
    assert "受付のまま" not in page
    assert sheet.count("\n") == 2
    assert "確認へ進んだ" in sheet


def test_the_case_page_for_each_reader(client: Client, desk: Desk) -> None:
    proposal = desk.at_stage(ProposalStatus.CONSULTING)
    asked = services.consult(
        proposal_id=proposal.pk, sections=[desk.welfare], actor=desk.planner, at=proposal.updated_at
    )[0]
    services.answer(
        consultation_id=asked.pk,
        verdict=ConsultationAnswer.CONDITIONAL,
        reason="庁内だけの事情がある",
        actor=desk.manager,
        at=NOON,
    )
    address = proposal.get_absolute_url()

    client.force_login(desk.planner)
    inside = client.get(address).content.decode()
    client.force_login(desk.partner)
    proposer = client.get(address).content.decode()
    client.force_login(desk.rival_partner)
    rival = client.get(address)

    assert "庁内だけの事情がある" in inside
    assert "庁内だけの事情がある" not in proposer
    assert "関わりのある課に、関心があるか" in proposer
    assert rival.status_code == 404


def test_the_proposer_never_reads_names_of_officers_in_the_history(client: Client, desk: Desk) -> None:
    proposal = desk.at_stage(ProposalStatus.CHECKING)
    client.force_login(desk.partner)

    assert "水瀬 千景" not in client.get(proposal.get_absolute_url()).content.decode()


def test_triage_says_why_and_keeps_the_officers_word(client: Client, desk: Desk) -> None:
    desk.welfare.duties = "高齢者の見守り、暮らしの変化への気づき、分電盤の機器"
    desk.welfare.save()
    proposal = desk.proposal()
    client.force_login(desk.planner)

    page = client.get(reverse("desk:triage", args=[proposal.pk])).content.decode()
    suggestion = Suggestion.objects.get(kind="section")
    client.post(reverse("desk:suggestion_answer", args=[suggestion.pk]), {"answer": "accept"})
    client.post(reverse("desk:triage", args=[proposal.pk]))
    consult = client.get(reverse("desk:proposal_consult", args=[proposal.pk])).content.decode()

    assert "事務分掌と同じ言葉" in page
    suggestion.refresh_from_db()
    assert (suggestion.section, suggestion.answer, suggestion.answered_by) == (
        desk.welfare,
        "accepted",
        desk.planner,
    )
    assert Suggestion.objects.filter(kind="section").count() == 1
    assert f'value="{desk.welfare.pk}" aria-' in consult or "checked" in consult


def test_duplicates_and_like_cases_are_pointed_out(client: Client, desk: Desk) -> None:
    first = desk.at_stage(ProposalStatus.DECLINED)
    second = desk.proposal()
    cases.refresh([first], at=NOON)
    knowledge.index("proposal", [first.pk])
    client.force_login(desk.planner)

    client.get(reverse("desk:triage", args=[second.pk]))

    assert Suggestion.objects.get(kind="duplicate").similar == first
    like = Suggestion.objects.get(kind="similar")
    assert any("予算の都合" in reason for reason in like.reasons)


def test_reply_from_a_template(client: Client, desk: Desk) -> None:
    proposal = desk.proposal()
    template = ReplyTemplate.objects.create(
        organization=desk.town, title="受付のお礼", body="「{題名}」({受付番号})を拝見しました。{謎}"
    )
    client.force_login(desk.planner)

    page = client.get(reverse("desk:proposal_reply", args=[proposal.pk]) + f"?from=t{template.pk}")
    client.post(reverse("desk:proposal_reply", args=[proposal.pk]), {"body": "ありがとうございます。"})

    assert f"「電気の使い方で見守る」({proposal.number})を拝見しました。{{謎}}" in page.content.decode()
    assert proposal.messages.get().body == "ありがとうございます。"


def test_one_tap_takes_the_place_of_the_estimate(client: Client, desk: Desk) -> None:
    proposal = desk.at_stage(ProposalStatus.CHECKING)
    assert StaffTime.objects.get().is_estimate
    client.force_login(desk.planner)

    client.post(reverse("desk:proposal_time", args=[proposal.pk]), {"minutes": "15"})
    client.post(reverse("desk:proposal_time", args=[proposal.pk]), {"minutes": "0"})

    assert list(StaffTime.objects.filter(stage="checking").values_list("minutes", "is_estimate")) == [
        (15, False)
    ]


def test_settings_targets_and_two_who_change_them(client: Client, desk: Desk) -> None:
    client.force_login(desk.planner)
    values = {
        "is_open": "on",
        "greeting": "お気軽に",
        "number_in_era": "on",
        "consultation_days": "7",
        "hourly_cost_yen": "3,600",
        "hourly_cost_source": "決算",
        "version": "1",
        **{
            f"target_{stage}": "9"
            for stage in ("received", "checking", "consulting", "in_dialogue", "reviewing")
        },
    }

    client.post(reverse("desk:settings"), values)
    again = client.post(reverse("desk:settings"), {**values, "greeting": "別の案内"})

    chosen = DeskSettings.objects.get()
    assert (chosen.greeting, chosen.consultation_days, chosen.hourly_cost_yen) == ("お気軽に", 7, 3_600)
    assert chosen.targets["checking"] == 9
    page = again.content.decode()
    assert "ほかの人が先に保存しました" in page
    assert "別の案内" in page
    assert "お気軽に" in page


def test_the_budget_calendar_becomes_the_municipalitys_own(client: Client, desk: Desk) -> None:
    client.force_login(desk.planner)
    page = client.get(reverse("desk:budget_calendar"))
    formset = page.context["formset"]
    data = {"form-TOTAL_FORMS": formset.total_form_count(), "form-INITIAL_FORMS": formset.total_form_count()}
    for number, form in enumerate(formset):
        data |= {f"form-{number}-{name}": value for name, value in form.initial.items()}

    client.post(reverse("desk:budget_calendar"), data)

    assert BudgetStep.objects.filter(organization=desk.town, code="request").exists()


@pytest.mark.parametrize("who", ["officer", "manager", "auditor"])
def test_others_of_the_house_do_not_change_settings(client: Client, desk: Desk, who: str) -> None:
    client.force_login(getattr(desk, who))

    for name in ("settings", "mailboxes", "budget_calendar", "template_new", "import_new"):
        assert client.get(reverse(f"desk:{name}")).status_code == 403


def test_a_case_set_to_start_is_measured(client: Client, desk: Desk) -> None:
    proposal = desk.at_stage(ProposalStatus.ADOPTED)
    client.force_login(desk.planner)

    client.post(reverse("desk:proposal_start", args=[proposal.pk]), {"started_on": "令和9年2月1日"})
    before = client.post(reverse("desk:proposal_start", args=[proposal.pk]), {"started_on": "令和8年1月1日"})

    assert Proposal.objects.get().started_on == dt.date(2027, 2, 1)
    assert "受付の日より後" in before.content.decode()


def test_counts_by_stage_say_what_visible_to_says(desk: Desk) -> None:
    shown, kept = desk.at_stage(ProposalStatus.CHECKING), desk.at_stage(ProposalStatus.CHECKING)
    desk.draft()
    desk.at_stage(ProposalStatus.DECLINED)
    Proposal.objects.filter(pk=kept.pk).update(visibility="section", section=desk.welfare)

    for person in (desk.planner, desk.officer, desk.manager, desk.auditor, desk.neighbour, desk.partner):
        rows = selectors.of_desk(person, desk.town)
        expected = Counter(rows.values_list("status", flat=True))
        assert selectors.counts_by_stage(person, desk.town) == dict(expected), person
    assert selectors.counts_by_stage(desk.officer, desk.town)["checking"] == 1
    assert shown.stage == ProposalStatus.CHECKING


def test_the_bodys_own_rule_goes_before_the_cabinet_order(client: Client, desk: Desk) -> None:
    client.force_login(desk.planner)
    page = client.get(reverse("desk:settings")).context["form"]
    values = {name: page[name].value() or "" for name in page.fields}
    values |= {"limit_5": "60万円", "limit_6": "9,000万円", "own_limits_source": "試験市契約規則 第25条"}
    works, others = kinds_of_contract()[0], kinds_of_contract()[5]

    client.post(reverse("desk:settings"), values)

    settings = DeskSettings.objects.get()
    assert settings.own_limits == {others: 600_000, "council": 90_000_000}
    own = {"own": settings.own_limits, "own_source": settings.own_limits_source}
    small = grounds(Ground.ITEM_1, body="city", kind=others, price_yen=700_000, **own)
    assert "規則の上限600,000円" in small.warnings[0] and "試験市契約規則" in small.source
    assert grounds(Ground.ITEM_1, body="city", kind=others, price_yen=700_000).warnings == ()
    assert grounds(Ground.OPEN, body="city", kind=works, price_yen=95_000_000, **own).council_vote is True
    assert grounds(Ground.OPEN, body="city", kind=works, price_yen=95_000_000).council_vote is False
    limits = client.get(reverse("agreements:threshold_list"), {"body": "city", "amount": "70万円"})
    assert "600,000円" in limits.content.decode() and "試験市契約規則" in limits.content.decode()
    client.logout()
    assert "600,000円" not in client.get(reverse("agreements:threshold_list")).content.decode()
