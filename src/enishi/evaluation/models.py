"""All models of this room, so that Django finds them and others ask in one place."""

from enishi.evaluation.envelopes.models import EnvelopeRow, EnvelopeScenario
from enishi.evaluation.models_cycles import (
    Evaluation,
    EvaluationCycle,
    FactSheet,
    Panelist,
    Subject,
    SubjectQuerySet,
    standard_criteria,
    standard_triggers,
)
from enishi.evaluation.models_decisions import FollowUp, ImprovementDecision
from enishi.evaluation.models_sheets import (
    ProgrammeIndicator,
    PublishedSheet,
    ReviewProposal,
    SheetUpload,
)
from enishi.evaluation.papers.models import OwnForm
from enishi.evaluation.published.models import PublishedDataSet, PublishedFile
from enishi.evaluation.reflection.models import (
    Reflection,
    ReflectionEvidence,
    ReflectionUpload,
)

__all__ = [
    "EnvelopeRow",
    "EnvelopeScenario",
    "Evaluation",
    "EvaluationCycle",
    "FactSheet",
    "FollowUp",
    "ImprovementDecision",
    "OwnForm",
    "Panelist",
    "ProgrammeIndicator",
    "PublishedDataSet",
    "PublishedFile",
    "PublishedSheet",
    "Reflection",
    "ReflectionEvidence",
    "ReflectionUpload",
    "ReviewProposal",
    "SheetUpload",
    "Subject",
    "SubjectQuerySet",
    "standard_criteria",
    "standard_triggers",
]
