"""Proposals to review a programme, and the indicators it is judged by."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.evaluation.access import fills_programme, proposal_access
from enishi.evaluation.enums import ProposalState, ProposerKind
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.models import ProgrammeIndicator, ReviewProposal
from enishi.evaluation.services.writing import assign
from enishi.evaluation.signals import proposal_answered
from enishi.foundation import trail
from enishi.indicators.models import Indicator
from enishi.organizations.visibility import reach_of

MOST_OPEN = 20
"""Open proposals of one person: enough for anyone, too few to flood an office."""
MOST_YARDSTICKS = 12


@transaction.atomic
def propose_review(
    *, programme: Programme, kind: str, reason: str, actor: Person, at: dt.datetime
) -> ReviewProposal:
    """Anybody signed in who may read the programme may ask that it be looked at."""
    proposal_access.require(actor, "create", programme)  # type: ignore[arg-type]
    if kind not in ProposerKind.values:
        raise ValidationError({"kind": _("立場を選んでください。")})
    mine = ReviewProposal.objects.filter(proposer=actor, state=ProposalState.RECEIVED)
    if mine.filter(programme=programme).exists():
        raise RefusedError(_("この事業への提案は、もう受け付けています。返事をお待ちください。"))
    if mine.count() >= MOST_OPEN:
        raise RefusedError(
            _("返事を待っている提案が%(most)d件あります。返事が来てから、次をお寄せください。")
            % {"most": MOST_OPEN}
        )
    inside = programme.organization_id in reach_of(actor).organization_ids
    if kind == ProposerKind.STAFF and not inside:
        raise ValidationError({"kind": _("職員として提案できるのは、この団体の職員だけです。")})
    row = ReviewProposal(
        organization_id=programme.organization_id,
        programme=programme,
        proposer=actor,
        kind=kind,
        received_at=at,
    )
    assign(row, {"reason": reason}, ["reason"])
    if not row.reason:
        raise ValidationError({"reason": _("見直してほしいところと理由を書いてください。")})
    row.save()
    _record(row, "propose_review", actor, at)
    return row


@transaction.atomic
def answer_proposal(
    *, proposal_id: int, state: str, answer: str, actor: Person, at: dt.datetime
) -> ReviewProposal:
    row = ReviewProposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    proposal_access.require(actor, "answer", row)
    if state not in {ProposalState.TAKEN_UP, ProposalState.DECLINED}:
        raise ValidationError({"state": _("返事を選んでください。")})
    row.state, row.answered_by, row.answered_at = state, actor, at
    assign(row, {"answer": answer}, ["answer"])
    if not row.answer:
        raise ValidationError({"answer": _("返事の言葉を書いてください。提案した人に届きます。")})
    row.save()
    _record(row, "answer_proposal", actor, at)
    key = row.pk
    transaction.on_commit(lambda: _send_answered(key))
    return row


def _send_answered(key: int) -> None:
    proposal_answered.send_robust(ReviewProposal, proposal_id=key)


def _record(row: ReviewProposal, action: str, actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(
            actor, action, row, at, organization_id=row.organization_id, changes={"state": ("", row.state)}
        )
    )


@transaction.atomic
def set_yardsticks(
    *, programme: Programme, indicators: Sequence[Indicator], actor: Person, at: dt.datetime
) -> list[ProgrammeIndicator]:
    """Say by which indicators a programme is judged, in this order."""
    locked = Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    if not fills_programme(actor, locked):
        raise PermissionDenied("set_yardsticks")
    if len(indicators) > MOST_YARDSTICKS:
        raise RefusedError(
            _("一つの事業に結びつけられる指標は%(most)d個までです。") % {"most": MOST_YARDSTICKS}
        )
    if any(each.organization_id != locked.organization_id for each in indicators):
        raise RefusedError(_("この団体の指標から選んでください。"))
    before = list(locked.yardsticks.values_list("indicator__name", flat=True))
    locked.yardsticks.all().delete()
    rows = ProgrammeIndicator.objects.bulk_create(
        ProgrammeIndicator(programme=locked, indicator=each, order=number)
        for number, each in enumerate(indicators, 1)
    )
    trail.record(
        trail.Act(
            actor,
            "set_yardsticks",
            locked,
            at,
            organization_id=locked.organization_id,
            changes={"yardsticks": ("、".join(before), "、".join(each.name for each in indicators))},
        )
    )
    return rows
