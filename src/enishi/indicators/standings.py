"""Keep ``Standing`` true: anew for what changed, inside the transaction that changed it, and for everything as a job."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.jobs import Progress, work
from enishi.foundation.models import Job
from enishi.indicators import calculations
from enishi.indicators.bulk import insert_rows
from enishi.indicators.calculations import column
from enishi.indicators.models import Indicator, Standing

AT_ONCE = 500
COLUMNS = (
    "indicator",
    "fiscal_year",
    "frame",
    "status",
    "value",
    "value_year",
    "latest",
    "target",
    "progress",
    "progress_n",
    "progress_d",
    "attainment",
    "attainment_n",
    "attainment_d",
    "trend",
    "trend_points",
    "reason",
    "marks",
    "as_of",
)


@transaction.atomic
def rebuild(indicator_ids: Iterable[int], *, at: dt.datetime) -> int:
    """Write the standings of these indicators anew. Returns how many rows there are."""
    keys = sorted(set(indicator_ids))
    written = 0
    for begin in range(0, len(keys), AT_ONCE):
        part = keys[begin : begin + AT_ONCE]
        Standing.objects.filter(indicator_id__in=part).delete()
        written += insert_rows(Standing, COLUMNS, _rows(part, at))
    return written


def _rows(keys: Sequence[int], at: dt.datetime) -> Iterator[tuple[Any, ...]]:
    current = FiscalYear.of(timezone.localdate(at)).year
    stamp = at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ")
    # COPY reads a moment without zone in the session's zone, which Django sets to UTC; SQLite stores UTC without zone.
    for yardstick in calculations.yardsticks(keys):
        for frame in yardstick.frames:
            for each in calculations.judged(yardstick, frame, current):
                yield _row(yardstick.id, frame, each, stamp)


def _row(key: int, frame: str, each: Any, stamp: str) -> tuple[Any, ...]:
    return (
        key,
        each.fiscal_year,
        frame,
        calculations.STATUS_OF[each.status].value,
        column(each.value, 6),
        each.latest_year,
        column(each.latest, 6),
        column(each.target, 6),
        column(each.progress.value),
        column(each.progress.numerator),
        column(each.progress.denominator),
        column(each.attainment.value),
        column(each.attainment.numerator),
        column(each.attainment.denominator),
        column(each.trend),
        each.trend_points,
        each.reason[:120],
        "・".join(each.marks)[:60],
        stamp,
    )


def rebuild_all(*, at: dt.datetime, progress: Progress | None = None) -> int:
    """Everything anew, a few hundred indicators at a time."""
    keys = list(Indicator.objects.kept().order_by("pk").values_list("pk", flat=True))
    written = 0
    for begin in range(0, len(keys), AT_ONCE):
        if progress is not None:
            progress(begin, len(keys))
        written += rebuild(keys[begin : begin + AT_ONCE], at=at)
    return written


@work("indicators-standings")
def _rebuild_job(job: Job, progress: Progress) -> dict[str, Any]:
    return {"rows": rebuild_all(at=timezone.now(), progress=progress)}


def each_morning(at: dt.datetime) -> None:
    """A new fiscal year begins without anybody writing anything."""
    current = FiscalYear.of(timezone.localdate(at)).year
    if not Standing.objects.filter(fiscal_year=current).exists():
        rebuild_all(at=at)
