"""Learning paths: what is read in which order, and marks that are one's own."""

import pytest
from django.test import Client
from django.urls import reverse

from enishi.knowledge.cases import learning
from enishi.knowledge.models import LearningPath, ReadMark
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.cases.making import House, made

pytestmark = pytest.mark.django_db


def path_of(house: House) -> LearningPath:
    path = learning.create_path(
        organization=house.town,
        title="企画課の最初の一週間",
        purpose="協定の扱いを知る",
        section_id=house.section.pk,
        visibility=Visibility.INTERNAL.value,
        actor=house.planner,
        at=NOON,
    )
    items = [{"title": "先例", "case": made(house)}, {"title": "手引き", "url": "https://example.jp/"}]
    learning.write_items(path_id=path.pk, items=items, actor=house.planner, at=NOON)
    return path


def test_a_read_mark_is_ones_own(client: Client) -> None:
    house = House()
    path = path_of(house)
    client.force_login(house.officer)

    client.post(reverse("cases:item_read", args=[path.items.first().pk]), {"read": "1"})  # type: ignore[union-attr]
    mine = client.get(path.get_absolute_url()).content.decode()
    client.force_login(house.other_officer)
    theirs = client.get(path.get_absolute_url()).content.decode()

    assert "50.0%(1/2)" in mine
    assert "0.0%(0/2)" in theirs


def test_marks_survive_when_items_are_put_in_another_order() -> None:
    house = House()
    path = path_of(house)
    learning.mark_read(item_id=path.items.get(title="手引き").pk, read=True, actor=house.officer, at=NOON)

    items = [
        {"title": "手引き", "url": "https://example.jp/"},
        {"title": "新しいもの", "url": "/knowledge/cases/"},
    ]
    learning.write_items(path_id=path.pk, items=items, actor=house.planner, at=NOON)

    assert [item.title for item in path.items.all()] == ["手引き", "新しいもの"]
    assert ReadMark.objects.filter(person=house.officer, item__title="手引き").count() == 1


def test_a_stranger_can_mark_nothing(client: Client) -> None:
    path = path_of(House())
    client.force_login(House("別市").planner)

    answer = client.post(reverse("cases:item_read", args=[path.items.first().pk]), {"read": "1"})  # type: ignore[union-attr]

    assert answer.status_code == 404
    assert ReadMark.objects.count() == 0


def test_the_second_of_two_who_wrote_the_rows_sees_the_first(client: Client) -> None:
    path = LearningPath.objects.get(pk=path_of(house := House()).pk)
    address = reverse("cases:path_items", args=[path.pk])
    client.force_login(house.planner)
    sent = {"item-TOTAL_FORMS": "1", "item-INITIAL_FORMS": "0", "version": str(path.version)}
    client.post(address, sent | {"item-0-title": "先の人の段"})

    late = client.post(address, sent | {"item-0-title": "後の人の段"})
    again = client.post(
        address, sent | {"item-0-title": "後の人の段", "version": late.context["form"]["version"].value()}
    )

    assert "先の人の段" in late.content.decode() and "後の人の段" in late.content.decode()
    assert (late.status_code, again.status_code) == (422, 302)
    assert [item.title for item in path.items.all()] == ["後の人の段"]
