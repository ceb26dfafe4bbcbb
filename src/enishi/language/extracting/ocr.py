"""Pages that are pictures, read by Tesseract where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from enishi.language.extracting.formats import CannotReadFileError

DOTS_PER_INCH = 300
SECONDS_A_PAGE = 120
MOST_PAGES = 500
_VERTICAL_SHARE = 1.3

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


def read_pictures(content: bytes, numbers: Sequence[int]) -> dict[int, str]:
    """Return the text of these pages (counted from 1) of a PDF.

    Raises
    ------
    CannotReadFileError
        If Tesseract or its Japanese dictionary is not installed, or there are too many pages.
    """
    if not is_installed():
        raise CannotReadFileError(_MISSING)
    if len(numbers) > MOST_PAGES:
        raise CannotReadFileError(
            f"画像のページが多すぎます({len(numbers):,}ページ)。{MOST_PAGES}ページまでに分けてください。"
        )
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            picture = Path(folder) / "page.ppm"
            _draw(document[number - 1], picture)
            found[number] = _best(picture)
    return found


def _draw(page: object, picture: Path) -> None:
    bitmap = page.render(scale=DOTS_PER_INCH / 72, grayscale=True)  # type: ignore[attr-defined]
    array = bitmap.to_numpy()
    height, width = array.shape[:2]
    with picture.open("wb") as file:
        file.write(f"P5 {width} {height} 255\n".encode())
        file.write(array.reshape(height, width).tobytes())


def _best(picture: Path) -> str:
    """Upright and vertical writing are both tried; the one that makes more of the page wins."""
    upright = _tesseract(picture, "jpn", "3")
    if "jpn_vert" not in languages():
        return upright
    if len(upright.replace(" ", "")) > 200 and "。" in upright:
        return upright
    vertical = _tesseract(picture, "jpn_vert", "5")
    return vertical if len(vertical) > _VERTICAL_SHARE * len(upright) else upright


def _tesseract(picture: Path, language: str, layout: str) -> str:
    program = shutil.which("tesseract")
    assert program is not None
    command = [program, str(picture), "stdout", "-l", language, "--psm", layout]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=SECONDS_A_PAGE
        )
    except subprocess.TimeoutExpired:
        return ""
    return _without_blanks(done.stdout)


def _without_blanks(text: str) -> str:
    """Tesseract puts a blank between Japanese letters; there are none in the text."""
    import re

    joined = re.sub(r"(?<=[぀-ヿ一-鿿、。])[ \t]+(?=[぀-ヿ一-鿿、。0-9])", "", text)
    return re.sub(r"(?<=[0-9])[ \t]+(?=[぀-ヿ一-鿿])", "", joined)
