import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.accounts.models import Person
from enishi.foundation.lists import paginate

pytestmark = pytest.mark.django_db
ORDER = ("-name", "pk")


@pytest.fixture
def people() -> list[str]:
    names = ["あ", "い", "い", "い", "う", "え", "お"]
    for number, name in enumerate(names):
        Person.objects.create(email=f"p{number}@example.jp", name=name)
    return sorted(names, reverse=True)


def _page(**parameters: str):
    return paginate(Person.objects.all(), order_by=ORDER, parameters=parameters, size=2)


def test_walking_forward_meets_every_row_once(people: list[str]) -> None:
    page, seen, walked = _page(), [], 0
    while True:
        seen += [person.pk for person in page.rows]
        walked += 1
        if not page.next_cursor:
            break
        page = _page(after=page.next_cursor)

    assert walked == 4
    assert seen == list(Person.objects.order_by(*ORDER).values_list("pk", flat=True))


def test_walking_back_shows_the_pages_of_the_way(people: list[str]) -> None:
    first = _page()
    second = _page(after=first.next_cursor)
    third = _page(after=second.next_cursor)

    back = _page(before=third.previous_cursor)

    assert list(back.rows) == list(second.rows)
    assert _page(before=back.previous_cursor).previous_cursor == ""


@pytest.mark.parametrize(
    "cursor", ["x", "e30", "W10", "WzFd", "\x00", "あ", "WzEsMl0" * 500, "W251bGwsbnVsbF0", "W1siYSJdLFtdXQ"]
)
def test_a_cursor_that_cannot_be_read_shows_the_first_page(people: list[str], cursor: str) -> None:
    assert list(_page(after=cursor).rows) == list(_page().rows)


def test_days_and_moments_come_back_from_a_cursor() -> None:
    for number in range(5):
        person = Person.objects.create(email=f"q{number}@example.jp", name="同じ")
        Person.objects.filter(pk=person.pk).update(
            created_at=dt.datetime(2026, 11, 1 + number // 2, 3, tzinfo=dt.UTC)
        )
    order = ("created_at", "pk")

    first = paginate(Person.objects.all(), order_by=order, parameters={}, size=3)
    rest = paginate(Person.objects.all(), order_by=order, parameters={"after": first.next_cursor}, size=3)

    assert [person.email for person in [*first.rows, *rest.rows]] == [
        f"q{number}@example.jp" for number in range(5)
    ]


@given(st.text(max_size=60))
def test_no_cursor_breaks_a_list(cursor: str) -> None:
    assert paginate(Person.objects.none(), order_by=ORDER, parameters={"after": cursor}).rows == []
