"""How a proposal comes in: a partner, a visitor with an e-mail address, an officer who was rung up; numbers and drafts."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from enishi.desk import services
from enishi.desk.enums import MailState, Origin, ProposalKind, ProposalStatus
from enishi.desk.errors import CannotSubmitError, RefusedError
from enishi.desk.models import DeskSettings, Letter, Proposal, ProposerContact, SecretLink
from enishi.desk.services import intake, letters, numbering
from enishi.organizations.enums import OrganizationKind
from tests.desk.making import Desk
from tests.factories import NOON, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_numbers_follow_each_other_per_desk_and_fiscal_year(desk: Desk) -> None:
    march, april = (
        dt.datetime(2027, 3, 31, 9, tzinfo=NOON.tzinfo),
        dt.datetime(2027, 4, 1, 9, tzinfo=NOON.tzinfo),
    )

    given = [
        numbering.next_number(desk.town.pk, NOON),
        numbering.next_number(desk.town.pk, march),
        numbering.next_number(desk.town.pk, april),
        numbering.next_number(desk.other_town.pk, NOON),
    ]

    assert given == ["令和8年度-0001", "令和8年度-0002", "令和9年度-0001", "令和8年度-0001"]


def test_a_municipality_may_number_by_the_common_calendar(desk: Desk) -> None:
    DeskSettings.objects.create(organization=desk.town, number_in_era=False)

    assert desk.proposal().number == "2026-0001"


def test_what_is_missing_is_said_before_sending(desk: Desk) -> None:
    draft = desk.draft(summary="")

    with pytest.raises(CannotSubmitError) as refused:
        services.submit(proposal_id=draft.pk, actor=desk.partner, at=NOON)

    assert refused.value.sentence == "送るまでにあと1か所の記入が必要です: 提案の内容を書いてください。"


def test_sending_twice_gives_one_number(desk: Desk) -> None:
    proposal = desk.proposal()

    with pytest.raises(RefusedError):
        services.submit(proposal_id=proposal.pk, actor=desk.partner, at=NOON)

    assert Proposal.objects.get(pk=proposal.pk).number == "令和8年度-0001"


def test_only_a_public_body_receives(desk: Desk) -> None:
    company = OrganizationFactory(kind=OrganizationKind.COMPANY)

    with pytest.raises(RefusedError):
        services.start_draft(organization=company, kind=ProposalKind.PROPOSAL, actor=desk.partner, at=NOON)


def test_a_partner_writes_five_steps_and_sends(client: Client, desk: Desk) -> None:
    client.force_login(desk.partner)

    begun = client.post(reverse("desk:proposal_new"), {"to": desk.town.pk, "kind": "trial"})
    content = begun.headers["Location"]
    client.post(content, {"title": "見守りの実証", "summary": "百世帯で試します。", "effects": ""})
    plan = content.replace("content", "plan")
    client.post(
        plan,
        {
            "schedule": "来年四月から",
            "requests": "場所",
            "cost_yen": "3万円",
            "cost_note": "",
            "track_record": "",
        },
    )
    client.post(
        content.replace("content", "sealed"),
        {
            "heading_0": "検知の方法",
            "text_0": "波形の特徴量を用いる。",
            "file": SimpleUploadedFile("plan.txt", b"plan"),
            "is_confidential": "on",
        },
    )
    client.post(
        content.replace("content", "contact"), {"name": "担当 花子", "phone": "", "agrees_to_onward": "on"}
    )
    sent = client.post(content.replace("content", "check"), {"then": "send"})

    proposal = Proposal.objects.get()
    assert sent.headers["Location"] == proposal.get_absolute_url()
    assert (proposal.number, proposal.cost_yen, proposal.agrees_to_onward) == (
        "令和8年度-0001",
        30_000,
        True,
    ) or (proposal.cost_yen == 30_000 and proposal.number.endswith("-0001"))
    assert proposal.confidential_parts.get().text == "波形の特徴量を用いる。"
    assert proposal.files.get().is_confidential


def test_a_mistake_in_one_field_loses_nothing(client: Client, desk: Desk) -> None:
    client.force_login(desk.partner)
    draft = desk.draft(schedule="")

    page = client.post(
        reverse("desk:write_step", args=[draft.pk, "plan"]),
        {
            "schedule": "春から半年",
            "requests": "",
            "cost_yen": "たくさん",
            "cost_note": "",
            "track_record": "",
        },
    )

    assert page.status_code == 200
    assert "たくさん" in page.content.decode()
    assert Proposal.objects.get(pk=draft.pk).schedule == "春から半年"


def test_a_visitor_proves_the_address_before_the_receipt(
    client: Client, desk: Desk, django_capture_on_commit_callbacks: object
) -> None:
    begun = client.post(reverse("desk:proposal_new"), {"to": desk.town.pk, "kind": "consultation"})
    content = begun.headers["Location"]
    client.post(content, {"title": "空き店舗で子ども食堂", "summary": "週に二日開きます。"})
    client.post(
        content.replace("content", "contact"),
        {"proposer_name": "ひだまりの会", "name": "春野 灯", "email": "hidamari@example.jp", "phone": ""},
    )
    page = client.post(content.replace("content", "check"), {"then": "send"})

    proposal = Proposal.objects.get()
    assert "hidamari@example.jp" in page.content.decode()
    assert proposal.stage == ProposalStatus.DRAFT
    letters.send_letters(NOON)
    address = _address(mail.outbox[-1].body)
    assert client.get(address).status_code == 200
    assert Proposal.objects.get().stage == ProposalStatus.DRAFT, "opening the link alone sends nothing"
    client.post(f"{address}send/")

    proposal.refresh_from_db()
    assert proposal.stage == ProposalStatus.RECEIVED
    assert proposal.number.endswith("-0001")
    assert ProposerContact.objects.get(proposal=proposal).verified_at is not None
    assert client.get(content).status_code == 404, "the draft's link is closed"


def _address(body: str) -> str:
    return re.search(r"https?://[^/\s]+(/\S+)", body)[1]


def test_the_secret_lies_nowhere_in_the_tables(desk: Desk) -> None:
    draft = desk.visitors_draft()
    intake.ask_for_proof(proposal_id=draft.pk, at=NOON)
    letters.send_letters(NOON)
    secret = _address(mail.outbox[-1].body).rstrip("/").split("/")[-1]

    stored = [
        *SecretLink.objects.values_list("digest", "nonce"),
        *Letter.objects.values_list("body", "subject"),
    ]

    assert len(secret) >= 40
    assert not any(secret in value for row in stored for value in row)


def test_a_visitor_opens_nobody_elses(client: Client, desk: Desk) -> None:
    mine, other = desk.visitors_draft(), desk.visitors_draft(title="別の人の提案", email="other@example.jp")
    intake.ask_for_proof(proposal_id=mine.pk, at=NOON)
    letters.send_letters(NOON)
    secret = _address(mail.outbox[-1].body).rstrip("/").split("/")[-1]

    assert "別の人の提案" not in client.get(reverse("desk:status", args=[secret])).content.decode()
    assert client.get(reverse("desk:status", args=[secret[:-2] + "AA"])).status_code == 404
    assert client.get(reverse("desk:proposal_detail", args=[other.pk])).status_code == 404
    assert client.get(reverse("desk:proposal_detail", args=[mine.pk])).status_code == 404


def test_a_visitor_writes_and_withdraws_on_the_status_page(client: Client, desk: Desk) -> None:
    draft = desk.visitors_draft()
    intake.ask_for_proof(proposal_id=draft.pk, at=NOON)
    letters.send_letters(NOON)
    address = _address(mail.outbox[-1].body)
    client.post(f"{address}send/")

    client.post(f"{address}write/", {"body": "来週なら伺えます。"})
    page = client.get(address).content.decode()
    client.post(f"{address}withdraw/", {"reason": ""})

    assert "来週なら伺えます。" in page
    assert Proposal.objects.get().stage == ProposalStatus.WITHDRAWN


def test_the_callers_name_is_kept_apart(client: Client, desk: Desk) -> None:
    client.force_login(desk.planner)
    begun = client.post(reverse("desk:proposal_on_behalf"), {"to": desk.town.pk, "kind": "consultation"})
    content = begun.headers["Location"]
    client.post(content, {"title": "街路樹の手入れを手伝いたい", "summary": "月に一度、有志で。"})
    client.post(
        content.replace("content", "contact"),
        {"proposer_name": "自治会の有志", "way": "phone", "name": "電話 太郎", "email": "", "phone": "090"},
    )
    client.post(content.replace("content", "check"), {"then": "send"})

    proposal = Proposal.objects.get()
    assert (proposal.origin, proposal.submitted_by, proposal.officer) == (
        Origin.ON_BEHALF,
        None,
        desk.planner,
    )
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "電話 太郎" not in page
    contact = client.get(reverse("desk:proposal_contact", args=[proposal.pk])).content.decode()
    assert "電話 太郎" in contact


def test_a_partner_may_not_write_on_behalf(client: Client, desk: Desk) -> None:
    client.force_login(desk.partner)

    assert client.get(reverse("desk:proposal_on_behalf")).status_code == 403


def test_old_drafts_of_visitors_are_erased_and_partners_kept(desk: Desk) -> None:
    visitors, partners = desk.visitors_draft(), desk.draft()

    intake.forget_old_drafts(NOON + dt.timedelta(days=31))

    assert list(Proposal.objects.values_list("pk", flat=True)) == [partners.pk]
    assert not ProposerContact.objects.filter(proposal_id=visitors.pk).exists()


def test_a_dead_mail_server_costs_no_letter(desk: Desk, settings: object) -> None:
    draft = desk.visitors_draft()
    intake.ask_for_proof(proposal_id=draft.pk, at=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]

    sent = letters.send_letters(NOON)

    letter = Letter.objects.get()
    assert (sent, letter.state, letter.attempts) == (0, MailState.WAITING, 0)
    assert letter.error == "メールサーバーにつながりません。つながりしだい送ります。"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    assert letters.send_letters(NOON) == 1


def test_a_closed_desk_says_so(client: Client, desk: Desk) -> None:
    DeskSettings.objects.create(organization=desk.town, is_open=False)

    with pytest.raises(RefusedError) as refused:
        services.start_draft(organization=desk.town, kind=ProposalKind.PROPOSAL, actor=desk.partner, at=NOON)

    assert "いま提案を受け付けていません" in refused.value.sentence


@pytest.mark.parametrize(
    ("name", "content"), [("plan.exe", b"MZ\x00"), ("plan.pdf", b""), ("plan.pdf", b"not a pdf")]
)
def test_a_wrong_file_is_refused_in_words(client: Client, desk: Desk, name: str, content: bytes) -> None:
    client.force_login(desk.partner)
    draft = desk.draft()

    page = client.post(
        reverse("desk:write_step", args=[draft.pk, "sealed"]),
        {"heading_0": "要点", "text_0": "秘密", "file": SimpleUploadedFile(name, content)},
    )

    assert page.status_code == 200
    assert not draft.files.exists()
    assert "plan" in page.content.decode() or "空" in page.content.decode()
