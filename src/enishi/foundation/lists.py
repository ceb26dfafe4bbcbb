"""Lists: facets, sorting and pages that stay quick however long the list is."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class FacetChoice:
    value: str
    label: Words
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Facet:
    """One group of filters; ``name`` is the parameter in the address."""

    name: str
    legend: Words
    choices: Sequence[FacetChoice]
    many: bool = True

    @property
    def is_used(self) -> bool:
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True)
class Sort:
    value: str
    label: Words


@dataclass(frozen=True)
class CursorPage:
    """Some rows of a list, and where the ones before and after begin."""

    rows: Sequence[Any]
    next_cursor: str = ""
    previous_cursor: str = ""
    size: int = 20
    extra: Mapping[str, Any] = field(default_factory=dict)


def paginate(
    queryset: models.QuerySet[Any, Any],
    *,
    order_by: Sequence[str],
    parameters: Mapping[str, str],
    size: int = 20,
) -> CursorPage:
    """The page that ``parameters["after"]`` or ``["before"]`` asks for, by keys and not by counting rows.

    ``order_by`` names concrete, non-null fields of the row and ends with a unique one. A cursor that cannot be read shows the first page.
    """
    backward = bool(parameters.get("before"))
    position = _read_cursor(parameters.get("before") or parameters.get("after") or "", len(order_by))
    ordering = [_reversed(name) for name in order_by] if backward and position else list(order_by)
    rows = queryset.order_by(*ordering)
    if position:
        try:
            rows = rows.filter(_beyond(ordering, position))
            found = list(rows[: size + 1])
        except (ValidationError, ValueError, TypeError, OverflowError):
            return paginate(queryset, order_by=order_by, parameters={}, size=size)
    else:
        found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward and position:
        found.reverse()
        return _page(found, order_by, has_next=True, has_previous=more, size=size)
    return _page(found, order_by, has_next=more, has_previous=bool(position), size=size)


def _page(
    rows: list[Any], order_by: Sequence[str], *, has_next: bool, has_previous: bool, size: int
) -> CursorPage:
    return CursorPage(
        rows=rows,
        next_cursor=_cursor(rows[-1], order_by) if rows and has_next else "",
        previous_cursor=_cursor(rows[0], order_by) if rows and has_previous else "",
        size=size,
    )


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(ordering: Sequence[str], position: Sequence[Any]) -> Q:
    """Rows after ``position``: (a > x) or (a = x and b > y) or …"""
    condition, equal = Q(pk__in=[]), Q()
    for name, value in zip(ordering, position, strict=True):
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name.lstrip('-')}__{comparison}": value})
        equal &= Q(**{name.lstrip("-"): value})
    return condition


def _cursor(row: Any, order_by: Sequence[str]) -> str:
    values = [_attribute(row, name.lstrip("-")) for name in order_by]
    plain = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _attribute(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = row.get(name) if isinstance(row, Mapping) else getattr(row, name)
    return row


def _read_cursor(text: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return []
    plain = isinstance(values, list) and len(values) == length
    return values if plain and all(isinstance(value, str | int | float) for value in values) else []
