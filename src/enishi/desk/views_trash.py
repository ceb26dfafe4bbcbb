"""Drafts of calls and soundings thrown away, and brought back within thirty days."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk.services import trash as services
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.services.records import RESTORABLE
from enishi.foundation.form_pages import press
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
    if request.method == "POST":
        return press(
            request,
            lambda: services.throw_away(kind=kind, pk=pk, actor=person_of(request), at=now()),
            done=_("削除しました。30日のあいだは「削除した下書き」から元に戻せます。"),
            to=reverse("desk:trash"),
        )
    return render(request, "desk/draft_delete.html", {"row": row})


@signed_in
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """What one may bring back."""
    houses = reach_of(request.user).organization_ids
    found = [
        (kind, row)
        for kind, asked in services.KINDS.items()
        for row in asked.model.objects.filter(
            organization_id__in=houses, deleted_at__gt=now() - RESTORABLE
        ).order_by("-deleted_at")[:100]
        if asked.access.allows(request.user, "restore", row)
    ]
    return render(request, "desk/trash.html", {"rows": found})


@signed_in
@require_POST
def draft_restore(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    houses = reach_of(request.user).organization_ids
    row = get_object_or_404(services.KINDS[kind].model, pk=pk, organization_id__in=houses)
    return press(
        request,
        lambda: services.restore(kind=kind, pk=row.pk, actor=person_of(request), at=now()),
        done=_("元に戻しました。"),
        to=reverse("desk:trash"),
    )
