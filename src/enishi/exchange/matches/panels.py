"""What matching shows on the home page and on the pages of records. Each asks a fixed number of questions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.exchange.matches import selectors
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState, Side
from enishi.exchange.matches.models import Contact
from enishi.exchange.matches.services.indexing import is_matchable
from enishi.exchange.models import Challenge, Resource
from enishi.foundation import panels
from enishi.foundation.access import Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of

SHOWN = 6
LATE = dt.timedelta(days=7)


def register() -> None:
    for panel in (
        panels.HomePanel("", 20, _to_answer, "today", _is_member),
        panels.HomePanel("exchange/matches/_home_new.html", 20, _new_matches, "matches", _is_staff),
        panels.HomePanel("exchange/matches/_home_late.html", 20, _late, "late", _is_staff),
        panels.HomePanel("exchange/matches/_home_new.html", 20, _new_matches, "partner", _is_partner),
    ):
        panels.home.register(panel)
    for record, context in (("exchange.challenge", _of_challenge), ("exchange.resource", _of_resource)):
        panels.records.register(
            panels.RecordPanel(record, "exchange/matches/_record.html", 10, context, gettext_lazy("縁"))
        )


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def _is_partner(actor: Actor) -> bool:
    partner = {Role.PARTNER_MEMBER.value, Role.PARTNER_ADMINISTRATOR.value}
    return any(role in partner for _organization, role in reach_of(actor).roles)


def _is_staff(actor: Actor) -> bool:
    return _is_member(actor) and not _is_partner(actor)


def _to_answer(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Inquiries and words that wait for this person's house."""
    rows = list(selectors.awaiting(actor).filter(last_word_at__gt=at - LATE).order_by("last_word_at")[:SHOWN])
    items = [
        panels.Todo(
            title=_title(row),
            url=row.get_absolute_url(),
            why=_("打診への返事を待っています")
            if row.state == ContactState.CONTACTED
            else _("対話の返事を待っています"),
        )
        for row in rows
    ]
    return {"items": items} if items else None


def _title(row: Contact) -> str:
    if Side(row.turn) is Side.CHALLENGE:
        return _("%(name)s: %(title)s") % {"name": row.offering.name, "title": row.challenge.title}
    return _("%(name)s: %(title)s") % {"name": row.wanting.name, "title": row.resource.title}


def _new_matches(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    rows = selectors.new_suggestions(actor, at, limit=SHOWN)
    return {"matches": rows, "all_url": reverse("matches:pairs") + "?new=1"} if rows else None


def _late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Answers owed for more than a week."""
    rows = list(
        selectors.awaiting(actor).filter(last_word_at__lte=at - LATE).order_by("last_word_at")[:SHOWN]
    )
    return {"contacts": [(row, _title(row), row.silent_days(at)) for row in rows]} if rows else None


def _of_challenge(actor: Actor, record: Any) -> Mapping[str, Any] | None:
    return _of_record(actor, record, contact_access.visible(actor).filter(challenge_id=record.pk))


def _of_resource(actor: Actor, record: Any) -> Mapping[str, Any] | None:
    return _of_record(actor, record, contact_access.visible(actor).filter(resource_id=record.pk))


def _of_record(actor: Actor, record: Challenge | Resource, rows: Any) -> Mapping[str, Any] | None:
    if not actor.is_authenticated:
        return None
    contacts = list(
        rows.select_related("challenge", "resource", "wanting", "offering").order_by("-last_word_at")[:SHOWN]
    )
    if not contacts and not is_matchable(record):
        return None
    kind = "challenge" if isinstance(record, Challenge) else "resource"
    return {
        "record": record,
        "kind": kind,
        "contacts": contacts,
        "may_match": is_matchable(record),
        "matches_url": reverse(f"matches:{kind}_matches", args=[record.pk]),
        "combinations_url": reverse("matches:combinations", args=[record.pk]) if kind == "challenge" else "",
    }
