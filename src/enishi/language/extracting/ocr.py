"""Pages that are pictures, read by Tesseract where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.notebook import Notebook

DOTS_PER_INCH = 300
SECONDS_A_PAGE = 120
MOST_PAGES = 500
LONGEST_STROKE = 110
"""Points: at 300 to the inch nearly a centimetre, more than the letters of a text are wide."""
LEAST_SURE = 50.0
_SURE = 70.0
_SURE_LETTERS = 200
_VERTICAL_SHARE = 1.1
_DARK = 140
_ENDS = "。．！？!?:："
_SAME = re.compile(r"(.)\1{7}")

Picture = NDArray[np.uint8]

_MISSING = (
    "画像だけのPDFです。文字認識(Tesseract と日本語の辞書 jpn・jpn_vert)がこのサーバーにないので読めません。"
    "サーバーの管理者に入れてもらうか、文字の入ったPDFを選んでください。"
)


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """Return the languages Tesseract reads here; none where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return frozenset()
    listed = subprocess.run(  # noqa: S603
        [program, "--list-langs"], capture_output=True, text=True, check=False, timeout=30
    )
    return frozenset(listed.stdout.split("\n")[1:])


def is_installed() -> bool:
    return "jpn" in languages()


def read_pictures(
    content: bytes,
    numbers: Sequence[int],
    *,
    tell: Callable[[int, int], None] | None = None,
    notebook: Notebook | None = None,
) -> dict[int, str]:
    """Return the text of these pages (counted from 1) of a PDF; pages that stand in the notebook are not read again.

    Raises
    ------
    CannotReadFileError
        If Tesseract or its Japanese dictionary is not installed, or there are too many pages.
    """
    if not is_installed():
        raise CannotReadFileError(_MISSING)
    if len(numbers) > MOST_PAGES:
        raise CannotReadFileError(
            "画像のページが多すぎます(%(pages)sページ)。%(most)sページまでに分けてください。",
            pages=f"{len(numbers):,}",
            most=f"{MOST_PAGES:,}",
        )
    import pypdfium2

    notebook = notebook or Notebook()
    found = {row["page"]: row["drawn"] for row in notebook.rows() if "drawn" in row}
    with pypdfium2.PdfDocument(content) as document, tempfile.TemporaryDirectory() as folder:
        for at, number in enumerate(numbers, start=1):
            if number not in found:
                picture = Path(folder) / "page.ppm"
                _draw(document[number - 1], picture)
                found[number] = _best(picture)
                notebook.add({"page": number, "drawn": found[number]})
            if tell is not None:
                tell(at, len(numbers))
    return found


def _draw(page: object, picture: Path) -> None:
    bitmap = page.render(scale=DOTS_PER_INCH / 72, grayscale=True)  # type: ignore[attr-defined]
    array = bitmap.to_numpy()
    height, width = array.shape[:2]
    clean = without_rules(array.reshape(height, width))
    with picture.open("wb") as file:
        file.write(f"P5 {width} {height} 255\n".encode())
        file.write(clean.tobytes())


def without_rules(picture: Picture) -> Picture:
    """Return the picture without the long straight lines of tables: what is inside them is read as rubbish otherwise.

    Parameters
    ----------
    picture : array, shape (height, width), uint8
        0 is black.
    """
    dark = picture < _DARK
    ruled = _long_runs(dark) | _long_runs(dark.T).T
    found = picture.copy()
    found[ruled] = 255
    return found


def _long_runs(dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which dark points belong to a run along the row longer than any stroke of a letter."""
    height, width = dark.shape
    edges = np.diff(np.pad(dark, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _rows, ends = np.nonzero(edges == -1)
    long = ends - starts >= LONGEST_STROKE
    marks = np.zeros((height, width + 1), np.int8)
    marks[rows[long], starts[long]] = 1
    marks[rows[long], ends[long]] -= 1
    return np.asarray(marks.cumsum(axis=1)[:, :width] > 0)


def _best(picture: Path) -> str:
    """Upright and vertical writing are both tried; the one that is read with more certainty wins."""
    upright = _tesseract(picture, "jpn", "3")
    if "jpn_vert" not in languages() or _sureness(upright) > _SURE_LETTERS * _SURE:
        return told(upright)
    vertical = _tesseract(picture, "jpn_vert", "5")
    return told(vertical if _sureness(vertical) > _VERTICAL_SHARE * _sureness(upright) else upright)


@dataclass(frozen=True)
class ReadLine:
    """A line as Tesseract read it: how sure it is (0 to 100), the block it stands in, where it ends, how wide its letters are."""

    text: str
    sure: float
    block: int
    end: int = 0
    letter: int = 0


def _sureness(lines: Sequence[ReadLine]) -> float:
    return sum(len(line.text) * line.sure for line in lines)


def told(lines: Sequence[ReadLine]) -> str:
    """Return the lines as text: a sentence the column's edge broke is whole again, blocks stand apart."""
    edges: dict[int, int] = {}
    for line in lines:
        edges[line.block] = max(edges.get(line.block, 0), line.end)
    found: list[str] = []
    above: ReadLine | None = None
    for line in lines:
        if above is None:
            found.append(line.text)
        elif above.block != line.block:
            found += ["", line.text]
        elif _goes_on(above, line) and above.end >= edges[line.block] - 2 * above.letter:
            found[-1] = _joined(found[-1], line.text)
        else:
            found.append(line.text)
        above = line
    return "\n".join(found)


def _goes_on(above: ReadLine, line: ReadLine) -> bool:
    """Not after a full stop, nor in a table, whose upright rules are read as bars."""
    return above.text[-1] not in _ENDS and "|" not in above.text + line.text


def _joined(before: str, after: str) -> str:
    between = " " if before[-1].isascii() and after[0].isascii() else ""
    return before + between + after


def _tesseract(picture: Path, language: str, layout: str) -> list[ReadLine]:
    program = shutil.which("tesseract")
    assert program is not None
    command = [program, str(picture), "stdout", "-l", language, "--psm", layout, "tsv"]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=SECONDS_A_PAGE
        )
    except subprocess.TimeoutExpired:
        return []
    return list(lines_in(done.stdout))


def lines_in(table: str) -> Iterator[ReadLine]:
    """Yield the lines of Tesseract's table (a row a line, then a row each of its words) that are text at all."""
    words: list[tuple[str, float]] = []
    box: list[int] = []
    for row in [*table.splitlines()[1:], "4" + "\t0" * 10 + "\t"]:
        cells = row.split("\t")
        if len(cells) != 12:
            continue
        if cells[0] == "5" and cells[11].strip():
            words.append((cells[11].strip(), float(cells[10])))
        elif cells[0] == "4":
            if words and box:
                yield from _line(words, box)
            words, box = [], [int(cell) for cell in cells[2:10]]


def _line(words: Sequence[tuple[str, float]], box: Sequence[int]) -> Iterator[ReadLine]:
    block, _paragraph, _line, _word, left, top, width, height = box
    text = _without_blanks(" ".join(word for word, _sure in words)).strip("|｜ ")
    sure = sum(len(word) * value for word, value in words) / sum(len(word) for word, _sure in words)
    if sure < LEAST_SURE or not text or _SAME.search(text):
        return
    is_upright = width >= height
    yield ReadLine(text, sure, block, left + width if is_upright else top + height, min(width, height))


def _without_blanks(text: str) -> str:
    """Tesseract puts a blank between Japanese letters; there are none in the text."""
    joined = re.sub(r"(?<=[぀-ヿ一-鿿、。])[ \t]+(?=[぀-ヿ一-鿿、。0-9])", "", text)
    return re.sub(r"(?<=[0-9])[ \t]+(?=[぀-ヿ一-鿿])", "", joined)
