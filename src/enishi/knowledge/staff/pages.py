"""A page with one form, as staff meet it: kept while they type, saved once, both versions where somebody saved first."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from enishi.foundation import form_pages
from enishi.knowledge.models import Case, Draft, LearningPath


def form_page(
    request: HttpRequest,
    form: Any,
    save: Callable[[Any], Any],
    *,
    title: str,
    submit: str,
    done: str,
    cancel: str,
    crumbs: Sequence[tuple[str, str]],
    lead: str = "",
    to: Callable[[Any], str] | str = "",
) -> HttpResponse:
    """Show the form; once it was sent, ``save`` it and go to what it made, to the address it gave, or ``to``."""
    context = {
        "title": title,
        "submit": submit,
        "lead": lead,
        "crumbs": [(address, words) for words, address in crumbs],
        "cancel": cancel,
        "danger": False,
    }
    return form_pages.form_page(
        request, form, save, done=done, to=to or _made, template="enishi/form_page.html", also=context
    )


class RowsForm(form_pages.EmptyForm):
    """Beside rows that are the whole page: from which version of their record they were begun."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def rows_page(
    request: HttpRequest,
    rows: Any,
    save: Callable[[int], Any],
    *,
    record: Case | Draft | LearningPath,
    heading: str,
    lead: str,
    done: str,
    crumbs: Sequence[tuple[str, str]],
) -> HttpResponse:
    """The rows of a record on one page; ``save`` takes the version they were begun from."""
    context = {
        "heading": heading,
        "lead": lead,
        "crumbs": [*crumbs, (str(record), record.get_absolute_url())],
        "cancel": record.get_absolute_url(),
    }
    return form_pages.form_page(
        request,
        RowsForm(request.POST or None, initial={"version": record.version}),
        lambda sent: save(sent.cleaned_data["version"] or 0),
        done=done,
        to=_made,
        template="knowledge/staff/rows.html",
        also=context,
        rows=rows,
    )


def _made(found: Any) -> str:
    return found if isinstance(found, str) else str(found.get_absolute_url())
