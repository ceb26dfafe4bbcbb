"""The talk about a proposal, on its page: each side reads its own part."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.desk.access import proposal_access
from enishi.desk.dialogue.access import is_inside
from enishi.desk.dialogue.forms import NoteForm
from enishi.desk.dialogue.models import Homework, InternalNote, Meeting
from enishi.desk.enums import Speaker
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records
from enishi.organizations.visibility import reach_of

SHOWN = 20


def register() -> None:
    records.register(
        RecordPanel("desk.proposal", "desk/dialogue/_panel.html", 40, of_proposal, _("打合せと宿題"))
    )
    home.register(HomePanel("", 40, promised, "today"))


def of_proposal(actor: Actor, proposal: Any) -> Mapping[str, Any] | None:
    inside = is_inside(actor, proposal)
    # Whoever opened the secret link of the proposal has shown to be the proposer.
    outside = getattr(proposal, "opened_by_link", False) or proposal_access.is_proposers(actor, proposal)
    if not inside and not outside:
        return None
    meetings = Meeting.objects.filter(proposal=proposal).prefetch_related("homework")
    works = inside and proposal_access.allows(actor, "work", proposal)
    rows = list((meetings if inside else meetings.filter(is_shared=True))[:SHOWN])
    if not rows and not inside:
        return None
    return {
        "proposal": proposal,
        "meetings": rows,
        "inside": inside,
        "works": works,
        "proposer": outside and actor.is_authenticated,
        "today": timezone.localdate(),
        "notes": InternalNote.objects.filter(proposal=proposal).select_related("author")[:SHOWN]
        if inside
        else [],
        "note_form": NoteForm(),
    }


def promised(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Homework that waits for this person's side, the earliest first."""
    if not actor.is_authenticated:
        return None
    houses = reach_of(actor).organization_ids
    own = Q(side=Speaker.PROPOSER, meeting__is_shared=True) & (
        Q(meeting__proposal__proposer_id__in=houses) | Q(meeting__proposal__submitted_by_id=actor.pk)
    )
    desks = Q(side=Speaker.DESK, meeting__proposal__officer_id=actor.pk)
    rows = (
        Homework.objects.filter(own | desks, done_at__isnull=True)
        .select_related("meeting__proposal")
        .order_by("due_on", "pk")[:8]
    )
    items = [
        Todo(
            row.what,
            row.meeting.proposal.get_absolute_url(),
            due=row.due_on,
            why=_("打合せで約束した宿題です"),
        )
        for row in rows
    ]
    return {"items": items} if items else None
