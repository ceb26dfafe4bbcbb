"""A plain Word document: title, headings, paragraphs, facts and tables; and the same as PDF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from enishi.foundation.forms import clean_text

FONT = "BIZ UDPゴシック"


@dataclass(frozen=True)
class Table:
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Part:
    """A heading with what stands below it."""

    heading: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


@dataclass(frozen=True)
class Paper:
    title: str
    lead: Sequence[str]
    parts: Sequence[Part]
    foot: str = ""
    landscape: bool = False


def as_docx(paper: Paper) -> bytes:
    """The paper for Word, A4."""
    document = Document()
    _page(document, paper)
    document.core_properties.title = clean_text(paper.title)
    document.add_heading(clean_text(paper.title), level=1)
    for line in paper.lead:
        document.add_paragraph(_words(line))
    for part in paper.parts:
        document.add_heading(clean_text(part.heading), level=2)
        for paragraph in part.paragraphs:
            document.add_paragraph(_words(paragraph))
        for table in part.tables:
            _table(document, table)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    width, height = Mm(210), Mm(297)
    if paper.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        width, height = height, width
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)
    section.footer.paragraphs[0].text = clean_text(paper.foot)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def _table(document: Any, table: Table) -> None:
    made = document.add_table(rows=1, cols=len(table.headings))
    made.style = "Table Grid"
    for cell, heading in zip(made.rows[0].cells, table.headings, strict=True):
        cell.text = clean_text(heading)
        for run in cell.paragraphs[0].runs:
            run.bold = True
    for row in table.rows:
        for cell, value in zip(made.add_row().cells, row, strict=True):
            cell.text = _words("" if value is None else str(value))


def _words(text: str) -> str:
    return clean_text(text, lines=True)
