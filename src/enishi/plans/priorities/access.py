"""Who reads a scoring, who prepares it, and whose scores may be seen by whom."""

from typing import Any

from django.db.models import Q, QuerySet

from enishi.foundation.access import Actor
from enishi.organizations.models import OwnedQuerySet
from enishi.organizations.visibility import reach_of
from enishi.plans.models import Scorer, ScoringRound
from enishi.plans.owned import OwnedAccess
from enishi.plans.priorities.enums import RoundState


class ScoringAccess(OwnedAccess[ScoringRound]):
    """Officers prepare rounds of their section; scorers from elsewhere read the round they score in."""

    model = ScoringRound
    approving = frozenset({"close"})

    def visible(self, actor: Actor) -> OwnedQuerySet[ScoringRound]:
        rows = super().visible(actor)
        if not actor.is_authenticated:
            return rows
        mine = Scorer.objects.filter(person_id=actor.pk).exclude(round__state=RoundState.DRAFT)
        found: OwnedQuerySet[ScoringRound] = ScoringRound.objects.filter(
            Q(pk__in=rows.values("pk")) | Q(pk__in=mine.values("round_id"), deleted_at__isnull=True)
        )
        return found

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "score":
            return (
                bool(instance.state == RoundState.OPEN)
                and instance.scorers.filter(person_id=actor.pk).exists()
            )
        return super().allows(actor, action, instance)


scoring_access = ScoringAccess()


def readable_scorers(actor: Actor, row: ScoringRound) -> QuerySet[Scorer, Scorer]:
    """Whose scores this reader may see.

    Nobody's but one's own while it is still being written; a scorer sees the others' only after handing in their own,
    so that nobody is led by what others gave.
    """
    scorers = row.scorers.all()
    mine = scorers.filter(person_id=actor.pk).first() if actor.is_authenticated else None
    if row.state == RoundState.CLOSED:
        return scorers.filter(submitted_at__isnull=False)
    if mine is not None and mine.submitted_at is None:
        return scorers.filter(pk=mine.pk)
    if mine is None and row.organization_id not in reach_of(actor).organization_ids:
        return scorers.none()
    return scorers.filter(submitted_at__isnull=False)
