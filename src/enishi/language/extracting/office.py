"""Excel and PowerPoint files, read as data: macros and formulas never run."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from enishi.language.extracting.formats import MAX_UNPACKED_BYTES, CannotReadFileError

MOST_ROWS = 50_000
MOST_SLIDES = 1_000
MOST_CELL = 2_000

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_NOTES = "ppt/notesSlides/notesSlide{}.xml"
_TITLE = re.compile(r"title|ctrTitle", re.IGNORECASE)


def check_archive(content: bytes, what: str) -> zipfile.ZipFile:
    """Return the archive after looking how far it swells.

    Raises
    ------
    CannotReadFileError
        If it is broken, encrypted or swells beyond measure.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise CannotReadFileError(
            f"{what}を開けません。壊れているようです。もう一度保存するか、元のファイルを選んでください。"
        ) from error
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES or len(entries) > 20_000:
        raise CannotReadFileError(f"{what}の中身が大きすぎます。図を除くか、分けて保存してください。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise CannotReadFileError(f"パスワードの付いた{what}です。パスワードを外して保存し直してください。")
    return archive


def sheets(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Return each sheet's name and rows, cells parted by bars; rows and columns nobody filled are left out."""
    from openpyxl import load_workbook

    check_archive(content, "Excelファイル").close()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in book.worksheets:
                yield sheet.title, list(_rows(sheet))
    except CannotReadFileError:
        raise
    except Exception as error:
        # The library meets broken files with many kinds of errors; to a person they are one.
        raise CannotReadFileError(
            "Excelファイルを開けません。壊れているようです。Excelで開いて .xlsx で保存し直してください。"
        ) from error


def _rows(sheet: Any) -> Iterator[str]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS:
            return
        cells = [_shown(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        filled = [cell for cell in cells if cell]
        if filled:
            yield filled[0] if len(filled) == 1 else "| " + " | ".join(cells) + " |"


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())[:MOST_CELL]


def slides(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Return each slide's title and lines; the speaker's notes follow the slide."""
    from defusedxml import ElementTree

    what = "PowerPointファイル"
    with check_archive(content, what) as archive:
        names = set(archive.namelist())
        numbers = sorted(int(match[1]) for name in names if (match := _SLIDE.fullmatch(name)))
        try:
            for number in numbers[:MOST_SLIDES]:
                root = ElementTree.fromstring(archive.read(f"ppt/slides/slide{number}.xml"))
                title, lines = _slide(root)
                if _NOTES.format(number) in names:
                    notes = ElementTree.fromstring(archive.read(_NOTES.format(number)))
                    lines += _paragraphs(notes)
                yield title, lines
        except CannotReadFileError:
            raise
        except Exception as error:
            raise CannotReadFileError(
                f"{what}を開けません。壊れているようです。PowerPointで開いて .pptx で保存し直してください。"
            ) from error


def _slide(root: Any) -> tuple[str, list[str]]:
    title, lines = "", []
    for shape in root.iter():
        kind = shape.tag.rsplit("}", 1)[-1]
        if kind == "sp":
            said = _paragraphs(shape)
            if not title and said and _is_title(shape):
                title, said = " ".join(said), []
            lines += said
        elif kind == "tbl":
            for row in shape.iter(f"{_DRAWING}tr"):
                cells = ["".join(_paragraphs(cell)) for cell in row.findall(f"{_DRAWING}tc")]
                lines.append("| " + " | ".join(cells) + " |")
    return title, lines


def _is_title(shape: Any) -> bool:
    return any(
        node.tag.endswith("}ph") and _TITLE.fullmatch(node.get("type", "")) is not None
        for node in shape.iter()
    )


def _paragraphs(shape: Any) -> list[str]:
    found = []
    for paragraph in shape.iter(f"{_DRAWING}p"):
        text = "".join(node.text or "" for node in paragraph.iter(f"{_DRAWING}t")).strip()
        if text:
            found.append(text)
    return found
