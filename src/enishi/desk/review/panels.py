"""Reviews on the pages of calls and proposals, and what waits for a reviewer at home."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.office.access import runs
from enishi.desk.review.access import review_access
from enishi.desk.review.enums import ReviewStatus
from enishi.desk.review.models import Reviewer
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records


def register() -> None:
    records.register(RecordPanel("desk.call", "desk/review/_panel.html", 20, of_call, _("審査")))
    records.register(RecordPanel("desk.proposal", "desk/review/_panel.html", 50, of_proposal, _("審査")))
    home.register(HomePanel("", 41, to_judge, "today"))


def of_call(actor: Actor, call: Any) -> Mapping[str, Any] | None:
    if not actor.is_authenticated or not runs(actor, call.organization_id, call.section_id):
        return None
    reviews = list(review_access.visible(actor).filter(call=call))
    return {"reviews": reviews, "new_url": "" if reviews else reverse("desk:review_of_call", args=[call.pk])}


def of_proposal(actor: Actor, proposal: Any) -> Mapping[str, Any] | None:
    if not actor.is_authenticated or not runs(actor, proposal.organization_id, proposal.section_id):
        return None
    reviews = list(review_access.visible(actor).filter(entries__proposal=proposal))
    may_begin = not reviews and not proposal.call_id and proposal.stage.is_open
    new_url = reverse("desk:review_of_proposal", args=[proposal.pk]) if may_begin else ""
    return {"reviews": reviews, "new_url": new_url} if reviews or new_url else None


def to_judge(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Reviews in which this person's declaration or scores are awaited."""
    if not actor.is_authenticated:
        return None
    to_score = Q(review__status=ReviewStatus.SCORING, declared_at__isnull=False, submitted_at__isnull=True)
    mine = Reviewer.objects.filter(person_id=actor.pk, excluded_because="")
    awaited = mine.filter(to_score) | mine.undeclared()
    rows = awaited.select_related("review")[:8]
    items = [
        Todo(
            row.review.title,
            row.review.get_absolute_url(),
            due=row.review.scoring_due_on,
            why=_("採点を待っています") if row.declared_at else _("利害関係の申告を待っています"),
        )
        for row in rows
    ]
    return {"items": items} if items else None
