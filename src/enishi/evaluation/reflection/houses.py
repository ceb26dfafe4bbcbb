"""What each page about decisions and money asks first: who is it, for which house, of which year."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.evaluation.access import staffed_ids
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.numbers import whole
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership


def now() -> dt.datetime:
    return timezone.now()


def house_or_none(request: HttpRequest) -> Organization | None:
    """The municipality this person works for just now."""
    place = current_membership(request) if request.user.is_authenticated else None
    if place is None or not place.organization.is_public_body:
        return None
    return place.organization if place.organization_id in staffed_ids(request.user) else None


def house_of(request: HttpRequest) -> Organization:
    house = house_or_none(request)
    if house is None:
        raise PermissionDenied(_("このページは、自治体の職員が使うものです。"))
    return house


def reading_house_of(request: HttpRequest) -> Organization:
    """As ``house_of``; auditors read, too, what became of decisions."""
    place = current_membership(request) if request.user.is_authenticated else None
    if place is not None and place.organization.is_public_body and place.role == Role.AUDITOR:
        return place.organization
    return house_of(request)


def asked_year(request: HttpRequest, known: list[int], fallback: int) -> int:
    """The year in the address when it is one, else the newest known one."""
    asked = whole(request.GET.get("year", "") or request.POST.get("year", ""), 1989, 2200)
    return asked or (known[0] if known else fallback)


def this_year() -> int:
    return FiscalYear.of(timezone.localdate()).year


def year_words(year: int) -> str:
    return fiscal_year_in_words(FiscalYear(year))
