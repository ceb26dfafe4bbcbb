"""Proposals that were decided, handed to the case library: what was proposed, what was decided, why."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.desk.access import proposal_access
from enishi.desk.decisions.enums import Verdict
from enishi.desk.models import Proposal
from enishi.foundation.access import Actor
from enishi.knowledge.cases import registry
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.registry import Contribution, Contributor

KIND = "desk.proposal"


def register() -> None:
    """Called once, in ``apps.ready``."""
    registry.register(Contributor(KIND, gettext_lazy("不採択になった提案"), declined, one))


def declined(actor: Actor, organization_ids: frozenset[int], limit: int) -> Sequence[Contribution]:
    rows = proposal_access.visible(actor).filter(
        decision__verdict=Verdict.DECLINED, organization_id__in=organization_ids
    )
    rows = rows.select_related("decision", "organization", "challenge").prefetch_related("fields")
    return [_told(row) for row in rows.order_by("-decision__decided_at", "-pk")[:limit]]


def one(actor: Actor, key: int) -> Contribution | None:
    rows = proposal_access.visible(actor).filter(decision__verdict=Verdict.DECLINED, pk=key)
    row = rows.select_related("decision", "organization", "challenge").first()
    return _told(row) if row is not None else None


def _told(proposal: Proposal) -> Contribution:
    """Only open columns are read, and the proposer is not named: ideas are theirs, and the case may travel."""
    return Contribution(
        kind=KIND,
        key=proposal.pk,
        organization_id=proposal.organization_id,
        section_id=proposal.section_id,
        title=proposal.title,
        url=proposal.get_absolute_url(),
        outcome=CaseOutcome.STOPPED.value,
        situation=proposal.challenge.present_state if proposal.challenge else "",
        result=_("提案は不採択になりました。"),
        cause=proposal.decision.sentence,
        place=proposal.organization.name,
        fields=tuple(field.name[:30] for field in proposal.fields.all()),
        ended_on=timezone.localdate(proposal.decision.decided_at),
    )
