"""The trash of what plans rest on: its page, and what is taken out of it again."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.plans.owned import OwnedAccess, OwnedT
from enishi.plans.pages import Crumb

MOST = 100


def trash_page(
    request: HttpRequest,
    rows: models.QuerySet[Any, Any],
    *,
    title: str,
    crumbs: Sequence[Crumb],
    restore: str,
) -> HttpResponse:
    """``restore`` names the address that takes a row back."""
    context = {
        "title": title,
        "crumbs": crumbs,
        "rows": [{"row": row, "restore": reverse(restore, args=[row.pk])} for row in rows[:MOST]],
    }
    return render(request, "plans/owned_trash.html", context)


def _who_can(row: Any) -> str:
    return _("元に戻せるのは、%(place)sの担当の人です。") % {"place": row.organization.name}


def require_restorable(
    request: HttpRequest, access: OwnedAccess[OwnedT], pk: int, who_can: Callable[[Any], str] = _who_can
) -> None:
    """Something in the trash of one's own body that this person may take back; others are told who can."""
    row = get_object_or_404(access.thrown(request.user), pk=pk)
    if not access.allows(request.user, "restore", row):
        raise PermissionDenied(who_can(row))
