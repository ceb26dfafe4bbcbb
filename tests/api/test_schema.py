"""Schemathesis asks every operation of the schema what it promises, within bounds that suit a suite."""

import datetime as dt

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings

from enishi.accounts.models import ApiToken, digest_of
from enishi.config.wsgi import application
from enishi.exchange.matches.store import store
from tests.factories import ChallengeFactory, MembershipFactory, ResourceFactory

SECRET = "enishi_schemathesis"
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def _somebody_with_records(db, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    settings.ALLOWED_HOSTS = ["*"]
    store.forget()
    now = timezone.now()
    person = MembershipFactory().person
    town = person.memberships.get().organization
    ApiToken.objects.create(
        person=person,
        name="試験",
        digest=digest_of(SECRET),
        created_at=now,
        expires_at=now + dt.timedelta(days=1),
    )
    ChallengeFactory(organization=town)
    ResourceFactory(organization=town)
    # As Django's own test client does: a request of the test's transaction must not end its connection.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    store.forget()


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.usefixtures("_somebody_with_records")
def test_every_operation_keeps_its_word(case):
    case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"})
