"""The kinds of notice there are. A room registers its own in ``apps.ready``."""

from dataclasses import dataclass

from django.utils.functional import Promise

from enishi.notifications.enums import MailMode


@dataclass(frozen=True)
class NoticeKind:
    """``key`` is stored with each notice; ``mail`` is what people get until they choose."""

    key: str
    label: str | Promise
    mail: MailMode = MailMode.DAILY


_kinds: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> None:
    _kinds[kind.key] = kind


def all_kinds() -> list[NoticeKind]:
    return list(_kinds.values())


def kind_of(key: str) -> NoticeKind:
    """The registered kind. Raises ``LookupError`` for a word no room knows."""
    return _kinds[key]
