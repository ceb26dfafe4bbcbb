"""The two refusals every form of the product knows how to show."""

from typing import Any

from django.utils.translation import gettext as _


class RefusedError(Exception):
    """Something cannot be done now; ``sentence`` says what, why and how to go on."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StaleVersionError(RefusedError):
    """Somebody else saved the record since the form was opened."""

    def __init__(self, *, opened: int, current: int) -> None:
        super().__init__(
            _("ほかの人が先に保存しました。両方の内容を見くらべて、どちらを残すか選んでください。")
        )
        self.opened = opened
        self.current = current


def require_version(row: Any, version: int | None) -> None:
    """Refuse to write over what somebody else saved since ``version`` was read; ``None`` where nobody read before."""
    if version is not None and row.pk is not None and row.version != version:
        raise StaleVersionError(opened=version, current=row.version)
