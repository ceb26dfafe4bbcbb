"""Organisations: finding, registering, asking to be let in, the first administrator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.accounts.models import Person
from enishi.audit.selectors import broken_links
from enishi.notifications.models import Notice
from enishi.organizations import services
from enishi.organizations.enums import OrganizationKind, RequestStatus, Role
from enishi.organizations.errors import (
    DuplicateOrganizationError,
    FirstAdministratorRefusedError,
    NotWaitingError,
    RefusedError,
)
from enishi.organizations.models import Membership, Organization
from enishi.organizations.selectors import found, like_named, name_core
from enishi.organizations.services import PartnerValues
from enishi.organizations.visibility import reach_of
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db
NUMBER = "7123456789012"
COMPANY = OrganizationKind.COMPANY


@pytest.fixture
def administrator():
    return MembershipFactory(role=Role.ADMINISTRATOR)


def values(seat, name="株式会社 青葉システム", **kwargs):
    return PartnerValues(kind=COMPANY, name=name, seat_id=seat.pk, **kwargs)


# --- The list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("鯖江", "鯖江市"),
        ("さばえ", "鯖江市"),
        ("サバエ", "鯖江市"),
        ("182079", "鯖江市"),
        ("18207", "鯖江市"),
        ("１８２０７９", "鯖江市"),
    ],
)
def test_a_town_is_found_by_name_kana_and_code(words, name):
    assert name in {each.name for each in found(Organization.objects.all(), words)}


def test_every_public_body_is_there_from_the_start():
    assert Organization.objects.public_bodies().count() == 1_741 + 47


def test_the_list_filters_and_counts(client):
    OrganizationFactory(kind=OrganizationKind.NPO, name="縁側の会", prefecture_code="18")

    page = client.get(reverse("organizations:organization_list"), {"kind": "npo", "prefecture": "18"})

    assert "団体 1件" in page.content.decode()
    assert "縁側の会" in page.content.decode()


@pytest.mark.parametrize(
    "query", ["?q=%00", "?kind=x", "?prefecture=99", "?after=zz", "?q=" + "あ" * 300, "?q=%25_"]
)
def test_nonsense_in_the_address_is_answered(client, query):
    assert client.get(reverse("organizations:organization_list") + query).status_code == 200


@pytest.mark.parametrize("size", [1, 25])
def test_the_list_asks_the_same_questions_however_long(client, django_assert_max_num_queries, size):
    OrganizationFactory.create_batch(size, kind=COMPANY, seat=OrganizationFactory())

    with django_assert_max_num_queries(5):
        client.get(reverse("organizations:organization_list"), {"kind": "company"})


@pytest.mark.parametrize(("wanted", "encoding"), [("csv", "utf-8-sig"), ("csv-cp932", "cp932")])
def test_the_list_leaves_as_a_sheet(client, wanted, encoding):
    OrganizationFactory(kind=OrganizationKind.NPO, name="縁側の会", summary="=1+1")

    response = client.get(reverse("organizations:organization_list"), {"kind": "npo", "format": wanted})

    lines = response.content.decode(encoding).splitlines()
    assert lines[0].startswith("種類,名称")
    assert "縁側の会" in lines[1]
    assert "'=1+1" in lines[1]


def test_the_list_leaves_as_a_workbook(client):
    response = client.get(reverse("organizations:organization_list"), {"q": "鯖江", "format": "xlsx"})

    assert response.content[:2] == b"PK"


# --- Partners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["青葉システム㈱", "(株)青葉システム", "株式会社青葉システム", "青葉 システム"]
)
def test_one_name_in_many_spellings(written):
    company = OrganizationFactory(kind=COMPANY, name="株式会社 青葉システム")

    assert name_core(written) == name_core(company.name)
    assert like_named(written) == [company]


def test_a_number_that_does_not_check_is_refused_at_its_field(client, administrator):
    client.force_login(administrator.person)

    page = client.post(
        reverse("organizations:register"),
        {"kind": "company", "name": "青葉システム", "seat": "鯖江市", "corporate_number": "1234567890123"},
    ).content.decode()

    assert "検査数字が合いません" in page


def test_a_registered_number_is_pointed_out(administrator):
    OrganizationFactory(kind=COMPANY, name="別名の会社", corporate_number=NUMBER)

    with pytest.raises(DuplicateOrganizationError, match="別名の会社"):
        services.register_partner(
            values=values(administrator.organization, corporate_number=NUMBER),
            actor=administrator.person,
            at=NOON,
            although_alike=True,
        )


def test_a_like_name_is_pointed_out_and_may_be_confirmed_as_another(client, administrator):
    OrganizationFactory(kind=COMPANY, name="青葉システム㈱")
    client.force_login(administrator.person)
    typed = {"kind": "company", "name": "株式会社青葉システム", "seat": "182079"}

    page = client.post(reverse("organizations:register"), typed).content.decode()
    done = client.post(reverse("organizations:register"), {**typed, "although_alike": "on"})

    assert "似た団体が登録されています" in page
    assert done.status_code == 302
    assert Organization.objects.get(name="株式会社青葉システム").prefecture_code == "18"


@pytest.mark.parametrize("role", [Role.OFFICER, Role.PLANNER, Role.PARTNER_ADMINISTRATOR, Role.RESIDENT])
def test_others_ask_instead_of_registering(role):
    place = MembershipFactory(role=role)

    with pytest.raises(PermissionDenied):
        services.register_partner(values=values(place.organization), actor=place.person, at=NOON)


def test_a_town_that_is_not_one_is_told(client, administrator):
    client.force_login(administrator.person)
    typed = {"kind": "company", "name": "青葉システム"}

    none = client.post(
        reverse("organizations:register"), {**typed, "seat": "どこにもない市"}
    ).content.decode()
    several = client.post(reverse("organizations:register"), {**typed, "seat": "府中市"}).content.decode()

    assert "見つかりません" in none
    assert "一つに決まりません" in several


def test_a_public_bodys_name_is_the_states(administrator):
    town = Organization.objects.get(code="182079")
    editor = MembershipFactory(organization=town, role=Role.ADMINISTRATOR)

    services.edit_organization(
        organization_id=town.pk,
        values={"name": "別の市", "phone": "0778-00-0000"},
        actor=editor.person,
        at=NOON,
    )

    town.refresh_from_db()
    assert (town.name, town.phone) == ("鯖江市", "0778-00-0000")


# --- Asking to be let in -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return services.ask_registration(
            values=values(administrator.organization), message="よろしく", actor=PersonFactory(), at=NOON
        )


def test_until_it_is_confirmed_the_applicant_reads_no_more_than_the_public(asked):
    assert not reach_of(asked.applicant).is_member
    assert not Organization.objects.filter(name=asked.name).exists()


def test_the_towns_administrators_are_told_and_confirm(
    client, administrator, asked, django_capture_on_commit_callbacks
):
    client.force_login(administrator.person)
    page = client.get(reverse("organizations:waiting")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("organizations:registration_accept", args=[asked.pk]))

    place = Membership.objects.get(person=asked.applicant)
    assert asked.name in page
    assert Notice.objects.filter(person=administrator.person, kind="joining").count() == 1
    assert (place.organization.name, place.role) == (asked.name, Role.PARTNER_ADMINISTRATOR)
    assert "認められました" in Notice.objects.get(person=asked.applicant).title


def test_a_no_comes_with_its_reason(administrator, asked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        services.decline_registration(
            registration_id=asked.pk, reason="登記が見つかりません。", actor=administrator.person, at=NOON
        )

    assert "登記が見つかりません" in Notice.objects.get(person=asked.applicant).body
    with pytest.raises(NotWaitingError):
        services.accept_registration(registration_id=asked.pk, actor=administrator.person, at=NOON)


def test_another_towns_administrator_does_not_confirm(asked):
    with pytest.raises(PermissionDenied):
        services.accept_registration(
            registration_id=asked.pk, actor=MembershipFactory(role=Role.ADMINISTRATOR).person, at=NOON
        )


def test_who_runs_the_installation_confirms_anywhere(asked):
    runner = PersonFactory(is_system_administrator=True)

    organization = services.accept_registration(registration_id=asked.pk, actor=runner, at=NOON)

    assert organization.name == asked.name


def test_the_house_of_a_number_is_asked_to_be_joined_instead():
    town = OrganizationFactory()
    OrganizationFactory(kind=COMPANY, name="元の会社", corporate_number=NUMBER)

    with pytest.raises(DuplicateOrganizationError, match="元の会社"):
        services.ask_registration(
            values=values(town, corporate_number=NUMBER), message="", actor=PersonFactory(), at=NOON
        )


def test_somebody_asks_once_and_is_let_in(administrator):
    person = PersonFactory()
    request = services.ask_to_join(
        organization_id=administrator.organization_id, message="", actor=person, at=NOON
    )

    with pytest.raises(RefusedError, match="もう申し込んで"):
        services.ask_to_join(organization_id=administrator.organization_id, message="", actor=person, at=NOON)
    place = services.accept_join_request(
        request_id=request.pk, role=Role.OFFICER, actor=administrator.person, at=NOON
    )

    assert (place.person, place.role) == (person, Role.OFFICER)
    assert reach_of(person).organization_ids == {administrator.organization_id}


def test_nobody_lets_themselves_in(administrator):
    person = PersonFactory()
    request = services.ask_to_join(
        organization_id=administrator.organization_id, message="", actor=person, at=NOON
    )

    with pytest.raises(PermissionDenied):
        services.accept_join_request(request_id=request.pk, role=Role.ADMINISTRATOR, actor=person, at=NOON)
    services.withdraw_join_request(request_id=request.pk, actor=person, at=NOON)
    request.refresh_from_db()
    assert request.status == RequestStatus.WITHDRAWN


def test_a_partner_does_not_give_a_towns_role(administrator):
    partner = MembershipFactory(organization__kind=COMPANY, role=Role.PARTNER_ADMINISTRATOR)
    request = services.ask_to_join(
        organization_id=partner.organization_id, message="", actor=PersonFactory(), at=NOON
    )

    with pytest.raises(RefusedError, match="使えません"):
        services.accept_join_request(
            request_id=request.pk, role=Role.ADMINISTRATOR, actor=partner.person, at=NOON
        )


def test_applications_of_one_person_are_few():
    person = PersonFactory()
    for house in OrganizationFactory.create_batch(5):
        services.ask_to_join(organization_id=house.pk, message="", actor=person, at=NOON)

    with pytest.raises(RefusedError, match="多すぎます"):
        services.ask_to_join(organization_id=OrganizationFactory().pk, message="", actor=person, at=NOON)


def test_a_resident_lives_in_one_town_and_opens_nothing_by_it():
    person, (first, second) = PersonFactory(), OrganizationFactory.create_batch(2)
    services.live_in(organization_id=first.pk, actor=person, at=NOON)
    services.live_in(organization_id=first.pk, actor=person, at=NOON)
    services.live_in(organization_id=second.pk, actor=person, at=NOON)

    open_ended = Membership.objects.filter(person=person, valid_to__isnull=True)
    assert [place.organization for place in open_ended] == [second]
    assert not reach_of(person).is_member


def test_nobody_lives_in_a_company():
    with pytest.raises(RefusedError, match="住んでいるまち"):
        services.live_in(organization_id=OrganizationFactory(kind=COMPANY).pk, actor=PersonFactory(), at=NOON)


# --- The first administrator -------------------------------------------------------------------------------------------


def first(**kwargs):
    given = {
        "email": "Kanri@Example.jp",
        "name": "管理 花子",
        "organization_code": "182079",
        "password": "ao-no-sora-7-gatsu",
        "at": NOON,
    }
    return services.create_first_administrator(**{**given, **kwargs})


@pytest.mark.parametrize("code", ["182079", "18207", " 182079 "])
def test_the_first_administrator_can_sign_in_and_run_the_town(client, code):
    person = first(organization_code=code)

    client.post(reverse("account_login"), {"login": "kanri@example.jp", "password": "ao-no-sora-7-gatsu"})
    page = client.get(reverse("organizations:own"), follow=True).content.decode()

    assert person.is_system_administrator
    assert "鯖江市" in page
    assert list(broken_links()) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"organization_code": "999999"}, "コードの自治体はありません"),
        ({"organization_code": "x"}, "コードの自治体はありません"),
        ({"email": "kanri"}, "メールアドレスとして読めません"),
        ({"name": "  "}, "氏名"),
    ],
)
def test_what_is_wrong_is_said(wrong, words):
    with pytest.raises(FirstAdministratorRefusedError, match=words):
        first(**wrong)
    assert Person.objects.count() == 0


def test_a_taken_address_is_said():
    first()

    with pytest.raises(FirstAdministratorRefusedError, match="もう登録されています"):
        first()
