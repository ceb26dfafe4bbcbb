"""The plan: tasks as a Gantt chart with its table beside, and the forms that write them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words
from enishi.foundation.lists import paginate
from enishi.projects import gantt, selectors, services
from enishi.projects.access import may_move_task, may_touch, project_access
from enishi.projects.enums import TaskState
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, table_response
from enishi.projects.forms import MilestoneForm, TaskForm, TaskStateForm
from enishi.projects.models import Milestone, Project, Task
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    part_of,
    require,
    signed_in,
    today,
    visible_project,
)
from enishi.projects.planning import Schedule
from enishi.projects.views_projects import page_context

DRAWN = 500


@signed_in
@require_safe
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    tasks, plan = selectors.plan_of(project)
    if request.GET.get("format") in FORMATS:
        return _as_file(request.GET["format"], tasks, plan)
    views = _views(tasks, request.user)
    view = next((each for each in views if each.key == request.GET.get("show")), views[0])
    rows = Task.objects.filter(project=project).select_related("participant__organization", "assignee")
    page = paginate(
        rows.filter(pk__in=view.keys) if view.key else rows,
        order_by=("starts_on", "due_on", "pk"),
        parameters=request.GET,
        size=DRAWN,
    )
    by_key = {task.pk: task for task in tasks}
    shown = [by_key[row.pk] for row in page.rows if row.pk in by_key]
    chain = frozenset(plan.chain if plan else ())
    slack = plan.slack if plan else {}
    context = page_context(request, project, tab="schedule") | {
        "page": page,
        "views": views,
        "view": view,
        "milestones": list(project.milestones.all()),
        "lines": [_line(task, chain, slack) for task in shown],
        "chart": gantt.draw(
            shown,
            list(project.milestones.all()),
            chain=chain,
            slack=slack,
            urls={task.pk: reverse("projects:task_detail", args=[task.pk]) for task in shown},
            today=today(),
        ),
        "chain": chain_in_words(plan, by_key),
        "early": [
            _("「%(task)s」は、先に終える「%(before)s」より前に始まる予定です。")
            % {"task": by_key[key].title, "before": by_key[before].title}
            for key, before in (plan.too_early if plan else ())
        ][:20],
        "summary": _summary(tasks),
    }
    return render(request, "projects/schedule.html", context)


@dataclass(frozen=True)
class View:
    """Some of the tasks: nobody reads five hundred."""

    key: str
    label: str
    keys: list[int]


def _views(tasks: Sequence[Task], person: Actor) -> list[View]:
    day = today()
    named: tuple[tuple[str, str, Callable[[Task], bool]], ...] = (
        ("", _("すべて"), lambda _task: True),
        ("open", _("終わっていない"), lambda task: task.is_open),
        ("late", _("期限を過ぎた"), lambda task: task.is_late(day)),
        ("mine", _("自分の作業"), lambda task: task.assignee_id == person.pk),
    )
    return [View(key, label, [task.pk for task in tasks if belongs(task)]) for key, label, belongs in named]


def _line(task: Task, chain: frozenset[int], slack: Any) -> dict[str, Any]:
    return {
        "task": task,
        "is_late": task.is_late(today()),
        "in_chain": task.pk in chain and task.is_open,
        "slack": slack.get(task.pk) if task.is_open else None,
        "waits_for": [each.title for each in task.predecessors.all()],
    }


def _summary(tasks: Sequence[Task]) -> str:
    done = sum(task.state == TaskState.DONE for task in tasks)
    late = sum(task.is_late(today()) for task in tasks)
    text = ngettext("作業 %(count)s件", "作業 %(count)s件", len(tasks)) % {"count": f"{len(tasks):,}"}
    return _("%(tasks)s(完了 %(done)d件、期限を過ぎたもの %(late)d件)") % {
        "tasks": text,
        "done": done,
        "late": late,
    }


def chain_in_words(plan: Schedule | None, tasks: dict[int, Task]) -> str:
    """The critical path as a sentence."""
    if plan is None:
        return ""
    names = " → ".join(f"「{tasks[key].title}」" for key in plan.chain)
    sentence = _(
        "終わりの日(%(day)s)を決めているのは %(names)s です。このどれかが1日延びると、終わりも1日延びます。"
    )
    return sentence % {"day": day_in_words(plan.ends_on), "names": names}


def _as_file(form: str, tasks: Sequence[Task], plan: Schedule | None) -> HttpResponse:
    headings = [
        _("作業"),
        _("状態"),
        _("始める日"),
        _("期限"),
        _("終えた日"),
        _("受け持つ団体"),
        _("担当者"),
        _("節目"),
        _("先に終える作業"),
        _("余裕(日)"),
        _("終わりの日を決める作業"),
    ]
    chain = frozenset(plan.chain if plan else ())
    slack = plan.slack if plan else {}
    rows = (
        [
            task.title,
            str(task.get_state_display()),
            task.starts_on,
            task.due_on,
            task.done_on,
            str(task.participant or ""),
            str(task.assignee or ""),
            str(task.milestone or ""),
            _("、").join(each.title for each in task.predecessors.all()),
            slack.get(task.pk) if task.is_open else None,
            _("はい") if task.pk in chain else _("いいえ"),
        ]
        for task in tasks
    )
    return table_response(form, headings, rows, title=_("工程"), name="tasks")


def _schedule_url(project: Project) -> str:
    return reverse("projects:schedule", args=[project.pk])


@signed_in
def task_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    form = TaskForm(request.POST or None, instance=Task(project=project), project=project)

    def save(filled: TaskForm) -> Task:
        return services.add_task(
            project_id=pk,
            values=filled.values(),
            predecessors=filled.cleaned_data["predecessors"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=_schedule_url(project),
        title=_("作業を加える"),
        submit=_("加える"),
        done=_("作業を加えました。"),
        project=project,
        crumbs=[(_schedule_url(project), _("工程"))],
        back=_schedule_url(project),
    )


@signed_in
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The task, and the form that moves its days: everything the chart shows can be changed here."""
    task, project = part_of(request, Task.objects.select_related("participant__organization"), pk)
    whole = project_access.allows(request.user, "edit", project)
    may_edit = may_touch(request.user, project, task.participant) and project.is_open
    if request.method == "POST" and not may_edit:
        require(request, "edit", project)
    form = TaskForm(request.POST or None, instance=Task.objects.get(pk=pk), project=project, whole=whole)

    def save(filled: TaskForm) -> Task:
        return services.edit_task(
            task_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            predecessors=filled.cleaned_data["predecessors"] if whole else None,
            actor=person_of(request),
            at=now(),
        )

    extra = page_context(request, project, tab="schedule") | {
        "task": task,
        "may_edit_task": may_edit,
        "whole": whole,
        "state_form": TaskStateForm(initial={"state": task.state, "on": task.done_on}),
        "waits_for": list(task.predecessors.all()),
        "followers": list(task.followers.all()),
        "is_late": task.is_late(today()),
    }
    return form_page(
        request,
        form=form,
        save=save,
        to=_schedule_url(project),
        title=task.title,
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_schedule_url(project), _("工程"))],
        back=_schedule_url(project),
        row=task,
        template="projects/task_detail.html",
        extra=extra,
    )


@signed_in
@require_POST
def task_state(request: HttpRequest, pk: int) -> HttpResponse:
    task, project = part_of(request, Task.objects.select_related("participant__organization"), pk)
    if not may_move_task(request.user, task):
        require(request, "edit", project)
    form = TaskStateForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
        return redirect("projects:task_detail", pk)
    try:
        services.move_task(
            task_id=pk,
            state=TaskState(form.cleaned_data["state"]),
            on=form.cleaned_data["on"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("作業の状態を変えました。"))
    return redirect("projects:task_detail", pk)


@signed_in
@require_POST
def task_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _task, project = part_of(request, Task.objects.all(), pk)
    require(request, "edit", project)
    try:
        services.remove_task(task_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("projects:task_detail", pk)
    messages.success(request, _("作業を消しました。"))
    return redirect(_schedule_url(project))


@signed_in
def milestone_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)

    def save(filled: MilestoneForm) -> Milestone:
        return services.add_milestone(
            project_id=pk, values=filled.values(), actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=MilestoneForm(request.POST or None),
        save=save,
        to=_schedule_url(project),
        title=_("節目を加える"),
        submit=_("加える"),
        done=_("節目を加えました。"),
        project=project,
        crumbs=[(_schedule_url(project), _("工程"))],
        back=_schedule_url(project),
    )


@signed_in
def milestone_edit(request: HttpRequest, pk: int) -> HttpResponse:
    milestone, project = part_of(request, Milestone.objects.all(), pk)
    require(request, "edit", project)

    def save(filled: MilestoneForm) -> Milestone:
        return services.edit_milestone(
            milestone_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=MilestoneForm(request.POST or None, instance=Milestone.objects.get(pk=pk)),
        save=save,
        to=_schedule_url(project),
        title=milestone.title,
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_schedule_url(project), _("工程"))],
        back=_schedule_url(project),
        row=milestone,
        extra={"remove_url": reverse("projects:milestone_remove", args=[pk])},
    )


@signed_in
@require_POST
def milestone_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _milestone, project = part_of(request, Milestone.objects.all(), pk)
    require(request, "edit", project)
    try:
        services.remove_milestone(milestone_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("節目を消しました。"))
    return redirect(_schedule_url(project))
