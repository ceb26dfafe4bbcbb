import io

import openpyxl
import pytest
from django.urls import reverse

from enishi.foundation import trail
from enishi.organizations.enums import Role, Visibility
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


def did(person, action, subject, house, **kwargs):
    trail.record(trail.Act(person, action, subject, NOON, organization_id=house.pk, **kwargs))


@pytest.fixture
def place():
    return MembershipFactory(role=Role.ADMINISTRATOR)


def test_an_administrator_reads_the_acts_of_the_own_house_only(client, place):
    other = OrganizationFactory()
    did(place.person, "edit", place.organization, place.organization, changes={"phone": ("", "0778-00-0000")})
    did(place.person, "edit", other, other)
    client.force_login(place.person)

    page = client.get(reverse("audit:act_list")).content.decode()

    assert "書き直しました。" in page
    assert "0778-00-0000" in page
    assert other.name not in page


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.RESIDENT])
def test_others_are_told_who_can(client, role):
    client.force_login(MembershipFactory(role=role).person)

    response = client.get(reverse("audit:act_list"))

    assert response.status_code == 403
    assert "管理者と監査の人" in response.content.decode()


@pytest.mark.parametrize(("role", "told"), [(Role.ADMINISTRATOR, False), (Role.AUDITOR, True)])
def test_what_a_section_keeps_to_itself_is_told_to_the_auditor_alone(client, role, told):
    section = SectionFactory()
    place = MembershipFactory(organization=section.organization, role=role)
    secret = ChallengeFactory(
        organization=section.organization,
        section=section,
        visibility=Visibility.SECTION,
        title="課内だけの話",
    )
    did(
        None,
        "edit",
        secret,
        section.organization,
        changes={"title": ("前", "課内だけの話")},
        note="課内の覚え",
    )
    client.force_login(place.person)

    page = client.get(reverse("audit:act_list")).content.decode()

    assert ("課内だけの話" in page) is told
    assert ("課内の覚え" in page) is told
    assert ("(閲覧できない記録)" in page) is not told


def test_keys_are_told_by_name_and_digests_never(client, place):
    section = SectionFactory(organization=place.organization, name="財政課")
    did(
        place.person,
        "change_role",
        place,
        place.organization,
        changes={"section_id": (None, section.pk), "role": ("officer", "administrator")},
    )
    client.force_login(place.person)

    page = client.get(reverse("audit:act_list")).content.decode()

    assert "財政課" in page
    assert "担当" in page


def test_acts_leave_as_a_sheet(client, place):
    did(place.person, "edit", place.organization, place.organization, note="=1+1")
    client.force_login(place.person)

    response = client.get(reverse("audit:act_list"), {"format": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[1]][:3] == ["通し番号", "日時", "行った人"]
    assert sheet.max_row == 2


@pytest.mark.parametrize(
    "query", ["?since=きのう", "?until=2026-13-01", "?after=zzz", "?format=exe", "?actor=%00"]
)
def test_nonsense_in_the_address_is_answered(client, place, query):
    client.force_login(place.person)

    assert client.get(reverse("audit:act_list") + query).status_code == 200


def test_a_records_history_is_for_the_people_of_its_house(client, place):
    did(place.person, "edit", place.organization, place.organization, note="覚え")
    address = reverse("audit:record_history", args=["organizations.organization", place.organization_id])
    client.force_login(place.person)
    inside = client.get(address)
    client.force_login(MembershipFactory().person)
    outside = client.get(address)

    assert (inside.status_code, outside.status_code) == (200, 404)
    assert "覚え" in inside.content.decode()


@pytest.mark.parametrize(
    "path", ["accounts.apitoken/1", "no.such/1", "sessions.session/1", "organizations.section/x"]
)
def test_history_of_what_is_nobodys_business_is_not_there(client, place, path):
    client.force_login(place.person)

    assert client.get(f"/history/{path}/").status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_asks_the_same_questions_however_long(client, place, django_assert_max_num_queries, count):
    sections = SectionFactory.create_batch(count, organization=place.organization)
    for section in sections:
        did(place.person, "edit", section, place.organization, changes={"parent_id": (None, section.pk)})
    client.force_login(place.person)

    with django_assert_max_num_queries(20):
        client.get(reverse("audit:act_list"))
