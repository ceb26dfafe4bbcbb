import json

import pytest
from django.urls import reverse

from enishi.accounts import selectors, services
from enishi.accounts.errors import TooManyTokensError
from enishi.accounts.models import ApiToken
from enishi.audit.models import AuditEvent
from tests.factories import NOON, PASSWORD, MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_name_and_language_are_kept_and_written_down(client):
    person = PersonFactory(name="前の名")
    client.force_login(person)

    response = client.post(reverse("accounts:me"), {"name": "今の名", "kana": "いまのな", "language": "en"})

    person.refresh_from_db()
    event = AuditEvent.objects.get(action="edit")
    assert response.status_code == 302
    assert (person.name, person.kana, person.language) == ("今の名", "いまのな", "en")
    assert event.changes["name"] == ["前の名", "今の名"]


def test_saving_without_change_writes_no_act():
    person = PersonFactory()

    services.change_profile(actor=person, name=person.name, kana="", language="ja", at=NOON)

    assert AuditEvent.objects.count() == 0


def test_a_key_is_shown_once_and_kept_as_a_digest(client):
    person = PersonFactory()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    made = client.post(reverse("accounts:token_new"), {"name": "集計", "days": 30})
    secret = made.context["secret"]

    page = client.get(reverse("accounts:tokens")).content.decode()

    token = ApiToken.objects.get()
    assert secret in made.content.decode()
    assert "集計" in page
    assert secret not in page
    assert token.digest not in page
    assert selectors.usable_token(secret, token.created_at) == token


def test_a_fresh_sign_in_is_asked_before_a_key_is_made(client):
    client.force_login(PersonFactory())

    response = client.post(reverse("accounts:token_new"), {"name": "集計", "days": 30})

    assert response.status_code == 302
    assert ApiToken.objects.count() == 0


def test_a_revoked_key_opens_nothing(client):
    person = PersonFactory()
    token, secret = services.make_token(actor=person, name="集計", days=30, at=NOON)
    client.force_login(person)

    client.post(reverse("accounts:token_revoke", args=[token.pk]))

    assert selectors.usable_token(secret, NOON) is None
    assert AuditEvent.objects.filter(action="revoke").count() == 1


def test_somebody_elses_key_is_not_there(client):
    token, _secret = services.make_token(actor=PersonFactory(), name="集計", days=30, at=NOON)
    client.force_login(PersonFactory())

    assert client.post(reverse("accounts:token_revoke", args=[token.pk])).status_code == 404


def test_a_key_of_a_stopped_person_opens_nothing():
    person = PersonFactory()
    _token, secret = services.make_token(actor=person, name="集計", days=30, at=NOON)
    person.is_active = False
    person.save()

    assert selectors.usable_token(secret, NOON) is None


def test_keys_are_few():
    person = PersonFactory()
    for _number in range(services.MOST_TOKENS):
        services.make_token(actor=person, name="集計", days=30, at=NOON)

    with pytest.raises(TooManyTokensError):
        services.make_token(actor=person, name="集計", days=30, at=NOON)


def test_own_data_leaves_as_one_file_without_secrets(client):
    place = MembershipFactory()
    token, secret = services.make_token(actor=place.person, name="集計", days=30, at=NOON)
    client.force_login(place.person)

    response = client.post(reverse("accounts:own_data"))

    data = json.loads(response.content)
    assert data["account"]["email"] == place.person.email
    assert data["memberships"][0]["organization"] == place.organization.name
    assert data["api_tokens"][0]["name"] == "集計"
    assert secret not in response.content.decode()
    assert token.digest not in response.content.decode()
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("value", ["", "\x00", "あ" * 101])
def test_a_name_that_cannot_be_is_refused_at_its_field(client, value):
    client.force_login(PersonFactory())

    response = client.post(reverse("accounts:me"), {"name": value, "language": "ja"})

    assert response.status_code == 200
    assert "name" in response.context["form"].errors


def test_markup_in_a_name_is_only_text(client):
    person = PersonFactory(name="<script>alert(1)</script>𠮷")
    client.force_login(person)

    page = client.get(reverse("accounts:me")).content.decode()

    assert "<script>alert" not in page
    assert "𠮷" in page
