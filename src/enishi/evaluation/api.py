"""Programs' way to reviews: reading only, with the same rights as the pages."""

import datetime as dt
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from enishi.evaluation import listing
from enishi.evaluation.access import cycle_access, decision_access, subject_access
from enishi.evaluation.models import PublishedDataSet, PublishedSheet
from enishi.evaluation.published import selectors as published
from enishi.evaluation.published.answers import Answer, shown
from enishi.foundation.doorway import OPEN, READ, Cursor, KeyInPath, Named, Size
from enishi.foundation.lists import paginate

router = Router()


class CycleShown(Schema):
    id: int
    title: str
    organization: Named
    unit: str
    evaluated_fy: int
    decision_fy: int
    state: str
    criteria: list[str]
    first_due_on: dt.date
    decision_due_on: dt.date


class CyclesPage(Schema):
    items: list[CycleShown]
    next_cursor: str


class SheetShown(Schema):
    id: int
    code: str
    title: str
    section: Named | None
    included: bool
    place: str
    why: list[dict[str, Any]]
    published_at: dt.datetime | None


class SheetsPage(Schema):
    items: list[SheetShown]
    next_cursor: str


class DecisionShown(Schema):
    id: int
    sheet_id: int
    title: str
    direction: str
    content: str
    budget_relevant: bool
    expected_delta_yen: int | None
    target_fy: int | None
    state: str
    decided_at: dt.datetime | None


class DecisionsPage(Schema):
    items: list[DecisionShown]
    next_cursor: str


class ResultShown(Schema):
    sheet_id: int
    sha256: str
    published_at: dt.datetime
    content: dict[str, Any]


class ResultsPage(Schema):
    items: list[ResultShown]
    next_cursor: str


@router.get(
    "/evaluation/cycles",
    response={200: CyclesPage, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("評価の周期の一覧"),
)
def cycles(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """Review cycles this caller may read, the latest year first."""
    rows = cycle_access.visible(request.user).select_related("organization")
    page = paginate(rows, order_by=("-evaluated_fy", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/evaluation/cycles/{key}/sheets",
    response={200: SheetsPage, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("評価シートの一覧(選ばなかったものも)"),
)
def sheets(
    request: HttpRequest, key: KeyInPath, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Everything the cycle looked at, chosen or left out, each with the reasons."""
    cycle = get_object_or_404(cycle_access.visible(request.user), pk=key)
    rows = subject_access.visible(request.user).filter(cycle=cycle).select_related("section")
    page = paginate(rows, order_by=listing.ORDER, parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/evaluation/decisions",
    response={200: DecisionsPage, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("改善の決定の一覧"),
)
def decisions(
    request: HttpRequest, year: int | None = None, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Decisions that stand; ``year`` is the fiscal year they are to be reflected in."""
    rows = decision_access.visible(request.user).exclude(state="superseded").select_related("subject")
    if year is not None:
        rows = rows.filter(target_fy=year) if 1900 <= year <= 2200 else rows.none()
    page = paginate(rows, order_by=("-proposed_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    items = [
        {
            "id": row.pk,
            "sheet_id": row.subject_id,
            "title": row.subject.title,
            "direction": row.direction,
            "content": row.content,
            "budget_relevant": row.budget_relevant,
            "expected_delta_yen": row.expected_delta_yen,
            "target_fy": row.target_fy,
            "state": row.state,
            "decided_at": row.decided_at,
        }
        for row in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@router.get(
    "/evaluation/results",
    response={200: ResultsPage, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("公表した評価"),
)
def results(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """Published sheets as they were published; ``sha256`` is that of ``content`` as canonical JSON."""
    rows = PublishedSheet.objects.filter(withdrawn_at__isnull=True, subject__cycle__deleted_at__isnull=True)
    page = paginate(rows, order_by=("-published_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": [_result(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/evaluation/results/{key}",
    response={200: ResultShown, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("公表した評価の一枚"),
)
def result(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One published sheet, by the number of its sheet."""
    rows = PublishedSheet.objects.filter(withdrawn_at__isnull=True, subject__cycle__deleted_at__isnull=True)
    return _result(get_object_or_404(rows, subject_id=key))


class NumberShown(Schema):
    """``value`` is the exact fraction as text, or empty where nothing can be said."""

    name: str
    value: str
    shown: str
    definition: str


class FileShown(Schema):
    name: str
    rows: int
    size: int
    sha256: str
    url: str


class DataSetShown(Schema):
    id: int
    title: str
    organization: Named
    fiscal_year: int
    note: str
    frozen_at: dt.datetime
    published_at: dt.datetime | None


class DataSetWhole(DataSetShown):
    files: list[FileShown]
    numbers: list[NumberShown]


class DataSetsPage(Schema):
    items: list[DataSetShown]
    next_cursor: str


@router.get(
    "/evaluation/data-sets",
    response={200: DataSetsPage, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("公表した評価と予算のデータ"),
)
def data_sets(
    request: HttpRequest, year: int | None = None, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Published data sets in force; ``year`` is the budget year whose decisions they hold."""
    rows = PublishedDataSet.objects.public().select_related("organization")
    if year is not None:
        rows = rows.filter(fiscal_year=year) if 1900 <= year <= 2200 else rows.none()
    page = paginate(rows, order_by=("-fiscal_year", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/evaluation/data-sets/{key}",
    response={200: DataSetWhole, **READ},
    tags=["evaluation"],
    openapi_extra=OPEN,
    summary=gettext_noop("評価と予算のデータの中身(ファイルと数字)"),
)
def data_set(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """The files with their hashes, and the numbers that anybody comes to from them."""
    row = get_object_or_404(PublishedDataSet.objects.public().select_related("organization"), pk=key)
    told = published.told(row)
    files = [
        dict(file) | {"url": reverse("evaluation:data_set_file", args=[row.pk, file["name"]])}
        for file in published.files_of(row)
    ]
    return {name: getattr(row, name) for name in DataSetShown.model_fields} | {
        "files": files,
        "numbers": [_number(answer) for answer in (told.headline, *told.others)],
    }


def _number(answer: Answer) -> dict[str, str]:
    figure = answer.figure
    return {
        "name": answer.measure,
        "value": str(figure.value) if isinstance(figure.value, Fraction) else "",
        "shown": shown(figure),
        "definition": str(figure.formula),
    }


def _result(row: PublishedSheet) -> dict[str, Any]:
    return {
        "sheet_id": row.subject_id,
        "sha256": row.sha256,
        "published_at": row.published_at,
        "content": row.content,
    }
