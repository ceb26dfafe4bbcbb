"""Meetings with their minutes, and the project's files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.lists import paginate
from enishi.projects import services
from enishi.projects.access import project_access
from enishi.projects.errors import RefusedError
from enishi.projects.files import FORMATS, kept_file, table_response
from enishi.projects.forms import FileForm, MeetingForm
from enishi.projects.models import Document, Meeting, Project
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    part_of,
    require,
    signed_in,
)
from enishi.projects.services.meetings import may_edit_minutes
from enishi.projects.views_expenses import read_small
from enishi.projects.views_projects import page_context


@signed_in
def meeting_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Meetings and files; a file is added here."""
    project = inside_project(request, pk)
    if request.GET.get("format") in FORMATS:
        return _as_file(request.GET["format"], project)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        require(request, "take_part", project)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                services.add_document(
                    project_id=pk,
                    name=file.name,
                    content=read_small(file),
                    actor=person_of(request),
                    at=now(),
                )
            except RefusedError as refused:
                form.add_error("file", refused.sentence)
            else:
                messages.success(request, _("ファイルを加えました。"))
                return redirect("projects:meeting_list", pk)
    context = page_context(request, project, tab="meetings") | {
        "page": paginate(
            project.meetings.prefetch_related("present__organization"),
            order_by=("-held_on", "-pk"),
            parameters=request.GET,
            size=30,
        ),
        "documents": list(project.documents.kept().select_related("meeting", "added_by")),
        "removed": list(project.documents.filter(removed_at__gt=now() - RESTORABLE)),
        "form": form,
    }
    return render(request, "projects/meeting_list.html", context, status=422 if form.is_bound else 200)


def _as_file(form: str, project: Project) -> HttpResponse:
    headings = [
        _("開いた日"),
        _("会議"),
        _("場所"),
        _("出席した人"),
        _("話したこと"),
        _("決めたこと"),
        _("約束(だれが・何を・いつまでに)"),
    ]
    rows = [
        [each.held_on, each.title, each.place, each.attendees, each.minutes, each.decisions, each.promises]
        for each in project.meetings.all()
    ]
    return table_response(form, headings, rows, title=_("会議"), name="meetings")


def _list_url(project: Project) -> str:
    return reverse("projects:meeting_list", args=[project.pk])


@signed_in
def meeting_new(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "take_part", project)

    def save(filled: MeetingForm) -> Meeting:
        return services.write_minutes(
            project_id=pk,
            values=filled.values(),
            present=filled.cleaned_data["present"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=MeetingForm(request.POST or None, instance=Meeting(project=project), project=project),
        save=save,
        to=lambda meeting: reverse("projects:meeting_detail", args=[meeting.pk]),
        title=_("議事録を書く"),
        submit=_("保存する"),
        done=_("議事録を保存しました。"),
        project=project,
        crumbs=[(_list_url(project), _("会議と文書"))],
        back=_list_url(project),
    )


@signed_in
@require_safe
def meeting_detail(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, project = part_of(request, Meeting.objects.select_related("written_by"), pk)
    context = page_context(request, project, tab="meetings") | {
        "meeting": meeting,
        "present": list(meeting.present.select_related("organization")),
        "may_edit_minutes": may_edit_minutes(person_of(request), project, meeting),
    }
    return render(request, "projects/meeting_detail.html", context)


@signed_in
def meeting_edit(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, project = part_of(request, Meeting.objects.all(), pk)
    if not may_edit_minutes(person_of(request), project, meeting):
        require(request, "edit", project)

    def save(filled: MeetingForm) -> Meeting:
        return services.edit_minutes(
            meeting_id=pk,
            values=filled.values(),
            version=filled.cleaned_data["version"] or 0,
            present=filled.cleaned_data["present"],
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=MeetingForm(request.POST or None, instance=Meeting.objects.get(pk=pk), project=project),
        save=save,
        to=reverse("projects:meeting_detail", args=[pk]),
        title=meeting.title,
        submit=_("保存する"),
        done=_("保存しました。"),
        project=project,
        crumbs=[(_list_url(project), _("会議と文書"))],
        back=reverse("projects:meeting_detail", args=[pk]),
        row=meeting,
    )


@signed_in
@require_safe
def document_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    document = get_object_or_404(Document, pk=pk)
    inside_project(request, document.project_id)
    if document.removed_at is not None:
        raise Http404
    return kept_file(document)


@signed_in
@require_POST
def document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    document, project = part_of(request, Document.objects.all(), pk)
    _require_document(request, document, project)
    services.remove_document(document_id=pk, actor=person_of(request), at=now())
    messages.success(request, _("ファイルを外しました。30日のあいだは元に戻せます。"))
    return redirect(_list_url(project))


@signed_in
@require_POST
def document_restore(request: HttpRequest, pk: int) -> HttpResponse:
    document, project = part_of(request, Document.objects.all(), pk)
    _require_document(request, document, project)
    try:
        services.restore_document(document_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("ファイルを元に戻しました。"))
    return redirect(_list_url(project))


def _require_document(request: HttpRequest, document: Document, project: Project) -> None:
    own = document.added_by_id == request.user.pk
    if not (own and project_access.allows(request.user, "take_part", project)):
        require(request, "edit", project)
