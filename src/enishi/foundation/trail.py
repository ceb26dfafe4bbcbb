"""What was done, told to whoever keeps the record.

Rooms below ``audit`` cannot know it, so every room says what it did here and ``audit`` listens. The signal is
sent inside the service's own transaction and is not robust on purpose: an act that cannot be recorded does not happen.
"""

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.dispatch import Signal

from enishi.foundation.access import Actor

acted = Signal()


@dataclass(frozen=True)
class Act:
    """One thing somebody did to one record.

    ``changes`` maps a field's name to its values before and after, as JSON can hold them.
    ``actor`` is ``None`` when the system acted by itself (a job, a schedule).
    """

    actor: Actor | None
    action: str
    subject: models.Model
    at: dt.datetime
    organization_id: int | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    note: str = ""


def record(*acts: Act) -> None:
    """Tell the trail, in order."""
    acted.send(sender=Act, acts=acts)


def values(instance: models.Model, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The instance's stored values, as JSON can hold them."""
    wanted = set(names) if names is not None else None
    return {
        column.attname: plain(getattr(instance, column.attname))
        for column in instance._meta.concrete_fields
        if wanted is None or column.name in wanted
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, by field: before and after."""
    return {
        name: (before.get(name), after.get(name))
        for name in [*before, *(name for name in after if name not in before)]
        if before.get(name) != after.get(name)
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
