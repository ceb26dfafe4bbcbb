"""The region's own files: one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any


def lines(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one of the region's files."""
    text = (resources.files("enishi.config.demo") / f"{name}.jsonl").read_text(encoding="utf-8")
    return (json.loads(line) for line in text.splitlines() if line.strip())


def title_of(file: str, row: Mapping[str, Any], name: str) -> str:
    """The title of the record of another file that the row names by its key; empty where it names none."""
    key = row.get(name)
    return next((str(each["title"]) for each in lines(file) if each["key"] == key), "") if key else ""
