"""What the records already know of a year, line by line: numbers with targets, projects with their measures."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from enishi.desk.models import Proposal
from enishi.foundation.days import day_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Figure, Metric, Period, all_metrics, together
from enishi.foundation.sentences import Sentence, spoken
from enishi.foundation.sentences import gettext as _
from enishi.indicators.wording import reason_in_words
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Measure, Project, Task
from enishi.projects.sheets.enums import SheetKind
from enishi.projects.sheets.models import PdcaSheet
from enishi.projects.thread import plain_number

MOST_PROJECTS = 40


@dataclass(frozen=True)
class Known:
    """One line as the records tell it; what is a ``Sentence`` is kept in every language."""

    code: str
    subject: str
    target: str
    result: str
    source: str
    url: str = ""
    plan: str = ""


def lines_of(sheet: PdcaSheet, today: dt.date) -> list[Known]:
    """Everything the records say about this sheet's year."""
    as_of = min(today, sheet.year.last_day)
    if sheet.kind == SheetKind.ORGANIZATION:
        with together():
            found = [*_numbers(sheet, as_of), *_projects(_of_house(sheet), as_of)]
    else:
        found = [*_own_work(sheet, as_of), *_projects(_of_person(sheet), as_of)]
    return found


def _numbers(sheet: PdcaSheet, as_of: dt.date) -> Iterator[Known]:
    period = Period(sheet.year.first_day, sheet.year.last_day)
    for metric in all_metrics():
        figure = metric.figure(sheet.organization_id, period, as_of)
        yield Known(
            code=f"metric:{metric.key}"[:80],
            subject=spoken(metric.title),
            target=_target(metric),
            result=_result(metric, figure),
            source=_("数字で見る(%(day)s現在)") % {"day": day_in_words(as_of, weekday=False)},
            # Portal lies above this room: its address is known by name only.
            url=f"{reverse('portal:metric_detail', args=[metric.key])}?organization={sheet.organization_id}"
            f"&year={sheet.fiscal_year}",
        )


def _result(metric: Metric, figure: Figure) -> str:
    parts = ""
    if figure.numerator is not None and figure.denominator:
        parts = f"({plain_number(figure.numerator)} ÷ {plain_number(figure.denominator)})"
    value = figure.value
    if value is None:
        return Sentence(lambda: f"{reason_in_words(str(figure.missing))}{parts}")
    return Sentence(lambda: f"{_in_words(metric, value)}{parts}")


def _in_words(metric: Metric, value: Decimal) -> str:
    return Sentence(lambda: f"{value:,.{metric.decimals}f}{metric.unit}")


def _target(metric: Metric) -> str:
    if metric.target is None:
        return ""
    form = _("%(value)s以内") if "lower-is-better" in metric.tags else _("%(value)s以上")
    return form % {"value": _in_words(metric, metric.target)}


def _during(year: FiscalYear) -> Q:
    began = Q(started_on__lte=year.last_day) | Q(started_on__isnull=True, starts_on__lte=year.last_day)
    ended = Q(ended_on__gte=year.first_day) | Q(ended_on__isnull=True)
    return began & ended


def _of_house(sheet: PdcaSheet) -> QuerySet[Project, Project]:
    """The house's projects of the year. Those kept within a section stay out: everybody in the house reads this sheet."""
    rows = Project.objects.kept().filter(_during(sheet.year), organization=sheet.organization)
    return rows.exclude(visibility="section").exclude(status="draft")


def _of_person(sheet: PdcaSheet) -> QuerySet[Project, Project]:
    mine = Q(officer=sheet.person) | Q(participants__people=sheet.person)
    keys = Project.objects.kept().filter(_during(sheet.year)).filter(mine).exclude(status="draft")
    return Project.objects.filter(pk__in=keys.values("pk"))


def _projects(rows: QuerySet[Project, Project], as_of: dt.date) -> Iterator[Known]:
    wanted = rows.order_by("starts_on", "pk").prefetch_related("measures__values__corrected_by")
    for project in wanted[:MOST_PROJECTS]:
        yield Known(
            code=f"project:{project.pk}",
            subject=project.title,
            target=_("%(day)sまで") % {"day": day_in_words(project.ends_on, weekday=False)}
            if project.ends_on
            else "",
            result=spoken(ProjectStatus(project.status).label),
            source=_("事業の記録"),
            url=project.get_absolute_url(),
            plan=project.purpose[:1_000],
        )
        for measure in project.measures.all():
            if measure.retired_at is None:
                yield _measure(project, measure, as_of)


def _measure(project: Project, measure: Measure, as_of: dt.date) -> Known:
    values = [
        each
        for each in measure.values.all()
        if each.value is not None and each.on <= as_of and not hasattr(each, "corrected_by")
    ]
    latest = max(values, key=lambda each: each.on, default=None)
    target = f"{plain_number(measure.target_value)}{measure.unit}" if measure.target_value is not None else ""
    result = _("まだ値がありません")
    if latest is not None:
        value = f"{plain_number(latest.value)}{measure.unit}"
        result = _("%(value)s(%(day)s)") % {"value": value, "day": day_in_words(latest.on, weekday=False)}
    return Known(
        code=f"measure:{measure.pk}",
        subject=f"{project.title}: {measure.title}"[:200],
        target=target[:100],
        result=result,
        source=measure.source[:200] or _("事業の指標"),
        url=project.get_absolute_url(),
    )


def _own_work(sheet: PdcaSheet, as_of: dt.date) -> Iterator[Known]:
    """What the person in charge did: proposals accompanied, tasks finished."""
    first, last = sheet.year.first_day, as_of
    received = Proposal.objects.submitted().filter(
        officer=sheet.person,
        organization=sheet.organization,
        received_at__date__gte=first,
        received_at__date__lte=last,
    )
    decided = received.filter(decided_at__isnull=False).count()
    yield Known(
        code="own-work:proposals",
        subject=_("受け持った提案・相談"),
        target="",
        result=_("%(count)d件(うち決定 %(decided)d件)") % {"count": received.count(), "decided": decided},
        source=_("窓口の記録"),
    )
    tasks = Task.objects.filter(
        assignee=sheet.person,
        project__deleted_at__isnull=True,
        due_on__gte=first,
        due_on__lte=sheet.year.last_day,
    )
    late = tasks.late(timezone.localdate()).count()
    yield Known(
        code="own-work:tasks",
        subject=_("受け持った作業"),
        target=_("%(count)d件") % {"count": tasks.count()},
        result=_("完了 %(done)d件、期限切れ %(late)d件")
        % {"done": tasks.filter(state="done").count(), "late": late},
        source=_("事業の作業の記録"),
    )
