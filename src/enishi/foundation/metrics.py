"""Numbers that rooms can compute about an organisation: each with its parents and the list behind it.

A room registers what it can count (``metrics.py`` in the room); pages, and later indicators, ask here.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.utils.functional import Promise

from enishi.foundation.access import Actor


@dataclass(frozen=True)
class Counted:
    """One thing behind a number; ``counts`` tells whether it stands in the numerator, or only below the line."""

    title: str
    url: str
    counts: bool = True
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A number with its parents. ``value`` is ``None`` when it cannot be said, and ``missing`` says why.

    For shares and means ``numerator`` and ``denominator`` are what was divided; for a count
    ``denominator`` is ``None``. ``beside`` holds numbers that must be read together with this one, such as the
    pending cases or the plain mean.
    """

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    missing: str | Promise = ""
    beside: Sequence[tuple[str | Promise, str]] = ()


@dataclass(frozen=True)
class Period:
    """Both days belong to it."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Metric:
    """A definition: ``figure(organization_id, period, as_of)`` and the rows behind it, as far as this actor may read.

    Tags that pages understand: ``desk-record`` puts a number among the four of 「窓口の成績」 (in ``order``);
    ``beside:<word>`` shows numbers with the same word next to each other (cohort and period variant, plain and
    Kaplan–Meier); ``lower-is-better`` turns the comparison with ``target`` round.
    """

    key: str
    title: str | Promise
    definition: str | Promise
    unit: str | Promise
    figure: Callable[[int, Period, dt.date], Figure]
    rows: Callable[[int, Period, dt.date, Actor], Sequence[Counted]]
    target: Decimal | None = None
    order: int = 100
    decimals: int = 0
    tags: Sequence[str] = field(default_factory=tuple)


_metrics: dict[str, Metric] = {}
_read: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar(
    "facts read for several numbers", default=None
)
P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def together() -> Iterator[None]:
    """While a page asks for several numbers, what they rest on is read once."""
    mark = _read.set({})
    try:
        yield
    finally:
        _read.reset(mark)


def fact(read: Callable[P, T]) -> Callable[P, T]:
    """What several numbers rest on; within ``together`` it is read once for each set of arguments, and shared."""

    @wraps(read)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _read.get()
        if known is None:
            return read(*args, **kwargs)
        key = (read, *args, *sorted(kwargs.items()))
        if key not in known:
            known[key] = read(*args, **kwargs)
        found: T = known[key]
        return found

    return once


def register(*metrics: Metric) -> None:
    """Offer numbers. To be called in ``apps.ready``."""
    for metric in metrics:
        _metrics[metric.key] = metric


def all_metrics() -> list[Metric]:
    return sorted(_metrics.values(), key=lambda metric: (metric.order, metric.key))


def metric(key: str) -> Metric:
    return _metrics[key]


def share(
    part: int, whole: int, *, missing: str | Promise, beside: Sequence[tuple[str | Promise, str]] = ()
) -> Figure:
    """A share in per cent, or the reason why there is none.

    >>> share(3, 5, missing="").value
    Decimal('60.0')
    >>> share(0, 0, missing="対象がありません").missing
    '対象がありません'
    """
    if whole == 0:
        return Figure(None, Decimal(part), Decimal(0), missing, beside)
    tenths = round(Fraction(part * 1000, whole))
    return Figure(Decimal(tenths) / 10, Decimal(part), Decimal(whole), beside=beside)
