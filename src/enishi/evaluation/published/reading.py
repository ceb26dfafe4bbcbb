"""Reading published data: a folder or a zip of CSV or JSON files. No database, no settings.

A file that is missing or broken is refused with one sentence: which file, which row and column, and how to mend it.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enishi.evaluation.published.tables import MANIFEST, NO, YES, Column, Table, kind_in_words
from enishi.foundation import money, wareki
from enishi.foundation.numbers import whole

MAX_FILE_BYTES = 200 * 1024 * 1024
_YES = frozenset({YES, "1", "true", "yes", "○", "有", "真"})
_NO = frozenset({NO, "0", "false", "no", "×", "無", "偽"})
_YEAR = re.compile(
    r"(?P<era>令和|平成|昭和|[RHS])?\s*\.?\s*(?P<number>元|\d{1,4})\s*(?:年度|年)?", re.IGNORECASE
)
_FIRST_YEARS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}

Cell = str | int | bool | dt.date | None
Line = Mapping[str, Cell]


class PublishedDataError(Exception):
    """The data cannot be read; the sentence says what, where, and how to mend it."""


@dataclass(frozen=True)
class File:
    """A file that was read. ``as_published`` is ``None`` where nobody said what it should be."""

    name: str
    sha256: str
    rows: int
    as_published: bool | None = None


Fetch = Callable[[str], bytes | None]
"""The file of that name, or ``None`` where there is none."""


@dataclass
class DataSet:
    """Published data, opened table by table when a measure asks for one."""

    place: str
    fetch: Fetch
    about: Mapping[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    _read: dict[str, tuple[Line, ...]] = field(default_factory=dict)

    def rows(self, table: Table) -> tuple[Line, ...]:
        """The rows of a table that the measure cannot do without."""
        found = self.rows_if_any(table)
        if found is None and table.is_brought:
            columns = "・".join(column.label for column in table.columns)
            raise PublishedDataError(
                f"{self.place}: {table.key}.csv({table.title})がありません。この表は縁の公開データには入りません。"
                f"固定資産台帳や個別施設計画から {columns} の列で作り、{table.key}.csv として加えてください。"
            )
        if found is None:
            raise PublishedDataError(
                f"{self.place}: {table.key}.csv({table.title})がありません。"
                "公開ページの「すべてのデータ(zip)」を展開したフォルダーか、zipそのものを --data に書いてください。"
            )
        return found

    def rows_if_any(self, table: Table) -> tuple[Line, ...] | None:
        if table.key not in self._read:
            opened = self._open(table.key)
            if opened is None:
                return None
            name, content = opened
            lines = tuple(read_rows(table, name, content))
            digest = hashlib.sha256(content).hexdigest()
            self.files[table.key] = File(name, digest, len(lines), self._as_published(name, digest))
            self._read[table.key] = lines
        return self._read[table.key]

    def _open(self, key: str) -> tuple[str, bytes] | None:
        for name in (f"{key}.csv", f"{key}.json"):
            content = self.fetch(name)
            if content is not None:
                return name, content
        return None

    def _as_published(self, name: str, digest: str) -> bool | None:
        known = self.about.get("sha256")
        if not isinstance(known, Mapping) or name not in known:
            return None
        return bool(known[name] == digest)


def open_data(place: Path) -> DataSet:
    """The data in a folder or a zip file."""
    if not place.exists():
        raise PublishedDataError(
            f"{place}: ありません。公開ページから「すべてのデータ(zip)」を手に入れ、その場所を --data に書いてください。"
        )
    if not place.is_dir() and not _is_zip(place):
        raise PublishedDataError(
            f"{place}: フォルダーでもzipでもありません。CSVの入ったフォルダーか、公開されたzipを --data に書いてください。"
        )
    return opened(str(place), lambda name: _bytes(place, name))


def opened(place: str, fetch: Fetch) -> DataSet:
    """Data from wherever ``fetch`` finds files."""
    content = fetch(MANIFEST)
    if content is None:
        return DataSet(place, fetch)
    about = _json(MANIFEST, content)
    if not isinstance(about, dict):
        raise PublishedDataError(f"{MANIFEST}: 読めません。公開ページからもう一度手に入れてください。")
    return DataSet(place, fetch, about)


def _is_zip(place: Path) -> bool:
    try:
        return zipfile.is_zipfile(place)
    except OSError as error:
        raise _cannot_open(place, error) from error


def _cannot_open(place: object, error: OSError) -> PublishedDataError:
    return PublishedDataError(f"{place}: 開けません({error.strerror})。場所と権限を確かめてください。")


def _bytes(place: Path, name: str) -> bytes | None:
    """The file of that name; in a zip it may lie in a folder."""
    try:
        if place.is_dir():
            path = place / name
            if not path.is_file():
                return None
            _require_small(name, path.stat().st_size)
            return path.read_bytes()
        with zipfile.ZipFile(place) as archive:
            inside = next((each for each in archive.infolist() if Path(each.filename).name == name), None)
            if inside is None:
                return None
            _require_small(name, inside.file_size)
            return archive.read(inside)
    except OSError as error:
        raise _cannot_open(place / name, error) from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise PublishedDataError(
            f"{place}: zipが壊れています。公開ページからもう一度手に入れてください。"
        ) from error


def _require_small(name: str, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise PublishedDataError(
            f"{name}: 大きすぎます({size / 1024 / 1024:.0f} MiB)。{MAX_FILE_BYTES // 1024 // 1024} MiBまで読めます。"
        )


def read_rows(table: Table, name: str, content: bytes) -> Iterator[Line]:
    """The rows of a file, each cell as what its column says. Empty lines are no rows."""
    seen: dict[tuple[Cell, ...], int] = {}
    for number, cells in _lines(table, name, content):
        line = {column.key: _cell(name, number, column, cells.get(column.key)) for column in table.columns}
        key = tuple(line[each] for each in table.unique)
        if key in seen:
            said = "・".join(str(part) for part in key)
            raise PublishedDataError(
                f"{name}: {number}行目の「{said}」は{seen[key]}行目にもあります。どちらかを消してください。"
            )
        seen[key] = number
        yield line


def _lines(table: Table, name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if not content.strip():
        raise PublishedDataError(f"{name}: 空のファイルです。公開ページからもう一度手に入れてください。")
    if name.endswith(".json"):
        return _json_lines(table, name, content)
    return _csv_lines(table, name, content)


def _json(name: str, content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise PublishedDataError(f"{name}: JSONとして読めません({error})。") from error


def _json_lines(table: Table, name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = _json(name, content)
    if isinstance(found, dict):
        found = found.get("rows")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise PublishedDataError(f"{name}: 行の一覧(JSONの配列)ではありません。")
    for number, each in enumerate(found, start=1):
        cells = {column.key: value for heading, value in each.items() if (column := table.column(heading))}
        if number == 1:
            _require_columns(table, name, cells)
        yield number, cells


def _csv_lines(table: Table, name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), strict=True)
    columns: list[Column | None] = []
    try:
        for line in reader:
            if not any(cell.strip() for cell in line):
                continue
            if not columns:
                columns = [table.column(unicodedata.normalize("NFKC", cell).strip()) for cell in line]
                _require_columns(table, name, {each.key for each in columns if each})
                continue
            yield (
                reader.line_num,
                {column.key: cell for column, cell in zip(columns, line, strict=False) if column},
            )
    except csv.Error as error:
        raise PublishedDataError(
            f"{name}: {reader.line_num}行目がCSVとして読めません({error})。引用符の閉じ忘れがないか確かめてください。"
        ) from error


def _text(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PublishedDataError(
        f"{name}: 文字コードが分かりません。UTF-8かShift_JISのCSVで保存し直してください。"
    )


def _require_columns(table: Table, name: str, known: Iterable[str]) -> None:
    given = set(known)
    missing = [column.label for column in table.columns if column.needed and column.key not in given]
    if missing:
        raise PublishedDataError(
            f"{name}: 列「{missing[0]}」がありません。見出しは {_spoken(c.label for c in table.columns)} です。"
        )


def _spoken(words: Iterable[str]) -> str:
    return "、".join(words)


def _cell(name: str, number: int, column: Column, written: object) -> Cell:
    """One cell; raises with its place when it cannot be read."""
    if isinstance(written, bool):
        text = YES if written else NO
    elif written is None:
        text = ""
    elif isinstance(written, str | int):
        text = _undefused(str(written)).strip()
    else:
        raise _unreadable(name, number, column, str(written))
    if not text:
        if column.needed:
            raise PublishedDataError(f"{name}: {number}行目の「{column.label}」が空です。")
        return None if column.kind != "text" else ""
    value = _read(column, text)
    if value is None:
        raise _unreadable(name, number, column, text)
    return value


def _undefused(text: str) -> str:
    # Lists are written so that no spreadsheet runs a cell: an apostrophe stands before =, +, - and @.
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _unreadable(name: str, number: int, column: Column, text: str) -> PublishedDataError:
    return PublishedDataError(
        f"{name}: {number}行目の「{column.label}」の「{text[:40]}」は読めません。{kind_in_words(column)}で書いてください。"
    )


def _read(column: Column, text: str) -> Cell:
    if column.kind == "text":
        return text
    plain = unicodedata.normalize("NFKC", text).strip()
    if column.kind == "choice":
        return _choice(column.choices, plain)
    if column.kind == "flag":
        return True if plain.lower() in _YES else False if plain.lower() in _NO else None
    if column.kind == "year":
        return read_year(plain)
    if column.kind == "whole":
        return whole(plain)
    try:
        return money.read(plain) if column.kind == "yen" else wareki.read(plain)
    except (money.UnreadableAmountError, wareki.UnreadableDateError):
        return None


def _choice(choices: Sequence[str], plain: str) -> str | None:
    return next((each for each in choices if unicodedata.normalize("NFKC", each) == plain), None)


def read_year(text: str) -> int | None:
    """The fiscal year that 2026, 2026年度, 令和8年度 or R8 names.

    >>> read_year("令和8年度"), read_year("R元"), read_year("2026"), read_year("8")
    (2026, 2019, 2026, None)
    """
    match = _YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    number = 1 if match["number"] == "元" else int(match["number"])
    if match["era"]:
        return number + _FIRST_YEARS[match["era"].upper()]
    return number if number >= 1000 else None
