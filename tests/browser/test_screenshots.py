"""The photographs of the handbook: each kind of page at a desk, on a phone, in print, at 200 % and in forced colours."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"


@dataclass(frozen=True)
class Subject:
    """One kind of page: who looks, where, and by which link one gets there."""

    name: str
    who: str
    address: str
    follow: str = ""


SUBJECTS = (
    Subject("landing", "", "/"),
    Subject("sign-in", "", "/account/login/"),
    Subject("home-planner", "planner", "/"),
    Subject("home-partner", "company", "/"),
    Subject("list", "planner", "/challenges/"),
    Subject("record", "planner", "/challenges/", "[data-row]"),
    Subject("form", "planner", "/challenges/new"),
    Subject("search", "planner", "/search?q=空き家"),
    Subject("not-found", "", "/nowhere"),
)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_photograph(visit: Callable[..., Page], subject: Subject) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    ways = {
        "1280": {"width": 1280},
        "375": {"width": 375, "height": 812},
        # 200 % of a 1280-pixel window: half the pixels, each twice as large.
        "200": {"width": 640, "height": 450, "device_scale_factor": 2},
        "forced-colors": {"width": 1280, "forced_colors": "active"},
        "print": {"width": 794, "height": 1123},
    }
    for way, options in ways.items():
        page = visit(subject.who, **options)
        page.goto(subject.address)
        if subject.follow:
            page.locator(subject.follow).first.click()
            page.wait_for_load_state()
        if way == "print":
            page.emulate_media(media="print")
        page.screenshot(path=FOLDER / f"{subject.name}-{way}.png", full_page=way != "200")
