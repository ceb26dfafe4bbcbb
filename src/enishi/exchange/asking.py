"""What every page of the exchange asks first: who is it, which record, may they."""

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.exchange.access import access_of
from enishi.exchange.kinds import Kind
from enishi.exchange.models import Challenge, Resource

signed_in = login_required


def visible_record(request: HttpRequest, kind: Kind, pk: int) -> Any:
    """The record with what its page always shows, or 404 for whoever may not know of it."""
    rows = kind.access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def writable_record(request: HttpRequest, kind: Kind, pk: int, action: str = "edit") -> Any:
    """The record, for those who may do ``action`` to it; others who may read it are told who can."""
    record = visible_record(request, kind, pk)
    require(request, action, record)
    return record


def require(request: HttpRequest, action: str, record: Challenge | Resource) -> None:
    if not access_of(record).allows(request.user, action, record):
        raise PermissionDenied(
            _("この記録を書き換えられるのは、%(owner)sの担当の人です。") % {"owner": record.organization.name}
        )


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()
