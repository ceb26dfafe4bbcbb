import pytest

from enishi.foundation.numbers import whole
from tests.factories import MembershipFactory


@pytest.mark.parametrize(
    ("text", "number"),
    [("2026", 2026), ("２０２６", 2026), ("1900", 1900), ("2200", 2200)],
)
def test_a_number_between_the_bounds_is_read(text, number):
    assert whole(text, 1900, 2200) == number


@pytest.mark.parametrize("text", ["", " ", "-1", "²", "2026年", "1899", "2201", "9" * 5000])
def test_anything_else_is_none(text):
    assert whole(text, 1900, 2200) is None


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/clock/", "/evaluation/reflections/", "/agreements/"])
def test_a_year_of_thousands_of_digits_is_no_fault(client, address):
    client.force_login(MembershipFactory(role="planner").person)

    assert client.get(address, {"year": "9" * 5000, "due": "9" * 5000}).status_code == 200
