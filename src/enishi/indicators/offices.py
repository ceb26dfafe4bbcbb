"""Who plays the parts of 企画, 行革, 財政 and 首長・庁議 in a municipality: four rooms ask here, each town decides.

A part that nobody was named for is played by whoever has the role 企画 there, so that nothing waits for a setting.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.access import Access, Actor
from enishi.indicators.errors import RefusedError, StaleVersionError
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of

STAFF = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)


class Office(models.TextChoices):
    PLANNING = "planning", gettext_lazy("企画(総合計画)")
    REVIEW = "review", gettext_lazy("行革(評価)")
    FINANCE = "finance", gettext_lazy("財政")
    COUNCIL = "council", gettext_lazy("首長・庁議")


class Offices(models.Model):
    """The sections and persons that play the parts in one municipality."""

    organization = models.OneToOneField(
        Organization,
        verbose_name=gettext_lazy("団体"),
        on_delete=models.PROTECT,
        related_name="offices",
    )
    planning_section = models.ForeignKey(
        Section,
        verbose_name=gettext_lazy("企画(総合計画)の課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    review_section = models.ForeignKey(
        Section,
        verbose_name=gettext_lazy("行革(評価)の課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    finance_section = models.ForeignKey(
        Section,
        verbose_name=gettext_lazy("財政の課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    deciders = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=gettext_lazy("首長・庁議の人"), blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = gettext_lazy("計画・評価・予算の役割")
        verbose_name_plural = gettext_lazy("計画・評価・予算の役割")

    def __str__(self) -> str:
        return str(self.organization)

    def section_of(self, office: Office) -> Section | None:
        sections = {
            Office.PLANNING: self.planning_section,
            Office.REVIEW: self.review_section,
            Office.FINANCE: self.finance_section,
        }
        return sections.get(office)


class OfficesAccess(Access[Offices]):
    """The people of the house read them; the planners and administrators change them."""

    def visible(self, actor: Actor) -> models.QuerySet[Offices, Offices]:
        return Offices.objects.filter(organization_id__in=reach_of(actor).organization_ids)

    def allows(self, actor: Actor, action: str, instance: Offices | None) -> bool:
        if instance is None:
            return False
        reach = reach_of(actor)
        if action == "view":
            return instance.organization_id in reach.organization_ids
        return reach.has_role(instance.organization_id, Role.PLANNER, Role.ADMINISTRATOR)


offices_access = OfficesAccess()


def acts_as(person: Actor, organization: Organization | int, office: Office) -> bool:
    """Whether this person plays the part in that organisation today.

    The work of a section is done by its staff (and by that of the sections below it); 首長・庁議 are named persons.
    """
    house = organization if isinstance(organization, int) else organization.pk
    reach = reach_of(person)
    if not reach.has_role(house, *STAFF):
        return False
    section_id, deciders = _played_by(person, house, office)
    if office is Office.COUNCIL:
        return person.pk in deciders if deciders else reach.has_role(house, Role.PLANNER)
    if section_id is None:
        return reach.has_role(house, Role.PLANNER)
    return section_id in reach.section_ids


def _played_by(person: Actor, house: int, office: Office) -> tuple[int | None, frozenset[int]]:
    """Asked once for each loaded person and house: a page asks for many records."""
    known: dict[int, tuple[dict[Office, int | None], frozenset[int]]] = person.__dict__.setdefault(
        "_offices", {}
    )
    if house not in known:
        row = Offices.objects.filter(organization_id=house).first()
        sections = {
            Office.PLANNING: row.planning_section_id if row else None,
            Office.REVIEW: row.review_section_id if row else None,
            Office.FINANCE: row.finance_section_id if row else None,
        }
        people = frozenset(row.deciders.values_list("pk", flat=True)) if row else frozenset()
        known[house] = (sections, people)
    sections, people = known[house]
    return sections.get(office), people


def offices_of(organization: Organization | int) -> Offices | None:
    """The setting of a municipality with its sections, if there is one."""
    house = organization if isinstance(organization, int) else organization.pk
    rows = Offices.objects.select_related("planning_section", "review_section", "finance_section")
    return rows.filter(organization_id=house).first()


@transaction.atomic
def set_offices(
    *,
    organization: Organization,
    planning_section: Section | None,
    review_section: Section | None,
    finance_section: Section | None,
    deciders: Sequence[Person],
    version: int,
    actor: Person,
    at: dt.datetime,
) -> Offices:
    """Name who plays the parts. ``version`` is that of the setting when the form was opened, 0 where there was none."""
    # The organisation is locked, because the setting itself may not exist yet.
    Organization.objects.select_for_update().get(pk=organization.pk)
    row = Offices.objects.filter(organization=organization).first() or Offices(
        organization=organization, version=0
    )
    offices_access.require(actor, "edit", row)
    if row.version != version:
        raise StaleVersionError(opened=version, current=row.version)
    _refuse_strangers(organization, (planning_section, review_section, finance_section), deciders)
    before = _values(row)
    row.planning_section, row.review_section = planning_section, review_section
    row.finance_section = finance_section
    row.version, row.updated_at = version + 1, at
    row.save()
    row.deciders.set(deciders)
    trail.record(
        trail.Act(
            actor=actor,
            action="set_offices",
            subject=row,
            at=at,
            organization_id=organization.pk,
            changes=trail.differences(before, _values(row)),
        )
    )
    actor.__dict__.pop("_offices", None)
    return row


def _refuse_strangers(
    organization: Organization, sections: Sequence[Section | None], deciders: Sequence[Person]
) -> None:
    if any(each is not None and each.organization_id != organization.pk for each in sections):
        raise RefusedError(_("この団体の課から選んでください。"))
    ours = set(organization.memberships.values_list("person_id", flat=True))
    if any(each.pk not in ours for each in deciders):
        raise RefusedError(_("首長・庁議の人は、この団体に所属する人から選んでください。"))


def _values(row: Offices) -> dict[str, object]:
    found = trail.values(row, ["planning_section", "review_section", "finance_section"])
    found["deciders"] = sorted(row.deciders.values_list("pk", flat=True)) if row.pk else []
    return found
