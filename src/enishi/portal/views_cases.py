"""The page of a whole case: from the challenge to the results, for the screen, for paper and for programs."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enishi.foundation.limits import limited
from enishi.foundation.thread import Case, CaseRecord, case_of
from enishi.projects.access import project_access


def _asked(request: HttpRequest, kind: str, pk: int) -> Case:
    case = case_of(request.user, kind, pk, timezone.localdate())
    if case is None:
        raise Http404
    return case


@require_safe
@limited("records", times=240, seconds=60)
def case_detail(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return render(request, "portal/case.html", _context(request, _asked(request, kind, pk)))


@require_safe
@limited("records", times=240, seconds=60)
def case_print(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return render(request, "portal/case_print.html", _context(request, _asked(request, kind, pk)))


@require_safe
@limited("records", times=240, seconds=60)
def case_json(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    today = timezone.localdate()
    case = _asked(request, kind, pk)
    answer = JsonResponse(as_data(case, today), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'inline; filename="case-{kind}-{pk}.json"'
    return answer


def _writes_next(request: HttpRequest, case: Case) -> str:
    """The page of the case's project where its people write the next challenge; empty for everybody else."""
    keys = [record.key[1] for record in case.records if record.key[0] == "project"]
    project = project_access.visible(request.user).filter(pk__in=keys[-1:], approved_at__isnull=False).first()
    may_write = project is not None and project_access.allows(request.user, "edit", project)
    return project.get_absolute_url() if project is not None and may_write else ""


def _context(request: HttpRequest, case: Case) -> dict[str, Any]:
    today = timezone.localdate()
    began = min((record.on for record in case.records if record.on), default=None)
    return {
        "case": case,
        "knots": case.knots(today),
        "kind": case.start[0],
        "pk": case.start[1],
        "began": began,
        "total_days": (today - began).days if began and began <= today else None,
        "today": today,
        "project_url": _writes_next(request, case),
        "own_url": next(record.url for record in case.records if record.key == case.start),
    }


def as_data(case: Case, today: dt.date) -> dict[str, Any]:
    """The case as a program reads it. Absent keys are what this reader may not know."""
    return {
        "case": {"kind": case.start[0], "id": case.start[1]},
        "title": case.title,
        "as_of": today.isoformat(),
        "records": [_record(record) for record in case.records],
        "branches": [[_record(record) for record in branch] for branch in case.branches],
        "earlier": [_record(record) for record in case.earlier],
        "following": [_record(record) for record in case.following],
    }


def _record(record: CaseRecord) -> dict[str, Any]:
    return {
        "kind": record.key[0],
        "id": record.key[1],
        "stage": record.stage.value,
        "label": str(record.label),
        "title": str(record.title),
        "url": record.url,
        "on": _day(record.on),
        "until": _day(record.until),
        "days": record.days,
        "state": str(record.state),
        "parties": [str(party) for party in record.parties],
        "steps": [
            {"on": _day(step.on), "what": str(step.what), "days": step.days}
            | ({"who": step.who} if step.who else {})
            | ({"note": step.note} if step.note else {})
            for step in record.steps
        ],
        "facts": [{"label": str(label), "value": str(value)} for label, value in record.facts],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
