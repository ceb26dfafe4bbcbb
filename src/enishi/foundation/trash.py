"""The trash of a room: the page that asks before a record goes in, what lies in it, and the way out again.

A room says whose record it is, which service throws it and which takes it back. The pages are the same everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.foundation.form_pages import press
from enishi.foundation.refusals import RefusedError

MOST = 200
Crumb = tuple[str, str]


@dataclass(frozen=True)
class Shelf:
    """Records of one kind in the trash; ``restore`` names the address that takes one back."""

    rows: models.QuerySet[Any, Any] | Sequence[Any]
    restore: str
    label: str = ""

    def shown(self) -> list[tuple[Any, str]]:
        return [(row, reverse(self.restore, args=[row.pk])) for row in self.rows[:MOST]]


def throw_away(
    request: HttpRequest,
    row: Any,
    throw: Callable[[], Any],
    *,
    title: str,
    crumbs: Sequence[Crumb],
    to: str,
    consequence: str = "",
) -> HttpResponse:
    """Ask, with the record's name and what it means; pressed, it goes. A refusal leads back to the record."""
    if request.method != "POST":
        lead = consequence or _("30日のあいだは元に戻せます。")
        context = {"row": row, "title": title, "crumbs": crumbs, "consequence": lead}
        return render(request, "enishi/throw_away.html", context)
    try:
        throw()
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(row)
    messages.success(request, _("ごみ箱に入れました。30日のあいだは元に戻せます。"))
    return redirect(to)


def trash_page(request: HttpRequest, *shelves: Shelf, title: str, crumbs: Sequence[Crumb]) -> HttpResponse:
    """What lies in the trash, kind by kind, the last thrown first."""
    filled = [(shelf.label, shown) for shelf in shelves if (shown := shelf.shown())]
    context = {"title": title, "crumbs": crumbs, "shelves": filled}
    return render(request, "enishi/trash.html", context)


def put_back(request: HttpRequest, restore: Callable[[], Any], *, to: str) -> HttpResponse:
    return press(request, restore, done=_("元に戻しました。"), to=to)
