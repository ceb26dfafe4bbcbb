"""Refusals a person can act on. Each carries the sentence the page shows."""

from django.utils.translation import gettext as _

from enishi.foundation.refusals import RefusedError as RefusedError
from enishi.foundation.refusals import StaleVersionError as StaleVersionError


class NotRestorableError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("削除から30日を過ぎたか、すでに元に戻されています。"))
