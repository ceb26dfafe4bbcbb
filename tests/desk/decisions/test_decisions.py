import datetime as dt
import io
import zipfile
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connections
from django.urls import reverse
from django.utils import translation
from docx import Document

from enishi.desk.decisions import learning, letters, onward, services
from enishi.desk.decisions.enums import FirstVerdict, OfferState, Verdict
from enishi.desk.decisions.models import Decision, FirstReply, Learned
from enishi.desk.decisions.packs import PAPERS, case_of, pack
from enishi.desk.decisions.procurement import Ground, grounds
from enishi.desk.enums import ProposalStatus
from enishi.desk.errors import IllegalMoveError
from enishi.desk.models import Letter, Proposal, ProposalFile
from enishi.desk.services import links, move
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches.services import index_now
from enishi.exchange.models import Challenge
from enishi.language.extracting import extract
from enishi.notifications.models import Notice
from tests.desk.engaging import planner_of
from tests.desk.making import DAY, Desk
from tests.factories import NOON, ChallengeFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
S = ProposalStatus


@pytest.fixture
def desk():
    return Desk()


def first(proposal, desk, verdict=FirstVerdict.GO_ON, reasons=("fits",), at=NOON, **also):
    values = {
        "sentence": "課題に合う",
        "text": "ありがとうございます。進めます。",
        "actor": desk.planner,
    } | also
    return services.reply_first(
        proposal_id=proposal.pk, verdict=verdict, reasons=list(reasons), at=at, **values
    )


def decide(proposal, desk, verdict=Verdict.ADOPTED, reasons=("effect",), **also):
    values = {"sentence": "効果がはっきりしている", "actor": desk.planner, "at": NOON + DAY} | also
    return services.decide(proposal_id=proposal.pk, verdict=verdict, reasons=list(reasons), **values)


def declined(desk, **values):
    proposal = desk.at_stage(S.CHECKING, agrees_to_onward=True, agrees_to_publication=True, **values)
    decide(proposal, desk, Verdict.DECLINED, ["no_budget"], sentence="来年度の予算がない")
    proposal.refresh_from_db()
    return proposal


# --- First reply ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reasons", "status"),
    [
        (FirstVerdict.GO_ON, ["fits"], S.CHECKING),
        (FirstVerdict.HOLD, ["missing"], S.RECEIVED),
        (FirstVerdict.DECLINE, ["no_budget"], S.DECLINED),
    ],
)
def test_the_first_reply_moves_the_case_and_stops_the_clock(desk, verdict, reasons, status):
    proposal = desk.proposal()

    first(proposal, desk, verdict, reasons)

    proposal.refresh_from_db()
    assert (proposal.status, proposal.first_reply_at) == (status, NOON)
    assert Notice.objects.filter(person=desk.partner, title__contains="お返事").count() == 1


def test_a_second_first_reply_is_told_who_replied(desk):
    proposal = desk.proposal()
    first(proposal, desk)

    with pytest.raises(services.AlreadyRepliedError, match="水瀬 千景"):
        first(proposal, desk, actor=desk.planner)
    assert FirstReply.objects.count() == 1


def test_reasons_against_do_not_explain_a_yes(desk):
    with pytest.raises(RefusedError, match="理由を一覧から"):
        first(desk.proposal(), desk, FirstVerdict.GO_ON, ["no_budget"])
    with pytest.raises(RefusedError, match="ひとこと"):
        first(desk.proposal(), desk, sentence=" ")


def test_a_rival_and_another_town_cannot_reply(desk):
    proposal = desk.proposal()

    for actor in (desk.rival_partner, desk.neighbour, desk.auditor):
        with pytest.raises(PermissionDenied):
            first(proposal, desk, actor=actor)


def test_overdue_first_replies_reach_the_manager_once(desk):
    proposal, answered = desk.proposal(), desk.proposal(title="別の提案")
    first(answered, desk)

    assert services.escalate_overdue(NOON + 14 * DAY) == 0
    assert services.escalate_overdue(NOON + 14 * DAY + dt.timedelta(minutes=1)) == 1
    assert services.escalate_overdue(NOON + 20 * DAY) == 0

    assert (
        Notice.objects.filter(
            person=desk.manager, kind="desk_overdue", title__contains=proposal.number
        ).count()
        == 1
    )


def test_the_reply_begins_from_what_the_desk_wrote_before(client, desk):
    first(desk.proposal(title="電気の使い方で見守る仕組み"), desk, text="電気の見守りの件、拝見しました。")
    proposal = desk.proposal(title="電気の使い方で見守る")
    client.force_login(desk.planner)

    page = client.get(reverse("desk:first_reply", args=[proposal.pk])).content.decode()
    key = page.split('href="?use=f')[1].split('"')[0]
    used = client.get(reverse("desk:first_reply", args=[proposal.pk]), {"use": f"f{key}"}).content.decode()

    assert "電気の見守りの件、拝見しました。" in used


def test_the_reply_is_written_on_the_page_and_nothing_typed_is_lost(client, desk):
    proposal = desk.proposal()
    client.force_login(desk.planner)
    typed = {"verdict": "go_on", "reasons": ["no_budget"], "sentence": "合う", "text": "本文です"}

    wrong = client.post(reverse("desk:first_reply", args=[proposal.pk]), typed)
    right = client.post(reverse("desk:first_reply", args=[proposal.pk]), typed | {"reasons": ["fits"]})

    assert (wrong.status_code, "本文です" in wrong.content.decode(), right.status_code) == (422, True, 302)


# --- Decision ------------------------------------------------------------------------------------------------------------


def test_a_decision_moves_the_case_and_names_its_reason(desk):
    proposal = desk.at_stage(S.REVIEWING)

    decision = decide(proposal, desk)

    proposal.refresh_from_db()
    assert (proposal.status, decision.reasons, decision.decided_by) == (S.ADOPTED, ["effect"], desk.planner)


def test_who_decides_second_is_told_what_was_decided(desk):
    proposal = desk.at_stage(S.REVIEWING)
    decide(proposal, desk)

    with pytest.raises(services.AlreadyDecidedError, match=r"水瀬 千景.*採択"):
        decide(proposal, desk, Verdict.DECLINED, ["cost"])
    assert Decision.objects.get().verdict == Verdict.ADOPTED


@pytest.mark.django_db(transaction=True)
def test_two_officers_deciding_at_once_make_one_decision(desk):
    proposal = desk.at_stage(S.REVIEWING)
    gate, answers = Barrier(2), []

    def run(verdict, reason):
        try:
            gate.wait()
            decide(proposal, desk, verdict, [reason])
            answers.append(str(verdict))
        except Exception as error:
            answers.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [
        Thread(target=run, args=pair) for pair in ((Verdict.ADOPTED, "effect"), (Verdict.DECLINED, "cost"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decision = Decision.objects.get()
    proposal.refresh_from_db()
    assert (len([each for each in answers if each in Verdict.values]), proposal.status) == (
        1,
        decision.verdict,
    )


def test_a_page_opened_before_somebody_else_moved_the_case_is_refused(desk):
    proposal = desk.at_stage(S.REVIEWING)

    with pytest.raises(RefusedError, match="開いているあいだに"):
        decide(proposal, desk, version=proposal.version - 1)
    assert not Decision.objects.exists()


def test_adopting_without_a_review_is_refused(desk):
    with pytest.raises(IllegalMoveError):
        decide(desk.at_stage(S.CHECKING), desk)


def test_a_trial_is_decided_anew_when_it_ends(desk):
    proposal = desk.at_stage(S.REVIEWING)
    decide(proposal, desk, Verdict.TRIAL, ["new"])

    decision = decide(proposal, desk, Verdict.ADOPTED, ["effect"], sentence="実証で効果が出た")

    assert (Decision.objects.count(), decision.verdict) == (1, Verdict.ADOPTED)


def text_of(docx):
    return extract(docx, name="x.docx").text


def test_the_letter_says_result_reason_and_condition_as_word_and_as_pdf(client, desk):
    proposal = desk.at_stage(S.REVIEWING)
    decision = decide(
        proposal,
        desk,
        conditions="# 夜間は除く\n| 表 | に見える |",
        letter_number="青企第12号",
        signatory="あおば市長",
    )

    written = text_of(letters.letter_docx(decision))
    client.force_login(desk.partner)
    pdf = client.get(reverse("desk:decision_letter", args=[decision.pk, "pdf"]))
    read = extract(pdf.content, name="x.pdf").text

    for word in ("採択", "効果がはっきりしている", "夜間は除く", "青企第12号", "あおば市長", proposal.number):
        assert word in written
    assert "効果がはっきりしている" in read.replace("\n", "")
    assert not any(
        paragraph.text.startswith("夜間") and paragraph.alignment
        for paragraph in Document(io.BytesIO(letters.letter_docx(decision))).paragraphs
    )


def test_the_letter_is_for_both_sides_only(client, desk):
    decision = decide(desk.at_stage(S.REVIEWING), desk)
    address = reverse("desk:decision_letter", args=[decision.pk, "docx"])
    answers = {}
    for name in ("planner", "partner", "rival_partner", "neighbour"):
        client.force_login(getattr(desk, name))
        answers[name] = client.get(address).status_code

    assert answers == {"planner": 200, "partner": 200, "rival_partner": 404, "neighbour": 404}


def test_a_visitor_gets_the_letter_by_the_link(client, desk):
    decision = decide(desk.at_stage(S.REVIEWING), desk)
    secret = links.secret_of(links.status_link(decision.proposal, at=NOON))

    assert client.get(reverse("desk:letter_by_link", args=[secret, "docx"])).status_code == 200
    assert client.get(reverse("desk:letter_by_link", args=["nonsense", "docx"])).status_code == 404


def test_a_result_is_published_without_names_and_with_consent(client, desk):
    silent = decide(desk.at_stage(S.REVIEWING), desk)
    with pytest.raises(RefusedError, match="同意"):
        services.publish_result(
            decision_id=silent.pk, public_text="採択した。", names_proposer=False, actor=desk.planner, at=NOON
        )
    proposal = desk.at_stage(
        S.REVIEWING,
        agrees_to_publication=True,
        title="別",
        parts=[("仕組み", "分電盤の波形を三分ごとに学習させる方式")],
    )
    decision = decide(proposal, desk)
    for text in (
        f"{desk.company.name}の案を採択した。",
        "分電盤の波形を三分ごとに学習させる方式を採択した。",
    ):
        with pytest.raises(RefusedError, match="名前や"):
            services.publish_result(
                decision_id=decision.pk, public_text=text, names_proposer=False, actor=desk.planner, at=NOON
            )
    services.publish_result(
        decision_id=decision.pk,
        public_text="見守りの案を採択した。",
        names_proposer=False,
        actor=desk.planner,
        at=NOON,
    )

    page = client.get(reverse("desk:result_list")).content.decode()
    assert ("見守りの案を採択した。" in page, desk.company.name in page) == (True, False)


# --- Onward --------------------------------------------------------------------------------------------------------------


def test_candidates_are_public_and_nearest_first(desk):
    near = ChallengeFactory(title="分電盤の電気の使い方で一人暮らしの高齢者を見守りたい")
    ChallengeFactory(
        title="海辺のごみを減らしたい",
        present_state="海岸に流れ着くごみが多い。",
        desired_state="きれいな浜。",
    )
    hidden = ChallengeFactory(title="分電盤で見守る", visibility="internal")
    index_now("challenge", Challenge.objects.values_list("pk", flat=True))
    proposal = declined(desk)

    found = onward.candidates(proposal)

    assert found[0].challenge == near
    assert hidden not in [each.challenge for each in found]


def test_the_other_town_hears_nothing_before_the_proposers_yes(client, desk):
    town = OrganizationFactory()
    challenge = ChallengeFactory(organization=town)
    proposal = declined(desk, parts=[("ひみつ", "カナリア秘伝の配合")])

    made = onward.offer(
        proposal_id=proposal.pk, challenge_id=challenge.pk, why="近い", actor=desk.planner, at=NOON
    )
    assert not Proposal.objects.filter(organization=town).exists()
    with pytest.raises(PermissionDenied):
        onward.answer(offer_id=made.pk, agrees=True, actor=desk.rival_partner, at=NOON)
    made = onward.answer(offer_id=made.pk, agrees=True, actor=desk.partner, at=NOON)

    copy = Proposal.objects.get(organization=town)
    assert (copy.status, copy.challenge, copy.title, copy.proposer) == (
        S.RECEIVED,
        challenge,
        proposal.title,
        desk.company,
    )
    assert (made.state, made.sent_as, "同意しました" in made.consent_text) == (OfferState.AGREED, copy, True)
    assert not copy.confidential_parts.exists()
    client.force_login(planner_of(town))
    assert "紹介した理由: 近い" in client.get(copy.get_absolute_url()).content.decode()


def test_a_no_sends_nothing_and_an_answer_counts_once(desk):
    challenge = ChallengeFactory()
    proposal = declined(desk)
    made = onward.offer(
        proposal_id=proposal.pk, challenge_id=challenge.pk, why="", actor=desk.planner, at=NOON
    )

    onward.answer(offer_id=made.pk, agrees=False, actor=desk.partner, at=NOON)

    with pytest.raises(RefusedError, match="もうお返事"):
        onward.answer(offer_id=made.pk, agrees=True, actor=desk.partner, at=NOON)
    assert not Proposal.objects.filter(organization=challenge.organization).exists()


def test_without_consent_or_decline_nobody_is_asked(desk):
    challenge = ChallengeFactory()
    quiet = desk.at_stage(S.DECLINED)
    going = desk.at_stage(S.CHECKING, agrees_to_onward=True, title="進行中")

    for proposal in (quiet, going):
        with pytest.raises(RefusedError):
            onward.offer(
                proposal_id=proposal.pk, challenge_id=challenge.pk, why="", actor=desk.planner, at=NOON
            )


def test_the_proposer_answers_on_the_own_page(client, desk):
    challenge = ChallengeFactory()
    made = onward.offer(
        proposal_id=declined(desk).pk, challenge_id=challenge.pk, why="近い", actor=desk.planner, at=NOON
    )
    kept = {"added_at": NOON, "size": 7, "sha256": "0" * 64, "content_type": "text/plain"}
    plan, prices, _sketch = (
        ProposalFile.objects.create(
            proposal=made.proposal,
            name=name,
            file=ContentFile(b"content", "f"),
            is_confidential=closed,
            **kept,
        )
        for name, closed in (("進め方.txt", False), ("単価.txt", True), ("見取図.txt", False))
    )
    client.force_login(desk.partner)
    page = client.get(made.proposal.get_absolute_url()).content.decode()
    chosen = {"answer": "yes", "files": [plan.pk, prices.pk]}
    client.post(reverse("desk:onward_answer", args=[made.pk]), chosen)

    made.refresh_from_db()
    assert ("紹介してよい" in page, made.state) == (True, OfferState.AGREED)
    (copy,) = made.sent_as.files.all()
    assert (copy.name, copy.file.size, made.consent_text.endswith("添えるファイル: 進め方.txt")) == (
        "進め方.txt",
        7,
        True,
    )
    assert "見取図.txt" in page and f'value="{prices.pk}"' not in page


def test_a_visitor_answers_by_the_link(client, desk):
    challenge = ChallengeFactory()
    proposal = declined(desk)
    made = onward.offer(
        proposal_id=proposal.pk, challenge_id=challenge.pk, why="近い", actor=desk.planner, at=NOON
    )
    secret = links.secret_of(links.status_link(proposal, at=NOON))

    client.post(reverse("desk:onward_answer_by_link", args=[secret, made.pk]), {"answer": "yes"})

    made.refresh_from_db()
    assert made.state == OfferState.AGREED


# --- Learning ------------------------------------------------------------------------------------------------------------

LEARNT = {
    "title": "見守りの提案",
    "tried": "電気で見守る",
    "why": "予算がない",
    "advice": "",
    "reasons": ["no_budget"],
}


def test_what_others_may_learn_is_checked_for_names_first(client, desk):
    proposal = declined(desk)
    named = learning.write_learned(
        proposal_id=proposal.pk,
        values=LEARNT | {"why": f"{desk.company.name}と折り合わず"},
        actor=desk.planner,
        at=NOON,
    )
    with pytest.raises(RefusedError, match="名前"):
        learning.publish_learned(learned_id=named.pk, has_looked=True, actor=desk.planner, at=NOON)
    learned = learning.write_learned(proposal_id=proposal.pk, values=LEARNT, actor=desk.planner, at=NOON)
    with pytest.raises(RefusedError, match="確かめた"):
        learning.publish_learned(learned_id=learned.pk, has_looked=False, actor=desk.planner, at=NOON)
    assert "見守りの提案" not in client.get(reverse("desk:learned_list")).content.decode()

    learning.publish_learned(learned_id=learned.pk, has_looked=True, actor=desk.planner, at=NOON)

    page = client.get(reverse("desk:learned_list"), {"reason": "no_budget"}).content.decode()
    other = client.get(reverse("desk:learned_list"), {"reason": "legal"}).content.decode()
    assert ("見守りの提案" in page, "見守りの提案" in other, desk.company.name in page) == (
        True,
        False,
        False,
    )


def test_another_wording_is_looked_at_again(desk):
    proposal = declined(desk)
    learned = learning.write_learned(proposal_id=proposal.pk, values=LEARNT, actor=desk.planner, at=NOON)
    learning.publish_learned(learned_id=learned.pk, has_looked=True, actor=desk.planner, at=NOON)

    learned = learning.write_learned(
        proposal_id=proposal.pk, values=LEARNT | {"why": "別の理由"}, actor=desk.planner, at=NOON
    )

    assert (learned.published_at, learned.checked_by) == (None, None)


def test_what_was_stopped_is_written_without_a_proposal_and_names_no_partner(client, desk):
    client.force_login(desk.planner)
    partner = OrganizationFactory(kind="company", name="株式会社翡翠堂")
    typed = {
        "title": "実証の中止",
        "tried": "翡翠堂と試した",
        "why": "効果が出なかった",
        "reasons": ["unclear_effect"],
    }

    client.post(reverse("desk:learned_stopped"), typed)
    learned = Learned.objects.get()
    client.post(reverse("desk:learned_publish", args=[learned.pk]), {"has_looked": "1"})
    learned.refresh_from_db()
    refused = learned.published_at
    client.post(
        reverse("desk:learned_stopped_edit", args=[learned.pk]), typed | {"tried": "ある会社と試した"}
    )
    client.post(reverse("desk:learned_publish", args=[learned.pk]), {"has_looked": "1"})
    client.logout()
    page = client.get(reverse("desk:learned_list")).content.decode()

    assert (refused, "実証の中止" in page, "中止" in page, partner.name in page) == (None, True, True, False)


# --- The pack ------------------------------------------------------------------------------------------------------------


def test_a_price_over_the_limit_is_no_small_contract():
    kind = "前各号に掲げるもの以外のもの(委託など)"

    # The papers are Japanese, even when the page is read in English.
    with translation.override("en"):
        over = grounds(Ground.ITEM_1, body="city", kind=kind, price_yen=1_000_001)
    under = grounds(Ground.ITEM_1, body="city", kind=kind, price_yen=1_000_000)

    assert (len(over.warnings), under.warnings, under.limit_yen) == (1, (), 1_000_000)
    assert over.citation == "地方自治法施行令第167条の2第1項第1号"
    assert over.label == "随意契約: 少額(1号)"
    assert "別表第五" in over.text


def test_the_council_votes_on_works_from_the_floor_on():
    works = {"kind": "工事又は製造の請負", "body": "city"}

    assert [
        grounds(Ground.OPEN, price_yen=price, **works).council_vote
        for price in (150_000_000, 149_999_999, None)
    ] == [True, False, None]


def test_the_pack_holds_six_papers_written_from_the_case(client, desk):
    proposal = desk.at_stage(
        S.REVIEWING, summary="公民館に見守りの機器を設置します。氏名と住所は預かりません。", cost_yen=900_000
    )
    decide(proposal, desk, sentence="効果 | がある")
    client.force_login(desk.planner)
    asked = {
        "ground": "2",
        "kind": "前各号に掲げるもの以外のもの(委託など)",
        "price_yen": "900,000円",
        "body": "city",
    }

    answer = client.get(reverse("desk:decision_pack", args=[proposal.pk]), asked)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        papers = {name: text_of(archive.read(name)) for name in archive.namelist()}

    whole = "\n".join(papers.values())
    assert len(papers) == len(PAPERS) == 6
    for words in (
        proposal.number, "第167条の2第1項第2号", "性質又は目的が競争入札に適しない", "氏名と住所は預かりません",
        "公民館に見守りの機器を設置します", "900,000円", "予算要求書", "議会説明資料", "(記入してください)",
    ):  # fmt: skip
        assert words in whole


def test_the_pack_never_holds_a_confidential_word(desk):
    proposal = desk.at_stage(S.REVIEWING, parts=[("秘伝", "カナリア配合")])

    content = pack(
        case_of(
            Proposal.objects.get(pk=proposal.pk),
            grounds=grounds(Ground.NONE, body="town", kind="物件の借入れ", price_yen=None),
            price_yen=None,
        )
    )

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any("カナリア" in text_of(archive.read(name)) for name in archive.namelist())


def test_the_pages_of_a_decision_open_for_the_office_only(client, desk):
    proposal = declined(desk)
    names = ("decide", "decision_pack", "learned_write", "proposal_onward")
    seen = {}
    for who in ("planner", "rival_partner", "neighbour", "partner"):
        client.force_login(getattr(desk, who))
        seen[who] = [client.get(reverse(f"desk:{name}", args=[proposal.pk])).status_code for name in names]

    assert seen == {
        "planner": [200] * 4,
        "rival_partner": [404] * 4,
        "neighbour": [404] * 4,
        "partner": [404] * 4,
    }


def test_no_letter_carries_what_is_confidential(desk):
    declined(desk, parts=[("秘伝", "カナリア配合")])

    assert not any("カナリア" in f"{row.subject}{row.body}" for row in Letter.objects.all())
    assert not any("カナリア" in f"{row.title}{row.body}" for row in Notice.objects.all())


def test_the_whole_case_is_told_on_its_page_and_in_its_history(client, desk):
    proposal = desk.proposal(agrees_to_publication=True)
    first(proposal, desk)
    proposal.refresh_from_db()
    for stage in (S.IN_DIALOGUE, S.REVIEWING):
        proposal = move(proposal_id=proposal.pk, status=stage, actor=desk.planner, at=NOON, reason="")
    decision = decide(proposal, desk)
    services.publish_result(
        decision_id=decision.pk, public_text="採択した。", names_proposer=False, actor=desk.planner, at=NOON
    )
    client.force_login(desk.planner)

    page = client.get(proposal.get_absolute_url()).content.decode()
    history = client.get(
        reverse("audit:record_history", args=["desk.proposal", proposal.pk])
    ).content.decode()

    assert ("最初の返事をしました。" in page, "決定しました。" in history, "採択" in page) == (
        True,
        True,
        True,
    )
