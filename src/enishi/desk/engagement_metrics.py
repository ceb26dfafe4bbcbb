"""Numbers of calls and decisions, each with the list behind it."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.desk.access import proposal_access
from enishi.desk.calls.access import call_access
from enishi.desk.calls.models import Call
from enishi.desk.decisions.enums import FirstVerdict, Reason, Verdict
from enishi.desk.decisions.models import Decision, FirstReply
from enishi.desk.models import Proposal
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, register, share

MOST = 500


def register_metrics() -> None:
    register(
        Metric(
            "desk.adoption_share",
            _("採択率"),
            _(
                "期間内に、理由を添えた決定の記録を残した提案のうち、採択または実証となった割合。記録を残さずに結論だけが出た提案は数えず、「提案成約率」で数える"
            ),
            "%",
            _adoption,
            _adoption_rows,
            target=Decimal(40),
            order=42,
            decimals=1,
            tags=("desk",),
        ),
        Metric(
            "desk.declines",
            _("見送り・不採択の理由"),
            _("期間内に見送りまたは不採択とした提案の数。理由ごとの数を添える(一件に複数の理由あり)"),
            _("件"),
            _declines,
            _declined_rows,
            order=43,
            tags=("desk",),
        ),
        Metric(
            "desk.calls",
            _("提案の募集"),
            _("期間内に公開した募集の数。応募の数を添える"),
            _("件"),
            _calls,
            _call_rows,
            order=44,
            tags=("desk",),
        ),
    )


def _span(period: Period) -> tuple[dt.datetime, dt.datetime]:
    """From the first moment of the period to the first one after it."""
    first = timezone.make_aware(dt.datetime.combine(period.first, dt.time()))
    after = timezone.make_aware(dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time()))
    return first, after


def _decided(organization_id: int, period: Period) -> Any:
    first, after = _span(period)
    return Decision.objects.filter(
        proposal__organization_id=organization_id,
        proposal__deleted_at__isnull=True,
        decided_at__gte=first,
        decided_at__lt=after,
    )


def _adoption(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _decided(organization_id, period)
    good = rows.exclude(verdict=Verdict.DECLINED).count()
    return share(good, rows.count(), missing=_("期間内に決定した提案がありません"))


def _adoption_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = _decided(organization_id, period).filter(proposal__in=proposal_access.visible(actor))
    return [
        Counted(
            str(row.proposal),
            row.proposal.get_absolute_url(),
            row.verdict != Verdict.DECLINED,
            row.get_verdict_display(),
        )
        for row in rows.select_related("proposal").order_by("-decided_at", "-pk")[:MOST]
    ]


def _reasons(organization_id: int, period: Period) -> tuple[set[int], Counter[str]]:
    """The declined proposals and how often each reason was given: by the decision, or else by the first reply."""
    first, after = _span(period)
    decided = dict(
        _decided(organization_id, period)
        .filter(verdict=Verdict.DECLINED)
        .values_list("proposal_id", "reasons")
    )
    replied = FirstReply.objects.filter(
        proposal__organization_id=organization_id,
        proposal__deleted_at__isnull=True,
        verdict=FirstVerdict.DECLINE,
        replied_at__gte=first,
        replied_at__lt=after,
    ).values_list("proposal_id", "reasons")
    told = {**dict(replied), **decided}
    return set(told), Counter(reason for reasons in told.values() for reason in reasons)


def _declines(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    keys, counts = _reasons(organization_id, period)
    beside = [
        (Reason(code).label, str(count)) for code, count in counts.most_common(5) if code in Reason.values
    ]
    return Figure(Decimal(len(keys)), Decimal(len(keys)), beside=beside)


def _declined_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    keys, _counts = _reasons(organization_id, period)
    rows = proposal_access.visible(actor).filter(pk__in=keys).order_by("-received_at", "-pk")
    return [Counted(str(row), row.get_absolute_url(), note=row.status_reason) for row in rows[:MOST]]


def _opened(organization_id: int, period: Period) -> Any:
    first, after = _span(period)
    return Call.objects.filter(
        organization_id=organization_id,
        deleted_at__isnull=True,
        published_at__gte=first,
        published_at__lt=after,
    )


def _calls(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _opened(organization_id, period)
    count = rows.count()
    answers = Proposal.objects.submitted().filter(call__in=rows, deleted_at__isnull=True).count()
    return Figure(Decimal(count), Decimal(count), beside=[(_("応募"), str(answers))])


def _call_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    visible = call_access.visible(actor).values("pk")
    rows = _opened(organization_id, period).filter(pk__in=visible).order_by("-published_at", "-pk")
    return [Counted(row.title, row.get_absolute_url(), note=row.get_status_display()) for row in rows[:MOST]]
