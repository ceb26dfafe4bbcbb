"""What every page for staff asks first: who is it, which record, may they."""

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.foundation.access import Actor
from enishi.knowledge.staff.access import StaffAccess, is_staff, owners_of
from enishi.organizations.models import Organization

signed_in = login_required


def staff_of(request: HttpRequest) -> Person:
    """The person, who writes for some public body; others are told who can."""
    person = person_of(request)
    if not is_staff(person):
        raise PermissionDenied(
            _(
                "ここは自治体の担当・企画・管理の役割を持つ人の画面です。使いたいときは管理者に役割を頼んでください。"
            )
        )
    return person


def visible(request: HttpRequest, access: StaffAccess[Any], pk: int) -> Any:
    """The record with what its page always shows, or 404 for whoever may not know of it."""
    rows = access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def writable(request: HttpRequest, access: StaffAccess[Any], pk: int) -> Any:
    """The record, for those who may change it; others who may read it are told who can."""
    record = visible(request, access, pk)
    if not access.allows(request.user, "edit", record):
        raise PermissionDenied(
            _("この記録を書き換えられるのは、%(owner)sの担当の人です。") % {"owner": record.organization.name}
        )
    return record


def home_of(actor: Actor) -> Organization | None:
    """In whose name this person writes, where nothing else says so."""
    return owners_of(actor).first()


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()
