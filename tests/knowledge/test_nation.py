"""A nation for measuring: the same every time, marked, whole, and found."""

import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.audit.models import AuditEvent
from enishi.config import nation
from enishi.exchange.models import Challenge, Resource
from enishi.knowledge.models import SearchDocument
from enishi.knowledge.selectors import search
from enishi.organizations.models import Organization

pytestmark = pytest.mark.django_db


def filled(resources, challenges):
    nation.generate(
        resources=resources, challenges=challenges, seed=3, tell=lambda line: None, vectors="none"
    )


def test_nation_is_marked_and_found():
    filled(60, 10)

    made = Resource.objects.filter(import_key__startswith="nation-3-")
    assert made.count() == 60
    assert all(one.is_demo and one.fields.exists() for one in made)
    assert Challenge.objects.count() == 10
    assert Organization.objects.filter(source__contains="測定").count() == 20
    assert SearchDocument.objects.count() == 70
    assert search(AnonymousUser(), "", kinds=["resource"]).count > 40
    assert AuditEvent.objects.filter(action="seed").count() == 2


def test_nation_goes_on_where_it_stopped_and_is_the_same():
    filled(30, 5)
    before = list(Resource.objects.order_by("pk").values_list("title", flat=True))

    filled(30, 5)
    filled(40, 5)

    assert Resource.objects.count() == 40
    assert list(Resource.objects.order_by("pk").values_list("title", flat=True))[:30] == before
    assert Organization.objects.filter(source__contains="測定").count() == 20


def test_record_written_after_a_nation_gets_the_next_key():
    filled(5, 2)

    made = Resource(organization_id=Organization.objects.first().pk, title="次")
    made.created_at = made.updated_at = Resource.objects.latest("pk").updated_at
    made.save()

    assert made.pk == 6 or made.pk > Resource.objects.exclude(pk=made.pk).latest("pk").pk
