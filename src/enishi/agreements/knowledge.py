"""What the room knows about legal forms, limits and risks: files of the package, read once."""

import json
from functools import cache
from importlib import resources
from typing import Any

from enishi.engines.schemes import Knowledge, read_knowledge


@cache
def data(name: str) -> dict[str, Any]:
    """One of the room's data files, as it is written."""
    text = (resources.files("enishi.agreements") / "data" / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def knowledge() -> Knowledge:
    """Schemes, questions, rules and articles."""
    return read_knowledge(
        data("collaboration_schemes"),
        data("law_articles"),
        data("scheme_supplements"),
        data("question_words"),
    )


def thresholds() -> dict[str, Any]:
    """Money limits by kind of body, from the cabinet orders."""
    return data("procurement_thresholds")


def standard_risks() -> list[dict[str, Any]]:
    """The 57 usual rows of a risk table."""
    rows: list[dict[str, Any]] = data("risk_allocation")["rows"]
    return rows


def phases() -> list[str]:
    found: list[str] = data("risk_allocation")["phases"]
    return found
