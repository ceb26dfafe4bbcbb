"""What the room counts: trials that went on, projects with a KPI, what was brought along, residents who took part."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer
from enishi.projects.access import project_access, projects_taken_part_in
from enishi.projects.enums import GateDecision, LabRole, MeasureKind, ProjectStatus, RiskState, TrialState
from enishi.projects.models import LabParticipant, Measure, Participant, Project, Risk, Trial

NOTHING = gettext_lazy("この期間に数えるものがありません。")
YEN, HOURS, COUNT = gettext_lazy("円"), gettext_lazy("時間"), gettext_lazy("件")


def register() -> None:
    """Called once, in ``apps.ready``."""
    offer(
        Metric(
            "projects.started",
            gettext_lazy("始めた事業"),
            gettext_lazy("この期間に始めた、この団体が主催する事業の数。いまの状態ごとの数を並べます。"),
            COUNT,
            _started,
            _started_rows,
            order=310,
        ),
        Metric(
            "projects.with_kpi",
            gettext_lazy("KPIのある事業の割合"),
            gettext_lazy(
                "この期間に承認した事業のうち、基準値・目標値・日付・出所のそろった成果の指標が一つ以上ある事業の割合。"
            ),
            "%",
            _with_kpi,
            _with_kpi_rows,
            target=Decimal(100),
            order=311,
            decimals=1,
        ),
        Metric(
            "projects.trials_implemented_cohort",
            gettext_lazy("実証から実装へ(始めた実証で見る)"),
            gettext_lazy(
                "この期間に始めた実証のうち、基準日までに「実装する」と判断したものの割合。まだ判断していないものは分母に残し、数を並べます。"
            ),
            "%",
            _implemented_cohort,
            _cohort_rows,
            order=312,
            decimals=1,
            tags=("beside:trials",),
        ),
        Metric(
            "projects.trials_implemented_period",
            gettext_lazy("実証から実装へ(判断した実証で見る)"),
            gettext_lazy("この期間に判断した実証のうち、「実装する」と判断したものの割合。"),
            "%",
            _implemented_period,
            _decided_rows,
            order=313,
            decimals=1,
            tags=("beside:trials",),
        ),
        Metric(
            "projects.in_kind_yen",
            gettext_lazy("持ち寄られた物品・役務(円換算)"),
            gettext_lazy(
                "この期間に始めた事業に、主催者以外の団体がこれまでに提供した物品・役務などの合計。換算は各団体の申告によります。"
            ),
            YEN,
            _in_kind_yen,
            _brought_rows("provided_yen"),
            order=314,
        ),
        Metric(
            "projects.in_kind_hours",
            gettext_lazy("持ち寄られた人手(時間)"),
            gettext_lazy("この期間に始めた事業に、主催者以外の団体がこれまでに提供した人手の合計。"),
            HOURS,
            _in_kind_hours,
            _brought_rows("provided_hours"),
            order=315,
            decimals=1,
        ),
        Metric(
            "projects.resident_participation",
            gettext_lazy("住民参加率"),
            gettext_lazy(
                "この期間に始めた実証のうち、同意した住民が一人でも参加したものの割合。撤回した人は数えません。"
            ),
            "%",
            _residents,
            _resident_rows,
            order=316,
            decimals=1,
        ),
        Metric(
            "projects.risks_occurred",
            gettext_lazy("リスクの顕在化率(事業)"),
            gettext_lazy("この期間に始めた事業に書かれたリスクのうち、実際に起きたものの割合。"),
            "%",
            _risks,
            _risk_rows,
            order=317,
            decimals=1,
            tags=("lower-is-better",),
        ),
    )


# --- Projects --------------------------------------------------------------------------------------------------------------


def _begun(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Project, Project]:
    return (
        Project.objects.kept()
        .filter(
            organization_id=organization_id,
            started_on__gte=period.first,
            started_on__lte=min(period.last, as_of),
        )
        .order_by("started_on", "pk")
    )


def _seen(rows: QuerySet[Project, Project], actor: Actor) -> QuerySet[Project, Project]:
    return rows.filter(pk__in=project_access.visible(actor).values("pk"))


def _started(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _begun(organization_id, period, as_of)
    counts = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    count = Decimal(sum(counts.values()))
    beside = [
        (status.label, _("%(count)d件") % {"count": counts[status.value]})
        for status in ProjectStatus
        if status.value in counts
    ]
    return Figure(count, count, beside=beside)


def _started_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    return [
        Counted(row.title, row.get_absolute_url(), True, str(row.get_status_display()))
        for row in _seen(_begun(organization_id, period, as_of), actor)
    ]


def _approved(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Project, Project]:
    return (
        Project.objects.kept()
        .filter(
            organization_id=organization_id,
            approved_at__date__gte=period.first,
            approved_at__date__lte=min(period.last, as_of),
        )
        .order_by("approved_at", "pk")
    )


def _measured(rows: QuerySet[Project, Project]) -> set[int]:
    whole = Measure.objects.filter(
        project__in=rows,
        kind=MeasureKind.OUTCOME,
        retired_at__isnull=True,
        baseline_value__isnull=False,
        baseline_on__isnull=False,
        target_value__isnull=False,
        target_on__isnull=False,
    ).exclude(source="")
    return set(whole.values_list("project_id", flat=True))


def _with_kpi(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _approved(organization_id, period, as_of)
    return share(len(_measured(rows)), rows.count(), missing=NOTHING)


def _with_kpi_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _approved(organization_id, period, as_of)
    measured = _measured(rows)
    return [
        Counted(row.title, row.get_absolute_url(), row.pk in measured, str(row.get_status_display()))
        for row in _seen(rows, actor)
    ]


# --- Trials ----------------------------------------------------------------------------------------------------------------


def _trials(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Trial, Trial]:
    """The cohort: trials whose criteria were frozen, that is, which began, within the period."""
    return (
        Trial.objects.filter(
            project__organization_id=organization_id,
            project__deleted_at__isnull=True,
            frozen_at__date__gte=period.first,
            frozen_at__date__lte=min(period.last, as_of),
        )
        .select_related("project")
        .order_by("frozen_at", "pk")
    )


def _gone_on(rows: QuerySet[Trial, Trial], as_of: dt.date) -> QuerySet[Trial, Trial]:
    return rows.filter(decision=GateDecision.IMPLEMENT, decided_at__date__lte=as_of)


def _implemented_cohort(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _trials(organization_id, period, as_of)
    waiting = rows.exclude(decided_at__date__lte=as_of).count()
    beside = [(_("まだ判断していない"), _("%(count)d件") % {"count": waiting})]
    return share(_gone_on(rows, as_of).count(), rows.count(), missing=NOTHING, beside=beside)


def _decided(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Trial, Trial]:
    return (
        Trial.objects.filter(
            state=TrialState.DECIDED,
            project__organization_id=organization_id,
            project__deleted_at__isnull=True,
            decided_at__date__gte=period.first,
            decided_at__date__lte=min(period.last, as_of),
        )
        .select_related("project")
        .order_by("decided_at", "pk")
    )


def _implemented_period(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _decided(organization_id, period, as_of)
    return share(_gone_on(rows, as_of).count(), rows.count(), missing=NOTHING)


def _cohort_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    return _trial_lines(_trials(organization_id, period, as_of), actor, _is_implemented)


def _decided_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    return _trial_lines(_decided(organization_id, period, as_of), actor, _is_implemented)


def _is_implemented(trial: Trial) -> bool:
    return trial.decision == GateDecision.IMPLEMENT


def _trial_lines(
    rows: QuerySet[Trial, Trial], actor: Actor, counts: Callable[[Trial], bool]
) -> list[Counted]:
    seen = rows.filter(project__in=project_access.visible(actor))
    return [
        Counted(
            str(row),
            row.project.get_absolute_url(),
            counts(row),
            str(row.get_decision_display() or row.get_state_display()),
        )
        for row in seen
    ]


def _with_residents(rows: QuerySet[Trial, Trial]) -> set[int]:
    people = LabParticipant.objects.taking_part().filter(trial__in=rows, role=LabRole.RESIDENT)
    return set(people.values_list("trial_id", flat=True))


def _residents(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _trials(organization_id, period, as_of)
    people = LabParticipant.objects.taking_part().filter(trial__in=rows, role=LabRole.RESIDENT).count()
    beside = [(_("参加した住民"), _("%(count)d人") % {"count": people})]
    return share(len(_with_residents(rows)), rows.count(), missing=NOTHING, beside=beside)


def _resident_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _trials(organization_id, period, as_of)
    found = _with_residents(rows)
    return _trial_lines(rows, actor, lambda trial: trial.pk in found)


# --- What others brought ---------------------------------------------------------------------------------------------------


def _others(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Participant, Participant]:
    rows = Participant.objects.filter(project__in=_begun(organization_id, period, as_of).order_by())
    return rows.exclude(organization_id=organization_id).select_related("organization", "project")


def _in_kind_yen(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    total = _others(organization_id, period, as_of).aggregate(sum=Sum("provided_yen"))["sum"] or 0
    return Figure(Decimal(total), Decimal(total))


def _in_kind_hours(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    total = _others(organization_id, period, as_of).aggregate(sum=Sum("provided_hours"))["sum"]
    hours = Decimal(total or 0)
    return Figure(hours, hours)


def _brought_rows(name: str) -> Any:
    def rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
        seen = _others(organization_id, period, as_of).filter(project__in=project_access.visible(actor))
        return [
            Counted(
                f"{row.project.title} — {row}",
                row.project.get_absolute_url(),
                bool(getattr(row, name)),
                f"{getattr(row, name):,}",
            )
            for row in seen.order_by("project_id", "pk")
        ]

    return rows


def _risky(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Risk, Risk]:
    return Risk.objects.filter(project__in=_begun(organization_id, period, as_of).order_by()).select_related(
        "project"
    )


def _risks(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _risky(organization_id, period, as_of)
    return share(rows.filter(state=RiskState.OCCURRED).count(), rows.count(), missing=NOTHING)


def _risk_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    """Risks are read inside: only those of projects one's house leads or takes part in."""
    mine = project_access.visible(actor).filter(projects_taken_part_in(actor))
    return [
        Counted(
            f"{row.project.title} — {row.title}",
            row.project.get_absolute_url(),
            row.state == RiskState.OCCURRED,
            str(row.get_state_display()),
        )
        for row in _risky(organization_id, period, as_of).filter(project__in=mine).order_by("pk")
    ]
