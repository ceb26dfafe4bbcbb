"""The desk's own addresses: intake, status, cases, consultations, board, settings. What is confidential holds words of its own."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import ContentFile

from enishi.desk.enums import LinkPurpose, Origin
from enishi.desk.models import (
    ConfidentialGrant,
    ConfidentialPart,
    Consultation,
    Letter,
    Message,
    Proposal,
    ProposalFile,
    ProposerContact,
    ReplyTemplate,
    StageEntry,
    Suggestion,
)
from enishi.desk.services import links
from enishi.organizations.enums import Role, Visibility
from tests.access_matrix.table import Operation, Row, everybody, signed_in
from tests.access_matrix.world import WORD, Somebody, World
from tests.factories import NOON, TODAY

DESK = (Role.PLANNER, Role.ADMINISTRATOR)
STAFF = (Role.OFFICER, Role.MANAGER, *DESK)
PARTNERS = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)


def furnish(world: World) -> None:
    town, section = world["a"], world["a1"]

    def sealed(reader: Somebody) -> bool:
        return reader.has(town, *DESK) or reader.is_of(world["p"])

    def working(reader: Somebody) -> bool:
        return reader.is_of(world["p"]) or _works(reader, town, section)

    def both(reader: Somebody) -> bool:
        return reader.is_of(town) or reader.is_of(world["p"])

    def inside(reader: Somebody) -> bool:
        return reader.is_of(town)

    def proposers(reader: Somebody) -> bool:
        return reader.is_of(world["p"])

    member = world.somebody("p_member").person
    common: dict[str, Any] = {
        "organization": town,
        "kind": "proposal",
        "proposer": world["p"],
        "proposer_name": "試験丙",
        "submitted_by": member,
        "visibility": Visibility.INTERNAL,
        "created_at": NOON,
        "updated_at": NOON,
    }
    draft = Proposal.objects.create(
        **common, title=f"{WORD} {world.plant(proposers)}", summary=world.plant(proposers)
    )
    ProposerContact.objects.create(proposal=draft)
    proposal = Proposal.objects.create(
        **common, number="令和8年度-0099", title=f"{WORD} {world.plant(both)}", summary=world.plant(both),
        section=section, status="consulting", received_at=NOON, stage_entered_at=NOON, stage_due_on=TODAY,
    )  # fmt: skip
    ProposerContact.objects.create(
        proposal=proposal, name=world.plant(working), email=f"{world.plant(working)}@example.jp"
    )
    word = world.plant(sealed)
    ConfidentialPart.objects.create(proposal=proposal, heading=word, text=word)
    StageEntry.objects.create(proposal=proposal, organization=town, stage="consulting", entered_at=NOON)
    Message.objects.create(proposal=proposal, side="desk", body=world.plant(both), written_at=NOON)
    world.things |= {"core_draft": draft, "core_proposal": proposal}
    world.things["core_file"] = _file(proposal, world.plant(both), is_confidential=False)
    world.things["sealed_file"] = _file(proposal, world.plant(sealed), is_confidential=True)
    consultation = Consultation.objects.create(
        proposal=proposal, section=section, question=world.plant(inside), asked_at=NOON, due_on=TODAY
    )
    world.things["consultation"] = consultation
    world.things["suggestion"] = Suggestion.objects.create(
        proposal=proposal, kind="section", section=section, reasons=[world.plant(inside)], made_at=NOON
    )
    world.things["grant"] = ConfidentialGrant.objects.create(
        proposal=proposal, person=world.somebody("a_planner").person, reason="判断", given_at=NOON
    )
    world.things["letter"] = Letter.objects.create(
        proposal=proposal,
        to="to@example.jp",
        subject=world.plant(inside),
        body="本文",
        state="failed",
        written_at=NOON,
    )
    world.things["template"] = ReplyTemplate.objects.create(organization=town, title="ひな形", body="文面")
    other = _other(world)
    world.things["answer_link"] = links.make(LinkPurpose.ANSWER, other.proposal, at=NOON, consultation=other)
    _visitor(world, common)


def _other(world: World) -> Consultation:
    """A question whose link is open to whoever got the letter: its words are in the letter."""
    other = Proposal.objects.create(
        organization=world["b"], kind="proposal", title=f"{WORD} 照会", summary="本文", status="consulting",
        received_at=NOON, visibility=Visibility.INTERNAL, created_at=NOON, updated_at=NOON, origin=Origin.ON_BEHALF,
    )  # fmt: skip
    return Consultation.objects.create(proposal=other, section=world["b1"], asked_at=NOON, due_on=TODAY)


def _visitor(world: World, common: dict[str, Any]) -> None:
    values = {**common, "proposer": None, "submitted_by": None, "proposer_name": "客", "title": f"{WORD} 客"}
    draft = Proposal.objects.create(**values, summary="本文")
    sent = Proposal.objects.create(
        **values, summary="本文", number="令和8年度-0098", status="received", received_at=NOON
    )
    for each in (draft, sent):
        ProposerContact.objects.create(proposal=each, email="v@example.jp")
    file = ProposalFile.objects.create(
        proposal=sent, name="図.txt", content_type="text/plain", size=1, sha256="0" * 64, added_at=NOON
    )
    file.file.save("file", ContentFile(b"x"))
    world.things["draft_link"] = links.make(LinkPurpose.DRAFT, draft, at=NOON)
    world.things["status_link"] = links.make(LinkPurpose.STATUS, sent, at=NOON)
    world.things["visitor_file"] = file


def _file(proposal: Proposal, word: str, *, is_confidential: bool) -> ProposalFile:
    content = word.encode()
    file = ProposalFile(
        proposal=proposal,
        name=f"{word}.txt",
        content_type="text/plain",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        is_confidential=is_confidential,
        added_at=NOON,
    )
    file.file.save("file", ContentFile(content), save=False)
    file.save()
    return file


def _works(somebody: Somebody, town: Any, section: Any) -> bool:
    in_section = somebody.section == section and somebody.has(town, Role.OFFICER, Role.MANAGER)
    return somebody.has(town, *DESK) or in_section


# --- Who ---------------------------------------------------------------------------------------------------------------


def reader(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.organization) or _speaks(somebody, proposal)


def _speaks(somebody: Somebody, proposal: Any) -> bool:
    return proposal.proposer is not None and somebody.has(proposal.proposer, *PARTNERS)


def works(somebody: Somebody, proposal: Any) -> bool:
    return _works(somebody, proposal.organization, proposal.section)


def desk(somebody: Somebody, proposal: Any) -> bool:
    return somebody.has(proposal.organization, *DESK)


def speaks(somebody: Somebody, proposal: Any) -> bool:
    return _speaks(somebody, proposal)


def opens_sealed(somebody: Somebody, proposal: Any) -> bool:
    return desk(somebody, proposal) or _speaks(somebody, proposal)


def opens_contact(somebody: Somebody, proposal: Any) -> bool:
    return works(somebody, proposal) or _speaks(somebody, proposal)


def opens_file(somebody: Somebody, file: Any) -> bool:
    asked = opens_sealed if file.is_confidential else reader
    return asked(somebody, file.proposal)


def via(who: Callable[[Somebody, Any], bool]) -> Callable[[Somebody, Any], bool]:
    return lambda somebody, thing: who(somebody, thing.proposal)


def inside(somebody: Somebody, proposal: Any) -> bool:
    return somebody.is_of(proposal.organization)


def answers(somebody: Somebody, consultation: Any) -> bool:
    return works(somebody, consultation.proposal)


def has_desk(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (*STAFF, Role.AUDITOR)


def staff(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in STAFF


def sets(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in DESK


def sets_here(somebody: Somebody, template: Any) -> bool:
    return somebody.has(template.organization, *DESK)


def sees_templates(somebody: Somebody, template: Any) -> bool:
    """Who sets no desk is turned away at the door; another desk's planner does not find it."""
    return not sets(somebody, None) or sets_here(somebody, template)


def one(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: [world[name]]


def secret(link: Any) -> tuple[str, ...]:
    return (links.secret_of(link),)


proposal = one("core_proposal")
consultation = one("consultation")

TABLE = {
    "desk:proposal_new": Row(everybody),
    "desk:proposal_on_behalf": Row(staff),
    "desk:draft_by_link": Row(everybody, about=one("draft_link"), args=secret, moves_on=True),
    "desk:draft_step": Row(everybody, about=one("draft_link"), args=lambda link: (*secret(link), "content")),
    "desk:write_step": Row(
        speaks, about=one("core_draft"), sees=speaks, args=lambda draft: (draft.pk, "content"), also=("?x=1",)
    ),
    "desk:mine": Row(signed_in),
    "desk:status": Row(everybody, about=one("status_link"), args=secret),
    "desk:status_sealed": Row(everybody, about=one("status_link"), args=secret),
    "desk:status_file": Row(
        everybody, about=one("visitor_file"), args=lambda file: (*_status_secret(file), file.pk)
    ),
    "desk:status_send": Row(everybody, about=one("status_link"), args=secret, post=True),
    "desk:status_write": Row(
        everybody, about=one("status_link"), args=secret, post=True, data={"body": "質問"}
    ),
    "desk:status_leave_call": Row(everybody, about=one("status_link"), args=secret, post=True),
    "desk:status_withdraw": Row(everybody, about=one("status_link"), args=secret, post=True),
    "desk:proposal_detail": Row(reader, about=proposal, sees=reader),
    "desk:proposal_move": Row(works, about=proposal, sees=reader),
    "desk:proposal_assign": Row(works, about=proposal, sees=reader),
    "desk:proposal_start": Row(works, about=proposal, sees=reader),
    "desk:proposal_reply": Row(works, about=proposal, sees=reader),
    "desk:proposal_time": Row(works, about=proposal, sees=reader, post=True, data={"minutes": "5"}),
    "desk:proposal_message": Row(speaks, about=proposal, sees=reader, post=True, data={"body": "質問"}),
    "desk:proposal_withdraw": Row(speaks, about=proposal, sees=reader, post=True),
    "desk:proposal_sealed": Row(opens_sealed, about=proposal, sees=reader),
    "desk:proposal_contact": Row(opens_contact, about=proposal, sees=reader),
    "desk:proposal_grants": Row(desk, about=proposal, sees=reader),
    "desk:grant_end": Row(via(desk), about=one("grant"), sees=via(reader), post=True),
    "desk:letter_again": Row(via(works), about=one("letter"), sees=via(reader), post=True),
    "desk:file": Row(
        opens_file, about=lambda world: [world["core_file"], world["sealed_file"]], sees=via(reader)
    ),
    "desk:proposal_consult": Row(works, about=proposal, sees=reader),
    "desk:consultation_list": Row(signed_in, also=("?all=1", "?answered=1")),
    "desk:consultation": Row(via(inside), about=consultation, sees=via(inside)),
    "desk:consultation_transfer": Row(answers, about=consultation, sees=via(inside), post=True),
    "desk:consultation_remind": Row(answers, about=consultation, sees=via(inside), post=True),
    "desk:consultation_cancel": Row(answers, about=consultation, sees=via(inside), post=True),
    "desk:answer_by_link": Row(everybody, about=one("answer_link"), args=secret),
    "desk:transfer_by_link": Row(everybody, about=one("answer_link"), args=secret, post=True),
    "desk:board": Row(has_desk, also=("?as=table", "?mine=1")),
    "desk:proposal_list": Row(
        has_desk,
        also=("?q=" + WORD, "?format=csv", "?format=xlsx", "?status=consulting", "?late=1", "?sort=due"),
    ),
    "desk:clock": Row(has_desk, also=("?year=2026",)),
    "desk:triage": Row(works, about=proposal, sees=reader),
    "desk:suggestion_answer": Row(via(works), about=one("suggestion"), sees=via(reader), post=True),
    "desk:settings": Row(sets),
    "desk:mailboxes": Row(sets),
    "desk:budget_calendar": Row(sets),
    "desk:template_new": Row(sets),
    "desk:template_edit": Row(sets_here, about=one("template"), sees=sees_templates),
    "desk:import_new": Row(sets),
    "desk:import_start": Row(sets, post=True),
    "desk:import_undo": Row(sets, post=True),
    "desk:import_sheet": Row(sets),
}

OPERATIONS = {
    "GET /proposals": Operation(signed_in),
    "GET /proposals/{key}": Operation(reader, about=proposal, sees=reader),
}


def _status_secret(file: Any) -> tuple[str, ...]:
    link = file.proposal.links.get(purpose=LinkPurpose.STATUS)
    return secret(link)
