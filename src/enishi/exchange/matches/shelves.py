"""Segments on disk: a cache of the stored profiles, never the only copy.

A segment's folder never changes once its name stands in the manifest, and the manifest is replaced in one step. Whoever
finds a file missing, short or changed throws the manifest away and builds anew from the database.
"""

import json
import logging
import os
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from enishi.engines import matching
from enishi.engines.core import InvalidInputError

logger = logging.getLogger(__name__)
FORMAT = 2
CHECKED_AT_ONCE = 64 * 1024 * 1024
"""Smaller segments are read through when they are opened; larger ones by the worker's rounds."""


class ShelfDamagedError(Exception):
    """A file is not what the manifest says."""


@dataclass(frozen=True)
class Shelved:
    """A segment's folder and what its files must look like: name → (bytes, CRC-32)."""

    folder: str
    rows: int
    files: dict[str, tuple[int, int]]


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
    try:
        state = (folder() / "manifest.json").stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_ino


def read_manifest() -> Manifest | None:
    """The manifest, or None where there is none that can be read."""
    try:
        row = json.loads((folder() / "manifest.json").read_bytes())
        if row["format"] != FORMAT:
            return None
        segments = tuple(
            Shelved(
                str(each["folder"]),
                int(each["rows"]),
                {str(name): (int(size), int(crc)) for name, (size, crc) in each["files"].items()},
            )
            for each in row["segments"]
        )
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
        "segments": [
            {"folder": each.folder, "rows": each.rows, "files": each.files} for each in manifest.segments
        ],
        "deleted": sorted(manifest.deleted),
    }
    _replace(folder() / "manifest.json", json.dumps(row).encode())
    _clear({each.folder for each in manifest.segments})


def discard() -> None:
    """Forget what is on disk: the next one who needs it builds it anew."""
    (folder() / "manifest.json").unlink(missing_ok=True)


def shelve(segment: matching.Segment) -> Shelved:
    """Write a segment's arrays into a folder of their own."""
    folder().mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder(), prefix=".making-"))
    files: dict[str, tuple[int, int]] = {}
    for name, array in segment.arrays().items():
        path = making / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, np.ascontiguousarray(array))
            file.flush()
            os.fsync(file.fileno())
        files[path.name] = path.stat().st_size, _crc(path)
    final = f"s-{secrets.token_hex(6)}"
    making.rename(folder() / final)
    return Shelved(final, len(segment), files)


def open_segment(shelved: Shelved) -> matching.Segment:
    """The segment, its arrays mapped from disk.

    Raises
    ------
    ShelfDamagedError
        If a file is missing or is not as it was written.
    """
    place = folder() / shelved.folder
    small = sum(size for size, _crc in shelved.files.values()) <= CHECKED_AT_ONCE
    check(shelved, thoroughly=small)
    arrays: dict[str, Any] = {}
    try:
        for name in shelved.files:
            arrays[Path(name).stem] = np.load(place / name, mmap_mode="r", allow_pickle=False)
        segment = matching.Segment.from_arrays(arrays)
    except (OSError, ValueError, EOFError, InvalidInputError) as error:
        raise ShelfDamagedError(str(error)) from error
    if len(segment) != shelved.rows:
        raise ShelfDamagedError("rows")
    return segment


def check(shelved: Shelved, *, thoroughly: bool) -> None:
    """Compare sizes, and the content too when ``thoroughly``. Raises ``ShelfDamagedError``."""
    for name, (size, crc) in shelved.files.items():
        path = folder() / shelved.folder / name
        try:
            if path.stat().st_size != size or (thoroughly and _crc(path) != crc):
                raise ShelfDamagedError(name)
        except OSError as error:
            raise ShelfDamagedError(name) from error


def open_all(segments: Iterable[Shelved]) -> list[matching.Segment]:
    return [open_segment(each) for each in segments]


def joined(segments: Sequence[matching.Segment], deleted: Iterable[int]) -> matching.Segment:
    """One segment out of several: the later wins, and what was deleted is gone."""
    return matching.merge(matching.Index(list(segments), deleted=deleted))


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            value = zlib.crc32(piece, value)
    return value


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".manifest-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(scratch).replace(path)


def _clear(kept: set[str]) -> None:
    """Folders nobody names any more. A process that has them mapped keeps its own hold on them."""
    for place in folder().iterdir():
        if place.is_dir() and place.name.startswith("s-") and place.name not in kept:
            shutil.rmtree(place, ignore_errors=True)
