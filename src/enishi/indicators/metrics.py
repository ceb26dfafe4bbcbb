"""Numbers of the room about itself: are values in time, with their source, and how many targets are met."""

import datetime as dt
from collections.abc import Callable, Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.foundation import metrics
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Counted, Figure, Metric, Period
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import StandingStatus
from enishi.indicators.models import Indicator, Measurement, Standing
from enishi.indicators.periods import in_words

NOTHING = _("対象の指標がありません")


def register() -> None:
    metrics.register(
        Metric(
            key="indicators.in_time",
            title=_("期限内更新率"),
            definition=_(
                "使っている指標のうち、値の期限を過ぎていないもの ÷ 使っている指標(期限のない不定期の指標を除く)"
            ),
            unit="%",
            figure=in_time,
            rows=in_time_rows,
            order=700,
            decimals=1,
        ),
        Metric(
            key="indicators.sourced",
            title=_("出所付与率"),
            definition=_(
                "この期間の承認済みの値のうち、出所(資料・番地・ファイル・計算)が書かれているもの ÷ 承認済みの値"
            ),
            unit="%",
            figure=sourced,
            rows=_value_rows(lambda row: bool(row.run and (row.run.source or row.run.sha256))),
            order=701,
            decimals=1,
        ),
        Metric(
            key="indicators.missing",
            title=_("欠測率"),
            definition=_(
                "この期間の承認済みの値のうち、値がなく理由だけのもの ÷ 承認済みの値(理由のある欠測も値の一つ)"
            ),
            unit="%",
            figure=missing,
            rows=_value_rows(lambda row: row.value is None),
            order=702,
            decimals=1,
            tags=("lower-is-better",),
        ),
        Metric(
            key="indicators.achieved",
            title=_("目標達成指標割合"),
            definition=_(
                "この期間に終わる年度で「達成」の指標 ÷ 判定できた指標(判定不能は分母に入れず、横に示す)"
            ),
            unit="%",
            figure=achieved,
            rows=achieved_rows,
            order=703,
            decimals=1,
        ),
    )


def _timed(organization_id: int) -> models.QuerySet[Indicator, Indicator]:
    return Indicator.objects.in_use().filter(organization_id=organization_id, next_due_on__isnull=False)


def in_time(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _timed(organization_id)
    whole = rows.count()
    return metrics.share(rows.filter(next_due_on__gte=as_of).count(), whole, missing=NOTHING)


def in_time_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    visible = _timed(organization_id).filter(pk__in=indicator_access.visible(actor).values("pk"))
    return [
        Counted(
            row.name,
            row.get_absolute_url(),
            counts=row.next_due_on is not None and row.next_due_on >= as_of,
            note=row.next_due_on.isoformat() if row.next_due_on else "",
        )
        for row in visible.order_by("next_due_on", "pk")
    ]


def _values(organization_id: int, period: Period) -> models.QuerySet[Measurement, Measurement]:
    return Measurement.objects.current().filter(
        indicator__organization_id=organization_id,
        indicator__deleted_at__isnull=True,
        dims="",
        period_end__range=(period.first, period.last),
    )


def sourced(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _values(organization_id, period)
    without = rows.filter(models.Q(run__isnull=True) | models.Q(run__source="", run__sha256="")).count()
    whole = rows.count()
    return metrics.share(whole - without, whole, missing=_("この期間の値がありません"))


def missing(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _values(organization_id, period)
    return metrics.share(
        rows.filter(value__isnull=True).count(), rows.count(), missing=_("この期間の値がありません")
    )


def _value_rows(
    counts: Callable[[Measurement], bool],
) -> Callable[[int, Period, dt.date, Actor], Sequence[Counted]]:
    def rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
        visible = _values(organization_id, period).filter(indicator__in=indicator_access.visible(actor))
        found = []
        for row in visible.select_related("indicator", "run").order_by("indicator__code", "period_end")[
            :1_000
        ]:
            assert row.indicator is not None
            words = f"{row.indicator.name} {in_words(row.period_start, row.period_end)}"
            found.append(Counted(words, row.indicator.get_absolute_url(), counts(row), row.missing_reason))
        return found

    return rows


def _judged(organization_id: int, period: Period) -> models.QuerySet[Standing, Standing]:
    years = range(FiscalYear.of(period.first).year, FiscalYear.of(period.last).year + 1)
    ended = [year for year in years if period.first <= FiscalYear(year).last_day <= period.last]
    return Standing.objects.filter(
        indicator__organization_id=organization_id,
        indicator__deleted_at__isnull=True,
        indicator__retired_at__isnull=True,
        frame="",
        fiscal_year__in=ended,
    )


def achieved(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    counts = dict(_judged(organization_id, period).values_list("status").annotate(count=models.Count("pk")))
    undecidable = counts.pop(StandingStatus.UNDECIDABLE.value, 0)
    return metrics.share(
        counts.get(StandingStatus.ACHIEVED.value, 0),
        sum(counts.values()),
        missing=_("判定できた指標がありません"),
        beside=[(_("判定不能"), str(undecidable))],
    )


def achieved_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = (
        _judged(organization_id, period)
        .filter(indicator__in=indicator_access.visible(actor))
        .exclude(status=StandingStatus.UNDECIDABLE)
        .select_related("indicator")
        .order_by("indicator__code", "fiscal_year")
    )
    return [
        Counted(
            row.indicator.name,
            row.indicator.get_absolute_url(),
            row.status == StandingStatus.ACHIEVED,
            str(row.get_status_display()),
        )
        for row in rows[:1_000]
    ]
