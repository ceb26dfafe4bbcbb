"""How proposals are found: by their open columns only."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk import tasks
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Proposal, barred_from
from enishi.desk.signals import proposal_changed, proposals_changed
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register

KIND = "proposal"


def register_source() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Proposal,
            document=proposal_text,
            label=_("提案"),
            rows=lambda: Proposal.objects.select_related("organization", "proposer").prefetch_related(
                "fields__parent", "parties"
            ),
            url=lambda pk: reverse("desk:proposal_detail", args=[pk]),
            list_url=lambda: reverse("desk:proposal_list"),
            order=30,
            barred=barred_from,
        )
    )
    proposal_changed.connect(_one, dispatch_uid="search-proposal")
    proposals_changed.connect(_many, dispatch_uid="search-proposals")


def proposal_text(proposal: Proposal) -> SearchText | None:
    """A proposal as the index keeps it; a draft and a deleted one are not found."""
    if proposal.deleted_at is not None or proposal.status == ProposalStatus.DRAFT:
        return None
    fields = list(proposal.fields.all())
    codes = {field.code for field in fields} | {field.parent.code for field in fields if field.parent}
    proposer = proposal.proposer.name if proposal.proposer else proposal.proposer_name
    body = (proposal.effects, proposal.requests, proposal.schedule, proposal.track_record, proposer)
    return SearchText(
        title=proposal.title,
        body_parts=[(proposal.number, 3.0), (proposal.summary, 2.0), *((text, 1.0) for text in body if text)],
        tags=[
            *(f"field:{code}" for code in sorted(codes)),
            f"proposal_kind:{proposal.kind}",
            f"stage:{proposal.status}",
        ],
        updated_at=proposal.updated_at,
        organization_id=proposal.organization_id,
        section_id=proposal.section_id,
        visibility=proposal.visibility,
        parties=[party.pk for party in proposal.parties.all()],
    )


def _one(proposal_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [proposal_id])
    tasks.read_case.enqueue(proposal_id)


def _many(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)
