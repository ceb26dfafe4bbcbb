"""Programs' way to programmes and the budget: reading only, with the same rights as the pages."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop
from ninja import Router, Schema
from pydantic import Field as Limits

from enishi.budgets import selectors
from enishi.budgets.access import code_access, programme_access, published_years, reads_everything
from enishi.budgets.enums import AFTER_VOTE, Level, Stage
from enishi.budgets.models import BudgetCode, Programme
from enishi.foundation.doorway import OPEN, READ, Code, Cursor, KeyInPath, Size
from enishi.foundation.lists import paginate

router = Router()
Year = Annotated[int, Limits(ge=1900, le=2200)]


class ProgrammeShown(Schema):
    id: int
    uid: str
    organization_id: int
    section_id: int | None
    title: str
    summary: str
    legal_kind: str
    legal_basis: str
    delivery: str
    origin: str
    start_fy: int
    end_fy: int | None
    end_reason: str
    zero_budget: bool
    merged_into_id: int | None
    visibility: str


class ProgrammesPage(Schema):
    items: list[ProgrammeShown]
    next_cursor: str


class ProgrammeYearShown(Schema):
    """Yen by stage; stages that nobody recorded are missing, not zero."""

    fiscal_year: int
    status: str
    fte: str | None
    personnel_yen: int | None
    current_yen: int | None
    amounts: dict[str, int]


class ProgrammeWhole(ProgrammeShown):
    years: list[ProgrammeYearShown]


class CodeShown(Schema):
    id: int
    organization_id: int
    fiscal_year: int
    account: str
    level: int
    path: str
    code: str
    name: str
    parent_id: int | None
    current_yen: int | None
    amounts: dict[str, int]


class CodesPage(Schema):
    items: list[CodeShown]
    next_cursor: str


@router.get(
    "/programmes",
    response={200: ProgrammesPage, **READ},
    tags=["budgets"],
    openapi_extra=OPEN,
    summary=gettext_noop("事務事業の一覧"),
)
def programmes(
    request: HttpRequest,
    q: Code | None = None,
    uid: Code | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Programmes this caller may read, by their numbers."""
    rows = programme_access.visible(request.user)
    if q:
        rows = rows.filter(title__icontains=q.strip())
    if uid:
        rows = rows.filter(uid=uid.strip())
    page = paginate(rows, order_by=("uid", "pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/programmes/{key}",
    response={200: ProgrammeWhole, **READ},
    tags=["budgets"],
    openapi_extra=OPEN,
    summary=gettext_noop("事務事業"),
)
def programme(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One programme with its years and what it was given and spent in each."""
    row: Programme = get_object_or_404(programme_access.visible(request.user), pk=key)
    stages = _stages(request, row.organization_id)
    inside = reads_everything(request.user, row.organization_id)
    published = published_years([row.organization_id])
    status = dict(row.years.values_list("fiscal_year", "status"))
    years = [
        {
            "fiscal_year": year,
            "status": status[year],
            "fte": str(money.fte) if money.fte is not None else None,
            "personnel_yen": money.personnel_yen,
            "current_yen": money.current,
            "amounts": _told(money.amounts, stages),
        }
        for year, money in selectors.money_of_years(row.pk).items()
        if inside or (row.organization_id, year) in published
    ]
    return ProgrammeShown.from_orm(row).model_dump() | {"years": years}


@router.get(
    "/budget-codes",
    response={200: CodesPage, **READ},
    tags=["budgets"],
    openapi_extra=OPEN,
    summary=gettext_noop("予算科目の一覧"),
)
def codes(
    request: HttpRequest,
    fiscal_year: Year | None = None,
    organization_id: KeyInPath | None = None,
    parent_id: KeyInPath | None = None,
    level: Level | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Codes with their sums, in the order of the budget book. Outsiders see published years, and what was voted."""
    rows = code_access.visible(request.user).listed().select_related("total", "account")
    given = {"fiscal_year": fiscal_year, "organization_id": organization_id, "parent_id": parent_id}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if level is not None:
        rows = rows.filter(level=level)
    page = paginate(rows, order_by=("path", "pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": [_code(request, row) for row in page.rows], "next_cursor": page.next_cursor}


def _code(request: HttpRequest, row: BudgetCode) -> dict[str, Any]:
    total = getattr(row, "total", None)
    amounts = {stage.value: total.amount(stage.value) for stage in Stage} if total else {}
    known = {stage: yen for stage, yen in amounts.items() if yen is not None}
    return {
        "id": row.pk,
        "organization_id": row.organization_id,
        "fiscal_year": row.fiscal_year,
        "account": row.account.name,
        "level": row.level,
        "path": row.path,
        "code": row.code,
        "name": row.name,
        "parent_id": row.parent_id,
        "current_yen": total.current_yen if total else None,
        "amounts": _told(known, _stages(request, row.organization_id)),
    }


def _stages(request: HttpRequest, organization_id: int) -> tuple[str, ...]:
    inside = reads_everything(request.user, organization_id)
    return tuple(stage.value for stage in (Stage if inside else AFTER_VOTE))


def _told(amounts: Mapping[str, int], stages: tuple[str, ...]) -> dict[str, int]:
    return {stage: amounts[stage] for stage in stages if stage in amounts}
