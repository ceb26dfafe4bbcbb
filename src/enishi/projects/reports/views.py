"""Pages of completion reports, and of projects told to everybody."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.printing import pdf_from_docx
from enishi.projects import downloads, papers
from enishi.projects.access import project_access
from enishi.projects.errors import RefusedError
from enishi.projects.models import Project
from enishi.projects.pages import (
    form_page,
    inside_project,
    now,
    require,
    signed_in,
)
from enishi.projects.reports import services
from enishi.projects.reports.enums import PublicationStatus, ReportStatus
from enishi.projects.reports.facts import facts_of
from enishi.projects.reports.forms import PublicationForm, ReportForm
from enishi.projects.reports.models import CompletionReport, ProjectPublication
from enishi.projects.reports.papers import as_paper, tables_of


def _report(project: Project) -> CompletionReport:
    """The report, or an empty one to be written."""
    return CompletionReport.objects.filter(project=project).first() or CompletionReport(
        project=project, version=0
    )


@signed_in
@require_safe
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    report = _report(project)
    is_final = report.status == ReportStatus.FINAL
    facts = report.facts if is_final else facts_of(project)
    report.project = project
    form = request.GET.get("format", "")
    if form in {"docx", "pdf"}:
        content = papers.as_docx(as_paper(report, facts))
        name = _("%(project)s_完了報告書") % {"project": project.title}
        if form == "docx":
            return downloads.attachment(content, f"{name}.docx", downloads.DOCX)
        return downloads.attachment(pdf_from_docx(content, title=name), f"{name}.pdf", "application/pdf")
    context = {
        "project": project,
        "report": report,
        "facts": facts,
        "tables": tables_of(facts),
        "is_final": is_final,
        "is_written": report.pk is not None,
        "may_edit": project_access.allows(request.user, "edit", project),
        "may_reopen": project_access.allows(request.user, "approve", project),
    }
    return render(request, "projects/report_detail.html", context)


@signed_in
def report_edit(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "edit", project)
    report = _report(project)
    begun = {"version": report.version, "summary": report.summary or project.purpose}
    form = ReportForm(request.POST or None, instance=report, initial=begun)
    return form_page(
        request,
        form=form,
        save=lambda form: services.write_report(
            project_id=project.pk,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("完了報告書を書く"),
        submit=_("保存する"),
        done=_("報告書を保存しました。"),
        project=project,
        back=reverse("projects:report_detail", args=[project.pk]),
        row=report if report.pk else None,
    )


@signed_in
@require_POST
def report_move(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    reopen = request.POST.get("do") == "reopen"
    require(request, "approve" if reopen else "edit", project)
    verb = services.reopen_report if reopen else services.finish_report
    try:
        verb(project_id=project.pk, actor=person_of(request), at=now())
    except (RefusedError, CompletionReport.DoesNotExist) as refused:
        messages.error(request, getattr(refused, "sentence", "") or _("報告書がまだありません。"))
    else:
        messages.success(request, _("確定を取り消しました。") if reopen else _("報告書を確定しました。"))
    return redirect("projects:report_detail", project.pk)


# --- For everybody --------------------------------------------------------------------------------------------------------


@signed_in
def publication_edit(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "edit", project)
    page = ProjectPublication.objects.filter(project=project).first() or ProjectPublication(
        project=project, title=project.title[:80], version=0
    )
    form = PublicationForm(request.POST or None, instance=page, initial={"version": page.version})
    return form_page(
        request,
        form=form,
        save=lambda form: services.write_publication(
            project_id=project.pk,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("みんなに紹介するページを書く"),
        submit=_("保存する"),
        done=_("紹介のページを保存しました。"),
        project=project,
        back=project.get_absolute_url(),
        to=lambda made: made.get_absolute_url(),
        lead=_("ここに書いたことだけが公開されます。事業の記録から自動で出るものはありません。"),
        row=page if page.pk else None,
    )


@signed_in
@require_POST
def publication_move(request: HttpRequest, pk: int) -> HttpResponse:
    project = inside_project(request, pk)
    require(request, "edit", project)
    out = request.POST.get("do") == "publish"
    verb = services.publish if out else services.withdraw
    try:
        page = verb(project_id=project.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("projects:publication_edit", project.pk)
    messages.success(request, _("公開しました。") if out else _("公開を取り下げました。"))
    return redirect(page)


@require_safe
@limited("records", times=240, seconds=60)
def publication_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What everybody reads; before it is out, the people who write it."""
    page = get_object_or_404(
        ProjectPublication.objects.select_related("project__organization"), pk=pk, deleted_at__isnull=True
    )
    may_edit = _may_edit(request, page)
    if page.status != PublicationStatus.PUBLISHED and not may_edit:
        raise Http404
    sees = project_access.visible(request.user).filter(pk=page.project_id).exists()
    context: dict[str, Any] = {
        "page": page,
        "may_edit": may_edit,
        "project": page.project if sees else None,
    }
    return render(request, "projects/publication_detail.html", context)


def _may_edit(request: HttpRequest, page: ProjectPublication) -> bool:
    project = page.project
    sees = project_access.visible(request.user).filter(pk=project.pk).exists()
    return sees and project_access.allows(request.user, "edit", project)


@require_safe
@limited("records", times=240, seconds=60)
def publication_list(request: HttpRequest) -> HttpResponse:
    rows = ProjectPublication.objects.filter(
        status=PublicationStatus.PUBLISHED, deleted_at__isnull=True
    ).select_related("project__organization")
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("-published_at", "-pk"), parameters=request.GET),
        "summary": ngettext("公開中の取組 %(count)s件", "公開中の取組 %(count)s件", total)
        % {"count": f"{total:,}"},
    }
    return render(request, "projects/publication_list.html", context)
