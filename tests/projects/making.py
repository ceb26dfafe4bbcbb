"""A small project through the room's own doors: a town, its people, a partner, a plan with a KPI."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from enishi.accounts.models import Person
from enishi.organizations.enums import OrganizationKind, Role
from enishi.organizations.models import Organization, Section
from enishi.projects import services
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Measure, Participant, Project
from tests.factories import NOON, TODAY, MembershipFactory, OrganizationFactory, SectionFactory

DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.4 receipt"


@dataclass
class Cast:
    """Who is there: the town's section with an officer, a manager and a planner; a partner with a member; a stranger."""

    town: Organization
    section: Section
    officer: Person
    manager: Person
    planner: Person
    partner: Organization
    member: Person
    stranger: Person


def cast() -> Cast:
    town = OrganizationFactory(name="試験市")
    section = SectionFactory(organization=town, name="高齢福祉課")
    partner = OrganizationFactory(name="試験見守り社", kind=OrganizationKind.COMPANY)

    def person(house: Organization, role: Role, place: Section | None = None) -> Person:
        made: Person = MembershipFactory(organization=house, role=role, section=place).person
        return made

    return Cast(
        town=town,
        section=section,
        officer=person(town, Role.OFFICER, section),
        manager=person(town, Role.MANAGER, section),
        planner=person(town, Role.PLANNER),
        partner=partner,
        member=person(partner, Role.PARTNER_MEMBER),
        stranger=person(OrganizationFactory(kind=OrganizationKind.COMPANY), Role.PARTNER_MEMBER),
    )


def draft(who: Cast, **values: Any) -> Project:
    given = {
        "title": "見守りセンサーの実証",
        "purpose": "異変に早く気づく。",
        "section": who.section,
        "starts_on": TODAY - 90 * DAY,
        "ends_on": TODAY + 90 * DAY,
    }
    return services.create_project(
        organization=who.town, values=given | values, actor=who.officer, at=NOON - 100 * DAY
    )


def outcome(who: Cast, project: Project, **values: Any) -> Measure:
    given = {
        "title": "気づくまでの日数",
        "kind": "outcome",
        "tier": "event",
        "unit": "日",
        "direction": "DOWN",
        "baseline_value": Decimal(6),
        "baseline_on": TODAY - 120 * DAY,
        "target_value": Decimal(2),
        "target_on": TODAY + 90 * DAY,
        "source": "対応記録",
    }
    return services.add_measure(
        project_id=project.pk, values=given | values, actor=who.officer, at=NOON - 99 * DAY
    )


def join(who: Cast, project: Project, **values: Any) -> Participant:
    given = {"organization": who.partner, "role": "partner"}
    return services.add_participant(
        project_id=project.pk, values=given | values, actor=who.officer, at=NOON - 98 * DAY
    )


def approve(who: Cast, project: Project) -> Project:
    services.ask_approval(project_id=project.pk, actor=who.officer, at=NOON - 95 * DAY)
    return move(who.manager, project, ProjectStatus.APPROVED, at=NOON - 94 * DAY)


def start(who: Cast, project: Project) -> Project:
    return move(who.officer, project, ProjectStatus.RUNNING, at=NOON - 90 * DAY)


def move(
    actor: Person, project: Project, status: ProjectStatus, at: dt.datetime = NOON, **named: Any
) -> Project:
    return services.move_project(project_id=project.pk, status=status, actor=actor, at=at, **named)


def running(who: Cast, **values: Any) -> Project:
    """A plan with a KPI and a partner, approved and begun."""
    project = draft(who, **values)
    outcome(who, project)
    join(who, project)
    approve(who, project)
    return start(who, project)


def trial_values(measure: Measure, /, **values: Any) -> dict[str, Any]:
    return {
        "hypothesis": "知らせが届けば2日以内に気づける",
        "measure": measure,
        "success_comparator": "lte",
        "success_value": Decimal(2),
        "judged_on": TODAY - 10 * DAY,
        "stop_comparator": "gt",
        "stop_value": Decimal(10),
        "stop_on": TODAY - 10 * DAY,
        "starts_on": TODAY - 90 * DAY,
        "ends_on": TODAY - 15 * DAY,
    } | values


def task(who: Cast, project: Project, title: str, first: int, last: int, **named: Any) -> Any:
    values = {"title": title, "starts_on": TODAY + first * DAY, "due_on": TODAY + last * DAY}
    extra = {key: named.pop(key) for key in ("participant", "assignee", "milestone") if key in named}
    return services.add_task(
        project_id=project.pk, values=values | extra, actor=who.officer, at=NOON, **named
    )


def expense(who: Cast, project: Project, actor: Person, **values: Any) -> Any:
    given = {
        "participant": project.participants.get(organization=who.town),
        "category": "supplies",
        "what": "電池",
        "spent_on": TODAY - DAY,
        "amount_yen": 1_234,
    }
    receipt = values.pop("receipt", ("領収書.pdf", PDF + str(given | values).encode()))
    return services.claim_expense(
        project_id=project.pk, values=given | values, receipt=receipt, actor=actor, at=NOON
    )
