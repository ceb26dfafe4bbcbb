"""Panels: what a later room adds to the home page, or to an earlier room's record, without that room knowing."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from django.utils.functional import Promise

from enishi.foundation.access import Actor

HomeGroup = Literal["today", "matches", "late", "sent", "partner", "public"]


class Ordered(Protocol):
    @property
    def order(self) -> int: ...


ItemT = TypeVar("ItemT", bound=Ordered)


class Registry(Generic[ItemT]):
    """What rooms hand in while the application starts, kept in order."""

    def __init__(self) -> None:
        self._items: list[ItemT] = []

    def register(self, item: ItemT) -> None:
        self._items.append(item)
        self._items.sort(key=lambda other: other.order)

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self._items)


def everybody(actor: Actor) -> bool:
    return True


@dataclass(frozen=True)
class Todo:
    """Something that waits for this person. Those with a day come first, the earliest on top."""

    title: str
    url: str
    due: dt.date | None = None
    why: str | Promise = ""


@dataclass(frozen=True)
class HomePanel:
    """A part of somebody's home page. ``context`` answers ``None`` when there is nothing to say."""

    template: str
    order: int
    context: Callable[[Actor, dt.datetime], Mapping[str, Any] | None]
    group: HomeGroup
    shown: Callable[[Actor], bool] = everybody


@dataclass(frozen=True)
class RecordPanel:
    """A part of a record's page; ``record`` is ``room.model`` in lower case."""

    record: str
    template: str
    order: int
    context: Callable[[Actor, Any], Mapping[str, Any] | None]
    title: str | Promise = ""


home: Registry[HomePanel] = Registry()
records: Registry[RecordPanel] = Registry()


@dataclass(frozen=True)
class Filled:
    """A panel with the facts it shows."""

    template: str
    context: Mapping[str, Any]
    group: str = ""
    title: str | Promise = ""


def home_panels(actor: Actor, at: dt.datetime) -> list[Filled]:
    """This person's panels, those with nothing to say left out."""
    wanted = [(panel, panel.context(actor, at)) for panel in home if panel.shown(actor)]
    return [Filled(panel.template, facts, panel.group) for panel, facts in wanted if facts is not None]


def record_panels(record: str, actor: Actor, instance: object) -> list[Filled]:
    """What later rooms show on this record's page."""
    wanted = [(panel, panel.context(actor, instance)) for panel in records if panel.record == record]
    return [Filled(panel.template, facts, title=panel.title) for panel, facts in wanted if facts is not None]


def due_first(items: list[Todo]) -> list[Todo]:
    """Dated ones by day, then the others as they came."""
    return sorted(items, key=lambda item: item.due or dt.date.max)
