"""The region's own files: one JSON object a line."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any


def lines(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one of the region's files."""
    text = (resources.files("enishi.config.demo") / f"{name}.jsonl").read_text(encoding="utf-8")
    return (json.loads(line) for line in text.splitlines() if line.strip())
