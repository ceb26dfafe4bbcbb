"""All models of this room, so that Django finds them and others ask in one place."""

from enishi.plans.evidence.models import Evidence, EvidenceCheck, EvidenceUse
from enishi.plans.logic.models import LogicEdge, LogicModel, LogicNode
from enishi.plans.models_placing import NodeIndicator, Placement
from enishi.plans.models_tree import Level, NodeIdentity, NodeLink, PlanImport, PlanNode, TreeChange
from enishi.plans.models_versions import (
    FIRST_YEAR,
    LAST_YEAR,
    Plan,
    PlanQuerySet,
    PlanVersion,
    StatutoryPlan,
    new_uid,
)
from enishi.plans.priorities.models import (
    MeasureScore,
    ScoredMeasure,
    Scorer,
    ScoringCriterion,
    ScoringRound,
)
from enishi.plans.reading.models import Reading, ReadingItem

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "Evidence",
    "EvidenceCheck",
    "EvidenceUse",
    "Level",
    "LogicEdge",
    "LogicModel",
    "LogicNode",
    "MeasureScore",
    "NodeIdentity",
    "NodeIndicator",
    "NodeLink",
    "Placement",
    "Plan",
    "PlanImport",
    "PlanNode",
    "PlanQuerySet",
    "PlanVersion",
    "Reading",
    "ReadingItem",
    "ScoredMeasure",
    "Scorer",
    "ScoringCriterion",
    "ScoringRound",
    "StatutoryPlan",
    "TreeChange",
    "new_uid",
]
