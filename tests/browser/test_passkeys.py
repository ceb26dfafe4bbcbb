"""A passkey, from setting it up to coming in with nothing else, on an authenticator the browser itself imitates."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_set_up_and_opens_the_door_alone(chromium: Browser, site: Site) -> None:
    # A passkey belongs to a name, never to an address in numbers.
    context = chromium.new_context(base_url=site.address.replace("127.0.0.1", "localhost"), locale="ja-JP")
    page = context.new_page()
    with_authenticator(page)

    page.goto("/account/login/")
    page.fill("main input[name=login]", "auditor@demo.example")
    page.fill("main input[name=password]", site.password)
    page.locator("main input[name=password]").press("Enter")
    page.wait_for_selector("details.person")
    page.goto("/account/2fa/webauthn/add/")
    if page.locator("main input[name=password]").count():
        page.fill("main input[name=password]", site.password)
        page.locator("main input[name=password]").press("Enter")
        page.wait_for_selector("#mfa_webauthn_add")
    if page.locator("main input[name=name]").count():
        page.fill("main input[name=name]", "机の鍵")
    if page.locator("main input[name=passwordless]").count():
        page.check("main input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda address: "/add/" not in address)
    context.clear_cookies()

    page.goto("/account/login/")
    page.click("#passkey_login")

    expect(page.get_by_role("heading", level=1)).to_have_text("ホーム")
    page.goto("/account/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("机の鍵")
    context.close()


def with_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
