"""The ways from a project's page to its report and its public page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.foundation.panels import RecordPanel, records
from enishi.foundation.ui import NavigationItem, navigation
from enishi.projects.access import project_access
from enishi.projects.reports.enums import PublicationStatus
from enishi.projects.reports.models import CompletionReport, ProjectPublication


def register() -> None:
    records.register(RecordPanel("projects.project", "projects/_ends.html", 55, of_project, _("報告と紹介")))
    navigation.register(NavigationItem(_("取組の紹介"), "projects:publication_list", order=15, bar="public"))


def of_project(actor: Actor, project: Any) -> dict[str, Any] | None:
    inside = project_access.allows(actor, "read_inside", project)
    page = ProjectPublication.objects.filter(project=project).first()
    is_public = page is not None and page.status == PublicationStatus.PUBLISHED
    if not inside:
        return {"page": page} if is_public else None
    may_edit = project_access.allows(actor, "edit", project)
    return {
        "inside": True,
        "project": project,
        # A page still being written is read by those who write it.
        "page": page if is_public or may_edit else None,
        "report": CompletionReport.objects.filter(project=project).first(),
        "may_edit": may_edit,
    }
