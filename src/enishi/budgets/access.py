"""Who may read and do what with programmes and the budget."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from enishi.budgets.models import (
    BudgetCode,
    BudgetCodeQuerySet,
    BudgetYear,
    Programme,
    ProgrammeQuerySet,
)
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import Reach, reach_of

WHOLE_ORGANIZATION = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
AUTHORS = (Role.OFFICER, *WHOLE_ORGANIZATION)


class ProgrammeAccess(Access[Programme]):
    """Officers write their section's programmes, managers and planners those of the house. Numbers are given by the house."""

    def visible(self, actor: Actor) -> ProgrammeQuerySet:
        rows: ProgrammeQuerySet = Programme.objects.all()
        return rows.visible_to(actor)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "create":
            return _may_author(reach_of(actor), instance)
        if instance is None:
            return False
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action in {"merge", "allocate"}:
            return may_steer(actor, instance.organization_id)
        return _may_write(reach_of(actor), instance)

    def owners(self, actor: Actor) -> models.QuerySet[Organization, Organization]:
        """The municipalities in whose name this person may register a programme."""
        houses = {house for house, role in reach_of(actor).roles if role in {each.value for each in AUTHORS}}
        return Organization.objects.active().public_bodies().filter(pk__in=houses).order_by("pk")


def _may_author(reach: Reach, organization: Organization | None) -> bool:
    if organization is None:
        return any(role in {each.value for each in AUTHORS} for _house, role in reach.roles)
    return organization.is_public_body and reach.has_role(organization.pk, *AUTHORS)


def _may_write(reach: Reach, programme: Programme) -> bool:
    if reach.has_role(programme.organization_id, *WHOLE_ORGANIZATION):
        return True
    if reach.has_role(programme.organization_id, Role.OFFICER):
        return programme.section_id is None or programme.section_id in reach.section_ids
    return False


class CodeAccess(Access[BudgetCode]):
    """The people of the house read every stage; everybody else what was voted, of the years the house published."""

    def visible(self, actor: Actor) -> BudgetCodeQuerySet:
        published = BudgetYear.objects.filter(
            organization=OuterRef("organization"),
            fiscal_year=OuterRef("fiscal_year"),
            published_at__isnull=False,
        )
        mine = models.Q(organization_id__in=reach_of(actor).organization_ids)
        return BudgetCode.objects.filter(mine | Exists(published))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if instance is None:
            return False
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "request":
            return may_request(actor, instance)
        return may_keep_books(actor, instance.organization_id)


def reads_everything(actor: Actor, organization_id: int) -> bool:
    """Whether 要求 and 査定, runs and who did what are shown, too."""
    return organization_id in reach_of(actor).organization_ids


def reads_year(actor: Actor, organization_id: int, fiscal_year: int) -> bool:
    """Whether this person may read the year's amounts and codes at all: the house always, others once it is published."""
    if reads_everything(actor, organization_id):
        return True
    return BudgetYear.objects.filter(
        organization_id=organization_id, fiscal_year=fiscal_year, published_at__isnull=False
    ).exists()


def published_years(organization_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Municipality and year of what everybody may read."""
    rows = BudgetYear.objects.filter(organization_id__in=set(organization_ids), published_at__isnull=False)
    return set(rows.values_list("organization_id", "fiscal_year"))


def may_keep_books(actor: Actor, organization_id: int) -> bool:
    """財政: brings amounts in, publishes and closes years."""
    return acts_as(actor, organization_id, Office.FINANCE)


def may_steer(actor: Actor, organization_id: int) -> bool:
    """財政 and 企画: say which code pays for which programme, and merge programmes."""
    return may_keep_books(actor, organization_id) or acts_as(actor, organization_id, Office.PLANNING)


def may_request(actor: Actor, code: BudgetCode) -> bool:
    """要求: by 財政, and by whoever writes a programme that the code pays for."""
    if may_keep_books(actor, code.organization_id):
        return True
    reach = reach_of(actor)
    if not reach.has_role(code.organization_id, *AUTHORS):
        return False
    programmes = Programme.objects.filter(years__allocations__code=code)
    return any(_may_write(reach, programme) for programme in programmes)


programme_access = ProgrammeAccess()
code_access = CodeAccess()
