"""What the room shows on the home page and on the pages of challenges, proposals, agreements and organisations."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.foundation.money import yen_in_words
from enishi.organizations.visibility import reach_of
from enishi.projects import selectors
from enishi.projects.access import project_access
from enishi.projects.models import Project

FEW = 5
SHOWN = 6
AHEAD = dt.timedelta(days=7)


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = pgettext_lazy("一覧", "事業")
    ui.navigation.register(
        ui.NavigationItem(label, "projects:project_list", order=50, shown=_is_member, icon="file")
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("事業を見る"), "projects:project_list", order=14, bar="public")
    )
    panels.home.register(panels.HomePanel("", 30, waiting, "today", _is_member))
    panels.home.register(panels.HomePanel("projects/_home_late.html", 40, late, "late", _is_member))
    for kind, name in (
        ("exchange.challenge", "challenge"),
        ("exchange.contact", "contact"),
        ("desk.proposal", "proposal"),
        ("agreements.agreement", "agreement"),
    ):
        panels.records.register(panels.RecordPanel(kind, "projects/_of_record.html", 40, _of(name), label))
    panels.records.register(
        panels.RecordPanel(
            "organizations.organization", "projects/_of_record.html", 40, of_organization, label
        )
    )


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Tasks and values due, expenses and plans to approve, trials to decide."""
    until = timezone.localdate(at) + AHEAD
    items = [
        panels.Todo(
            task.title,
            reverse("projects:task_detail", args=[task.pk]),
            due=task.due_on,
            why=_("「%(project)s」の作業の期限です") % {"project": task.project.title},
        )
        for task in selectors.tasks_waiting_for(actor, until)[:FEW]
    ]
    items += [
        panels.Todo(
            measure.title,
            reverse("projects:value_new", args=[measure.pk]),
            due=measure.next_due_on,
            why=_("「%(project)s」の指標の値を入れる日です") % {"project": measure.project.title},
        )
        for measure in selectors.values_waiting_for(actor, until)[:FEW]
    ]
    items += [*_to_approve(actor), *_to_decide(actor, until)]
    return {"items": items} if items else None


def _to_approve(actor: Actor) -> list[panels.Todo]:
    plans = [
        panels.Todo(
            project.title,
            reverse("projects:project_move", args=[project.pk]),
            why=_("事業の承認を待っています"),
        )
        for project in selectors.approvals_waiting_for(actor)[:FEW]
    ]
    claims = [
        panels.Todo(
            _("%(what)s %(amount)s") % {"what": expense.what, "amount": yen_in_words(expense.amount_yen)},
            reverse("projects:expense_detail", args=[expense.pk]),
            why=_("「%(project)s」の支出の承認を待っています") % {"project": expense.project.title},
        )
        for expense in selectors.expenses_waiting_for(actor)[:FEW]
    ]
    return plans + claims


def _to_decide(actor: Actor, until: dt.date) -> list[panels.Todo]:
    return [
        panels.Todo(
            trial.project.title,
            reverse("projects:trial_detail", args=[trial.pk]),
            due=trial.judged_on,
            why=_("実装するかを判断する日です"),
        )
        for trial in selectors.gates_waiting_for(actor, until)[:FEW]
    ]


def late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Projects of one's house that run on after the day they should have ended."""
    today = timezone.localdate(at)
    rows = (
        Project.objects.visible_to(actor)
        .late(today)
        .filter(organization_id__in=reach_of(actor).organization_ids)
        .select_related("section")
        .order_by("ends_on", "pk")[:SHOWN]
    )
    found = list(rows)
    return {"projects": found, "today": today} if found else None


def _of(name: str) -> Any:
    def context(actor: Actor, record: Any) -> Mapping[str, Any] | None:
        rows = list(selectors.projects_of(actor, **{name: record}).order_by("-updated_at", "-pk")[:SHOWN])
        start = _start_url(actor, name, record)
        if not rows and not start:
            return None
        return {"projects": rows, "today": timezone.localdate(), "start_url": start}

    return context


READY = {
    "proposal": ("adopted", "trial"),
    "agreement": ("approved", "active"),
    "contact": ("adopted",),
    "challenge": (),
}
"""When a record is far enough for work to begin; a challenge alone never is."""


def _start_url(actor: Actor, name: str, record: Any) -> str:
    """Where whoever may begins a project out of this record."""
    state = record.state if name == "contact" else record.status
    house = record.wanting if name == "contact" else record.organization
    if state not in READY[name] or not project_access.allows(actor, "create", house):
        return ""
    return f"{reverse('projects:project_new')}?{name}={record.pk}"


def of_organization(actor: Actor, organization: Any) -> Mapping[str, Any] | None:
    rows = selectors.projects_with(actor, organization.pk).order_by("-updated_at", "-pk")[:SHOWN]
    found = list(rows)
    if not found:
        return None
    more = reverse("projects:project_list") + f"?partner={organization.pk}"
    return {"projects": found, "today": timezone.localdate(), "more_url": more}
