"""Registering organisations and keeping what is said about them right."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations.access import organization_access
from enishi.organizations.codes import is_corporate_number
from enishi.organizations.errors import DuplicateOrganizationError, RefusedError
from enishi.organizations.models import Organization
from enishi.organizations.selectors import like_named

EDITED = ("name", "kana", "corporate_number", "size", "summary", "url", "phone", "seat")
OF_PUBLIC_BODIES = ("summary", "url", "phone")
"""What a public body's administrators edit: name and code are the state's."""


@dataclass(frozen=True)
class PartnerValues:
    """What a partner is registered with."""

    kind: str
    name: str
    kana: str = ""
    corporate_number: str = ""
    seat_id: int | None = None
    size: str = ""
    summary: str = ""
    url: str = ""
    phone: str = ""


@transaction.atomic
def register_partner(
    *, values: PartnerValues, actor: Person, at: dt.datetime, although_alike: bool = False
) -> Organization:
    """Register a partner.

    Raises ``DuplicateOrganizationError`` for a number that is registered, and for a like name unless ``although_alike``.
    """
    organization_access.require(actor, "create")
    return made_partner(values=values, actor=actor, at=at, although_alike=although_alike)


def made_partner(
    *, values: PartnerValues, actor: Person, at: dt.datetime, although_alike: bool = False
) -> Organization:
    """The registration itself, for callers that have asked for access."""
    check_number(values.corporate_number)
    alike = like_named(values.name, values.corporate_number)
    if alike and (not although_alike or alike[0].corporate_number == values.corporate_number != ""):
        raise DuplicateOrganizationError(
            _("「%(name)s」はもう登録されているようです。同じ団体なら、そちらに参加してください。")
            % {"name": alike[0].name}
        )
    organization = Organization.objects.create(
        **{**asdict(values), "corporate_number": values.corporate_number or None},
        prefecture_code=_prefecture_of(values.seat_id),
        source=_("利用者の登録"),
    )
    trail.record(trail.Act(actor, "create", organization, at, organization_id=organization.pk))
    return organization


def check_number(number: str) -> None:
    """Raise ``RefusedError`` with a sentence unless this is a 法人番号, or none."""
    if number and not is_corporate_number(number):
        raise RefusedError(
            _(
                "法人番号「%(number)s」は検査数字が合いません。13桁の数字を、国税庁の法人番号公表サイトのとおりに書いてください。"
            )
            % {"number": number}
        )


def _prefecture_of(seat_id: int | None) -> str:
    seat = Organization.objects.filter(pk=seat_id).first() if seat_id else None
    return seat.prefecture_code if seat else ""


@transaction.atomic
def edit_organization(
    *, organization_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Organization:
    """Change what is said about an organisation. A public body's name and code stay as the state gave them."""
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    organization_access.require(actor, "edit", organization)
    names = OF_PUBLIC_BODIES if organization.code else EDITED
    before = trail.values(organization, names)
    for name in names:
        if name in values:
            setattr(organization, name, values[name])
    number = organization.corporate_number or ""
    organization.corporate_number = number or None
    check_number(number)
    if number and Organization.objects.filter(corporate_number=number).exclude(pk=organization.pk).exists():
        raise DuplicateOrganizationError(_("この法人番号は別の団体が使っています。番号を確かめてください。"))
    organization.save(update_fields=names)
    changes = trail.differences(before, trail.values(organization, names))
    if changes:
        trail.record(
            trail.Act(actor, "edit", organization, at, organization_id=organization.pk, changes=changes)
        )
    return organization
