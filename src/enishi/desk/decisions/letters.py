"""The letter of result: from the decision to a Word document that can be edited, and a PDF that shows everywhere."""

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.desk.decisions.enums import Reason, Verdict
from enishi.desk.decisions.models import Decision
from enishi.foundation.printing import pdf_from_docx
from enishi.foundation.sentences import speaking
from enishi.foundation.wareki import in_words
from enishi.foundation.wording import docx_from_text


@speaking("ja")
def letter_text(decision: Decision) -> str:
    """The letter in the order of an official notice; always in Japanese."""
    proposal = decision.proposal
    office = proposal.organization.name
    addressee = proposal.proposer_name or (proposal.proposer.name if proposal.proposer else "提案者")
    lines = [
        f"> {decision.letter_number}" if decision.letter_number else "",
        f"> {in_words(timezone.localdate(decision.decided_at), weekday=False)}",
        f"{flat(addressee)} 様",
        f"> {flat(decision.signatory or office)}",
        "# 提案の審査結果について(通知)",
        f"　{opened_on(decision)}に受け付けました下記の提案について、次のとおり決定しましたので通知します。",
        "= 記",
        f"１　提案の題名　　{flat(proposal.title)}",
        f"２　受付番号　　　{proposal.number or 'なし'}",
        f"３　結果　　　　　{result_words(decision)}",
        "４　理由",
        *(f"- {Reason(reason).label}" for reason in decision.reasons if reason in Reason.values),
        *paragraphs(decision.sentence),
        *(["５　付した条件", *paragraphs(decision.conditions)] if decision.conditions else []),
        *_after(decision),
        f"> 担当　{flat(contact(decision))}",
    ]
    return "\n".join(line for line in lines if line)


def opened_on(decision: Decision) -> str:
    at = decision.proposal.received_at or decision.decided_at
    return in_words(timezone.localdate(at), weekday=False)


def result_words(decision: Decision) -> str:
    return {
        Verdict.ADOPTED: "採択",
        Verdict.TRIAL: "実証として採択",
        Verdict.DECLINED: "不採択",
    }[Verdict(decision.verdict)]


def contact(decision: Decision) -> str:
    proposal = decision.proposal
    section = proposal.section.name if proposal.section else ""
    phone = (proposal.section.phone if proposal.section else "") or proposal.organization.phone
    return f"{proposal.organization.name} {section} {phone}".strip()


def _after(decision: Decision) -> list[str]:
    if decision.verdict == Verdict.DECLINED:
        return [
            "　今回は採択に至りませんでしたが、ご提案に感謝します。同意をいただければ、ほかの課題や自治体へのご紹介もできます。"
        ]
    return ["　今後の進め方は、担当からご連絡します。この通知は、契約や支払いを約束するものではありません。"]


def paragraphs(text: str) -> list[str]:
    """What people typed, as plain paragraphs: a mark at the beginning of a line never becomes layout."""
    return [f"　{flat(line)}" for line in text.splitlines() if line.strip()]


def flat(text: str) -> str:
    return " ".join(text.split())


@speaking("ja")
def letter_docx(decision: Decision) -> bytes:
    return docx_from_text(letter_text(decision), title=_("審査結果の通知"))


@speaking("ja")
def letter_pdf(decision: Decision) -> bytes:
    """The same letter as PDF. Raises ``NoJapaneseFontError`` where no font can show it."""
    return pdf_from_docx(letter_docx(decision), title=_("審査結果の通知"))
