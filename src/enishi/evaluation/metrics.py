"""What the room counts: follow-ups done, sheets handed in in time, texts copied from last year."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.evaluation.access import decision_access, subject_access
from enishi.evaluation.enums import DecisionState, EvaluationState, FollowUpState, Stage
from enishi.evaluation.models import Evaluation, FollowUp, Subject
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer

NOTHING = gettext_lazy("この期間に数えるものがありません。")


def register() -> None:
    """Called once, in ``apps.ready``."""
    offer(
        Metric(
            "evaluation.follow_ups_done",
            gettext_lazy("決定フォロー完了率"),
            gettext_lazy(
                "期限がこの期間に来た、改善の決定のフォローのうち、基準日までに完了したものの割合。取りやめたものも分母に残します。"
            ),
            "%",
            _done,
            _done_rows,
            target=Decimal(100),
            order=410,
            decimals=1,
        ),
        Metric(
            "evaluation.sheets_in_time",
            gettext_lazy("評価シートの期限内提出率"),
            gettext_lazy("一次評価の期限がこの期間に来たシートのうち、期限の日までに提出したものの割合。"),
            "%",
            _in_time,
            _in_time_rows,
            target=Decimal(100),
            order=411,
            decimals=1,
        ),
        Metric(
            "evaluation.copied_sheets",
            gettext_lazy("前回と同じ文のあるシートの割合"),
            gettext_lazy(
                "この期間に一次評価を提出したシートのうち、前回の評価と同じか、3文字ずつの並びの85%以上が同じ文のあるものの割合。前回の評価がないシートも分母に入ります。"
            ),
            "%",
            _copied,
            _copied_rows,
            target=Decimal(0),
            order=412,
            decimals=1,
            tags=("lower-is-better",),
        ),
    )


def _due(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[FollowUp, FollowUp]:
    rows = FollowUp.objects.filter(
        decision__organization_id=organization_id,
        decision__state=DecisionState.DECIDED,
        due_on__gte=period.first,
        due_on__lte=min(period.last, as_of),
    )
    return rows.select_related("decision__subject").order_by("due_on", "pk")


def _is_done(row: FollowUp, as_of: dt.date) -> bool:
    return row.state == FollowUpState.DONE and row.ended_on is not None and row.ended_on <= as_of


def _done(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = list(_due(organization_id, period, as_of))
    done = [row for row in rows if _is_done(row, as_of)]
    in_time = sum(1 for row in done if row.ended_on is not None and row.ended_on <= row.due_on)
    dropped = sum(1 for row in rows if row.state == FollowUpState.DROPPED)
    beside = [
        (_("うち期限内"), _("%(n)d件") % {"n": in_time}),
        (_("取りやめ"), _("%(n)d件") % {"n": dropped}),
    ]
    return share(len(done), len(rows), missing=NOTHING, beside=beside)


def _done_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    seen = _due(organization_id, period, as_of).filter(decision__in=decision_access.visible(actor))
    return [
        Counted(
            f"{row.decision.subject.title}: {row.what}",
            row.decision.get_absolute_url(),
            _is_done(row, as_of),
            str(row.get_state_display()),
        )
        for row in seen
    ]


def _asked(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Subject, Subject]:
    rows = Subject.objects.chosen().filter(
        organization_id=organization_id,
        cycle__opened_at__isnull=False,
        cycle__first_due_on__gte=period.first,
        cycle__first_due_on__lte=min(period.last, as_of),
    )
    return rows.select_related("cycle").order_by("cycle_id", "code", "pk")


def _punctual(rows: QuerySet[Subject, Subject]) -> set[int]:
    handed_in = Evaluation.objects.filter(
        subject__in=rows.order_by(),
        stage=Stage.FIRST,
        submitted_at__date__lte=F("subject__cycle__first_due_on"),
        state__in=[EvaluationState.SUBMITTED, EvaluationState.APPROVED],
    )
    return set(handed_in.values_list("subject_id", flat=True))


def _in_time(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _asked(organization_id, period, as_of)
    return share(len(_punctual(rows)), rows.count(), missing=NOTHING)


def _in_time_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _asked(organization_id, period, as_of)
    punctual = _punctual(rows)
    return [
        _line(row, row.pk in punctual)
        for row in rows.filter(pk__in=subject_access.visible(actor).values("pk"))
    ]


def _line(subject: Subject, counts: bool) -> Counted:
    return Counted(
        f"{subject.code} {subject.title}",
        subject.get_absolute_url(),
        counts,
        str(subject.get_place_display()),
    )


def _handed_in(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Evaluation, Evaluation]:
    rows = Evaluation.objects.filter(
        subject__organization_id=organization_id,
        subject__included=True,
        subject__cycle__deleted_at__isnull=True,
        stage=Stage.FIRST,
        state__in=[EvaluationState.SUBMITTED, EvaluationState.APPROVED],
        submitted_at__date__gte=period.first,
        submitted_at__date__lte=min(period.last, as_of),
    )
    return rows.select_related("subject").order_by("subject__code", "pk")


def _copied(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _handed_in(organization_id, period, as_of)
    return share(rows.exclude(repeated=[]).count(), rows.count(), missing=NOTHING)


def _copied_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    visible: Any = subject_access.visible(actor).values("pk")
    rows = _handed_in(organization_id, period, as_of).filter(subject__in=visible)
    return [_line(row.subject, bool(row.repeated)) for row in rows]
