"""Approved answers in the search over everything."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge import registry
from enishi.knowledge import services as search
from enishi.knowledge.answers.enums import AnswerStatus
from enishi.knowledge.models import ApprovedAnswer
from enishi.knowledge.registry import SearchSource, SearchText

KIND = "answer"


def register_source() -> None:
    registry.register(
        SearchSource(
            kind=KIND,
            model=ApprovedAnswer,
            document=document_of,
            related=("parties",),
            label=_("承認済み回答"),
            url=lambda key: reverse("answers:answer", args=[key]),
            list_url=lambda: reverse("answers:answer_list"),
            order=45,
        )
    )


def document_of(answer: ApprovedAnswer) -> SearchText | None:
    """The question like a title, the answer like a text; not what was thrown away or taken back."""
    if answer.deleted_at is not None or answer.status == AnswerStatus.WITHDRAWN:
        return None
    return SearchText(
        title=answer.question[:200],
        organization_id=answer.organization_id,
        section_id=answer.section_id,
        visibility=answer.visibility,
        parties=[party.pk for party in answer.parties.all()],
        updated_at=answer.updated_at,
        body_parts=[(answer.other_questions, 3.0), (answer.category, 2.0), (answer.answer, 1.0)],
        tags=[f"status:{answer.status}"],
        not_yet_shared=answer.status != AnswerStatus.APPROVED,
        excerpt=answer.answer[:300],
    )


def index_later(answer: ApprovedAnswer) -> None:
    """Put the answer in order in the index once it is saved for good."""
    transaction.on_commit(lambda: search.index(KIND, [answer.pk]))
