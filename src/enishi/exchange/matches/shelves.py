"""Segments on disk: a cache of the stored profiles, never the only copy.

The manifest names the segments and is replaced in one step. Whoever finds a file missing, short or changed throws the
manifest away and builds anew from the database.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from enishi.engines import matching
from enishi.engines.core import InvalidInputError
from enishi.foundation import shelves
from enishi.foundation.shelves import ShelfDamagedError, Shelved

__all__ = ["Manifest", "ShelfDamagedError", "Shelved"]

logger = logging.getLogger(__name__)
FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    epoch: int
    space: str
    sequence: int
    segments: tuple[Shelved, ...] = ()
    deleted: frozenset[int] = field(default_factory=frozenset)


def folder() -> Path:
    return Path(settings.DATA_FOLDER) / "index" / "matching"


def manifest_stamp() -> tuple[int, int]:
    """What changes when the manifest does; zeros where there is none."""
    return shelves.stamp(folder() / "manifest.json")


def read_manifest() -> Manifest | None:
    """The manifest, or None where there is none that can be read."""
    try:
        row = json.loads((folder() / "manifest.json").read_bytes())
        if row["format"] != FORMAT:
            return None
        segments = tuple(Shelved.from_json(each) for each in row["segments"])
        deleted = frozenset(int(key) for key in row["deleted"])
        return Manifest(int(row["epoch"]), str(row["space"]), int(row["sequence"]), segments, deleted)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_manifest(manifest: Manifest) -> None:
    """Put the manifest in place, then clear away folders it no longer names."""
    row = {
        "format": FORMAT,
        "epoch": manifest.epoch,
        "space": manifest.space,
        "sequence": manifest.sequence,
        "segments": [each.as_json() for each in manifest.segments],
        "deleted": sorted(manifest.deleted),
    }
    shelves.replace(folder() / "manifest.json", json.dumps(row).encode())
    shelves.clear(folder(), {each.folder for each in manifest.segments})


def discard() -> None:
    """Forget what is on disk: the next one who needs it builds it anew."""
    (folder() / "manifest.json").unlink(missing_ok=True)


def shelve(segment: matching.Segment) -> Shelved:
    """Write a segment's arrays into a folder of their own."""
    return shelves.shelve(folder(), segment.arrays(), rows=len(segment))


def open_segment(shelved: Shelved) -> matching.Segment:
    """The segment, its arrays mapped from disk.

    Raises
    ------
    ShelfDamagedError
        If a file is missing or is not as it was written.
    """
    arrays = shelves.open_arrays(folder(), shelved)
    try:
        segment = matching.Segment.from_arrays(arrays)
    except InvalidInputError as error:
        raise ShelfDamagedError(str(error)) from error
    if len(segment) != shelved.rows:
        raise ShelfDamagedError("rows")
    return segment


def check(shelved: Shelved, *, thoroughly: bool) -> None:
    """Compare sizes, and the content too when ``thoroughly``. Raises ``ShelfDamagedError``."""
    shelves.check(folder(), shelved, thoroughly=thoroughly)


def open_all(segments: Iterable[Shelved]) -> list[matching.Segment]:
    return [open_segment(each) for each in segments]


def joined(segments: Sequence[matching.Segment], deleted: Iterable[int]) -> matching.Segment:
    """One segment out of several: the later wins, and what was deleted is gone."""
    return matching.merge(matching.Index(list(segments), deleted=deleted))
