"""The lists of challenges and resources: what somebody asks for, and what they find."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import models
from django.db.models import Case, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.exchange.access import access_of
from enishi.exchange.enums import ChallengeStatus, RecordKind, ResourceKind, ResourceStatus
from enishi.exchange.models import FRESH_DAYS, Challenge, Field, Resource
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import paginate
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

MODELS: dict[RecordKind, type[Challenge] | type[Resource]] = {
    RecordKind.CHALLENGE: Challenge,
    RecordKind.RESOURCE: Resource,
}
SEEKING = (ChallengeStatus.OPEN.value, ChallengeStatus.IN_DIALOGUE.value)
MANY = ("field", "kind", "area", "window", "orgkind", "status")
"""Parameters that may be given several times: any of them will do."""

_LONGEST_QUERY = 200
_MOST_VALUES = 30


@dataclass(frozen=True)
class Conditions:
    """What a list is narrowed to. The names are those of the address."""

    record: RecordKind
    q: str = ""
    field: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    orgkind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    fresh: bool = False
    mine: bool = False
    sort: str = ""

    @classmethod
    def read(cls, record: RecordKind, parameters: Mapping[str, Any]) -> "Conditions":
        """From an address or a stored mapping; what cannot be read is left out."""
        many = {name: _several(parameters, name) for name in MANY}
        sorts = {sort for sort, _label in sorts_of(record)}
        sort = _single(parameters, "sort")
        return cls(
            record=record,
            q=_single(parameters, "q")[:_LONGEST_QUERY],
            fresh=bool(_single(parameters, "fresh")) and record == RecordKind.RESOURCE,
            mine=bool(_single(parameters, "mine")),
            sort=sort if sort in sorts else "",
            **many,
        )

    def parameters(self) -> dict[str, Any]:
        """As an address or a saved search holds them."""
        kept: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "record" or not value:
                continue
            kept[one.name] = list(value) if isinstance(value, tuple) else ("1" if value is True else value)
        return kept

    def in_words(self) -> str:
        """「見守り・福祉・高齢者」: the conditions as a person would say them."""
        words = [f"「{self.q}」"] if self.q else []
        words += Field.objects.filter(code__in=self.field).values_list("name", flat=True)
        words += [str(label) for code, label in ResourceKind.choices if code in self.kind]
        words += [label for _code, label in areas_in_words(self.area)]
        words += [str(label) for code, label in OrganizationKind.choices if code in self.orgkind]
        words += [window_label(code) for code in self.window]
        words += [str(label) for code, label in ChallengeStatus.choices if code in self.status]
        words += [_("最近確認されたもの")] if self.fresh else []
        words += [_("自分の団体")] if self.mine else []
        return "・".join(words)[:100] or str(self.record.label)

    def tags(self) -> list[str]:
        """The same as the words of the search index."""
        names = ("field", "kind", "area", "window", "orgkind", "status")
        tags = [f"{name}:{value}" for name in names for value in getattr(self, name)]
        if self.record == RecordKind.CHALLENGE and not self.status:
            tags += [f"status:{status}" for status in SEEKING]
        return [*tags, "fresh"] if self.fresh else tags


@dataclass(frozen=True)
class Listing:
    """One page of a list, and how much there is in all."""

    rows: Sequence[Any]
    count: int
    count_is_exact: bool = True
    next_cursor: str = ""
    previous_cursor: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many there are by tag, where that is known."""


def sorts_of(record: RecordKind) -> list[tuple[str, str]]:
    if record == RecordKind.CHALLENGE:
        return [("", _("新しい順")), ("relevance", _("言葉に近い順")), ("due", _("締切が近い順"))]
    return [("", _("新しい順")), ("relevance", _("言葉に近い順"))]


def find(
    person: Actor,
    conditions: Conditions,
    *,
    at: dt.datetime,
    parameters: Mapping[str, str] | None = None,
    size: int = 20,
) -> Listing:
    """The page of rows this person may read; ``parameters`` hold ``after`` or ``before``."""
    rows = _narrowed(person, conditions, timezone.localdate(at))
    order_by, rows = _ordered(rows, conditions, timezone.localdate(at))
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=order_by,
        parameters=parameters or {},
        size=size,
    )
    return Listing(
        rows=page.rows,
        count=rows.count(),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
    )


def all_rows(
    person: Actor, conditions: Conditions, *, at: dt.datetime, limit: int
) -> models.QuerySet[Any, Any]:
    """Everything that meets the conditions, in the list's order, ``limit`` at most."""
    today = timezone.localdate(at)
    order_by, rows = _ordered(_narrowed(person, conditions, today), conditions, today)
    keys = list(rows.order_by(*order_by).values_list("pk", flat=True)[:limit])
    return MODELS[conditions.record]._default_manager.filter(pk__in=keys).order_by("-updated_at", "-pk")


def found_since(
    person: Actor, conditions: Conditions, *, since: dt.datetime, at: dt.datetime, limit: int = 50
) -> list[Any]:
    """What was published after ``since`` and meets the conditions, newest first."""
    rows = _narrowed(person, conditions, timezone.localdate(at))
    rows = rows.filter(published_at__gt=since, published_at__lte=at).select_related("organization")
    return list(rows.order_by("-published_at", "-pk")[:limit])


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


def area_organizations(areas: Sequence[str]) -> models.QuerySet[Organization]:
    """The places named by tags: ``13`` is a prefecture with all its towns, ``p42`` the organisation 42."""
    keys = [int(area[1:]) for area in areas if area[:1] == "p" and area[1:].isdecimal() and len(area) < 12]
    prefectures = [area for area in areas if len(area) == 2 and area.isdecimal()]
    return Organization.objects.filter(
        Q(pk__in=keys) | (Q(prefecture_code__in=prefectures) & Q(kind__in=["municipality", "prefecture"]))
    )


def areas_in_words(areas: Sequence[str]) -> list[tuple[str, str]]:
    """The names of the places: tag and label."""
    if not areas:
        return []
    named = {f"p{one.pk}": one.name for one in area_organizations(areas) if f"p{one.pk}" in areas}
    wanted = [area for area in areas if len(area) == 2]
    for prefecture in Organization.objects.filter(kind="prefecture", prefecture_code__in=wanted):
        named[prefecture.prefecture_code] = prefecture.name
    return [(area, named[area]) for area in areas if area in named]


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


def window_label(code: str) -> str:
    if code == "any":
        return _("時期は相談")
    return str(FiscalYear(int(code))) if code.isdecimal() and len(code) == 4 else ""


def _ordered(
    rows: models.QuerySet[Any, Any], conditions: Conditions, today: dt.date
) -> tuple[tuple[str, ...], models.QuerySet[Any, Any]]:
    if conditions.record == RecordKind.RESOURCE:
        oldest = today - dt.timedelta(days=FRESH_DAYS)
        stale = Case(
            When(confirmed_on__gte=oldest, then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return ("stale", "-updated_at", "-pk"), rows.annotate(stale=stale)
    if conditions.sort == "due":
        return ("due_on", "pk"), rows.filter(due_on__gte=today)
    return ("-updated_at", "-pk"), rows


def _single(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name) or ""
    return clean_text(str(value[0] if isinstance(value, list) and value else value)).strip()


def _several(parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = parameters.getlist(name) if hasattr(parameters, "getlist") else parameters.get(name) or []
    values = [clean_text(str(value))[:40] for value in ([found] if isinstance(found, str) else found)]
    return tuple(dict.fromkeys(value for value in values[:_MOST_VALUES] if value))
