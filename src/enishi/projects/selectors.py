"""Questions about projects. Nothing here writes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.exchange.access import WHOLE_ORGANIZATION
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of
from enishi.projects.access import (
    APPROVING,
    WORKING,
    project_access,
    projects_taken_part_in,
    readable_expenses,
)
from enishi.projects.calculations import Standing, standing_of
from enishi.projects.enums import ExpenseCategory, ExpenseState, ProjectStatus, TaskState, TrialState
from enishi.projects.models import (
    Expense,
    Measure,
    MeasureValue,
    Participant,
    Project,
    Task,
    Trial,
)
from enishi.projects.planning import Bar, Schedule, schedule

CURRENT_VALUES = Prefetch(
    "values", queryset=MeasureValue.objects.current().order_by("on", "pk"), to_attr="current_values"
)
OPEN = (ProjectStatus.APPROVED, ProjectStatus.RUNNING)


def standings(project: Project) -> list[Standing]:
    """Each measure in use, judged by its latest value."""
    rows = project.measures.filter(retired_at__isnull=True).select_related("participant__organization")
    return [standing_of(row, row.current_values) for row in rows.prefetch_related(CURRENT_VALUES)]


def plan_of(project: Project) -> tuple[list[Task], Schedule | None]:
    """All tasks with what they wait for, and when everything can be over. Tasks given up do not count."""
    tasks = list(
        project.tasks.select_related("participant__organization", "assignee", "milestone").prefetch_related(
            "predecessors"
        )
    )
    return tasks, schedule([bar_of(task) for task in tasks if task.state != TaskState.DROPPED])


def bar_of(task: Task) -> Bar:
    last = task.done_on if task.done_on and task.done_on >= task.starts_on else task.due_on
    waits = tuple(each.pk for each in task.predecessors.all() if each.state != TaskState.DROPPED)
    return Bar(task.pk, task.starts_on, last, waits)


@dataclass(frozen=True)
class Brought:
    """What one participant brings, and what it spent. Whole yen."""

    participant: Participant
    spent_yen: int
    settled_yen: int


def brought(project: Project) -> list[Brought]:
    rows = project.participants.select_related("organization").prefetch_related("sections", "people")
    counted = (
        project.expenses.exclude(state=ExpenseState.RETURNED)
        .order_by()
        .values_list("participant_id")
        .annotate(
            spent=Coalesce(Sum("amount_yen"), 0),
            settled=Coalesce(Sum("amount_yen", filter=Q(state=ExpenseState.SETTLED)), 0),
        )
    )
    sums = {key: (int(spent), int(settled)) for key, spent, settled in counted}
    return [Brought(row, *sums.get(row.pk, (0, 0))) for row in rows]


@dataclass(frozen=True)
class Sums:
    """Expenses by category, in whole yen; what was sent back is not in them."""

    rows: Sequence[tuple[str, int, int, int]]
    claimed: int
    approved: int
    settled: int

    @property
    def total(self) -> int:
        return self.claimed + self.approved + self.settled


def sums_of(expenses: QuerySet[Expense, Expense]) -> Sums:
    found = {
        (row["category"], row["state"]): row["sum"]
        for row in expenses.order_by().values("category", "state").annotate(sum=Sum("amount_yen"))
    }
    rows = []
    for category in ExpenseCategory:
        three = [
            found.get((category.value, state.value), 0)
            for state in (ExpenseState.CLAIMED, ExpenseState.APPROVED, ExpenseState.SETTLED)
        ]
        if any(three):
            rows.append((str(category.label), three[0], three[1], three[2]))
    return Sums(
        rows,
        claimed=sum(row[1] for row in rows),
        approved=sum(row[2] for row in rows),
        settled=sum(row[3] for row in rows),
    )


# --- What waits for somebody ---------------------------------------------------------------------------------------------


def tasks_waiting_for(actor: Actor, until: dt.date) -> QuerySet[Task, Task]:
    """Open tasks due soon that are this person's, or nobody's of an organisation they work for."""
    houses = _houses(actor, WORKING)
    mine = Q(assignee_id=actor.pk) | Q(assignee__isnull=True, participant__organization_id__in=houses)
    return (
        Task.objects.open()
        .filter(mine, due_on__lte=until, project__in=project_access.visible(actor).filter(status__in=OPEN))
        .select_related("project")
        .order_by("due_on", "pk")
    )


def values_waiting_for(actor: Actor, until: dt.date) -> QuerySet[Measure, Measure]:
    """Measures whose next value is due and which this person's organisation fills in."""
    houses = _houses(actor, WORKING)
    of_lead = Q(participant__isnull=True, project__organization_id__in=houses)
    mine = Q(participant__organization_id__in=houses) | (of_lead & _of_officer(actor))
    return (
        Measure.objects.filter(mine, next_due_on__lte=until, retired_at__isnull=True)
        .filter(
            project__in=project_access.visible(actor).filter(
                status__in=[ProjectStatus.RUNNING, ProjectStatus.COMPLETED]
            )
        )
        .select_related("project")
        .order_by("next_due_on", "pk")
    )


def _of_officer(actor: Actor) -> Q:
    """The officer in charge; where nobody is named, everybody of the house."""
    return Q(project__officer_id=actor.pk) | Q(project__officer__isnull=True)


def expenses_waiting_for(actor: Actor) -> QuerySet[Expense, Expense]:
    """Claims this person may approve; never their own."""
    houses = _houses(actor, WHOLE_ORGANIZATION)
    return (
        Expense.objects.filter(state=ExpenseState.CLAIMED, project__organization_id__in=houses)
        .filter(project__in=project_access.visible(actor))
        .exclude(claimed_by_id=actor.pk)
        .select_related("project", "participant__organization")
        .order_by("claimed_at", "pk")
    )


def approvals_waiting_for(actor: Actor) -> QuerySet[Project, Project]:
    """Plans this person may approve; never those they wrote or handed in."""
    houses = _houses(actor, APPROVING)
    return (
        project_access.visible(actor)
        .filter(organization_id__in=houses, status=ProjectStatus.DRAFT, approval_asked_at__isnull=False)
        .exclude(author_id=actor.pk)
        .exclude(approval_asked_by_id=actor.pk)
        .order_by("approval_asked_at", "pk")
    )


def gates_waiting_for(actor: Actor, until: dt.date) -> QuerySet[Trial, Trial]:
    houses = _houses(actor, APPROVING)
    return (
        Trial.objects.filter(state=TrialState.RUNNING, judged_on__lte=until)
        .filter(project__in=project_access.visible(actor).filter(organization_id__in=houses))
        .select_related("project")
        .order_by("judged_on", "pk")
    )


def _houses(actor: Actor, roles: Iterable[str]) -> frozenset[int]:
    wanted = {str(role.value) if hasattr(role, "value") else str(role) for role in roles}
    return frozenset(key for key, role in reach_of(actor).roles if role in wanted)


# --- For the pages of other rooms ------------------------------------------------------------------------------------------


def projects_of(actor: Actor, **about: object) -> QuerySet[Project, Project]:
    """The projects of a challenge, proposal, agreement …, as far as this person may read them."""
    return project_access.visible(actor).filter(**about).select_related("organization")


def projects_with(actor: Actor, organization_id: int) -> QuerySet[Project, Project]:
    """Projects led by or together with an organisation."""
    mine = Participant.objects.filter(organization_id=organization_id).values("project_id")
    return (
        project_access.visible(actor)
        .filter(Q(organization_id=organization_id) | Q(pk__in=mine))
        .select_related("organization")
    )


def taken_part_in(actor: Actor) -> QuerySet[Project, Project]:
    return project_access.visible(actor).filter(projects_taken_part_in(actor))


def people_to_tell(project: Project) -> list[Person]:
    """The officer in charge, or the section's people where nobody is named."""
    if project.officer_id and project.officer and project.officer.is_active:
        return [project.officer]
    places = project.organization.memberships.current(timezone.localdate()).exclude(
        role__in=["resident", "auditor"]
    )
    if project.section_id:
        places = places.filter(section_id=project.section_id)
    return list(Person.objects.filter(pk__in=places.values("person_id"), is_active=True).order_by("pk"))


def lab_counts(trial: Trial) -> dict[str, int]:
    """How many people took part, without anybody's name: this is public."""
    rows = trial.lab_participants.order_by().values("role").annotate(n=Count("pk"))
    counts = {row["role"]: row["n"] for row in rows}
    withdrawn = trial.lab_participants.filter(withdrawn_on__isnull=False).count()
    return {"all": sum(counts.values()), "residents": counts.get("resident", 0), "withdrawn": withdrawn}


__all__ = [
    "approvals_waiting_for",
    "brought",
    "expenses_waiting_for",
    "gates_waiting_for",
    "lab_counts",
    "people_to_tell",
    "plan_of",
    "projects_of",
    "projects_with",
    "readable_expenses",
    "standings",
    "sums_of",
    "taken_part_in",
    "tasks_waiting_for",
    "values_waiting_for",
]
