import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from enishi.config.urls import urlpatterns as addresses
from enishi.foundation import ui
from enishi.foundation.errors import refusal
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "ja"}


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(request.GET["why"])


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def too_often(request: HttpRequest) -> HttpResponse:
    return refusal(request, "5分に3回までです。", status=429)


urlpatterns = [path("forbidden", forbidden), path("broken", broken), path("often", too_often), *addresses]
handler400 = "enishi.foundation.errors.bad_request"
handler403 = "enishi.foundation.errors.permission_denied"


@pytest.fixture(autouse=True)
def _urls(settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("address", ["/", "/search", "/search?q=%E9%9B%AA", "/about", "/health"])
def test_a_visitor_sees_the_common_pages_with_one_heading(client: Client, address: str) -> None:
    html = client.get(address, **HTML).content.decode()

    assert html.count("<h1") == 1
    assert '<html lang="ja">' in html
    assert 'href="#main"' in html


def test_no_page_of_the_frame_has_inline_styles_or_scripts(client: Client) -> None:
    html = client.get("/", **HTML).content.decode()

    assert " style=" not in html
    assert "<style" not in html
    assert html.count("<script") == html.count("<script src=")


def test_a_missing_page_says_so_in_japanese(client: Client) -> None:
    response = client.get("/nowhere", **HTML)

    assert response.status_code == 404
    assert "ページが見つかりません" in response.content.decode()


def test_a_refusal_shows_its_sentence_but_no_code_of_an_action(client: Client) -> None:
    sentence = client.get("/forbidden", {"why": "監査の人だけが見られます。"}, **HTML)
    code = client.get("/forbidden", {"why": "publish"}, **HTML)

    assert (sentence.status_code, code.status_code) == (403, 403)
    assert "監査の人だけが見られます。" in sentence.content.decode()
    assert "publish" not in code.content.decode().split("<main")[1].split("</main>")[0]


def test_who_can_help_is_named_on_a_refusal(client: Client, monkeypatch) -> None:
    monkeypatch.setitem(ui.frame_parts.parts, "contact", lambda request: ui.Contact("企画課", "0123-45-6789"))

    html = client.get("/often", **HTML).content.decode()

    assert "企画課" in html
    assert "0123-45-6789" in html
    assert "5分に3回までです。" in html


def test_a_fault_answers_with_a_page_that_needs_nothing() -> None:
    client = Client(raise_request_exception=False)

    response = client.get("/broken", **HTML)

    assert response.status_code == 500
    assert "うまく動きませんでした" in response.content.decode()


def test_a_form_without_its_token_is_told_to_send_again() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/language", {"language": "en"}, **HTML)

    assert response.status_code == 403
    assert "もう一度送ってください" in response.content.decode()


def test_condition_answers_programs_with_json(client: Client) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert set(response.json()["parts"]) == {"database", "worker", "model", "disk"}


def test_the_language_can_be_changed(client: Client) -> None:
    client.post("/language", {"language": "en", "next": "/about"})

    assert '<html lang="en">' in client.get("/about", HTTP_ACCEPT="text/html").content.decode()


@pytest.mark.parametrize(
    ("path_", "here"),
    [("/", "/"), ("/challenges", "/challenges"), ("/challenges/3/edit", "/challenges"), ("/elsewhere", "")],
)
def test_the_nearest_item_is_the_current_one(path_: str, here: str) -> None:
    assert ui.nearest(path_, ["/", "/challenges", "/resources"]) == here


def test_items_are_shown_to_those_who_may_use_them(monkeypatch) -> None:
    registry: ui.Registry[ui.NavigationItem] = ui.Registry()
    registry.register(ui.NavigationItem("後", "portal:about", 20))
    registry.register(ui.NavigationItem("先", "portal:home", 10, count=lambda actor: 3))
    registry.register(ui.NavigationItem("管理者だけ", "portal:health", 5, shown=lambda actor: False))
    monkeypatch.setattr(ui, "navigation", registry)

    links = ui.Frame(RequestFactory().get("/about")).work

    assert [(link.label, link.current, link.count) for link in links] == [("先", False, 3), ("後", True, 0)]


def test_too_long_a_text_is_refused_with_how_long_it_may_be() -> None:
    page = Client().post("/desk/propose/", {"to": "あ" * 2_000_000})

    assert page.status_code == 400
    assert "5MBまでです" in page.content.decode()


def test_the_address_of_a_button_leads_back_to_its_page(client: Client) -> None:
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")

    page = client.get("/desk/proposals/40/time/", headers={"accept": "text/html"})
    program = client.get("/desk/proposals/40/time/")

    assert (page.status_code, page["Allow"], program.status_code) == (405, "POST", 405)
    assert 'href="/desk/proposals/40/"' in page.content.decode()
    assert not program.content
