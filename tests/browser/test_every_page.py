"""Every page somebody can come to, looked at as they meet it.

The list grows by itself: the addresses without arguments, then one page of each other name that a link anywhere leads to.
All of them are asked for. Looking at five hundred takes a small machine ten minutes, so each day's run looks at another
quarter; with ``CRAWL_ALL=1`` it looks at all.
"""

import datetime as dt
import os
import re
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Page, Response

from tests.browser.conftest import Site
from tests.browser.looking import headings, scrolls_sideways, violations

VIEWERS = ("", "planner", "company", "admin", "resident")
"""Who looks, one after the other: each page is looked at by the first who comes to it, so both frames are met many times."""
# Pages that end something, and answers that are no page.
LEFT_OUT = {"account_logout", "foundation:set_language", "foundation:job_cancel"}
MOST_PAGES = 600
LINK = re.compile(r'<a\b(?![^>]*\bdownload\b)[^>]*\bhref="([^"]+)"')


def addresses_without_arguments(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address that needs nothing to be filled in."""
    for pattern in patterns:
        written = str(pattern.pattern)
        if any(sign in written for sign in "<(["):
            continue
        address = before + written.lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from addresses_without_arguments(pattern.url_patterns, address)
        else:
            yield address


def name_of(address: str) -> str:
    """The name of the page behind an address; nothing for what we do not serve."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def is_page(response: Response | None) -> bool:
    return (
        response is not None
        and response.ok
        and response.headers.get("content-type", "").startswith("text/html")
    )


def links_in(html: str, base: str) -> list[str]:
    """The addresses inside our site that a page leads to, without parts of a page and without downloads."""
    own = urlsplit(base).netloc
    found = [urljoin(base, unescape(link)) for link in LINK.findall(html)]
    return [urldefrag(link).url for link in found if urlsplit(link).netloc == own and "format=" not in link]


def is_looked_at(name: str) -> bool:
    """Whether today's run looks at the page of this name."""
    turn = dt.datetime.now(tz=dt.UTC).toordinal() % 4
    return "CRAWL_ALL" in os.environ or zlib.crc32(name.encode()) % 4 == turn


def walk(page: Page, base: str, examined: set[str]) -> Iterator[str]:
    """Open one page of each name; yields when it is there to be looked at.

    What was looked at before is only asked for, and its links are followed.
    """
    seen: set[str] = set(LEFT_OUT)
    waiting = ["/", *addresses_without_arguments(get_resolver().url_patterns)]
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        name = name_of(address)
        if not name or name in seen:
            continue
        seen.add(name)
        probe = page.request.get(address, headers={"Accept": "text/html"}, max_redirects=0)
        if not (probe.ok and probe.headers.get("content-type", "").startswith("text/html")):
            assert probe.status < 500, f"{address} answers {probe.status}"
            continue
        waiting += links_in(probe.text(), urljoin(base, address))
        # The first page is another for each kind of person.
        is_due = address == "/" or (name not in examined and is_looked_at(name))
        if is_due and is_page(page.goto(address)):
            examined.add(name)
            yield f"{name} {address}"


@pytest.fixture(scope="module")
def examined() -> set[str]:
    """Names of the pages that were looked at."""
    return set()


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: who or "visitor")
def test_every_page_is_accessible_and_fits_a_phone(
    visit: Callable[..., Page], site: Site, examined: set[str], who: str
) -> None:
    page, faults = visit(who), []
    page.on(
        "console",
        lambda message: faults.append(f"{page.url} {message.text}") if message.type == "error" else None,
    )

    for name in walk(page, site.address, examined):
        faults += [f"{name}: {found}" for found in violations(page)]
        if headings(page) != 1:
            faults.append(f"{name}: {headings(page)} h1")
        page.set_viewport_size({"width": 375, "height": 812})
        if scrolls_sideways(page):
            faults.append(f"{name}: scrolls sideways at 375 px")
        page.set_viewport_size({"width": 1280, "height": 900})

    assert faults == []
    assert len(examined) >= 5
