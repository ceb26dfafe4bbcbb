"""The proposals of a published data set: what became of each, without a name or a word of it.

The desk does not know agreements, and the review does not know the desk; this room knows both.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.utils import timezone, translation

from enishi.agreements.models import Agreement
from enishi.desk.decisions.enums import Reason
from enishi.desk.decisions.models import Decision
from enishi.desk.enums import ProposalKind, ProposalStatus
from enishi.desk.selectors import received_between, started_rows
from enishi.engines.progress.durations import Ending
from enishi.evaluation.published import sources
from enishi.foundation.fiscal_year import FiscalYear

YEARS = 3


def register() -> None:
    """Called once, in ``apps.ready``."""
    sources.register("proposals", proposals)


def proposals(house: int, fiscal_year: int) -> Iterable[Mapping[str, object]]:
    """The proposals of the three years until this budget year began, as they stand today."""
    today = timezone.localdate()
    first, last = FiscalYear(fiscal_year - YEARS).first_day, min(FiscalYear(fiscal_year).last_day, today)
    waited = {pk: duration for (pk, _title), duration in started_rows(house, first, last, today)}
    rows = received_between(house, first, last).exclude(kind=ProposalKind.CONSULTATION)
    agreed = set(
        Agreement.objects.filter(
            proposal__in=rows.order_by().values("pk"), signed_on__isnull=False
        ).values_list("proposal_id", flat=True)
    )
    reasons = _reasons(house)
    for row in rows.order_by("received_at", "pk"):
        assert row.received_at is not None
        received = timezone.localdate(row.received_at)
        decided = timezone.localdate(row.decided_at) if row.decided_at else None
        duration = waited[row.pk]
        # What was begun had been agreed on, whether or not the paper is kept here.
        won = decided is not None and (row.pk in agreed or duration.ending is Ending.DONE)
        yield {
            "proposal": f"P{row.pk}",
            "received_on": received,
            "decided_on": decided,
            "agreed": won,
            "refusal": reasons.get(row.pk, "") if row.status == ProposalStatus.DECLINED else "",
            "fate": str(duration.ending),
            "ended_on": received + dt.timedelta(days=duration.days),
        }


def _reasons(house: int) -> dict[int, str]:
    """The kinds of reasons of each refusal, in Japanese whoever freezes; the sentence to the proposer stays theirs."""
    known = set(Reason.values)
    rows = Decision.objects.filter(proposal__organization_id=house).order_by("decided_at", "pk")
    with translation.override("ja"):
        return {
            proposal: "、".join(str(Reason(each).label) for each in reasons if each in known)
            for proposal, reasons in rows.values_list("proposal_id", "reasons")
        }
