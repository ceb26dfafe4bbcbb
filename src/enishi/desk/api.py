"""Programs' way to proposals: read only, by the same permission as the pages, open columns alone."""

import datetime as dt
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop
from ninja import Router, Schema
from pydantic import Field as Limits

from enishi.desk.access import proposal_access
from enishi.desk.enums import Origin, ProposalKind, ProposalStatus
from enishi.desk.models import Proposal
from enishi.exchange.api import actor_of
from enishi.exchange.api_shapes import Moment
from enishi.foundation.doorway import READ, Cursor, KeyInPath, Named, Size, with_zone
from enishi.foundation.lists import paginate

router = Router()
Number = Annotated[str, Limits(max_length=20)]


class ProposalShown(Schema):
    """A proposal's open columns. Confidential parts, files and how to reach the proposer are not told by programs."""

    id: int
    url: str
    number: str
    title: str
    kind: ProposalKind
    origin: Origin
    status: ProposalStatus
    organization: Named
    section: Named | None
    proposer: str
    challenge_id: int | None
    summary: str
    effects: str
    requests: str
    schedule: str
    track_record: str
    cost_yen: int | None
    cost_note: str
    fields: list[str]
    received_at: dt.datetime | None
    stage_due_on: dt.date | None
    first_reply_at: dt.datetime | None
    decided_at: dt.datetime | None
    started_on: dt.date | None
    updated_at: dt.datetime
    version: int

    @staticmethod
    def resolve_url(row: Any) -> str:
        return str(row.get_absolute_url())

    @staticmethod
    def resolve_proposer(row: Any) -> str:
        return str(row.proposer.name if row.proposer else row.proposer_name)

    @staticmethod
    def resolve_fields(row: Any) -> list[str]:
        return [field.code for field in row.fields.all()]


class ProposalsPage(Schema):
    items: list[ProposalShown]
    next_cursor: str


def _rows(request: HttpRequest) -> QuerySet[Proposal, Proposal]:
    actor = actor_of(request)
    rows = proposal_access.visible(actor).submitted().select_related("organization", "section", "proposer")
    return rows.prefetch_related("fields")


@router.get(
    "/proposals",
    response={200: ProposalsPage, **READ},
    tags=["proposals"],
    summary=gettext_noop("提案の一覧(変わった順)"),
)
def proposals(
    request: HttpRequest,
    status: ProposalStatus | None = None,
    kind: ProposalKind | None = None,
    organization_id: KeyInPath | None = None,
    number: Number | None = None,
    updated_since: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """The proposals one may see, latest change first."""
    rows = _rows(request)
    if status is not None:
        rows = rows.filter(status=status)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    if number is not None:
        rows = rows.filter(number=number)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=with_zone(updated_since))
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": page.rows, "next_cursor": page.next_cursor}


@router.get(
    "/proposals/{key}",
    response={200: ProposalShown, **READ},
    tags=["proposals"],
    summary=gettext_noop("提案"),
)
def proposal(request: HttpRequest, key: KeyInPath) -> Proposal:
    return get_object_or_404(_rows(request), pk=key)
