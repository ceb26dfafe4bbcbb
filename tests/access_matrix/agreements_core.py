"""Agreements in the small world: one of each visibility, one with everything in it; and who may open what of them."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import ContentFile

from enishi.agreements import documents
from enishi.agreements.enums import DocumentKind
from enishi.agreements.models import (
    Agreement,
    AgreementImport,
    Approval,
    CalendarFeed,
    ChangeRequest,
    Consent,
    Dispute,
    DisputeStep,
    DocumentTemplate,
    Incident,
    Obligation,
    Party,
    Risk,
    SignedCopy,
    Version,
)
from enishi.agreements.services.feeds import digest_of
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.world import WORD, Somebody, World, may_read
from tests.factories import NOON, TODAY

TOKEN = "cal_matrix-secret"
WHOLE_HOUSE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
PARTNERS = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)


def furnish(world: World) -> None:
    """The town keeps them, a partner signs. What stands inside carries words that outsiders never read."""
    rows = [_agreement(world, visibility) for visibility in (*Visibility, None)]
    world.things["agreements"] = rows
    whole = rows[list(Visibility).index(Visibility.PARTIES)]
    world.things["agreement"] = whole
    world.things["agreement_draft"] = rows[-1]
    _inside(world, whole)
    _on_its_way(world)
    thrown = _agreement(world, None)
    Agreement.objects.filter(pk=thrown.pk).update(deleted_at=dt.datetime.now(tz=dt.UTC))
    world.things["thrown_agreement"] = thrown
    _files(world, whole)


def _agreement(world: World, visibility: Visibility | None, status: str = "") -> Agreement:
    made: list[Agreement] = []
    word = world.plant(lambda reader: may_read(reader, made[0]))
    inner = world.plant(lambda reader: is_inside(reader, made[0]))
    status = status or ("active" if visibility else "draft")
    agreement = Agreement.objects.create(
        organization=world["a"],
        section=world["a1"],
        title=f"{WORD} {word}",
        purpose=word,
        visibility=visibility or Visibility.PUBLIC,
        status=status,
        signed_on=TODAY if status == "active" else None,
        last_activity_on=dt.date(2020, 1, 1) if status == "active" else None,
        starts_on=TODAY,
        ends_on=TODAY + dt.timedelta(days=300),
        officer=world.somebody("a_officer").person,
        created_at=NOON,
        updated_at=NOON,
    )
    made.append(agreement)
    agreement.parties.set([world["p"]])
    version = Version.objects.create(
        agreement=agreement,
        number=1,
        title=agreement.title,
        purpose=word,
        costs=inner,
        starts_on=TODAY,
        ends_on=agreement.ends_on,
        made_by=world.somebody("a_officer").person,
        made_at=NOON,
    )
    for order, key in enumerate(("a", "p")):
        Party.objects.create(
            version=version,
            order=order,
            side=("public", "partner")[order],
            organization=world[key],
            name=world[key].name,
        )
    Obligation.objects.create(version=version, bearer="甲", text=inner)
    Risk.objects.create(version=version, key="C01", phase="共通", kind="見本", text=inner)
    if status == "active":
        version.state, version.sha256 = "in_force", "0" * 64
        version.save(update_fields=["state", "sha256"])
    return agreement


def _inside(world: World, agreement: Agreement) -> None:
    person = world.somebody("a_officer").person
    by = {"by": person, "at": NOON}

    def word() -> str:
        return world.plant(lambda reader: is_inside(reader, agreement))

    world.things["agreement_obligation"] = Obligation.objects.get(version__agreement=agreement)
    world.things["agreement_incident"] = Incident.objects.create(
        agreement=agreement, title=word(), detail=word(), happened_on=TODAY, **by
    )
    dispute = Dispute.objects.create(agreement=agreement, title=word(), opened_on=TODAY)
    DisputeStep.objects.create(dispute=dispute, stage="consultation", on=TODAY, text=word(), **by)
    world.things["agreement_dispute"] = dispute
    change = ChangeRequest.objects.create(
        agreement=agreement,
        number=1,
        title=word(),
        reason=word(),
        requested_by=person,
        requested_for=world["a"],
        requested_at=NOON,
    )
    world.things["agreement_change"] = change
    world.things["agreement_consent"] = Consent.objects.create(
        change=change, organization=world["p"], name=world["p"].name
    )


def _on_its_way(world: World) -> None:
    """A draft before its manager: what is said about it stays in the town."""
    agreement = _agreement(world, None, "in_approval")
    version = agreement.versions.get()
    Approval.objects.create(
        version=version,
        order=1,
        kind="consult",
        person=world.somebody("a_planner").person,
        state="approved",
        by=world.somebody("a_planner").person,
        at=NOON,
        comment=world.plant(lambda reader: reader.is_of(world["a"])),
    )
    world.things["agreement_approval"] = Approval.objects.create(
        version=version, order=2, kind="decide", person=world.somebody("a_manager").person
    )
    Version.objects.filter(pk=version.pk).update(state="in_approval")
    world.things["agreement_in_approval"] = agreement


def _files(world: World, agreement: Agreement) -> None:
    word = world.plant(lambda reader: is_inside(reader, agreement))
    content = f"写し {word}".encode()
    copy = SignedCopy(
        agreement=agreement,
        version=agreement.versions.get(),
        name=f"{word}.txt",
        content_type="text/plain",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=world.somebody("a_officer").person,
        added_at=NOON,
    )
    copy.file.save("matrix.txt", ContentFile(content))
    world.things["agreement_copy"] = copy
    template = DocumentTemplate(
        organization=world["a"],
        kind="memorandum",
        name=f"{world.plant(lambda reader: reader.is_of(world['a']))}.docx",
        sha256="0" * 64,
        added_by=world.somebody("a_planner").person,
        added_at=NOON,
    )
    template.file.save("matrix.docx", ContentFile(documents.default_template(DocumentKind.MEMORANDUM)))
    world.things["agreement_template"] = template
    world.things["agreement_import"] = AgreementImport.objects.create(
        organization=world["a"],
        person=world.somebody("a_planner").person,
        name=world.plant(lambda reader: reader.key == "a_planner"),
        faults=[{"row": 1, "column": "名称", "value": "", "reason": "見本"}],
        made_at=NOON,
    )
    CalendarFeed.objects.create(person=world.somebody("nobody").person, digest=digest_of(TOKEN), made_at=NOON)


# --- Who ---------------------------------------------------------------------------------------------------------------


def reads(somebody: Somebody, agreement: Any) -> bool:
    if agreement.status == "in_approval" and not somebody.is_of(agreement.organization):
        return False
    return may_read(somebody, agreement)


def is_inside(somebody: Somebody, agreement: Any) -> bool:
    """The town's people and the partner's who signed, as far as they may read it at all."""
    belongs = somebody.is_of(agreement.organization) or somebody.house in agreement.parties.all()
    return somebody.is_inside and belongs and reads(somebody, agreement)


def keeps(somebody: Somebody, agreement: Any) -> bool:
    """Managers, planners, administrators of the town; officers of the section."""
    if not reads(somebody, agreement):
        return False
    if somebody.has(agreement.organization, *WHOLE_HOUSE):
        return True
    return somebody.has(agreement.organization, Role.OFFICER) and somebody.section == agreement.section


def shares(somebody: Somebody, agreement: Any) -> bool:
    """Those who keep it, and the working people of who signed it."""
    party = somebody.role in PARTNERS and somebody.house in agreement.parties.all()
    return keeps(somebody, agreement) or (party and reads(somebody, agreement))


def of_it(who: Callable[[Somebody, Any], bool]) -> Callable[[Somebody, Any], bool]:
    """The same question about the agreement a thing belongs to."""

    def asked(somebody: Somebody, thing: Any) -> bool:
        agreement = getattr(thing, "agreement", None)
        if agreement is None:
            agreement = thing.change.agreement if hasattr(thing, "change") else thing.version.agreement
        return who(somebody, agreement)

    return asked


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: (world[name],)


def every_agreement(world: World) -> Iterable[Any]:
    rows: Iterable[Any] = world["agreements"]
    return rows
