"""What programs send and get: documents and their passages, answers, the desks for residents."""

import datetime as dt
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictStr

from enishi.foundation.doorway import Named, Sent
from enishi.knowledge.answers.enums import AnswerStatus, Helpful, Outcome, SpokenLanguage
from enishi.knowledge.answers.replies import Cite, Reply
from enishi.knowledge.documents.enums import DocumentKind, ReadingState
from enishi.organizations.enums import Visibility

Asked = Annotated[StrictStr, Field(max_length=10_000)]
Token = Annotated[StrictStr, Field(max_length=4_000)]


class DocumentShown(Schema):
    """``collection`` and ``superseded_by_id``: nothing where the caller may not read that one."""

    id: int
    url: str
    title: str
    kind: DocumentKind
    organization: Named
    section: Named | None
    collection: Named | None
    visibility: Visibility
    source_url: str
    publisher: str
    published_on: dt.date | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    is_superseded: bool
    superseded_by_id: int | None
    language: str
    is_ocr: bool
    page_count: int | None
    state: ReadingState
    state_note: str
    updated_at: dt.datetime

    @staticmethod
    def resolve_url(row: Any) -> str:
        return str(row.get_absolute_url())

    @staticmethod
    def resolve_collection(row: Any) -> Any:
        return row.shown_collection

    @staticmethod
    def resolve_is_superseded(row: Any) -> bool:
        return row.superseded_by_id is not None

    @staticmethod
    def resolve_superseded_by_id(row: Any) -> int | None:
        return row.newer.pk if row.newer else None


class DocumentsPage(Schema):
    items: list[DocumentShown]
    next_cursor: str


class DocumentWhole(DocumentShown):
    text: str


class PassageShown(Schema):
    order: int
    page: int | None
    headings: list[str]
    start: int
    end: int
    text: str
    url: str

    @staticmethod
    def resolve_url(row: Any) -> str:
        return str(row.get_absolute_url())


class PassagesPage(Schema):
    items: list[PassageShown]
    next_cursor: str


class PassageFound(Schema):
    """``meaning``: how near, from 0 to 1 among what was compared; nothing where only words were."""

    document_id: int
    title: str
    organization: Named
    order: int
    page: int | None
    headings: list[str]
    text: str
    snippet: str
    words: list[str]
    meaning: float | None
    score: float
    url: str


class AnswerShown(Schema):
    id: int
    url: str
    question: str
    asked_as: list[str]
    answer: str
    category: str
    status: AnswerStatus
    organization: Named
    section: Named | None
    visibility: Visibility
    valid_from: dt.date | None
    valid_to: dt.date | None
    review_on: dt.date
    updated_at: dt.datetime

    @staticmethod
    def resolve_url(row: Any) -> str:
        return str(row.get_absolute_url())


class AnswersPage(Schema):
    items: list[AnswerShown]
    next_cursor: str


class AskedByStaff(Sent):
    question: Asked
    before: Annotated[StrictStr, Field(max_length=600)] = ""
    may_generate: StrictBool = False


class AskedAtDesk(Sent):
    question: Asked
    language: SpokenLanguage = SpokenLanguage.JAPANESE
    before: Token = ""


class FeedbackSent(Sent):
    token: Token
    helpful: Helpful
    comment: Asked = ""


class HandOverSent(Sent):
    token: Token


class CiteShown(Schema):
    number: int
    title: str
    url: str
    place: str
    quote: str


class SentenceShown(Schema):
    """``cite``: the number of the citation it stands on."""

    text: str
    cite: int | None
    is_item: bool


class OfferShown(Schema):
    """An approved answer to a near question, for the asker to say whether it is the same."""

    question: str
    lines: list[str]
    url: str


class NearShown(Schema):
    title: str
    url: str
    snippet: str


class HelpShown(Schema):
    name: str
    phone: str
    email: str
    opening_hours: str


class PartShown(Schema):
    """One of two questions that were asked in one; without sentences where nothing was found for it."""

    question: str
    sentences: list[SentenceShown]


class ReplyShown(Schema):
    """``question``: what was asked, personal data masked. ``dropped``: sentences a model wrote and no passage bore out."""

    outcome: Outcome
    reason: str
    question: str
    sentences: list[SentenceShown]
    cites: list[CiteShown]
    language: str
    note: str
    confidence: float
    nearest: list[NearShown]
    offers: list[OfferShown]
    help: HelpShown | None
    dropped: int
    model: str
    was_cut: bool
    is_danger: bool
    parts: list[PartShown]


class Asking(ReplyShown):
    """``token`` names the question in feedback and when it is handed over; ``before`` goes with the next question."""

    token: str
    before: str
    may_hand_over: bool


class DeskShown(Schema):
    slug: str
    title: str
    greeting: str
    opening_hours: str
    organization: Named


class Taken(Schema):
    taken: bool


class HandedOver(Schema):
    number: str
    section: Named | None


def reply_shown(reply: Reply) -> dict[str, Any]:
    """A reply as programs get it."""
    names = "outcome reason language note confidence dropped model was_cut is_danger".split()
    helper = reply.help
    return {name: getattr(reply, name) for name in names} | {
        "question": reply.masked.text,
        "sentences": _sentences(reply),
        "parts": [{"question": part.question, "sentences": _sentences(part.reply)} for part in reply.parts],
        "cites": [_cite(each) for each in reply.cites],
        "nearest": [vars(each) for each in reply.nearest],
        "offers": [
            {"question": each.question, "lines": list(each.lines), "url": each.answer.get_absolute_url()}
            for each in reply.offers
        ],
        "help": None
        if helper is None
        else {
            "name": helper.name,
            "phone": helper.phone,
            "email": helper.email,
            "opening_hours": helper.opening_hours,
        },
    }


def _sentences(reply: Reply) -> list[dict[str, Any]]:
    return [
        {"text": each.text, "cite": each.cite.number if each.cite else None, "is_item": each.is_item}
        for each in reply.sentences
    ]


def _cite(cite: Cite) -> dict[str, Any]:
    return {name: getattr(cite, name) for name in CiteShown.model_fields}
