"""The page of a record, and what is done to it as a whole."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit.access import may_read_history
from enishi.exchange import history, selectors, services
from enishi.exchange.asking import (
    now,
    require,
    signed_in,
    today,
    visible_record,
    writable_record,
)
from enishi.exchange.enums import ResourceStatus
from enishi.exchange.errors import CannotPublishError, RefusedError
from enishi.exchange.forms import StatusForm
from enishi.exchange.kinds import KINDS, RESOURCE, Kind
from enishi.exchange.models import Challenge, Resource
from enishi.foundation.thread import case_knots
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.organizations.visibility import reach_of


@require_safe
def record_detail(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = visible_record(request, kind, pk)
    may_edit = kind.access.allows(request.user, "edit", record)
    is_inside = record.organization_id in reach_of(request.user).organization_ids
    context = {
        "kind": kind,
        kind.name: record,
        "record": record,
        "fields": list(record.fields.order_by("order", "pk")),
        "areas": list(record.areas.order_by("code", "pk")[:60]),
        "parties": list(record.parties.order_by("pk")) if is_inside else [],
        "attachments": list(record.attachments.kept()),
        "events": history.lines(record, limit=10) if may_read_history(request.user, record) else None,
        "related": selectors.related_records(request.user, record),
        "may_edit": may_edit,
        "may_move": may_edit and record.status != "draft",
        "today": today(),
    }
    if isinstance(record, Challenge):
        context["knots"] = case_knots(request.user, "challenge", record.pk, today())
    else:
        context |= _freshness(record)
    return render(request, f"exchange/{kind.name}_detail.html", context)


def _freshness(resource: Resource) -> dict[str, Any]:
    is_open = resource.status == ResourceStatus.OPEN
    return {
        "is_fresh": resource.is_fresh(today()),
        "is_expired": resource.is_expired(today()),
        "may_confirm": is_open,
    }


@require_safe
def record_pitch(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = visible_record(request, kind, pk)
    context = {
        "kind": kind,
        "record": record,
        "fields": list(record.fields.order_by("order", "pk")),
        "areas": list(record.areas.order_by("code", "pk")[:20]),
        "today": today(),
    }
    return render(request, f"exchange/{kind.name}_pitch.html", context)


@signed_in
@require_POST
def record_publish(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = writable_record(request, kind, pk, "publish")
    try:
        kind.publish(pk=record.pk, actor=person_of(request), at=now())
    except CannotPublishError as refused:
        messages.error(request, refused.sentence)
        return redirect(kind.url("check", pk))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("「%(title)s」を公開しました。") % {"title": record.title})
    return redirect(record)


@signed_in
def record_status(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = writable_record(request, kind, pk, "change_status")
    possible = kind.next_statuses[kind.statuses(record.status)]
    form = StatusForm(request.POST or None, possible=possible)
    if request.method == "POST" and form.is_valid():
        try:
            kind.change_status(
                pk=record.pk,
                status=kind.statuses(form.cleaned_data["status"]),
                reason=form.cleaned_data["reason"],
                actor=person_of(request),
                at=now(),
            )
        except RefusedError as refused:
            form.add_error("reason" if "理由" in refused.sentence else None, refused.sentence)
        else:
            messages.success(request, _("状態を変えました。"))
            return redirect(record)
    context = {"kind": kind, "record": record, "form": form, "list_url": kind.url("list")}
    return render(request, "exchange/record_status.html", context)


@signed_in
def record_delete(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = writable_record(request, kind, pk, "delete")
    return throw_away(
        request,
        record,
        lambda: kind.delete(pk=record.pk, actor=person_of(request), at=now()),
        title=_("ごみ箱に入れる"),
        crumbs=[(kind.url("list"), str(kind.plural)), (record.get_absolute_url(), record.title)],
        to=reverse("exchange:trash"),
        consequence=_("すぐにだれからも見えなくなります。30日のあいだは「ごみ箱」から元に戻せます。"),
    )


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    shelves = [
        Shelf(
            selectors.restorable(person, kind.model, at=now()),
            f"exchange:{kind.name}_restore",
            str(kind.plural),
        )
        for kind in KINDS.values()
    ]
    return trash_page(request, *shelves, title=_("ごみ箱"), crumbs=[])


@signed_in
@require_POST
def record_restore(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = selectors.thrown_away(person_of(request), kind.model).filter(pk=pk).first()
    if record is None:
        # Pressed twice: it is back already.
        record = visible_record(request, kind, pk)
    require(request, "restore", record)
    return put_back(
        request,
        lambda: kind.restore(pk=record.pk, actor=person_of(request), at=now()),
        to=reverse("exchange:trash"),
    )


@signed_in
@require_POST
def resource_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    resource = writable_record(request, RESOURCE, pk, "confirm")
    try:
        services.confirm_resource(resource_id=resource.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("いまも提供できることを確認しました。ありがとうございます。"))
    return redirect(resource)


def resource_confirm_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """One button for whoever has the mail; no sign-in."""
    try:
        resource = services.freshness.resource_of_link(token)
        if request.method == "POST":
            resource = services.confirm_by_link(token=token, at=now())
    except RefusedError as refused:
        return render(request, "exchange/confirm_refused.html", {"sentence": refused.sentence}, status=400)
    is_done = request.method == "POST"
    return render(request, "exchange/confirm_by_link.html", {"resource": resource, "is_done": is_done})
