"""Where a case goes on: the challenge that grew out of a project, written anew or chosen."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from enishi.accounts.models import Person
from enishi.exchange.access import challenge_access
from enishi.exchange.models import Challenge
from enishi.exchange.services import create_challenge
from enishi.exchange.values import ChallengeValues
from enishi.foundation import panels
from enishi.foundation.access import Actor
from enishi.foundation.submissions import new_token, once
from enishi.foundation.thread import Key, Sequel, register_sequel
from enishi.organizations.visibility import reach_of
from enishi.projects.access import project_access
from enishi.projects.errors import RefusedError
from enishi.projects.models import CompletionReport, NextChallenge, Project
from enishi.projects.pages import now, person_of, require, signed_in, visible_project
from enishi.projects.services.writing import locked_project, touch, write_down

MOST_TO_CHOOSE = 100


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_sequel(Sequel(next_of, before))
    panels.records.register(
        panels.RecordPanel(
            "projects.project", "projects/_next_challenges.html", 46, of_project, gettext_lazy("次の課題")
        )
    )
    panels.records.register(
        panels.RecordPanel(
            "exchange.challenge",
            "projects/_of_programme.html",
            75,
            of_challenge,
            gettext_lazy("この課題のもとになった事業"),
        )
    )


def next_of(keys: Sequence[Key]) -> Iterable[Key]:
    projects = [pk for kind, pk in keys if kind == "project"]
    rows = NextChallenge.objects.filter(project__in=projects, project__deleted_at__isnull=True)
    return [("challenge", pk) for pk in rows.values_list("challenge_id", flat=True)] if projects else []


def before(keys: Sequence[Key]) -> Iterable[Key]:
    challenges = [pk for kind, pk in keys if kind == "challenge"]
    rows = NextChallenge.objects.filter(challenge__in=challenges)
    return [("project", pk) for pk in rows.values_list("project_id", flat=True)] if challenges else []


# --- Panels --------------------------------------------------------------------------------------------------------------------


class NextForm(forms.Form):
    challenge = forms.ModelChoiceField(
        label=gettext_lazy("もう登録してある課題"), queryset=Challenge.objects.none(), required=True
    )

    def __init__(self, *args: Any, project: Project, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["challenge"]
        field.queryset = choosable(actor, project)
        field.empty_label = _("選んでください")


def choosable(actor: Actor, project: Project) -> Any:
    """Challenges of the reader's own houses that are not the one this project answers, the newest first."""
    rows = (
        challenge_access.visible(actor)
        .filter(organization_id__in=reach_of(actor).organization_ids, deleted_at__isnull=True)
        .exclude(pk=project.challenge_id or 0)
        .exclude(grown_from_links__project=project)
        .order_by("-updated_at", "-pk")
    )
    newest = list(rows.values_list("pk", flat=True)[:MOST_TO_CHOOSE])
    return Challenge.objects.filter(pk__in=newest).order_by("-updated_at", "-pk")


def of_project(actor: Actor, project: Project) -> Mapping[str, Any] | None:
    seen = challenge_access.visible(actor).values("pk")
    links = list(project.next_links.filter(challenge__in=seen).select_related("challenge__organization"))
    may_link = project.approved_at is not None and project_access.allows(actor, "edit", project)
    if not links and not may_link:
        return None
    form = NextForm(project=project, actor=actor) if may_link else None
    return {"links": links, "may_link": may_link, "project": project, "form": form, "once": new_token()}


def of_challenge(actor: Actor, challenge: Challenge) -> Mapping[str, Any] | None:
    rows = project_access.visible(actor).filter(next_links__challenge=challenge).order_by("pk")[:20]
    found = list(rows)
    return {"projects": found} if found else None


# --- Doing ---------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def link(*, project_id: int, challenge: Challenge, actor: Person, at: dt.datetime) -> NextChallenge:
    """Say that this challenge grew out of the project."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    if challenge.organization_id not in reach_of(actor).organization_ids:
        raise PermissionDenied("link")
    if challenge.pk == project.challenge_id:
        raise RefusedError(_("この事業が答えている課題そのものは、次の課題にできません。"))
    row, is_new = NextChallenge.objects.get_or_create(
        project=project, challenge=challenge, defaults={"linked_by": actor, "linked_at": at}
    )
    if is_new:
        touch(project, actor=actor, at=at)
        write_down(project, "link_next_challenge", actor=actor, at=at, note=challenge.title)
    return row


@transaction.atomic
def write_next(*, project_id: int, actor: Person, at: dt.datetime) -> Challenge:
    """Begin a draft with what the project tried and what it left open."""
    project = locked_project(project_id)
    report = CompletionReport.objects.filter(project=project).first()
    tried = [project.title, report.summary if report else project.content, report.results if report else ""]
    values: ChallengeValues = {
        "title": _("次の課題: %(title)s") % {"title": project.title[:100]},
        "present_state": (report.difficulties if report else "")[:4_000],
        "tried": "\n".join(filter(None, tried))[:4_000],
        "desired_state": (report.next_steps if report else "")[:4_000],
        "field_ids": list(project.fields.values_list("pk", flat=True)),
    }
    if project.section_id and project.section_id in reach_of(actor).section_ids:
        values["section_id"] = project.section_id
    challenge = create_challenge(organization=project.organization, values=values, actor=actor, at=at)
    link(project_id=project_id, challenge=challenge, actor=actor, at=at)
    return challenge


@transaction.atomic
def unlink(*, link_id: int, actor: Person, at: dt.datetime) -> None:
    row = NextChallenge.objects.select_related("challenge").get(pk=link_id)
    project = locked_project(row.project_id)
    project_access.require(actor, "edit", project)
    write_down(project, "unlink_next_challenge", actor=actor, at=at, note=row.challenge.title)
    row.delete()


# --- Pages ---------------------------------------------------------------------------------------------------------------------


@signed_in
@require_POST
def next_challenge(request: HttpRequest, pk: int) -> HttpResponse:
    """Link the chosen challenge, or begin a new one."""
    project = visible_project(request, pk)
    require(request, "edit", project)
    if project.approved_at is None:
        messages.error(request, _("次の課題は、承認された事業から書けます。"))
        return redirect(project)
    if request.POST.get("do") == "write":
        address = once(
            token=request.POST.get("once", ""),
            person=person_of(request),
            at=now(),
            make=lambda: write_next(project_id=pk, actor=person_of(request), at=now()).get_absolute_url(),
        )
        messages.success(
            request, _("次の課題の下書きを作りました。事業の記録から写したところを書き直してください。")
        )
        return redirect(address)
    form = NextForm(request.POST, project=project, actor=request.user)
    if not form.is_valid():
        messages.error(request, _("結ぶ課題を一覧から選んでください。"))
        return redirect(project)
    try:
        link(project_id=pk, challenge=form.cleaned_data["challenge"], actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("次の課題と結びました。案件の流れが続きます。"))
    return redirect(project)


@signed_in
@require_POST
def next_challenge_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    row = get_object_or_404(NextChallenge, pk=link_pk, project=project)
    unlink(link_id=row.pk, actor=person_of(request), at=now())
    messages.success(request, _("次の課題との結びつきを外しました。課題は残っています。"))
    return redirect(project)
