"""What happened to a record, in sentences."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.audit import selectors
from enishi.audit.models import AuditEvent
from enishi.exchange.enums import ResourceKind, Sufferer
from enishi.exchange.models import Challenge, Resource

SENTENCES: dict[str, str | Promise] = {
    "create": gettext_lazy("下書きを作りました。"),
    "edit": gettext_lazy("内容を書き直しました。"),
    "publish": gettext_lazy("公開しました。"),
    "change_status": gettext_lazy("状態を変えました。"),
    "delete": gettext_lazy("ごみ箱に入れました。"),
    "restore": gettext_lazy("ごみ箱から元に戻しました。"),
    "confirm": gettext_lazy("いまも提供できることを確認しました。"),
    "attach": gettext_lazy("ファイルを添付しました。"),
    "detach": gettext_lazy("添付ファイルを外しました。"),
    "import": gettext_lazy("ファイルから取り込みました。"),
}
_LISTS: dict[str, Any] = {"sufferers": Sufferer, "resource_kinds": ResourceKind, "kinds": ResourceKind}
_UNSAID = {
    "status_reason",
    "published_at",
    "deleted_at",
    "confirmation_requested_at",
    "import_key",
    "is_demo",
}


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One act as the history shows it."""

    at: dt.datetime
    actor_name: str
    sentence: str
    changes: list[Change] = field(default_factory=list)


def lines(record: Challenge | Resource, *, limit: int = 50) -> list[Line]:
    """The latest acts, newest first."""
    return [_line(event, type(record)) for event in selectors.history(record)[:limit]]


def _line(event: AuditEvent, model: type[models.Model]) -> Line:
    sentence = str(SENTENCES.get(event.action, event.action))
    if event.note:
        sentence = _("%(sentence)s(%(note)s)") % {"sentence": sentence, "note": event.note}
    return Line(
        at=event.at,
        actor_name=event.actor_name or _("リンクまたはシステム"),
        sentence=sentence,
        changes=list(_changes(event, model)),
    )


def _changes(event: AuditEvent, model: type[models.Model]) -> Iterable[Change]:
    for name, (before, after) in event.changes.items():
        if name in _UNSAID:
            continue
        try:
            column = model._meta.get_field(name.removesuffix("_id"))
        except FieldDoesNotExist:
            continue
        label = str(getattr(column, "verbose_name", name))
        yield Change(label, in_words(column, before), in_words(column, after))


def in_words(column: Any, value: Any) -> str:
    """A stored value as a person would write it."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("はい") if value else _("いいえ")
    if column.name in _LISTS:
        labels = dict(_LISTS[column.name].choices)
        return "・".join(str(labels.get(code, code)) for code in value)
    if isinstance(value, list):
        return "・".join(str(one) for one in value)
    choices = dict(getattr(column, "flatchoices", None) or [])
    text = str(choices.get(value, value))
    return text if len(text) <= 300 else f"{text[:300]}…"
