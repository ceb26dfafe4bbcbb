"""A page with one form, as staff meet it: kept while they type, saved once, both versions where somebody saved first."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from enishi.foundation import form_pages


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


def _made(found: Any) -> str:
    return found if isinstance(found, str) else str(found.get_absolute_url())
