"""A real Chromium before a real server that was started as a new user would start it.

The server runs in a process of its own on a data folder of its own, filled with the demo region; the tests speak to it through the
browser alone. They share it, so they run in one worker and leave things as they found them.
"""

import mimetypes
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

# Playwright keeps an event loop in this thread; Django would refuse the database to every later test of the process.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOW_TO_GET_ONE = (
    "ブラウザーが見つかりません。Debian/Ubuntu では「apt install chromium」、それ以外では "
    "「.venv/bin/playwright install chromium」で入れてください。"
)
PATIENCE_SECONDS = 300
# A busy machine is slow, not wrong.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Site:
    """The server under test and the password of its demo people."""

    address: str
    password: str


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="docs/screenshots/ を撮り直す")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what lies here; photographs are only taken when asked for, and then nothing else is done."""
    taking = config.getoption("--screenshots", default=False)
    mine = [item for item in items if HERE in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.browser)
    unwanted = {item for item in mine if (item.path.name == "test_screenshots.py") != taking}
    items[:] = [item for item in items if item not in unwanted]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The system's Chromium, or Playwright's own when it was installed."""
    arguments = {**browser_type_launch_args, "args": ["--no-sandbox", "--font-render-hinting=none"]}
    return {**arguments, "executable_path": CHROMIUM} if CHROMIUM else arguments


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Browser:
    try:
        browser: Browser = request.getfixturevalue("browser")
    except Exception as error:
        if "Executable doesn't exist" not in str(error) or os.environ.get("CI"):
            raise
        pytest.skip(HOW_TO_GET_ONE)
    return browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``enishi run --demo`` on a free port; or the one that runs already, named by SITE_UNDER_TEST and SITE_PASSWORD."""
    running = os.environ.get("SITE_UNDER_TEST")
    if running:
        yield Site(running, os.environ["SITE_PASSWORD"])
        return
    data, port = tmp_path_factory.mktemp("site"), _free_port()
    _borrow_model(data)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENISHI_")}
    environment |= {"ENISHI_DATA": str(data), "PYTHONPATH": str(PROJECT / "src")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "enishi.config", "run", "--demo", "--port", str(port)]
    with (data / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=data)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, data / "server.log")
            yield Site(address, (data / "demo-password.txt").read_text(encoding="ascii").strip())
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _borrow_model(data: Path) -> None:
    """Preparing the sentence model takes a minute: one that was prepared by ``make setup`` serves as well."""
    prepared = PROJECT / "data" / "model"
    if prepared.is_dir():
        (data / "model").symlink_to(prepared)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    last = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < last:
        if process.poll() is not None:
            pytest.fail(f"The server ended by itself:\n{log.read_text(encoding='utf-8')[-4000:]}")
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"The server did not answer:\n{log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def sessions() -> dict[str, object]:
    """Cookies of people who have signed in once; signing in is throttled, and tested elsewhere."""
    return {}


@pytest.fixture
def visit(chromium: Browser, site: Site, sessions: dict[str, object]) -> Iterator[Callable[..., Page]]:
    """``visit("planner", width=375)``: a fresh page of somebody, or of a visitor for ``""``."""
    contexts: list[BrowserContext] = []

    def open_page(who: str = "", *, width: int = 1280, height: int = 900, **options: object) -> Page:
        if who and who not in sessions:
            sessions[who] = _sign_in(chromium, site, who)
        context = chromium.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            locale="ja-JP",
            storage_state=sessions.get(who),
            **options,
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def _sign_in(chromium: Browser, site: Site, who: str) -> object:
    context = chromium.new_context(base_url=site.address, locale="ja-JP")
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("main input[name=login]", f"{who}@demo.example")
    page.fill("main input[name=password]", site.password)
    page.locator("main input[name=password]").press("Enter")
    page.wait_for_selector("details.person")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def gallery(chromium: Browser, client: object, settings: object, db: None) -> Iterator[Callable[..., Page]]:
    """Every component on one page, answered by Django in this process."""
    settings.ROOT_URLCONF = "tests.browser.gallery_urls"
    contexts: list[BrowserContext] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://gallery.localhost")
        if path.startswith("/static/"):
            route.fulfill(body=_static(path), content_type=mimetypes.guess_type(path)[0] or "text/plain")
            return
        response = client.get(path, HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE="ja")
        headers = {name: value for name, value in response.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(status=response.status_code, headers=headers, body=response.content)

    def open_page(*, width: int = 1280, **options: object) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="ja-JP", **options)
        contexts.append(context)
        page = context.new_page()
        page.route("http://gallery.localhost/**", answer)
        page.goto("http://gallery.localhost/gallery")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _static(path: str) -> bytes:
    from django.contrib.staticfiles import finders

    found = finders.find(path.removeprefix("/static/"))
    assert found, path
    return Path(found).read_bytes()
