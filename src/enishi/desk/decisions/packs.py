"""The decision pack (決裁の一式): drafts of every paper a decision needs, from what the case holds. All Word, all to be edited."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from enishi.desk.budget_calendar import reach_of_proposal
from enishi.desk.decisions.enums import Reason
from enishi.desk.decisions.letters import flat, paragraphs
from enishi.desk.decisions.models import Decision
from enishi.desk.decisions.procurement import Grounds, data
from enishi.desk.essence import essence
from enishi.desk.models import Proposal
from enishi.desk.review.calculations import Ranking, ranking
from enishi.desk.review.models import Declaration, Review
from enishi.desk.review.services import proposer_of
from enishi.foundation.sentences import speaking
from enishi.foundation.wareki import in_words
from enishi.foundation.wording import docx_from_text
from enishi.language.sentences import sentences

TO_FILL = "(記入してください)"
_PERSONAL = (
    "個人情報",
    "氏名",
    "住所",
    "電話番号",
    "位置情報",
    "カメラ",
    "映像",
    "顔認証",
    "健康",
    "見守り",
    "名簿",
    "連絡先",
    "世帯",
    "本人",
)
_PROPERTY = ("施設", "校舎", "土地", "建物", "市有地", "公園", "庁舎", "道路", "備品", "公民館", "設置")


@dataclass(frozen=True)
class Case:
    """Everything the papers are written from."""

    proposal: Proposal
    decision: Decision | None
    review: Review | None
    ranking: Ranking | None
    grounds: Grounds
    price_yen: int | None


def case_of(proposal: Proposal, *, grounds: Grounds, price_yen: int | None) -> Case:
    entry = proposal.review_entries.select_related("review__call").order_by("-pk").first()
    review = entry.review if entry is not None else None
    return Case(
        proposal=proposal,
        decision=Decision.objects.filter(proposal=proposal).first(),
        review=review,
        ranking=ranking(review) if review is not None else None,
        grounds=grounds,
        price_yen=price_yen,
    )


@speaking("ja")
def pack(case: Case) -> bytes:
    """All papers as Word documents in one zip, Japanese throughout, whatever language the page is read in."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (name, write) in enumerate(PAPERS, 1):
            text = "\n".join(write(case))
            archive.writestr(f"{place}_{name}.docx", docx_from_text(text, title=name))
    return target.getvalue()


def approval(case: Case) -> list[str]:
    """起案: what is to be decided, why, by whom, what it costs."""
    proposal = case.proposal
    verdict = (
        case.decision.get_verdict_display() if case.decision else "採択・実証・不採択のいずれか(決定の前)"
    )
    return [
        "# 起案",
        f"> 起案日　{in_words(timezone.localdate(), weekday=False)}",
        f"件名　提案「{flat(proposal.title)}」の取扱いについて",
        f"　このことについて、次のとおり「{verdict}」としてよいか伺います。",
        "## １　提案の概要",
        *_table(
            ("受付番号", proposal.number or TO_FILL),
            ("提案者", proposer_of(proposal)),
            ("受付日", _day(proposal.received_at)),
            ("種類", proposal.get_kind_display()),
            ("市の負担の見込み", _yen(case.price_yen)),
        ),
        *paragraphs(proposal.summary),
        "## ２　決定の理由",
        *_reasons(case),
        "## ３　庁内照会と審査の結果",
        *_asked(proposal),
        *_review(case),
        "## ４　契約・協定の方法と根拠",
        f"　{case.grounds.label}",
        f"　{case.grounds.citation}" if case.grounds.citation else "　根拠条文　該当なし",
        "## ５　今後の日程",
        *(paragraphs(proposal.schedule) or [f"　{TO_FILL}"]),
        "## ６　添付書類",
        *(f"- {name}" for name, _write in PAPERS[1:]),
    ]


def ground_paper(case: Case) -> list[str]:
    """The ground for the chosen procurement, with the article as it stands."""
    found = case.grounds
    lines = [
        "# 契約の方法とその理由",
        f"件名　{flat(case.proposal.title)}",
        f"相手方　{proposer_of(case.proposal)}",
        f"予定価格　{_yen(case.price_yen)}",
        f"方法　{found.label}",
        "## 根拠条文",
        f"　{found.citation or '契約を結ばないため、該当なし'}",
        *paragraphs(found.text),
        f"　出所　{found.source}",
        "## この方法による理由",
        *_reasons(case),
        f"　{TO_FILL} ほかの方法では目的を達せられない理由を、具体的に書いてください。",
    ]
    if found.limit_yen is not None:
        lines.append(f"　少額の上限(政令)　{found.limit_yen:,}円。実際の上限は規則で確かめてください。")
    if found.warnings:
        lines += ["## 確かめること", *(f"- {warning}" for warning in found.warnings)]
    if found.council_vote:
        vote = data()["council_contract"]
        lines += ["## 議会の議決", f"　{vote['citation']}", *paragraphs(vote["text"])]
    return lines


def fairness(case: Case) -> list[str]:
    """How everybody had the same chance: from the dates, numbers and declarations on record."""
    call = case.proposal.call
    lines = ["# 公平性・透明性の確認", f"件名　{flat(case.proposal.title)}", "## １　募集"]
    if call is None:
        lines += [
            "　公募によらない自由提案です。",
            f"　{TO_FILL} ほかに同じことができる者がいないか、どのように確かめたかを書いてください。",
        ]
    else:
        answered = call.questions.filter(answered_at__isnull=False).count()
        lines += _table(
            ("募集", flat(call.title)),
            ("公開日", _day(call.published_at)),
            ("締切", _day(call.deadline)),
            ("公開した質問と回答", f"{answered}件"),
            ("追加・訂正", f"{call.addenda.count()}件"),
            ("応募", f"{call.proposals.exclude(status='draft').count()}件"),
        )
    lines += ["## ２　審査の公平", *_fair_review(case)]
    return [*lines, "## ３　結果の公表", _published(case)]


def _fair_review(case: Case) -> list[str]:
    if case.review is None:
        return ["　審査会は開いていません。"]
    seats = list(case.review.reviewers.all())
    ties = Declaration.objects.filter(reviewer__review=case.review).exclude(interests=[]).count()
    found = case.ranking
    return [
        *_table(
            ("審査した人", f"{len(seats)}人(うち外部 {sum(seat.is_external for seat in seats)}人)"),
            (
                "利害関係の申告",
                f"{sum(seat.declared_at is not None for seat in seats)}人が申告、関係あり {ties}件",
            ),
            ("審査から外れた人", f"{sum(seat.is_excluded for seat in seats)}人"),
            ("採点", f"{found.judges if found else 0}人が、互いの点を見ずに採点"),
        ),
        f"　同点のときの決め方　{case.review.get_tie_rule_display()}",
        *(
            [f"　全員の採点がそろう前に開いた理由　{case.review.opened_early_because}"]
            if case.review.opened_early_because
            else []
        ),
    ]


def _published(case: Case) -> str:
    if case.decision is None or case.decision.published_at is None:
        return "　まだ公表していません。"
    return f"　{_day(case.decision.published_at)}に公表しました。"


def points(case: Case) -> list[str]:
    """Sentences of the proposal that touch personal data or public property, and what to check for each."""
    proposal = case.proposal
    text = "\n".join([proposal.summary, proposal.effects, proposal.requests, proposal.schedule])
    lines = ["# 個人情報と財産の論点", f"件名　{flat(proposal.title)}", "## １　個人情報"]
    lines += _quoted(
        text, _PERSONAL, "個人情報にかかわる記述は見つかりませんでした。担当でもう一度確かめてください。"
    )
    lines += [
        "- 何の情報を、何のために、だれが持つか",
        "- 本人への説明と同意の方法",
        "- 委託するときの安全管理と再委託の制限(契約書に入れる条項)",
        "- 終わったあとの返却・消去",
        "　個人情報の保護に関する法律の該当条文は、個人情報の担当課に確かめてください(この書類では確認していません)。",
        "## ２　財産",
    ]
    lines += _quoted(
        text, _PROPERTY, "市の財産を使う記述は見つかりませんでした。担当でもう一度確かめてください。"
    )
    lines += [
        "- 行政財産か普通財産か、使用許可か貸付けか",
        "- 使用料・貸付料と減免の根拠",
        "- 原状回復と事故のときの責任",
    ]
    for each in data()["property"]:
        lines += [f"　{each['citation']}", *paragraphs(each["text"])]
    return lines


def _quoted(text: str, words: Sequence[str], nothing: str) -> list[str]:
    found = [each.text.strip() for each in sentences(text) if any(word in each.text for word in words)]
    return [f"- 「{flat(each)}」" for each in found[:8]] or [f"　{nothing}"]


def budget_request(case: Case) -> list[str]:
    """Next year's request, for the first year this case can still reach."""
    proposal, today = case.proposal, timezone.localdate()
    reach = reach_of_proposal(proposal.organization_id, today)
    return [
        f"# {reach.year}　予算要求書(案)",
        f"> {in_words(today, weekday=False)}",
        f"事業名　{flat(proposal.title)}",
        f"担当　{proposal.section.name if proposal.section else TO_FILL}",
        f"庁内の予算要求の期限　{in_words(reach.by, weekday=False)}",
        *_table(
            ("款・項・目・節", TO_FILL),
            ("要求額", _yen(case.price_yen)),
            ("財源の内訳(国・県・その他・一般財源)", TO_FILL),
            ("翌年度以降の負担(債務負担行為の要否)", TO_FILL),
        ),
        *([f"　費用の補足　{flat(proposal.cost_note)}"] if proposal.cost_note else []),
        "## 要求の理由",
        *_challenge(proposal),
        "## 期待できる効果",
        *(paragraphs(proposal.effects) or [f"　{TO_FILL}"]),
        "## 積算",
        *_table(("内容", "金額"), (TO_FILL, TO_FILL)),
    ]


def council_page(case: Case) -> list[str]:
    """One page for the council, in plain words."""
    proposal = case.proposal
    return [
        "# 議会説明資料",
        f"= {flat(proposal.title)}",
        "## 何に困っているか",
        *_challenge(proposal),
        "## 何をするか",
        *paragraphs(essence(proposal.summary, most=200)),
        "## 何がよくなるか",
        *(paragraphs(_first(proposal.effects, 2)) or [f"　{TO_FILL}"]),
        "## いくらかかるか",
        f"　市の負担の見込み　{_yen(case.price_yen)}",
        "## 相手をどう選んだか",
        f"　{case.grounds.label}",
        *_review(case),
        "## 議決が要るか",
        {
            True: "　予定価格が議決を要する基準に達しています(条例の額を確かめてください)。",
            False: "　契約の議決は要りません(予定価格と種類から)。",
            None: "　予定価格が決まっていないため、まだ言えません。",
        }[case.grounds.council_vote],
    ]


PAPERS: Sequence[tuple[str, Callable[[Case], list[str]]]] = (
    ("起案", approval),
    ("契約の方法と理由", ground_paper),
    ("公平性の確認", fairness),
    ("個人情報と財産の論点", points),
    ("予算要求書案", budget_request),
    ("議会説明資料", council_page),
)


def _reasons(case: Case) -> list[str]:
    if case.decision is None:
        return [f"　{TO_FILL}"]
    labels = [f"- {Reason(each).label}" for each in case.decision.reasons if each in Reason.values]
    return [*labels, *paragraphs(case.decision.sentence)]


def _asked(proposal: Proposal) -> list[str]:
    """What the sections answered, with their conditions: whoever decides reads it before the marks."""
    asked = proposal.consultations.filter(cancelled_at__isnull=True).select_related("section")
    rows = [
        (one.section.name, f"{one.get_answer_display()}　{one.reason}" if one.answer else "回答待ち")
        for one in asked.order_by("asked_at", "pk")
    ]
    return _table(*rows) if rows else ["　庁内の課には照会していません。"]


def _review(case: Case) -> list[str]:
    """The own place and total; the names of others do not belong in these papers."""
    own = next(
        (
            row
            for row in (case.ranking.rows if case.ranking else [])
            if row.entry.proposal_id == case.proposal.pk
        ),
        None,
    )
    if own is None or case.ranking is None:
        return ["　審査会による採点はありません。"]
    lines = [
        f"　{len(case.ranking.rows)}件のうち第{own.place}位(得点率 {own.percent:.1f}%、"
        f"重みを上下30%動かしても順位が変わらない割合 {own.kept * 100:.0f}%)"
    ]
    if not own.reaches_floor:
        lines.append("　最低基準に届いていません。")
    return [*lines, *(paragraphs(case.review.conclusion) if case.review else [])]


def _challenge(proposal: Proposal) -> list[str]:
    if proposal.challenge is None:
        return [f"　{TO_FILL}"]
    return [
        f"　課題「{flat(proposal.challenge.title)}」",
        *paragraphs(_first(proposal.challenge.present_state, 3)),
    ]


def _first(text: str, count: int) -> str:
    return "\n".join(each.text.strip() for each in sentences(text)[:count])


def _table(*rows: tuple[str, str]) -> list[str]:
    return [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows]


def _cell(text: str) -> str:
    """A stroke in what somebody typed must not begin another cell."""
    return flat(text).replace("|", "｜")


def _day(at: object) -> str:
    return in_words(timezone.localdate(at), weekday=False) if isinstance(at, dt.datetime) else TO_FILL


def _yen(amount: int | None) -> str:
    return f"{amount:,}円" if amount is not None else TO_FILL
