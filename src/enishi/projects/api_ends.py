"""Programs' way to what outlives a project: lessons, handover packets, yearly sheets, awards. Reading only."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from enishi.exchange.api_shapes import FieldShown
from enishi.foundation.doorway import OPEN, READ, Code, Cursor, KeyInPath, Named, Size
from enishi.foundation.lists import paginate
from enishi.projects.access import project_access
from enishi.projects.awards.access import award_access
from enishi.projects.awards.enums import CallStatus
from enishi.projects.awards.models import AwardCall
from enishi.projects.handovers import selectors as handovers
from enishi.projects.handovers.access import handover_access
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.enums import NamelessState, Occasion
from enishi.projects.lessons.models import NamelessLesson
from enishi.projects.sheets.access import sheet_access

router = Router()


class LessonShown(Schema):
    id: int
    title: str
    what_happened: str
    cause: str
    next_time: str
    occasion: str
    status: str
    happened_on: dt.date | None
    organization: Named
    project_id: int | None
    fields: list[FieldShown]
    updated_at: dt.datetime


class LessonsPage(Schema):
    items: list[LessonShown]
    next_cursor: str


class NamelessShown(Schema):
    id: int
    title: str
    what_happened: str
    cause: str
    next_time: str
    checked_at: dt.datetime | None


class NamelessPage(Schema):
    items: list[NamelessShown]
    next_cursor: str


class PacketShown(Schema):
    id: int
    title: str
    as_of: dt.date
    made_at: dt.datetime
    organization: Named
    section: Named | None


class PacketsPage(Schema):
    items: list[PacketShown]
    next_cursor: str


class ItemShown(Schema):
    part_title: str
    title: str
    url: str
    state: str
    due_on: dt.date | None
    next_step: str
    counterpart: str
    note: str
    is_open: bool
    confirmed_at: dt.datetime | None


class PacketWhole(PacketShown):
    note: str
    items: list[ItemShown]


class SheetShown(Schema):
    id: int
    title: str
    kind: str
    fiscal_year: int
    status: str
    organization: Named
    updated_at: dt.datetime


class SheetsPage(Schema):
    items: list[SheetShown]
    next_cursor: str


class LineShown(Schema):
    subject: str
    plan: str
    target: str
    action: str
    result: str
    rating: str
    reflection: str
    next_action: str
    source: str


class SheetWhole(SheetShown):
    reflection: str
    next_year: str
    lines: list[LineShown]


class AwardShown(Schema):
    id: int
    title: str
    purpose: str
    method: str
    status: CallStatus
    organization: Named
    entries_from: dt.date
    entries_until: dt.date
    judging_from: dt.date
    judging_until: dt.date
    announced_at: dt.datetime | None


class AwardsPage(Schema):
    items: list[AwardShown]
    next_cursor: str


class EntryShown(Schema):
    id: int
    title: str
    appeal: str
    team: str
    project_id: int | None


class AwardWhole(AwardShown):
    remarks: str
    entries: list[EntryShown]


def _page(rows: Any, order: tuple[str, ...], cursor: str | None, limit: int) -> Any:
    return paginate(rows, order_by=order, parameters={"after": cursor or ""}, size=limit)


@router.get(
    "/lessons",
    response={200: LessonsPage, **READ},
    tags=["lessons"],
    openapi_extra=OPEN,
    summary=gettext_noop("教訓の一覧"),
)
def lessons(
    request: HttpRequest,
    occasion: Occasion | None = None,
    field: Code | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Lessons this caller may read, those written last first."""
    rows = lesson_access.visible(request.user).select_related("organization")
    if not request.user.is_authenticated:
        # As on the page: lessons with names are for those who are known; the others stand under /lessons/public.
        rows = rows.none()
    if occasion is not None:
        rows = rows.filter(occasion=occasion.value)
    if field:
        rows = rows.filter(fields__code=field)
    page = _page(rows.prefetch_related("fields__parent"), ("-updated_at", "-pk"), cursor, limit)
    seen = project_access.visible(request.user).filter(pk__in=[row.project_id for row in page.rows])
    known = set(seen.values_list("pk", flat=True))
    return {"items": [_lesson(row, known) for row in page.rows], "next_cursor": page.next_cursor}


def _lesson(row: Any, known: set[int]) -> dict[str, Any]:
    """A lesson tells of its project only to whoever may read that."""
    names = "id title what_happened cause next_time occasion status happened_on organization updated_at"
    return {
        **{name: getattr(row, name) for name in names.split()},
        "project_id": row.project_id if row.project_id in known else None,
        "fields": list(row.fields.all()),
    }


@router.get(
    "/lessons/public",
    response={200: NamelessPage, **READ},
    tags=["lessons"],
    openapi_extra=OPEN,
    summary=gettext_noop("公開された教訓(名前のない形)"),
)
def public_lessons(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """What everybody may learn from."""
    rows = NamelessLesson.objects.filter(state=NamelessState.PUBLISHED)
    page = _page(rows, ("-checked_at", "-pk"), cursor, limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


@router.get(
    "/handovers",
    response={200: PacketsPage, **READ},
    tags=["handovers"],
    openapi_extra=OPEN,
    summary=gettext_noop("引継書の一覧"),
)
def packets(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """Packets this caller gave, takes or manages."""
    page = _page(_packets(request), ("-made_at", "-pk"), cursor, limit)
    return {"items": [_packet(row) for row in page.rows], "next_cursor": page.next_cursor}


def _packets(request: HttpRequest) -> Any:
    return handover_access.visible(request.user).select_related(
        "organization", "section", "person", "successor"
    )


def _packet(row: Any) -> dict[str, Any]:
    names = "id as_of made_at organization section".split()
    return {**{name: getattr(row, name) for name in names}, "title": str(row)}


@router.get(
    "/handovers/{key}",
    response={200: PacketWhole, **READ},
    tags=["handovers"],
    openapi_extra=OPEN,
    summary=gettext_noop("引継書"),
)
def packet(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    row = get_object_or_404(_packets(request), pk=key)
    return {**_packet(row), "note": row.note, "items": handovers.read(row, request.user).items}


@router.get(
    "/sheets",
    response={200: SheetsPage, **READ},
    tags=["sheets"],
    openapi_extra=OPEN,
    summary=gettext_noop("年次シートの一覧"),
)
def sheets(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """Sheets of a year (PDCA) this caller may read."""
    page = _page(_sheets(request), ("-fiscal_year", "-pk"), cursor, limit)
    return {"items": [_sheet(row) for row in page.rows], "next_cursor": page.next_cursor}


def _sheets(request: HttpRequest) -> Any:
    return sheet_access.visible(request.user).select_related("organization", "person")


def _sheet(row: Any) -> dict[str, Any]:
    names = "id kind fiscal_year status organization updated_at".split()
    return {**{name: getattr(row, name) for name in names}, "title": str(row)}


@router.get(
    "/sheets/{key}",
    response={200: SheetWhole, **READ},
    tags=["sheets"],
    openapi_extra=OPEN,
    summary=gettext_noop("年次シート"),
)
def sheet(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    row = get_object_or_404(_sheets(request), pk=key)
    words = {"reflection": row.reflection, "next_year": row.next_year}
    return {**_sheet(row), **words, "lines": list(row.lines.all())}


@router.get(
    "/awards",
    response={200: AwardsPage, **READ},
    tags=["awards"],
    openapi_extra=OPEN,
    summary=gettext_noop("アワードの一覧"),
)
def awards(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    page = _page(_awards(request), ("-entries_from", "-pk"), cursor, limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


def _awards(request: HttpRequest) -> Any:
    return award_access.visible(request.user).select_related("organization")


@router.get(
    "/awards/{key}",
    response={200: AwardWhole, **READ},
    tags=["awards"],
    openapi_extra=OPEN,
    summary=gettext_noop("アワード"),
)
def award(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One award with its entries. Votes and points are nobody's to read here: the result stands in the remarks."""
    row: AwardCall = get_object_or_404(_awards(request), pk=key)
    entries = list(row.entries.filter(withdrawn_at__isnull=True))
    seen = project_access.visible(request.user).filter(pk__in=[entry.project_id for entry in entries])
    known = set(seen.values_list("pk", flat=True))
    return {
        **{name: getattr(row, name) for name in AwardShown.model_fields},
        "remarks": row.remarks,
        "entries": [
            {
                **{name: getattr(entry, name) for name in ("id", "title", "appeal", "team")},
                "project_id": entry.project_id if entry.project_id in known else None,
            }
            for entry in entries
        ],
    }
