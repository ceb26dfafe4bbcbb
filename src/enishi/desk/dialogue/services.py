"""Keeping what was talked about, what was promised, and what stays inside."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.access import proposal_access
from enishi.desk.dialogue.access import is_inside, meeting_access
from enishi.desk.dialogue.models import Homework, InternalNote, Meeting
from enishi.desk.enums import Speaker
from enishi.desk.models import Proposal
from enishi.desk.services import letters
from enishi.exchange.errors import RefusedError
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import require_version

WRITTEN = "held_on place attendees minutes decisions internal_note is_shared".split()


@dataclass(frozen=True)
class Promise:
    """One piece of homework as it was written down."""

    side: Speaker
    owner_name: str
    what: str
    due_on: dt.date


@transaction.atomic
def write_meeting(
    *,
    proposal_id: int,
    meeting_id: int | None,
    values: Mapping[str, Any],
    promises: Sequence[Promise],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Meeting:
    """Keep the minutes of a meeting and what was promised there. Promises already there stay."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    proposal_access.require(actor, "work", proposal)
    meeting = (
        Meeting.objects.select_for_update().get(pk=meeting_id, proposal=proposal)
        if meeting_id
        else Meeting(proposal=proposal)
    )
    require_version(meeting, version)
    was_shared = meeting.is_shared
    for name in WRITTEN:
        setattr(meeting, name, values[name])
    meeting.version += meeting.pk is not None
    meeting.written_by, meeting.written_at = actor, at
    meeting.save()
    Homework.objects.bulk_create(
        Homework(
            meeting=meeting, side=each.side, owner_name=each.owner_name, what=each.what, due_on=each.due_on
        )
        for each in promises
    )
    # The trail says that minutes were kept, not what they say: it is read more widely than they are.
    _record(proposal, "write_meeting", actor, at)
    if meeting.is_shared and not was_shared:
        letters.tell_proposer(
            proposal,
            title=_("「%(title)s」の打合せの記録が届きました") % {"title": proposal.title},
            body=_("話したこと、決まったこと、宿題をご確認ください。"),
            at=at,
            kind="desk_dialogue",
        )
    return meeting


@transaction.atomic
def finish_homework(*, homework_id: int, actor: Person, at: dt.datetime) -> Homework:
    """Tick off a promise: the desk any, the proposer its own."""
    homework = (
        Homework.objects.select_for_update(of=("self",))
        .select_related("meeting__proposal")
        .get(pk=homework_id)
    )
    proposal = homework.meeting.proposal
    own = homework.side == Speaker.PROPOSER and proposal_access.is_proposers(actor, proposal)
    if not own or not homework.meeting.is_shared:
        meeting_access.require(actor, "edit", homework.meeting)
    if homework.done_at is None:
        homework.done_at = at
        homework.save(update_fields=["done_at"])
        _record(proposal, "finish_homework", actor, at)
    return homework


@transaction.atomic
def note(*, proposal_id: int, body: str, actor: Person, at: dt.datetime) -> InternalNote:
    """A note for the office alone: from anybody inside who may read the proposal."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if not is_inside(actor, proposal):
        proposal_access.require(actor, "work", proposal)
    body = clean_text(body, lines=True).strip()[:4_000]
    if not body:
        raise RefusedError(_("メモが空です。書いてから残してください。"))
    made = InternalNote.objects.create(proposal=proposal, body=body, author=actor, written_at=at)
    _record(proposal, "note", actor, at)
    return made


def _record(proposal: Proposal, action: str, actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(
            actor=actor, action=action, subject=proposal, at=at, organization_id=proposal.organization_id
        )
    )
