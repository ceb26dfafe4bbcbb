"""The forms of the desk: each stands under the record it belongs to."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.desk.models import Proposal
from enishi.foundation import form_pages

PLAIN = "enishi/form_page.html"


def case_page(
    request: HttpRequest,
    proposal: Proposal,
    form: Any,
    save: Callable[[Any], Any],
    *,
    title: str,
    submit: str,
    done: Callable[[Any], str] | str,
    to: str = "",
    template: str = "desk/case_form.html",
    rows: Any = None,
    **also: Any,
) -> HttpResponse:
    """A form about one proposal; done, one is back at the proposal."""
    home = proposal.get_absolute_url()
    context = {
        "proposal": proposal,
        "title": title,
        "submit": submit,
        "crumbs": [(home, str(proposal))],
        "cancel": home,
        **also,
    }
    return form_pages.form_page(
        request, form, save, done=done, to=to or home, template=template, also=context, rows=rows
    )


def page_under(
    request: HttpRequest,
    listed: str,
    record: Any,
    form: Any,
    save: Callable[[Any], Any],
    *,
    title: str,
    submit: str,
    done: Callable[[Any], str] | str,
    to: Callable[[Any], str] | str = "",
    template: str = PLAIN,
    rows: Any = None,
    **also: Any,
) -> HttpResponse:
    """A form of the list ``listed`` (the name of its address), about ``record`` or for a new one."""
    way = [(reverse(listed), str(LISTS[listed]()))]
    home = way[0][0]
    if record is not None:
        home = record.get_absolute_url()
        way.append((home, str(record)))
    context = {"title": title, "submit": submit, "crumbs": way, "cancel": home, **also}
    return form_pages.form_page(
        request, form, save, done=done, to=to or home, template=template, also=context, rows=rows
    )


LISTS: dict[str, Callable[[], str]] = {
    "desk:call_list": lambda: _("提案の募集"),
    "desk:sounding_list": lambda: _("サウンディング"),
    "desk:review_list": lambda: _("審査"),
    "desk:learned_list": lambda: _("見送り・中止から学ぶ"),
    "desk:settings": lambda: _("窓口の設定"),
}


def number_in(text: str | None) -> int:
    """The key somebody sent, or 0, which is nobody's."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0
