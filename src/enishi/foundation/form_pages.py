"""A page with one form: shown, kept while somebody types, saved once, and refused without losing a word.

A room says which form, what saving does and where to go on. What a person may meet on the way is here: the button
pressed twice, the page closed half-way, a refusal, and somebody else who saved first.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.foundation import drafts, wareki
from enishi.foundation.models import FormDraft
from enishi.foundation.refusals import RefusedError, StaleVersionError
from enishi.foundation.submissions import new_token, once
from enishi.foundation.ui import CompareRow

_UNSEEN = {"version", "token"}
_OPENED = "opened"
"""In a draft: the version of the record it was begun from."""


class EmptyForm(forms.Form):
    """Beside a formset that is the whole page: it carries the refusals."""


@dataclass(frozen=True)
class Kept:
    """Where this page's words are kept while somebody types, and what was kept and never saved."""

    page: str
    draft: FormDraft | None

    @property
    def keep_url(self) -> str:
        return f"{reverse('foundation:draft_keep')}?{urlencode({'page': self.page})}"

    @property
    def discard_url(self) -> str:
        return f"{reverse('foundation:draft_discard')}?{urlencode({'page': self.page})}"


def form_page(
    request: HttpRequest,
    form: Any,
    save: Callable[[Any], Any],
    *,
    done: Callable[[Any], str] | str,
    to: Callable[[Any], str] | str,
    template: str,
    also: Mapping[str, Any] | None = None,
    rows: Any = None,
) -> HttpResponse:
    """Show a form; when it was sent, save it and go on. ``rows`` is a formset on the same page, made by ``formset``.

    The form's ``token`` (or ``once`` beside it) makes one row however often the button is pressed. A form with a
    ``version`` shows what somebody else saved meanwhile; saving again then keeps what stands in the form.
    """
    context: dict[str, Any] = {
        "form": form,
        "once": request.POST.get("once") or new_token(),
        "is_long": rows is not None or is_long(form),
        "kept": _open(request, form, rows),
        "formset": rows,
        "opened": "",
        "conflict": [],
        "stored": [],
        **(also or {}),
    }
    if context["opened"]:
        context["opened"] = opened(context["kept"], context["opened"])
    if request.method == "POST":
        if form.is_valid() and (rows is None or rows.is_valid()):
            try:
                address, told = _saved(request, form, save, to, done)
            except StaleVersionError as refused:
                form.add_error(None, refused.sentence)
                context |= {"opened": refused.current, "conflict": both(form), "stored": stored_rows(rows)}
                _take_up(form, refused.current)
            except RefusedError as refused:
                form.add_error(None, refused.sentence)
            except ValidationError as refused:
                show(form, refused)
            else:
                forget(request)
                messages.success(request, told)
                return redirect(address)
        if context["is_long"]:
            keep(request)
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def titled_page(
    request: HttpRequest,
    form: Any,
    save: Callable[[Any], Any],
    *,
    title: str,
    submit: str,
    done: Callable[[Any], str] | str,
    back: str,
    crumbs: Sequence[tuple[str, str]],
    to: Callable[[Any], str] | str = "",
    lead: str = "",
    danger: bool = False,
    template: str = "enishi/form_page.html",
    also: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A page that is one form under a title: ``back`` is where one goes without saving, and after it if ``to`` is empty."""
    context = {
        "title": title,
        "submit": submit,
        "lead": lead,
        "crumbs": crumbs,
        "cancel": back,
        "danger": danger,
        **(also or {}),
    }
    return form_page(request, form, save, done=done, to=to or back, template=template, also=context)


def press(request: HttpRequest, do: Callable[[], Any], *, done: str, to: Any) -> HttpResponse:
    """One button: done, or the refusal as a message on the page one came from."""
    try:
        do()
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect(to)


def _saved(
    request: HttpRequest,
    form: Any,
    save: Callable[[Any], Any],
    to: Callable[[Any], str] | str,
    done: Callable[[Any], str] | str,
) -> tuple[str, str]:
    """Where to go on, and what to say."""
    told = "" if callable(done) else done

    def make() -> str:
        nonlocal told
        made = save(form)
        if callable(done):
            told = done(made)
        return to(made) if callable(to) else to

    token = form.cleaned_data.get("token") or request.POST.get("once")
    if not token:
        return make(), told
    address = once(token=token, person=request.user, at=timezone.now(), make=make)
    return address, told or _("保存しました。")


def show(form: Any, refused: ValidationError) -> None:
    """What a service found wrong, at its fields. A form that knows its fields by other names says so itself."""
    if hasattr(form, "add_refusal"):
        form.add_refusal(refused)
        return
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, sentences in refused.message_dict.items():
        form.add_error(name if name in form.fields else None, [str(one) for one in sentences])


def _take_up(form: Any, current: int) -> None:
    """Saving again writes over what was just shown, and nothing newer."""
    if "version" in form.fields:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = str(current)


# --- Two who wrote at once -----------------------------------------------------------------------------------------------


def both(form: Any) -> list[CompareRow]:
    """What was typed and what somebody else saved meanwhile, field by field."""
    rows = []
    for name, field in form.fields.items():
        if name in _UNSEEN or field.widget.is_hidden:
            continue
        typed = in_words(field, form.cleaned_data.get(name, form[name].value()))
        stored = in_words(field, form[name].initial)
        rows.append(
            CompareRow(str(field.label or name), typed, stored, "same" if typed == stored else "differs")
        )
    return rows


def stored_rows(rows: Any) -> list[str]:
    """The rows of a formset as somebody else saved them meanwhile, each in a line."""
    if rows is None or not rows.initial:
        return []
    fields = rows.empty_form.fields
    names = [name for name in fields if name in rows.initial[0] and name != "key"]
    return [
        "・".join(filter(None, (in_words(fields[name], row.get(name)) for name in names)))
        for row in rows.initial
    ]


def in_words(field: forms.Field, value: Any) -> str:
    """A value of a form as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("はい") if value else _("いいえ")
    if isinstance(value, models.QuerySet | list | tuple):
        return "、".join(in_words(field, each) for each in value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return wareki.in_words(value, weekday=False)
    key = value.pk if isinstance(value, models.Model) else value
    labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    return labels.get(str(key), str(value))


# --- What is being typed -------------------------------------------------------------------------------------------------


def is_long(form: Any) -> bool:
    """Whether losing what stands in the form would hurt."""
    return any(isinstance(field.widget, forms.Textarea) for field in form.fields.values())


def kept_here(request: HttpRequest) -> Kept | None:
    """The page's drafts, for somebody who is signed in; visitors have none on the server."""
    if not request.user.is_authenticated:
        return None
    page = request.get_full_path()
    draft = None
    if request.method != "POST":
        draft = drafts.kept(person_id=int(request.user.pk), form=draft_key(page))
    return Kept(page, draft)


def draft_key(page: str) -> str:
    return f"page:{page}"[:100]


def keep(request: HttpRequest) -> None:
    """Remember what was sent and not saved."""
    keep_for(request, request.get_full_path())


def keep_for(request: HttpRequest, page: str) -> None:
    if not request.user.is_authenticated:
        return
    typed = request.POST.copy()
    typed[_OPENED] = typed.get("version", "")
    typed.pop("once", None)
    drafts.keep(person_id=int(request.user.pk), form=draft_key(page), typed=typed, at=timezone.now())


def forget(request: HttpRequest, page: str = "") -> None:
    """Drop what was kept of this page, or of ``page``."""
    if request.user.is_authenticated:
        form = draft_key(page or request.get_full_path())
        drafts.discard(person_id=int(request.user.pk), forms=[form])


def formset(request: HttpRequest, kind: Any, **given: Any) -> Any:
    """Forms in rows, bound to what was sent, else to what was kept, else to nothing."""
    if request.method == "POST":
        return kind(request.POST, **given)
    kept = kept_here(request)
    made = kind(drafts.as_typed(kept.draft) if kept and kept.draft else None, **given)
    made.kept = kept
    return made


def opened(kept: Kept | None, current: int) -> int:
    """The version a form starts from: what was kept goes on from where it was begun, so that others' words are seen."""
    begun = drafts.as_typed(kept.draft).get(_OPENED, "") if kept and kept.draft else ""
    return int(begun) if begun.isdecimal() and len(begun) < 9 else current


def _open(request: HttpRequest, form: Any, rows: Any) -> Kept | None:
    """Fill the form that is only being opened with what was typed last time and never saved."""
    if "token" in form.fields and not form.is_bound:
        form.initial.setdefault("token", new_token())
    if rows is None and not is_long(form):
        return None
    kept: Kept | None = getattr(rows, "kept", None) or kept_here(request)
    if kept is None or kept.draft is None:
        return kept
    data = drafts.as_typed(kept.draft)
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        if name in _UNSEEN or isinstance(field, forms.FileField):
            continue
        if not field.widget.value_omitted_from_data(data, {}, prefixed):
            form.initial[name] = field.widget.value_from_datadict(data, {}, prefixed)
    if "version" in form.fields:
        form.initial["version"] = opened(kept, form.initial.get("version") or 0)
    return kept
