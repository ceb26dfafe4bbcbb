"""What the room's pages share: which agreement, may they, and a form with one service behind it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.errors import RefusedError, StaleVersionError
from enishi.agreements.models import Agreement
from enishi.foundation import submissions, wareki
from enishi.foundation.ui import CompareRow


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
    """A page with one form: a refusal is shown at the form, what was typed stays.

    Pressed twice, the form does its work once. Where somebody else saved first, both contents are shown, and saving
    again keeps what stands in the form.
    """
    usual = agreement.get_absolute_url() if agreement else reverse("agreements:agreement_list")

    def make() -> str:
        result = do(form.cleaned_data)
        return to(result) if callable(to) else to or usual

    more: dict[str, Any] = dict(also or {})
    if request.method == "POST" and form.is_valid():
        try:
            token = request.POST.get("once", "")
            address = submissions.once(token=token, person=request.user, at=now(), make=make)
        except StaleVersionError as refused:
            form.add_error(None, refused.sentence)
            more |= {"opened": refused.current, "conflict": both(form)}
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, done)
            return redirect(address)
    context = {
        "agreement": agreement,
        "form": form,
        "title": title,
        "submit": submit,
        "lead": lead,
        "danger": danger,
        "cancel": agreement.get_absolute_url() if agreement else "",
        "once": request.POST.get("once") or submissions.new_token(),
        **more,
    }
    return render(request, template, context)


def both(form: forms.Form) -> list[CompareRow]:
    """What was typed and what somebody else saved meanwhile, field by field."""
    rows = []
    for field in form.visible_fields():
        typed, stored = in_words(field.field, field.value()), in_words(field.field, field.initial)
        rows.append(CompareRow(field.label, typed, stored, "same" if typed == stored else "differs"))
    return rows


def in_words(field: forms.Field, value: Any) -> str:
    """A value of a form as people read it."""
    if isinstance(value, list | tuple):
        return "、".join(in_words(field, each) for each in value)
    if isinstance(value, dt.date):
        return wareki.in_words(value, weekday=False)
    labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    return labels.get(str(value), "" if value is None else str(value))


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
