"""Projects and what surrounds them, the smallest that is true."""

import datetime as dt

from enishi.organizations.enums import OrganizationKind
from enishi.projects.models import Incident, Participant, Project
from tests.factories import NOON, OrganizationFactory


def make_project(town, *, partner=None, **values):
    """A running project of a town; with a partner it takes part."""
    begun = values.get("status", "running") in {"running", "completed"}
    approved = {"approved_at": NOON, "started_on": dt.date(2026, 5, 1)} if begun else {}
    project = Project.objects.create(
        **{
            "organization": town,
            "title": "高齢者見守りセンサー実証",
            "purpose": "一人で暮らす高齢者の異変に早く気づく。",
            "status": "running",
            "created_at": NOON,
            "updated_at": NOON,
            **approved,
            **values,
        }
    )
    Participant.objects.create(project=project, organization=town, role="lead", created_at=NOON)
    if partner is not None:
        Participant.objects.create(project=project, organization=partner, role="partner", created_at=NOON)
        project.parties.add(partner)
    return project


def make_partner(name="みらい計測社"):
    return OrganizationFactory(kind=OrganizationKind.COMPANY, name=name)


def make_incident(project, **values):
    return Incident.objects.create(
        **{
            "project": project,
            "title": "センサーの電池切れ",
            "happened_on": dt.date(2026, 9, 1),
            "severity": "minor",
            "description": "三十台が同じ週に止まった。",
            "recorded_at": NOON,
            **values,
        }
    )
