"""Refusals a person can act on. Each carries the sentence the page shows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enishi.exchange.errors import Missing, NotRestorableError, RefusedError, StaleVersionError

__all__ = [
    "IncompleteError",
    "Missing",
    "NotRestorableError",
    "NothingToWriteError",
    "ReasonNeededError",
    "RefusedError",
    "StaleVersionError",
]


class ReasonNeededError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("理由を書いてください。あとから見る人に、なぜそうしたかが伝わります。"))


class NothingToWriteError(RefusedError):
    """There is no draft: what was approved is never rewritten."""

    def __init__(self) -> None:
        super().__init__(
            _("決裁を経た版は書き直せません。変えるときは「変更を申し出る」から、新しい版を作ってください。")
        )


class IncompleteError(RefusedError):
    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(
            ngettext(
                "決裁に回すにはあと%(count)dか所の記入が必要です: %(what)s",
                "決裁に回すにはあと%(count)dか所の記入が必要です: %(what)s",
                len(missing),
            )
            % {"count": len(missing), "what": " ".join(one.sentence for one in missing)}
        )
        self.missing = tuple(missing)
