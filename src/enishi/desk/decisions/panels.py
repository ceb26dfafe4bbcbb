"""Replies, decisions and offers on the page of a proposal, and overdue first replies at home."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.desk.access import proposal_access
from enishi.desk.decisions import onward
from enishi.desk.decisions.enums import OfferState, Reason
from enishi.desk.decisions.models import Decision, FirstReply, OnwardOffer
from enishi.desk.decisions.services import overdue, reply_due
from enishi.desk.dialogue.access import is_inside
from enishi.desk.enums import OPEN_STATUSES
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records

SHOWN = 8


def register() -> None:
    records.register(
        RecordPanel("desk.proposal", "desk/decisions/_panel.html", 30, of_proposal, _("お返事と決定"))
    )
    records.register(RecordPanel("desk.call", "desk/decisions/_results.html", 30, of_call, _("結果")))
    home.register(HomePanel("", 35, to_answer, "today"))


def of_proposal(actor: Actor, proposal: Any) -> Mapping[str, Any] | None:
    inside = is_inside(actor, proposal)
    outside = getattr(proposal, "opened_by_link", False) or proposal_access.is_proposers(actor, proposal)
    if not inside and not outside:
        return None
    reply = FirstReply.objects.filter(proposal=proposal).select_related("replied_by").first()
    decision = Decision.objects.filter(proposal=proposal).select_related("decided_by").first()
    offers = list(proposal.onward_offers.select_related("challenge__organization"))
    came = _came_from(proposal) if inside else None
    works = inside and proposal_access.allows(actor, "decide", proposal)
    if not (works or reply or decision or offers or came):
        return None
    return {
        "proposal": proposal,
        "came": came,
        "inside": inside,
        "works": works,
        "secret": getattr(proposal, "link_secret", ""),
        "answers": outside,
        "reply": reply,
        "reply_reasons": _labels(reply.reasons) if reply else [],
        "decision": decision,
        "decision_reasons": _labels(decision.reasons) if decision else [],
        "due": reply_due(proposal) if not reply and proposal.status in OPEN_STATUSES else None,
        "is_late": bool(not reply and (due := reply_due(proposal)) and due < timezone.localdate()),
        "open_files": list(onward.open_files(proposal)) if outside and offers else [],
        "offers": [offer for offer in offers if inside or offer.state == OfferState.ASKED or outside],
    }


def _came_from(proposal: Any) -> OnwardOffer | None:
    """The offer by which another desk passed the proposal on, if there was one."""
    rows = OnwardOffer.objects.filter(sent_as=proposal).select_related("proposal__organization")
    return rows.first()


def _labels(codes: list[str]) -> list[Any]:
    return [Reason(code).label for code in codes if code in Reason.values]


def of_call(actor: Actor, call: Any) -> Mapping[str, Any] | None:
    rows = Decision.objects.filter(proposal__call=call, published_at__isnull=False).select_related("proposal")
    found = list(rows.order_by("-published_at", "-pk")[:50])
    return {"decisions": found} if found else None


def to_answer(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """First replies owed, for whoever accompanies the case."""
    if not actor.is_authenticated:
        return None
    rows = overdue(at + dt.timedelta(days=11)).filter(officer_id=actor.pk).order_by("received_at")[:SHOWN]
    items = [
        Todo(str(row), row.get_absolute_url(), due=reply_due(row), why=_("最初の返事は14日以内です"))
        for row in rows
    ]
    return {"items": items} if items else None
