"""PDF files, read by PDFium in a process of its own: a broken or hostile file takes that process along, not this one.

python -m enishi.language.extracting.pdf FILE FIRST MOST    (what the process runs: one JSON line a page)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.letters import unified
from enishi.language.extracting.notebook import Notebook
from enishi.language.extracting.pages import Letter, PageLines, Row, edges_of, is_furniture, lines_of

MOST_PAGES = 5_000
PAGES_A_PROCESS = 250
"""What the library keeps of the pages it has read grows with them: a fresh process goes on after so many."""
MOST_MEMORY = 1536 * 1024 * 1024
SECONDS_A_PAGE = 20
MOST_UNREADABLE = 20
MOST_LETTERS = 30_000
"""Of one page; a drawing made of letters is no text."""

Tell = Callable[[int, int], None]

_SENTENCES = {
    "password": "パスワードの付いたPDFです。パスワードを外して保存し直してください。",
    "broken": "PDFを開けません。壊れているか、途中までしかないようです。もう一度保存するか、元の文書を選んでください。",
    "empty": "PDFにページがありません。壊れているようです。元の文書を選んでください。",
}


@dataclass(frozen=True)
class PdfPages:
    """The pages of a file; those that could not be read, and those that hold no letters, by number."""

    pages: tuple[PageLines, ...]
    unreadable: tuple[int, ...]
    without_letters: tuple[int, ...]


def read_pdf(content: bytes, *, tell: Tell | None = None, notebook: Notebook | None = None) -> PdfPages:
    """Return what stands on the pages of a PDF; pages that stand in the notebook are not read again.

    A page that breaks the reader is left out and named; the rest is read by a fresh process.

    Raises
    ------
    CannotReadFileError
        If the file is encrypted or broken, or has too many pages.
    """
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        return _gathered(Path(file.name), tell, notebook or Notebook())


@dataclass
class _Gathering:
    """Pages in their order, as far as they are read."""

    pages: list[PageLines] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    last: int = 0
    total: int = 1

    def take(self, row: dict[str, Any]) -> None:
        """The next page, or that it broke its reader."""
        self.last, self.total = int(row["page"]), int(row["total"])
        if "lines" in row:
            rows = [Row(**line) for line in row["lines"]]
            self.pages.append(PageLines(self.last, row["width"], row["height"], rows))
        else:
            self.unreadable.append(self.last)


def _gathered(path: Path, tell: Tell | None, notebook: Notebook) -> PdfPages:
    found = _Gathering()
    for row in notebook.rows():
        if "total" in row and row["page"] == found.last + 1:
            found.take(row)
    while found.last < found.total:
        for row in _stretch(path, found.last + 1, found.total):
            found.take(row)
            notebook.add(row)
            if len(found.unreadable) > MOST_UNREADABLE:
                raise CannotReadFileError(_SENTENCES["broken"])
            if tell is not None:
                tell(found.last, found.total)
    empty = tuple(page.number for page in found.pages if not page.lines)
    return PdfPages(tuple(found.pages), tuple(found.unreadable), empty)


def _stretch(path: Path, first: int, total: int) -> Iterator[dict[str, Any]]:
    """The pages one process reads; the one at which it ended before its time has no lines."""
    last, ended = first - 1, False
    for row in _process(path, first):
        if "fault" in row:
            raise CannotReadFileError(_SENTENCES[row["fault"]])
        total = int(row["total"])
        if total > MOST_PAGES:
            raise CannotReadFileError(
                "ページが多すぎます(%(pages)sページ)。%(most)sページまでに分けてください。",
                pages=f"{total:,}",
                most=f"{MOST_PAGES:,}",
            )
        ended = ended or "ended" in row
        if "lines" in row:
            last = int(row["page"])
            yield row
    if not ended and last < total:
        if total == 1:
            raise CannotReadFileError(_SENTENCES["broken"])
        yield {"page": last + 1, "total": total}


def body_size(pages: tuple[PageLines, ...]) -> float:
    """Return the size of letter most of the text is set in."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def readable_share(pages: tuple[PageLines, ...]) -> float:
    """Return the share of letters that are letters: files without a table of characters give rubbish."""
    edges = edges_of(pages)
    text = "".join(line.text for page in pages for line in page.lines if not is_furniture(line, page, edges))
    if not text:
        return 1.0
    bad = sum(letter in "\ufffd\ufffe" or "\ue000" <= letter <= "\uf8ff" or letter < " " for letter in text)
    return 1 - bad / len(text)


def _process(path: Path, first: int) -> Iterator[dict[str, Any]]:
    module = "enishi.language.extracting.pdf"
    command = [sys.executable, "-m", module, str(path), str(first), str(PAGES_A_PROCESS)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  our own module, a path of our own making
            command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=_environment()
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        except ValueError:
            # Cut off in the middle of a line: as if it had not been written.
            return
        finally:
            process.stdout.close()
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[3])
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": root,
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
    }


def main(path: str, first: int, most: int) -> None:
    """Write one JSON line for each page from ``first`` on, for so many pages at most."""
    _limit()
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        _say({"fault": "password" if "password" in str(error).lower() else "broken", "total": 0})
        return
    total = len(document)
    if not total:
        _say({"fault": "empty", "total": 0})
        return
    if total > MOST_PAGES:
        _say({"total": total})
        return
    for number in range(first, min(first + most, total + 1)):
        _watch()
        page = document[number - 1]
        width, height = page.get_size()
        letters = _letters(page)
        lines = [asdict(line.row()) for line in lines_of(letters)]
        _say({"page": number, "total": total, "width": width, "height": height, "lines": lines})
        page.close()
    _say({"ended": True, "total": total})


def _letters(page: Any) -> list[Letter]:
    import pypdfium2.raw as raw

    text = page.get_textpage()
    count = min(text.count_chars(), MOST_LETTERS)
    box = raw.FS_RECTF()
    found = []
    for at in range(count):
        code = raw.FPDFText_GetUnicode(text, at)
        if code < 32 or raw.FPDFText_IsGenerated(text, at) == 1:
            continue
        # The loose box is as large as the type: the ink of 「、」 says little about where it stands.
        if raw.FPDFText_GetLooseCharBox(text, at, box):
            size = _size(text, at, raw)
            found.append(Letter(unified(chr(code)), box.left, box.bottom, box.right, box.top, size))
    text.close()
    return found


def _size(text: Any, at: int, raw: Any) -> float:
    """The size as it stands on the page: the font's size times the scale it is drawn with."""
    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(text, at))
    if raw.FPDFText_GetMatrix(text, at, matrix):
        size *= max(abs(matrix.a), abs(matrix.b), abs(matrix.c), abs(matrix.d)) or 1.0
    return min(max(size, 1.0), 400.0)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # where there are no such limits, the parent's patience is the only one
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _watch() -> None:
    """End this process when the next page takes too long."""
    import signal

    if hasattr(signal, "alarm"):
        signal.alarm(SECONDS_A_PAGE)


def _say(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
