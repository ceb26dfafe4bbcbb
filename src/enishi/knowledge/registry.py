"""What the rooms above let be searched. A room describes its records once; search never imports it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from enishi.foundation.access import Actor


@dataclass(frozen=True)
class SearchText:
    """A record as search sees it.

    ``body_parts``: texts with their weights; parts of weight 3 and more count like
    the title. ``tags``: opaque words such as ``field:welfare-1`` or ``fresh``; those with the same name before the
    colon are choices of one facet. ``parties``: keys of the organisations invited. ``is_sunk`` records come last.
    """

    title: str
    organization_id: int
    visibility: str
    updated_at: dt.datetime
    body_parts: Sequence[tuple[str, float]] = ()
    tags: Sequence[str] = ()
    section_id: int | None = None
    parties: Sequence[int] = ()
    not_yet_shared: bool = False
    is_sunk: bool = False
    excerpt: str = ""


@dataclass(frozen=True)
class Place:
    """A stretch of a record that was found: its address leads to that very place."""

    url: str
    title: str
    title_marked: SafeString | str
    snippet: SafeString | str


@dataclass(frozen=True)
class SearchSource:
    """One kind of record. ``document`` gets an instance and answers ``None`` for one that is not to be found.

    ``places``: for kinds that are found by what their parts mean, not by words alone: the person, what was typed, how many.

    ``near``: keys of records that mean what was typed, in other words: the person, what was typed, how many; who may read them is asked
    again.

    ``is_front``: whether its newest greet visitors; of other kinds they are told where to look.

    ``barred``: keys this very person may not find although everybody else of the house may.

    The model has ``updated_at``; ``related`` names what ``document`` reads beside the row
    itself; ``rows`` selects it where names do not suffice.
    """

    kind: str
    model: type[models.Model]
    document: Callable[[Any], SearchText | None]
    related: Sequence[str] = ()
    rows: Callable[[], models.QuerySet[Any, Any]] | None = None
    label: str | Promise = ""
    url: Callable[[int], str] | None = None
    list_url: Callable[[], str] | None = None
    places: Callable[[Actor, str, int], Sequence[Place]] | None = None
    near: Callable[[Actor, str, int], Sequence[int]] | None = None
    order: int = 100
    is_front: bool = False
    barred: Callable[[Actor], models.QuerySet[Any, int]] | None = None

    def all_rows(self) -> models.QuerySet[Any, Any]:
        if self.rows is not None:
            return self.rows()
        single = [
            name for name in self.related if self.model._meta.get_field(name.split("__")[0]).many_to_one
        ]
        rows: models.QuerySet[Any, Any] = self.model._default_manager.select_related(*single)
        return rows.prefetch_related(*(name for name in self.related if name not in single))

    def address(self, object_id: int) -> str:
        if self.url is not None:
            return self.url(object_id)
        row: Any = self.model._default_manager.filter(pk=object_id).first()
        return str(row.get_absolute_url()) if row is not None else ""


_sources: dict[str, SearchSource] = {}


def register(source: SearchSource) -> None:
    """Let records of this kind be found. To be called in ``apps.ready``."""
    _sources[source.kind] = source


def sources() -> list[SearchSource]:
    return sorted(_sources.values(), key=lambda source: (source.order, source.kind))


def source_of(kind: str) -> SearchSource:
    return _sources[kind]


def barred_from(person: Actor) -> dict[str, list[int]]:
    """What this very person may not find, by kind; nearly always nothing. Worked out once for each loaded person."""
    known: dict[str, list[int]] | None = getattr(person, "_barred", None)
    if known is None:
        asked = [(source.kind, source.barred) for source in _sources.values() if source.barred is not None]
        known = {kind: keys for kind, barred in asked if (keys := list(barred(person)))}
        person._barred = known  # type: ignore[union-attr]
    return known


def forget_barred(person: Actor) -> None:
    """To be called when something closes itself to a loaded person."""
    if hasattr(person, "_barred"):
        del person._barred
