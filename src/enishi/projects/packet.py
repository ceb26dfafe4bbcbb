"""What of the projects stands in a handover packet: the work itself, tasks and days, promises, money, lessons, files, people."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.audit import history as told
from enishi.audit import wording
from enishi.audit.access import act_access
from enishi.audit.models import AuditEvent
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import shortened
from enishi.foundation.money import in_yen
from enishi.foundation.sentences import gettext as _
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties, PacketItem, PacketPart, register_packet_part
from enishi.projects.access import project_access
from enishi.projects.enums import ExpenseState, ProjectStatus, RiskState
from enishi.projects.lessons.access import lesson_access
from enishi.projects.models import Measure, MeasureValue, Project, Trial
from enishi.projects.thread import plain_number

WORDS = 300
MOST_ACTS = 30
MOST_CLOSED = 20
OPEN = (ProjectStatus.DRAFT, ProjectStatus.APPROVED, ProjectStatus.RUNNING)


def register() -> None:
    """Called once, in ``apps.ready``."""
    for part in (
        PacketPart("projects.projects", gettext_lazy("事業"), 70, projects),
        PacketPart("projects.days", gettext_lazy("節目・作業・指標の期日"), 72, days),
        PacketPart("projects.promises", gettext_lazy("会議での約束"), 74, promises),
        PacketPart("projects.trouble", gettext_lazy("事故・リスク・精算待ち"), 76, trouble),
        PacketPart("projects.people", gettext_lazy("事業の相手と連絡先"), 78, people),
        PacketPart("projects.documents", gettext_lazy("事業の文書"), 80, documents),
        PacketPart("projects.lessons", gettext_lazy("教訓"), 82, lessons),
        PacketPart("projects.closed", gettext_lazy("終わった事業"), 84, closed),
        PacketPart("projects.history", gettext_lazy("最近したこと"), 90, history),
    ):
        register_packet_part(part)


def _in_charge(duties: Duties, actor: Person) -> QuerySet[Project, Project]:
    mine = Q(section_id__in=duties.section_ids, organization=duties.organization)
    if duties.person is not None:
        mine |= Q(officer=duties.person, organization=duties.organization)
        mine |= Q(participants__people=duties.person, participants__organization=duties.organization)
    rows = Project.objects.filter(mine).values("pk")
    return project_access.visible(actor).filter(pk__in=rows)


def _open(duties: Duties, actor: Person) -> QuerySet[Project, Project]:
    return _in_charge(duties, actor).filter(status__in=OPEN).order_by("ends_on", "pk")


def _kept_within(row: Project) -> int | None:
    return row.section_id if row.visibility == Visibility.SECTION else None


def _others(row: Project, duties: Duties) -> str:
    names = [str(each) for each in row.participants.all() if each.organization_id != duties.organization.pk]
    return "、".join(names)


def projects(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    steps = {
        ProjectStatus.DRAFT: _("計画を仕上げ、承認を求める"),
        ProjectStatus.APPROVED: _("事業を始める"),
        ProjectStatus.RUNNING: _("終わりの日までに結果をまとめる"),
    }
    rows = _open(duties, actor).prefetch_related("participants__organization", "expenses")
    return [
        PacketItem(
            title=row.title,
            url=row.get_absolute_url(),
            state=row.get_status_display(),
            due=row.ends_on,
            next_step=steps[ProjectStatus(row.status)],
            counterpart=_others(row, duties),
            note="\n".join(filter(None, [shortened(row.purpose, WORDS), _money(row)])),
            section_id=_kept_within(row),
        )
        for row in rows
    ]


def _money(row: Project) -> str:
    """What the project may spend, what went, and what is left."""
    budget = sum(each.budget_yen for each in row.participants.all())
    spent = sum(
        each.amount_yen
        for each in row.expenses.all()
        if each.state in {ExpenseState.APPROVED, ExpenseState.SETTLED}
    )
    if not budget and not spent:
        return ""
    if not budget:
        return _("承認した支出 %(spent)s(予算は書かれていません)") % {"spent": in_yen(spent)}
    amounts = {"budget": in_yen(budget), "spent": in_yen(spent), "left": in_yen(budget - spent)}
    return _("予算 %(budget)s、承認した支出 %(spent)s、残り %(left)s") % amounts


def days(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """Milestones not reached, tasks not done, values not measured yet, trials to be judged."""
    rows = _open(duties, actor).prefetch_related(
        "milestones",
        "tasks__assignee",
        "tasks__participant__organization",
        "measures__values__corrected_by",
        "measures__participant__organization",
        "trials__measure",
        "trials__stop_measure",
    )
    found = [item for row in rows for item in (*_dated(row), *_measured(row))]
    return sorted(found, key=lambda item: (item.due or dt.date.max, item.title))


def _dated(row: Project) -> Iterator[PacketItem]:
    url, section = row.get_absolute_url(), _kept_within(row)
    for milestone in row.milestones.all():
        if milestone.done_on is None:
            yield PacketItem(
                milestone.title,
                url,
                _("節目"),
                milestone.due_on,
                _("期日までに達する"),
                "",
                row.title,
                True,
                section,
            )
    for task in row.tasks.all():
        if task.is_open:
            who = task.assignee.name if task.assignee else str(task.participant or "")
            yield PacketItem(
                task.title,
                reverse("projects:task_detail", args=[task.pk]),
                task.get_state_display(),
                task.due_on,
                _("期限までに終える"),
                who,
                row.title,
                True,
                section,
            )


def _measured(row: Project) -> Iterator[PacketItem]:
    section = _kept_within(row)
    for measure in row.measures.all():
        if measure.retired_at is None and measure.next_due_on is not None:
            yield PacketItem(
                measure.title,
                reverse("projects:measure_detail", args=[measure.pk]),
                _("指標"),
                measure.next_due_on,
                _("値を入れる(出所: %(source)s)") % {"source": measure.source or _("未記入")},
                str(measure.participant or ""),
                f"{row.title}: {_where_it_stands(measure)}",
                True,
                section,
            )
    for trial in row.trials.all():
        if not trial.decision and trial.judged_on is not None:
            yield PacketItem(
                shortened(trial.hypothesis, 100) or row.title,
                reverse("projects:trial_detail", args=[trial.pk]),
                _("実証の判断"),
                trial.judged_on,
                _("成功と中止の基準の値をそろえ、判断する"),
                "",
                f"{row.title}: {_criteria(trial)}",
                True,
                section,
            )


def _where_it_stands(measure: Measure) -> str:
    """「いま 3日(令和8年10月31日)、目標 2日(令和9年3月31日)」: what the next value will be compared with."""
    known = [each for each in measure.values.all() if each.value is not None]
    latest = max((each for each in known if not hasattr(each, "corrected_by")), key=_day_of, default=None)
    parts = [_("まだ値がありません")]
    if latest is not None:
        parts = [_("いま %(value)s") % {"value": _number(latest.value, measure.unit, latest.on)}]
    if measure.target_value is not None:
        goal = _number(measure.target_value, measure.unit, measure.target_on)
        parts.append(_("目標 %(value)s") % {"value": goal})
    return "、".join(parts)


def _day_of(value: MeasureValue) -> dt.date:
    return value.on


def _number(value: Decimal | None, unit: str, on: dt.date | None) -> str:
    words = f"{plain_number(value)}{unit}"
    return f"{words}({day_in_words(on, weekday=False)})" if on else words


def _criteria(trial: Trial) -> str:
    """What was promised before the start: when it counts as a success, and when it must stop."""
    parts = []
    if trial.measure is not None and trial.success_value is not None:
        goal = (
            f"{plain_number(trial.success_value)}{trial.measure.unit}{trial.get_success_comparator_display()}"
        )
        parts.append(_("成功は「%(measure)s」が%(goal)s") % {"measure": trial.measure.title, "goal": goal})
    stopping = trial.stop_measure or trial.measure
    if stopping is not None and trial.stop_value is not None:
        goal = f"{plain_number(trial.stop_value)}{stopping.unit}{trial.get_stop_comparator_display()}"
        parts.append(_("中止は「%(measure)s」が%(goal)s") % {"measure": stopping.title, "goal": goal})
    return "、".join(parts) or _("基準が書かれていません")


def _day(day: dt.date) -> str:
    return day_in_words(day, weekday=False)


def promises(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _open(duties, actor).prefetch_related("meetings", "participants__organization")
    return [
        PacketItem(
            title=f"{meeting.title}({_day(meeting.held_on)})",
            url=reverse("projects:meeting_detail", args=[meeting.pk]),
            state=row.title[:100],
            # A next meeting that is over is no date to keep any more; what was promised there stays to be asked about.
            due=meeting.next_on if meeting.next_on and meeting.next_on >= today else None,
            next_step=shortened(meeting.promises, 450),
            counterpart=_others(row, duties),
            note=shortened(meeting.decisions, WORDS),
            section_id=_kept_within(row),
        )
        for row in rows
        for meeting in row.meetings.all()
        if meeting.promises.strip() or (meeting.next_on and meeting.next_on >= today)
    ]


def trouble(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _open(duties, actor).prefetch_related("incidents", "risks", "expenses__participant__organization")
    return [item for row in rows for item in _trouble_of(row)]


def _trouble_of(row: Project) -> Iterator[PacketItem]:
    url, section = row.get_absolute_url(), _kept_within(row)
    for incident in row.incidents.all():
        if incident.resolved_on is None:
            yield PacketItem(
                incident.title,
                url,
                _("収まっていない"),
                incident.happened_on,
                _("対応を続け、収まった日を記録する"),
                "",
                f"{row.title}: {shortened(incident.response or incident.description, WORDS)}",
                True,
                section,
            )
    for risk in row.risks.all():
        if risk.state == RiskState.WATCHED and risk.impact == "high":
            yield PacketItem(
                risk.title,
                url,
                risk.get_state_display(),
                row.ends_on,
                _("備えを確かめる"),
                "",
                f"{row.title}: {shortened(risk.countermeasure, WORDS)}",
                True,
                section,
            )
    for expense in row.expenses.all():
        if expense.state in {ExpenseState.CLAIMED, ExpenseState.APPROVED}:
            yield PacketItem(
                expense.what,
                reverse("projects:expense_detail", args=[expense.pk]),
                expense.get_state_display(),
                None,
                _("精算まで見届ける"),
                str(expense.participant),
                f"{row.title} {in_yen(expense.amount_yen)}({_day(expense.spent_on)})",
                True,
                section,
            )


def people(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _open(duties, actor).prefetch_related("participants__organization", "participants__people")
    return [
        PacketItem(
            title=str(each),
            url=row.get_absolute_url(),
            state=each.get_role_display(),
            counterpart="、".join(
                [
                    *(f"{person.name}({person.email})" for person in each.people.all()),
                    *([each.organization.phone] if each.organization and each.organization.phone else []),
                ]
            )[:500]
            or _("連絡先が記録されていません。異動の前に前任者に聞き、書き足してください。"),
            note=f"{row.title} {each.part}".strip(),
            is_open=False,
            section_id=_kept_within(row),
        )
        for row in rows
        for each in row.participants.all()
        if each.organization_id != duties.organization.pk
    ]


def documents(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _open(duties, actor).prefetch_related("documents")
    return [
        PacketItem(
            title=document.name,
            url=row.get_absolute_url(),
            state=_day(timezone.localdate(document.added_at)),
            note=row.title,
            is_open=False,
            section_id=_kept_within(row),
        )
        for row in rows
        for document in row.documents.all()
        if document.removed_at is None
    ]


def lessons(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """What was learnt in these projects, by this person and in this section."""
    mine = Q(project__in=_in_charge(duties, actor).values("pk")) | Q(section_id__in=duties.section_ids)
    if duties.person is not None:
        mine |= Q(author=duties.person)
    rows = lesson_access.visible(actor).filter(mine, organization=duties.organization)
    return [
        PacketItem(
            title=row.title,
            url=row.get_absolute_url(),
            state=row.get_status_display(),
            next_step=shortened(row.next_time, 450),
            is_open=row.status == "draft",
            section_id=row.section_id if row.visibility == Visibility.SECTION else None,
        )
        for row in rows.order_by("-updated_at", "-pk")[:50]
    ]


def closed(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _in_charge(duties, actor).exclude(status__in=OPEN).prefetch_related("participants__organization")
    return [
        PacketItem(
            title=row.title,
            url=row.get_absolute_url(),
            state=row.get_status_display(),
            counterpart=_others(row, duties),
            note=_("%(day)sに終了") % {"day": _day(row.ended_on)} if row.ended_on else "",
            is_open=False,
            section_id=_kept_within(row),
        )
        for row in rows.order_by("-ended_on", "-pk")[:MOST_CLOSED]
    ]


def history(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """The person's latest acts in the house, as far as whoever makes the packet may know of them."""
    if duties.person is None:
        return []
    known = [
        label
        for label in (
            "exchange.challenge",
            "exchange.resource",
            "projects.project",
            "desk.proposal",
            "agreements.agreement",
            "projects.lesson",
        )
        if wording.model_of(label)
    ]
    events = list(
        AuditEvent.objects.filter(
            organization_id=duties.organization.pk, actor=duties.person, subject_type__in=known
        ).order_by("-sequence")[:MOST_ACTS]
    )
    lines = told.told(events, hidden=act_access.hidden_from(actor, events))
    own = frozenset(row.sequence for row in events) - act_access.hidden_from(actor, events)
    return [
        PacketItem(
            title=line.subject[:300],
            url=reverse("audit:record_history", args=[event.subject_type, event.subject_id]),
            state=_day(timezone.localdate(line.at)),
            note=line.sentence,
            is_open=False,
            section_id=_section_of(event),
        )
        for event, line in zip(events, lines, strict=True)
        if event.sequence in own
    ]


def _section_of(event: AuditEvent) -> int | None:
    """The section the record is kept within today."""
    model = wording.model_of(event.subject_type)
    row = model._default_manager.filter(pk=event.subject_id).first() if model else None
    if row is None or getattr(row, "visibility", "") != Visibility.SECTION:
        return None
    section: int | None = getattr(row, "section_id", None)
    return section
