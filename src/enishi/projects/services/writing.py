"""What every service of the room does: lock, fill, compare, save, write down, tell."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.projects.errors import OverError, RefusedError, StaleVersionError
from enishi.projects.models import Participant, Project
from enishi.projects.signals import project_changed

RowT = TypeVar("RowT", bound=models.Model)
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2150, 12, 31)
HIDDEN = frozenset({"version", "updated_at", "updated_by_id", "created_at"})


def locked_project(project_id: int) -> Project:
    """The project, held against other writers until the transaction ends."""
    project = Project.objects.select_for_update().get(pk=project_id)
    if project.deleted_at is not None:
        raise RefusedError(_("この記録は削除されています。先に「ごみ箱」から元に戻してください。"))
    return project


def require_open(project: Project) -> None:
    if not project.is_open:
        raise OverError


def require_version(row: Any, version: int) -> None:
    if row.version != version:
        raise StaleVersionError(opened=version, current=row.version)


def assign(row: models.Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Put the values on the row, cleaned.

    Raises
    ------
    ValidationError
        With a sentence for each value that cannot be used.
    """
    known = set(names)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise TypeError(f"unknown values: {unknown}")
    for name, value in values.items():
        setattr(row, name, _clean(row, name, value))
    relations = [column.name for column in row._meta.concrete_fields if column.is_relation]
    row.clean_fields(exclude=relations)


def _clean(row: models.Model, name: str, value: Any) -> Any:
    column = row._meta.get_field(name)
    if isinstance(column, models.CharField | models.TextField):
        return clean_text(str(value or ""), lines=isinstance(column, models.TextField)).strip()
    if (
        isinstance(column, models.DateField)
        and isinstance(value, dt.date)
        and not EARLIEST <= value <= LATEST
    ):
        raise ValidationError({name: _("1900年から2150年までの日付を書いてください。例: 令和8年12月1日")})
    return value


def in_order(row: Any, first: str, last: str, sentence: str) -> None:
    """Refuse a range whose end lies before its beginning."""
    begins, ends = getattr(row, first), getattr(row, last)
    if begins is not None and ends is not None and ends < begins:
        raise ValidationError({last: sentence})


def own_participant(project: Project, participant: Participant | None) -> None:
    if participant is not None and participant.project_id != project.pk:
        raise ValidationError({"participant": _("この事業に参加する団体から選んでください。")})


def changed(before: Mapping[str, Any], row: models.Model) -> dict[str, tuple[Any, Any]]:
    found = trail.differences(before, trail.values(row))
    return {name: pair for name, pair in found.items() if name not in HIDDEN}


def write_down(
    project: Project,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    row: models.Model | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    """Record the act with the project, so that its history is one list. Changes of a part name the part's table."""
    prefix = f"{row._meta.label_lower}." if row is not None else ""
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=project,
            at=at,
            organization_id=project.organization_id,
            changes={f"{prefix}{name}": pair for name, pair in (changes or {}).items()},
            note=note,
        )
    )


def touch(project: Project, *, actor: Person | None, at: dt.datetime) -> None:
    """Something inside changed: the project is at the top of its lists, but nobody's open form grows stale."""
    values: dict[str, Any] = {"updated_at": max(at, project.updated_at)}
    if actor is not None:
        values["updated_by"] = actor
    Project.objects.filter(pk=project.pk).update(**values)


def tell(project: Project) -> None:
    key = project.pk
    transaction.on_commit(lambda: _send(key))


def _send(key: int) -> None:
    project_changed.send_robust(Project, project_id=key)
