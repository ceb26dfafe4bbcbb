"""Administrators keep the list of fields of work: a used field is retired, never deleted."""

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange.access import field_access
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Field
from enishi.foundation import trail
from enishi.foundation.forms import clean_text

MOST_FIELDS = 500


@transaction.atomic
def add_field(*, parent: Field | None, name: str, actor: Person, at: dt.datetime) -> Field:
    """Add a field at the end of its siblings."""
    field_access.require(actor, "create")
    if parent is not None and parent.parent_id is not None:
        raise RefusedError(_("分野は二段までです。大きな分野の下に加えてください。"))
    if Field.objects.count() >= MOST_FIELDS:
        raise RefusedError(
            _("分野は%(limit)d個までです。使っていない分野を整理してください。") % {"limit": MOST_FIELDS}
        )
    name = _checked_name(name, parent_id=parent.pk if parent else None)
    field = Field.objects.create(parent=parent, name=name, code=_free_code(parent), order=_last(parent))
    _write_down(field, "create", actor=actor, at=at)
    return field


@transaction.atomic
def rename_field(*, field_id: int, name: str, actor: Person, at: dt.datetime) -> Field:
    field = _locked(field_id, actor)
    before = field.name
    field.name = _checked_name(name, parent_id=field.parent_id, but=field.pk)
    if field.name != before:
        field.save(update_fields=["name"])
        _write_down(field, "rename", actor=actor, at=at, name=(before, field.name))
    return field


@transaction.atomic
def move_field(*, field_id: int, up: bool, actor: Person, at: dt.datetime) -> Field:
    """Change places with the sibling before or after."""
    field = _locked(field_id, actor)
    siblings = list(Field.objects.filter(parent_id=field.parent_id).order_by("order", "pk"))
    place = siblings.index(field)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(siblings):
        return field
    siblings[place], siblings[other] = siblings[other], siblings[place]
    for order, sibling in enumerate(siblings, start=1):
        sibling.order = order
    Field.objects.bulk_update(siblings, ["order"])
    _write_down(field, "move", actor=actor, at=at, order=(place + 1, other + 1))
    return field


@transaction.atomic
def retire_field(*, field_id: int, active: bool, actor: Person, at: dt.datetime) -> Field:
    """Offer a field in forms no more, or again; records keep theirs."""
    field = _locked(field_id, actor)
    if field.is_active != active:
        field.is_active = active
        field.save(update_fields=["is_active"])
        _write_down(
            field, "retire" if not active else "reuse", actor=actor, at=at, is_active=(not active, active)
        )
    return field


@transaction.atomic
def remove_field(*, field_id: int, actor: Person, at: dt.datetime) -> None:
    """Delete a field that nobody has used; a used one can only be retired."""
    field = _locked(field_id, actor)
    if is_used(field):
        raise RefusedError(
            _(
                "「%(name)s」は課題や資源で使われているか、下の分野があるため消せません。「使わない」にしてください。"
            )
            % {"name": field.name}
        )
    _write_down(field, "delete", actor=actor, at=at)
    field.delete()


def is_used(field: Field) -> bool:
    return field.children.exists() or field.challenges.exists() or field.resources.exists()


def _locked(field_id: int, actor: Person) -> Field:
    field = Field.objects.select_for_update().get(pk=field_id)
    field_access.require(actor, "edit", field)
    return field


def _checked_name(name: str, *, parent_id: int | None, but: int | None = None) -> str:
    name = clean_text(name).strip()
    if not name:
        raise RefusedError(_("分野の名前を書いてください。"))
    if len(name) > 60:
        raise RefusedError(_("分野の名前は60文字までで書いてください。"))
    same = Field.objects.filter(parent_id=parent_id, name=name)
    if (same if but is None else same.exclude(pk=but)).exists():
        raise RefusedError(_("「%(name)s」はすでにあります。") % {"name": name})
    return name


def _free_code(parent: Field | None) -> str:
    """A code like ``welfare-7``: stable, never used again."""
    stem = parent.code if parent else "field"
    taken = set(Field.objects.filter(code__startswith=f"{stem}-").values_list("code", flat=True))
    number = len(taken) + 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _last(parent: Field | None) -> int:
    last: int | None = Field.objects.filter(parent=parent).aggregate(last=Max("order"))["last"]
    return (last or 0) + 1


def _write_down(
    field: Field, action: str, *, actor: Person, at: dt.datetime, **changes: tuple[object, object]
) -> None:
    trail.record(trail.Act(actor=actor, action=action, subject=field, at=at, changes=changes))
