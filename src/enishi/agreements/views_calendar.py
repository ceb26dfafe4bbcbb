"""Deadlines by month, and the address under which a calendar program reads them."""

import datetime as dt
from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import ical, services
from enishi.agreements.calculations import add_months
from enishi.agreements.models import CalendarFeed
from enishi.agreements.pages import (
    now,
    today,
)
from enishi.agreements.selectors import calendar_days
from enishi.foundation import wareki
from enishi.foundation.days import speaks_japanese
from enishi.foundation.limits import limited

MONTHS = 6
MOST_AGREEMENTS = 200
MOST_DAYS = 100
MOST_LATE = 30
BEHIND = dt.timedelta(days=120)
AHEAD = dt.timedelta(days=730)
SHOWN_ONCE = "agreements_feed"
"""Session key: the address just made, shown once."""


@login_required
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    first, now_on = _month(request.GET.get("from", "")), today()
    last, oldest = add_months(first, MONTHS) - dt.timedelta(days=1), now_on - BEHIND
    every = calendar_days(request.user, min(first, oldest), max(last, now_on), limit=MOST_AGREEMENTS)
    late = [day for day in every if oldest <= day.on < now_on and not day.done]
    days = [day for day in every if first <= day.on <= last]
    months = [
        (dt.date(year, month, 1), _month_in_words(year, month), list(rows))
        for (year, month), rows in groupby(days[:MOST_DAYS], key=lambda day: (day.on.year, day.on.month))
    ]
    context = {
        "months": months,
        "late": late[:MOST_LATE],
        "late_count": len(late),
        "left_out": max(0, len(days) - MOST_DAYS),
        "first": first,
        "earlier": add_months(first, -MONTHS),
        "later": add_months(first, MONTHS),
        "today": now_on,
        "feed": CalendarFeed.objects.filter(person=person_of(request), revoked_at__isnull=True).first(),
        "address": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "agreements/calendar.html", context)


def _month_in_words(year: int, month: int) -> str:
    if not speaks_japanese():
        return f"{year}-{month:02d}"
    return f"{wareki.year_in_words(dt.date(year, month, 1))}{month}月"


def _month(text: str) -> dt.date:
    """The first of a month as 2026-11, else this month."""
    try:
        found = dt.datetime.strptime(text[:7], "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return today().replace(day=1)
    return found if dt.date(1990, 1, 1) <= found <= dt.date(2200, 1, 1) else today().replace(day=1)


@login_required
@require_POST
def feed_make(request: HttpRequest) -> HttpResponse:
    token = services.make_feed(actor=person_of(request), at=now())
    request.session[SHOWN_ONCE] = request.build_absolute_uri(reverse("agreements:feed", args=[token]))
    messages.success(request, _("購読の番地を作りました。この画面でだけ表示します。"))
    return redirect("agreements:calendar")


@login_required
@require_POST
def feed_revoke(request: HttpRequest) -> HttpResponse:
    services.revoke_feeds(actor=person_of(request), at=now())
    messages.success(request, _("購読の番地を止めました。これまでの番地では読めません。"))
    return redirect("agreements:calendar")


@require_safe
@limited("calendar-feed", times=60, seconds=60)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The deadlines as iCalendar, for whoever holds the secret address; what they may read is asked each time."""
    person = services.reader_of(token, at=now())
    if person is None:
        raise Http404
    days = calendar_days(person, today() - BEHIND, today() + AHEAD)
    text = ical.calendar(days, site=request.build_absolute_uri("/").rstrip("/"), at=now())
    answer = HttpResponse(text.encode("utf-8"), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Disposition"] = 'attachment; filename="enishi.ics"'
    return answer
