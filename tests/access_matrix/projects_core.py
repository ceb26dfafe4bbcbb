"""Projects in the small world: one of each visibility, and one with everything in it; and who may open what of them."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from enishi.organizations.enums import Role, Visibility
from enishi.projects.models import (
    ConsentText,
    Document,
    Expense,
    Incident,
    LabParticipant,
    Measure,
    MeasureValue,
    Meeting,
    Milestone,
    NextChallenge,
    Participant,
    Project,
    Receipt,
    Risk,
    Settlement,
    Task,
    Trial,
)
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON, TODAY

DAY = dt.timedelta(days=1)


def furnish(world: World) -> None:
    """A town leads, a partner takes part. What stands inside carries words that outsiders never read."""
    projects = [_project(world, visibility) for visibility in (*Visibility, None)]
    world.things["projects"] = projects
    whole = projects[list(Visibility).index(Visibility.PARTIES)]
    world.things["project"] = whole
    thrown = _project(world, None)
    Project.objects.filter(pk=thrown.pk).update(deleted_at=dt.datetime.now(tz=dt.UTC))
    world.things["thrown_project"] = thrown
    _inside(world, whole)


def _project(world: World, visibility: Visibility | None) -> Project:
    made: list[Project] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    project = Project.objects.create(
        organization=world["a"],
        section=world["a1"],
        title=f"{WORD} {word}",
        purpose=word,
        visibility=visibility or Visibility.PUBLIC,
        status="running" if visibility else "draft",
        is_trial=True,
        approved_at=NOON if visibility else None,
        started_on=TODAY - 90 * DAY if visibility else None,
        author=world.somebody("a_officer").person,
        officer=world.somebody("a_officer").person,
        created_at=NOON,
        updated_at=NOON,
    )
    made.append(project)
    for house, role in (("a", "lead"), ("p", "partner")):
        Participant.objects.create(
            project=project,
            organization=world[house],
            role=role,
            contribution_note=world.plant(lambda reader: is_inside(reader, made[0])),
            created_at=NOON,
        )
    project.parties.set([world["p"]])
    Measure.objects.create(
        project=project,
        title=word,
        unit="件",
        direction="UP",
        baseline_value=Decimal(0),
        baseline_on=TODAY - 100 * DAY,
        target_value=Decimal(9),
        target_on=TODAY,
        source="記録",
    )
    return project


def _inside(world: World, project: Project) -> None:
    """One of everything, each with a word for those inside alone."""

    def inside(reader: Somebody) -> bool:
        return is_inside(reader, project)

    def town(reader: Somebody) -> bool:
        return reader.is_of(world["a"])

    def leaders(reader: Somebody) -> bool:
        return leads(reader, project)

    officer = world.somebody("a_officer").person
    town_place, partner_place = project.participants.order_by("pk")
    measure = project.measures.get()
    things = world.things
    things["project_task"] = Task.objects.create(
        project=project,
        title=world.plant(inside),
        participant=partner_place,
        starts_on=TODAY,
        due_on=TODAY,
        updated_at=NOON,
    )
    things["project_milestone"] = Milestone.objects.create(project=project, title="節目", due_on=TODAY)
    things["project_measure"] = measure
    NextChallenge.objects.create(
        project=project, challenge=world.challenges[0], linked_by=officer, linked_at=NOON
    )
    things["project_value"] = MeasureValue.objects.create(
        measure=measure,
        on=TODAY - DAY,
        value=Decimal(3),
        note=world.plant(inside),
        recorded_by=officer,
        recorded_at=NOON,
    )
    things["project_participant"] = partner_place
    things["project_risk"] = Risk.objects.create(
        project=project, title=world.plant(inside), likelihood="low", impact="low", updated_at=NOON
    )
    things["project_incident"] = Incident.objects.create(
        project=project,
        title=world.plant(inside),
        happened_on=TODAY - DAY,
        severity="minor",
        recorded_at=NOON,
    )
    things["project_meeting"] = Meeting.objects.create(
        project=project,
        title=world.plant(inside),
        minutes=world.plant(inside),
        held_on=TODAY - DAY,
        written_by=officer,
        written_at=NOON,
    )
    things["project_document"] = _file(
        Document(project=project, added_by=officer, added_at=NOON), world.plant(inside)
    )
    _money(world, project, town_place, partner_place, town)
    trial = Trial.objects.create(
        project=project,
        hypothesis="仮説",
        measure=measure,
        success_comparator="gte",
        success_value=Decimal(2),
        judged_on=TODAY,
        stop_comparator="lt",
        stop_value=Decimal(1),
        stop_on=TODAY,
        starts_on=TODAY - 90 * DAY,
        ends_on=TODAY,
        state="running",
        frozen_at=NOON,
    )
    things["project_trial"] = trial
    consent = ConsentText.objects.create(trial=trial, number=1, text="同意", made_at=NOON)
    things["project_lab"] = LabParticipant.objects.create(
        trial=trial,
        name=world.plant(leaders),
        contact=world.plant(leaders),
        role="resident",
        consent=consent,
        consented_on=TODAY - DAY,
        method="paper",
        recorded_at=NOON,
    )


def _money(
    world: World, project: Project, town_place: Participant, partner_place: Participant, town: Any
) -> None:
    """The town's own expense, the partner's, and one of the partner's that is settled."""
    officer, member = world.somebody("a_officer").person, world.somebody("p_member").person

    def payer(reader: Somebody) -> bool:
        return bool(town(reader) or reader.is_of(world["p"]))

    def claim(place: Participant, who: Any, word: str, **more: Any) -> Expense:
        return Expense.objects.create(
            project=project,
            participant=place,
            category="supplies",
            what=word,
            spent_on=TODAY - DAY,
            amount_yen=100,
            claimed_by=who,
            claimed_at=NOON,
            **more,
        )

    world.things["project_expense"] = claim(town_place, officer, world.plant(town))
    world.things["project_partner_expense"] = claim(partner_place, member, world.plant(payer))
    manager = world.somebody("a_manager").person
    settlement = Settlement.objects.create(
        project=project, participant=partner_place, number=1, total_yen=100, made_by=manager, made_at=NOON
    )
    claim(partner_place, member, "精算済み", state="settled", decided_by=manager, settlement=settlement)
    claim(town_place, officer, "承認済み", state="approved", decided_by=manager)
    world.things["project_settlement"] = settlement
    world.things["project_receipt"] = _file(
        Receipt(expense=world["project_expense"], added_by=officer, added_at=NOON), world.plant(town)
    )


def _file(row: Any, word: str) -> Any:
    content = f"文書 {word}".encode()
    row.name, row.content_type, row.size = f"{word}.txt", "text/plain", len(content)
    row.sha256 = hashlib.sha256(content).hexdigest()
    row.file.save("matrix.txt", ContentFile(content))
    return row


# --- Who ---------------------------------------------------------------------------------------------------------------

WHOLE_HOUSE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
PARTNERS = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)


def project_of(thing: Any) -> Project:
    if isinstance(thing, Project):
        return thing
    for way in ("project", "measure", "expense", "trial"):
        above = getattr(thing, way, None)
        if above is not None:
            return project_of(above)
    raise LookupError(thing)


def reads(somebody: Somebody, thing: Any) -> bool:
    return may_read(somebody, project_of(thing))


def is_inside(somebody: Somebody, thing: Any) -> bool:
    project = project_of(thing)
    here = somebody.is_of(project.organization) or (
        somebody.is_inside and somebody.house in project.parties.all()
    )
    return here and may_read(somebody, project)


def leads(somebody: Somebody, thing: Any) -> bool:
    project = project_of(thing)
    if not may_read(somebody, project):
        return False
    own = somebody.has(project.organization, Role.OFFICER) and somebody.section == project.section
    return own or somebody.has(project.organization, *WHOLE_HOUSE)


def takes_part(somebody: Somebody, thing: Any) -> bool:
    if leads(somebody, thing):
        return True
    return somebody.role in PARTNERS and is_inside(somebody, thing)


def approves(somebody: Somebody, thing: Any) -> bool:
    return reads(somebody, thing) and somebody.has(project_of(thing).organization, Role.MANAGER, Role.PLANNER)


def settles(somebody: Somebody, thing: Any) -> bool:
    return reads(somebody, thing) and somebody.has(project_of(thing).organization, *WHOLE_HOUSE)


def of_town(somebody: Somebody, thing: Any) -> bool:
    return is_inside(somebody, thing) and somebody.is_of(project_of(thing).organization)


def thrower(somebody: Somebody, project: Any) -> bool:
    own = somebody.has(project.organization, Role.OFFICER) and somebody.section == project.section
    return own or somebody.has(project.organization, *WHOLE_HOUSE)


def town_authors(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (Role.OFFICER, *WHOLE_HOUSE)


def every_project(world: World) -> Iterable[Any]:
    return world["projects"]


def every_measure(world: World) -> Iterable[Any]:
    return [project.measures.get() for project in world["projects"]]


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: (world[name],)


def both_expenses(world: World) -> Iterable[Any]:
    return (world["project_expense"], world["project_partner_expense"])


def pays(somebody: Somebody, expense: Any) -> bool:
    """Reads the expense: the town, and who paid it."""
    return is_inside(somebody, expense) and (
        of_town(somebody, expense) or somebody.house == expense.participant.organization
    )


def claims(somebody: Somebody, expense: Any) -> bool:
    """Mends the expense: who leads, and the people of who paid it."""
    own = somebody.role in PARTNERS and somebody.house == expense.participant.organization
    return leads(somebody, expense) or (own and is_inside(somebody, expense))


def carries(somebody: Somebody, task: Any) -> bool:
    own = somebody.role in PARTNERS and somebody.house == task.participant.organization
    return leads(somebody, task) or (own and is_inside(somebody, task))


def contributes(somebody: Somebody, place: Any) -> bool:
    own = somebody.role in PARTNERS and somebody.house == place.organization
    return leads(somebody, place) or (own and is_inside(somebody, place))
