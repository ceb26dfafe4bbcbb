"""Programs' way to plans: reading only, with the same rights as the pages."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router, Schema
from pydantic import Field as Limits

from enishi.engines.progress import Missing, percent_words
from enishi.foundation.doorway import OPEN, READ, Cursor, KeyInPath, Named, Size
from enishi.foundation.lists import paginate
from enishi.plans import dashboards, selectors
from enishi.plans.access import node_access, plan_access, version_access
from enishi.plans.calculations import CODES
from enishi.plans.enums import PlanKind
from enishi.plans.models import Plan, PlanNode, PlanVersion

router = Router()
Year = Annotated[int, Limits(ge=1900, le=2200)]
NODES = 5_000


class PlanShown(Schema):
    id: int
    uid: str
    name: str
    kind: PlanKind
    summary: str
    organization: Named
    section: Named | None
    visibility: str
    legal_basis: str
    statutory: str
    start_fy: int
    end_fy: int
    rolling: bool
    parent_id: int | None
    updated_at: dt.datetime


class PlansPage(Schema):
    items: list[PlanShown]
    next_cursor: str


class VersionShown(Schema):
    id: int
    uid: str
    no: int
    state: str
    effective_on: dt.date | None
    change_summary: str
    frozen_hash: str


class PlanWhole(PlanShown):
    integrates: list[str]
    versions: list[VersionShown]


class NodeShown(Schema):
    id: int
    uid: str
    parent_id: int | None
    level: str
    path: str
    code: str
    title: str
    target: str
    intent: str
    result: str
    plain: str
    section: Named | None
    weight: float | None


class TreeShown(VersionShown):
    plan_id: int
    levels: list[str]
    nodes: list[NodeShown]


class StandingShown(Schema):
    indicator_id: int
    name: str
    status: str
    attainment_percent: str
    reason: str


class MoneyShown(Schema):
    programme_id: int
    uid: str
    title: str
    is_primary: bool
    yen: dict[str, int | None]


class BoardShown(Schema):
    node: NodeShown
    fiscal_year: int
    distribution: dict[str, int]
    explanation: str
    weighted_mean: str
    indicators: list[StandingShown]
    programme_count: int
    programmes: list[MoneyShown]
    totals_yen: dict[str, int | None]


@router.get(
    "/plans",
    response={200: PlansPage, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("計画の一覧"),
)
def plans(
    request: HttpRequest, kind: PlanKind | None = None, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Plans this caller may read, those that begin last first."""
    rows = plan_access.visible(request.user).select_related("organization", "section")
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    page = paginate(rows, order_by=("-start_fy", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/plans/{key}",
    response={200: PlanWhole, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("計画"),
)
def plan(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One plan with its versions and the statutory plans it serves."""
    row = get_object_or_404(
        plan_access.visible(request.user).select_related("organization", "section"), pk=key
    )
    return PlanShown.from_orm(row).model_dump() | {
        "integrates": list(row.integrates.order_by("name").values_list("name", flat=True)),
        "versions": [_version(each) for each in _versions(request, row)],
    }


def _versions(request: HttpRequest, row: Plan) -> list[PlanVersion]:
    return list(version_access.visible(request.user).filter(plan=row).order_by("no"))


def _version(row: PlanVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VersionShown.model_fields}


@router.get(
    "/plans/{key}/tree",
    response={200: TreeShown, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("計画の木(施行中の版、または指定した版)"),
)
def tree(request: HttpRequest, key: KeyInPath, version: int | None = None) -> dict[str, Any]:
    """The branches of a version in order; each with its parent."""
    row = get_object_or_404(plan_access.visible(request.user), pk=key)
    chosen: PlanVersion | None
    if version is not None:
        chosen = get_object_or_404(version_access.visible(request.user), plan=row, no=min(version, 2**31 - 1))
    else:
        chosen = selectors.version_to_show(request.user, row, timezone.localdate())
    if chosen is None:
        chosen = get_object_or_404(PlanVersion.objects.none())
    nodes = chosen.nodes.select_related("level", "section").order_by("path")[:NODES]
    return _version(chosen) | {
        "plan_id": row.pk,
        "levels": list(chosen.levels.order_by("order").values_list("label", flat=True)),
        "nodes": [_node(each) for each in nodes],
    }


def _node(node: PlanNode) -> dict[str, Any]:
    names = [name for name in NodeShown.model_fields if name not in ("level", "weight")]
    return {name: getattr(node, name) for name in names} | {
        "level": node.level.label,
        "weight": None if node.weight is None else float(node.weight),
    }


@router.get(
    "/plan-nodes/{key}",
    response={200: BoardShown, **READ},
    tags=["plans"],
    openapi_extra=OPEN,
    summary=gettext_noop("計画の枝の進み具合"),
)
def node(request: HttpRequest, key: KeyInPath, year: Year | None = None) -> dict[str, Any]:
    """How a branch stands in a year: the same numbers as its page."""
    rows = node_access.visible(request.user).select_related("version__plan", "level", "section")
    row = get_object_or_404(rows, pk=key)
    chosen = dashboards.year_of(row.version.plan, str(year or ""), timezone.localdate())
    board = dashboards.dashboard(request.user, row.version, chosen, row)
    mean = board.roll_up.mean
    return {
        "node": _node(row),
        "fiscal_year": chosen,
        "distribution": {CODES[status]: count for status, count in board.roll_up.distribution.items()},
        "explanation": board.roll_up.explanation,
        "weighted_mean": mean.explanation if isinstance(mean.value, Missing) else percent_words(mean.value),
        "indicators": [_standing(line) for line in board.lines],
        "programme_count": board.programme_count,
        "programmes": [
            {
                "programme_id": money.programme.pk,
                "uid": money.programme.uid,
                "title": money.programme.title,
                "is_primary": money.placement.is_primary,
                "yen": {stage.value: yen for stage, yen in zip(board.stages, money.yen, strict=True)},
            }
            for money in board.programmes
        ],
        "totals_yen": {stage.value: yen for stage, yen in board.totals},
    }


def _standing(line: dashboards.Line) -> dict[str, Any]:
    rate = line.standing.attainment if line.standing else None
    return {
        "indicator_id": line.indicator.pk,
        "name": line.indicator.name,
        "status": CODES[line.status],
        "attainment_percent": "" if rate is None else f"{rate * 100:.1f}",
        "reason": line.reason,
    }
