"""Many records at once, from a file or a generator: new ones made, known ones changed, the same ones left alone."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from enishi.accounts.models import Person
from enishi.exchange.access import access_of
from enishi.exchange.enums import RecordKind
from enishi.exchange.models import Challenge, Field, Resource
from enishi.exchange.signals import records_changed
from enishi.exchange.values import MANY, check_alone, cleaned, known_keys
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.organizations.models import Organization, Section

BATCH = 500
MODELS: dict[str, type[Challenge] | type[Resource]] = {"challenge": Challenge, "resource": Resource}
EXTRA = frozenset({"status", "status_reason", "confirmed_on", "is_demo"})
"""What only a bulk may set beside the values of a form."""


@dataclass(frozen=True)
class ImportedRow:
    """One record as a file gives it. ``values`` has the keys of ChallengeValues or ResourceValues, and may add
    ``status`` ("draft" or "open" …), ``status_reason``, ``confirmed_on`` and ``is_demo``.
    """

    organization_id: int
    import_key: str
    values: Mapping[str, Any]


@dataclass
class SavedImport:
    """What the bulk did; the ids by what happened to them."""

    added: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)


@transaction.atomic
def save_imported(
    *,
    kind: str,
    rows: Sequence[ImportedRow],
    actor: Person,
    at: dt.datetime,
    progress: Callable[[int, int], None] | None = None,
) -> SavedImport:
    """Save all rows or none, each found again by its organisation and key.

    Raises
    ------
    ValidationError
        With a sentence for each value that cannot be used, by ``row.column`` (rows count from 0).
    """
    model = MODELS[kind]
    _require(model, rows, actor)
    _check_references(model, rows)
    result = SavedImport()
    for start in range(0, len(rows), BATCH):
        _save_batch(model, rows[start : start + BATCH], start, result, actor=actor, at=at)
        if progress is not None:
            progress(min(start + BATCH, len(rows)), len(rows))
    touched = [*result.added, *result.changed]
    if touched:
        transaction.on_commit(lambda: _send_many(model, kind, touched))
    return result


def _send_many(model: type[models.Model], kind: str, ids: list[int]) -> None:
    records_changed.send_robust(model, kind=RecordKind(kind).value, ids=ids)


def _require(model: type[Challenge] | type[Resource], rows: Iterable[ImportedRow], actor: Person) -> None:
    access = access_of(model)
    for organization in Organization.objects.filter(pk__in={row.organization_id for row in rows}):
        access.require(actor, "create", organization)


def _check_references(model: type[Challenge] | type[Resource], rows: Sequence[ImportedRow]) -> None:
    """Every named field, area, party and section exists: three questions for the whole file."""
    known = known_keys({name: _wanted(rows, name) for name in MANY})
    sections = dict(
        Section.objects.filter(
            pk__in={row.values["section_id"] for row in rows if row.values.get("section_id")}
        ).values_list("pk", "organization_id")
    )
    faults = {}
    for number, row in enumerate(rows):
        for name in MANY:
            if set(row.values.get(name, ())) - known[name]:
                faults[f"{number}.{name}"] = _("選べない値が入っています。一覧から選び直してください。")
        section_id = row.values.get("section_id")
        if section_id and sections.get(section_id) != row.organization_id:
            faults[f"{number}.section_id"] = _("この団体の課を選んでください。")
    if faults:
        raise ValidationError(faults)


def _wanted(rows: Iterable[ImportedRow], name: str) -> set[int]:
    return {int(key) for row in rows for key in row.values.get(name, ())}


def _save_batch(
    model: type[Challenge] | type[Resource],
    rows: Sequence[ImportedRow],
    start: int,
    result: SavedImport,
    *,
    actor: Person,
    at: dt.datetime,
) -> None:
    known = _known(model, rows)
    added: list[tuple[Any, dict[str, list[int]]]] = []
    changed: list[tuple[Any, dict[str, list[int]], dict[str, tuple[Any, Any]]]] = []
    for number, row in enumerate(rows, start=start):
        values, extra = _cleaned_row(model, row, number)
        record = known.get((row.organization_id, row.import_key))
        if record is None:
            record = model(organization_id=row.organization_id, import_key=row.import_key, created_at=at)
            many = _fill(record, values, extra, number, actor=actor, at=at)
            known[row.organization_id, row.import_key] = record
            added.append((record, many))
            continue
        before = trail.values(record) | _keys(record, values)
        many = _fill(record, values, extra, number, actor=actor, at=at, touch=False)
        differences = trail.differences(before, trail.values(record) | _wanted_keys(many))
        if "fields" in differences:
            differences["fields"] = _named(differences["fields"])
        if differences:
            record.version += 1
            record.updated_at, record.updated_by = at, actor
            changed.append((record, many, differences))
        elif record.pk:
            result.unchanged.append(record.pk)
    _store(model, added, changed, result, actor=actor, at=at)


def _named(pair: tuple[list[int], list[int]]) -> tuple[list[str], list[str]]:
    """Fields by name, as the history of an edit tells them; the record of acts names the places itself."""
    names = dict(Field.objects.filter(pk__in={*pair[0], *pair[1]}).values_list("pk", "name"))
    before, after = ([names.get(key, str(key)) for key in keys] for keys in pair)
    return before, after


def _known(
    model: type[Challenge] | type[Resource], rows: Sequence[ImportedRow]
) -> dict[tuple[int, str], Any]:
    found = (
        model._default_manager.filter(
            organization_id__in={row.organization_id for row in rows},
            import_key__in={row.import_key for row in rows},
        )
        .select_for_update()
        .prefetch_related("fields", "areas", "parties")
    )
    return {(record.organization_id, record.import_key): record for record in found}


def _cleaned_row(
    model: type[Challenge] | type[Resource], row: ImportedRow, number: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    extra = {name: value for name, value in row.values.items() if name in EXTRA}
    plain = {name: value for name, value in row.values.items() if name not in EXTRA}
    try:
        return cleaned(model, plain), extra
    except ValidationError as error:
        raise _at_row(error, number) from error


def _fill(
    record: Challenge | Resource,
    values: Mapping[str, Any],
    extra: Mapping[str, Any],
    number: int,
    *,
    actor: Person,
    at: dt.datetime,
    touch: bool = True,
) -> dict[str, list[int]]:
    for name, value in [*values.items(), *extra.items()]:
        if name not in MANY:
            setattr(record, name, value)
    if touch:
        record.updated_at, record.updated_by = at, actor
    if record.status != "draft" and record.published_at is None:
        record.published_at = at
    record.deleted_at = None
    try:
        check_alone(record)
    except ValidationError as error:
        raise _at_row(error, number) from error
    return {name: values[name] for name in MANY if name in values}


def _at_row(error: ValidationError, number: int) -> ValidationError:
    return ValidationError({f"{number}.{name}": messages for name, messages in error.message_dict.items()})


def _keys(record: Challenge | Resource, values: Mapping[str, Any]) -> dict[str, list[int]]:
    return {
        MANY[name]: sorted(one.pk for one in getattr(record, MANY[name]).all())
        for name in MANY
        if name in values
    }


def _wanted_keys(many: Mapping[str, list[int]]) -> dict[str, list[int]]:
    return {MANY[name]: keys for name, keys in many.items()}


def _store(
    model: type[Challenge] | type[Resource],
    added: list[tuple[Any, dict[str, list[int]]]],
    changed: list[tuple[Any, dict[str, list[int]], dict[str, tuple[Any, Any]]]],
    result: SavedImport,
    *,
    actor: Person,
    at: dt.datetime,
) -> None:
    manager: Any = model._default_manager
    manager.bulk_create([record for record, _ in added], batch_size=BATCH)
    columns = [column.name for column in model._meta.concrete_fields if not column.primary_key]
    stored = [record for record, _, _ in changed if record.pk]
    manager.bulk_update(stored, columns, batch_size=100)
    choices = [*added, *((record, many) for record, many, _ in changed)]
    _replace_many(model, choices, fresh={record.pk for record, _ in added})
    result.added += [record.pk for record, _ in added]
    result.changed += [record.pk for record in stored]
    acts = [_act(record, "import", {}, actor=actor, at=at) for record, _ in added]
    acts += [_act(record, "import", differences, actor=actor, at=at) for record, _, differences in changed]
    trail.record(*acts)


def _replace_many(
    model: type[Challenge] | type[Resource],
    choices: list[tuple[Any, dict[str, list[int]]]],
    *,
    fresh: set[int],
) -> None:
    """Write the links straight into their tables: one insert a batch instead of several queries a record."""
    for name, attribute in MANY.items():
        relation: Any = model._meta.get_field(attribute)
        through, mine, theirs = (
            relation.remote_field.through,
            relation.m2m_column_name(),
            relation.m2m_reverse_name(),
        )
        touched = {record.pk: many[name] for record, many in choices if name in many}
        old = [pk for pk in touched if pk not in fresh]
        if old:
            through._default_manager.filter(**{f"{mine}__in": old}).delete()
        links = [through(**{mine: pk, theirs: key}) for pk, keys in touched.items() for key in keys]
        through._default_manager.bulk_create(links, batch_size=BATCH)


def _act(
    record: Challenge | Resource,
    action: str,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    actor: Person,
    at: dt.datetime,
) -> trail.Act:
    return trail.Act(
        actor=actor,
        action=action,
        subject=record,
        at=at,
        organization_id=record.organization_id,
        changes=changes,
    )
