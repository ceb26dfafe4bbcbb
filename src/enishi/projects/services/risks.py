"""Risks and incidents."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.models import Agreement
from enishi.agreements.models import Risk as AgreedRisk
from enishi.foundation import trail
from enishi.projects.access import project_access
from enishi.projects.enums import Level, RiskState
from enishi.projects.errors import RefusedError
from enishi.projects.models import Incident, Project, Risk
from enishi.projects.services.writing import (
    assign,
    changed,
    in_order,
    locked_project,
    require_open,
    require_version,
    touch,
    write_down,
)
from enishi.projects.signals import incident_recorded

RISK_WRITABLE = ("title", "likelihood", "impact", "bearer", "agreement_risk", "countermeasure", "state")
NOT_RATED = Level.MIDDLE
INCIDENT_WRITABLE = (
    "title",
    "risk",
    "happened_on",
    "severity",
    "description",
    "response",
    "resolved_on",
)


@transaction.atomic
def add_risk(*, project_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Risk:
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    risk = Risk(project=project, updated_at=at)
    assign(risk, values, RISK_WRITABLE)
    _check_bearer(risk, project)
    risk.save()
    touch(project, actor=actor, at=at)
    write_down(project, "add_risk", actor=actor, at=at, note=risk.title)
    return risk


@transaction.atomic
def edit_risk(
    *, risk_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Risk:
    project = locked_project(Risk.objects.get(pk=risk_id).project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    risk = project.risks.select_for_update().get(pk=risk_id)
    require_version(risk, version)
    before = trail.values(risk)
    assign(risk, values, RISK_WRITABLE)
    _check_bearer(risk, project)
    risk.version += 1
    risk.updated_at = at
    risk.save()
    touch(project, actor=actor, at=at)
    write_down(
        project, "edit_risk", actor=actor, at=at, row=risk, changes=changed(before, risk), note=risk.title
    )
    return risk


@transaction.atomic
def adopt_risks(*, project_id: int, actor: Person, at: dt.datetime) -> int:
    """Take over the rows of the agreement's risk table that are not here yet. Returns how many came."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    rows = agreed_risks(project, actor)
    if not rows:
        raise RefusedError(_("効力のある協定に、読むことのできるリスク分担表がありません。"))
    known = set(
        project.risks.filter(agreement_risk__isnull=False).values_list("agreement_risk__key", flat=True)
    )
    new = [row for row in rows if row.key not in known]
    for row in new:
        Risk.objects.create(
            project=project,
            title=f"{row.kind}: {row.text}"[:200],
            likelihood=NOT_RATED,
            impact=NOT_RATED,
            agreement_risk=row,
            countermeasure=row.remedy,
            updated_at=at,
        )
    if new:
        touch(project, actor=actor, at=at)
        note = _("協定のリスク分担表から %(count)d行") % {"count": len(new)}
        write_down(project, "add_risk", actor=actor, at=at, note=note)
    return len(new)


def agreed_risks(project: Project, actor: Person) -> list[AgreedRisk]:
    """The risk table of the project's agreement as it is in force, if this person may read the agreement."""
    agreements = Agreement.objects.visible_to(actor).filter(projects=project)
    return list(AgreedRisk.objects.filter(version__agreement__in=agreements, version__state="in_force"))


def _check_bearer(risk: Risk, project: Project) -> None:
    row = risk.agreement_risk
    if row is not None and row.version.agreement_id != project.agreement_id:
        raise ValidationError({"agreement_risk": _("この事業の協定の行から選んでください。")})
    if risk.bearer is not None and risk.bearer.project_id != project.pk:
        raise ValidationError({"bearer": _("この事業に参加する団体から選んでください。")})


@transaction.atomic
def record_incident(
    *, project_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Incident:
    """Write down what happened. Whoever takes part may: a trouble that nobody may report is reported late."""
    project = locked_project(project_id)
    project_access.require(actor, "take_part", project)
    incident = Incident(project=project, recorded_by=actor, recorded_at=at)
    assign(incident, values, INCIDENT_WRITABLE)
    _check_incident(incident, project, at)
    incident.save()
    if incident.risk is not None and incident.risk.state == RiskState.WATCHED:
        Risk.objects.filter(pk=incident.risk.pk).update(
            state=RiskState.OCCURRED, version=incident.risk.version + 1, updated_at=at
        )
    touch(project, actor=actor, at=at)
    write_down(project, "record_incident", actor=actor, at=at, note=incident.title)
    key = incident.pk
    transaction.on_commit(lambda: incident_recorded.send_robust(Incident, incident_id=key))
    return incident


@transaction.atomic
def edit_incident(
    *, incident_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Incident:
    project = locked_project(Incident.objects.get(pk=incident_id).project_id)
    project_access.require(actor, "edit", project)
    incident = project.incidents.select_for_update().get(pk=incident_id)
    require_version(incident, version)
    before = trail.values(incident)
    assign(incident, values, INCIDENT_WRITABLE)
    _check_incident(incident, project, at)
    incident.version += 1
    incident.save()
    touch(project, actor=actor, at=at)
    changes = changed(before, incident)
    write_down(
        project, "edit_incident", actor=actor, at=at, row=incident, changes=changes, note=incident.title
    )
    return incident


def _check_incident(incident: Incident, project: Project, at: dt.datetime) -> None:
    if incident.risk is not None and incident.risk.project_id != project.pk:
        raise ValidationError({"risk": _("この事業のリスクから選んでください。")})
    if incident.happened_on > timezone.localdate(at):
        raise ValidationError({"happened_on": _("起きた日に、まだ来ていない日は書けません。")})
    in_order(
        incident, "happened_on", "resolved_on", _("収まった日は、起きた日と同じかそれより後にしてください。")
    )
