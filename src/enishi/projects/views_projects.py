"""The list of projects, a project's page, and what is done to it as a whole."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements.models import Agreement
from enishi.audit import history
from enishi.audit import selectors as acts
from enishi.audit.access import may_read_history
from enishi.desk.models import Proposal
from enishi.exchange.access import challenge_access
from enishi.exchange.matches.access import contact_access
from enishi.exchange.models import Challenge
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.thread import case_knots
from enishi.foundation.trash import MOST, Shelf, put_back, throw_away, trash_page
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of
from enishi.projects import listing, selectors, services
from enishi.projects.access import project_access, works_for
from enishi.projects.enums import ProjectStatus, TaskState, TrialState
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, table_response
from enishi.projects.forms_projects import MoveForm, OwnPartForm, ParticipantForm, ProjectForm
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.models import Lesson
from enishi.projects.models import Participant, Project
from enishi.projects.pages import (
    form_page,
    now,
    part_of,
    require,
    signed_in,
    today,
    visible_project,
)
from enishi.projects.services.projects import NEXT

MOST_AT_ONCE = 20_000


@require_safe
@limited("projects", times=240, seconds=60)
def project_list(request: HttpRequest) -> HttpResponse:
    conditions = listing.Conditions.read(request.GET)
    rows = listing.find(request.user, conditions, today())
    if request.GET.get("format") in FORMATS:
        chosen = rows.order_by(*listing.SORTS[conditions.sort])[:MOST_AT_ONCE]
        return table_response(
            request.GET["format"],
            listing.headings(),
            listing.as_rows(chosen),
            title=_("事業"),
            name="projects",
        )
    counts = listing.counts_by_status(request.user)
    count = rows.count() if conditions.is_narrowed else sum(counts.values())
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=listing.SORTS[conditions.sort],
        parameters=request.GET,
    )
    context = {
        "conditions": conditions,
        "page": page,
        "facets": listing.facets(request.user, conditions, counts),
        "sorts": listing.sorts(),
        "summary": _summary(conditions, count),
        "today": today(),
        "may_create": request.user.is_authenticated and project_access.allows(request.user, "create", None),
    }
    return render(request, "projects/project_list.html", context)


def _summary(conditions: listing.Conditions, count: int) -> str:
    shown = {"count": f"{count:,}"}
    if conditions.is_narrowed:
        return ngettext("条件に合う事業 %(count)s件", "条件に合う事業 %(count)s件", count) % shown
    return ngettext("事業 %(count)s件", "事業 %(count)s件", count) % shown


@require_safe
def project_detail(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    inside = project_access.allows(request.user, "read_inside", project)
    context = page_context(request, project, tab="overview") | {
        "fields": list(project.fields.order_by("order", "pk")),
        "standings": selectors.standings(project),
        "milestones": list(project.milestones.all()[:20]),
        "participants": selectors.brought(project),
        "trials": [
            {"trial": trial, "counts": selectors.lab_counts(trial)}
            for trial in project.trials.select_related("measure")
        ],
        "may_plan_trial": project.is_open
        and project_access.allows(request.user, "edit", project)
        and not project.trials.exclude(state=TrialState.DECIDED).exists(),
        "own": [row for row in project.participants.all() if works_for(request.user, row)],
        "may_claim": inside and project.approved_at is not None,
        "grown_from": project_access.visible(request.user).filter(successors=project).first(),
        "successors": list(selectors.projects_of(request.user, grown_from=project)[:5]),
    }
    if may_read_history(request.user, project):
        context["events"] = history.told(acts.history(project)[:10])
    if inside:
        late = project.tasks.late(today()).count()
        context |= {
            "counts": {
                "tasks": project.tasks.exclude(state=TaskState.DROPPED).count(),
                "done": project.tasks.filter(state=TaskState.DONE).count(),
                "late": late,
                "risks": project.risks.filter(state="watched").count(),
                "incidents": project.incidents.filter(resolved_on__isnull=True).count(),
            },
            "sums": selectors.sums_of(selectors.readable_expenses(request.user, project)),
        }
    if context["may_edit"] and project.status == ProjectStatus.DRAFT:
        context["missing"] = services.missing_for_approval(project)
    return render(request, "projects/project_detail.html", context)


def page_context(request: HttpRequest, project: Project, *, tab: str) -> dict[str, Any]:
    """What every page of a project shows around its subject."""
    may_edit = project_access.allows(request.user, "edit", project)
    possible = [
        status for status in NEXT[ProjectStatus(project.status)] if _may_move(request, project, status)
    ]
    return {
        "project": project,
        "tab": tab,
        "inside": project_access.allows(request.user, "read_inside", project),
        "may_edit": may_edit,
        "may_write": may_edit and project.is_open,
        "may_take_part": project_access.allows(request.user, "take_part", project),
        "possible": possible,
        "knots": case_knots(request.user, "project", project.pk, today()),
        "today": today(),
    }


def _may_move(request: HttpRequest, project: Project, status: ProjectStatus) -> bool:
    before = ProjectStatus(project.status)
    right = services.projects.right_for(before, status)
    if not project_access.allows(request.user, right, project):
        return False
    own = {project.author_id, project.approval_asked_by_id}
    return status != ProjectStatus.APPROVED or request.user.pk not in own


@signed_in
def project_new(request: HttpRequest) -> HttpResponse:
    """Begin a project by itself, or from a challenge, a match, a proposal or an agreement."""
    owners = project_access.owners(request.user)
    initial = _origin(request)
    wanted = request.GET.get("organization", "")
    organization = (
        initial.pop("organization", None)
        or owners.filter(
            **({"pk": int(wanted)} if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else {})
        ).first()
    )
    if organization is None or not project_access.allows(request.user, "create", organization):
        raise PermissionDenied(_("事業を起こせるのは、自治体の担当・管理職・企画の人です。"))
    form = ProjectForm(request.POST or None, initial=initial, actor=request.user, organization=organization)

    def save(filled: ProjectForm) -> Project:
        return services.create_project(
            organization=organization,
            values=filled.values(),
            fields=filled.chosen_fields(),
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=lambda project: project.get_absolute_url(),
        title=_("事業を起こす"),
        lead=_("名称だけでも保存できます。承認までに、目的・期間・成果の指標(KPI)を整えます。"),
        submit=_("準備中として保存する"),
        done=_("事業を準備中として保存しました。次は成果の指標を書きます。"),
        back=reverse("projects:project_list"),
    )


def _origin(request: HttpRequest) -> dict[str, Any]:
    """The record the project grows out of, and what can be taken from it."""
    sources: tuple[tuple[str, Any], ...] = (
        ("proposal", Proposal.objects.visible_to(request.user)),
        ("agreement", Agreement.objects.visible_to(request.user)),
        ("contact", contact_access.visible(request.user)),
        ("challenge", challenge_access.visible(request.user)),
        ("grown_from", project_access.visible(request.user)),
    )
    for name, rows in sources:
        wanted = request.GET.get(name, "")
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
            return _taken_from(name, get_object_or_404(rows, pk=int(wanted)))
    return {}


def _taken_from(name: str, row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {name: row.pk}
    if name == "contact":
        found |= {
            "challenge": row.challenge_id,
            "title": row.challenge.title,
            "purpose": row.challenge.desired_state,
            "organization": row.wanting,
            "fields_of_work": list(row.challenge.fields.values_list("pk", flat=True)),
        }
        return found
    found |= {
        "title": row.title,
        "organization": row.organization,
        "section": row.section_id,
        "fields_of_work": list(row.fields.values_list("pk", flat=True)),
    }
    if isinstance(row, Challenge):
        found["purpose"] = row.desired_state
    elif isinstance(row, Proposal):
        found |= {"purpose": row.effects, "challenge": row.challenge_id, "contact": row.contact_id}
        found["is_trial"] = row.kind == "trial" or row.status == "trial"
    elif isinstance(row, Agreement):
        found |= {"purpose": row.purpose, "proposal": row.proposal_id}
        if row.proposal is not None:
            found |= {"challenge": row.proposal.challenge_id, "contact": row.proposal.contact_id}
    elif isinstance(row, Project):
        found |= {"purpose": row.purpose, "content": row.content, "is_trial": False}
    return found


@signed_in
def project_edit(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    organization: Organization = project.organization
    form = ProjectForm(request.POST or None, instance=project, actor=request.user, organization=organization)

    def save(filled: ProjectForm) -> Project:
        return services.edit_project(
            project_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            fields=filled.chosen_fields(),
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=project.get_absolute_url(),
        title=_("事業を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        back=project.get_absolute_url(),
        row=Project.objects.get(pk=pk),
    )


@signed_in
@require_POST
def project_ask_approval(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    try:
        services.ask_approval(project_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("承認を求めました。管理職と企画の人の「今日やること」に載ります。"))
    return redirect(project)


@signed_in
def project_move(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    context = page_context(request, project, tab="overview")
    possible = context["possible"]
    if not possible:
        right = "approve" if context["may_edit"] else "change_status"
        require(request, right, project)
        messages.error(
            request, _("この事業の状態は、いま変えられません。承認は起案した人とは別の人が行います。")
        )
        return redirect(project)
    asked = request.GET.get("to", "")
    initial = {"version": project.version, "status": asked if asked in possible else possible[0].value}
    form = MoveForm(request.POST or None, possible=possible, initial=initial)

    def save(filled: MoveForm) -> Project:
        return services.move_project(
            project_id=pk,
            status=ProjectStatus(filled.cleaned_data["status"]),
            reason=filled.cleaned_data["reason"],
            end_reason=filled.cleaned_data.get("end_reason", ""),
            on=filled.cleaned_data["on"],
            version=filled.cleaned_data["version"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=project.get_absolute_url(),
        title=_("状態を変える"),
        lead=_("いまは「%(status)s」です。") % {"status": project.get_status_display()},
        submit=_("状態を変える"),
        done=_("状態を変えました。"),
        project=project,
        back=project.get_absolute_url(),
        row=project,
    )


@signed_in
def project_delete(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "delete", project)
    return throw_away(
        request,
        project,
        lambda: services.delete_project(project_id=pk, actor=person_of(request), at=now()),
        title=_("事業を削除する"),
        crumbs=[(reverse("projects:project_list"), _("事業")), (project.get_absolute_url(), project.title)],
        to=reverse("projects:trash"),
    )


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    rows = (
        Project.objects.filter(
            organization__in=project_access.owners(request.user), deleted_at__gt=now() - RESTORABLE
        )
        .select_related("organization")
        .order_by("-deleted_at")[:MOST]
    )
    lessons = Lesson.objects.filter(
        organization_id__in=reach_of(request.user).organization_ids, deleted_at__gt=now() - RESTORABLE
    ).order_by("-deleted_at")[:MOST]
    shelves = [
        Shelf(
            [row for row in rows if project_access.allows(request.user, "restore", row)],
            "projects:project_restore",
            _("事業"),
        ),
        Shelf(
            [row for row in lessons if lesson_access.allows(request.user, "restore", row)],
            "projects:lesson_restore",
            _("教訓"),
        ),
    ]
    crumbs = [(reverse("projects:project_list"), _("事業"))]
    return trash_page(request, *shelves, title=_("事業のごみ箱"), crumbs=crumbs)


@signed_in
@require_POST
def project_restore(request: HttpRequest, pk: int) -> HttpResponse:
    thrown = Project.objects.filter(organization__in=project_access.owners(request.user))
    project = get_object_or_404(thrown, pk=pk)
    require(request, "restore", project)
    return put_back(
        request,
        lambda: services.restore_project(project_id=pk, actor=person_of(request), at=now()),
        to=reverse("projects:trash"),
    )


# --- Participants ----------------------------------------------------------------------------------------------------------


@signed_in
def participant_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    form = ParticipantForm(request.POST or None, instance=Participant(project=project))

    def save(filled: ParticipantForm) -> Participant:
        return services.add_participant(
            project_id=pk, values=filled.values(), actor=person_of(request), at=now()
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=f"{project.get_absolute_url()}#participants",
        title=_("団体を加える"),
        lead=_("登録のある団体は、公開範囲が「当事者」なら、今からこの事業を読めるようになります。"),
        submit=_("加える"),
        done=_("団体を加えました。"),
        project=project,
        back=project.get_absolute_url(),
    )


@signed_in
def participant_edit(request: HttpRequest, pk: int) -> HttpResponse:
    participant, project = part_of(request, Participant.objects.select_related("organization"), pk)
    leads = project_access.allows(request.user, "edit", project)
    if not leads and not works_for(request.user, participant):
        require(request, "edit", project)
    form: Any = (ParticipantForm if leads else OwnPartForm)(request.POST or None, instance=participant)

    def save(filled: Any) -> Participant:
        return services.edit_participant(
            participant_id=pk,
            values=filled.values(),
            sections=filled.cleaned_data.get("sections"),
            people=filled.cleaned_data.get("people"),
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=f"{project.get_absolute_url()}#participants",
        title=str(participant),
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        back=project.get_absolute_url(),
        extra={"remove_url": reverse("projects:participant_remove", args=[pk]) if leads else ""},
    )


@signed_in
@require_POST
def participant_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _participant, project = part_of(request, Participant.objects.all(), pk)
    require(request, "edit", project)
    try:
        services.remove_participant(participant_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("団体を外しました。"))
    return redirect(project)
