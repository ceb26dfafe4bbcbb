"""The tables of words that come with the program (data/), for all who read them."""

from __future__ import annotations

from importlib.resources import files


def lines_of(name: str) -> list[str]:
    """The lines of a table, without those that are empty or begin with ``#``."""
    text = (files("enishi.language") / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
