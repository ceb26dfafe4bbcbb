"""Words between the desk and the proposer."""

import datetime as dt

from django.db import transaction

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.enums import ProposalStatus, Speaker
from enishi.desk.errors import RefusedError
from enishi.desk.models import Message, Proposal
from enishi.desk.services import flow, letters
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken

LONGEST = 4_000


@transaction.atomic
def reply(*, proposal_id: int, body: str, actor: Person, at: dt.datetime) -> Message:
    """Write to the proposer."""
    proposal = flow.locked(proposal_id)
    proposal_access.require(actor, "reply", proposal)
    message = _write(proposal, Speaker.DESK, body, actor, at)
    letters.tell_proposer(
        proposal,
        kind="desk_message",
        title=_("「%(title)s」について窓口から連絡があります") % {"title": proposal.title},
        body=message.body,
        at=at,
    )
    return message


@transaction.atomic
def write_to_desk(*, proposal_id: int, body: str, actor: Actor | None, at: dt.datetime) -> Message:
    """The proposer's own word; ``actor`` is ``None`` for a visitor, whose secret link the caller has proved."""
    proposal = flow.locked(proposal_id)
    if actor is not None:
        proposal_access.require(actor, "write", proposal)
    elif not proposal.is_from_visitor:
        raise RefusedError(_("この提案は、サインインして書いてください。"))
    message = _write(proposal, Speaker.PROPOSER, body, actor if isinstance(actor, Person) else None, at)
    letters.tell_desk(
        proposal,
        kind="desk_message",
        title=_("提案者から連絡: %(number)s %(title)s")
        % {"number": proposal.number, "title": proposal.title},
        at=at,
    )
    return message


def _write(proposal: Proposal, side: Speaker, body: str, actor: Person | None, at: dt.datetime) -> Message:
    text = clean_text(body, lines=True).strip()
    if not text:
        raise RefusedError(_("本文を書いてください。"))
    if len(text) > LONGEST:
        raise RefusedError(
            _("本文は%(most)d文字までです。短くするか、分けて送ってください。") % {"most": LONGEST}
        )
    if proposal.stage == ProposalStatus.DRAFT:
        raise RefusedError(_("まだ送られていない提案です。送ると連絡できるようになります。"))
    message = Message.objects.create(proposal=proposal, side=side, author=actor, body=text, written_at=at)
    flow.record(proposal, "write", actor=actor, at=at, note=spoken(side.label))
    return message
