"""What the portal adds to the pages of records: the way to the whole case."""

from collections.abc import Callable
from typing import Any

from enishi.foundation.access import Actor
from enishi.foundation.panels import RecordPanel, records

PAGES = {
    "exchange.challenge": "challenge",
    "exchange.contact": "contact",
    "desk.proposal": "proposal",
    "agreements.agreement": "agreement",
    "projects.project": "project",
}
"""The records a case is made of, and what a case calls them. A page without panels simply never asks."""

OF_MEMBERS = frozenset({"contact", "proposal"})


def register() -> None:
    for record, kind in PAGES.items():
        records.register(RecordPanel(record, "portal/_case_link.html", 5, _asker(kind)))


def _asker(kind: str) -> Callable[[Actor, Any], dict[str, Any] | None]:
    def link(actor: Actor, instance: Any) -> dict[str, Any] | None:
        """The link alone: what the case holds is asked on its own page.

        Whoever reads a proposal by a secret link is nobody here: the page of the case would not open.
        """
        if kind in OF_MEMBERS and not actor.is_authenticated:
            return None
        return {"kind": kind, "pk": instance.pk}

    return link
