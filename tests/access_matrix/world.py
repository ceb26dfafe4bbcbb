"""A small world with everybody in it, and in every private thing a word nobody else may ever read.

A canary is a word like ``canary0007x``. Each says who may read it; whoever meets one that is not theirs has found a leak.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.core.files.base import ContentFile

from enishi.accounts.models import ApiToken, Person, digest_of
from enishi.exchange.matches.models import ContactNote, JointPartner
from enishi.exchange.models import (
    Attachment,
    Challenge,
    ConflictOfInterest,
    Contact,
    Field,
    ImportBatch,
    JointCall,
    Resource,
    SavedSearch,
    SuggestedMatch,
    WeightsVersion,
)
from enishi.exchange.transfer.exporting import export_path
from enishi.foundation.models import Job, JobStatus
from enishi.notifications.models import Notice
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.models import (
    Invitation,
    JoinRequest,
    Membership,
    Organization,
    Registration,
    Reorganization,
    ReorganizationStep,
    Section,
)
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    ResourceFactory,
    SectionFactory,
)

WORD = "カナリア"
"""A word that stands in the title of every record, to search for."""

SECRET = "enishi_matrix-secret"


@dataclass
class Somebody:
    """One kind of person. ``house`` is the organisation they belong to, ``section`` where in it."""

    key: str
    person: Person | None = None
    house: Organization | None = None
    section: Section | None = None
    role: Role | None = None
    is_system: bool = False
    membership: Membership | None = None

    @property
    def is_inside(self) -> bool:
        """Belongs to the people of some organisation; a resident belongs to a town, not to its people."""
        return self.role is not None and self.role != Role.RESIDENT

    def is_of(self, house: Organization | None) -> bool:
        return self.is_inside and house is not None and self.house == house

    def has(self, house: Organization | None, *roles: Role) -> bool:
        return house is not None and self.house == house and self.role in roles

    def runs(self, house: Organization | None) -> bool:
        return self.is_system or self.has(house, Role.ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR)

    def __str__(self) -> str:
        return self.key


Reader = Callable[[Somebody], bool]


@dataclass
class World:
    somebodies: list[Somebody] = field(default_factory=list)
    canaries: dict[str, Reader] = field(default_factory=dict)
    challenges: list[Challenge] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    things: dict[str, Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _forbidden: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    def plant(self, readers: Reader) -> str:
        """A new word that only ``readers`` may meet."""
        word = f"canary{next(self._numbers):04d}x"
        self.canaries[word] = readers
        return word

    def __getitem__(self, name: str) -> Any:
        return self.things[name]

    def forbidden_to(self, somebody: Somebody) -> frozenset[str]:
        """Worked out once for each: every request is undone, so nobody's rights change while the table is walked."""
        known = (somebody.key, len(self.canaries))
        if known not in self._forbidden:
            self._forbidden[known] = frozenset(
                word for word, may in self.canaries.items() if not may(somebody)
            )
        return self._forbidden[known]

    def somebody(self, key: str) -> Somebody:
        return next(each for each in self.somebodies if each.key == key)


def may_read(somebody: Somebody, record: Any) -> bool:
    """Who may read an owned record: the five visibilities, said once more and by other means than the program's."""
    own = somebody.is_of(record.organization)
    if getattr(record, "status", "") == "draft" and not own:
        return False
    match record.visibility:
        case Visibility.PUBLIC:
            return True
        case Visibility.MEMBERS:
            return somebody.is_inside
        case Visibility.PARTIES:
            return own or (somebody.is_inside and somebody.house in record.parties.all())
        case Visibility.INTERNAL:
            return own
        case _:
            return own and (somebody.section == record.section or somebody.role == Role.AUDITOR)


def build() -> World:
    """Two towns, two partners, everybody in them, a record of each visibility in each, and things around them."""
    world = World()
    _houses(world)
    _people(world)
    _records(world)
    _private_things(world)
    _organization_things(world)
    _match_things(world)
    _projects(world)
    _desk_engaging(world)
    _project_ends(world)
    _agreements(world)
    _desk_core(world)
    _documents(world)
    _staff_work(world)
    _answers(world)
    _indicators(world)
    _budgets(world)
    _plans_core(world)
    _evaluation_money(world)
    _evaluation(world)
    _plan_records(world)
    return world


def _budgets(world: World) -> None:
    from tests.access_matrix.budgets_table import furnish

    furnish(world)


def _plan_records(world: World) -> None:
    from tests.access_matrix.plan_records import furnish

    furnish(world)


def _evaluation(world: World) -> None:
    from tests.access_matrix.evaluation_table import furnish

    furnish(world)


def _plans_core(world: World) -> None:
    from tests.access_matrix.plans_core import furnish

    furnish(world)


def _evaluation_money(world: World) -> None:
    from tests.access_matrix.evaluation_money import furnish

    furnish(world)


def _indicators(world: World) -> None:
    from tests.access_matrix.indicators_table import furnish

    furnish(world)


def _answers(world: World) -> None:
    from tests.access_matrix.answers import furnish

    furnish(world)


def _staff_work(world: World) -> None:
    from tests.access_matrix.staff_work import furnish

    furnish(world)


def _desk_core(world: World) -> None:
    from tests.access_matrix.desk_core import furnish

    furnish(world)


def _documents(world: World) -> None:
    from tests.access_matrix.documents import furnish

    furnish(world)


def _project_ends(world: World) -> None:
    from tests.access_matrix.ends_table import furnish

    furnish(world)


def _desk_engaging(world: World) -> None:
    from tests.access_matrix.desk_engaging import furnish

    furnish(world)


def _agreements(world: World) -> None:
    from tests.access_matrix.agreements_core import furnish

    furnish(world)


def _projects(world: World) -> None:
    from tests.access_matrix.projects_core import furnish

    furnish(world)


def _houses(world: World) -> None:
    for key, name in (("a", "甲市"), ("b", "乙町")):
        house = OrganizationFactory(name=f"試験{name}")
        world.things[key] = house
        world.things[f"{key}1"] = SectionFactory(organization=house, name=f"{name}第一課")
        world.things[f"{key}2"] = SectionFactory(organization=house, name=f"{name}第二課")
    for key in ("p", "q"):
        house = OrganizationFactory(
            name=f"試験{key}社", kind=OrganizationKind.COMPANY, seat=world["a"], summary="試験の会社"
        )
        world.things[key] = house
        world.things[f"{key}1"] = SectionFactory(organization=house, name=f"{key}社営業部")


def _people(world: World) -> None:
    world.somebodies.append(Somebody("visitor"))
    _somebody(world, "nobody")
    _somebody(world, "system", is_system=True)
    _somebody(world, "resident", "a", Role.RESIDENT)
    for town in ("a", "b"):
        _somebody(world, f"{town}_officer", town, Role.OFFICER, f"{town}1")
        _somebody(world, f"{town}_manager", town, Role.MANAGER, f"{town}1")
        _somebody(world, f"{town}_planner", town, Role.PLANNER)
        _somebody(world, f"{town}_administrator", town, Role.ADMINISTRATOR)
        _somebody(world, f"{town}_auditor", town, Role.AUDITOR)
    _somebody(world, "a_officer_elsewhere", "a", Role.OFFICER, "a2")
    for partner in ("p", "q"):
        _somebody(world, f"{partner}_member", partner, Role.PARTNER_MEMBER)
        _somebody(world, f"{partner}_administrator", partner, Role.PARTNER_ADMINISTRATOR)


def _somebody(
    world: World,
    key: str,
    house: str = "",
    role: Role | None = None,
    section: str = "",
    *,
    is_system: bool = False,
) -> None:
    somebody = Somebody(
        key,
        house=world[house] if house else None,
        role=role,
        section=world[section] if section else None,
        is_system=is_system,
    )
    # An address is read by its owner and by who runs the house; who runs a house is there for its people to ask.
    word = world.plant(
        lambda reader: (
            reader is somebody
            or reader.is_system
            or reader.runs(somebody.house)
            or (somebody.runs(somebody.house) and reader.is_of(somebody.house))
        )
    )
    somebody.person = PersonFactory(
        email=f"{word}@example.jp", name=f"試験{key}", is_system_administrator=is_system
    )
    if role is not None:
        somebody.membership = MembershipFactory(
            person=somebody.person, organization=somebody.house, section=somebody.section, role=role
        )
    world.somebodies.append(somebody)


def _records(world: World) -> None:
    for owner in ("a", "b"):
        for visibility in (*Visibility, None):
            world.challenges.append(_record(world, ChallengeFactory, owner, visibility))
    for owner in ("a", "p"):
        for visibility in (*Visibility, None):
            world.resources.append(_record(world, ResourceFactory, owner, visibility))


def _record(world: World, factory: Any, owner: str, visibility: Visibility | None) -> Any:
    """A record with canaries in what is read of it; without visibility, a draft meant for the public."""
    made: list[Any] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    text = {"present_state": word} if factory is ChallengeFactory else {"offer": word}
    record = factory(
        organization=world[owner],
        section=world[f"{owner}1"],
        title=f"{WORD} {word}",
        contact_name=f"窓口 {word}",
        visibility=visibility or Visibility.PUBLIC,
        status="open" if visibility else "draft",
        parties=[world["p"] if owner != "p" else world["b"]],
        **text,
    )
    made.append(record)
    content = f"添付 {word}".encode()
    owner_of_file = {"challenge": record} if factory is ChallengeFactory else {"resource": record}
    attachment = Attachment(
        name=f"{word}.txt",
        content_type="text/plain",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_at=NOON,
        **owner_of_file,
    )
    attachment.file.save("matrix.txt", ContentFile(content))
    world.things.setdefault("attachments", []).append(attachment)
    return record


def _private_things(world: World) -> None:
    """What belongs to one person alone: here the planner of the first town."""
    owner = world.somebody("a_planner")

    def only_owner(reader: Somebody) -> bool:
        return reader is owner

    assert owner.person is not None
    person = owner.person
    world.things["mine"] = owner
    world.things["notice"] = Notice.objects.create(
        person=person, kind="job", title=world.plant(only_owner), body=world.plant(only_owner), at=NOON
    )
    world.things["token"] = ApiToken.objects.create(
        person=person,
        name=world.plant(only_owner),
        digest=digest_of(SECRET),
        created_at=NOON,
        expires_at=NOON + dt.timedelta(days=30_000),
    )
    world.things["saved_search"] = SavedSearch.objects.create(
        person=person, kind="challenge", title=world.plant(only_owner), created_at=NOON, looked_at=NOON
    )
    world.things["job"] = Job.objects.create(
        kind="import", title=world.plant(only_owner), person=person, created_at=NOON
    )
    world.things["import"] = ImportBatch.objects.create(
        person=person,
        kind="resource",
        organization=world["a"],
        filename=f"{world.plant(only_owner)}.csv",
        sha256="0" * 64,
        created_at=NOON,
    )
    export = Job.objects.create(
        kind="export",
        title="書き出し",
        person=person,
        status=JobStatus.DONE,
        arguments={"record": "challenge", "form": "csv"},
        created_at=NOON,
    )
    export_path(export).parent.mkdir(parents=True, exist_ok=True)
    export_path(export).write_text(world.plant(only_owner), encoding="utf-8")
    world.things["export"] = export
    for somebody in world.somebodies:
        if somebody.person is not None:
            ApiToken.objects.create(
                person=somebody.person,
                name="行列",
                digest=digest_of(SECRET + somebody.key),
                created_at=NOON,
                expires_at=NOON + dt.timedelta(days=30_000),
            )


def _organization_things(world: World) -> None:
    """Invitations, applications, a reorganisation: read by those who run the house."""
    house, nobody = world["a"], world.somebody("nobody").person
    assert nobody is not None

    def those_who_run_it(reader: Somebody) -> bool:
        return reader.runs(house)

    def runners_and_applicant(reader: Somebody) -> bool:
        return reader.runs(house) or reader.key == "nobody"

    world.things["invitation"] = Invitation.objects.create(
        email=f"{world.plant(those_who_run_it)}@example.jp",
        organization=house,
        role=Role.OFFICER,
        digest=digest_of("another"),
        invited_by=world.somebody("a_administrator").person,
        created_at=NOON,
        expires_at=NOON + dt.timedelta(days=30_000),
    )
    world.things["registration"] = Registration.objects.create(
        kind=OrganizationKind.NPO,
        name=world.plant(runners_and_applicant),
        seat=house,
        message=world.plant(runners_and_applicant),
        applicant=nobody,
        asked_at=NOON,
    )
    world.things["join_request"] = JoinRequest.objects.create(
        person=nobody, organization=house, message=world.plant(runners_and_applicant), asked_at=NOON
    )
    plan = Reorganization.objects.create(
        organization=house,
        name=world.plant(those_who_run_it),
        effective_on=dt.date(2099, 4, 1),
        prepared_by=world.somebody("a_administrator").person,
        prepared_at=NOON,
    )
    world.things["reorganization"] = plan
    world.things["step"] = ReorganizationStep.objects.create(reorganization=plan, kind="add", name="新しい課")
    # What the town's administrators may know of the one who applies.
    mail = nobody.email.split("@")[0]
    before = world.canaries[mail]
    world.canaries[mail] = lambda reader: before(reader) or reader.runs(house)


def _match_things(world: World) -> None:
    """A talk between the town and the partner, a conflict, a joint call, suggestions."""
    town, partner = world["a"], world["p"]
    wanted, offered = world.challenges[0], next(row for row in world.resources if row.organization == partner)

    def both_sides(reader: Somebody) -> bool:
        return reader.is_of(town) or reader.is_of(partner)

    def the_town(reader: Somebody) -> bool:
        return reader.is_of(town)

    contact = Contact.objects.create(
        challenge=wanted,
        resource=offered,
        wanting=town,
        offering=partner,
        state="contacted",
        opened_side="challenge",
        turn="resource",
        opened_at=NOON,
        moved_at=NOON,
        last_word_at=NOON,
    )
    ContactNote.objects.create(
        contact=contact,
        kind="note",
        side="challenge",
        author_name="試験",
        body=world.plant(both_sides),
        written_at=NOON,
    )
    world.things["contact"] = contact
    world.things["conflict"] = ConflictOfInterest.objects.create(
        organization=town, partner=world["q"], reason=world.plant(the_town), marked_at=NOON
    )
    world.things["weights"] = WeightsVersion.objects.order_by(
        "number"
    ).first() or WeightsVersion.objects.create(number=1, origin="learned", made_at=NOON)
    world.things["field"] = Field.objects.filter(parent__isnull=False).order_by("pk").first()
    other_town = [row for row in world.challenges if row.organization == world["b"]]
    call = JointCall.objects.create(
        title="いっしょに募る",
        message=world.plant(lambda reader: reader.is_of(town) or reader.is_of(world["b"])),
        lead=wanted,
        called_by=world.somebody("a_planner").person,
        called_at=NOON,
    )
    world.things["joint_call"] = call
    # The other town's challenge was public when it was called, and is internal now.
    internal = next(row for row in other_town if row.visibility == Visibility.INTERNAL)
    world.things["joint_partner"] = JointPartner.objects.create(
        call=call, challenge=internal, organization=world["b"]
    )
    for rank, challenge in enumerate(row for row in world.challenges if row.organization == town):
        SuggestedMatch.objects.create(
            challenge=challenge,
            resource=offered,
            wanting=town,
            offering=partner,
            rank=rank + 1,
            score=0.5,
            first_at=NOON,
            checked_at=NOON,
        )
