"""What the room's pages share: which agreement, may they, and a form with one service behind it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.agreements.access import agreement_access
from enishi.agreements.models import Agreement
from enishi.foundation import form_pages


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def visible(request: HttpRequest, pk: int) -> Agreement:
    """The agreement, or 404 for whoever may not know of it."""
    rows = agreement_access.visible(request.user).select_related(
        "organization", "section", "officer", "updated_by", "proposal"
    )
    return get_object_or_404(rows, pk=pk)


def permitted(request: HttpRequest, pk: int, action: str) -> Agreement:
    """The agreement, for those who may do ``action``; other readers are told who can."""
    agreement = visible(request, pk)
    if not agreement_access.allows(request.user, action, agreement):
        raise PermissionDenied(who_can(agreement))
    return agreement


def who_can(agreement: Agreement) -> str:
    place = f"{agreement.organization.name} {agreement.section or ''}".strip()
    return _("この操作ができるのは、%(place)sの担当の人です。") % {"place": place}


def form_page(
    request: HttpRequest,
    agreement: Agreement | None,
    form: forms.Form,
    do: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    submit: str,
    done: str,
    lead: str = "",
    to: Callable[[Any], str] | str = "",
    danger: bool = False,
    also: Mapping[str, Any] | None = None,
    template: str = "agreements/form.html",
    rows: Any = None,
) -> HttpResponse:
    """A page with one form: a refusal is shown at the form, what was typed stays.

    Pressed twice, the form does its work once. Where somebody else saved first, both contents are shown, and saving
    again keeps what stands in the form.
    """
    usual = agreement.get_absolute_url() if agreement else reverse("agreements:agreement_list")
    crumbs = [(reverse("agreements:agreement_list"), _("協定"))]
    if agreement is not None:
        crumbs.append((agreement.get_absolute_url(), agreement.title))
    context = {
        "agreement": agreement,
        "title": title,
        "submit": submit,
        "lead": lead,
        "crumbs": crumbs,
        "danger": danger,
        "cancel": agreement.get_absolute_url() if agreement else "",
        **(also or {}),
    }
    return form_pages.form_page(
        request,
        form,
        lambda sent: do(sent.cleaned_data),
        done=done,
        to=to or usual,
        template=template,
        also=context,
        rows=rows,
    )


def post(
    request: HttpRequest, agreement: Agreement, do: Callable[[], Any], done: str, to: str = ""
) -> HttpResponse:
    """A press of one button: done, or the refusal as a message on the page one came from."""
    return form_pages.press(request, do, done=done, to=to or agreement.get_absolute_url())
