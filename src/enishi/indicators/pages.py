"""What every page of the room asks first, and the one way in which its forms are shown, saved and refused."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.foundation import downloads
from enishi.indicators.access import YardstickAccess, access_of, element_access, indicator_access
from enishi.indicators.models import DataElement, Indicator
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership

Crumb = tuple[str, str]
signed_in = login_required


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def visible_indicator(request: HttpRequest, pk: int) -> Indicator:
    """The indicator, or 404 for whoever may not know of it."""
    rows = indicator_access.visible(request.user).select_related(
        "organization", "section", "officer", "updated_by", "acquisition", "successor"
    )
    return get_object_or_404(rows, pk=pk)


def visible_element(request: HttpRequest, pk: int) -> DataElement:
    rows = element_access.visible(request.user).select_related(
        "organization", "section", "officer", "acquisition"
    )
    return get_object_or_404(rows, pk=pk)


def require(request: HttpRequest, action: str, owner: Indicator | DataElement) -> None:
    if access_of(owner).allows(request.user, action, owner):
        return
    sentences = {
        "approve": _("承認できるのは、%(owner)sの管理職か企画の人です。"),
        "enter": _("値を入れられるのは、%(owner)sの担当課の人・管理職・企画の人です。"),
        "read_inside": _("ここから先は、%(owner)sの人だけが読めます。"),
    }
    usual = _("この指標を書き換えられるのは、%(owner)sの担当課の人・管理職・企画の人です。")
    raise PermissionDenied(sentences.get(action, usual) % {"owner": owner.organization.name})


def own_house(request: HttpRequest, access: YardstickAccess[Any] = indicator_access) -> Organization:
    """The public body in whose name this person works here, or a refusal that says who can."""
    owners = access.owners(request.user)
    place = current_membership(request)
    wanted = request.GET.get("organization", "")
    chosen = (
        owners.filter(pk=int(wanted)).first()
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 18
        else None
    )
    found = chosen or (owners.filter(pk=place.organization_id).first() if place else None) or owners.first()
    if found is None:
        raise PermissionDenied(_("これができるのは、自治体の担当・管理職・企画の人です。"))
    return found


def table_response(form: str, headings: Sequence[str], rows: Any, *, title: str, name: str) -> HttpResponse:
    """The table as Excel or CSV."""
    sheet = downloads.sheet(form, headings, rows, title=title)
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"{name}.{sheet.ending}")


def refused_form(form: Any, sentence: str) -> None:
    form.add_error(None, sentence)


def list_crumb() -> Crumb:
    return reverse("indicators:indicator_list"), _("指標")


def elements_crumb() -> Crumb:
    return reverse("indicators:element_list"), _("データ項目")


def way_to(owner: Indicator | DataElement) -> list[Crumb]:
    here = (owner.get_absolute_url(), owner.name)
    between = [elements_crumb()] if isinstance(owner, DataElement) else []
    return [list_crumb(), *between, here]
