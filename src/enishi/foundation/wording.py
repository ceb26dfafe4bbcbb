"""Word documents from plain text, for the drafts that come with the product.

The text stays readable where it is reviewed: one paragraph a line; ``# `` begins the title, ``## `` a heading, ``> `` is set at
the right, ``= `` in the middle, ``- `` in a list, ``| a | b |`` is a row of a table, ``---`` a new page. Fields of a template
(``{{ 名称 }}``, ``{%p for … %}``) stay as they are.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

MINCHO = "MS 明朝"
_ROW = re.compile(r"^\|(.*)\|$")


def docx_from_text(text: str, *, title: str = "") -> bytes:
    """The text as an A4 document in Japanese letters."""
    document = Document()
    _set_up(document)
    document.core_properties.title = title
    document.core_properties.author = ""
    for kind, content in _pieces(text):
        _add(document, kind, content)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _set_up(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(25)
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = MINCHO
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), MINCHO)
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Normal"].paragraph_format.space_after = Pt(2)


def _pieces(text: str) -> Iterator[tuple[str, Any]]:
    rows: list[list[str]] = []
    for line in text.splitlines():
        row = _ROW.match(line.strip())
        if row:
            rows.append([cell.strip() for cell in row[1].split("|")])
            continue
        if rows:
            yield "table", rows
            rows = []
        yield from _line(line)
    if rows:
        yield "table", rows


def _line(line: str) -> Iterator[tuple[str, Any]]:
    marks = {"# ": "title", "## ": "heading", "> ": "right", "= ": "centre", "- ": "list"}
    for mark, kind in marks.items():
        if line.startswith(mark):
            yield kind, line[len(mark) :].strip()
            return
    if line.strip() == "---":
        yield "page", ""
    elif line.strip():
        yield "text", line.rstrip()


def _add(document: Any, kind: str, content: Any) -> None:
    if kind == "table":
        _add_table(document, content)
    elif kind == "page":
        document.add_page_break()
    else:
        _add_paragraph(document, kind, content)


def _add_paragraph(document: Any, kind: str, text: str) -> None:
    paragraph = document.add_paragraph(style="List Bullet" if kind == "list" else None)
    run = paragraph.add_run(text)
    if kind == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(14)
        run.font.size, run.bold = Pt(15), True
    elif kind == "heading":
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.keep_with_next = True
        run.bold = True
    elif kind in {"right", "centre"}:
        right, centre = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
        paragraph.alignment = right if kind == "right" else centre
    else:
        _hang(paragraph, text)


def _hang(paragraph: Any, text: str) -> None:
    """Second lines of 「２　…」 and 「(1)　…」 begin below the first one's words."""
    depth = len(text) - len(text.lstrip("\u3000"))
    numbered = re.match("\u3000*(\\(\\d+\\)|[０-９0-9]+|[アイウエオカキクケコ])\u3000", text)
    if numbered or depth:
        paragraph.paragraph_format.left_indent = Pt(10.5 * (depth + (1 if numbered else 0)))
        paragraph.paragraph_format.first_line_indent = Pt(-10.5 * (depth + (1 if numbered else 0)))


def _add_table(document: Any, rows: list[list[str]]) -> None:
    width = max(len(row) for row in rows)
    table = document.add_table(rows=0, cols=width)
    table.style = "Table Grid"
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, [*row, *[""] * (width - len(row))], strict=True):
            cell.text = text
    document.add_paragraph()
