"""Finding in files: documents and questions in, a ranked list in TREC's run format out. No database, no settings."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from enishi.engines.retrieval import Collection, Pieces, Said
from enishi.language.e5 import LocalEmbedder, open_local_embedder
from enishi.language.errors import LanguageError
from enishi.language.ports import Side
from enishi.language.retrieval_inputs import MOST_CHARACTERS, question_mean, said, with_title

TAG = "enishi"
MOST_LINES = 2_000_000
MOST_SENTENCES = 20
"""Faults told one by one; the rest is counted."""
_AHEAD = 64

Progress = Callable[[int, int], None]


class RetrievalFileError(Exception):
    """A file cannot be used; the sentence says which, where and how to mend it."""


class _LineLeftOutError(Exception):
    """A line cannot be used; the others can."""


@dataclass(frozen=True)
class Line:
    """One document or question of a file."""

    id: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What came of it: how many of each, and a sentence for each line that was left out or cut."""

    documents: int
    questions: int
    rows: int
    sentences: tuple[str, ...]


def retrieve_files(
    documents_path: Path,
    questions_path: Path,
    out_path: Path,
    *,
    top: int = 100,
    models: Path | None = None,
    cache: Path | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> Outcome:
    """Rank the documents for each question and write a run file.

    Parameters
    ----------
    documents_path, questions_path : Path
        JSON Lines with ``id`` and ``text``; documents may have a ``title``.
    out_path : Path
        Written whole or not at all: ``question Q0 document rank score tag``.
    cache : Path, optional
        A file that keeps what the model said, so that a run that was broken off goes on where it stood.

    Raises
    ------
    RetrievalFileError
        With a plain Japanese sentence.
    """
    if not out_path.parent.is_dir():
        raise RetrievalFileError(f"{out_path} を置くフォルダーがありません。先に作ってください。")
    faults = _Faults()
    documents = list(_lines(documents_path, "文書", faults))
    questions = list(_lines(questions_path, "質問", faults))
    for name, lines, path in (("文書", documents, documents_path), ("質問", questions, questions_path)):
        if not lines:
            raise RetrievalFileError(
                f"{path} に読める{name}が一つもありません。1行に1件、"
                '{"id": "…", "text": "…"} の形で書いてください。' + faults.first(path)
            )
    try:
        embedder = open_local_embedder(models or _models_folder(), threads=1, learnt=False)
        rows = _rank(documents, questions, embedder, out_path, top, cache, threads, progress or _keep_quiet)
    except LanguageError as error:
        raise RetrievalFileError(str(error)) from error
    return Outcome(len(documents), len(questions), rows, faults.told())


def _models_folder() -> Path:
    return Path(os.environ.get("ENISHI_DATA", "data")).expanduser() / "models"


def _keep_quiet(done: int, total: int) -> None:
    """Nobody asked to be told."""


class _Faults:
    """Sentences about lines, the first ones in full."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._more = 0

    def add(self, sentence: str) -> None:
        if len(self._sentences) < MOST_SENTENCES:
            self._sentences.append(sentence)
        else:
            self._more += 1

    def first(self, path: Path) -> str:
        told = next((each for each in self._sentences if each.startswith(f"{path.name} ")), "")
        return f"最初の誤り: {told}" if told else ""

    def told(self) -> tuple[str, ...]:
        more = (f"ほかに{self._more}行あります。",) if self._more else ()
        return (*self._sentences, *more)


def _lines(path: Path, name: str, faults: _Faults) -> Iterator[Line]:
    seen: set[str] = set()
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if number > MOST_LINES:
                    raise RetrievalFileError(f"{path} は{MOST_LINES:,}行を超えます。分けてください。")
                if not raw.strip():
                    continue
                try:
                    line = _line(raw, f"{path.name} {number}行目", name, seen, faults)
                except _LineLeftOutError as left_out:
                    faults.add(str(left_out))
                else:
                    seen.add(line.id)
                    yield line
    except OSError as error:
        reason = "ファイルがありません" if not path.exists() else error.strerror
        raise RetrievalFileError(f"{path} を読めません({reason})。場所と権限を確かめてください。") from error


def _line(raw: bytes, where: str, name: str, seen: set[str], faults: _Faults) -> Line:
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _LineLeftOutError(f"{where}: UTF-8の文字として読めないので、飛ばしました。") from error
    except (ValueError, RecursionError) as error:
        raise _LineLeftOutError(
            f"{where}: JSONとして読めないので、飛ばしました。括弧と引用符を確かめてください。"
        ) from error
    if not isinstance(row, dict) or isinstance(row.get("id"), bool | dict | list | None):
        raise _LineLeftOutError(f"{where}: id がないので、飛ばしました。")
    key = str(row["id"])
    if not key or any(letter.isspace() for letter in key):
        raise _LineLeftOutError(f"{where}: id「{key[:40]}」は空か空白を含むので、飛ばしました。")
    if key in seen:
        raise _LineLeftOutError(f"{where}: id「{key[:40]}」は前にもあるので、この行は飛ばしました。")
    text, title = row.get("text") or "", row.get("title") or ""
    if not isinstance(text, str):
        raise _LineLeftOutError(f"{where}: text が文字列(引用符で囲んだもの)でないので、飛ばしました。")
    if not (text.strip() or (isinstance(title, str) and title.strip())):
        raise _LineLeftOutError(f"{where}: text が空なので、この{name}は飛ばしました。")
    if len(text) > MOST_CHARACTERS:
        faults.add(
            f"{where}: {len(text):,}文字あるので、{name}の初めの{MOST_CHARACTERS:,}文字だけを読みます。"
        )
    return Line(key, with_title(title if isinstance(title, str) else "", text)[:MOST_CHARACTERS])


def _rank(
    documents: Sequence[Line],
    questions: Sequence[Line],
    embedder: LocalEmbedder,
    out_path: Path,
    top: int,
    cache: Path | None,
    threads: int,
    progress: Progress,
) -> int:
    total = len(documents) + 2 * len(questions)
    with tempfile.TemporaryFile() as file, closing(_Kept(cache, embedder.name)) as kept:
        store = _PieceFile(file)
        texts, asked = [], []
        for one in _said(documents, embedder, "passage", kept, threads):
            texts.append(replace(one, pieces=store.take(one.pieces)))
            progress(len(texts), total)
        for one in _said(questions, embedder, "query", kept, threads):
            asked.append(one)
            progress(len(texts) + len(asked), total)
        collection = Collection(
            [replace(one, pieces=store.mapped(one.pieces)) for one in texts],
            questions=np.stack([one.vector for one in asked]),
            question_mean=question_mean(embedder.name),
            question_pieces=[one.pieces for one in asked if one.pieces is not None],
        )
        done = len(texts) + len(asked)
        runs = _runs(documents, questions, collection, asked, top)
        return _write(out_path, runs, lambda count: progress(done + count, total))


def _said(
    lines: Sequence[Line], embedder: LocalEmbedder, side: Side, kept: _Kept, threads: int
) -> Iterator[Said]:
    """What each line says, in order; one text a call, several calls at once."""
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        for start in range(0, len(lines), _AHEAD):
            block = lines[start : start + _AHEAD]
            known = [kept.find(line.text, side) for line in block]
            waiting = [
                None if one is not None else pool.submit(said, line.text, embedder, side)
                for line, one in zip(block, known, strict=True)
            ]
            for line, one, future in zip(block, known, waiting, strict=True):
                if future is not None:
                    one = future.result()
                    kept.put(line.text, side, one)
                assert one is not None
                yield one


def _runs(
    documents: Sequence[Line],
    questions: Sequence[Line],
    collection: Collection,
    asked: Sequence[Said],
    top: int,
) -> Iterator[list[str]]:
    for question, one in zip(questions, asked, strict=True):
        best = collection.best(one, top)
        yield [
            f"{question.id} Q0 {documents[row].id} {place} {score:.6f} {TAG}\n"
            for place, (row, score) in enumerate(best, start=1)
        ]


def _write(path: Path, runs: Iterator[list[str]], tell: Callable[[int], None]) -> int:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    rows = 0
    try:
        with scratch.open("w", encoding="utf-8", newline="\n") as file:
            for count, lines in enumerate(runs, start=1):
                file.writelines(lines)
                rows += len(lines)
                tell(count)
        scratch.replace(path)
    except OSError as error:
        raise RetrievalFileError(
            f"{path} に書けません({error.strerror})。場所と空き容量を確かめてください。"
        ) from error
    finally:
        scratch.unlink(missing_ok=True)
    return rows


class _PieceFile:
    """Pieces on disk: those of ten thousand documents are half a gigabyte."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rows = 0
        self._map: np.ndarray | None = None

    def take(self, pieces: Pieces | None) -> Pieces | None:
        """Write the vectors away; what comes back holds only where they are."""
        if pieces is None:
            return None
        self._file.write(pieces.vectors.tobytes())
        start, self._rows = self._rows, self._rows + len(pieces.vectors)
        return Pieces(pieces.ids, np.array([start, self._rows, pieces.vectors.shape[1]]))

    def mapped(self, place: Pieces | None) -> Pieces | None:
        if place is None:
            return None
        start, end, columns = (int(value) for value in place.vectors)
        if self._map is None and self._rows:
            self._file.flush()
            self._map = np.memmap(self._file, np.int8, "r", shape=(self._rows, columns))
        empty = np.zeros((0, columns), np.int8)
        return Pieces(place.ids, self._map[start:end] if self._map is not None else empty)


class _Kept:
    """What the model said of texts, by their hash, so that nothing is read twice."""

    def __init__(self, path: Path | None, model: str) -> None:
        self._model = model
        self._connection: sqlite3.Connection | None = None
        if path is None:
            return
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS said (key BLOB PRIMARY KEY, vector BLOB, ids BLOB, pieces BLOB)"
            )
        except sqlite3.Error as error:
            raise RetrievalFileError(
                f"{path} を続きの控えとして使えません({error})。別のファイル名にするか、消してからやり直してください。"
            ) from error

    def _key(self, text: str, side: Side) -> bytes:
        return hashlib.sha256(f"{self._model}\0{side}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def find(self, text: str, side: Side) -> Said | None:
        if self._connection is None:
            return None
        row = self._connection.execute(
            "SELECT vector, ids, pieces FROM said WHERE key = ?", (self._key(text, side),)
        ).fetchone()
        return None if row is None else _revived(text, *row)

    def put(self, text: str, side: Side, one: Said) -> None:
        if self._connection is None or one.pieces is None:
            return
        values = (
            self._key(text, side),
            one.vector.tobytes(),
            one.pieces.ids.tobytes(),
            one.pieces.vectors.tobytes(),
        )
        self._connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?)", values)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _revived(text: str, vector: bytes, ids: bytes, pieces: bytes) -> Said:
    from enishi.language.retrieval_inputs import letters_of, words_of

    known = np.frombuffer(vector, np.float32)
    vectors = np.frombuffer(pieces, np.int8).reshape(-1, len(known))
    return Said(words_of(text), letters_of(text), known, Pieces(np.frombuffer(ids, np.int64), vectors))
