"""Tying a project to the 事務事業 as which it is carried out, so that its case reaches 評価 and 予算."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme
from enishi.evaluation.enums import DecisionState
from enishi.evaluation.models import ImprovementDecision
from enishi.evaluation.thread import Carried, ProgrammeLink, link_programmes
from enishi.foundation import panels, trail
from enishi.foundation.access import Actor
from enishi.foundation.forms import CodeField
from enishi.projects.access import project_access
from enishi.projects.models import Project, ProjectProgramme
from enishi.projects.pages import (
    now,
    require,
    signed_in,
    visible_project,
)


class ProgrammeForm(forms.Form):
    uid = CodeField(
        label=gettext_lazy("事業番号"),
        max_length=6,
        help_text=gettext_lazy("6桁の数字。予算の「事務事業」の一覧にあります。"),
    )


def register() -> None:
    """Called once, in ``apps.ready``."""
    link_programmes(ProgrammeLink(_of_programmes, _of_records))
    panels.records.register(
        panels.RecordPanel(
            "projects.project",
            "projects/_programmes.html",
            45,
            of_project,
            gettext_lazy("事務事業(評価と予算)"),
        )
    )
    panels.records.register(
        panels.RecordPanel(
            "budgets.programme",
            "projects/_of_programme.html",
            70,
            of_programme,
            gettext_lazy("いっしょに行う事業"),
        )
    )
    panels.records.register(
        panels.RecordPanel(
            "evaluation.improvementdecision",
            "projects/_of_decision.html",
            70,
            of_decision,
            gettext_lazy("次の課題"),
        )
    )


def _carried(rows: Any) -> list[Carried]:
    return [
        Carried(
            row.programme_id, ("project", row.project_id), row.project.started_on or row.project.starts_on
        )
        for row in rows.select_related("project").filter(project__deleted_at__isnull=True)
    ]


def _of_programmes(ids: Sequence[int]) -> Iterable[Carried]:
    return _carried(ProjectProgramme.objects.filter(programme_id__in=ids))


def _of_records(kind: str, ids: Sequence[int]) -> Iterable[Carried]:
    return _carried(ProjectProgramme.objects.filter(project_id__in=ids)) if kind == "project" else []


def of_project(actor: Actor, project: Project) -> Mapping[str, Any] | None:
    """The programmes this reader may see, and the way to add one for those who may."""
    seen = Programme.objects.visible_to(actor).values("pk")
    links = list(project.programme_links.filter(programme__in=seen).select_related("programme"))
    may_link = project_access.allows(actor, "edit", project)
    if not links and not may_link:
        return None
    return {"links": links, "may_link": may_link, "project": project, "form": ProgrammeForm()}


def of_programme(actor: Actor, programme: Programme) -> Mapping[str, Any] | None:
    rows = project_access.visible(actor).filter(programme_links__programme=programme).order_by("pk")[:20]
    found = list(rows)
    return {"projects": found} if found else None


def of_decision(actor: Actor, decision: ImprovementDecision) -> Mapping[str, Any] | None:
    """Where what was decided goes on: as a challenge that grows out of the project, or as one of its own."""
    if decision.state != DecisionState.DECIDED or decision.programme is None:
        return None
    return of_programme(actor, decision.programme) or {"projects": []}


@transaction.atomic
def link(*, project_id: int, uid: str, actor: Person, at: dt.datetime) -> ProjectProgramme | None:
    """Say that the project is carried out as the municipality's programme of that number; ``None`` where there is none."""
    project = Project.objects.select_for_update().get(pk=project_id)
    project_access.require(actor, "edit", project)
    programme = (
        Programme.objects.visible_to(actor).filter(organization_id=project.organization_id, uid=uid).first()
    )
    if programme is None:
        return None
    row, is_new = ProjectProgramme.objects.get_or_create(
        project=project, programme=programme, defaults={"linked_by": actor, "linked_at": at}
    )
    if is_new:
        _note(project, "link_programme", actor, at, str(programme))
    return row


@transaction.atomic
def unlink(*, link_id: int, actor: Person, at: dt.datetime) -> None:
    row = ProjectProgramme.objects.select_for_update().select_related("project", "programme").get(pk=link_id)
    project_access.require(actor, "edit", row.project)
    _note(row.project, "unlink_programme", actor, at, str(row.programme))
    row.delete()


def _note(project: Project, action: str, actor: Person, at: dt.datetime, note: str) -> None:
    trail.record(trail.Act(actor, action, project, at, organization_id=project.organization_id, note=note))


@signed_in
@require_POST
def programme_link(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    form = ProgrammeForm(request.POST)
    uid = form.cleaned_data["uid"] if form.is_valid() else ""
    made = link(project_id=project.pk, uid=uid, actor=person_of(request), at=now())
    if made is None:
        messages.error(
            request,
            _(
                "事業番号「%(uid)s」の事務事業は見つかりません。予算の「事務事業」の一覧で6桁の番号を確かめてください。"
            )
            % {"uid": request.POST.get("uid", "")[:20]},
        )
    else:
        messages.success(request, _("事務事業「%(title)s」と結びました。") % {"title": made.programme.title})
    return redirect(project)


@signed_in
@require_POST
def programme_unlink(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    row = get_object_or_404(ProjectProgramme, pk=link_pk, project=project)
    unlink(link_id=row.pk, actor=person_of(request), at=now())
    messages.success(request, _("事務事業との結びつきを外しました。"))
    return redirect(project)
