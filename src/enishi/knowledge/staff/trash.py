"""What staff threw away, for thirty days, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.foundation.erasing import RESTORABLE
from enishi.knowledge.staff.access import StaffAccess, owners_of
from enishi.knowledge.staff.asking import now, signed_in, staff_of
from enishi.knowledge.staff.errors import RefusedError


@dataclass(frozen=True)
class Kind:
    """One kind of record that comes back; ``restore`` takes ``pk``, ``actor`` and ``at``."""

    name: str
    label: str | Promise
    access: StaffAccess[Any]
    restore: Callable[..., Any]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """To be called in ``apps.ready``."""
    _kinds[kind.name] = kind


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    thrown = [(kind, _mine(kind, person)) for kind in _kinds.values()]
    context = {"thrown": [pair for pair in thrown if pair[1]]}
    return render(request, "knowledge/staff/trash.html", context)


@signed_in
@require_POST
def restore(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    person = staff_of(request)
    found = _kinds.get(kind)
    if found is None:
        raise Http404
    record = get_object_or_404(_thrown(found, person), pk=pk)
    if not found.access.allows(person, "restore", record):
        raise Http404
    try:
        found.restore(pk=record.pk, actor=person, at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("staff:trash")
    messages.success(request, _("「%(title)s」を元に戻しました。") % {"title": record})
    return redirect(record)


def _thrown(kind: Kind, person: Any) -> Any:
    """Thrown-away rows of the person's own organisations; what only a section reads stays with the section."""
    rows = kind.access.model._default_manager.filter(
        organization__in=owners_of(person), deleted_at__gt=now() - RESTORABLE
    )
    return rows.select_related("organization", "updated_by").order_by("-deleted_at")


def _mine(kind: Kind, person: Any) -> list[Any]:
    return [row for row in _thrown(kind, person)[:200] if kind.access.allows(person, "restore", row)]
