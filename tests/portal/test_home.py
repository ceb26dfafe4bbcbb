import pytest

from enishi.organizations.enums import Role
from tests.factories import MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("belongs", [True, False])
def test_a_resident_and_a_newcomer_are_shown_what_they_can_do(client, belongs):
    person = MembershipFactory(role=Role.RESIDENT).person if belongs else PersonFactory()
    client.force_login(person)

    page = client.get("/").content.decode()

    assert "/desk/propose/" in page
    assert "/resources/new/" not in page
    assert ("団体として参加する" in page) is not belongs
