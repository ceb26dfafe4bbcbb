"""What the desk tells of a case: the proposal, the stages it went through, and what the sections said."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.audit.access import may_read_history
from enishi.desk.access import proposal_access
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Consultation, Proposal, StageEntry
from enishi.foundation.access import Actor
from enishi.foundation.thread import CaseRecord, CaseSource, CaseStep, Key, Stage, register_source


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource("proposal", Stage.PROPOSAL, read_proposals, causes_of_proposals, proposals_that_came_of)
    )


def read_proposals(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(
        proposal_access.visible(actor)
        .filter(pk__in=ids)
        .select_related("organization", "section", "proposer")
        .prefetch_related(
            Prefetch("stages", StageEntry.objects.select_related("actor")),
            Prefetch("consultations", Consultation.objects.select_related("section", "answered_by")),
        )
    )
    told: list[CaseRecord] = []
    for row in rows:
        told.append(_proposal(row, actor))
        asked = [each for each in row.consultations.all() if each.cancelled_at is None]
        if asked and may_read_history(actor, row):
            told.append(_consultation(row, asked))
    return told


def _proposal(row: Proposal, actor: Actor) -> CaseRecord:
    return CaseRecord(
        key=("proposal", row.pk),
        stage=Stage.PROPOSAL,
        label=_("提案"),
        title=str(row),
        url=row.get_absolute_url(),
        on=timezone.localdate(row.received_at or row.created_at),
        until=timezone.localdate(row.decided_at) if row.decided_at else None,
        state=row.get_status_display(),
        parties=_parties(row),
        steps=_steps(row, actor),
        facts=[(_("受付番号"), row.number)] if row.number else [],
    )


def _steps(proposal: Proposal, actor: Actor) -> list[CaseStep]:
    """The stages as the desk wrote them down; who moved it is for the people of the house."""
    inside = may_read_history(actor, proposal)
    return [
        CaseStep(
            on=timezone.localdate(entry.entered_at),
            what=entry.get_stage_display(),
            who=entry.actor.name if inside and entry.actor else "",
            days=_days(entry.entered_at, entry.left_at) if ProposalStatus(entry.stage).is_open else None,
        )
        for entry in proposal.stages.all()
        if entry.consultation_id is None
    ]


def _days(begin: dt.datetime, end: dt.datetime | None) -> int:
    last = timezone.localdate(end) if end else timezone.localdate()
    return max(0, (last - timezone.localdate(begin)).days)


def _consultation(proposal: Proposal, asked: Sequence[Consultation]) -> CaseRecord:
    """What the sections were asked and said: for the people of the municipality alone."""
    answered = [each.answered_at for each in asked if each.answered_at]
    begin = min(each.asked_at for each in asked)
    return CaseRecord(
        key=("proposal", proposal.pk),
        stage=Stage.PROPOSAL,
        label=_("庁内照会"),
        title=str(proposal),
        url=proposal.get_absolute_url(),
        on=timezone.localdate(begin),
        until=timezone.localdate(max(answered)) if len(answered) == len(asked) else None,
        state=_("%(count)d課のうち%(answered)d課が回答") % {"count": len(asked), "answered": len(answered)},
        parties=[each.section.name for each in asked],
        steps=[
            CaseStep(
                on=timezone.localdate(each.asked_at),
                what=f"{each.section.name}: {each.get_answer_display() or _('回答待ち')}",
                who=each.answered_by.name if each.answered_by else "",
                days=_days(each.asked_at, each.answered_at),
            )
            for each in asked
        ],
    )


def _parties(proposal: Proposal) -> list[str]:
    proposer = proposal.proposer.name if proposal.proposer else proposal.proposer_name
    return [name for name in (proposer, proposal.organization.name) if name]


def causes_of_proposals(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    rows = Proposal.objects.filter(pk__in=ids).order_by().values_list("pk", "challenge_id", "contact_id")
    for pk, challenge_id, contact_id in rows:
        if contact_id:
            yield pk, ("contact", contact_id)
        if challenge_id:
            yield pk, ("challenge", challenge_id)


def proposals_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind not in {"challenge", "contact"}:
        return []
    return Proposal.objects.filter(**{f"{kind}_id__in": ids}).values_list("pk", flat=True)
