"""The desk's numbers, each with what it was divided by and the list behind it."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.desk import clock, selectors
from enishi.desk.access import proposal_access
from enishi.desk.enums import ProposalKind, ProposalStatus
from enishi.desk.models import Proposal, ProposalQuerySet
from enishi.engines.progress.durations import Ending, waiting
from enishi.engines.progress.values import Missing
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, register, share

WON = (ProposalStatus.ADOPTED, ProposalStatus.TRIAL)
Rows = ProposalQuerySet


def register_metrics() -> None:
    """Called once, in ``apps.ready``."""
    register(
        _count(
            "desk.consultations",
            gettext_lazy("相談・提案の件数"),
            gettext_lazy("期間内に窓口が受け付けた件数。目標は年200件。"),
            _received,
            10,
            200,
        ),
        _count(
            "desk.proposals",
            gettext_lazy("提案の件数"),
            gettext_lazy("受け付けたもののうち、アイデアの相談を除いた件数。"),
            lambda organization_id, period: _received(organization_id, period).exclude(
                kind=ProposalKind.CONSULTATION
            ),
            20,
        ),
        Metric(
            "desk.success_cohort",
            gettext_lazy("提案成約率(受付年度で数える)"),
            gettext_lazy(
                "期間内に受け付けて決定まで済んだ提案のうち、採択か実証になったものの割合。継続中は分母に入れず、横に示す。"
            ),
            gettext_lazy("%"),
            _cohort,
            _cohort_rows,
            target=Decimal(40),
            tags=("beside:desk.success",),
            order=30,
            decimals=1,
        ),
        Metric(
            "desk.success_period",
            gettext_lazy("提案成約率(決定の時期で数える)"),
            gettext_lazy(
                "期間内に決定した提案のうち、採択か実証になったものの割合。受け付けた年度は問わない。"
            ),
            gettext_lazy("%"),
            _period_share,
            _period_rows,
            target=Decimal(40),
            tags=("beside:desk.success",),
            order=31,
            decimals=1,
        ),
        Metric(
            "desk.mean_days_to_start",
            gettext_lazy("提案から事業の開始までの平均日数"),
            gettext_lazy(
                "期間内に受け付け、事業が始まった提案の、受付から開始までの日数の平均。始まったものだけを見るため短く出る。"
            ),
            gettext_lazy("日"),
            lambda organization_id, period, as_of: _days(organization_id, period, as_of, "mean"),
            _days_rows,
            tags=("beside:desk.start", "lower-is-better"),
            order=40,
            decimals=1,
        ),
        Metric(
            "desk.km_days_to_start",
            gettext_lazy("提案から事業の開始までの日数(カプラン・マイヤー法の中央値)"),
            gettext_lazy(
                "継続中の提案を「少なくともこれだけ待った」、不採択と取下げを離脱として数えた中央値。目標は75日(2か月半)。"
            ),
            gettext_lazy("日"),
            lambda organization_id, period, as_of: _days(
                organization_id, period, as_of, "kaplan_meier_median"
            ),
            _days_rows,
            target=Decimal(75),
            tags=("beside:desk.start", "lower-is-better"),
            order=41,
        ),
        Metric(
            "desk.first_reply_in_time",
            gettext_lazy("14日以内に最初の回答をした割合"),
            gettext_lazy(
                "期間内に受け付けた提案のうち、受付から14日以内に理由を付けた最初の回答をしたものの割合。まだ14日たっていない未回答は分母に入れない。"
            ),
            gettext_lazy("%"),
            _first_reply,
            _first_reply_rows,
            target=Decimal(100),
            order=50,
            decimals=1,
        ),
    )


def _received(organization_id: int, period: Period) -> Rows:
    return selectors.received_between(organization_id, period.first, period.last)


def _count(
    key: str,
    title: Any,
    definition: Any,
    rows: Callable[[int, Period], Rows],
    order: int,
    target: int | None = None,
) -> Metric:
    def figure(organization_id: int, period: Period, as_of: dt.date) -> Figure:
        count = Decimal(_until(rows(organization_id, period), as_of).count())
        return Figure(count, count)

    def listed(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
        return [_counted(row) for row in _seen(actor, _until(rows(organization_id, period), as_of))]

    return Metric(
        key,
        title,
        definition,
        gettext_lazy("件"),
        figure,
        listed,
        target=None if target is None else Decimal(target),
        order=order,
    )


def _until(rows: Rows, as_of: dt.date) -> Rows:
    return rows.filter(received_at__lt=selectors.start_of(as_of + dt.timedelta(days=1)))


def _seen(actor: Actor, rows: Rows) -> Rows:
    return rows.filter(pk__in=proposal_access.visible(actor).values("pk")).order_by("-received_at", "-pk")[
        :500
    ]


def _counted(row: Proposal, *, counts: bool = True, note: str = "") -> Counted:
    return Counted(row.title, row.get_absolute_url(), counts, note or row.get_status_display())


def _cohort(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _until(_received(organization_id, period), as_of)
    won = rows.filter(status__in=WON).count()
    declined = rows.filter(status=ProposalStatus.DECLINED).count()
    pending, withdrawn = rows.open().count(), rows.filter(status=ProposalStatus.WITHDRAWN).count()
    return share(
        won,
        won + declined,
        missing=_("期間内に受け付けて決定したものが、まだありません。"),
        beside=[(_("継続中"), str(pending)), (_("取下げ"), str(withdrawn)), (_("不採択"), str(declined))],
    )


def _cohort_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = _until(_received(organization_id, period), as_of).filter(
        status__in=[*WON, ProposalStatus.DECLINED]
    )
    return [_counted(row, counts=row.status in WON) for row in _seen(actor, rows)]


def _decided(organization_id: int, period: Period, as_of: dt.date) -> Rows:
    last = min(period.last, as_of)
    return Proposal.objects.filter(
        organization_id=organization_id,
        deleted_at__isnull=True,
        status__in=[*WON, ProposalStatus.DECLINED],
        decided_at__gte=selectors.start_of(period.first),
        decided_at__lt=selectors.start_of(last + dt.timedelta(days=1)),
    )


def _period_share(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _decided(organization_id, period, as_of)
    return share(
        rows.filter(status__in=WON).count(),
        rows.count(),
        missing=_("期間内に決定したものが、まだありません。"),
    )


def _period_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = _decided(organization_id, period, as_of)
    return [_counted(row, counts=row.status in WON) for row in _seen(actor, rows)]


def _days(organization_id: int, period: Period, as_of: dt.date, which: str) -> Figure:
    pairs = selectors.started_rows(organization_id, period.first, min(period.last, as_of), as_of)
    found = waiting([duration for _row, duration in pairs])
    figure = getattr(found, which)
    beside = [(str(ending), str(count)) for ending, count in found.counts.items()]
    for label, other in ((_("平均"), found.mean), (_("中央値"), found.median)):
        if not isinstance(other.value, Missing):
            beside.append((label, f"{float(other.value):g}"))
    if isinstance(figure.value, Missing):
        return Figure(None, missing=str(figure.value.reason), beside=beside)
    done = found.counts[Ending.DONE]
    value = Decimal(figure.value.numerator) / Decimal(figure.value.denominator)
    return Figure(
        value,
        Decimal(int(figure.numerator)) if which == "mean" else value,
        Decimal(done) if which == "mean" else Decimal(len(pairs)),
        beside=beside,
    )


def _days_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    pairs = selectors.started_rows(organization_id, period.first, min(period.last, as_of), as_of)
    seen = set(
        proposal_access.visible(actor).filter(organization_id=organization_id).values_list("pk", flat=True)
    )
    return [
        Counted(
            title,
            Proposal(pk=pk).get_absolute_url(),
            duration.ending is Ending.DONE,
            _("%(days)d日(%(ending)s)") % {"days": duration.days, "ending": str(duration.ending)},
        )
        for (pk, title), duration in pairs
        if pk in seen
    ][:500]


def _replied(row: tuple[dt.datetime, dt.datetime | None], as_of: dt.date) -> bool | None:
    """Whether the first reply came in time; ``None`` while there is still time."""
    last = timezone.localdate(row[0]) + dt.timedelta(days=clock.FIRST_REPLY_DAYS)
    if row[1] is not None:
        return timezone.localdate(row[1]) <= last
    return None if as_of <= last else False


def _first_reply(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _until(_received(organization_id, period), as_of).values_list("received_at", "first_reply_at")
    answers = [_replied((received, reply), as_of) for received, reply in rows if received is not None]
    known = [answer for answer in answers if answer is not None]
    return share(
        sum(known),
        len(known),
        missing=_("14日たった提案が、まだありません。"),
        beside=[(_("まだ14日以内の未回答"), str(len(answers) - len(known)))],
    )


def _first_reply_rows(
    organization_id: int, period: Period, as_of: dt.date, actor: Actor
) -> Sequence[Counted]:
    found = []
    for row in _seen(actor, _until(_received(organization_id, period), as_of)):
        assert row.received_at is not None
        answer = _replied((row.received_at, row.first_reply_at), as_of)
        if answer is not None:
            found.append(_counted(row, counts=answer))
    return found
