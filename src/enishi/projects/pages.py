"""What every page of the room asks first, and the one way in which its forms are shown, saved and refused."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from enishi.accounts.signed_in import person_of
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
)
from enishi.foundation import form_pages
from enishi.projects.access import project_access
from enishi.projects.models import Project

Crumb = tuple[str, str]

__all__ = [
    "form_page",
    "inside_project",
    "now",
    "part_of",
    "person_of",
    "require",
    "signed_in",
    "today",
    "visible_project",
]


def visible_project(request: HttpRequest, pk: int) -> Project:
    """The project, or 404 for whoever may not know of it."""
    rows = project_access.visible(request.user).select_related(
        "organization", "section", "updated_by", "officer", "challenge", "proposal", "agreement", "contact"
    )
    return get_object_or_404(rows, pk=pk)


def inside_project(request: HttpRequest, pk: int) -> Project:
    """The project, for the people of those who take part; others who may read its page are told who they are."""
    project = visible_project(request, pk)
    if not project_access.allows(request.user, "read_inside", project):
        raise PermissionDenied(
            _("ここから先は、%(owner)sと参加する団体の人だけが読めます。")
            % {"owner": project.organization.name}
        )
    return project


def part_of(request: HttpRequest, rows: models.QuerySet[Any, Any], pk: int) -> tuple[Any, Project]:
    """A row and its project, under the project's own rules."""
    row = get_object_or_404(rows, pk=pk)
    project_id = getattr(row, "project_id", None)
    if project_id is None:
        raise Http404
    project = inside_project(request, project_id)
    row.project = project
    return row, project


def require(request: HttpRequest, action: str, project: Project) -> None:
    if project_access.allows(request.user, action, project):
        return
    sentences = {
        "approve": _("これができるのは、%(owner)sの管理職か企画の人です。"),
        "decide_expense": _("これができるのは、%(owner)sの管理職・企画・管理者です。"),
        "settle": _("これができるのは、%(owner)sの管理職・企画・管理者です。"),
        "take_part": _("これができるのは、%(owner)sと参加する団体の担当の人です。"),
    }
    usual = _("この事業を書き換えられるのは、%(owner)sの担当の人です。")
    raise PermissionDenied(sentences.get(action, usual) % {"owner": project.organization.name})


def form_page(
    request: HttpRequest,
    *,
    form: Any,
    save: Callable[[Any], Any],
    title: str,
    submit: str,
    done: str,
    project: Project | None = None,
    back: str = "",
    to: Callable[[Any], str] | str = "",
    lead: str = "",
    crumbs: Sequence[Crumb] = (),
    row: Any = None,
    template: str = "projects/form.html",
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it was sent, save it and go on. Nothing typed is lost when the service refuses.

    A form with a ``token`` makes one row however often its button is pressed. One with a ``version`` shows what
    somebody else saved meanwhile beside what was typed.
    """
    if "version" in form.fields and not form.is_bound and row is not None:
        form.initial["version"] = getattr(row, "version", None)
    way = [list_crumb(), *([(project.get_absolute_url(), project.title)] if project else []), *crumbs]
    context = {
        "title": title,
        "submit": submit,
        "lead": lead,
        "project": project,
        "crumbs": way,
        "back": back,
        "cancel": back,
        **(extra or {}),
    }
    return form_pages.form_page(
        request, form, save, done=done, to=to or back, template=template, also=context
    )


def list_crumb() -> Crumb:
    return reverse("projects:project_list"), pgettext("一覧", "事業")
