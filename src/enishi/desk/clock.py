"""The clock of the desk: business days, how long each stage may take, and until when."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from enishi.desk.enums import ProposalStatus
from enishi.foundation.business_days import ONE_DAY, is_business_day

FIRST_REPLY_DAYS = 14
"""Calendar days within which everybody gets a reasoned first reply."""

USUAL_TARGETS: Mapping[str, int] = {
    ProposalStatus.RECEIVED: 2,
    ProposalStatus.CHECKING: 5,
    ProposalStatus.CONSULTING: 10,
    ProposalStatus.IN_DIALOGUE: 20,
    ProposalStatus.REVIEWING: 15,
}
"""Business days per stage until a municipality chooses its own."""


def target_of(stage: str, chosen: Mapping[str, int] | None = None) -> int | None:
    """Business days this stage should take; ``None`` where nothing waits."""
    usual = USUAL_TARGETS.get(stage)
    return None if usual is None else int((chosen or {}).get(stage, usual))


def after_business_days(day: dt.date, count: int) -> dt.date:
    """The ``count``-th business day after ``day``; ``day`` itself for 0.

    >>> after_business_days(dt.date(2026, 11, 20), 1)
    datetime.date(2026, 11, 24)
    """
    while count > 0:
        day += ONE_DAY
        count -= is_business_day(day)
    return day


def business_days_between(first: dt.date, last: dt.date) -> int:
    """Business days after ``first`` up to and including ``last``; 0 when ``last`` is not later.

    >>> business_days_between(dt.date(2026, 11, 20), dt.date(2026, 11, 25))
    2
    """
    if last <= first:
        return 0
    if first.year == last.year:
        return _since_new_year(last) - _since_new_year(first)
    whole = sum(_since_new_year(dt.date(year, 12, 31)) for year in range(first.year, last.year))
    return whole - _since_new_year(first) + _since_new_year(last)


@lru_cache(maxsize=20_000)
def _since_new_year(day: dt.date) -> int:
    """Business days from 1 January up to and including ``day``."""
    before = 0 if (day.month, day.day) == (1, 1) else _since_new_year(day - ONE_DAY)
    return before + is_business_day(day)
