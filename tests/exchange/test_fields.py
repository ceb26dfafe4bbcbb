"""The list of fields of work: administrators edit it, used ones are never deleted."""

import pytest
from django.urls import reverse

from enishi.exchange.models import Challenge, Field
from enishi.organizations.enums import Role
from tests.factories import ChallengeFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    person = MembershipFactory(role=Role.ADMINISTRATOR).person
    client.force_login(person)
    return person


def post(client, action, field, **values):
    return client.post(
        reverse(f"exchange:field_{action}", args=[field.pk]), values, follow=True
    ).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_others_are_told_who_edits_the_list(role, client):
    client.force_login(MembershipFactory(role=role).person)
    field = Field.objects.get(code="welfare-1")

    assert client.get(reverse("exchange:field_list")).status_code == 403
    assert client.post(reverse("exchange:field_rename", args=[field.pk]), {"name": "x"}).status_code == 403
    assert Field.objects.get(code="welfare-1").name == "高齢者の見守り"


def test_a_field_is_added_below_its_parent(client, administrator):
    parent = Field.objects.get(code="welfare")

    client.post(reverse("exchange:field_add"), {"parent": parent.pk, "name": "ひきこもり"})

    added = Field.objects.get(name="ひきこもり")
    assert (added.parent, added.code) == (parent, "welfare-7")
    assert list(parent.children.order_by("order"))[-1] == added


def test_a_field_is_renamed_and_keeps_its_code(client, administrator):
    field = Field.objects.get(code="welfare-1")

    post(client, "rename", field, name="高齢者・障害者の見守り")

    field.refresh_from_db()
    assert (field.code, field.name) == ("welfare-1", "高齢者・障害者の見守り")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "名前を書いてください"), ("あ" * 61, "60文字まで"), ("認知症", "すでにあります")],
)
def test_a_name_that_cannot_be_used_gets_a_sentence(name, sentence, client, administrator):
    assert sentence in post(client, "rename", Field.objects.get(code="welfare-1"), name=name)


def test_a_field_moves_before_its_sibling(client, administrator):
    post(client, "up", Field.objects.get(code="welfare-2"))

    parent = Field.objects.get(code="welfare")
    assert [field.code for field in parent.children.order_by("order")][:2] == ["welfare-2", "welfare-1"]


def test_a_used_field_is_retired_and_never_deleted(client, administrator):
    field = Field.objects.get(code="welfare-1")
    challenge = ChallengeFactory(fields=[field])

    refused = post(client, "remove", field)
    post(client, "retire", field)

    assert "「使わない」にしてください" in refused
    field.refresh_from_db()
    assert not field.is_active
    assert list(Challenge.objects.get(pk=challenge.pk).fields.all()) == [field]


def test_a_field_nobody_used_can_go(client, administrator):
    post(client, "remove", Field.objects.get(code="welfare-6"))

    assert not Field.objects.filter(code="welfare-6").exists()


def test_the_queries_of_the_list_do_not_grow(client, administrator, django_assert_max_num_queries):
    client.get(reverse("exchange:field_list"))

    # Two of them count, for the rail, what waits at the desk.
    with django_assert_max_num_queries(12):
        client.get(reverse("exchange:field_list"))
