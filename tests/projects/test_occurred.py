"""顕在化率 of an agreement counts what happened in the projects under it."""

import pytest

from enishi.agreements.models import Risk as ListedRisk
from enishi.agreements.selectors import risk_occurrence
from enishi.projects.models import Incident, Project, Risk
from tests.agreements.test_keeping import House, _with_risks
from tests.factories import NOON, TODAY
from tests.projects.making import cast, draft

pytestmark = pytest.mark.django_db


def test_an_incident_of_a_project_makes_the_listed_risk_come_true():
    agreement = _with_risks(House())
    project = draft(cast())
    for key in ("C20", "C16"):
        listed = ListedRisk.objects.get(version__agreement=agreement, key=key)
        risk = Risk.objects.create(
            project=project, title=key, likelihood="low", impact="low", agreement_risk=listed, updated_at=NOON
        )
        Incident.objects.create(
            project=project, risk=risk, title="起きた", happened_on=TODAY, severity="minor", recorded_at=NOON
        )
    Incident.objects.create(
        project=project, title="表にない", happened_on=TODAY, severity="minor", recorded_at=NOON
    )

    found = risk_occurrence([agreement.pk])

    assert (found.happened, found.listed) == (2, 27)
    Project.objects.update(deleted_at=NOON)
    assert risk_occurrence([agreement.pk]).happened == 0
