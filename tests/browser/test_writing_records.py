"""Writing a challenge in a real browser: nothing typed is lost, two editors see each other, a pitch is one sheet."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def draft(visit: Callable[..., Page]) -> Iterator[Page]:
    """A page on the second step of a new challenge, which is thrown away afterwards."""
    page = visit("planner")
    page.goto("/challenges/new/form/")
    page.get_by_label("題名").fill("試しに書いた課題")
    page.get_by_role("button", name="保存して次へ").click()
    page.wait_for_url("**/edit/goal/")
    yield page
    page.goto(page.url.split("/edit/")[0] + "/delete/")
    page.get_by_role("button", name="ごみ箱に入れる").click()
    page.wait_for_url("**/trash/")


def test_what_was_typed_comes_back_when_the_page_is_lost(draft: Page) -> None:
    draft.get_by_label("めざす姿").press_sequentially("まだ保存していない文")
    expect(draft.locator("#kept")).to_contain_text("入力を控えました")

    lost = draft.url
    draft.on("dialog", lambda dialog: dialog.accept())
    draft.goto("/challenges/")
    draft.goto(lost)

    expect(draft.get_by_label("めざす姿")).to_have_value("まだ保存していない文")
    expect(draft.locator("main")).to_contain_text("保存できていない入力が残っていました")


def test_the_second_of_two_editors_sees_both(draft: Page) -> None:
    other = draft.context.new_page()
    other.goto(draft.url)
    other.get_by_label("めざす姿").fill("先の人の文")
    other.get_by_role("button", name="保存して閉じる").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("試しに書いた課題")

    draft.get_by_label("めざす姿").fill("後の人の文")
    draft.get_by_role("button", name="保存して閉じる").click()

    expect(draft.get_by_role("heading", level=1)).to_have_text("ほかの人が先に保存しました")
    expect(draft.get_by_role("table")).to_contain_text("先の人の文")
    expect(draft.get_by_role("table")).to_contain_text("後の人の文")
    other.close()


def test_a_pitch_prints_on_one_sheet(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/challenges/")
    addresses = page.locator("[data-row]").evaluate_all("links => links.slice(0, 5).map(link => link.href)")

    for address in addresses:
        page.goto(f"{address}pitch/")
        sheets = re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))
        assert len(sheets) == 1, address
