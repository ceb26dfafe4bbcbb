"""Drafts of calls and soundings thrown away, and brought back within thirty days."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk.services import trash as services
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.trash import MOST, Shelf, put_back, throw_away, trash_page
from enishi.organizations.visibility import reach_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def draft_delete(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Asks first; a published one is refused with the way that is open."""
    asked = services.KINDS[kind]
    houses = reach_of(request.user).organization_ids
    row = get_object_or_404(asked.access.visible(request.user), pk=pk, organization_id__in=houses)
    if not asked.access.allows(request.user, "delete", row):
        raise PermissionDenied(
            _("この下書きを削除できるのは、%(owner)sの担当の人です。") % {"owner": row.organization.name}
        )
    return throw_away(
        request,
        row,
        lambda: services.throw_away(kind=kind, pk=pk, actor=person_of(request), at=now()),
        title=_("下書きを削除する"),
        crumbs=[(row.get_absolute_url(), row.title)],
        to=reverse("desk:trash"),
    )


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """What one may bring back."""
    houses = reach_of(request.user).organization_ids
    shelves = []
    for kind, asked in services.KINDS.items():
        thrown = asked.model.objects.filter(organization_id__in=houses, deleted_at__gt=now() - RESTORABLE)
        rows = [
            row
            for row in thrown.order_by("-deleted_at")[:MOST]
            if asked.access.allows(request.user, "restore", row)
        ]
        label = _("募集") if kind == "call" else _("サウンディング")
        shelves.append(Shelf(rows, f"desk:{kind}_restore", label))
    crumbs = [(reverse("desk:board"), _("窓口"))]
    return trash_page(request, *shelves, title=_("削除した下書き"), crumbs=crumbs)


@signed_in
@require_POST
def draft_restore(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    houses = reach_of(request.user).organization_ids
    row = get_object_or_404(services.KINDS[kind].model, pk=pk, organization_id__in=houses)
    return put_back(
        request,
        lambda: services.restore(kind=kind, pk=row.pk, actor=person_of(request), at=now()),
        to=reverse("desk:trash"),
    )
