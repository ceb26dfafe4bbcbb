"""Excel and PowerPoint files, read as data: macros and formulas never run."""

from __future__ import annotations

import io
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.word import MAX_UNPACKED_BYTES

MOST_ROWS = 50_000
MOST_SLIDES = 1_000
MOST_CELL = 2_000
MOST_FORMATTED = 1e15

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_FIGURES = re.compile(r"(?P<whole>[#0?](?:[#0?,]*[#0?])?)(?P<thousands>,*)(?:\.(?P<places>[0#?]+))?(?![Ee/])")
_OTHER_FORM = re.compile(r"[Ee][+-]|/|@")
_SAID = re.compile(r"\[[^\]]*\]|_.|\*.|\\(?=.)|\"(?=[^\"]*[△▲][^\"]*\")|\"[^\"]*\"")
"""What a format says beside its figures: colours, gaps, words in quotes."""
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
            "%(what)sファイルを開けません。壊れているようです。もう一度保存するか、元のファイルを選んでください。",
            what=what,
        ) from error
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES or len(entries) > 20_000:
        raise CannotReadFileError(
            "%(what)sファイルの中身が大きすぎます。図を除くか、分けて保存してください。", what=what
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise CannotReadFileError(
            "パスワードの付いた%(what)sファイルです。パスワードを外して保存し直してください。", what=what
        )
    return archive


def sheets(content: bytes) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Return each sheet's name and rows, cells parted by bars, and the names of hidden sheets, which are left out.

    Rows and columns nobody filled are left out. What an author hid (lists of persons, sums of others) is not for readers.
    """
    from openpyxl import load_workbook

    check_archive(content, "Excel").close()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            return [(sheet.title, list(_rows(sheet))) for sheet in shown], hidden
    except CannotReadFileError:
        raise
    except Exception as error:
        # The library meets broken files with many kinds of errors; to a person they are one.
        raise CannotReadFileError(
            "Excelファイルを開けません。壊れているようです。Excelで開いて .xlsx で保存し直してください。"
        ) from error


def _rows(sheet: Any) -> Iterator[str]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_ROWS:
            return
        cells = [_shown(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if told := row_of(cells):
            yield told


def row_of(cells: list[str]) -> str:
    """A row of a table as text: cells parted by bars, a single one by itself, nothing where nobody filled any."""
    filled = [cell for cell in cells if cell]
    return "| " + " | ".join(cells) + " |" if len(filled) > 1 else "".join(filled)


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_as_printed(value, cell.number_format)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())[:MOST_CELL]


def number_as_printed(value: float, form: str) -> str:
    """Return a number as the sheet shows it: a share as per cent, sums in thousands, 「△」 for what is below zero.

    >>> number_as_printed(0.256, "0.0%"), number_as_printed(-1234567, "#,##0,;△#,##0,"), number_as_printed(0.1 + 0.2, "General")
    ('25.6%', '△1,235', '0.3')
    """
    parts = [_SAID.sub("", part) for part in form.split(";")]
    below = parts[1] if value < 0 and len(parts) > 1 else ""
    match = _FIGURES.search(below or parts[0])
    if match is None or _OTHER_FORM.search(form) or not abs(value) < MOST_FORMATTED:
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < MOST_FORMATTED)
        return str(int(value)) if whole else f"{value:.12g}"
    share = "%" if "%" in (below or parts[0]) else ""
    places = len(match["places"] or "")
    shown = Decimal(repr(value)) * (100 if share else 1) / 1000 ** len(match["thousands"])
    shown = (abs(shown) if below else shown).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    comma = "," if "," in match["whole"] else ""
    least = match["whole"].count("0") + (places + 1 if places else 0)
    sign = next((mark for mark in "△▲(-" if mark in below), "").replace("(", "-")
    return sign + (f"{shown:,f}" if comma else f"{shown:f}".zfill(least)) + share


def slides(content: bytes) -> tuple[list[tuple[str, list[str]]], int]:
    """Return each slide's title and lines in the order they are shown, and how many hidden ones were left out.

    The speaker's notes follow their slide.
    """
    with check_archive(content, "PowerPoint") as archive:
        try:
            every = [_slide_file(archive, path) for path in _in_order(archive)[:MOST_SLIDES]]
        except CannotReadFileError:
            raise
        except Exception as error:
            raise CannotReadFileError(
                "PowerPointファイルを開けません。壊れているようです。PowerPointで開いて .pptx で保存し直してください。"
            ) from error
    shown = [slide for slide in every if slide is not None]
    return shown, len(every) - len(shown)


def _in_order(archive: zipfile.ZipFile) -> list[str]:
    """The files of the slides as the presentation lists them; by their numbers where it does not say."""
    names = set(archive.namelist())
    listed: list[str] = []
    root = _tree(archive, "ppt/presentation.xml")
    if root is not None:
        targets = _related(archive, "ppt/presentation.xml")
        marks = (node.get(f"{_RELATION}id", "") for node in root.iter() if node.tag.endswith("}sldId"))
        listed = [targets[mark] for mark in marks if targets.get(mark, "") in names]
    numbered = sorted((int(match[1]), match[0]) for name in names if (match := _SLIDE.fullmatch(name)))
    return listed or [name for _number, name in numbered]


def _tree(archive: zipfile.ZipFile, path: str) -> Any | None:
    """The root of a file within; nothing where there is no such file."""
    from defusedxml import ElementTree

    try:
        content = archive.read(path)
    except KeyError:
        return None
    return ElementTree.fromstring(content)


def _related(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    """The files a file points to, by the mark it uses for them."""
    folder, _slash, name = path.rpartition("/")
    root = _tree(archive, f"{folder}/_rels/{name}.rels")
    return {
        node.get("Id", ""): posixpath.normpath(posixpath.join(folder, node.get("Target", ""))).lstrip("/")
        for node in (root if root is not None else ())
    }


def _slide_file(archive: zipfile.ZipFile, path: str) -> tuple[str, list[str]] | None:
    root = _tree(archive, path)
    if root is None or root.get("show") in ("0", "false"):
        return None
    title, lines = _slide(root)
    for target in _related(archive, path).values():
        notes = _tree(archive, target) if "/notesSlides/" in target else None
        if notes is not None:
            lines += _slide(notes)[1]
    return title, lines


def _slide(root: Any) -> tuple[str, list[str]]:
    title, lines = "", []
    for shape in root.iter():
        kind = shape.tag.rsplit("}", 1)[-1]
        if kind == "sp" and not _is_furniture(shape):
            said = _paragraphs(shape)
            if not title and said and _is_title(shape):
                title, said = " ".join(said), []
            lines += said
        elif kind == "tbl":
            for row in shape.iter(f"{_DRAWING}tr"):
                cells = ["".join(_paragraphs(cell)) for cell in row.findall(f"{_DRAWING}tc")]
                lines.append("| " + " | ".join(cells) + " |")
    return title, lines


def _is_furniture(shape: Any) -> bool:
    """Numbers, days and footers that stand on every slide."""
    return any(
        node.tag.endswith("}ph") and node.get("type", "") in ("sldNum", "dt", "ftr", "hdr")
        for node in shape.iter()
    )


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
