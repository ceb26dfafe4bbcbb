"""From decisions and their approved reflections to rates: where the living records meet the engine."""

from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines import progress
from enishi.evaluation.enums import DecisionState
from enishi.evaluation.models import Subject
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection.enums import ReflectionStage, ReflectionStatus
from enishi.evaluation.reflection.models import Reflection
from enishi.foundation.metrics import fact


@dataclass(frozen=True)
class Fate:
    """A decision as the engine counts it, beside the record it came from."""

    row: ImprovementDecision
    counted: progress.Decision
    reflection: Reflection | None


@fact
def fates(house: int, fiscal_year: int) -> list[Fate]:
    """The decisions that aim at this budget year, each with its approved fate at the vote on the initial budget."""
    rows = list(
        ImprovementDecision.objects.decided()
        .filter(organization_id=house, target_fy=fiscal_year)
        .select_related("subject")
        .order_by("subject__code", "pk")
    )
    approved = Reflection.objects.approved().filter(
        decision__in=[row.pk for row in rows], fiscal_year=fiscal_year
    )
    initial: dict[int, Reflection] = {}
    later: set[int] = set()
    for row in approved:
        if row.stage == ReflectionStage.INITIAL:
            initial[row.decision_id] = row
        elif row.stage == ReflectionStage.SUPPLEMENT and row.status in (
            ReflectionStatus.FULL,
            ReflectionStatus.PARTIAL,
        ):
            later.add(row.decision_id)
    return [
        Fate(row, _counted(row, initial.get(row.pk), row.pk in later), initial.get(row.pk)) for row in rows
    ]


def _counted(row: ImprovementDecision, fate: Reflection | None, in_supplementary: bool) -> progress.Decision:
    return progress.Decision(
        key=str(row.pk),
        course=progress.Course(row.direction),
        budget_relevant=row.budget_relevant,
        target_fiscal_year=row.target_fy,
        reflection=progress.Reflection(fate.status) if fate else progress.Reflection.NONE,
        reason=fate.reason if fate else "反映の記録がない",
        decided_yen=row.expected_delta_yen,
        realised_yen=fate.delta_yen if fate else None,
        in_supplementary=in_supplementary,
    )


def reflection_rate(found: Sequence[Fate], fiscal_year: int) -> progress.ReflectionRate:
    return progress.reflection_rate([fate.counted for fate in found], fiscal_year=fiscal_year)


@dataclass(frozen=True)
class Reviewed:
    """What was evaluated in a year, with the decision that stands."""

    subject: Subject
    course: str


@fact
def reviewed(house: int, evaluated_fy: int) -> list[Reviewed]:
    """The 事務事業 that were evaluated for a year and handed in."""
    subjects = (
        Subject.objects.chosen()
        .filter(organization_id=house, cycle__evaluated_fy=evaluated_fy, programme__isnull=False)
        .exclude(place="1-first")
        .order_by("code", "pk")
    )
    courses = dict(
        ImprovementDecision.objects.filter(
            subject__in=subjects.order_by().values("pk"), state=DecisionState.DECIDED
        ).values_list("subject_id", "direction")
    )
    return [Reviewed(subject, courses.get(subject.pk, "")) for subject in subjects]


def review_rate(found: Sequence[Reviewed]) -> progress.ReviewRate:
    decided = [
        progress.Decision(str(each.subject.pk), progress.Course(each.course)) for each in found if each.course
    ]
    return progress.review_rate(decided, evaluated=len(found))
