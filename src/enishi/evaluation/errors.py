"""Refusals a person can act on; each carries the sentence the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.foundation.refusals import RefusedError, StaleVersionError

__all__ = [
    "IncompleteError",
    "Missing",
    "OwnWorkError",
    "RefusedError",
    "StageOrderError",
    "StaleVersionError",
]


@dataclass(frozen=True)
class Missing:
    """A field that keeps a sheet from being handed in, and what to write there."""

    name: str
    sentence: str


class IncompleteError(RefusedError):
    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(
            _("提出にはあと%(count)dか所の記入が必要です: %(what)s")
            % {"count": len(missing), "what": " ".join(each.sentence for each in missing)}
        )
        self.missing = tuple(missing)


class StageOrderError(RefusedError):
    """A later stage cannot come before an earlier one (E1)."""

    def __init__(self, place: str) -> None:
        super().__init__(
            _("このシートはいま「%(place)s」の段階です。前の段階が済むまで、次の段階は始められません。")
            % {"place": place}
        )


class OwnWorkError(RefusedError):
    """Somebody would approve or decide what they wrote themselves."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "自分が書いた評価や案を、自分で承認・決定することはできません。ほかの権限のある人に頼んでください。"
            )
        )
