"""Programs' way to logic models and evidence: reading only, with the same rights as the pages."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from enishi.foundation.doorway import OPEN, READ, Cursor, KeyInPath, Named, Size
from enishi.foundation.lists import paginate
from enishi.plans.evidence.access import evidence_access
from enishi.plans.evidence.enums import EvidenceKind, Verification
from enishi.plans.logic import calculations
from enishi.plans.logic.access import logic_access
from enishi.plans.logic.enums import ModelState
from enishi.plans.models import Evidence, LogicEdge, LogicModel, LogicNode

router = Router()


class LogicShown(Schema):
    id: int
    title: str
    no: int
    state: ModelState
    is_introduced: bool
    broken_rules: list[str]
    organization: Named
    section: Named | None
    visibility: str
    identity_id: str | None
    programme_id: int | None
    problem_statement: str
    target_population: str
    approved_at: dt.datetime | None
    updated_at: dt.datetime


class LogicPage(Schema):
    items: list[LogicShown]
    next_cursor: str


class BoxShown(Schema):
    number: int
    stage: str
    text: str
    expected_lag_months: int | None
    indicator_ids: list[int]
    programme_id: int | None
    fte: float | None
    serves_id: str | None
    is_proposed: bool


class ArrowShown(Schema):
    source: int
    target: int
    assumption: str
    evidence_level: int
    confidence: str
    evidence_ids: list[int]


class FaultShown(Schema):
    rule: str
    sentence: str


class LogicWhole(LogicShown):
    boxes: list[BoxShown]
    arrows: list[ArrowShown]
    faults: list[FaultShown]


class EvidenceShown(Schema):
    id: int
    claim: str
    figure: str
    source_title: str
    publisher: str
    year: int | None
    locator: str
    url: str
    kind: EvidenceKind
    level: int
    verification: Verification
    checked_at: dt.datetime | None
    organization: Named
    visibility: str
    updated_at: dt.datetime


class EvidencePage(Schema):
    items: list[EvidenceShown]
    next_cursor: str


@router.get(
    "/logic-models",
    response={200: LogicPage, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("ロジックモデルの一覧"),
)
def logic_models(
    request: HttpRequest, state: ModelState | None = None, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Logic models this caller may read, the newest first; replaced ones only where asked for."""
    rows = logic_access.visible(request.user).select_related("organization", "section")
    rows = rows.filter(state=state.value) if state else rows.exclude(state=ModelState.SUPERSEDED)
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/logic-models/{key}",
    response={200: LogicWhole, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("ロジックモデル"),
)
def logic_model(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One logic model with its boxes, its arrows, and the rules that do not hold, in sentences."""
    rows = logic_access.visible(request.user).select_related("organization", "section")
    row: LogicModel = get_object_or_404(rows, pk=key)
    loaded = calculations.load(row, reader=request.user)
    readable = set(
        evidence_access.visible(request.user).filter(logic_edges__model=row).values_list("pk", flat=True)
    )
    faults = calculations.faults_of(calculations.load(row), day=timezone.localdate())
    return LogicShown.from_orm(row).model_dump() | {
        "boxes": [_box(node) for node in loaded.nodes],
        "arrows": [_arrow(edge, readable) for edge in loaded.edges],
        "faults": [{"rule": each.rule, "sentence": each.sentence} for each in faults],
    }


def _box(node: LogicNode) -> dict[str, Any]:
    names = ("number", "stage", "text", "expected_lag_months", "fte", "serves_id", "is_proposed")
    return {name: getattr(node, name) for name in names} | {
        "indicator_ids": [each.pk for each in node.indicators.all()],
        "programme_id": node.programme.pk if node.programme else None,
    }


def _arrow(edge: LogicEdge, readable: set[int]) -> dict[str, Any]:
    return {
        "source": edge.source.number,
        "target": edge.target.number,
        "assumption": edge.assumption,
        "evidence_level": edge.evidence_level,
        "confidence": edge.confidence,
        "evidence_ids": [each.pk for each in edge.evidence.all() if each.pk in readable],
    }


@router.get(
    "/evidence",
    response={200: EvidencePage, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("客観的根拠の一覧"),
)
def evidence(
    request: HttpRequest,
    verification: Verification | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Evidence this caller may read, each with its verification."""
    rows = evidence_access.visible(request.user).select_related("organization")
    if verification is not None:
        rows = rows.filter(verification=verification.value)
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/evidence/{key}",
    response={200: EvidenceShown, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("客観的根拠"),
)
def one_evidence(request: HttpRequest, key: KeyInPath) -> Evidence:
    """One claim with its figure, its source, and whether anybody saw the original."""
    rows = evidence_access.visible(request.user).select_related("organization")
    return get_object_or_404(rows, pk=key)
