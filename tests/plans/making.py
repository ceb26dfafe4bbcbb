"""A small plan through the room's own doors: a town, its people, a draft with two levels."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Organization, Section
from enishi.plans import services
from enishi.plans.enums import PlanKind
from enishi.plans.models import Plan, PlanNode, PlanVersion
from tests.factories import NOON, TODAY, MembershipFactory, OrganizationFactory, SectionFactory


@dataclass
class Cast:
    """The planning office (nobody is named: role 企画 plays it), a manager-like second planner, an officer, a stranger."""

    town: Organization
    section: Section
    planner: Person
    second: Person
    officer: Person
    stranger: Person


def cast() -> Cast:
    town = OrganizationFactory(name="試験市")
    section = SectionFactory(organization=town, name="こども課")

    def person(house: Organization, role: Role, place: Section | None = None) -> Person:
        made: Person = MembershipFactory(organization=house, role=role, section=place).person
        return made

    return Cast(
        town=town,
        section=section,
        planner=person(town, Role.PLANNER),
        second=person(town, Role.PLANNER),
        officer=person(town, Role.OFFICER, section),
        stranger=person(OrganizationFactory(), Role.PLANNER),
    )


def plan_of(who: Cast, **values: Any) -> Plan:
    given = {
        "kind": PlanKind.BASIC,
        "name": "試験市 基本計画",
        "start_fy": 2024,
        "end_fy": 2031,
        "visibility": Visibility.PUBLIC,
    }
    return services.create_plan(organization=who.town, values=given | values, actor=who.planner, at=NOON)


def draft_of(plan: Plan) -> PlanVersion:
    return plan.versions.get(state="draft")


def node(
    who: Cast, version: PlanVersion, title: str, parent: PlanNode | None = None, **values: Any
) -> PlanNode:
    return services.add_node(
        version_id=version.pk,
        parent_id=parent.pk if parent else None,
        values={"title": title} | values,
        actor=who.planner,
        at=NOON,
    )


def programme(who: Cast, uid: str, title: str = "子育て相談事業", **values: Any) -> Programme:
    given: dict[str, Any] = {
        "organization": who.town,
        "section": who.section,
        "title": title,
        "start_fy": 2020,
        "visibility": Visibility.PUBLIC,
        "created_at": NOON,
        "updated_at": NOON,
    }
    made: Programme = Programme.objects.create(uid=uid, **given | values)
    return made


def approved(who: Cast, version: PlanVersion, on: dt.date = TODAY) -> PlanVersion:
    services.describe_version(
        version_id=version.pk,
        revision=None,
        effective_on=on,
        change_summary="はじめての版",
        actor=who.planner,
        at=NOON,
    )
    return services.approve_version(version_id=version.pk, actor=who.second, at=NOON)


def outline(version: PlanVersion) -> list[str]:
    """The tree as indented titles, in its order."""
    return ["  " * (each.depth - 1) + each.title for each in version.nodes.order_by("path")]
