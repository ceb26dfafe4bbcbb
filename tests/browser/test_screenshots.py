"""The photographs of the handbook: each kind of page at a desk and on a phone; some in print, at 200 % and in forced colours."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
HIGHEST = 1400


@dataclass(frozen=True)
class Subject:
    """One kind of page: who looks, where, by which link one gets there, and whether every reader is shown."""

    name: str
    who: str
    address: str
    follow: str = ""
    every_reader: bool = False


SUBJECTS = (
    Subject("landing", "", "/"),
    Subject("sign-in", "", "/account/login/"),
    Subject("home-planner", "planner", "/", every_reader=True),
    Subject("home-partner", "company", "/"),
    Subject("list", "planner", "/challenges/", every_reader=True),
    Subject("record", "planner", "/challenges/", "[data-row]", every_reader=True),
    Subject("form", "planner", "/resources/new/form/", every_reader=True),
    Subject("question", "planner", "/challenges/new/start/"),
    Subject("matches", "planner", "/matches/"),
    Subject("compare", "planner", "/matches/", "[data-row]", every_reader=True),
    Subject("dialogue", "planner", "/matches/contacts/", "[data-row]"),
    Subject("dashboard", "planner", "/matches/reach/"),
    Subject("import", "planner", "/imports/new/challenge/"),
    Subject("search", "planner", "/search?q=空き家"),
    Subject("sections", "admin", "/organizations/own/"),
    Subject("desk-board", "planner", "/desk/"),
    Subject("desk-clock", "planner", "/desk/clock/"),
    Subject("desk-proposal", "planner", "/desk/proposals/", "[data-row]"),
    Subject("desk-propose", "company", "/desk/propose/"),
    Subject("desk-calls", "", "/desk/calls/"),
    Subject("desk-review", "planner", "/desk/reviews/", "[data-row]"),
    Subject("desk-soundings", "planner", "/desk/soundings/", "[data-row]"),
    Subject("schemes", "", "/agreements/schemes/"),
    Subject("scheme-compare", "", "/agreements/schemes/compare/?left=jimu_itaku&right=renkei_kyoyaku"),
    Subject("agreement", "planner", "/agreements/1/"),
    Subject("agreements", "planner", "/agreements/"),
    Subject("agreement-calendar", "planner", "/agreements/calendar/"),
    Subject("risk-table", "planner", "/agreements/5/risks/table/"),
    Subject("projects", "planner", "/projects/"),
    Subject("project", "planner", "/projects/1/"),
    Subject("project-schedule", "planner", "/projects/1/schedule/"),
    Subject("project-measures", "planner", "/projects/1/measures/"),
    Subject("lessons", "planner", "/projects/lessons/"),
    Subject("handover", "officer2", "/projects/handovers/", "[data-row]"),
    Subject("yearly-sheet", "planner", "/projects/sheets/", "[data-row]"),
    Subject("budget-tree", "finance", "/budgets/"),
    Subject("budget-import", "finance", "/budgets/imports/", "main td a, main th a"),
    Subject("budget-code", "finance", "/budgets/?open=01-03&open=01-03-01", "th a[href*=codes]"),
    Subject("budget-shares", "finance", "/budgets/unallocated/sheet/"),
    Subject("programme", "planner", "/budgets/programmes/", "[data-row]"),
    Subject("evaluation-cycle", "planner", "/evaluation/1/"),
    Subject("evaluation-sheet", "planner", "/evaluation/1/sheets/", "[data-row]"),
    Subject("evaluation-fill", "officer4", "/evaluation/sheets/104/fill/first/"),
    Subject("evaluation-forms", "planner", "/evaluation/forms/"),
    Subject("reflections", "finance", "/evaluation/reflections/?year=2026"),
    Subject("published-data", "", "/evaluation/data/", "[data-row]"),
    Subject("envelopes", "finance", "/evaluation/envelopes/", "[data-row]"),
    Subject("section-import", "admin", "/organizations/1/sections/import/"),
    Subject("case-thread", "planner", "/cases/challenge/1/"),
    Subject("notices", "planner", "/notices/"),
    Subject("notice-settings", "planner", "/notices/settings/"),
    Subject("people", "admin", "/organizations/own/", "a[href$='/people/']"),
    Subject("documents", "planner", "/documents/"),
    Subject("staff-answer", "planner", "/knowledge/ask/"),
    Subject("concierge", "", "/ask/aoba/"),
    Subject(
        "accuracy", "planner", "/knowledge/trust/", "main a[href*='/knowledge/trust/']:not([href$='/new/'])"
    ),
    Subject("draft", "planner", "/knowledge/drafting/", "[data-row]"),
    Subject("sparring", "planner", "/knowledge/sparring/", "[data-row]"),
    Subject("precedent", "planner", "/knowledge/cases/ask/?q=協定にない仕事を頼まれたとき、どう対応した?"),
    Subject("check-result", "planner", "/knowledge/checks/runs/", "[data-row]"),
    Subject("plan", "", "/plans/1/"),
    Subject("plan-branch", "planner", "/plans/nodes/44/"),
    Subject("reading", "planner", "/plans/reading/1/"),
    Subject("indicators", "planner", "/indicators/"),
    Subject("indicator", "planner", "/indicators/1/"),
    Subject("indicator-import", "planner", "/indicators/runs/new/"),
    Subject("not-found", "", "/nowhere"),
)
READERS: dict[str, dict[str, object]] = {
    "1280": {"width": 1280},
    "375": {"width": 375, "height": 812},
    # 200 % of a 1280-pixel window: half the pixels, each twice as large.
    "200-percent": {"width": 640, "height": 450, "device_scale_factor": 2},
    "forced-colors": {"width": 1280, "forced_colors": "active"},
    "print": {"width": 794, "height": 1123},
}
PLAIN = ("1280", "375")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_photograph(visit: Callable[..., Page], subject: Subject) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for reader, options in READERS.items():
        if not (subject.every_reader or reader in PLAIN):
            continue
        page = visit(subject.who, **options)
        page.goto(subject.address)
        if subject.follow:
            page.goto(page.locator(subject.follow).first.get_attribute("href") or "")
        if reader == "print":
            page.emulate_media(media="print")
        height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
        width = page.viewport_size["width"]
        if reader == "200-percent":
            height = page.viewport_size["height"]
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=FOLDER / f"{subject.name}-{reader}.png")


CITY_LIST = """番号,課題名,現状,分野,担当課,期限,予算額(千円),備考
1,高齢者の買い物の足がない,北部3地区で商店が閉店した,福祉,高齢福祉課,令和9年度中,約1200,県と協議中
2,街路樹の根上りに手が回らない,苦情が年58件,都市基盤,道路河川課,未定,-,
"""


@pytest.mark.parametrize("reader", PLAIN)
def test_photograph_words_of_a_file(visit: Callable[..., Page], reader: str) -> None:
    page = visit("planner", **READERS[reader])
    page.goto("/imports/new/challenge/")
    file = {"name": "課題一覧.csv", "mimeType": "text/csv", "buffer": CITY_LIST.encode()}
    page.set_input_files("[name=file]", file)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("#words", timeout=60_000)
    page.screenshot(path=FOLDER / f"import-words-{reader}.png", full_page=True)


ASKED_AT_THE_DESK = {
    "near": "子どもが熱を出したけど夜どこで診てもらえる",
    "two": "住民票の写しの手数料とパスポートの手数料を教えてください",
}


@pytest.mark.parametrize("reader", PLAIN)
def test_photograph_what_is_asked_at_the_desk(visit: Callable[..., Page], reader: str) -> None:
    page = visit("", **READERS[reader])
    for name, question in ASKED_AT_THE_DESK.items():
        page.goto("/ask/aoba/")
        page.fill("[name=question]", question)
        page.locator(".desk-ask button[type=submit]").click()
        page.wait_for_selector("#reply")
        page.screenshot(path=FOLDER / f"concierge-{name}-{reader}.png", full_page=True)
