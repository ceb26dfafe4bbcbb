"""Acts as people read them: a sentence, and for each field what it was before and after."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from enishi.audit import wording
from enishi.audit.models import AuditEvent
from enishi.foundation.templatetags.enishi import wareki_text

NAMED = {"organizations.organization", "organizations.section", "accounts.person"}
"""Kinds whose key is told by its name: who they are is no secret to whoever reads the act."""

LONGEST = 300


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One act. ``subject`` is empty for an act on something the reader may not know of."""

    at: dt.datetime
    actor_name: str
    sentence: str
    changes: Sequence[Change] = field(default_factory=list)
    subject: str = ""
    kind: str = ""
    sequence: int = 0


def told(events: Iterable[AuditEvent], *, hidden: frozenset[int] = frozenset()) -> list[Line]:
    """The acts in words. Those in ``hidden`` (sequence numbers) are told without subject, note and changes."""
    events = list(events)
    names = _names(event for event in events if event.sequence not in hidden)
    return [_line(event, names, is_hidden=event.sequence in hidden) for event in events]


def _line(event: AuditEvent, names: Mapping[tuple[str, str], str], *, is_hidden: bool) -> Line:
    model = wording.model_of(event.subject_type)
    sentence = wording.sentence(event.subject_type, event.action)
    if event.note and not is_hidden:
        sentence = _("%(sentence)s(%(note)s)") % {"sentence": sentence, "note": event.note_in_words}
    return Line(
        at=event.at,
        actor_name=event.actor_name or _("システム"),
        sentence=sentence,
        changes=[] if is_hidden or model is None else list(_changes(event, model, names)),
        subject=_("(閲覧できない記録)") if is_hidden else event.subject_label,
        kind=str(model._meta.verbose_name) if model else event.subject_type,
        sequence=event.sequence,
    )


def _changes(
    event: AuditEvent, model: type[models.Model], names: Mapping[tuple[str, str], str]
) -> Iterator[Change]:
    for name, (before, after) in event.changes.items():
        column = _column(model, name)
        if column is None or wording.is_private(event.subject_type, column.name):
            continue
        codes = wording.codes_of(event.subject_type, column.name)
        if codes:
            before, after = _decoded(before, codes), _decoded(after, codes)
        label = wording.label_of(column)
        if label:
            yield Change(label, _in_words(column, before, names), _in_words(column, after, names))


def _decoded(value: Any, codes: Mapping[str, Any]) -> Any:
    return [str(codes.get(each, each)) for each in value] if isinstance(value, list) else value


def _column(model: type[models.Model], name: str) -> Any:
    part, _dot, name = name.rpartition(".")
    # A change of a part of the record names the part's table: projects.task.due_on.
    model = (wording.model_of(part) if part else None) or model
    try:
        column = model._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    # A record that points here has its own history, and no words for a column of ours.
    return None if column.auto_created and not column.concrete else column


def _in_words(column: Any, value: Any, names: Mapping[tuple[str, str], str]) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("はい") if value else _("いいえ")
    if isinstance(value, list):
        return "・".join(_in_words(column, each, names) for each in value)
    target = column.related_model._meta.label_lower if column.is_relation else ""
    if target:
        return names.get((target, str(value)), str(value))
    moment = _moment(column, value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)[:LONGEST]
    text = str(dict(getattr(column, "flatchoices", None) or []).get(value, moment or value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _moment(column: Any, value: Any) -> str:
    if not isinstance(column, models.DateField) or not isinstance(value, str):
        return ""
    try:
        read = parse_datetime(value) if isinstance(column, models.DateTimeField) else parse_date(value)
    except ValueError:
        return ""
    return str(wareki_text(read)) if read else ""


def _names(events: Iterable[AuditEvent]) -> dict[tuple[str, str], str]:
    """The names behind the keys that changed, asked for once for each kind."""
    keys: dict[str, set[str]] = defaultdict(set)
    for event in events:
        model = wording.model_of(event.subject_type)
        for name, pair in event.changes.items() if model else ():
            assert model is not None
            column = _column(model, name)
            target = (
                column.related_model._meta.label_lower if column is not None and column.is_relation else ""
            )
            if target in NAMED:
                keys[target] |= {str(key) for value in pair for key in _several(value) if key is not None}
    named = {}
    for label, wanted in keys.items():
        target_model = wording.model_of(label)
        assert target_model is not None
        numbers = [int(key) for key in wanted if key.isdigit()]
        for row in target_model._default_manager.filter(pk__in=numbers):
            named[label, str(row.pk)] = str(row)
    return named


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
