"""Signing in as a person would: pages, mails, codes."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from enishi.accounts.models import Person
from enishi.audit.models import AuditEvent
from enishi.config import settings as shipped
from tests.factories import PASSWORD, PersonFactory

pytestmark = pytest.mark.django_db
NEW = {
    "email": "hanako@example.jp",
    "password1": "ao-no-sora-7-gatsu",
    "password2": "ao-no-sora-7-gatsu",
    "name": "青葉 花子",
    "kana": "あおば はなこ",
}


@pytest.fixture
def person():
    person = PersonFactory()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def limits(settings):
    """The limits as they ship; the suite runs without."""
    settings.ACCOUNT_RATE_LIMITS = shipped.ACCOUNT_RATE_LIMITS
    cache.clear()
    yield
    cache.clear()


def sign_in(client, person, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": person.email, "password": password})


def prove(client):
    """Say the password again, as pages that guard the account ask."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def link_in(message, path):
    return re.search(rf"https?://[^\s]+({path}[^\s]+)", message.body)[1]


def test_a_new_person_confirms_the_address_by_mail_and_is_in(client):
    client.post(reverse("account_signup"), NEW)
    person = Person.objects.get(email=NEW["email"])
    address = link_in(mail.outbox[0], "/account/confirm-email/")
    before = client.get(reverse("accounts:me")).status_code
    client.post(address)

    assert before == 302
    assert (person.name, person.kana) == ("青葉 花子", "あおば はなこ")
    assert mail.outbox[0].subject.startswith("【縁】")
    assert sign_in(client, person, NEW["password1"]).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200


def test_a_registered_address_is_not_told_to_whoever_tries_to_sign_up_with_it(client, person):
    response = client.post(reverse("account_signup"), {**NEW, "email": person.email})

    assert response.status_code == 302
    assert Person.objects.count() == 1
    assert mail.outbox[0].to == [person.email]


def test_sign_up_can_be_closed(client, settings):
    settings.OPEN_SIGN_UP = False

    client.post(reverse("account_signup"), NEW)

    assert not Person.objects.filter(email=NEW["email"]).exists()


def test_a_short_password_is_refused_with_a_sentence(client):
    page = client.post(reverse("account_signup"), {**NEW, "password1": "mijikai", "password2": "mijikai"})

    assert page.status_code == 200
    assert "12" in page.content.decode()


def test_a_wrong_password_says_what_to_do(client, person):
    page = sign_in(client, person, "chigau-kotoba-desu").content.decode()

    assert "メールアドレスかパスワードが違います" in page
    assert "作り直せます" in page


def test_after_five_wrong_passwords_the_right_one_waits_too(client, person, limits):
    for _try in range(5):
        sign_in(client, person, "chigau-kotoba-desu")

    page = sign_in(client, person)

    assert page.status_code == 200
    assert "15分ほど待って" in page.content.decode()


def test_too_many_sign_ups_from_one_machine_get_the_page_that_asks_for_patience(client, limits):
    answers = [
        client.post(reverse("account_signup"), {**NEW, "email": f"n{number}@example.jp"}).status_code
        for number in range(21)
    ]

    assert answers[-1] == 429
    assert 429 not in answers[:20]


def test_a_forgotten_password_is_made_anew_by_mail(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    address = link_in(mail.outbox[0], "/account/password/reset/key/")
    form = client.get(address, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW["password1"], "password2": NEW["password1"]})

    assert sign_in(client, person).status_code == 200
    assert sign_in(client, person, NEW["password1"]).status_code == 302
    assert AuditEvent.objects.filter(action="reset_password", subject_id=str(person.pk)).count() == 1


def test_an_unknown_address_gets_the_same_answer_and_no_account(client):
    response = client.post(reverse("account_reset_password"), {"email": "dare@example.jp"})

    assert response.status_code == 302
    assert Person.objects.count() == 0


def test_a_new_address_counts_once_it_is_confirmed(client, person):
    sign_in(client, person)
    prove(client)
    client.post(reverse("account_email"), {"email": "atarashii@example.jp", "action_add": ""})
    unconfirmed = Person.objects.get(pk=person.pk).email
    letter = next(message for message in mail.outbox if message.to == ["atarashii@example.jp"])
    client.post(link_in(letter, "/account/confirm-email/"))

    assert unconfirmed == person.email
    assert Person.objects.get(pk=person.pk).email == "atarashii@example.jp"
    assert AuditEvent.objects.filter(action="change_email").count() == 1


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_with_a_second_step_the_password_alone_is_not_enough(client, person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    half = sign_in(client, person)
    inside = client.get(reverse("accounts:me")).status_code
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert half.url == reverse("mfa_authenticate")
    assert (inside, wrong.status_code) == (302, 200)
    assert client.get(reverse("accounts:me")).status_code == 200


def test_a_recovery_code_opens_once(client, person):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    TOTP.activate(person, generate_totp_secret())
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    sign_in(client, person)
    first = client.post(reverse("mfa_authenticate"), {"code": code}).status_code
    client.post(reverse("account_logout"))
    sign_in(client, person)
    second = client.post(reverse("mfa_authenticate"), {"code": code}).status_code

    assert (first, second) == (302, 200)


@pytest.mark.django_db(transaction=True)
def test_the_second_step_is_set_up_on_its_page_and_written_down(client, person):
    sign_in(client, person)
    prove(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})

    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert AuditEvent.objects.filter(action="add_authenticator", actor=person).exists()


def test_passkeys_are_offered(client, person):
    page = client.get(reverse("account_login")).content.decode()
    sign_in(client, person)
    own = client.get(reverse("mfa_list_webauthn"))

    assert reverse("mfa_login_webauthn") in page
    assert own.status_code == 200


def test_other_machines_can_be_signed_out(client, person):
    from django.test import Client

    elsewhere = Client()
    sign_in(elsewhere, person)
    sign_in(client, person)
    listed = client.get(reverse("usersessions_list"))
    client.post(reverse("usersessions_list"), {})

    assert listed.status_code == 200
    assert client.get(reverse("accounts:me")).status_code == 200
    assert elsewhere.get(reverse("accounts:me")).status_code == 302


def test_a_changed_password_signs_other_machines_out(client, person):
    from django.test import Client

    elsewhere = Client()
    sign_in(elsewhere, person)
    sign_in(client, person)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW["password1"], "password2": NEW["password1"]},
    )

    assert elsewhere.get(reverse("accounts:me")).status_code == 302


def test_who_was_stopped_does_not_get_in(client, person):
    Person.objects.filter(pk=person.pk).update(is_active=False)

    sign_in(client, person)

    assert client.get(reverse("accounts:me")).status_code == 302


def test_pages_speak_the_persons_own_language(client, person):
    Person.objects.filter(pk=person.pk).update(language="en")
    sign_in(client, person)

    page = client.get(reverse("accounts:me")).content.decode()

    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "mfa_login_webauthn"]
)
def test_doors_answer_nonsense(client, name):
    response = client.post(
        reverse(name), {"login": "\x00" * 10, "email": "あ" * 5000, "password": "x" * 100_000}
    )

    assert response.status_code < 500
