"""Programs' way to agreements and legal forms: reading only, with the same rights as the pages."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from enishi.agreements import calculations, selectors
from enishi.agreements.access import agreement_access
from enishi.agreements.documents import cited
from enishi.agreements.enums import AgreementKind, AgreementStatus
from enishi.agreements.knowledge import knowledge
from enishi.engines import schemes as engine
from enishi.engines.core.errors import InvalidInputError
from enishi.engines.schemes.comparing import council_in_words, notice_in_words
from enishi.exchange.api_shapes import FieldShown
from enishi.foundation.doorway import OPEN, READ, Code, Cursor, KeyInPath, Named, Problem, Size
from enishi.foundation.lists import paginate

router = Router()


class AgreementShown(Schema):
    id: int
    number: str
    title: str
    kind: AgreementKind
    scheme: str
    purpose: str
    counterparts: str
    status: AgreementStatus
    organization: Named
    section: Named | None
    visibility: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    signed_on: dt.date | None
    ended_on: dt.date | None
    updated_at: dt.datetime


class AgreementsPage(Schema):
    items: list[AgreementShown]
    next_cursor: str


class PartyShown(Schema):
    name: str
    side: str
    role: str
    organization_id: int | None


class DueShown(Schema):
    bearer: str
    text: str
    due_on: dt.date | None
    outcome: str


class AgreementWhole(AgreementShown):
    fields: list[FieldShown]
    parties: list[PartyShown]
    contents: list[str]
    version: int | None
    sha256: str
    dues: list[DueShown] | None
    notice_on: dt.date | None
    next_due_on: dt.date | None


@router.get(
    "/agreements",
    response={200: AgreementsPage, **READ},
    tags=["agreements"],
    openapi_extra=OPEN,
    summary=gettext_noop("協定の一覧"),
)
def agreements(
    request: HttpRequest,
    q: Code | None = None,
    status: AgreementStatus | None = None,
    scheme: Code | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Agreements this caller may read, those that changed last first."""
    conditions = selectors.Conditions(
        q=(q or "").replace("\x00", "").strip(),
        status=(status.value,) if status is not None else (),
        scheme=(scheme or "").replace("\x00", ""),
    )
    rows = selectors.register_of(request.user, conditions, timezone.localdate())
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=("-updated_at", "-pk"),
        parameters={"after": cursor or ""},
        size=limit,
    )
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/agreements/{key}",
    response={200: AgreementWhole, **READ},
    tags=["agreements"],
    openapi_extra=OPEN,
    summary=gettext_noop("協定"),
)
def agreement(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One agreement. Deadlines are told to the keeper's people and the parties; to others they are null."""
    rows = agreement_access.visible(request.user).select_related("organization", "section")
    row = get_object_or_404(rows, pk=key)
    version = selectors.version_shown(row)
    inside = agreement_access.allows(request.user, "read_inside", row)
    shown = AgreementShown.from_orm(row).model_dump()
    return shown | {
        "fields": list(row.fields.select_related("parent").order_by("order", "pk")),
        "parties": list(version.signers.all()) if version else [],
        "contents": [line for line in version.contents.splitlines() if line.strip()] if version else [],
        "version": version.number if version else None,
        "sha256": version.sha256 if version else "",
        "dues": _dues(row, version) if inside and version else None,
        "notice_on": row.notice_on if inside else None,
        "next_due_on": row.next_due_on if inside else None,
    }


def _dues(row: Any, version: Any) -> list[dict[str, Any]]:
    until = calculations.add_months(timezone.localdate(), 12)
    found = calculations.dues(
        version.obligations.all(),
        row.fulfilments.all(),
        until=until,
        repeats_until=calculations.repeats_until(row, version),
    )
    return [
        {
            "bearer": due.obligation.bearer,
            "text": due.obligation.text,
            "due_on": due.on,
            "outcome": due.done.outcome if due.done else "",
        }
        for due in found
    ]


class SchemeShown(Schema):
    id: str
    name: str
    group: str
    instrument: str
    council: str
    notice: str
    authority: str
    responsibility: str
    lead_time: str
    limit: str
    articles: list[str]


class AdvisedScheme(SchemeShown):
    rank: int
    role: str
    why: str
    rule: str


class AdviceShown(Schema):
    recommendations: list[AdvisedScheme]
    ruled_out: list[str]
    open_questions: list[str]


@router.get(
    "/schemes",
    response={200: list[SchemeShown], **READ},
    tags=["agreements"],
    openapi_extra=OPEN,
    summary=gettext_noop("協働の制度の一覧"),
)
def schemes(request: HttpRequest) -> list[dict[str, Any]]:
    """Every legal form that is known, with its articles."""
    return [_scheme(each) for each in knowledge().schemes.values()]


class Answers(Schema):
    answers: dict[str, bool | int | str]


@router.post(
    "/schemes/advice",
    response={200: AdviceShown, 400: Problem, 409: Problem, **READ},
    tags=["agreements"],
    summary=gettext_noop("答えから、ふさわしい制度を挙げる"),
)
def scheme_advice(request: HttpRequest, sent: Answers) -> dict[str, Any]:
    """Nothing is kept: the answers come, the legal forms go."""
    try:
        advice = engine.advise(sent.answers, knowledge())
    except InvalidInputError as error:
        raise ValidationError(
            {
                error.field: [
                    _("この問いの答えとして読めません。GET /schemes と docs の問いの一覧を見てください。")
                ]
            }
        ) from error
    return {
        "recommendations": [
            _scheme(each.scheme)
            | {"rank": each.rank, "role": each.role, "why": each.why, "rule": each.rule_id}
            for each in advice.recommendations
        ],
        "ruled_out": [each.scheme.id for each in advice.ruled_out],
        "open_questions": list(advice.open_questions),
    }


def _scheme(scheme: engine.Scheme) -> dict[str, Any]:
    return {
        "id": scheme.id,
        "name": scheme.name,
        "group": scheme.group,
        "instrument": scheme.instrument,
        "council": council_in_words(scheme.council),
        "notice": notice_in_words(scheme.notice),
        "authority": scheme.authority.text,
        "responsibility": scheme.responsibility.text,
        "lead_time": scheme.lead_time.text,
        "limit": scheme.limit,
        "articles": [cited(each) for each in scheme.citations],
    }
