import pytest
from django.urls import reverse

from enishi.config.environment import Environment, origins_in

pytestmark = pytest.mark.django_db

TOML = """
[sign_in.openid_connect]
APPS = [
  { provider_id = "city", name = "あおば市の職員認証", client_id = "enishi", secret = "himitsu", settings = { server_url = "https://id.city.example.jp" } },
]

[sign_in.saml]
APPS = [
  { provider_id = "university", name = "青葉大学", client_id = "aoba-u", settings = { idp = { entity_id = "https://idp.example.ac.jp", metadata_url = "https://idp.example.ac.jp/metadata" } } },
]
"""


@pytest.fixture
def configured(settings, tmp_path):
    file = tmp_path / "enishi.toml"
    file.write_text(TOML, encoding="utf-8")
    settings.SOCIALACCOUNT_PROVIDERS = Environment({"ENISHI_CONFIG": str(file)}).table("SIGN_IN")


def test_directories_named_in_the_file_show_up_at_the_door(client, configured):
    page = client.get(reverse("account_login")).content.decode()

    assert "あおば市の職員認証" in page
    assert "青葉大学" in page


def test_without_a_file_only_our_own_door_is_there(client):
    page = client.get(reverse("account_login")).content.decode()

    assert "oidc" not in page
    assert "saml" not in page


def test_an_unknown_directory_is_not_there(client, configured):
    assert client.get("/account/oidc/nowhere/login/").status_code == 404


def test_a_form_may_lead_to_the_directories_and_nowhere_else(tmp_path):
    file = tmp_path / "enishi.toml"
    file.write_text(TOML, encoding="utf-8")

    table = Environment({"ENISHI_CONFIG": str(file)}).table("SIGN_IN")

    assert origins_in(table) == ["https://id.city.example.jp", "https://idp.example.ac.jp"]
    assert origins_in({}) == []
