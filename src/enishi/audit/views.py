"""Pages of the record of acts."""

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from enishi.audit import history, selectors, wording
from enishi.audit.access import act_access, may_read_history
from enishi.audit.forms import ActFilterForm
from enishi.audit.models import AuditEvent
from enishi.foundation.downloads import FORMATS, attachment, sheet
from enishi.foundation.lists import paginate

MOST_EXPORTED = 50_000


@login_required
@require_GET
def act_list(request: HttpRequest) -> HttpResponse:
    """Who did what in one's organisation, latest first; as a page or as a sheet."""
    if not act_access.allows(request.user, "view", None):
        raise PermissionDenied(_("操作の記録を見られるのは、管理者と監査の人です。"))
    form = ActFilterForm(request.GET or None)
    events = _filtered(act_access.visible(request.user), form)
    wanted = request.GET.get("format", "")
    if wanted in FORMATS:
        return _sheet(request, events, wanted)
    page = paginate(events, order_by=("-sequence",), parameters=request.GET.dict(), size=50)
    context = {"form": form, "page": page, "lines": _told(request, page.rows)}
    return render(request, "audit/act_list.html", context)


def _filtered(
    events: models.QuerySet[AuditEvent, AuditEvent], form: ActFilterForm
) -> models.QuerySet[AuditEvent, AuditEvent]:
    if not form.is_bound or not form.is_valid():
        return events
    wanted = form.cleaned_data
    if wanted["since"]:
        events = events.filter(at__gte=_midnight(wanted["since"]))
    if wanted["until"]:
        events = events.filter(at__lt=_midnight(wanted["until"] + dt.timedelta(days=1)))
    if wanted["actor"]:
        events = events.filter(actor_name__icontains=wanted["actor"])
    if wanted["subject"]:
        events = events.filter(subject_label__icontains=wanted["subject"])
    return events


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _told(request: HttpRequest, events: Any) -> list[history.Line]:
    return history.told(events, hidden=act_access.hidden_from(request.user, events))


def _sheet(
    request: HttpRequest, events: models.QuerySet[AuditEvent, AuditEvent], wanted: str
) -> HttpResponse:
    headings = [
        _("通し番号"), _("日時"), _("行った人"), _("種類"), _("対象"), _("内容"), _("変更(前→後)"),
    ]  # fmt: skip
    rows = [
        [
            line.sequence,
            timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S"),
            line.actor_name,
            line.kind,
            line.subject,
            line.sentence,
            " / ".join(f"{change.label}: {change.before} → {change.after}" for change in line.changes),
        ]
        for line in _told(request, events.order_by("-sequence")[:MOST_EXPORTED])
    ]
    made = sheet(wanted, headings, rows, title=_("操作の記録"))
    return attachment(made.content, made.content_type, plain=f"enishi-acts.{made.ending}")


@login_required
@require_GET
def record_history(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """What happened to one record, for the people of the house it belongs to."""
    instance = _instance(request, label, key)
    page = paginate(
        selectors.history(instance), order_by=("-sequence",), parameters=request.GET.dict(), size=50
    )
    context = {"instance": instance, "page": page, "lines": history.told(page.rows)}
    return render(request, "audit/record_history.html", context)


def _instance(request: HttpRequest, label: str, key: str) -> models.Model:
    subject = wording.subject_of(label)
    if subject is None or not key.isdigit() or len(key) > 18:
        raise Http404
    instance = subject.visible(request.user).filter(pk=int(key)).first()
    if instance is None or not may_read_history(request.user, instance):
        raise Http404
    return instance
