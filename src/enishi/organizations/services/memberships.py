"""Places of people: roles, leaving, and 異動 with everything handed over."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations.access import membership_access
from enishi.organizations.enums import ADMINISTRATOR_ROLES, PARTNER_ROLES, PUBLIC_BODY_ROLES, Role
from enishi.organizations.errors import HandoverRefusedError, LastAdministratorError, RefusedError
from enishi.organizations.handover import Pile, hand_over
from enishi.organizations.models import Membership, Organization, Section
from enishi.organizations.visibility import forget_reach

_FOLLOWED = ("section", "role", "title", "valid_from", "valid_to")


def roles_in(organization: Organization) -> tuple[Role, ...]:
    """The roles an organisation of this kind gives."""
    return PUBLIC_BODY_ROLES if organization.is_public_body else PARTNER_ROLES


@transaction.atomic
def change_role(
    *,
    membership_id: int,
    role: Role,
    section: Section | None,
    title: str,
    actor: Person,
    at: dt.datetime,
) -> Membership:
    """Give somebody another role, section or title in the same organisation."""
    membership = _locked(membership_id)
    membership_access.require(actor, "change", membership)
    check_place(membership.organization, role, section)
    if role not in ADMINISTRATOR_ROLES:
        keep_an_administrator(membership, timezone.localdate(at))
    before = trail.values(membership, _FOLLOWED)
    membership.role, membership.section, membership.title = role, section, title
    membership.save(update_fields=["role", "section", "title"])
    record_change("change_role", membership, before, actor, at)
    return membership


@transaction.atomic
def end_membership(*, membership_id: int, last_day: dt.date, actor: Person, at: dt.datetime) -> Membership:
    """End a place after its last day, by the person or by an administrator.

    Raises ``LastAdministratorError`` when nobody would be left to run the organisation.
    """
    membership = _locked(membership_id)
    membership_access.require(actor, "leave", membership)
    _end(membership, last_day, at)
    membership.save(update_fields=["valid_to"])
    record_change("leave", membership, {"valid_to": None}, actor, at)
    return membership


@transaction.atomic
def transfer(
    *,
    membership_id: int,
    successor_id: int,
    last_day: dt.date,
    actor: Person,
    at: dt.datetime,
    new_section: Section | None = None,
) -> list[Pile]:
    """異動: hand everything over to the successor, end the place, and begin the next one where there is one.

    Returns what went over. Raises ``HandoverRefusedError`` when the successor does not work there.
    """
    membership = _locked(membership_id)
    membership_access.require(actor, "hand_over", membership)
    successor = _successor(membership, successor_id, timezone.localdate(at))
    piles = hand_over(
        giver=membership.person,
        taker=successor,
        organization=membership.organization,
        actor=actor,
        at=at,
    )
    _end(membership, last_day, at, staying=new_section is not None)
    membership.save(update_fields=["valid_to"])
    note = _("後任 %(name)s、引き継ぎ %(count)d件") % {
        "name": successor.name,
        "count": sum(pile.count for pile in piles),
    }
    record_change("transfer", membership, {"valid_to": None}, actor, at, note=note)
    if new_section is not None:
        _begin_next(membership, new_section, actor, at)
    return piles


def _begin_next(membership: Membership, section: Section, actor: Person, at: dt.datetime) -> Membership:
    assert membership.valid_to is not None
    check_place(membership.organization, Role(membership.role), section)
    following = Membership.objects.create(
        person=membership.person,
        organization=membership.organization,
        section=section,
        role=membership.role,
        title=membership.title,
        valid_from=membership.valid_to + dt.timedelta(days=1),
    )
    trail.record(trail.Act(actor, "join", following, at, organization_id=following.organization_id))
    return following


def _successor(membership: Membership, successor_id: int, day: dt.date) -> Person:
    if successor_id == membership.person_id:
        raise HandoverRefusedError(_("本人には引き継げません。後任の人を選んでください。"))
    place = (
        Membership.objects.current(day)
        .filter(organization=membership.organization, person_id=successor_id, person__is_active=True)
        .exclude(role__in=[Role.RESIDENT, Role.AUDITOR])
        .select_related("person")
        .first()
    )
    if place is None:
        raise HandoverRefusedError(
            _(
                "後任の人は、いま %(organization)s に所属している人から選んでください。先に招くこともできます。"
            )
            % {"organization": membership.organization.name}
        )
    return place.person


def check_place(organization: Organization, role: Role, section: Section | None) -> None:
    """Raise ``RefusedError`` unless the role and the section belong to this organisation."""
    if role not in roles_in(organization):
        raise RefusedError(
            _("%(organization)s では「%(role)s」の役割は使えません。")
            % {"organization": organization.name, "role": role.label}
        )
    if section is not None and section.organization_id != organization.pk:
        raise RefusedError(_("その課は別の団体のものです。選び直してください。"))


def keep_an_administrator(leaving: Membership, day: dt.date) -> None:
    """Raise ``LastAdministratorError`` when this place is the last that runs the organisation."""
    if leaving.role not in ADMINISTRATOR_ROLES:
        return
    # Locked in order, so that two administrators who leave at once cannot both see the other.
    Organization.objects.select_for_update().get(pk=leaving.organization_id)
    others = (
        Membership.objects.current(day)
        .filter(organization_id=leaving.organization_id, role__in=ADMINISTRATOR_ROLES)
        .filter(Q(valid_to__isnull=True), person__is_active=True)
        .exclude(pk=leaving.pk)
    )
    if not others.exists():
        raise LastAdministratorError(
            _("%(organization)s の最後の管理者です。先に別の人を管理者にしてください。")
            % {"organization": leaving.organization.name}
        )


def _end(membership: Membership, last_day: dt.date, at: dt.datetime, *, staying: bool = False) -> None:
    today = timezone.localdate(at)
    if last_day < membership.valid_from:
        raise RefusedError(_("離任日は着任日より後の日にしてください。"))
    if membership.valid_to is not None and membership.valid_to < today:
        raise RefusedError(_("この所属はもう終わっています。"))
    if not staying:
        keep_an_administrator(membership, today)
    membership.valid_to = last_day


def _locked(membership_id: int) -> Membership:
    return (
        Membership.objects.select_for_update(of=("self",))
        .select_related("person", "organization")
        .get(pk=membership_id)
    )


def record_change(
    action: str,
    membership: Membership,
    before: dict[str, object],
    actor: Person,
    at: dt.datetime,
    note: str = "",
) -> None:
    """Write the change down and forget what the person could read before it."""
    forget_reach(membership.person)
    forget_reach(actor)
    names = [name.removesuffix("_id") for name in before]
    changes = trail.differences(before, trail.values(membership, names))
    trail.record(
        trail.Act(
            actor,
            action,
            membership,
            at,
            organization_id=membership.organization_id,
            changes=changes,
            note=note,
        )
    )
