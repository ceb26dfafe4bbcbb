"""Arrays on disk: a cache of what the database holds, never the only copy.

Each set of arrays lies in a folder that never changes once something names it; what names them (a room's manifest) is replaced
in one step. Whoever finds a file missing, short or changed throws the manifest away and builds anew.
"""

import os
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CHECKED_AT_ONCE = 64 * 1024 * 1024
"""Smaller sets are read through when they are opened; larger ones by the worker's rounds."""

Arrays = Mapping[str, np.ndarray[Any, Any]]


class ShelfDamagedError(Exception):
    """A file is not what was written down about it."""


@dataclass(frozen=True)
class Shelved:
    """A folder of arrays and what its files must look like: name → (bytes, CRC-32)."""

    folder: str
    rows: int
    files: dict[str, tuple[int, int]]

    def as_json(self) -> dict[str, Any]:
        return {"folder": self.folder, "rows": self.rows, "files": self.files}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Shelved":
        """Raises ``ValueError``, ``KeyError``, ``TypeError`` or ``AttributeError`` for what is no such row."""
        files = {str(name): (int(size), int(crc)) for name, (size, crc) in row["files"].items()}
        return cls(str(row["folder"]), int(row["rows"]), files)


def shelve(place: Path, arrays: Arrays, *, rows: int) -> Shelved:
    """Write arrays into a folder of their own under ``place``."""
    place.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=place, prefix=".making-"))
    files: dict[str, tuple[int, int]] = {}
    for name, array in arrays.items():
        path = making / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, np.ascontiguousarray(array))
            file.flush()
            os.fsync(file.fileno())
        files[path.name] = path.stat().st_size, _crc(path)
    final = f"s-{secrets.token_hex(6)}"
    making.rename(place / final)
    return Shelved(final, rows, files)


def open_arrays(place: Path, shelved: Shelved) -> dict[str, Any]:
    """The arrays, mapped from disk.

    Raises
    ------
    ShelfDamagedError
        If a file is missing or is not as it was written.
    """
    small = sum(size for size, _crc in shelved.files.values()) <= CHECKED_AT_ONCE
    check(place, shelved, thoroughly=small)
    try:
        return {
            Path(name).stem: np.load(place / shelved.folder / name, mmap_mode="r", allow_pickle=False)
            for name in shelved.files
        }
    except (OSError, ValueError, EOFError) as error:
        raise ShelfDamagedError(str(error)) from error


def check(place: Path, shelved: Shelved, *, thoroughly: bool) -> None:
    """Compare sizes, and the content too when ``thoroughly``. Raises ``ShelfDamagedError``."""
    for name, (size, crc) in shelved.files.items():
        path = place / shelved.folder / name
        try:
            if path.stat().st_size != size or (thoroughly and _crc(path) != crc):
                raise ShelfDamagedError(name)
        except OSError as error:
            raise ShelfDamagedError(name) from error


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is replaced; zeros where there is none."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_ino


def replace(path: Path, content: bytes) -> None:
    """Put a whole file in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".manifest-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(scratch).replace(path)


def clear(place: Path, kept: Collection[str]) -> None:
    """Remove folders nobody names any more. A process that has them mapped keeps its own hold on them."""
    for each in place.iterdir():
        if each.is_dir() and each.name.startswith("s-") and each.name not in kept:
            shutil.rmtree(each, ignore_errors=True)


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            value = zlib.crc32(piece, value)
    return value
