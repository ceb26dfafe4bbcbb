"""The main tasks, done with the keyboard alone, on a phone, and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

MOST_TABS = 80


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what a person looks for."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} was not reached with {MOST_TABS} presses of Tab on {page.url}")


def test_the_first_stop_skips_to_the_main_text(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/challenges/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_signing_in_by_keyboard(visit: Callable[..., Page], site: Site) -> None:
    page = visit()
    page.goto("/account/login/")

    tab_to(page, "main input[name=login]")
    page.keyboard.type("planner@demo.example")
    tab_to(page, "main input[name=password]")
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("ホーム")


def test_finding_a_record_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("planner")
    page.goto("/challenges/")

    page.keyboard.press("/")
    page.keyboard.type("空き家")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.keyboard.press("j")
    title = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_narrowing_a_list_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("planner")
    page.goto("/challenges/")
    before = page.locator(".results-count").inner_text()

    tab_to(page, ".facet input")
    page.keyboard.press("Space")
    tab_to(page, ".facets button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**?**")

    assert page.locator(".results-count").inner_text() != before


def test_beginning_a_challenge_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("planner")
    page.goto("/challenges/new/start/")

    tab_to(page, "main textarea, main input[type=text]")
    page.keyboard.type("一人で暮らしているお年寄りの様子が分からない")
    tab_to(page, "main .form-actions button")
    page.keyboard.press("Enter")

    page.wait_for_url("**/write/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("planner", width=375, height=812)
    page.goto("/")

    tab_to(page, ".menu-open")
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    tab_to(page, ".rail-close")
    page.keyboard.press("Enter")

    expect(page.locator("#menu")).to_be_hidden()


def test_without_scripts_one_can_sign_in_and_narrow_a_list(visit: Callable[..., Page], site: Site) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/account/login/")
    page.fill("main input[name=login]", "company@demo.example")
    page.fill("main input[name=password]", site.password)
    page.locator("main input[name=password]").press("Enter")
    page.goto("/challenges/?q=雪")

    page.locator(".facet input").first.check()
    page.locator(".facets button[type=submit]").click()

    assert "q=" in page.url
    assert page.locator(".results-count").is_visible()


def test_a_visitor_writes_a_proposal_behind_its_secret_address(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/desk/propose/")

    page.get_by_label("アイデアの相談").check()
    page.get_by_role("button", name="書き始める").click()
    page.get_by_label("題名").fill("空き店舗で朝市を開く")
    page.get_by_label("提案の内容").fill("月に一度、朝の二時間だけ。")
    page.get_by_role("button", name="保存して次へ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("進め方と費用")
    page.get_by_role("link", name="確かめて送る").click()
    page.get_by_role("button", name="下書きを消す").click()

    expect(page.locator(".notice-positive")).to_contain_text("何も送られていません")


def test_contacting_a_partner_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("planner")
    page.goto("/matches/")
    links = page.locator("[data-row]")
    pairs = [links.nth(number).get_attribute("href") or "" for number in range(links.count())]
    for pair in reversed(pairs):
        page.goto(pair)
        if not page.locator("form[action$='/contact/']").count():
            continue
        tab_to(page, "form[action$='/contact/'] [type=submit]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        # A challenge that the other side may not see is refused with a reason; the next pair serves as well.
        if "/contacts/" in page.url:
            break

    expect(page.locator(".notice-positive")).to_contain_text("相手に届けました")


def test_a_sheet_with_a_fault_is_shown_and_a_mended_one_comes_in(visit: Callable[..., Page]) -> None:
    page = visit("planner")
    heading = "題名,いま困っていること,締切,状態\n"

    def bring(name: str, row: str) -> None:
        page.goto("/imports/new/challenge/")
        content = (heading + row).encode("utf-8-sig")
        page.set_input_files(
            "main input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content}
        )
        page.locator("main .form-actions [type=submit]").click()

    bring("誤り.csv", "橋の点検が追いつかない,橋が多く人が少ない,令和8年13月,下書き\n")
    expect(page.get_by_text("「令和8年13月」は日付として読めません")).to_be_visible()
    bring("直した.csv", "橋の点検が追いつかない,橋が多く人が少ない,令和9年1月29日,下書き\n")
    page.get_by_role("button", name="取り込む").click()

    expect(page.get_by_text("取り込みました").first).to_be_visible()
