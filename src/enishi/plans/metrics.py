"""What the room counts: statutory plans served by one document, programmes with one place, branches with an owner and a yardstick."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.models import Programme
from enishi.engines.progress import Status
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer
from enishi.indicators.enums import StandingStatus
from enishi.indicators.models import Indicator, Standing
from enishi.plans import selectors
from enishi.plans.access import node_access
from enishi.plans.models import NodeIndicator, PlanNode, StatutoryPlan

NOTHING = gettext_lazy("数えるものがまだありません。")


def register() -> None:
    """Called once, in ``apps.ready``."""
    offer(
        Metric(
            "plans.integrated",
            gettext_lazy("統合計画率"),
            gettext_lazy(
                "法令が求める計画の一覧のうち、総合計画などのほかの文書が兼ねているもの(一体的に策定したもの)の割合。一覧に載せた計画だけを数えます。"
            ),
            "%",
            _integrated,
            _integrated_rows,
            order=500,
            decimals=1,
        ),
        Metric(
            "plans.placed_programmes",
            gettext_lazy("計画に位置づけた事務事業の割合"),
            gettext_lazy(
                "基準日の年度に動いている事務事業のうち、施行中の計画に主な位置づけが一つあるものの割合。"
            ),
            "%",
            _placed,
            _placed_rows,
            order=501,
            decimals=1,
        ),
        Metric(
            "plans.measured_nodes",
            gettext_lazy("指標のある枝の割合"),
            gettext_lazy("施行中の計画の、いちばん下の段の枝のうち、指標が一つ以上結ばれているものの割合。"),
            "%",
            _measured,
            _measured_rows,
            order=502,
            decimals=1,
        ),
        Metric(
            "plans.achieved_indicators",
            gettext_lazy("目標達成指標割合"),
            gettext_lazy(
                "施行中の計画に結ばれた指標のうち、期間の終わりの年度で判定でき、「達成」だったものの割合。判定できない指標は分母に入れず、横に数を示します。"
            ),
            "%",
            _achieved,
            _achieved_rows,
            order=503,
            decimals=1,
        ),
    )


def _integrated(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = StatutoryPlan.objects.filter(organization_id=organization_id)
    whole = rows.aggregate(n=Count("pk"), done=Count("integrated_into"))
    unsure = rows.exclude(source_status="confirmed").count()
    beside = [(_("根拠が未確認のもの"), _("%(count)d件") % {"count": unsure})]
    return share(whole["done"], whole["n"], missing=NOTHING, beside=beside)


def _integrated_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = selectors.statutory_plans(actor, organization_id).select_related("integrated_into")
    return [
        Counted(
            row.name,
            row.integrated_into.get_absolute_url() if row.integrated_into else "",
            row.integrated_into_id is not None,
            row.integrated_into.name if row.integrated_into else "",
        )
        for row in rows.order_by("name")
    ]


def _running(organization_id: int, as_of: dt.date) -> Any:
    return (
        Programme.objects.kept().active_in(FiscalYear.of(as_of).year).filter(organization_id=organization_id)
    )


def _placed(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    whole = _running(organization_id, as_of).count()
    missing = selectors.unplaced_programmes(organization_id, as_of).count()
    return share(whole - missing, whole, missing=NOTHING)


def _placed_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    missing = set(selectors.unplaced_programmes(organization_id, as_of).values_list("pk", flat=True))
    rows = _running(organization_id, as_of).visible_to(actor).order_by("uid")
    return [Counted(str(row), row.get_absolute_url(), row.pk not in missing) for row in rows]


def _leaves(organization_id: int, as_of: dt.date) -> QuerySet[PlanNode, PlanNode]:
    """Branches without branches below: those that are to be measured."""
    lower = PlanNode.objects.filter(parent=OuterRef("pk"))
    return PlanNode.objects.filter(
        ~Exists(lower), version_id__in=selectors.current_versions([organization_id], as_of)
    )


def _measured(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _leaves(organization_id, as_of)
    done = rows.filter(Exists(NodeIndicator.objects.filter(node=OuterRef("pk")))).count()
    return share(done, rows.count(), missing=NOTHING)


def _measured_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _leaves(organization_id, as_of).filter(pk__in=node_access.visible(actor).values("pk"))
    counted = rows.annotate(n=Count("node_indicators")).order_by("version_id", "path")
    return [Counted(str(row), row.get_absolute_url(), row.n > 0) for row in counted]


def _indicators(organization_id: int, as_of: dt.date) -> QuerySet[Indicator, Indicator]:
    hung = NodeIndicator.objects.filter(
        node__version_id__in=selectors.current_versions([organization_id], as_of)
    )
    return Indicator.objects.filter(pk__in=hung.values("indicator_id"), retired_at__isnull=True)


def _achieved(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    year = FiscalYear.of(period.last).year
    rows = Standing.objects.filter(
        fiscal_year=year, frame="", indicator__in=_indicators(organization_id, as_of)
    )
    counts: dict[str, int] = dict(rows.values_list("status").annotate(Count("pk")).order_by("status"))
    unknown = counts.pop(StandingStatus.UNDECIDABLE, 0)
    beside = [(Status.UNDECIDABLE.value, _("%(count)d件") % {"count": unknown})]
    return share(counts.get(StandingStatus.ACHIEVED, 0), sum(counts.values()), missing=NOTHING, beside=beside)


def _achieved_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    year = FiscalYear.of(period.last).year
    readable = Indicator.objects.visible_to(actor).filter(
        pk__in=_indicators(organization_id, as_of).values("pk")
    )
    rows = (
        Standing.objects.filter(fiscal_year=year, frame="", indicator__in=readable)
        .exclude(status=StandingStatus.UNDECIDABLE)
        .select_related("indicator")
        .order_by("indicator__code")
    )
    return [
        Counted(
            row.indicator.name,
            row.indicator.get_absolute_url(),
            row.status == StandingStatus.ACHIEVED,
            str(row.get_status_display()),
        )
        for row in rows
    ]
