"""Sections, one at a time. What happens together on a day is a reorganisation."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations.access import organization_access, section_access
from enishi.organizations.errors import SectionRefusedError
from enishi.organizations.handover import Pile, hand_over_section, responsibilities_of
from enishi.organizations.models import Membership, Organization, Section

_FOLLOWED = ("parent", "code", "name", "duties", "phone", "email", "opening_hours", "valid_from", "valid_to")


@transaction.atomic
def add_section(
    *,
    organization_id: int,
    name: str,
    parent: Section | None,
    valid_from: dt.date,
    actor: Person | None,
    at: dt.datetime,
    code: str = "",
    duties: str = "",
    phone: str = "",
    email: str = "",
    opening_hours: str = "",
) -> Section:
    """Open a new section."""
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    if actor is not None:
        organization_access.require(actor, "edit_sections", organization)
    _check_parent(organization.pk, parent, None)
    # On the day of a reorganisation the old section of that name is still open: it closes in the same breath.
    if actor is not None:
        _refuse_twin(organization.pk, name, parent, None)
    section = Section.objects.create(
        organization=organization,
        name=name,
        parent=parent,
        code=code,
        duties=duties,
        phone=phone,
        email=email,
        opening_hours=opening_hours,
        valid_from=valid_from,
    )
    trail.record(trail.Act(actor, "create", section, at, organization_id=organization.pk))
    return section


@transaction.atomic
def edit_section(
    *,
    section_id: int,
    name: str,
    parent: Section | None,
    actor: Person | None,
    at: dt.datetime,
    code: str | None = None,
    duties: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    opening_hours: str | None = None,
) -> Section:
    """Rename or move a section, or correct what is said about it."""
    section = _locked(section_id)
    if actor is not None:
        section_access.require(actor, "edit", section)
    _check_parent(section.organization_id, parent, section)
    if actor is not None:
        _refuse_twin(section.organization_id, name, parent, section.pk)
    before = trail.values(section, _FOLLOWED)
    section.name, section.parent = name, parent
    section.code = section.code if code is None else code
    section.duties = section.duties if duties is None else duties
    section.phone = section.phone if phone is None else phone
    section.email = section.email if email is None else email
    section.opening_hours = section.opening_hours if opening_hours is None else opening_hours
    section.save()
    _record("edit", section, before, actor, at)
    return section


@transaction.atomic
def close_section(
    *,
    section_id: int,
    last_day: dt.date,
    successors: Sequence[Section],
    actor: Person | None,
    at: dt.datetime,
) -> list[Pile]:
    """Close a section after its last day; what it was responsible for, and its people, go to the first successor.

    Raises ``SectionRefusedError`` when something open would be left to nobody.
    """
    section = _locked(section_id)
    if actor is not None:
        section_access.require(actor, "edit", section)
    refuse_closing(section, last_day, successors)
    before = trail.values(section, _FOLLOWED)
    section.valid_to = last_day
    section.save(update_fields=["valid_to"])
    section.successors.set(successors)
    piles = (
        hand_over_section(section=section, successor=successors[0], actor=actor, at=at) if successors else []
    )
    _move_people(section, successors, last_day)
    note = (
        _("引き継ぎ先 %(names)s") % {"names": _("、").join(each.name for each in successors)}
        if successors
        else ""
    )
    _record("close", section, before, actor, at, note)
    return piles


def refuse_closing(section: Section, last_day: dt.date, successors: Sequence[Section]) -> None:
    """Raise ``SectionRefusedError`` when the section cannot close so."""
    if section.valid_to is not None:
        raise SectionRefusedError(_("「%(name)s」はもう廃止されています。") % {"name": section.name})
    if last_day < section.valid_from:
        raise SectionRefusedError(_("廃止日は設置日より後の日にしてください。"))
    if any(each.organization_id != section.organization_id or each.pk == section.pk for each in successors):
        raise SectionRefusedError(_("引き継ぐ課は、同じ団体の別の課から選んでください。"))
    if section.children.filter(valid_to__isnull=True).exists():
        raise SectionRefusedError(
            _("「%(name)s」の下に課が残っています。先に移すか廃止してください。") % {"name": section.name}
        )
    left = open_responsibilities(section)
    if left and not successors:
        raise SectionRefusedError(
            _("「%(name)s」には、まだ %(left)s があります。引き継ぐ課を選んでください。")
            % {"name": section.name, "left": _("、").join(f"{pile.label} {pile.count}件" for pile in left)}
        )


def open_responsibilities(section: Section) -> list[Pile]:
    """What the section holds, its people among it."""
    people = Membership.objects.filter(section=section, valid_to__isnull=True).count()
    return [*([Pile(_("所属する人"), people)] if people else []), *responsibilities_of(section)]


def _move_people(section: Section, successors: Sequence[Section], last_day: dt.date) -> None:
    """Who works there goes along: the old place ends with the section, the next begins the day after."""
    if not successors:
        return
    places = list(Membership.objects.filter(section=section, valid_to__isnull=True))
    following = last_day + dt.timedelta(days=1)
    already_there = [place for place in places if place.valid_from > last_day]
    leaving = [place for place in places if place.valid_from <= last_day]
    Membership.objects.filter(pk__in=[place.pk for place in already_there]).update(section=successors[0])
    Membership.objects.bulk_create(
        Membership(
            person_id=place.person_id,
            organization_id=place.organization_id,
            section=successors[0],
            role=place.role,
            title=place.title,
            valid_from=following,
        )
        for place in leaving
    )
    Membership.objects.filter(pk__in=[place.pk for place in leaving]).update(valid_to=last_day)


def _check_parent(organization_id: int, parent: Section | None, section: Section | None) -> None:
    above, seen = parent, set()
    while above is not None and above.pk not in seen:
        if above.organization_id != organization_id:
            raise SectionRefusedError(_("上位の組織は同じ団体の中から選んでください。"))
        if section is not None and above.pk == section.pk:
            raise SectionRefusedError(
                _("「%(name)s」を自分の下には置けません。別の上位の組織を選んでください。")
                % {"name": section.name}
            )
        seen.add(above.pk)
        above = above.parent


def _refuse_twin(organization_id: int, name: str, parent: Section | None, own_id: int | None) -> None:
    twins = Section.objects.filter(
        organization_id=organization_id, name=name, parent=parent, valid_to__isnull=True
    ).exclude(pk=own_id or 0)
    if twins.exists():
        raise SectionRefusedError(
            _("同じところに「%(name)s」がもうあります。別の名前にしてください。") % {"name": name}
        )


def _locked(section_id: int) -> Section:
    return (
        Section.objects.select_for_update(of=("self",))
        .select_related("organization", "parent")
        .get(pk=section_id)
    )


def _record(
    action: str,
    section: Section,
    before: dict[str, object],
    actor: Person | None,
    at: dt.datetime,
    note: str = "",
) -> None:
    changes = trail.differences(before, trail.values(section, _FOLLOWED))
    if changes or note:
        trail.record(
            trail.Act(
                actor,
                action,
                section,
                at,
                organization_id=section.organization_id,
                changes=changes,
                note=note,
            )
        )
