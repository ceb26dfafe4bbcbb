"""What the officer presses next: one thing for each case, the same on the board and on the case's own page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.desk.decisions.services import reply_due
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Consultation, Proposal
from enishi.foundation.days import short_day

NEAR = dt.timedelta(days=4)
"""So long before its day the first reply goes before everything else."""


@dataclass(frozen=True)
class NextStep:
    """What to do, and the page where it is done; without an address there is nothing to do but to wait."""

    words: str
    url: str = ""


@dataclass(frozen=True)
class Answers:
    """How many sections were asked, and how many of them have answered."""

    asked: int = 0
    answered: int = 0


def answers_of(proposals: Iterable[Proposal]) -> dict[int, Answers]:
    """The state of the questions of several cases, asked at once."""
    keys = [one.pk for one in proposals if one.stage == ProposalStatus.CONSULTING]
    if not keys:
        return {}
    rows = Consultation.objects.filter(proposal_id__in=keys, cancelled_at__isnull=True).order_by()
    counted = rows.values("proposal_id").annotate(asked=Count("pk"), answered=Count("answered_at"))
    return {row["proposal_id"]: Answers(row["asked"], row["answered"]) for row in counted}


def next_step(proposal: Proposal, answers: Answers, today: dt.date) -> NextStep | None:
    """The one thing this case waits for."""
    stage, due = proposal.stage, reply_due(proposal)
    if stage.is_open and proposal.first_reply_at is None and due is not None and today >= due - NEAR:
        words = _("最初の返事をする(%(day)sまで)") % {"day": short_day(due)}
        return NextStep(words, reverse("desk:first_reply", args=[proposal.pk]))
    if stage == ProposalStatus.RECEIVED:
        return NextStep(_("読んで、聞く課を選ぶ"), reverse("desk:triage", args=[proposal.pk]))
    if stage == ProposalStatus.CHECKING:
        return NextStep(_("庁内に照会する"), reverse("desk:proposal_consult", args=[proposal.pk]))
    if stage == ProposalStatus.CONSULTING:
        return _after_asking(proposal, answers)
    if stage == ProposalStatus.DECLINED and proposal.agrees_to_onward:
        return NextStep(_("ほかに紹介する"), reverse("desk:proposal_onward", args=[proposal.pk]))
    return None


def _after_asking(proposal: Proposal, answers: Answers) -> NextStep:
    if answers.answered < answers.asked:
        words = {"answered": answers.answered, "asked": answers.asked}
        return NextStep(_("%(asked)d課のうち%(answered)d課が回答しました") % words)
    if not answers.asked:
        return NextStep(_("庁内に照会する"), reverse("desk:proposal_consult", args=[proposal.pk]))
    return NextStep(_("回答がそろいました。次に進める"), reverse("desk:proposal_move", args=[proposal.pk]))
