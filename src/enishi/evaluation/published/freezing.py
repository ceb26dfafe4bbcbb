"""The files of a data set, byte for byte: CSV and JSON of each table, what they are, and a README of the columns."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from enishi.evaluation.published.by_hand import by_hand
from enishi.evaluation.published.tables import MANIFEST, NO, TABLES, YES, Column, Table, kind_in_words
from enishi.foundation.fiscal_year import FiscalYear

README = "README.md"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Frozen:
    """One file before it is stored."""

    name: str
    content: bytes
    rows: int = 0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class About:
    """Whose data, of which year, frozen when."""

    title: str
    municipality: str
    fiscal_year: int
    frozen_at: dt.datetime
    note: str = ""


def files_of(rows: Mapping[str, Sequence[Mapping[str, object]]], about: About) -> list[Frozen]:
    """Every file of the set. The same rows at the same moment give the same bytes."""
    tables = [TABLES[name] for name in TABLES if name in rows]
    made = [
        Frozen(f"{table.key}.{ending}", write(table, rows[table.key]), len(rows[table.key]))
        for table in tables
        for ending, write in (("csv", as_csv), ("json", as_json))
    ]
    made.append(Frozen(README, _readme(about, made).encode()))
    return [*made, Frozen(MANIFEST, _manifest(about, made))]


def as_csv(table: Table, rows: Iterable[Mapping[str, object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(column.label for column in table.columns)
    writer.writerows([_cell(row.get(column.key)) for column in table.columns] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = "" if value is None else _written(value)
    # A sheet must not run what somebody typed; whole numbers below zero are numbers, not formulas.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def _written(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return value.isoformat() if isinstance(value, dt.date) else str(value).replace("\x00", "")


def as_json(table: Table, rows: Iterable[Mapping[str, object]]) -> bytes:
    lines = [
        {column.key: _json_value(row.get(column.key), column) for column in table.columns} for row in rows
    ]
    return (json.dumps(lines, ensure_ascii=False, indent=1) + "\n").encode()


def _json_value(value: object, column: Column) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    return _written(value)


def _manifest(about: About, files: Sequence[Frozen]) -> bytes:
    found = {
        "title": about.title,
        "municipality": about.municipality,
        "fiscal_year": about.fiscal_year,
        "frozen_at": about.frozen_at.isoformat(timespec="seconds"),
        "format": "enishi-published/1",
        "rows": {file.name: file.rows for file in files if file.name.endswith(".csv")},
        "sha256": {file.name: file.sha256 for file in files},
    }
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def _readme(about: About, files: Sequence[Frozen]) -> str:
    """What is in the files, column by column, and how to compute the numbers again."""
    lines = [
        f"# {about.title}",
        "",
        f"{about.municipality} · 予算の年度 {FiscalYear(about.fiscal_year)} · {about.frozen_at:%Y-%m-%d %H:%M} 時点で凍結",
        "",
        *([about.note, ""] if about.note else []),
        "## 命令で計算しなおす",
        "",
        "このフォルダー(かzip)だけで、公開ページと同じ数字と一覧が出ます。データベースもサインインもいりません。",
        "",
        f"    enishi recompute 反映率 --year {about.fiscal_year} --data このフォルダー",
        "",
        "`enishi recompute` だけを打つと、計算できる数字の一覧が出ます。",
        "",
        "CSVはUTF-8(BOM付き)、1行目が見出しです。JSONは同じ内容で、名前は下の表の「JSONの名前」です。",
        f"`{MANIFEST}` に、各ファイルのsha256があります。",
    ]
    lines += by_hand({file.name: file.content for file in files}, about.fiscal_year)
    names = {file.name for file in files}
    for table in TABLES.values():
        if f"{table.key}.csv" in names:
            lines += ["", f"## {table.key}.csv({table.title})", "", table.words, "", *_columns(table)]
    return "\n".join(lines) + "\n"


def _columns(table: Table) -> list[str]:
    head = ["| 列 | JSONの名前 | 書き方 | 必ずある | 意味 |", "|--|--|--|--|--|"]
    return head + [
        f"| {c.label} | {c.key} | {kind_in_words(c)} | {YES if c.needed else NO} | {c.words} |"
        for c in table.columns
    ]


def zipped(files: Iterable[tuple[str, bytes]], at: dt.datetime) -> bytes:
    """All files in one; the same set gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
