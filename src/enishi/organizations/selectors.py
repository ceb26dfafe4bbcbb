"""Questions about organisations, sections and who belongs where."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.foundation.ui import Contact
from enishi.organizations.enums import ADMINISTRATOR_ROLES, RequestStatus, Role
from enishi.organizations.models import JoinRequest, Membership, Organization, Registration, Section

CHOSEN = "organizations_membership"
"""Session key: the place a person with several is working in."""

_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def memberships_of(person: Actor, on: dt.date | None = None) -> list[Membership]:
    """The person's present places, staff before resident."""
    if not person.is_authenticated:
        return []
    rows = Membership.objects.current(on or timezone.localdate()).filter(person_id=person.pk)
    found = rows.select_related("organization", "section").order_by("pk")
    return sorted(found, key=lambda row: row.role == Role.RESIDENT)


def current_membership(request: HttpRequest) -> Membership | None:
    """Where the person works just now: the place they chose, or their first. Asked once for each request."""
    known: list[Membership | None] | None = getattr(request, "_membership", None)
    if known is None:
        known = [_chosen_membership(request)]
        request._membership = known  # type: ignore[attr-defined]
    return known[0]


def _chosen_membership(request: HttpRequest) -> Membership | None:
    places = memberships_of(request.user)
    chosen = request.session.get(CHOSEN) if len(places) > 1 else None
    return next((place for place in places if place.pk == chosen), places[0] if places else None)


def home_organization(on: dt.date | None = None) -> Organization | None:
    """The public body that runs this installation: the one that was set, or the first with an administrator."""
    if settings.MUNICIPALITY:
        named = Organization.objects.filter(Q(code=settings.MUNICIPALITY) | Q(name=settings.MUNICIPALITY))
        return named.public_bodies().order_by("pk").first()
    first = (
        Membership.objects.current(on or timezone.localdate())
        .filter(role=Role.ADMINISTRATOR)
        .select_related("organization")
        .order_by("pk")
        .first()
    )
    return first.organization if first else None


def administrators_of(organization_id: int, on: dt.date | None = None) -> models.QuerySet[Person]:
    """The people who run an organisation's account."""
    places = Membership.objects.current(on or timezone.localdate()).filter(
        organization_id=organization_id, role__in=ADMINISTRATOR_ROLES, person__is_active=True
    )
    return Person.objects.filter(pk__in=places.values("person_id")).order_by("pk")


def people_of(organization: Organization, on: dt.date | None = None) -> models.QuerySet[Membership]:
    """Who works there now, by section."""
    return (
        Membership.objects.current(on or timezone.localdate())
        .filter(organization=organization)
        .exclude(role=Role.RESIDENT)
        .select_related("person", "section")
        .order_by("section__code", "section_id", "pk")
    )


def folded(text: str) -> str:
    """The text as names are compared: half width, hiragana, without spaces, in lower case."""
    return "".join(unicodedata.normalize("NFKC", text).lower().translate(_KATAKANA).split())


def found(
    organizations: models.QuerySet[Organization, Organization], words: str
) -> models.QuerySet[Organization, Organization]:
    """Those whose name, kana or code has every word."""
    for word in unicodedata.normalize("NFKC", words).split()[:8]:
        kana = word.translate(_KATAKANA)
        katakana = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in kana)
        condition = Q(name__icontains=word) | Q(kana__icontains=kana) | Q(kana__icontains=katakana)
        if word.isdigit():
            condition |= Q(code__startswith=word) | Q(corporate_number=word)
        organizations = organizations.filter(condition)
    return organizations


def like_named(name: str, corporate_number: str = "", seat_id: int | None = None) -> list[Organization]:
    """Registered organisations that may be the same one: by number, or by name apart from legal form and spaces."""
    if corporate_number:
        same = list(Organization.objects.filter(corporate_number=corporate_number))
        if same:
            return same
    core = name_core(name)
    if len(core) < 2:
        return []
    near = Organization.objects.filter(name__icontains=core[:30]).order_by("pk")[:50]
    return [each for each in near if name_core(each.name) == core][:10]


_FORMS = (
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "公益社団法人", "一般財団法人",
    "公益財団法人", "特定非営利活動法人", "npo法人", "社会福祉法人", "学校法人", "国立大学法人", "公立大学法人",
    "(株)", "(有)", "㈱", "㈲",
)  # fmt: skip


def name_core(name: str) -> str:
    """The name without its legal form: 「株式会社 青葉」 and 「青葉㈱」 are one.

    >>> name_core("株式会社 青葉システム") == name_core("青葉システム㈱")
    True
    """
    text = "".join(unicodedata.normalize("NFKC", name).lower().split())
    for form in _FORMS:
        text = text.replace(unicodedata.normalize("NFKC", form), "")
    return text


@dataclass
class Branch:
    """A section with what lies below it."""

    section: Section
    children: list["Branch"] = field(default_factory=list)


def section_tree(sections: Iterable[Section]) -> list[Branch]:
    """The sections as a tree. One whose parent is not among them stands at the top."""
    branches = {section.pk: Branch(section) for section in sections}
    top: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.section.parent_id or 0)
        (parent.children if parent else top).append(branch)
    return top


def flat(tree: Iterable[Branch], depth: int = 0) -> list[tuple[int, Section]]:
    """The tree line by line, each with its depth."""
    lines: list[tuple[int, Section]] = []
    for branch in tree:
        lines += [(depth, branch.section), *flat(branch.children, depth + 1)]
    return lines


def waiting_registrations(actor: Actor) -> models.QuerySet[Registration, Registration]:
    """Partners that wait for this person's word."""
    from enishi.organizations.access import administered_ids, is_system_administrator

    rows = Registration.objects.filter(status=RequestStatus.WAITING).select_related("seat", "applicant")
    return rows if is_system_administrator(actor) else rows.filter(seat_id__in=administered_ids(actor))


def waiting_requests(actor: Actor) -> models.QuerySet[JoinRequest, JoinRequest]:
    """People who wait to be let in by this person."""
    from enishi.organizations.access import administered_ids

    rows = JoinRequest.objects.filter(status=RequestStatus.WAITING).select_related("organization", "person")
    return rows.filter(organization_id__in=administered_ids(actor))


def frame_municipality(request: HttpRequest) -> str:
    """Whose house this is, in the header."""
    place = current_membership(request)
    if place is not None and place.organization.is_public_body:
        return place.organization.name
    home = _home(request)
    return home.name if home else ""


def frame_affiliation(request: HttpRequest) -> str:
    place = current_membership(request)
    if place is None:
        return ""
    parts = [place.organization.name, place.section.name if place.section else "", place.get_role_display()]
    return " ".join(part for part in parts if part)


def is_staff(request: HttpRequest) -> bool:
    """Whether the person works for a public body here: the work rail instead of the light bar."""
    place = current_membership(request)
    return place is not None and place.role != Role.RESIDENT and place.organization.is_public_body


def frame_contact(request: HttpRequest) -> Contact:
    """Who can help: the own administrator for people inside, the house's switchboard for everybody else."""
    place = current_membership(request)
    if place is not None and place.role != Role.RESIDENT:
        person = administrators_of(place.organization_id).first()
        if person is not None:
            name = f"{place.organization.name} {person.name}"
            return Contact(section=name, phone=place.organization.phone, email=person.email)
    home = _home(request)
    return Contact(section=home.name, phone=home.phone) if home else Contact()


def _home(request: HttpRequest) -> Organization | None:
    known: list[Organization | None] | None = getattr(request, "_home_organization", None)
    if known is None:
        known = [home_organization()]
        request._home_organization = known  # type: ignore[attr-defined]
    return known[0]


def own_memberships(person: Person) -> list[Mapping[str, Any]]:
    """What the export of one's own data says about places, past ones too."""
    rows = Membership.objects.filter(person=person).select_related("organization", "section").order_by("pk")
    return [
        {
            "organization": row.organization.name,
            "section": row.section.name if row.section else "",
            "role": row.role,
            "title": row.title,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in rows
    ]
