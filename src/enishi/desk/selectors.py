"""Questions to the desk: boards, what is late, where time goes. Never writes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.db.models import Avg, Count, F, Max, QuerySet, Sum
from django.utils import timezone

from enishi.desk import clock
from enishi.desk.enums import ENDED_STATUSES, OPEN_STATUSES, ProposalStatus
from enishi.desk.models import Consultation, DeskSettings, Proposal, ProposalQuerySet, StaffTime, StageEntry
from enishi.engines.progress.durations import Duration, Ending, Waiting, waiting
from enishi.foundation.access import Actor
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

BOARD = (*OPEN_STATUSES, ProposalStatus.TRIAL, ProposalStatus.ADOPTED)
CARDS = 10


@dataclass
class Column:
    """One stage of the board: how many, and those that are due first."""

    stage: ProposalStatus
    count: int = 0
    cards: list[Proposal] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def of_desk(actor: Actor, organization: Organization) -> QuerySet[Proposal, Proposal]:
    """What came to this window, as far as this person may read it."""
    return Proposal.objects.visible_to(actor).submitted().filter(organization=organization)


def counts_by_stage(actor: Actor, organization: Organization) -> dict[str, int]:
    """How many lie in each stage, as far as this person may read them.

    For the people of the house all but what one section keeps is counted from an index alone; the few others as ever.
    """
    rows = of_desk(actor, organization)
    if organization.pk not in reach_of(actor).organization_ids:
        return _counted(rows)
    shared = Proposal.objects.filter(organization=organization, deleted_at__isnull=True).exclude(
        visibility=Visibility.SECTION
    )
    counts = _counted(shared.submitted())
    for stage, count in _counted(rows.filter(visibility=Visibility.SECTION)).items():
        counts[stage] = counts.get(stage, 0) + count
    return counts


def _counted(rows: QuerySet[Proposal, Proposal]) -> dict[str, int]:
    return dict(rows.order_by().values_list("status").annotate(n=Count("pk")).values_list("status", "n"))


def board(actor: Actor, organization: Organization, *, officer_id: int | None = None) -> list[Column]:
    """The stages with their first cards; a card's order is its day."""
    rows = of_desk(actor, organization)
    if officer_id is not None:
        rows = rows.filter(officer_id=officer_id)
    counts = counts_by_stage(actor, organization) if officer_id is None else _counted(rows)
    columns = []
    for stage in BOARD:
        column = Column(stage, counts.get(stage, 0))
        if column.count:
            of_stage = rows.filter(status=stage).select_related("officer", "section")
            # What is over has no day to come: there the latest ones stand first, straight from their index.
            order = (F("stage_due_on").asc(nulls_last=True), "pk") if stage.is_open else ("-received_at",)
            column.cards = list(of_stage.order_by(*order)[:CARDS])
        columns.append(column)
    return columns


def late(actor: Actor, organization: Organization, today: dt.date) -> QuerySet[Proposal, Proposal]:
    """Open proposals past the day their stage should be over."""
    return of_desk(actor, organization).filter(status__in=OPEN_STATUSES, stage_due_on__lt=today)


@dataclass(frozen=True)
class StageTime:
    """How long a stage took where it was left, and how many lie in it past their day."""

    stage: ProposalStatus
    target: int | None
    count: int
    mean_days: Decimal | None
    over: int
    waiting_late: int


def stage_times(organization: Organization, first: dt.datetime, today: dt.date) -> list[StageTime]:
    """Where time is lost, by stage: stretches left since ``first``."""
    chosen = _targets(organization)
    left = StageEntry.objects.filter(
        organization=organization, left_at__gte=first, consultation__isnull=True, stage__in=OPEN_STATUSES
    )
    means = {
        row["stage"]: row for row in left.values("stage").annotate(n=Count("pk"), mean=Avg("business_days"))
    }
    late_now = dict(
        Proposal.objects.filter(
            organization=organization, status__in=OPEN_STATUSES, stage_due_on__lt=today, deleted_at=None
        )
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
        .values_list("status", "pk__count")
    )
    found = []
    for stage in OPEN_STATUSES:
        target = clock.target_of(stage, chosen)
        row: Mapping[str, Any] = means.get(stage, {})
        over = left.filter(stage=stage, business_days__gt=target or 0).count() if row else 0
        found.append(
            StageTime(stage, target, row.get("n", 0), _tenths(row.get("mean")), over, late_now.get(stage, 0))
        )
    return found


def _targets(organization: Organization) -> dict[str, int]:
    row = DeskSettings.objects.filter(organization=organization).values_list("targets", flat=True).first()
    return dict(row or {})


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(round(value * 10)) / 10


@dataclass(frozen=True)
class SectionTime:
    """How one section answers: how many questions, how long it took, how many wait past their day."""

    section: str
    asked: int
    mean_days: Decimal | None
    waiting_late: int


def section_times(organization: Organization, first: dt.datetime, today: dt.date) -> list[SectionTime]:
    """Where time is lost, by section, slowest first."""
    stretches = (
        StageEntry.objects.filter(
            organization=organization, consultation__isnull=False, entered_at__gte=first
        )
        .order_by()
        .values("section__name")
        .annotate(n=Count("pk"), mean=Avg("business_days"))
    )
    waits = Consultation.objects.waiting().filter(section__organization=organization, due_on__lt=today)
    late_now = dict(
        waits.order_by()
        .values_list("section__name")
        .annotate(Count("pk"))
        .values_list("section__name", "pk__count")
    )
    found = [
        SectionTime(
            row["section__name"], row["n"], _tenths(row["mean"]), late_now.get(row["section__name"], 0)
        )
        for row in stretches
    ]
    return sorted(found, key=lambda one: (-(one.mean_days or 0), one.section))


def days_to_start(organization_id: int, first: dt.date, last: dt.date, as_of: dt.date) -> Waiting:
    """Days from receipt to start for proposals received between two days; open ones are censored, ended ones exits."""
    state = received_between(organization_id, first, last).aggregate(Count("pk"), Max("updated_at"))
    return _waiting(organization_id, first, last, as_of, state["pk__count"], state["updated_at__max"])


@lru_cache(maxsize=64)
def _waiting(
    organization_id: int,
    first: dt.date,
    last: dt.date,
    as_of: dt.date,
    count: int,
    changed_at: dt.datetime | None,
) -> Waiting:
    """Reading a year of a big window takes a third of a second: the answer stays until one of its rows changes."""
    return waiting([duration for _row, duration in started_rows(organization_id, first, last, as_of)])


def started_rows(
    organization_id: int, first: dt.date, last: dt.date, as_of: dt.date
) -> list[tuple[tuple[int, str], Duration]]:
    """Each proposal received in the period with its duration and ending as known on ``as_of``."""
    rows = received_between(organization_id, first, last).values_list(
        "pk", "title", "received_at", "started_on", "status", "stage_entered_at"
    )
    rows = rows.order_by()
    found = []
    zone = timezone.get_current_timezone()
    for pk, title, received_at, started_on, status, entered_at in rows.iterator(chunk_size=2_000):
        assert received_at is not None
        begin, last = received_at.astimezone(zone).date(), entered_at or received_at
        if started_on is not None and started_on <= as_of:
            duration = Duration(max(0, (started_on - begin).days), Ending.DONE)
        elif status in ENDED_STATUSES and (left := last.astimezone(zone).date()) <= as_of:
            duration = Duration(max(0, (left - begin).days), Ending.EXIT)
        else:
            duration = Duration(max(0, (as_of - begin).days), Ending.PENDING)
        found.append(((pk, title), duration))
    return found


def received_between(organization_id: int, first: dt.date, last: dt.date) -> ProposalQuerySet:
    return Proposal.objects.filter(
        organization_id=organization_id,
        deleted_at__isnull=True,
        received_at__gte=start_of(first),
        received_at__lt=start_of(last + dt.timedelta(days=1)),
    ).exclude(status=ProposalStatus.DRAFT)


def start_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


@dataclass(frozen=True)
class Cost:
    """Minutes by stage, tapped and estimated, and what they cost where the hour has a price."""

    rows: Sequence[tuple[ProposalStatus, int, int]]
    tapped: int
    estimated: int
    yen: int | None
    cases: int

    @property
    def minutes(self) -> int:
        return self.tapped + self.estimated

    @property
    def yen_per_case(self) -> int | None:
        return None if self.yen is None or not self.cases else round(Fraction(self.yen, self.cases))


def cost(organization: Organization, first: dt.datetime) -> Cost:
    """What the desk took since ``first``."""
    sums: dict[str, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    rows = (
        StaffTime.objects.filter(organization=organization, at__gte=first)
        .order_by()
        .values_list("stage", "is_estimate")
        .annotate(minutes=Sum("minutes"))
    )
    for stage, is_estimate, minutes in rows:
        sums[stage][is_estimate] += minutes
    tapped = sum(each[False] for each in sums.values())
    estimated = sum(each[True] for each in sums.values())
    hour = (
        DeskSettings.objects.filter(organization=organization)
        .values_list("hourly_cost_yen", flat=True)
        .first()
    )
    cases = (
        StaffTime.objects.filter(organization=organization, at__gte=first)
        .values("proposal")
        .distinct()
        .count()
    )
    yen = None if hour is None else round(Fraction((tapped + estimated) * hour, 60))
    order = [stage for stage in ProposalStatus if stage.value in sums]
    return Cost(
        [(stage, sums[stage.value][False], sums[stage.value][True]) for stage in order],
        tapped,
        estimated,
        yen,
        cases,
    )
