"""Programs' way to projects: reading only, with the same rights as the pages."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router

from enishi.foundation.doorway import OPEN, READ, Code, Cursor, KeyInPath, Size
from enishi.foundation.lists import paginate
from enishi.projects import listing, selectors
from enishi.projects.access import project_access
from enishi.projects.api_ends import router as ends
from enishi.projects.api_shapes import MeasureShown, ProjectShown, ProjectsPage, ProjectWhole
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Project, Trial

router = Router()
router.add_router("", ends)


@router.get(
    "/projects",
    response={200: ProjectsPage, **READ},
    tags=["projects"],
    openapi_extra=OPEN,
    summary=gettext_noop("事業の一覧"),
)
def projects(
    request: HttpRequest,
    q: Code | None = None,
    status: ProjectStatus | None = None,
    is_trial: bool | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Projects this caller may read, those that moved last first."""
    conditions = listing.Conditions(
        q=(q or "").strip(),
        status=(status.value,) if status is not None else (),
        trial=() if is_trial is None else ("1" if is_trial else "0",),
    )
    rows = listing.find(request.user, conditions, timezone.localdate())
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=("-updated_at", "-pk"),
        parameters={"after": cursor or ""},
        size=limit,
    )
    return {"items": list(page.rows), "next_cursor": page.next_cursor}


def _visible(request: HttpRequest, project_id: int) -> Project:
    rows = project_access.visible(request.user).select_related("organization", "section")
    return get_object_or_404(rows, pk=project_id)


@router.get(
    "/projects/{key}",
    response={200: ProjectWhole, **READ},
    tags=["projects"],
    openapi_extra=OPEN,
    summary=gettext_noop("事業"),
)
def project(request: HttpRequest, key: KeyInPath) -> dict[str, Any]:
    """One project with its participants and trials; people of a trial only as a count."""
    row = _visible(request, key)
    shown = ProjectShown.from_orm(row).model_dump()
    return shown | {
        "content": row.content,
        "challenge_id": row.challenge_id if _is_readable(request, row, "challenge") else None,
        "proposal_id": row.proposal_id if _is_readable(request, row, "proposal") else None,
        "agreement_id": row.agreement_id if _is_readable(request, row, "agreement") else None,
        "fields": list(row.fields.select_related("parent").order_by("order", "pk")),
        "participants": [
            {"name": str(each), "role": each.role} for each in row.participants.select_related("organization")
        ],
        "trials": [_trial(each) for each in row.trials.all()],
    }


def _is_readable(request: HttpRequest, row: Project, name: str) -> bool:
    """A project tells of the record it came from only to whoever may read that."""
    record = getattr(row, name)
    return (
        record is not None
        and type(record)._default_manager.visible_to(request.user).filter(pk=record.pk).exists()
    )


def _trial(trial: Trial) -> dict[str, Any]:
    counts = selectors.lab_counts(trial)
    return {
        "round": trial.round,
        "state": trial.state,
        "hypothesis": trial.hypothesis,
        "suggestion": trial.suggestion,
        "decision": trial.decision,
        "decision_reason": trial.decision_reason,
        "people": counts["all"],
        "residents": counts["residents"],
    }


@router.get(
    "/projects/{key}/measures",
    response={200: list[MeasureShown], **READ},
    tags=["projects"],
    openapi_extra=OPEN,
    summary=gettext_noop("事業の指標と値"),
)
def measures(request: HttpRequest, key: KeyInPath) -> list[dict[str, Any]]:
    """Measures in use with their current values, and how each stands."""
    row = _visible(request, key)
    names = (
        "id title kind tier unit direction baseline_value baseline_on target_value target_on source".split()
    )
    found = []
    for standing in selectors.standings(row):
        measure = standing.measure
        found.append(
            {name: getattr(measure, name) for name in names}
            | {
                "status": standing.judgement.status.value,
                "explanation": standing.judgement.explanation,
                "values": list(measure.values.current().order_by("on", "pk")),
            }
        )
    return found
