"""How acts on challenges, resources and fields of work are told, and their values said in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.audit import history, selectors, wording
from enishi.exchange.access import challenge_access, field_access, resource_access
from enishi.exchange.enums import ResourceKind, Sufferer
from enishi.exchange.models import Challenge, Resource

UNSAID = frozenset(
    {"status_reason", "published_at", "deleted_at", "confirmation_requested_at", "import_key", "is_demo"}
)
"""What the sentence says already, or nobody needs to read."""
CODES: dict[str, dict[str, Any]] = {
    "sufferers": dict(Sufferer.choices),
    "resource_kinds": dict(ResourceKind.choices),
    "kinds": dict(ResourceKind.choices),
}


def register() -> None:
    created = {"create": gettext_lazy("下書きを作りました。")}
    confirmed = {"confirm": gettext_lazy("いまも提供できることを確認しました。")}
    wording.register(wording.Subject("exchange.challenge", challenge_access.visible, created, UNSAID, CODES))
    wording.register(
        wording.Subject("exchange.resource", resource_access.visible, created | confirmed, UNSAID, CODES)
    )
    wording.register(
        wording.Subject(
            "exchange.field",
            field_access.visible,
            {
                "rename": gettext_lazy("名前を変えました。"),
                "move": gettext_lazy("並べ替えました。"),
                "retire": gettext_lazy("使わないことにしました。"),
                "reuse": gettext_lazy("もう一度使うことにしました。"),
                "delete": gettext_lazy("消しました。"),
            },
        )
    )


def lines(record: Challenge | Resource, *, limit: int = 30) -> list[history.Line]:
    """The latest acts, newest first."""
    return history.told(selectors.history(record)[:limit])


def in_words(column: Any, value: Any) -> str:
    """A value as a person would write it."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("はい") if value else _("いいえ")
    if isinstance(value, list):
        labels = CODES.get(column.name, {})
        return "・".join(str(labels.get(one, one)) for one in value)
    return str(dict(getattr(column, "flatchoices", None) or []).get(value, value))
