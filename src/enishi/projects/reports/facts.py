"""What the records say of a project at its end: measures, decisions, money, hours, trouble."""

from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from enishi.foundation.days import day_in_words
from enishi.projects.models import Project
from enishi.projects.thread import plain_number


def facts_of(project: Project) -> dict[str, Any]:
    """Plain words and whole numbers, as JSON keeps them."""
    return {
        "period": _period(project),
        "status": str(project.get_status_display()),
        "reason": str(project.get_end_reason_display()) if project.end_reason else "",
        "participants": _participants(project),
        "measures": _measures(project),
        "trials": _trials(project),
        "money": _money(project),
        "incidents": [
            [day_in_words(each.happened_on, weekday=False), each.title, str(each.get_severity_display())]
            for each in project.incidents.order_by("happened_on", "pk")
        ],
    }


def _period(project: Project) -> str:
    first, last = project.started_on or project.starts_on, project.ended_on or project.ends_on
    words = [day_in_words(day, weekday=False) if day else _("未記入") for day in (first, last)]
    return _("%(first)sから%(last)sまで") % {"first": words[0], "last": words[1]}


def _participants(project: Project) -> list[list[Any]]:
    return [
        [
            str(each),
            str(each.get_role_display()),
            each.part,
            each.budget_yen,
            each.provided_yen or each.in_kind_yen,
            plain_number(each.provided_hours or each.in_kind_hours),
        ]
        for each in project.participants.select_related("organization")
    ]


def _measures(project: Project) -> list[list[str]]:
    rows = []
    for measure in project.measures.filter(retired_at__isnull=True).prefetch_related("values__corrected_by"):
        values = [
            each
            for each in measure.values.all()
            if each.value is not None and not hasattr(each, "corrected_by")
        ]
        latest = max(values, key=lambda each: each.on, default=None)
        rows.append(
            [
                measure.title,
                _with_unit(measure.baseline_value, measure.unit),
                _with_unit(measure.target_value, measure.unit),
                _with_unit(latest.value, measure.unit) if latest else _("まだ値がありません"),
                day_in_words(latest.on, weekday=False) if latest else "",
                measure.source,
            ]
        )
    return rows


def _with_unit(value: Any, unit: str) -> str:
    return f"{plain_number(value)}{unit}" if value is not None else ""


def _trials(project: Project) -> list[list[str]]:
    return [
        [
            str(each.round),
            each.hypothesis,
            str(each.get_decision_display()) if each.decision else _("まだ判断していません"),
            str(each.get_decision_reason_display()) if each.decision_reason else "",
            each.result,
        ]
        for each in project.trials.order_by("round")
    ]


def _money(project: Project) -> list[list[Any]]:
    labels = dict(project.expenses.model._meta.get_field("category").flatchoices)
    rows = (
        project.expenses.filter(state__in=["approved", "settled"])
        .order_by()
        .values("category")
        .annotate(total=Sum("amount_yen"), count=Count("pk"))
    )
    return [
        [str(labels.get(row["category"], row["category"])), row["count"], row["total"]]
        for row in sorted(rows, key=lambda row: -row["total"])
    ]
