"""What was thrown away comes back for thirty days; after that it is erased, with its files, and the trail says so."""

import datetime as dt
import logging
from collections.abc import Iterator

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models, router, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError

from enishi.foundation import trail
from enishi.foundation.models import Kept

logger = logging.getLogger(__name__)
RESTORABLE = dt.timedelta(days=30)
KEPT_FOR = dt.timedelta(days=31)
"""A day more than the thirty in which it comes back: nobody is to meet the broom on the last evening."""
MOST_A_ROUND = 2_000

_marks: dict[type[models.Model], str] = {}


def register(model: type[models.Model], mark: str) -> None:
    """Let rows of this model be erased thirty days after ``mark``; what is :class:`Kept` is without being named."""
    _marks[model] = mark


def erase_old(at: dt.datetime) -> int:
    """Erase what has lain in the trash for longer than it can come back. Returns how many records.

    What others still rest on stays, unseen as before: the thread of a case is never cut.
    """
    erased = 0
    for model, mark in _thrown_away():
        old = model._default_manager.filter(**{f"{mark}__lt": at - KEPT_FOR}).order_by("pk")
        for row in old[: MOST_A_ROUND - erased]:
            erased += _erase(row, at)
        if erased >= MOST_A_ROUND:
            break
    return erased


def _thrown_away() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        if issubclass(model, Kept) and not model._meta.proxy:
            yield model, "deleted_at"
    yield from _marks.items()


def _erase(row: models.Model, at: dt.datetime) -> int:
    owner = getattr(row, "organization_id", None)
    try:
        with transaction.atomic():
            files = list(_files_of(row))
            trail.record(trail.Act(None, "erase", row, at, organization_id=owner))
            row.delete()
            transaction.on_commit(lambda: _remove(files))
    except (ProtectedError, RestrictedError):
        logger.info("%s %s stays in the trash: others rest on it", row._meta.label, row.pk)
        return 0
    return 1


def _files_of(row: models.Model) -> Iterator[tuple[models.FileField, str]]:
    """The files of everything that goes with the row."""
    collector = Collector(using=router.db_for_write(type(row), instance=row))
    collector.collect([row])
    going: list[models.Model] = [one for rows in collector.data.values() for one in rows]
    for rows in collector.fast_deletes:
        if any(isinstance(column, models.FileField) for column in rows.model._meta.concrete_fields):
            going += list(rows)
    for one in going:
        for column in one._meta.concrete_fields:
            if isinstance(column, models.FileField) and (name := str(getattr(one, column.attname))):
                yield column, name


def _remove(files: list[tuple[models.FileField, str]]) -> None:
    for column, name in files:
        if column.model._default_manager.filter(**{column.name: name}).exists():
            continue
        storage: Storage = column.storage
        try:
            storage.delete(name)
        except OSError:
            logger.exception("a file of an erased record stays on disk")
