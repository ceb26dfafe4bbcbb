"""The lists of challenges and resources.

Words and facets are answered by the search index. What the index does not hold (drafts and closed records of one's own
organisation, deadlines) is asked of the tables: there it is a few rows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from enishi.exchange.access import access_of
from enishi.exchange.conditions import SEEKING, Conditions, area_organizations
from enishi.exchange.enums import RecordKind, ResourceKind, ResourceStatus
from enishi.exchange.models import FRESH_DAYS, Challenge, Field, Resource
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import paginate
from enishi.knowledge.selectors import Hits, search
from enishi.organizations.visibility import reach_of

__all__ = ["MODELS", "Conditions", "Listing", "all_keys", "find", "found_since", "rows_of"]

MODELS: dict[RecordKind, type[Challenge] | type[Resource]] = {
    RecordKind.CHALLENGE: Challenge,
    RecordKind.RESOURCE: Resource,
}
_BATCH = 500


@dataclass(frozen=True)
class Listing:
    """One page of a list, and how much there is in all."""

    rows: Sequence[Any]
    count: int
    count_is_exact: bool = True
    next_cursor: str = ""
    previous_cursor: str = ""
    hits: Hits | None = None

    def count_of(self, tag: str) -> int | None:
        """How many there are with a tag, where that is known."""
        return self.hits.facet(tag) if self.hits is not None else None

    @property
    def counts(self) -> Mapping[str, int]:
        return self.hits.facets if self.hits is not None else {}


def find(
    person: Actor,
    conditions: Conditions,
    *,
    at: dt.datetime,
    parameters: Mapping[str, str] | None = None,
    size: int = 20,
) -> Listing:
    """The page of rows this person may read; ``parameters`` hold ``after`` or ``before``."""
    parameters = parameters or {}
    if conditions.is_of_tables:
        return _find_in_tables(person, conditions, timezone.localdate(at), parameters, size)
    hits = search(
        person,
        conditions.q,
        kinds=[conditions.record.value],
        tags=conditions.tags(),
        after=parameters.get("after") or "",
        before=parameters.get("before") or "",
        limit=size,
        order=conditions.order,
    )
    return Listing(
        rows=_rows(person, conditions.record, hits),
        count=hits.count,
        count_is_exact=hits.count_is_exact,
        next_cursor=hits.next_cursor,
        previous_cursor=hits.previous_cursor,
        hits=hits,
    )


def all_keys(person: Actor, conditions: Conditions, *, at: dt.datetime, limit: int) -> list[int]:
    """The keys of everything that meets the conditions, ``limit`` at most."""
    if conditions.is_of_tables:
        rows = _narrowed(person, conditions, timezone.localdate(at))
        return list(rows.values_list("pk", flat=True)[:limit])
    return _all_keys(person, conditions, limit)


def rows_of(person: Actor, record: RecordKind, keys: Sequence[int]) -> models.QuerySet[Any, Any]:
    """The records with these keys that the person may read, newest first."""
    rows: models.QuerySet[Any, Any] = access_of(MODELS[record]).visible(person)
    return rows.filter(pk__in=keys).order_by("-updated_at", "-pk")


def found_since(
    person: Actor, conditions: Conditions, *, since: dt.datetime, at: dt.datetime, limit: int = 50
) -> list[Any]:
    """What was published after ``since`` and meets the conditions, newest first."""
    if conditions.is_of_tables:
        rows = _narrowed(person, conditions, timezone.localdate(at))
    else:
        keys = _all_keys(person, conditions, 4 * limit)
        rows = access_of(MODELS[conditions.record]).visible(person).filter(pk__in=keys)
    rows = rows.filter(published_at__gt=since, published_at__lte=at).select_related("organization")
    return list(rows.order_by("-published_at", "-pk")[:limit])


def _rows(person: Actor, record: RecordKind, hits: Hits) -> list[Any]:
    """The records behind the hits, in their order, each with its ``hit``; asked again whether this person may read them."""
    rows = access_of(MODELS[record]).visible(person).filter(pk__in=hits.object_ids)
    found = {row.pk: row for row in rows.select_related("organization", "section")}
    for hit in hits.items:
        if hit.object_id in found:
            found[hit.object_id].hit = hit
    return [found[key] for key in hits.object_ids if key in found]


def _all_keys(person: Actor, conditions: Conditions, limit: int) -> list[int]:
    keys: list[int] = []
    cursor = ""
    while len(keys) < limit:
        hits = search(
            person,
            conditions.q,
            kinds=[conditions.record.value],
            tags=conditions.tags(),
            after=cursor,
            limit=min(_BATCH, limit - len(keys)),
            order="recent",
            counted=False,
            faceted=False,
        )
        keys += hits.object_ids
        cursor = hits.next_cursor
        if not cursor:
            break
    return keys


def _find_in_tables(
    person: Actor, conditions: Conditions, today: dt.date, parameters: Mapping[str, str], size: int
) -> Listing:
    rows = _narrowed(person, conditions, today)
    order_by: tuple[str, ...] = ("-updated_at", "-pk")
    if conditions.sort == "due":
        order_by, rows = ("due_on", "pk"), rows.filter(due_on__gte=today)
    page = paginate(
        rows.select_related("organization", "section"), order_by=order_by, parameters=parameters, size=size
    )
    return Listing(
        rows=page.rows,
        count=rows.count(),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
    )


def _narrowed(person: Actor, conditions: Conditions, today: dt.date) -> models.QuerySet[Any, Any]:
    model = MODELS[conditions.record]
    rows: models.QuerySet[Any, Any] = access_of(model).visible(person)
    rows = _of_status(rows, conditions, person, today)
    for word in conditions.q.split()[:8]:
        rows = rows.filter(_word(model, word))
    if conditions.field:
        chosen = Field.objects.filter(Q(code__in=conditions.field) | Q(parent__code__in=conditions.field))
        rows = rows.filter(
            pk__in=model.fields.through._default_manager.filter(field__in=chosen).values(
                f"{conditions.record}_id"
            )
        )
    if conditions.area:
        rows = rows.filter(_area(model, conditions))
    if conditions.orgkind:
        rows = rows.filter(organization__kind__in=conditions.orgkind)
    if conditions.kind:
        rows = rows.filter(_kinds(conditions))
    if conditions.window:
        rows = rows.filter(_window(conditions.window))
    return rows


def _of_status(
    rows: models.QuerySet[Any, Any], conditions: Conditions, person: Actor, today: dt.date
) -> models.QuerySet[Any, Any]:
    if conditions.mine:
        rows = rows.filter(organization_id__in=reach_of(person).organization_ids)
        return rows.filter(status__in=conditions.status) if conditions.status else rows
    if conditions.record == RecordKind.CHALLENGE:
        return rows.filter(status__in=conditions.status or SEEKING)
    rows = rows.filter(status=ResourceStatus.OPEN)
    rows = rows.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=today))
    if conditions.fresh:
        rows = rows.filter(confirmed_on__gte=today - dt.timedelta(days=FRESH_DAYS))
    return rows


def _word(model: type[models.Model], word: str) -> Q:
    body = ("present_state", "desired_state", "pitch") if model is Challenge else ("offer", "track_record")
    condition = Q(title__icontains=word)
    for name in body:
        condition |= Q(**{f"{name}__icontains": word})
    return condition | Q(organization__name__icontains=word)


def _area(model: Any, conditions: Conditions) -> Q:
    places = area_organizations(conditions.area)
    through = model.areas.through._default_manager.filter(organization__in=places)
    condition = Q(pk__in=through.values(f"{conditions.record}_id"))
    return condition | Q(is_nationwide=True) if model is Resource else condition


def _kinds(conditions: Conditions) -> Q:
    name = "resource_kinds" if conditions.record == RecordKind.CHALLENGE else "kinds"
    condition = Q(pk__in=[])
    for code in conditions.kind:
        if code in ResourceKind.values:
            # As text: SQLite has no containment for JSON.
            condition |= Q(pk__in=_with_kind(MODELS[conditions.record], name, code))
    return condition


def _with_kind(model: Any, name: str, code: str) -> models.QuerySet[Any, Any]:
    texts = model._default_manager.annotate(codes=Cast(name, TextField()))
    rows: models.QuerySet[Any, Any] = texts.filter(codes__contains=f'"{code}"').values("pk")
    return rows


def _window(years: Sequence[str]) -> Q:
    condition = Q(pk__in=[])
    for year in years:
        if year == "any":
            condition |= Q(window_from__isnull=True, window_to__isnull=True)
        elif len(year) == 4 and year.isdecimal() and "1950" <= year <= "2140":
            span = FiscalYear(int(year))
            begins = Q(window_from__isnull=True) | Q(window_from__lte=span.last_day)
            ends = Q(window_to__isnull=True) | Q(window_to__gte=span.first_day)
            stated = Q(window_from__isnull=False) | Q(window_to__isnull=False)
            condition |= begins & ends & stated
    return condition
