"""What has been read of a thick file, a line a page on disk: a reading that was killed goes on behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Notebook:
    """Rows that each tell of a ``page``. Without a path nothing is kept."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    def rows(self) -> list[dict[str, Any]]:
        """Return what was written; a last line that was cut off by the end of its writer is taken out."""
        found: list[dict[str, Any]] = []
        if self.path is None or not self.path.exists():
            return found
        whole = 0
        with self.path.open("r+b") as file:
            for line in file:
                if not line.endswith(b"}\n"):
                    break
                found.append(json.loads(line))
                whole += len(line)
            file.truncate(whole)
        return found

    def add(self, row: dict[str, Any]) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")

    def forget(self) -> None:
        """To be called when the text stands where it belongs."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
