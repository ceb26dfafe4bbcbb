"""Questions about indicators; nothing here writes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q

from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import StandingStatus, ValueState
from enishi.indicators.models import OWN_FRAME, Indicator, Measurement, Standing, Target
from enishi.indicators.models_values import TOTAL
from enishi.indicators.suppression import cell_of, hidden_cells
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of


def standings(indicator_ids: Iterable[int], fiscal_year: int, frame: str = OWN_FRAME) -> dict[int, Standing]:
    """Where these indicators stood, by indicator; one without a standing in this frame answers with its own."""
    rows = Standing.objects.filter(
        indicator_id__in=list(indicator_ids), fiscal_year=fiscal_year, frame__in={OWN_FRAME, frame}
    )
    found: dict[int, Standing] = {}
    for row in rows.order_by("frame"):
        found[row.indicator_id] = row
    return found


def standings_of(indicator: Indicator, frame: str = OWN_FRAME) -> dict[int, Standing]:
    """One indicator's standings by fiscal year."""
    return {row.fiscal_year: row for row in Standing.objects.filter(indicator=indicator, frame=frame)}


def judged_year(rows: dict[int, Standing], today: dt.date) -> Standing | None:
    """The standing to show first: the last year with a value, else the last year that is over."""
    current = FiscalYear.of(today).year
    past = [row for year, row in sorted(rows.items()) if year <= current]
    with_value = [row for row in past if row.value is not None]
    shown = with_value or [row for row in past if row.fiscal_year < current] or past
    return shown[-1] if shown else None


def current_values(indicator: Indicator) -> models.QuerySet[Measurement, Measurement]:
    return (
        Measurement.objects.current()
        .filter(indicator=indicator)
        .select_related("run", "recorded_by", "approved_by")
        .order_by("-period_end", "-period_start", "dims")
    )


def waiting_for(actor: Actor) -> models.QuerySet[Measurement, Measurement]:
    """Values this person may approve: handed in by somebody else, in a house where they approve."""
    houses = [
        house for house, role in reach_of(actor).roles if role in (Role.MANAGER.value, Role.PLANNER.value)
    ]
    rows = Measurement.objects.filter(state=ValueState.SUBMITTED).filter(
        Q(indicator__organization_id__in=houses) | Q(element__organization_id__in=houses)
    )
    return rows.exclude(recorded_by_id=actor.pk).select_related(
        "indicator__section", "indicator__organization", "element", "recorded_by", "run"
    )


def returned_to(actor: Actor) -> models.QuerySet[Measurement, Measurement]:
    return Measurement.objects.filter(state=ValueState.RETURNED, recorded_by_id=actor.pk).select_related(
        "indicator", "element"
    )


def due_for(actor: Actor, until: dt.date) -> models.QuerySet[Indicator, Indicator]:
    """Indicators of the person's sections (or led by them) whose next value is due by then."""
    reach = reach_of(actor)
    mine = Q(officer_id=actor.pk) | Q(officer__isnull=True, section_id__in=reach.section_ids)
    return (
        Indicator.objects.in_use()
        .filter(mine, organization_id__in=reach.organization_ids, next_due_on__lte=until)
        .order_by("next_due_on", "code")
    )


def overdue(actor: Actor, today: dt.date) -> models.QuerySet[Indicator, Indicator]:
    """Whatever this person may see inside their houses and is late."""
    rows = indicator_access.visible(actor).filter(organization_id__in=reach_of(actor).organization_ids)
    return rows.filter(retired_at__isnull=True, next_due_on__lt=today).select_related("section", "officer")


@dataclass(frozen=True)
class Part:
    """A disaggregated value as this reader may see it."""

    dims: str
    value: Decimal | None
    missing_reason: str
    is_suppressed: bool = False


SUPPRESSED = "秘匿"


def parts_of(indicator: Indicator, rows: Iterable[Measurement], *, inside: bool) -> list[Part]:
    """Parts of one period. Small numbers are hidden from everybody outside; so are others where a difference would tell."""
    found = [row for row in rows if row.dims != TOTAL]
    hidden = set() if inside else _hidden(indicator, found)
    return [
        Part(row.dims, None, SUPPRESSED, True)
        if row.dims in hidden
        else Part(row.dims, row.value, row.missing_reason)
        for row in found
    ]


def _hidden(indicator: Indicator, rows: list[Measurement]) -> set[str]:
    if not indicator.suppress_below:
        return set()
    sizes = {cell_of(row.dims): _size(row) for row in rows if row.value is not None}
    hidden = hidden_cells(sizes, indicator.suppress_below)
    return {row.dims for row in rows if cell_of(row.dims) in hidden}


def _size(row: Measurement) -> Decimal:
    """How many stand behind the number: the denominator of a rate, otherwise the number itself."""
    size = row.denominator if row.denominator is not None else row.value
    return abs(size) if size is not None else Decimal(0)


def targets_of(indicator: Indicator, frame: str = OWN_FRAME) -> list[Target]:
    """Every target ever set in the frame, those in force first within each year."""
    rows = indicator.targets.filter(frame=frame).select_related("created_by", "superseded_by")
    return list(rows.order_by("fiscal_year", "-is_current", "-pk"))


def counts_of(actor: Actor, organization_id: int, today: dt.date) -> list[tuple[str, str, int]]:
    """Statuses with their words and counts of the last full fiscal year, as far as the actor may read."""
    rows = Standing.objects.filter(
        fiscal_year=FiscalYear.of(today).year - 1,
        frame=OWN_FRAME,
        indicator__in=indicator_access.visible(actor).filter(
            organization_id=organization_id, retired_at__isnull=True
        ),
    )
    counts = dict(rows.values_list("status").annotate(count=models.Count("pk")))
    return [
        (each.value, str(each.label), counts[each.value]) for each in StandingStatus if each.value in counts
    ]
