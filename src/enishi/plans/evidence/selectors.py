"""Questions about evidence. Nothing here writes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from enishi.foundation.access import Actor
from enishi.plans.evidence.access import evidence_access
from enishi.plans.evidence.enums import Verification
from enishi.plans.models import Evidence, LogicModel, Plan, PlanNode


@dataclass(frozen=True)
class Share:
    """How much of some evidence was looked up in the original, and how much stands against it."""

    verified: int
    whole: int
    mismatch: int = 0
    missing: int = 0

    @property
    def unverified(self) -> int:
        return self.whole - self.verified - self.mismatch - self.missing


def share_of(rows: Iterable[Evidence]) -> Share:
    found = Counter(row.verification for row in rows)
    return Share(
        found[Verification.VERIFIED],
        found.total(),
        found[Verification.MISMATCH],
        found[Verification.MISSING],
    )


def used_by(actor: Actor, uids: Sequence[str]) -> QuerySet[Evidence, Evidence]:
    """What these branches rest on: named by themselves, or by an arrow of their logic models."""
    models = LogicModel.objects.current().filter(identity_id__in=uids)
    wanted = Q(uses__identity_id__in=uids) | Q(logic_edges__model__in=models)
    keys = Evidence.objects.kept().filter(wanted).values("pk")
    rows: QuerySet[Evidence, Evidence] = evidence_access.visible(actor).filter(pk__in=keys)
    return rows.select_related("checked_by").order_by("-level", "pk")


def used_by_branch(actor: Actor, node: PlanNode) -> QuerySet[Evidence, Evidence]:
    """Of the branch and of all below it."""
    uids = PlanNode.objects.below(node, and_itself=True).values_list("uid", flat=True)
    return used_by(actor, list(uids))


def used_by_plan(actor: Actor, plan: Plan) -> QuerySet[Evidence, Evidence]:
    return used_by(actor, list(plan.identities.values_list("pk", flat=True)))


def used_by_programme(actor: Actor, programme_id: int) -> QuerySet[Evidence, Evidence]:
    models = LogicModel.objects.current().filter(programme_id=programme_id)
    wanted = Q(uses__programme_id=programme_id) | Q(logic_edges__model__in=models)
    keys = Evidence.objects.kept().filter(wanted).values("pk")
    rows: QuerySet[Evidence, Evidence] = evidence_access.visible(actor).filter(pk__in=keys)
    return rows.select_related("checked_by").order_by("-level", "pk")
