"""What every page is asked: axe, one heading, no sideways scrolling, nothing refused by the security policy."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    # Every element that passes would be described too, and sent here.
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each rule with the first places."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", RULES)
    return [
        f"{rule['id']}: {rule['help']} – {'; '.join(node['html'][:120] for node in rule['nodes'][:3])}"
        for rule in found
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def headings(page: Page) -> int:
    return page.locator("h1").count()
