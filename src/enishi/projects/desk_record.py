"""窓口の成績: the four numbers a desk is measured by, over proposals, agreements and projects together."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements.models import Agreement
from enishi.desk.access import proposal_access
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Proposal
from enishi.engines import progress
from enishi.engines.progress import Duration, Ending, Waiting
from enishi.exchange.matches.access import contact_access
from enishi.exchange.models import Contact
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, register, share
from enishi.projects.models import Project

NOTHING = gettext_lazy("この期間に数えるものがありません。")
NOT_HALF = gettext_lazy("まだ言えません。半数が終わっていないためです。")
MOST_ROWS = 2_000
REPLY_DAYS = 14
Rows = QuerySet[Proposal, Proposal]


def register_metrics() -> None:
    """Called once, in ``apps.ready``."""
    days = gettext_lazy("日")
    register(
        Metric(
            "record.introduced_agreed",
            gettext_lazy("紹介から協定へ"),
            gettext_lazy("この期間に紹介(声かけ)した組のうち、基準日までに協定の締結まで進んだ組の割合。"),
            "%",
            _introduced_agreed,
            _introduced_rows,
            target=Decimal(40),
            order=1,
            decimals=1,
            tags=("desk-record", "beside:exchange.introduced_adopted"),
        ),
        Metric(
            "record.first_reply",
            gettext_lazy("受付から最初の回答まで(中央値)"),
            gettext_lazy(
                "この期間に受け付けた相談・提案の、受付から最初の回答までの日数。まだ回答していないものも待っている数に入れた"
                "カプラン・マイヤー法の中央値。"
            ),
            days,
            _first_reply,
            _first_reply_rows,
            target=Decimal(REPLY_DAYS),
            order=2,
            tags=("desk-record", "lower-is-better"),
        ),
        Metric(
            "record.days_to_start",
            gettext_lazy("提案から開始まで(中央値)"),
            gettext_lazy(
                "この期間に受け付けた提案の、受付から事業の開始までの日数。続いているものも待っている数に入れ、不採択と取下げは離脱とした"
                "カプラン・マイヤー法の中央値。目標は2.5か月(75日)。"
            ),
            days,
            _days_to_start,
            _days_to_start_rows,
            target=Decimal(75),
            order=3,
            tags=("desk-record", "lower-is-better"),
        ),
        Metric(
            "record.consultations_per_officer",
            gettext_lazy("担当一人あたりの相談"),
            gettext_lazy(
                "この期間に受け付けた相談・提案の数を、それらを受け持った担当者の人数で割ったもの。目標は年200件。"
            ),
            gettext_lazy("件"),
            _per_officer,
            _received_rows,
            target=Decimal(200),
            order=4,
            decimals=1,
            tags=("desk-record",),
        ),
    )


# --- From introduction to agreement ------------------------------------------------------------------------------------------


def _introduced(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Contact, Contact]:
    return (
        Contact.objects.sent()
        .filter(
            Q(wanting_id=organization_id) | Q(offering_id=organization_id),
            opened_at__date__gte=period.first,
            opened_at__date__lte=min(period.last, as_of),
        )
        .order_by("opened_at", "pk")
    )


def _agreed(rows: QuerySet[Contact, Contact], as_of: dt.date) -> set[int]:
    """Contacts whose proposal, or whose project, led to a signed agreement."""
    signed = Agreement.objects.filter(deleted_at__isnull=True, signed_on__lte=as_of)
    by_proposal = signed.filter(proposal__contact__in=rows).values_list("proposal__contact_id", flat=True)
    by_project = Project.objects.filter(
        contact__in=rows, agreement__in=signed, deleted_at__isnull=True
    ).values_list("contact_id", flat=True)
    return {key for key in (*by_proposal, *by_project) if key is not None}


def _introduced_agreed(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _introduced(organization_id, period, as_of)
    pending = rows.exclude(state__in=["adopted", "declined"]).count()
    return share(
        len(_agreed(rows, as_of)),
        rows.count(),
        missing=NOTHING,
        beside=[(_("まだ続いているもの"), str(pending))],
    )


def _introduced_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = _introduced(organization_id, period, as_of)
    agreed = _agreed(rows, as_of)
    seen = rows.filter(pk__in=contact_access.visible(actor).values("pk")).select_related(
        "challenge", "resource"
    )
    return [
        Counted(str(row), row.get_absolute_url(), row.pk in agreed, row.get_state_display())
        for row in seen[:MOST_ROWS]
    ]


# --- Proposals -----------------------------------------------------------------------------------------------------------------


def _received(organization_id: int, period: Period, as_of: dt.date) -> Rows:
    return (
        Proposal.objects.submitted()
        .filter(
            organization_id=organization_id,
            deleted_at__isnull=True,
            received_at__date__gte=period.first,
            received_at__date__lte=min(period.last, as_of),
        )
        .order_by("received_at", "pk")
    )


def _between(row: Proposal, day: dt.date) -> int:
    assert row.received_at is not None
    return max(0, (day - timezone.localdate(row.received_at)).days)


def _reply(row: Proposal, as_of: dt.date) -> Duration:
    if row.first_reply_at is not None and timezone.localdate(row.first_reply_at) <= as_of:
        return Duration(_between(row, timezone.localdate(row.first_reply_at)), Ending.DONE)
    if row.status == ProposalStatus.WITHDRAWN:
        return Duration(_between(row, min(as_of, timezone.localdate(row.updated_at))), Ending.EXIT)
    return Duration(_between(row, as_of), Ending.PENDING)


def _first_reply(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    durations = [_reply(row, as_of) for row in _received(organization_id, period, as_of)]
    found = progress.waiting(durations)
    figure = _median(found, len(durations))
    in_time = sum(1 for each in durations if each.ending is Ending.DONE and each.days <= REPLY_DAYS)
    known = sum(1 for each in durations if each.ending is Ending.DONE or each.days > REPLY_DAYS)
    within = f"{in_time * 100 / known:.1f}%({in_time} ÷ {known})" if known else _("対象なし")
    return Figure(
        figure.value,
        missing=figure.missing,
        beside=[(_("14日以内に回答した割合"), within), *figure.beside],
    )


def _started_on(row: Proposal) -> dt.date | None:
    """The day the work began: as the desk wrote it, or as its project did."""
    days = [project.started_on for project in row.projects.all() if project.started_on]
    return row.started_on or min(days, default=None)


def _start(row: Proposal, as_of: dt.date) -> Duration:
    begun = _started_on(row)
    if begun is not None and begun <= as_of:
        return Duration(_between(row, begun), Ending.DONE)
    if row.status in {ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN}:
        left = timezone.localdate(row.decided_at or row.updated_at)
        return Duration(_between(row, min(as_of, left)), Ending.EXIT)
    return Duration(_between(row, as_of), Ending.PENDING)


def _proposed(organization_id: int, period: Period, as_of: dt.date) -> Rows:
    """Proposals proper: a mere consultation is not meant to begin anything."""
    return _received(organization_id, period, as_of).exclude(kind="consultation").prefetch_related("projects")


def _days_to_start(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    durations = [_start(row, as_of) for row in _proposed(organization_id, period, as_of)]
    return _median(progress.waiting(durations), len(durations))


def _median(found: Waiting, whole: int) -> Figure:
    """The Kaplan–Meier median, with what the plain mean and median would flatter beside it."""
    beside: list[tuple[str | Promise, str]] = [
        (_("平均(終わったものだけ)"), _in_days(found.mean.value)),
        (_("中央値(終わったものだけ)"), _in_days(found.median.value)),
        *((str(ending), str(count)) for ending, count in found.counts.items()),
    ]
    value = found.kaplan_meier_median.value
    if not isinstance(value, Fraction):
        return Figure(None, missing=NOT_HALF if whole else NOTHING, beside=beside)
    return Figure(Decimal(value.numerator) / Decimal(value.denominator), beside=beside)


def _in_days(value: object) -> str:
    return _("%(days)s日") % {"days": f"{float(value):g}"} if isinstance(value, Fraction) else "―"


def _per_officer(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _received(organization_id, period, as_of)
    count = rows.count()
    officers = rows.filter(officer__isnull=False).order_by().values("officer").distinct().count()
    if not officers:
        return Figure(None, Decimal(count), Decimal(0), NOTHING)
    passed = (min(period.last, as_of) - period.first).days + 1
    whole = (period.last - period.first).days + 1
    yearly = Fraction(count * whole, officers * passed)
    beside = [(_("この調子で一年続いたとき"), _("%(count)s件") % {"count": f"{float(yearly):.0f}"})]
    tenths = round(Fraction(count * 10, officers))
    return Figure(Decimal(tenths) / 10, Decimal(count), Decimal(officers), beside=beside)


# --- The lists behind them -------------------------------------------------------------------------------------------------------


def _seen(rows: Rows, actor: Actor) -> Rows:
    return rows.filter(pk__in=proposal_access.visible(actor).values("pk"))


def _first_reply_rows(
    organization_id: int, period: Period, as_of: dt.date, actor: Actor
) -> Sequence[Counted]:
    rows = _seen(_received(organization_id, period, as_of), actor)[:MOST_ROWS]
    return [_counted(row, _reply(row, as_of)) for row in rows]


def _days_to_start_rows(
    organization_id: int, period: Period, as_of: dt.date, actor: Actor
) -> Sequence[Counted]:
    rows = _seen(_proposed(organization_id, period, as_of), actor)[:MOST_ROWS]
    return [_counted(row, _start(row, as_of)) for row in rows]


def _counted(row: Proposal, duration: Duration) -> Counted:
    note = _("%(ending)s %(days)d日") % {"ending": duration.ending, "days": duration.days}
    return Counted(
        f"{row.number} {row}".strip(), row.get_absolute_url(), duration.ending is Ending.DONE, note
    )


def _received_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = _seen(_received(organization_id, period, as_of), actor).annotate(by=F("officer__name"))
    return [
        Counted(f"{row.number} {row}".strip(), row.get_absolute_url(), True, row.by or _("担当者なし"))
        for row in rows[:MOST_ROWS]
    ]
