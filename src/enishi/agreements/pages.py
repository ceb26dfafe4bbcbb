"""What the room's pages share: which agreement, may they, and a form with one service behind it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.errors import RefusedError
from enishi.agreements.models import Agreement


def person_of(request: HttpRequest) -> Person:
    """The person of a page behind the sign-in."""
    person: Any = request.user
    if not person.is_authenticated:
        raise PermissionDenied
    loaded: Person = person
    return loaded


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
) -> HttpResponse:
    """A page with one form: a refusal is shown at the form, what was typed stays."""
    if request.method == "POST" and form.is_valid():
        try:
            result = do(form.cleaned_data)
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, done)
            if callable(to):
                return redirect(to(result))
            return redirect(
                to or (agreement.get_absolute_url() if agreement else "agreements:agreement_list")
            )
    context = {
        "agreement": agreement,
        "form": form,
        "title": title,
        "submit": submit,
        "lead": lead,
        "danger": danger,
        "cancel": agreement.get_absolute_url() if agreement else "",
        **(also or {}),
    }
    return render(request, template, context)


def post(
    request: HttpRequest, agreement: Agreement, do: Callable[[], Any], done: str, to: str = ""
) -> HttpResponse:
    """A press of one button: done, or the refusal as a message on the page one came from."""
    try:
        do()
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect(to or agreement.get_absolute_url())
