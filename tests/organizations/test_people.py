"""Inviting, roles, leaving, 異動."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.accounts.models import Person
from enishi.audit.models import AuditEvent
from enishi.exchange.models import Challenge
from enishi.organizations import services
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.errors import (
    HandoverRefusedError,
    InvitationRefusedError,
    LastAdministratorError,
    RefusedError,
)
from enishi.organizations.models import Invitation, Membership
from enishi.organizations.visibility import reach_of
from tests.factories import (
    NOON,
    TODAY,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def administrator():
    return MembershipFactory(role=Role.ADMINISTRATOR)


def invited(administrator, email="taro@example.jp", role=Role.OFFICER, section=None, at=NOON):
    return services.invite(
        organization_id=administrator.organization_id,
        email=email,
        role=role,
        section=section,
        actor=administrator.person,
        at=at,
    )


@pytest.fixture
def secret(administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator)
    return re.search(r"/organizations/invitations/(\S+)/open/", mail.outbox[-1].body)[1]


# --- Invitations -------------------------------------------------------------------------------------------------------


def test_the_link_lets_its_address_into_its_place(administrator, secret):
    person = PersonFactory(email="taro@example.jp")

    place = services.accept_invitation(secret=secret, actor=person, at=NOON)

    assert (place.organization, place.role) == (administrator.organization, Role.OFFICER)
    assert administrator.organization_id in reach_of(person).organization_ids
    assert mail.outbox[-1].to == ["taro@example.jp"]


def test_the_secret_is_not_kept(secret):
    assert not Invitation.objects.filter(digest=secret).exists()
    assert Invitation.objects.get().sent_at is not None


def test_a_new_person_comes_by_the_link_without_confirming_the_address_again(client, administrator, secret):
    address = reverse("organizations:invitation", args=[secret])
    client.get(address)
    client.post(
        reverse("account_signup"),
        {
            "email": "taro@example.jp",
            "password1": "ao-no-sora-7-gatsu",
            "password2": "ao-no-sora-7-gatsu",
            "name": "新田 太郎",
        },
    )
    client.post(address)

    person = Person.objects.get(email="taro@example.jp")
    assert EmailAddress.objects.get(user=person).verified
    assert Membership.objects.get(person=person).organization == administrator.organization


def test_an_invitation_opens_the_door_where_sign_up_is_closed(client, settings, secret):
    settings.OPEN_SIGN_UP = False
    closed = client.get(reverse("account_signup")).context.get("form")
    client.get(reverse("organizations:invitation", args=[secret]))

    assert closed is None
    assert client.get(reverse("account_signup")).context["form"] is not None


def test_somebody_elses_link_says_whose_it_is(client, secret):
    person = PersonFactory()
    client.force_login(person)

    page = client.post(reverse("organizations:invitation", args=[secret]))

    assert page.status_code == 403
    assert "taro@example.jp" in page.content.decode()
    assert not Membership.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda row, who: Invitation.objects.filter(pk=row.pk).update(expires_at=NOON - DAY), "期限"),
        (
            lambda row, who: services.withdraw_invitation(invitation_id=row.pk, actor=who, at=NOON),
            "取り消された",
        ),
        (lambda row, who: services.resend_invitation(invitation_id=row.pk, actor=who, at=NOON), "新しい招待"),
    ],
)
def test_a_spoilt_link_says_why(administrator, secret, spoil, words):
    spoil(Invitation.objects.get(), administrator.person)

    with pytest.raises(InvitationRefusedError, match=words):
        services.accept_invitation(secret=secret, actor=PersonFactory(email="taro@example.jp"), at=NOON)


def test_a_link_works_once(secret):
    person = PersonFactory(email="taro@example.jp")
    services.accept_invitation(secret=secret, actor=person, at=NOON)

    with pytest.raises(InvitationRefusedError, match="もう使われて"):
        services.accept_invitation(secret=secret, actor=person, at=NOON)
    assert Membership.objects.filter(person=person).count() == 1


def test_nobody_is_invited_twice(administrator):
    invited(administrator)

    with pytest.raises(InvitationRefusedError, match="もう招待を送って"):
        invited(administrator, email="TARO@example.jp")
    with pytest.raises(InvitationRefusedError, match="もう所属"):
        invited(administrator, email=administrator.person.email)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.AUDITOR, Role.RESIDENT])
def test_only_administrators_invite(role):
    with pytest.raises(PermissionDenied):
        invited(MembershipFactory(role=role))


def test_a_role_of_another_kind_of_house_is_refused(administrator):
    with pytest.raises(RefusedError, match="役割は使えません"):
        invited(administrator, role=Role.PARTNER_MEMBER)


def test_a_section_of_another_house_is_refused(administrator):
    with pytest.raises(RefusedError, match="別の団体"):
        invited(administrator, section=SectionFactory())


def test_a_mail_server_that_is_down_shows_on_the_page(
    client, administrator, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator)
    client.force_login(administrator.person)

    page = client.get(reverse("organizations:people", args=[administrator.organization_id])).content.decode()

    assert "メールが出ていません" in page
    assert "送り直す" in page


def test_a_name_with_a_line_break_makes_no_header(administrator, django_capture_on_commit_callbacks):
    administrator.organization.name = "市\nBcc: all@example.jp"
    administrator.organization.save()

    with django_capture_on_commit_callbacks(execute=True):
        invited(administrator)

    assert "\n" not in mail.outbox[-1].subject
    assert mail.outbox[-1].bcc == []


# --- Roles and leaving -------------------------------------------------------------------------------------------------


def test_a_role_changes_what_one_may_do_at_once(administrator):
    place = MembershipFactory(organization=administrator.organization, role=Role.OFFICER)

    services.change_role(
        membership_id=place.pk,
        role=Role.MANAGER,
        section=None,
        title="課長",
        actor=administrator.person,
        at=NOON,
    )

    assert reach_of(Person.objects.get(pk=place.person_id)).has_role(place.organization_id, Role.MANAGER)
    assert AuditEvent.objects.get(action="change_role").changes["role"] == ["officer", "manager"]


def test_the_last_administrator_stays(administrator):
    with pytest.raises(LastAdministratorError, match="最後の管理者"):
        services.end_membership(
            membership_id=administrator.pk, last_day=TODAY, actor=administrator.person, at=NOON
        )
    with pytest.raises(LastAdministratorError):
        services.change_role(
            membership_id=administrator.pk,
            role=Role.OFFICER,
            section=None,
            title="",
            actor=administrator.person,
            at=NOON,
        )


def test_one_of_two_administrators_may_leave(administrator):
    MembershipFactory(organization=administrator.organization, role=Role.ADMINISTRATOR)

    services.end_membership(
        membership_id=administrator.pk, last_day=TODAY - DAY, actor=administrator.person, at=NOON
    )

    assert reach_of(Person.objects.get(pk=administrator.person_id), TODAY).organization_ids == frozenset()


def test_anybody_may_leave_by_themselves_and_nobody_else_may_do_it_for_them():
    place = MembershipFactory(role=Role.OFFICER)
    colleague = MembershipFactory(organization=place.organization, role=Role.MANAGER)

    with pytest.raises(PermissionDenied):
        services.end_membership(membership_id=place.pk, last_day=TODAY, actor=colleague.person, at=NOON)
    services.end_membership(membership_id=place.pk, last_day=TODAY, actor=place.person, at=NOON)

    place.refresh_from_db()
    assert place.valid_to == TODAY


def test_a_last_day_before_the_first_is_refused():
    place = MembershipFactory(role=Role.OFFICER)

    with pytest.raises(RefusedError, match="着任日より後"):
        services.end_membership(
            membership_id=place.pk, last_day=dt.date(2019, 1, 1), actor=place.person, at=NOON
        )


# --- 異動 --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def moving():
    section = SectionFactory()
    giver = MembershipFactory(
        organization=section.organization, section=section, role=Role.OFFICER, person__name="前野 太郎"
    )
    taker = MembershipFactory(
        organization=section.organization, section=section, role=Role.OFFICER, person__name="後藤 花子"
    )
    return giver, taker


def moved(giver, taker, **kwargs):
    return services.transfer(
        membership_id=giver.pk,
        successor_id=taker.person_id,
        last_day=TODAY,
        actor=giver.person,
        at=NOON,
        **kwargs,
    )


def test_everything_goes_to_the_successor_in_one_action(moving):
    giver, taker = moving
    house = giver.organization
    draft = ChallengeFactory(organization=house, status="draft", updated_by=giver.person)
    named = ChallengeFactory(organization=house, contact_name="高齢福祉課 前野 太郎")
    elsewhere = ChallengeFactory(status="draft", updated_by=giver.person)

    piles = moved(giver, taker)

    draft.refresh_from_db()
    named.refresh_from_db()
    elsewhere.refresh_from_db()
    giver.refresh_from_db()
    assert sum(pile.count for pile in piles) == 2
    assert draft.updated_by == taker.person
    assert named.contact_name == "高齢福祉課 後藤 花子"
    assert elsewhere.updated_by == giver.person
    assert giver.valid_to == TODAY
    assert "後藤 花子" in AuditEvent.objects.get(action="transfer").note
    assert AuditEvent.objects.filter(action="hand_over").count() == 2


def test_who_moves_within_the_house_begins_in_the_next_section_the_day_after(moving):
    giver, taker = moving
    following = SectionFactory(organization=giver.organization)

    moved(giver, taker, new_section=following)

    places = Membership.objects.filter(person=giver.person).order_by("valid_from")
    assert [(place.section, place.valid_from, place.valid_to) for place in places] == [
        (giver.section, dt.date(2020, 4, 1), TODAY),
        (following, TODAY + DAY, None),
    ]


def test_the_only_administrator_may_move_within_the_house(administrator):
    taker = MembershipFactory(organization=administrator.organization, role=Role.OFFICER)

    moved(administrator, taker, new_section=SectionFactory(organization=administrator.organization))

    assert Membership.objects.filter(person=administrator.person, valid_to__isnull=True).exists()


@pytest.mark.parametrize("who", ["oneself", "stranger", "resident"])
def test_a_successor_who_cannot_take_over_is_refused_and_nothing_moves(moving, who):
    giver, _taker = moving
    draft = ChallengeFactory(organization=giver.organization, status="draft", updated_by=giver.person)
    successors = {
        "oneself": giver,
        "stranger": MembershipFactory(),
        "resident": MembershipFactory(organization=giver.organization, role=Role.RESIDENT),
    }

    with pytest.raises(HandoverRefusedError):
        moved(giver, successors[who])

    giver.refresh_from_db()
    assert giver.valid_to is None
    assert Challenge.objects.get(pk=draft.pk).updated_by == giver.person


def test_the_page_shows_what_there_is_to_hand_over_and_does_it(client, moving):
    giver, taker = moving
    ChallengeFactory(organization=giver.organization, status="draft", updated_by=giver.person)
    client.force_login(giver.person)
    address = reverse("organizations:membership_transfer", args=[giver.pk])

    page = client.get(address).content.decode()
    done = client.post(address, {"successor": taker.person_id, "last_day": "令和8年11月30日"})

    giver.refresh_from_db()
    assert "書きかけの下書き" in page
    assert done.status_code == 302
    assert giver.valid_to == dt.date(2026, 11, 30)


def test_a_section_only_record_follows_the_reader_not_the_writer(moving):
    giver, taker = moving
    secret = ChallengeFactory(
        organization=giver.organization, section=giver.section, visibility=Visibility.SECTION
    )

    moved(giver, taker)

    gone = Person.objects.get(pk=giver.person_id)
    reach_of(gone, TODAY + DAY)
    assert not Challenge.objects.visible_to(gone).filter(pk=secret.pk).exists()
    assert Challenge.objects.visible_to(taker.person).filter(pk=secret.pk).exists()


# --- Several places ----------------------------------------------------------------------------------------------------


def test_a_person_with_two_places_works_in_the_one_they_chose(client):
    first = MembershipFactory(role=Role.OFFICER)
    company = OrganizationFactory(kind=OrganizationKind.COMPANY)
    second = MembershipFactory(person=first.person, organization=company, role=Role.PARTNER_MEMBER)
    client.force_login(first.person)

    before = client.get(reverse("accounts:me")).content.decode()
    client.post(reverse("organizations:switch"), {"membership": second.pk, "next": "https://evil.example/"})
    after = client.get(reverse("organizations:own"))

    assert f"{first.organization.name}として使う" in before
    assert after.url == reverse("organizations:organization_detail", args=[company.pk])


def test_nobody_switches_into_somebody_elses_place(client):
    client.force_login(MembershipFactory().person)

    assert (
        client.post(reverse("organizations:switch"), {"membership": MembershipFactory().pk}).status_code
        == 404
    )
