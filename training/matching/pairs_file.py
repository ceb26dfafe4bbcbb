"""The hand-written pairs of wants and cans."""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "pairs"


@dataclass(frozen=True)
class Pair:
    """A want and the cans that would truly help it."""

    id: str
    field: str
    want: str
    cans: tuple[str, ...]


def read_pairs(folder: Path = FOLDER) -> list[Pair]:
    """Return all pairs, ordered by id; a line that is being written is left out."""
    pairs = [
        Pair(row["id"], row["field"], row["want"], tuple(can["text"] for can in row["cans"]))
        for path in sorted(folder.glob("*.jsonl"))
        for row in _rows(path)
    ]
    return sorted(pairs, key=lambda pair: pair.id)


def held_out(pair: Pair) -> bool:
    """Whether a pair is kept back from training: every tenth of each writer."""
    return int("".join(sign for sign in pair.id if sign.isdigit())) % 10 == 7


def _rows(path: Path) -> list[dict]:
    rows = []
    for line in path.read_text("utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows
