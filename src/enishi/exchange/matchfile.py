"""Matching two files: a table of challenges and one of resources in, a ranked list out. No database, no settings."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from enishi.engines import matching
from enishi.foundation import wareki
from enishi.foundation.spreadsheets import UnreadableTableError, decode, read_table
from enishi.language.e5 import open_local_embedder
from enishi.language.errors import LanguageError
from enishi.language.matching_inputs import MatchingReader
from enishi.language.places import region_codes

MAX_ROWS = 1_000_000
HEADINGS = ("challenge_id", "rank", "resource_id", "score", "why")

Progress = Callable[[int, int], None]

_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "ID", "Id", "番号", "管理番号", "challenge_id", "resource_id"),
    "text": ("text", "本文", "内容", "課題", "説明", "できること", "いま困っていること"),
    "title": ("title", "題名", "タイトル", "件名"),
    "fields": ("fields", "field", "分野"),
    "kind": ("kind", "kinds", "種類", "資源の種類", "求める資源"),
    "region": ("region", "regions", "地域", "対象の地域", "対応できる地域"),
    "window": ("window", "期間", "受け入れ期間", "提供できる期間"),
}
_SEPARATORS = re.compile(r"[、,;；|/／\n]+")
_BETWEEN = re.compile(r"\s*(?:〜|～|~|から|\.\.|–|—|→)\s*")


class MatchFileError(Exception):
    """A file cannot be matched; the sentence says which, where and how to mend it."""


@dataclass(frozen=True)
class _Record:
    """A row of either file."""

    id: str
    text: str
    title: str = ""
    fields: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    window: matching.Period = field(default_factory=matching.Period)


def match_files(
    challenges_path: Path,
    resources_path: Path,
    out_path: Path,
    *,
    top: int = 20,
    explain: bool = False,
    models: Path | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> int:
    """Rank the resources for each challenge and write a CSV; return how many rows it has.

    Parameters
    ----------
    challenges_path, resources_path : Path
        CSV (UTF-8 with or without BOM, CP932), xlsx or JSON Lines with ``id`` and ``text``;
        ``title, fields, kind, region, window`` are used when they are there.
    top : int
        How many resources a challenge gets.
    explain : bool
        Whether the column ``why`` is filled.
    models : Path, optional
        Where the prepared language model is kept; ``models`` in the data folder by default.

    Raises
    ------
    MatchFileError
        With a plain Japanese sentence.
    """
    _speak_without_settings()
    challenges = _records(challenges_path, "課題")
    resources = _records(resources_path, "資源")
    try:
        reader = MatchingReader(open_local_embedder(models or _models_folder(), threads=threads))
        rankings = _rankings(challenges, resources, reader, top, explain, progress)
    except LanguageError as error:
        raise MatchFileError(str(error)) from error
    return _write(out_path, rankings)


def _speak_without_settings() -> None:
    """Let the table reader's sentences appear as they are written when nobody set Django up."""
    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        settings.configure(USE_I18N=False)


def _models_folder() -> Path:
    return Path(os.environ.get("ENISHI_DATA", "data")).expanduser() / "models"


def _rankings(
    challenges: Sequence[_Record],
    resources: Sequence[_Record],
    reader: MatchingReader,
    top: int,
    explain: bool,
    progress: Progress | None,
) -> list[matching.Ranking]:
    total = len(challenges) + len(resources)
    tell = progress or _keep_quiet
    wants, cans = [], []
    for record in challenges:
        wants.append(_want(record, reader))
        tell(len(wants), total)
    for record in resources:
        cans.append(_can(record, reader))
        tell(len(wants) + len(cans), total)
    space = reader.space.adapted(
        [want.evidence.vector for want in wants], [can.evidence.vector for can in cans]
    )
    # Files carry no "today": windows are compared with each other alone.
    return matching.rank(
        wants,
        cans,
        space,
        as_of=dt.date.min,
        top=top,
        explain=explain,
        rules=frozenset({matching.Rule.WINDOW_CLOSED}),
    )


def _keep_quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


def _want(record: _Record, reader: MatchingReader) -> matching.Want:
    return reader.want(
        id=record.id,
        text=record.text,
        title=record.title,
        fields=record.fields,
        kinds=record.kinds,
        regions=record.regions,
        window=record.window,
    )


def _can(record: _Record, reader: MatchingReader) -> matching.Can:
    return reader.can(
        id=record.id,
        text=record.text,
        title=record.title,
        fields=record.fields,
        kinds=record.kinds,
        regions=record.regions,
        window=record.window,
    )


def _write(path: Path, rankings: Sequence[matching.Ranking]) -> int:
    rows = 0
    scratch = path.with_name(f".{path.name}.part")
    try:
        with scratch.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            for ranking in rankings:
                for match in ranking.matches:
                    writer.writerow(
                        [match.want_id, match.rank, match.can_id, f"{match.score:.6f}", _why(match)]
                    )
                    rows += 1
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise MatchFileError(
            f"結果を {path} に書けません({error.strerror})。空き容量と書き込みの権限を確かめてください。"
        ) from error
    return rows


def _why(match: matching.Match) -> str:
    return "。".join(reason.text for reason in match.reasons)


def _records(path: Path, what: str) -> list[_Record]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MatchFileError(
            f"{what}のファイル {path} を読めません({error.strerror})。場所を確かめてください。"
        ) from error
    try:
        rows = _json_rows(content, path) if _is_json(content, path) else _table_rows(content)
        return _checked(rows, path, what)
    except UnreadableTableError as error:
        raise MatchFileError(f"{what}のファイル {path.name}: {error}") from error


def _is_json(content: bytes, path: Path) -> bool:
    return path.suffix.lower() in {".jsonl", ".ndjson"} or content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"


def _json_rows(content: bytes, path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    text, _encoding = decode(content) if content.strip() else ("", "")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise MatchFileError(
                f"{path.name} の{number}行目をJSONとして読めません。1行に一つのオブジェクトを書いてください。"
            ) from error
        if not isinstance(row, dict):
            raise MatchFileError(
                f'{path.name} の{number}行目は {{"id": …, "text": …}} の形で書いてください。'
            )
        yield number, row


def _table_rows(content: bytes) -> Iterator[tuple[int, dict[str, object]]]:
    for row in read_table(content, max_rows=MAX_ROWS).rows:
        yield row.number, dict(row.cells)


def _checked(rows: Iterable[tuple[int, dict[str, object]]], path: Path, what: str) -> list[_Record]:
    records: list[_Record] = []
    first_line: dict[str, int] = {}
    for number, row in rows:
        record = _record(row, f"{path.name} の{number}行目")
        if record.id in first_line:
            raise MatchFileError(
                f"{path.name} の{number}行目の id「{record.id[:60]}」は{first_line[record.id]}行目にもあります。"
                "別の id にしてください。"
            )
        first_line[record.id] = number
        records.append(record)
    if not records:
        raise MatchFileError(
            f"{what}のファイル {path.name} にデータの行がありません。見出し id と text の下に1件以上書いてください。"
        )
    return records


def _record(row: dict[str, object], where: str) -> _Record:
    id_, text, title = (_cell(row, name) for name in ("id", "text", "title"))
    for name, value in (("id", id_), ("text", text or title)):
        if not value and not _has(row, name):
            raise MatchFileError(f"{where}: 列 {name} がありません。見出しに id と text を置いてください。")
        if not value:
            raise MatchFileError(f"{where}: {name} が空です。値を書くか、行を消してください。")
    return _Record(
        id=id_,
        text=text,
        title=title,
        fields=frozenset(_list(row, "fields")),
        kinds=frozenset(_list(row, "kind")),
        regions=region_codes(_list(row, "region")),
        window=_period(_cell(row, "window"), where),
    )


def _has(row: dict[str, object], name: str) -> bool:
    return any(heading in row for heading in _NAMES[name])


def _value(row: dict[str, object], name: str) -> object:
    return next((row[heading] for heading in _NAMES[name] if row.get(heading) not in (None, "")), "")


def _cell(row: dict[str, object], name: str) -> str:
    value = _value(row, name)
    return "\n".join(map(str, value)).strip() if isinstance(value, list) else str(value).strip()


def _list(row: dict[str, object], name: str) -> list[str]:
    value = _value(row, name)
    parts = map(str, value) if isinstance(value, list) else _SEPARATORS.split(str(value))
    return [part.strip() for part in parts if part.strip()]


def _period(text: str, where: str) -> matching.Period:
    if not text:
        return matching.Period()
    start, _, end = (_BETWEEN.sub("\0", text, count=1)).partition("\0")
    try:
        return matching.Period(
            wareki.read(start) if start.strip() else None,
            wareki.read(end) if end.strip() else None,
        )
    except (wareki.UnreadableDateError, matching.InvalidInputError) as error:
        raise MatchFileError(
            f"{where}: 期間「{text[:60]}」を読めません。例: 2026-12-01〜2027-03-31、令和8年12月1日〜令和9年3月31日"
        ) from error
