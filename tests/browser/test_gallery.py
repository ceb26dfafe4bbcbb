"""Every component at once, as each reader meets it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.looking import headings, scrolls_sideways, violations

READERS = {
    "desk": {"width": 1280},
    "phone": {"width": 375},
    "narrowest": {"width": 320},
    "own colours": {"width": 1280, "forced_colors": "active"},
    "no script": {"width": 375, "java_script_enabled": False},
}


@pytest.mark.parametrize("reader", [name for name in READERS if name != "no script"])
def test_axe_finds_nothing(gallery: Callable[..., Page], reader: str) -> None:
    page = gallery(**READERS[reader])

    assert violations(page) == []


@pytest.mark.parametrize("reader", READERS)
def test_a_page_never_scrolls_sideways(gallery: Callable[..., Page], reader: str) -> None:
    page = gallery(**READERS[reader])

    if reader == "no script":
        assert page.locator("h1").bounding_box()["width"] <= 375
    else:
        assert not scrolls_sideways(page)
        assert headings(page) == 1


def test_the_security_policy_refuses_nothing(gallery: Callable[..., Page]) -> None:
    page = gallery()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    page.reload()

    assert complaints == []


def test_j_and_k_walk_through_the_rows_and_enter_opens(gallery: Callable[..., Page]) -> None:
    page = gallery()
    page.locator("h1").click()

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "空き家の片付けが進まない 1"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "雪かき隊(学生40人)"


def test_letters_typed_into_a_field_stay_there(gallery: Callable[..., Page]) -> None:
    page = gallery()
    page.focus("#id_title")

    page.keyboard.type("jk/")

    assert page.input_value("#id_title") == "jk/"


def test_a_day_is_said_back_while_it_is_typed(gallery: Callable[..., Page]) -> None:
    page = gallery()

    page.fill("#id_due_on", "R8.12.1")

    assert page.locator("#id_due_on + .day-read").text_content() == "2026年12月1日(火)"


def test_a_long_form_left_with_unsaved_words_asks_first(gallery: Callable[..., Page]) -> None:
    page = gallery()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_title").press_sequentially("除雪")

    page.reload()

    assert asked == ["beforeunload"]


def test_a_summary_of_errors_has_the_focus_and_leads_to_each_field(gallery: Callable[..., Page]) -> None:
    page = gallery()

    assert page.evaluate("document.activeElement.id") == "errors"
    page.locator("#errors a", has_text="締切").click()
    assert page.evaluate("document.activeElement.id") == "id_due_on"


def test_a_menu_closes_with_escape(gallery: Callable[..., Page]) -> None:
    page = gallery()
    page.locator(".export summary").click()

    page.keyboard.press("Escape")

    assert not page.locator(".export").evaluate("menu => menu.open")


def test_axe_would_have_found_something(gallery: Callable[..., Page]) -> None:
    page = gallery()
    page.set_content("<title>縁</title><main><h1>縁</h1><img src='data:,'><input></main>")

    assert {found.split(":")[0] for found in violations(page)} >= {"image-alt", "label", "html-has-lang"}


def test_a_button_pressed_twice_sends_once(gallery: Callable[..., Page]) -> None:
    page = gallery()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.route("**/gallery", lambda route: None if route.request.method == "POST" else route.fallback())

    page.locator(".results-save button").dblclick(no_wait_after=True)
    page.wait_for_timeout(300)

    assert sent == ["POST"]
