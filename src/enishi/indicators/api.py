"""Programs' way to indicators: reading with the same rights as the pages, and handing values in for approval."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Schema, Status
from ninja.errors import AuthenticationError, HttpError
from pydantic import Field, WithJsonSchema

from enishi.accounts.models import Person
from enishi.foundation.doorway import OPEN, READ, WRITE, Code, Cursor, KeyInPath, Named, Sent, Size
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import paginate
from enishi.indicators import listing, periods, selectors, services
from enishi.indicators.access import element_access, indicator_access
from enishi.indicators.enums import (
    Certainty,
    ChangeBasis,
    ChangeMeasure,
    ChangeWay,
    IndicatorRole,
    StandingStatus,
)
from enishi.indicators.models import ChangeTarget, Indicator, Standing

router = Router()
Year = Annotated[int, Field(ge=1950, le=2100)]


class StandingShown(Schema):
    fiscal_year: int
    status: StandingStatus
    reason: str
    value: Decimal | None
    target: Decimal | None
    progress: Decimal | None
    attainment: Decimal | None
    attainment_n: Decimal | None
    attainment_d: Decimal | None
    trend: Decimal | None
    trend_points: int
    marks: str
    as_of: dt.datetime


class IndicatorShown(Schema):
    id: int
    uid: UUID
    code: str
    name: str
    role: IndicatorRole
    stage: str
    unit: str
    direction: str
    organization: Named
    section: Named | None
    updated_at: dt.datetime


class IndicatorsPage(Schema):
    items: list[IndicatorShown]
    next_cursor: str


class DefinitionShown(Schema):
    version: int
    text: str
    numerator: str
    denominator: str
    scale: Decimal
    comparability_break: bool
    valid_from: dt.date


class GoalShown(Schema):
    fiscal_year: int
    value: Decimal | None
    lower: Decimal | None = None
    upper: Decimal | None = None


class ChangeShown(Schema):
    """A target as plans write it; ``target`` is the number worked out of it, ``note`` says why there is none yet."""

    sentence: str
    basis: ChangeBasis
    way: ChangeWay
    measure: ChangeMeasure
    amount: Decimal
    fiscal_year: int | None
    words: str
    target: GoalShown | None
    note: str


# Left to itself the schema would promise that any text and any number of places is taken.
AMOUNT = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 10**15},
        {"type": "string", "pattern": r"^([1-9][0-9]{0,14}(\.[0-9]{1,6})?|0\.[0-9]{0,5}[1-9])$"},
    ]
}


class ChangeSent(Sent):
    basis: ChangeBasis = ChangeBasis.BASELINE
    way: ChangeWay
    measure: ChangeMeasure = ChangeMeasure.PERCENT
    amount: Annotated[Decimal, Field(gt=0, max_digits=24, decimal_places=6), WithJsonSchema(AMOUNT)]
    fiscal_year: Year | None = None
    words: Annotated[str, Field(max_length=300)] = ""


class IndicatorWhole(IndicatorShown):
    definitions: list[DefinitionShown]
    baseline: GoalShown | None
    targets: list[GoalShown]
    change_target: ChangeShown | None
    standings: list[StandingShown]


class ValueShown(Schema):
    fiscal_year: int
    period_start: dt.date
    period_end: dt.date
    dims: str
    value: Decimal | None
    missing_reason: str
    status: Certainty
    numerator: Decimal | None
    denominator: Decimal | None
    source: str


class ValuesPage(Schema):
    items: list[ValueShown]
    next_cursor: str


class ElementShown(Schema):
    id: int
    code: str
    name: str
    unit: str
    meaning: str
    metric: str
    organization: Named


class ElementsPage(Schema):
    items: list[ElementShown]
    next_cursor: str


class ValueSent(Sent):
    period: Annotated[str, Field(max_length=40)]
    value: Annotated[str, Field(max_length=40)] | None = None
    missing_reason: Annotated[str, Field(max_length=200)] = ""
    provisional: bool = False
    source: Annotated[str, Field(max_length=300)] = ""
    note: Annotated[str, Field(max_length=300)] = ""
    change_reason: Annotated[str, Field(max_length=300)] = ""


class ValueMade(Schema):
    id: int
    state: str


@router.get(
    "/indicators",
    response={200: IndicatorsPage, **READ},
    tags=["indicators"],
    openapi_extra=OPEN,
    summary=gettext_noop("指標の一覧"),
)
def indicators(
    request: HttpRequest,
    q: Code | None = None,
    role: IndicatorRole | None = None,
    status: StandingStatus | None = None,
    year: Year | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Indicators this caller may read, by number; ``status`` is that of ``year`` (default: the last full fiscal year)."""
    today = timezone.localdate()
    conditions = listing.Conditions(
        q=(q or "").replace("\x00", "").strip(),
        role=(role.value,) if role is not None else (),
        status=(status.value,) if status is not None else (),
        year=year or FiscalYear.of(today).year - 1,
    )
    rows = listing.find(request.user, conditions, today).select_related("organization", "section")
    page = paginate(rows, order_by=("code", "pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


def _visible(request: HttpRequest, key: int) -> Indicator:
    rows = indicator_access.visible(request.user).select_related("organization", "section")
    return get_object_or_404(rows, pk=key)


@router.get(
    "/indicators/{key}",
    response={200: IndicatorWhole, **READ},
    tags=["indicators"],
    openapi_extra=OPEN,
    summary=gettext_noop("指標とその状況"),
)
def indicator(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """The definition in all versions, the baseline and targets in force, and where it stood each year."""
    row = _visible(request, key)
    stood: list[Standing] = list(Standing.objects.filter(indicator=row, frame="").order_by("fiscal_year"))
    shown = {
        name: getattr(row, name)
        for name in (
            "id",
            "code",
            "name",
            "role",
            "stage",
            "unit",
            "direction",
            "organization",
            "section",
            "updated_at",
        )
    }
    return {
        **shown,
        "uid": row.uid,
        "definitions": list(row.definitions.order_by("version")),
        "baseline": row.baselines.filter(frame="", is_current=True).first(),
        "targets": list(row.targets.filter(frame="", is_current=True).order_by("fiscal_year")),
        "change_target": _change_in_force(row),
        "standings": stood,
    }


def _change_in_force(row: Indicator) -> dict[str, Any] | None:
    found = row.change_targets.filter(is_current=True).select_related("target", "indicator").first()
    return None if found is None else _change(found)


def _change(row: ChangeTarget) -> dict[str, Any]:
    names = ("basis", "way", "measure", "amount", "fiscal_year", "words", "target", "note")
    return {"sentence": str(row), **{name: getattr(row, name) for name in names}}


@router.post(
    "/indicators/{key}/change-target",
    response={201: ChangeShown, **WRITE},
    tags=["indicators"],
    summary=gettext_noop("目標を増減で書く(30%削減、対前年比5%増)"),
)
def set_change(request: HttpRequest, key: KeyInPath, body: ChangeSent) -> Any:
    """The target as the plan writes it; it becomes a number as soon as there is a value to change from.

    What was written so before gives way. Without ``fiscal_year`` it holds every year, which only ``previous`` allows.
    """
    person: Any = request.user
    if not isinstance(person, Person):
        raise AuthenticationError
    row = _visible(request, key)
    made = services.set_change(indicator_id=row.pk, **body.model_dump(), actor=person, at=timezone.now())
    return Status(201, _change(made))


@router.delete(
    "/indicators/{key}/change-target",
    response={204: None, **WRITE},
    tags=["indicators"],
    summary=gettext_noop("増減で書いた目標をやめる"),
)
def drop_change(request: HttpRequest, key: KeyInPath) -> Status[None]:
    """Stop working numbers out of it; those that were worked out stay as they are."""
    person: Any = request.user
    if not isinstance(person, Person):
        raise AuthenticationError
    services.drop_change(indicator_id=_visible(request, key).pk, actor=person, at=timezone.now())
    return Status(204, None)


@router.get(
    "/indicators/{key}/values",
    response={200: ValuesPage, **READ},
    tags=["indicators"],
    openapi_extra=OPEN,
    summary=gettext_noop("指標の承認済みの値"),
)
def values(
    request: HttpRequest, key: KeyInPath, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Approved values, newest period first, without parts (these are shown on the page with small ones hidden)."""
    row = _visible(request, key)
    rows = selectors.current_values(row).filter(dims="")
    page = paginate(rows, order_by=("-period_end", "-pk"), parameters={"after": cursor or ""}, size=limit)
    items = [
        {
            **{name: getattr(each, name) for name in ValueShown.model_fields if name != "source"},
            "source": each.run.source if each.run else "",
        }
        for each in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@router.post(
    "/indicators/{key}/values",
    response={201: ValueMade, **WRITE},
    tags=["indicators"],
    summary=gettext_noop("値を入れ、承認を求める"),
)
def hand_in(request: HttpRequest, key: KeyInPath, body: ValueSent) -> Any:
    """A value or the reason why there is none; somebody else approves it on the page."""
    person: Any = request.user
    if not isinstance(person, Person):
        raise AuthenticationError
    row = _visible(request, key)
    try:
        span = periods.read(body.period)
        number = Decimal(body.value) if body.value is not None else None
    except (periods.UnreadablePeriodError, ArithmeticError) as error:
        raise HttpError(422, str(error) or _("値は 12.5 のような数で書いてください。")) from error
    entry = services.Entry(
        start=span.start,
        end=span.end,
        value=number,
        missing_reason=body.missing_reason,
        status=Certainty.PROVISIONAL if body.provisional else Certainty.CONFIRMED,
        note=body.note,
        change_reason=body.change_reason,
        no_denominator_reason=_("APIから入れた値") if row.value_type == "ratio" else "",
    )
    try:
        (made,) = services.record_values(
            owner=row, entries=[entry], source=body.source, submit=True, actor=person, at=timezone.now()
        )
    except ValidationError as refused:
        raise HttpError(422, "、".join(refused.messages)) from refused
    return Status(201, {"id": made.pk, "state": made.state})


@router.get(
    "/data-elements",
    response={200: ElementsPage, **READ},
    tags=["indicators"],
    openapi_extra=OPEN,
    summary=gettext_noop("データ項目の一覧"),
)
def elements(request: HttpRequest, cursor: Cursor | None = None, limit: Size = 50) -> dict[str, Any]:
    """Data elements this caller may read, by code."""
    rows = element_access.visible(request.user).filter(retired_at__isnull=True).select_related("organization")
    page = paginate(rows, order_by=("code", "pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": list(page.rows), "next_cursor": page.next_cursor}
