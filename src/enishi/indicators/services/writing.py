"""What every service of the room does: lock, fill, compare, save, write down, tell."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.indicators import periods, standings
from enishi.indicators.enums import Frequency, ValueState
from enishi.indicators.errors import RefusedError, StaleVersionError
from enishi.indicators.models import DataElement, Indicator, Measurement
from enishi.indicators.models_values import TOTAL
from enishi.indicators.signals import indicator_changed, standings_changed

HIDDEN = frozenset({"version", "updated_at", "updated_by_id", "created_at"})


def locked_indicator(indicator_id: int) -> Indicator:
    """The indicator, held against other writers until the transaction ends."""
    indicator = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator_id)
    if indicator.deleted_at is not None:
        raise RefusedError(_("この指標は削除されています。先に「ごみ箱」から元に戻してください。"))
    return indicator


def locked_element(element_id: int) -> DataElement:
    return DataElement.objects.select_for_update(of=("self",)).get(pk=element_id)


def locked(owner: Indicator | DataElement) -> Indicator | DataElement:
    return locked_indicator(owner.pk) if isinstance(owner, Indicator) else locked_element(owner.pk)


def require_in_use(owner: Indicator | DataElement) -> None:
    if owner.retired_at is None:
        return
    if isinstance(owner, Indicator):
        raise RefusedError(_("この指標は使うのをやめています。値や目標は変えられません。"))
    raise RefusedError(
        _("このデータ項目は使うのをやめています。値を入れるには、先に「また使う」を押してください。")
    )


def require_version(row: Any, version: int | None) -> None:
    if version is not None and row.version != version:
        raise StaleVersionError(opened=version, current=row.version)


def assign(row: models.Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Put the values on the row, cleaned. Raises ``ValidationError`` with a sentence for each that cannot be used."""
    unknown = [name for name in values if name not in set(names)]
    if unknown:
        raise TypeError(f"unknown values: {unknown}")
    for name, value in values.items():
        column = row._meta.get_field(name)
        if isinstance(column, models.CharField | models.TextField):
            value = clean_text(str(value or ""), lines=isinstance(column, models.TextField)).strip()
        setattr(row, name, value)
    relations = [column.name for column in row._meta.concrete_fields if column.is_relation]
    row.clean_fields(exclude=relations)


def changed(before: Mapping[str, Any], row: models.Model) -> dict[str, tuple[Any, Any]]:
    found = trail.differences(before, trail.values(row))
    return {name: pair for name, pair in found.items() if name not in HIDDEN}


def write_down(
    owner: Indicator | DataElement,
    action: str,
    *,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=owner,
            at=at,
            organization_id=owner.organization_id,
            changes=changes or {},
            note=note[:500],
        )
    )


def told(indicator: Indicator) -> None:
    key = indicator.pk
    transaction.on_commit(lambda: _send_changed(key))


def _send_changed(key: int) -> None:
    indicator_changed.send_robust(Indicator, indicator_id=key)


def restand(indicator_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Standings and due days follow every change of values and targets, in the same transaction."""
    keys = sorted(set(indicator_ids))
    standings.rebuild(keys, at=at)
    due_again(keys, at=at)
    transaction.on_commit(lambda: _send_standings(keys))


def _send_standings(keys: list[int]) -> None:
    standings_changed.send_robust(Indicator, ids=keys)


def due_again(indicator_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Work out anew by when the next value is due: the lag after the end of the first period without one."""
    rows = list(
        Indicator.objects.filter(pk__in=list(indicator_ids)).only(
            "frequency", "publication_lag_days", "next_due_on", "created_at", "retired_at"
        )
    )
    said = (
        Measurement.objects.filter(
            indicator_id__in=[row.pk for row in rows],
            dims=TOTAL,
            state__in=[ValueState.APPROVED, ValueState.SUBMITTED],
        )
        .exclude(status="provisional", value__isnull=True)
        .values("indicator_id")
        .annotate(last=models.Max("period_end"))
        .values_list("indicator_id", "last")
    )
    last = dict(said)
    moved = []
    for row in rows:
        due = None if row.retired_at else _due(row, last.get(row.pk), timezone.localdate(at))
        if due != row.next_due_on:
            row.next_due_on, row.reminded_on = due, None
            moved.append(row)
    Indicator.objects.bulk_update(moved, ["next_due_on", "reminded_on"], batch_size=500)


def _due(indicator: Indicator, last_end: dt.date | None, today: dt.date) -> dt.date | None:
    frequency = Frequency(indicator.frequency)
    if last_end is None:
        span = periods.last_finished(today, frequency)
    else:
        span = periods.after(last_end, frequency)
        if span is None and frequency.months:
            span = periods.current(last_end + dt.timedelta(days=1), frequency)
    return span.end + dt.timedelta(days=indicator.publication_lag_days) if span else None


def refuse(faults: Mapping[str, str]) -> None:
    if faults:
        raise ValidationError(dict(faults))
