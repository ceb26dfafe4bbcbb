"""Numbers of the budget: how much is spent, how much of it can be told by programme."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.access import code_access, programme_access
from enishi.budgets.enums import Level
from enishi.budgets.models import CodeTotal, Programme, Unallocated
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Counted, Figure, Metric, Period, register, share
from enishi.foundation.money import in_yen

NO_BUDGET = gettext_lazy("この年度の予算は取り込まれていません。")


def register_metrics() -> None:
    """Called once, in ``apps.ready``."""
    register(
        Metric(
            "budgets.execution",
            gettext_lazy("予算の執行率"),
            gettext_lazy("期間の終わりの年度の、支出(決算があれば決算) ÷ 予算現額。全会計の歳出。"),
            "%",
            _execution,
            _execution_rows,
            order=310,
            decimals=1,
        ),
        Metric(
            "budgets.allocated",
            gettext_lazy("事務事業に配賦した予算の割合"),
            gettext_lazy("期間の終わりの年度の、どれかの事務事業に配賦した当初予算 ÷ 当初予算。"),
            "%",
            _allocated,
            _allocated_rows,
            order=311,
            decimals=1,
        ),
        Metric(
            "budgets.programmes",
            gettext_lazy("事務事業"),
            gettext_lazy("期間の終わりの年度に行う事務事業の数。統合・終了したものは数えません。"),
            gettext_lazy("件"),
            _programmes,
            _programme_rows,
            order=312,
        ),
    )


def _year(period: Period, as_of: dt.date) -> int:
    return FiscalYear.of(min(period.last, as_of)).year


def _tops(organization_id: int, year: int) -> list[CodeTotal]:
    rows = CodeTotal.objects.filter(
        code__organization_id=organization_id, code__fiscal_year=year, code__level=Level.KAN
    )
    return list(rows.select_related("code").order_by("code__path"))


def _spent(total: CodeTotal) -> int:
    if total.settlement_yen is not None:
        return int(total.settlement_yen)
    return int(total.spending_yen or 0)


def _execution(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    tops = _tops(organization_id, _year(period, as_of))
    return share(sum(map(_spent, tops)), sum(int(row.current_yen or 0) for row in tops), missing=NO_BUDGET)


def _execution_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    tops = _tops(organization_id, _year(period, as_of))
    seen = set(
        code_access.visible(actor).filter(pk__in=[row.pk for row in tops]).values_list("pk", flat=True)
    )
    return [
        Counted(
            row.code.label,
            row.code.get_absolute_url(),
            note=f"{in_yen(_spent(row))} / {in_yen(int(row.current_yen or 0))}",
        )
        for row in tops
        if row.pk in seen
    ]


def _allocated(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    year = _year(period, as_of)
    whole = sum(int(row.initial_yen or 0) for row in _tops(organization_id, year))
    rest = Unallocated.objects.filter(organization_id=organization_id, fiscal_year=year).aggregate(
        sum=Sum("initial_yen")
    )["sum"]
    return share(whole - int(rest or 0), whole, missing=NO_BUDGET)


def _allocated_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    """The codes that no programme claims, the largest first."""
    year = _year(period, as_of)
    seen = code_access.visible(actor).values("pk")
    rows = Unallocated.objects.filter(
        organization_id=organization_id, fiscal_year=year, initial_yen__gt=0, code__in=seen
    ).select_related("code")
    return [
        Counted(str(row.code), row.code.get_absolute_url(), False, in_yen(row.initial_yen or 0))
        for row in rows.order_by("-initial_yen")[:200]
    ]


def _active(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Programme, Programme]:
    rows = Programme.objects.active_in(_year(period, as_of))
    return rows.filter(organization_id=organization_id, deleted_at__isnull=True).order_by("uid")


def _programmes(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _active(organization_id, period, as_of)
    zero = rows.filter(zero_budget=True).count()
    count = Decimal(rows.count())
    return Figure(count, count, beside=[(_("うちゼロ予算事業"), str(zero))])


def _programme_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    seen = programme_access.visible(actor).values("pk")
    rows = _active(organization_id, period, as_of).filter(pk__in=seen)
    return [Counted(str(row), row.get_absolute_url(), True) for row in rows]
