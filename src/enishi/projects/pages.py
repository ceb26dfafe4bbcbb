"""What every page of the room asks first, and the one way in which its forms are shown, saved and refused."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.exchange.asking import now, person_of, signed_in, today
from enishi.exchange.errors import RefusedError, StaleVersionError
from enishi.foundation.submissions import new_token, once
from enishi.foundation.ui import CompareRow
from enishi.projects.access import project_access
from enishi.projects.forms import said_refusal
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
    rows: list[CompareRow] = []
    if request.method == "POST" and form.is_valid():
        try:
            address = _saved(request, form, save, to or back)
        except StaleVersionError as stale:
            rows = _beside(form, row)
            said_refusal(form, stale.sentence)
            form.data = form.data.copy()
            form.data["version"] = str(stale.current)
        except RefusedError as refused:
            said_refusal(form, refused.sentence)
        except ValidationError as refused:
            _show(form, refused)
        else:
            messages.success(request, done)
            return redirect(address)
    if "token" in form.fields and not form.is_bound:
        form.initial["token"] = new_token()
    if "version" in form.fields and not form.is_bound and row is not None:
        form.initial["version"] = getattr(row, "version", None)
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "lead": lead,
        "project": project,
        "crumbs": crumbs,
        "back": back,
        "rows": rows,
        **(extra or {}),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _saved(
    request: HttpRequest, form: Any, save: Callable[[Any], Any], to: Callable[[Any], str] | str
) -> str:
    """Save and answer where to go; a second press of the button is led to what the first made."""
    token = form.cleaned_data.get("token")

    def make() -> str:
        made = save(form)
        return to(made) if callable(to) else to

    if not token:
        return make()
    return once(token=token, person=request.user, at=now(), make=make)


def _show(form: Any, refused: ValidationError) -> None:
    if hasattr(form, "add_refusal"):
        form.add_refusal(refused)
        return
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, sentences in refused.message_dict.items():
        form.add_error(name if name in form.fields else None, [str(one) for one in sentences])


def _beside(form: Any, row: Any) -> list[CompareRow]:
    """What was typed beside what is stored now."""
    if row is None:
        return []
    stored = type(row)._default_manager.get(pk=row.pk)
    found = []
    for name, field in form.fields.items():
        if name in {"version", "token"} or not hasattr(stored, name) or hasattr(getattr(stored, name), "all"):
            continue
        typed, kept = form.cleaned_data.get(name), getattr(stored, name)
        same = (typed or "") == (kept or "")
        found.append(
            CompareRow(
                str(field.label or name), _said(typed), _said(kept), verdict="same" if same else "differs"
            )
        )
    return found


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def list_crumb() -> Crumb:
    return reverse("projects:project_list"), _("事業")
