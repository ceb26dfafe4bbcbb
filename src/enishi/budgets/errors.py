"""Refusals a person can act on. Each carries the sentence the page shows."""

from django.utils.translation import gettext as _

from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.refusals import RefusedError, StaleVersionError

__all__ = [
    "AppendOnlyError",
    "ClosedYearError",
    "ImmutableUidError",
    "RefusedError",
    "StaleVersionError",
]


class AppendOnlyError(Exception):
    """Entries are added and never changed: a mistake is corrected by another entry."""


class ImmutableUidError(Exception):
    """The number of a programme is given once."""


class ClosedYearError(RefusedError):
    """The books of the year are closed."""

    def __init__(self, fiscal_year: int) -> None:
        super().__init__(
            _(
                "%(year)sは締めてあるため、書き込めません。直すときは、財政の担当が「年度の設定」で理由を書いて開け直してください。"
            )
            % {"year": FiscalYear(fiscal_year)}
        )
