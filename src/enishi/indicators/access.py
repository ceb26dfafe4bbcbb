"""Who may read and do what to indicators, data elements and what came in."""

from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import Q

from enishi.foundation.access import Access, Actor
from enishi.indicators.models import AcquisitionRun, DataElement, Indicator, Measurement
from enishi.indicators.offices import Office, acts_as
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import reach_of

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)
PUBLIC_BODIES = ["municipality", "prefecture", "government"]
AUTHORS = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
WHOLE_ORGANIZATION = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
APPROVING = (Role.MANAGER, Role.PLANNER)
WRITING = frozenset({"edit", "enter", "retire", "delete", "restore"})


class YardstickAccess(Access[OwnedT], Generic[OwnedT]):
    """Officers write in their own section, managers and planners everywhere; approving is for the latter two."""

    model: type[OwnedT]

    def visible(self, actor: Actor) -> OwnedQuerySet[OwnedT]:
        rows: OwnedQuerySet[OwnedT] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.visible_to(actor)

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        """The public bodies in whose name this person may make one."""
        houses = {house for house, role in reach_of(actor).roles if role in {each.value for each in AUTHORS}}
        return Organization.objects.active().filter(pk__in=houses, kind__in=PUBLIC_BODIES).order_by("pk")

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            if instance is None:
                return self.owners(actor).exists()
            return bool(instance.is_public_body) and reach.has_role(instance.pk, *AUTHORS)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        house = instance.organization_id
        if action == "read_inside":
            return house in reach.organization_ids
        if action == "approve":
            return reach.has_role(house, *APPROVING) or acts_as(actor, house, Office.PLANNING)
        if action not in WRITING:
            return False
        if reach.has_role(house, *WHOLE_ORGANIZATION) or acts_as(actor, house, Office.PLANNING):
            return True
        own = instance.section_id is None or instance.section_id in reach.section_ids
        return own and reach.has_role(house, Role.OFFICER)


class IndicatorAccess(YardstickAccess[Indicator]):
    model = Indicator


class DataElementAccess(YardstickAccess[DataElement]):
    model = DataElement


class RunAccess(Access[AcquisitionRun]):
    """What came in is read by the people of the house; whoever brought it in, or a planner, undoes it."""

    def visible(self, actor: Actor) -> models.QuerySet[AcquisitionRun, AcquisitionRun]:
        return AcquisitionRun.objects.filter(organization_id__in=reach_of(actor).organization_ids)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "view":
            return instance.organization_id in reach.organization_ids
        if action == "approve":
            return reach.has_role(instance.organization_id, *APPROVING)
        mine = instance.person_id == actor.pk and reach.has_role(instance.organization_id, *AUTHORS)
        return mine or reach.has_role(instance.organization_id, *WHOLE_ORGANIZATION)


indicator_access = IndicatorAccess()
element_access = DataElementAccess()
run_access = RunAccess()


def readable_measurements(actor: Actor) -> models.QuerySet[Measurement, Measurement]:
    """Values in force of whatever this person may read; those of their own houses in every state."""
    houses = reach_of(actor).organization_ids
    visible = Q(indicator__in=indicator_access.visible(actor)) | Q(element__in=element_access.visible(actor))
    inside = Q(indicator__organization_id__in=houses) | Q(element__organization_id__in=houses)
    return Measurement.objects.filter(visible).filter(Q(state="approved") | inside)


def owner_of(measurement: Measurement) -> Indicator | DataElement:
    """What the value belongs to."""
    owner = measurement.indicator or measurement.element
    assert owner is not None
    return owner


def access_of(owner: Indicator | DataElement) -> YardstickAccess[Any]:
    return indicator_access if isinstance(owner, Indicator) else element_access


def may_approve(actor: Actor, measurement: Measurement) -> bool:
    """Never one's own (M4)."""
    owner = owner_of(measurement)
    return measurement.recorded_by_id != actor.pk and access_of(owner).allows(actor, "approve", owner)
