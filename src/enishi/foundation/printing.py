"""PDF without a printer driver, an office suite or a font on the machine.

Pages are set by Typst, which comes as one library; the Japanese letters come with a font package. The layout of a Word document
is kept as far as offices need it: paragraphs, headings, alignment, indents, lists, tables, page breaks, headers and footers. Pictures and text boxes are not.
"""

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table
from docx.text.paragraph import Paragraph

_ALIGN = {
    WD_ALIGN_PARAGRAPH.CENTER: "center",
    WD_ALIGN_PARAGRAPH.RIGHT: "right",
}


class NoJapaneseFontError(Exception):
    """No font with Japanese letters was found; a PDF would show boxes."""


@cache
def font_folder() -> Path:
    """Where the Japanese fonts lie.

    Raises
    ------
    NoJapaneseFontError
        If the font package is missing and ``FONT_FOLDER`` names none.
    """
    named = getattr(settings, "FONT_FOLDER", None)
    if named and any(Path(named).glob("*.[ot]t[fc]")):
        return Path(named)
    try:
        import pylopdf_fonts_jp
    except ImportError as error:
        raise NoJapaneseFontError from error
    folder = Path(str(pylopdf_fonts_jp.__file__)).parent
    if not any(folder.glob("*JP*.otf")):
        raise NoJapaneseFontError
    return folder


@cache
def _compiler() -> Any:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(font_folder())]
    )
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def pdf_from_typst(source: str, *, title: str) -> bytes:
    """A page description of our own making as PDF. Whatever people typed must stand in it as strings (``json.dumps``)."""
    begin = (
        f"#set document(title: {_text(title)})\n"
        f'#set text(font: {_text(settings.FONT_FAMILY)}, lang: "ja", cjk-latin-spacing: none)\n'
    )
    answer = _compiler().compile((begin + source).encode("utf-8"), format="pdf")
    assert isinstance(answer, bytes)
    return answer


def pdf_from_docx(content: bytes, *, title: str = "") -> bytes:
    """The document as PDF, tagged for screen readers, in Japanese letters that need no font on the reader's machine."""
    document = Document(io.BytesIO(content))
    source = "".join(_source(document, title or document.core_properties.title or ""))
    answer = _compiler().compile(source.encode("utf-8"), format="pdf")
    assert isinstance(answer, bytes)
    return answer


def _source(document: Any, title: str) -> Iterator[str]:
    section = document.sections[0]
    margins = ", ".join(
        f"{side}: {_points(value, 71):.1f}pt"
        for side, value in (
            ("left", section.left_margin),
            ("right", section.right_margin),
            ("top", section.top_margin),
            ("bottom", section.bottom_margin),
        )
    )
    footer = "\n".join(paragraph.text for paragraph in section.footer.paragraphs).strip()
    yield f"#set document(title: {_text(title)})\n"
    yield f"#set page(width: {_points(section.page_width, 595):.1f}pt, height: {_points(section.page_height, 842):.1f}pt, "
    yield f"margin: ({margins}), footer: context align(center, text(8pt)[{_words(footer)} #counter(page).display()]))\n"
    yield f'#set text(font: {_text(settings.FONT_FAMILY)}, size: 10.5pt, lang: "ja", cjk-latin-spacing: none)\n'
    yield "#set par(leading: 0.75em, spacing: 0.85em, justify: true)\n"
    for item in document.iter_inner_content():
        yield from _table(item) if isinstance(item, Table) else _paragraph(item)


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    if any(mark.get(_TYPE) == "page" for mark in paragraph._p.iter("{*}br")):
        yield "#pagebreak(weak: true)\n"
    words = "".join(_run(run) for run in paragraph.runs) or _words(paragraph.text)
    if not paragraph.text.strip():
        yield "#v(0.6em)\n"
        return
    style = paragraph.style.name if paragraph.style is not None else ""
    if style and style.startswith("List Bullet"):
        words = f'#"・"{words}'
    shape = paragraph.paragraph_format
    left, first = _points(shape.left_indent, 0), _points(shape.first_line_indent, 0)
    if left or first:
        hanging = f", hanging-indent: {-first:.1f}pt" if first < 0 else ""
        begin = f"first-line-indent: (amount: {max(first, 0):.1f}pt, all: true)"
        words = f"#pad(left: {max(left + min(first, 0), 0):.1f}pt)[#par({begin}{hanging})[{words}]]"
    level = _level(style or "")
    if level:
        words = f"#heading(level: {level}, outlined: false)[{words}]"
    aligned = _ALIGN.get(paragraph.alignment) if paragraph.alignment is not None else None
    yield f"#align({aligned})[{words}]\n\n" if aligned else f"{words}\n\n"


_TYPE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}type"


def _level(style: str) -> int:
    if style == "Title":
        return 1
    number = style.removeprefix("Heading ")
    return int(number) if style != number and number.isdecimal() else 0


def _run(run: Any) -> str:
    """A run with its size, weight and lines; the font is ours."""
    words = _words(run.text)
    size = _points(run.font.size, 0)
    if size:
        words = f"#text(size: {size:.1f}pt)[{words}]"
    if run.bold:
        # The bundled font has one weight: a thin line around each letter makes it heavier.
        words = f"#text(stroke: 0.35pt)[{words}]"
    if run.underline:
        words = f"#underline[{words}]"
    return words


def _table(table: Table) -> Iterator[str]:
    columns = len(table.columns)
    yield f"#table(columns: (1fr,) * {columns}, inset: 5pt, stroke: 0.5pt,\n"
    for row in table.rows:
        seen: set[Any] = set()
        for cell in row.cells:
            if cell._tc in seen:
                continue
            seen.add(cell._tc)
            span = sum(1 for each in row.cells if each._tc is cell._tc)
            inner = "".join(piece for paragraph in cell.paragraphs for piece in _paragraph(paragraph))
            yield f"table.cell(colspan: {span})[{inner}],\n"
    yield ")\n"


def _words(text: str) -> str:
    lines = text.replace("\f", "\n").split("\n")
    return "#linebreak()".join(f"#{_text(line)}" for line in lines if line) if text else ""


def _text(text: str) -> str:
    r"""A string of Typst: what somebody typed never becomes markup.

    >>> _text('#"a"\\')
    '"#\\"a\\"\\\\"'
    """
    return json.dumps(text.replace("\t", "\u3000"), ensure_ascii=False)


def _points(length: Any, otherwise: float) -> float:
    return float(length.pt) if length is not None else otherwise
