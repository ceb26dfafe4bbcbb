"""How a proposal comes in: drafts, sending, the proof of an address, the receipt."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from enishi.accounts.models import Person
from enishi.desk import wording
from enishi.desk.access import proposal_access
from enishi.desk.calls.models import Call
from enishi.desk.calls.services import require_open
from enishi.desk.completeness import missing_for_receipt
from enishi.desk.enums import LinkPurpose, Origin, ProposalKind, ProposalStatus
from enishi.desk.errors import CannotSubmitError, RefusedError
from enishi.desk.models import ConfidentialPart, DeskSettings, Proposal, ProposerContact, SecretLink
from enishi.desk.services import flow, letters, links, numbering
from enishi.exchange.models import Challenge, Contact
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import Sentence, joined
from enishi.foundation.sentences import gettext as _
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

OPEN_VALUES = frozenset(
    {
        "kind",
        "title",
        "summary",
        "effects",
        "requests",
        "schedule",
        "track_record",
        "cost_yen",
        "cost_note",
        "fields",
        "proposer_name",
        "agrees_to_onward",
        "agrees_to_publication",
    }
)
CONTACT_VALUES = frozenset({"name", "email", "phone", "way"})
MOST_PARTS = 20


@transaction.atomic
def start_draft(
    *,
    organization: Organization,
    kind: ProposalKind,
    actor: Actor | None,
    at: dt.datetime,
    origin: Origin = Origin.FREE,
    proposer: Organization | None = None,
    challenge: Challenge | None = None,
    contact: Contact | None = None,
    call: Call | None = None,
) -> Proposal:
    """Begin a proposal. ``actor`` is ``None`` for a visitor without an account."""
    if not organization.is_public_body:
        raise RefusedError(_("提案を送る先は、市区町村か都道府県から選んでください。"))
    person = actor if isinstance(actor, Person) else None
    if origin == Origin.ON_BEHALF:
        assert person is not None
        proposal_access.require(person, "create_on_behalf", organization)  # type: ignore[arg-type]
    refuse_closed_desk(organization)
    if call is not None:
        require_open(call, at=at)
        organization = call.organization
        origin = Origin.CALL if origin == Origin.FREE else origin
    proposal = Proposal.objects.create(
        organization=organization,
        kind=kind,
        origin=origin,
        call=call,
        proposer=None if origin == Origin.ON_BEHALF else proposer,
        proposer_name=proposer.name if proposer is not None else "",
        submitted_by=None if origin == Origin.ON_BEHALF else person,
        officer=person if origin == Origin.ON_BEHALF else None,
        challenge=challenge,
        contact=contact,
        visibility=Visibility.INTERNAL,
        created_at=at,
        updated_at=at,
        updated_by=person,
    )
    ProposerContact.objects.create(proposal=proposal)
    if challenge is not None:
        proposal.fields.set(challenge.fields.all())
    if person is not None:
        flow.record(proposal, "create", actor=person, at=at)
    return proposal


def refuse_closed_desk(organization: Organization) -> None:
    if DeskSettings.objects.filter(organization=organization, is_open=False).exists():
        raise RefusedError(
            _("%(name)sの窓口は、いま提案を受け付けていません。電話で窓口にお尋ねください。")
            % {"name": organization.name}
        )


def draft_link(proposal: Proposal, *, at: dt.datetime) -> SecretLink:
    """The way back to a visitor's draft, for thirty days."""
    return links.make(LinkPurpose.DRAFT, proposal, at=at, open_for=links.DRAFT_KEPT)


@transaction.atomic
def save_draft(
    *,
    proposal_id: int,
    values: Mapping[str, Any],
    actor: Actor | None,
    at: dt.datetime,
    parts: Sequence[tuple[str, str]] | None = None,
) -> Proposal:
    """Keep what was written in one step. A visitor's caller has proved the secret link before."""
    proposal = _own_draft(proposal_id, actor)
    for name in OPEN_VALUES & values.keys() - {"fields"}:
        setattr(proposal, name, values[name])
    if "fields" in values:
        proposal.fields.set(values["fields"])
    contact, _made = ProposerContact.objects.get_or_create(proposal=proposal)
    for name in CONTACT_VALUES & values.keys():
        if name == "email" and contact.email != values[name]:
            contact.verified_at = None
        setattr(contact, name, values[name])
    contact.save()
    if parts is not None:
        _keep_parts(proposal, parts)
    flow.save(proposal, actor=actor if isinstance(actor, Person) else None, at=at)
    return proposal


def _keep_parts(proposal: Proposal, parts: Sequence[tuple[str, str]]) -> None:
    """Only who writes the draft may replace its confidential parts; nothing of them is told to the trail."""
    proposal.confidential_parts.all().delete()
    ConfidentialPart.objects.bulk_create(
        ConfidentialPart(
            proposal=proposal,
            heading=clean_text(heading)[:120] or _("非公開の部分"),
            text=clean_text(text, lines=True)[:8_000],
            order=order,
        )
        for order, (heading, text) in enumerate(parts[:MOST_PARTS])
        if text.strip()
    )


@transaction.atomic
def submit(*, proposal_id: int, actor: Person, at: dt.datetime) -> Proposal:
    """Send a proposal in: a partner its own, an officer one that came by telephone or at the counter."""
    proposal = flow.locked(proposal_id)
    if proposal.stage != ProposalStatus.DRAFT and proposal_access.allows(actor, "view", proposal):
        raise RefusedError(_("この提案はもう送られています(%(number)s)。") % {"number": proposal.number})
    proposal_access.require(actor, "submit", proposal)
    return receive(proposal, actor=actor, at=at)


@transaction.atomic
def ask_for_proof(*, proposal_id: int, at: dt.datetime) -> Proposal:
    """A visitor is through with the form: the letter with the status link goes out, and the receipt waits for it."""
    proposal = _own_draft(proposal_id, None)
    _refuse_incomplete(proposal)
    contact = ProposerContact.objects.get(proposal=proposal)
    body = _(
        "「%(title)s」のご提案をありがとうございます。\n"
        "次のアドレスを開き、「この提案を送る」を押すと、%(desk)sの窓口が受け付けます。\n"
        "30日のあいだ押されなければ、書かれた内容は消えます。\n"
        "心当たりがないときは、このメールを捨ててください。何も送られません。"
    ) % {"title": proposal.title, "desk": proposal.organization.name}
    letters.write(
        proposal,
        to=contact.email,
        subject=_("提案を送る前に、メールアドレスを確かめてください"),
        body=body,
        link=links.renew_status_link(proposal, at=at),
        at=at,
    )
    return proposal


@transaction.atomic
def receive_verified(*, link_id: int, at: dt.datetime) -> Proposal:
    """The visitor opened the letter and pressed the button: the address is proved, the proposal comes in."""
    link = SecretLink.objects.select_for_update(of=("self",)).get(pk=link_id)
    proposal = flow.locked(link.proposal_id)
    if proposal.stage != ProposalStatus.DRAFT:
        return proposal
    link.used_at = at
    link.save(update_fields=["used_at"])
    ProposerContact.objects.filter(proposal=proposal).update(verified_at=at)
    SecretLink.objects.filter(proposal=proposal, purpose=LinkPurpose.DRAFT).update(revoked_at=at)
    return receive(proposal, actor=None, at=at)


def receive(proposal: Proposal, *, actor: Person | None, at: dt.datetime) -> Proposal:
    """Give the number, start the clock, tell both sides. The caller holds the row and has asked for permission."""
    if proposal.stage != ProposalStatus.DRAFT:
        raise RefusedError(_("この提案はもう送られています(%(number)s)。") % {"number": proposal.number})
    refuse_closed_desk(proposal.organization)
    if proposal.call is not None:
        require_open(proposal.call, at=at)
    _refuse_incomplete(proposal)
    proposal.number = numbering.next_number(proposal.organization_id, at)
    proposal.status, proposal.received_at = ProposalStatus.RECEIVED, at
    flow.enter(proposal, ProposalStatus.RECEIVED, actor=actor, at=at)
    flow.save(proposal, actor=actor, at=at)
    flow.record(proposal, "receive", actor=actor, at=at, note=proposal.number)
    _acknowledge(proposal, at)
    return proposal


def _acknowledge(proposal: Proposal, at: dt.datetime) -> None:
    words = {"number": proposal.number, "title": proposal.title, "desk": proposal.organization.name}
    letters.tell_proposer(
        proposal,
        title=_("ご提案を受け付けました(%(number)s)") % words,
        body=joined(
            "\n",
            [
                _("%(desk)sの窓口が「%(title)s」を受け付けました。受付番号は %(number)s です。") % words,
                Sentence(lambda: wording.next_in_words(proposal)),
                _("14日以内に、進む・保留・見送りのどれかを理由とともにお返事します。"),
            ],
        ),
        at=at,
    )
    letters.tell_desk(proposal, kind="desk_new", title=_("新しい提案: %(number)s %(title)s") % words, at=at)


@transaction.atomic
def leave_call(*, proposal_id: int, actor: Actor | None, at: dt.datetime) -> Proposal:
    """The call is over and the draft still here: it becomes a free proposal, and keeps the challenge it answers."""
    proposal = _own_draft(proposal_id, actor)
    if proposal.call is not None and not proposal.call.accepts(at):
        proposal.call, proposal.origin = None, Origin.FREE
        flow.save(proposal, actor=actor if isinstance(actor, Person) else None, at=at)
    return proposal


@transaction.atomic
def discard_draft(*, proposal_id: int, actor: Actor | None, at: dt.datetime) -> None:
    """Throw a draft away for good: nothing was sent, nothing stays."""
    proposal = _own_draft(proposal_id, actor)
    if isinstance(actor, Person):
        flow.record(proposal, "discard", actor=actor, at=at)
    _erase(proposal)


def forget_old_drafts(at: dt.datetime) -> int:
    """Erase what visitors began and never sent within thirty days: it is theirs, not ours to keep."""
    old = Proposal.objects.filter(
        status=ProposalStatus.DRAFT,
        submitted_by__isnull=True,
        proposer__isnull=True,
        updated_at__lt=at - links.DRAFT_KEPT,
    ).exclude(origin=Origin.ON_BEHALF)
    found = list(old[:500])
    for proposal in found:
        _erase(proposal)
    return len(found)


def _erase(proposal: Proposal) -> None:
    stored = [file.file for file in proposal.files.all()]
    proposal.delete()
    transaction.on_commit(lambda: _remove_stored(stored))


def _remove_stored(stored: Sequence[Any]) -> None:
    for file in stored:
        file.storage.delete(file.name)


def _own_draft(proposal_id: int, actor: Actor | None) -> Proposal:
    proposal = flow.locked(proposal_id)
    if actor is not None:
        proposal_access.require(actor, "edit", proposal)
    elif not proposal.is_from_visitor or proposal.origin == Origin.ON_BEHALF:
        raise RefusedError(_("この提案は、サインインして書いてください。"))
    if proposal.stage != ProposalStatus.DRAFT:
        raise RefusedError(_("この提案はもう送られています(%(number)s)。") % {"number": proposal.number})
    return proposal


def _refuse_incomplete(proposal: Proposal) -> None:
    missing = missing_for_receipt(proposal)
    if missing:
        raise CannotSubmitError(missing)
