"""Signing in with a directory of the house, walked from the button to the page behind it."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.urls import reverse

from enishi.accounts.models import Person
from tests.accounts.directory import IdentityProvider, open_id_provider
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

HOST = "enishi.city.example.jp"

MINORI = {
    "sub": "9f3",
    "email": "minori@city.example.jp",
    "email_verified": True,
    "family_name": "早瀬",
    "given_name": "みのり",
}


@pytest.fixture
def provider(settings):
    with open_id_provider(**MINORI) as found:
        app = {
            "provider_id": "city",
            "name": "市の職員認証",
            "client_id": "enishi",
            "secret": "himitsu",
            "settings": {
                "server_url": found.address,
                "verified_email": True,
                "email_authentication": True,
            },
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield found


def walk_in(client, provider):
    question = client.post("/account/oidc/city/login/")
    assert question.status_code == 302, question.content.decode()
    return client.get(provider.agree(question.url))


def test_somebody_the_directory_knows_comes_in_and_is_somebody_new(client, provider):
    answer = walk_in(client, provider)

    person = Person.objects.get(email="minori@city.example.jp")
    assert answer.status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200
    assert person.name == "早瀬 みのり"


def test_somebody_we_know_comes_in_as_the_same_person(client, provider):
    known = PersonFactory(email="minori@city.example.jp", name="早瀬 みのり")
    known.emailaddress_set.create(email=known.email, verified=True, primary=True)

    walk_in(client, provider)

    assert client.session["_auth_user_id"] == str(known.pk)
    assert Person.objects.count() == 1


def test_an_address_the_directory_has_not_proved_opens_nobodys_account(client, provider, settings):
    """Whoever may write any address into a directory would otherwise be anybody."""
    known = PersonFactory(email="minori@city.example.jp")
    known.emailaddress_set.create(email=known.email, verified=True, primary=True)
    provider.claims["email_verified"] = False
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["verified_email"] = False

    walk_in(client, provider)

    assert client.get(reverse("accounts:me")).status_code == 302
    assert not SocialAccount.objects.filter(user=known).exists()


def test_a_code_of_somebody_elses_visit_does_not_open(client, provider):
    question = client.post("/account/oidc/city/login/")
    back = provider.agree(question.url).replace("state=", "state=x")

    answer = client.get(back)

    assert answer.status_code in {200, 302, 401, 403}
    assert client.get(reverse("accounts:me")).status_code == 302


def test_a_directory_out_of_order_gives_a_page_and_not_a_fault(client, provider):
    question = client.post("/account/oidc/city/login/")
    back = provider.agree(question.url)
    provider.is_out_of_order = True

    answer = client.get(back, follow=True)

    assert "つながりませんでした" in answer.content.decode()
    assert client.get(reverse("accounts:me")).status_code == 302


def test_a_directory_that_cannot_be_reached_leaves_the_other_doors_open(client, provider):
    provider.is_out_of_order = True

    answer = client.post("/account/oidc/city/login/", follow=True)

    assert answer.status_code == 200
    assert reverse("account_login") in answer.content.decode()


@pytest.fixture
def university(settings):
    house = IdentityProvider()
    idp = {"entity_id": house.entity, "sso_url": f"{house.entity}/sso", "x509cert": house.certificate}
    mapping = {"uid": "uid", "email": "mail", "first_name": "givenName", "last_name": "sn"}
    app = {
        "provider_id": "university",
        "name": "青葉大学",
        "client_id": "aoba-u",
        "settings": {"idp": idp, "attribute_mapping": mapping},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app]}}
    settings.ALLOWED_HOSTS = [HOST]
    return house


def post_response(client, university, **said):
    question = client.post("/account/saml/aoba-u/login/", headers={"host": HOST})
    answer = client.post(
        "/account/saml/aoba-u/acs/",
        {"SAMLResponse": university.response(question.url, uid="m-01", **said), "RelayState": ""},
        headers={"host": HOST},
    )
    while answer.status_code == 302 and "/saml/" in answer.url:
        answer = client.get(answer.url, headers={"host": HOST})
    return answer


def test_somebody_of_the_university_comes_in_after_proving_the_address(client, university):
    answer = post_response(client, university, email="minori@aoba-u.example.ac.jp")

    person = Person.objects.get(email="minori@aoba-u.example.ac.jp")
    assert answer.status_code == 302
    assert person.name == "早瀬 みのり"
    assert "minori@aoba-u.example.ac.jp" in mail.outbox[-1].to
    assert client.get(reverse("accounts:me"), headers={"host": HOST}).status_code == 302


def test_a_response_nobody_signed_is_turned_away(client, university):
    answer = post_response(client, university, email="minori@aoba-u.example.ac.jp", is_signed=False)

    assert answer.status_code < 500
    assert not Person.objects.filter(email="minori@aoba-u.example.ac.jp").exists()


def test_a_response_signed_by_another_house_is_turned_away(client, university):
    answer = post_response(client, IdentityProvider(), email="minori@aoba-u.example.ac.jp")

    assert answer.status_code < 500
    assert not Person.objects.filter(email="minori@aoba-u.example.ac.jp").exists()


def test_a_name_without_a_domain_is_told_how_to_be_allowed(client, university, settings):
    """Inside a house a server is often called by one word; the library refuses that unless told otherwise."""
    settings.ALLOWED_HOSTS = ["enishi"]

    answer = client.post("/account/saml/aoba-u/login/", headers={"host": "enishi"}, follow=True)

    assert "つながりませんでした" in answer.content.decode()


def test_our_side_of_saml_is_described_for_the_university(client, university):
    answer = client.get("/account/saml/aoba-u/metadata/", headers={"host": HOST})

    assert answer.status_code == 200
    assert b"AssertionConsumerService" in answer.content
