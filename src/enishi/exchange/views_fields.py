"""The list of fields of work, for administrators."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange import services
from enishi.exchange.access import field_access
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Field


def _require(request: HttpRequest) -> None:
    if not field_access.allows(request.user, "edit", None):
        raise PermissionDenied(_("分野の一覧を変えられるのは、管理者です。"))


@signed_in
@require_safe
def field_list(request: HttpRequest) -> HttpResponse:
    _require(request)
    rows = list(
        Field.objects.annotate(
            challenge_count=Count("challenges", distinct=True),
            resource_count=Count("resources", distinct=True),
        ).order_by("order", "pk")
    )
    groups = [
        (row, [child for child in rows if child.parent_id == row.pk]) for row in rows if row.parent_id is None
    ]
    return render(request, "exchange/field_list.html", {"groups": groups})


@signed_in
@require_POST
def field_add(request: HttpRequest) -> HttpResponse:
    _require(request)
    key = request.POST.get("parent", "")
    parent = get_object_or_404(Field, pk=int(key)) if key.isdecimal() and len(key) < 18 else None
    return _do(
        request,
        lambda: services.add_field(
            parent=parent, name=request.POST.get("name", ""), actor=person_of(request), at=now()
        ),
        _("分野を加えました。"),
    )


@signed_in
@require_POST
def field_change(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Rename, move, retire, use again or remove one field."""
    _require(request)
    field = get_object_or_404(Field, pk=pk)
    person, at = person_of(request), now()
    doings: dict[str, tuple[Callable[[], object], str]] = {
        "rename": (
            lambda: services.rename_field(
                field_id=field.pk, name=request.POST.get("name", ""), actor=person, at=at
            ),
            _("名前を変えました。"),
        ),
        "up": (
            lambda: services.move_field(field_id=field.pk, up=True, actor=person, at=at),
            _("並べ替えました。"),
        ),
        "down": (
            lambda: services.move_field(field_id=field.pk, up=False, actor=person, at=at),
            _("並べ替えました。"),
        ),
        "retire": (
            lambda: services.retire_field(field_id=field.pk, active=False, actor=person, at=at),
            _("「使わない」にしました。すでに選ばれている記録はそのままです。"),
        ),
        "reuse": (
            lambda: services.retire_field(field_id=field.pk, active=True, actor=person, at=at),
            _("もう一度使えるようにしました。"),
        ),
        "remove": (
            lambda: services.remove_field(field_id=field.pk, actor=person, at=at),
            _("分野を消しました。"),
        ),
    }
    work, sentence = doings[action]
    return _do(request, work, sentence)


def _do(request: HttpRequest, work: Callable[[], object], sentence: str) -> HttpResponse:
    try:
        work()
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, sentence)
    return redirect("exchange:field_list")
