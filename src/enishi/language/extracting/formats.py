"""The text of a document file: plain text, Markdown, HTML, Word and PDF with a text layer."""

from __future__ import annotations

import csv
import io
import logging
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import PurePath
from typing import Any, TypeAlias

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.columns import Span, gutter_of, order_of
from enishi.language.extracting.letters import unified
from enishi.language.extracting.office import row_of
from enishi.language.extracting.ruled import Box, TableRow, rows_of, words_in_cells
from enishi.language.extracting.word import lines_of

MAX_BYTES = 50 * 1024 * 1024
MAX_PAGES = 500
MAX_ROWSPAN = 1_000
MAX_CHARACTERS = 1_000_000

_PLAIN = {".txt", ".md", ".markdown", ".text", ""}
_HTML = {".html", ".htm", ".xhtml"}
_TABLES = {".csv": ",", ".tsv": "\t"}
WRITTEN = _PLAIN | _HTML | _TABLES.keys()
"""How the names of files end that hold nothing but text."""
_BLOCKS = {"p", "div", "section", "article", "header", "footer", "table", "tr", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "main", "br", "hr", "figure", "figcaption", "details", "summary", "aside"}  # fmt: skip
_EDGE = 0.09
"""Share of a page's height in which headers and footers stand."""
_UNSEEN = {"script", "style", "head", "template", "noscript", "svg", "title", "rp", "nav"}
_ENDS_BY_ITSELF = {"p", "li", "td", "th", "tr", "dt", "dd"}
_EMPTY = {
    "br",
    "hr",
    "img",
    "input",
    "meta",
    "link",
    "wbr",
    "col",
    "area",
    "base",
    "embed",
    "source",
    "track",
}


@dataclass(frozen=True, slots=True)
class _PageRow:
    """A row of a printed page."""

    text: str
    is_at_edge: bool
    height: float


_Page: TypeAlias = list[_PageRow]
_PdfLine: TypeAlias = tuple[float, float, float, float, str, float]


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file, with line feeds only, and how it was read."""

    text: str
    form: str
    encoding: str | None = None


def extract(content: bytes, *, name: str) -> Extracted:
    """Return the text of a file.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name; the content decides where the ending does not fit.

    Raises
    ------
    CannotReadFileError
        If the file is empty, too large, encrypted, broken, has no text, or is of another kind.

    Examples
    --------
    >>> extract("課題\\r\\n".encode("cp932"), name="plan.txt")
    Extracted(text='課題\\n', form='text', encoding='cp932')
    """
    if not content.strip():
        raise CannotReadFileError("ファイルが空です。中身のあるファイルを選んでください。")
    if len(content) > MAX_BYTES:
        raise CannotReadFileError(
            "ファイルが大きすぎます(%(size)d MiB)。%(most)d MiB までに分けてください。",
            size=len(content) // 1024 // 1024,
            most=MAX_BYTES // 1024 // 1024,
        )
    extracted = _by_kind(content, PurePath(name).suffix.lower())
    if not extracted.text.strip():
        raise CannotReadFileError(
            "文字が見つかりません。画像だけのファイルなら、文字認識をかけるか、文字の入ったファイルを選んでください。"
        )
    if len(extracted.text) > MAX_CHARACTERS:
        raise CannotReadFileError(
            "文章が長すぎます(%(length)s文字)。%(most)s文字までに分けてください。",
            length=f"{len(extracted.text):,}",
            most=f"{MAX_CHARACTERS:,}",
        )
    return extracted


def _by_kind(content: bytes, ending: str) -> Extracted:
    if content.startswith(b"%PDF-") or ending == ".pdf":
        return _pdf(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotReadFileError(
            "古い形式のWordファイルか、パスワードの付いたファイルです。パスワードを外し、.docx で保存し直してください。"
        )
    zipped = content.startswith(b"PK\x03\x04") and ending not in (".xlsx", ".xlsm", ".pptx")
    if zipped or ending == ".docx":
        return Extracted("\n".join(lines_of(content)) + "\n", "docx")
    if ending in _HTML:
        text, encoding = _decoded(content)
        return Extracted(html_text(text), "html", encoding)
    if ending in _TABLES:
        text, encoding = _decoded(content)
        return Extracted("\n".join(_rows(text, _TABLES[ending])) + "\n", "csv", encoding)
    if ending in _PLAIN:
        text, encoding = _decoded(content)
        return Extracted(text, "text", encoding)
    raise CannotReadFileError(
        "%(ending)s のファイルは読めません。txt・md・html・docx・文字の入ったpdf のどれかにしてください。",
        ending=ending,
    )


def _rows(text: str, mark: str) -> Iterator[str]:
    """The rows of a table written as text, as those of a sheet."""
    try:
        for row in csv.reader(io.StringIO(text), delimiter=mark):
            if told := row_of([" ".join(cell.split()) for cell in row]):
                yield told
    except csv.Error as error:
        raise CannotReadFileError(
            "CSVとして読めません。表計算ソフトで開き、CSV(UTF-8)で保存し直してください。"
        ) from error


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "cp932", "euc_jp", "iso2022_jp"]
        if b"\x1b$" in content[:4000]:
            candidates.insert(0, "iso2022_jp")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace(
            "\r", "\n"
        ), "utf-8" if encoding == "utf-8-sig" else encoding
    raise CannotReadFileError(
        "文字コードがわからないか、文章ではないファイルです。UTF-8 か シフトJIS の文章として保存し直してください。"
    )


class _Html(HTMLParser):
    """Collects what a reader sees: a line for each block, marks for lists and headings, bars between cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen = 0
        self.lists: list[int | None] = []
        self.column = 0
        self.hidden_in, self.hidden_depth = "", 0
        self.merged: dict[int, int] = {}
        """Column → how many further rows the cell above reaches into."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == self.hidden_in and tag in _ENDS_BY_ITSELF:
            self._shown_again(tag)
        if self.hidden_in or _is_hidden(attrs):
            # Hidden from readers, up to where the same kind of block ends.
            self.hidden_in = self.hidden_in or tag
            self.hidden_depth += tag == self.hidden_in
            if tag in _EMPTY:
                self._shown_again(tag)
            return
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.pieces.append("\n" + "  " * len(self.lists) + self._mark())
        elif re.fullmatch(r"h[1-6]", tag):
            self.pieces.append("\n" + "#" * int(tag[1]) + " ")
        elif tag in ("td", "th"):
            self._skip_merged()
            self._remember(dict(attrs))
            self.pieces.append("| ")
        elif tag == "rt":
            self.pieces.append("(")
        elif tag == "tr":
            self.column = 0
            self.pieces.append("\n")
        elif tag == "table":
            self.merged = {}
            self.pieces.append("\n")
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def _shown_again(self, tag: str) -> None:
        self.hidden_depth -= tag == self.hidden_in
        if not self.hidden_depth:
            self.hidden_in = ""

    def handle_endtag(self, tag: str) -> None:
        if self.hidden_in:
            self._shown_again(tag)
            return
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in ("ul", "ol"):
            if self.lists:
                self.lists.pop()
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "rt":
            self.pieces.append(")")
        elif tag == "tr":
            self._skip_merged()
            self.pieces.append("|\n" if self.column else "\n")
        elif tag in _BLOCKS or tag == "li" or re.fullmatch(r"h[1-6]", tag):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen and not self.hidden_in:
            at_start = not self.pieces or self.pieces[-1].endswith("\n")
            flowing = re.sub(r"\s*\n\s*", "", data) if _is_wide(data) else re.sub(r"\s+", " ", data)
            self.pieces.append(flowing.lstrip() if at_start else flowing)

    def _skip_merged(self) -> None:
        """Leave the place of a cell that reaches down from a row above empty."""
        while self.merged.get(self.column, 0):
            self.merged[self.column] -= 1
            self.column += 1
            if not self.unseen:
                self.pieces.append("|  ")

    def _remember(self, attributes: dict[str, str | None]) -> None:
        down = attributes.get("rowspan") or "1"
        if down.isascii() and down.isdigit() and 1 < int(down) <= MAX_ROWSPAN:
            self.merged[self.column] = int(down) - 1
        self.column += 1

    def _mark(self) -> str:
        count = self.lists[-1] if self.lists else None
        if count is None:
            return "・"
        self.lists[-1] = count + 1
        return f"{count + 1}. "


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    given = dict(attrs)
    style = re.sub(r"\s", "", given.get("style") or "").lower()
    return "hidden" in given or "display:none" in style or "visibility:hidden" in style


def _is_wide(text: str) -> bool:
    return re.search(r"[぀-ヿ一-鿿]", text) is not None


def html_text(source: str) -> str:
    """Return what a reader of a page sees: neither scripts nor styles, nor the menus around it."""
    parser = _Html()
    parser.feed(source)
    parser.close()
    lines = [line.rstrip() for line in "".join(parser.pieces).split("\n")]
    return "\n".join(line for line in lines if line.strip(" |・#")) + "\n"


def _pdf(content: bytes) -> Extracted:
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect, PDFTextExtractionNotAllowed

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        pages = list(_pdf_pages(content))
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise CannotReadFileError(
            "パスワードの付いたPDFです。パスワードを外して保存し直してください。"
        ) from error
    except PDFTextExtractionNotAllowed as error:
        raise CannotReadFileError(
            "文字の取り出しが許されていないPDFです。作った方に元の文書を頼んでください。"
        ) from error
    except CannotReadFileError:
        raise
    except Exception as error:
        # The library meets broken files with many kinds of errors; to a person they are one.
        raise CannotReadFileError(
            "PDFを開けません。壊れているか、途中までしかないようです。もう一度保存するか、元の文書を選んでください。"
        ) from error
    return Extracted("\n".join(_without_edges(pages)) + "\n", "pdf")


def _without_edges(pages: list[_Page]) -> Iterator[str]:
    """Leave out what is printed at the top or the foot of most pages: it would stand in the middle of a sentence.

    Most, not some: a label such as 客観的根拠 may happen to begin two pages.
    """
    seen = Counter(key for page in pages for key in {_edge_key(row) for row in page if row.is_at_edge})
    least = max(2, (len(pages) * 3 + 4) // 5)
    for page in pages:
        yield "\n".join(row.text for row in page if not (row.is_at_edge and seen[_edge_key(row)] >= least))


def _edge_key(row: _PageRow) -> str:
    return re.sub(r"[0-9０-９]+", "#", row.text.strip())


def _pdf_pages(content: bytes) -> Iterator[_Page]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTChar, LTCurve, LTTextContainer, LTTextLine

    parameters = LAParams(line_margin=0.01, boxes_flow=None)
    count = 0
    for page in extract_pages(io.BytesIO(content), laparams=parameters):
        count += 1
        if count > MAX_PAGES:
            raise CannotReadFileError(
                "ページが多すぎます。%(most)sページまでに分けてください。", most=f"{MAX_PAGES:,}"
            )
        found = [
            line
            for box in page
            if isinstance(box, LTTextContainer)
            for line in box
            if isinstance(line, LTTextLine) and line.get_text().strip()
        ]
        rules = [Box(each.x0, each.y0, each.x1, each.y1) for each in page if isinstance(each, LTCurve)]
        tables = rows_of(rules)
        inside = words_in_cells(tables, ([*_letters(line, LTChar)] for line in found)) if tables else set()
        lines = [
            (line.y0, line.y1, line.x0, line.x1, unified(_printed(line, LTChar)), _size(line, LTChar))
            for at, line in enumerate(found)
            if at not in inside
        ]
        yield list(_in_columns(lines, [row for row in tables if row.is_table], page.height))
    if not count:
        raise CannotReadFileError("PDFにページがありません。壊れているようです。元の文書を選んでください。")


def _in_columns(lines: list[_PdfLine], tables: list[TableRow], height: float) -> Iterator[_PageRow]:
    """The rows of a page from top to bottom, column after column where it has two."""
    spans = [
        *(Span(line[2], line[3], (line[0] + line[1]) / 2) for line in lines),
        *(Span(row.cells[0].left, row.cells[-1].right, row.top) for row in tables),
    ]
    size = statistics.median(line[5] for line in lines) if lines else 1.0
    gutter = gutter_of(spans[: len(lines)], size=size or 1.0)
    for group in order_of(spans, gutter):
        rows = [
            *_laid_out([lines[at] for at in group if at < len(lines)], height),
            *(
                _PageRow(unified(row.words), False, row.top)
                for row in (tables[at - len(lines)] for at in group if at >= len(lines))
            ),
        ]
        yield from sorted(rows, key=lambda row: -row.height)


def _printed(line: Any, character: type[Any]) -> str:
    """The words of a line; the narrow gap that printing puts between kana and digits is no blank of the text."""
    letters = list(line)
    found = []
    for at, each in enumerate(letters):
        set_by_printer = not isinstance(each, character) and each.get_text() == " "
        if set_by_printer and 0 < at < len(letters) - 1:
            sides = letters[at - 1].get_text()[-1:], letters[at + 1].get_text()[:1]
            gap = getattr(letters[at + 1], "x0", 0.0) - getattr(letters[at - 1], "x1", 0.0)
            if sides[0].isascii() != sides[1].isascii() and gap < 0.4 * float(
                getattr(letters[at - 1], "size", 0.0)
            ):
                continue
        found.append(each.get_text())
    return "".join(found).strip("\n")


def _letters(line: Any, character: type[Any]) -> Iterator[Box]:
    """The letters of a line with their places; a blank goes with the letter before it."""
    letters: list[Box] = []
    for each in line:
        if isinstance(each, character):
            letters.append(Box(each.x0, each.y0, each.x1, each.y1, each.get_text()))
        elif letters and each.get_text() == " ":
            letters[-1] = replace(letters[-1], words=letters[-1].words + " ")
    yield from letters


def _size(line: Any, character: type[Any]) -> float:
    sizes = [float(each.size) for each in line if isinstance(each, character)]
    return statistics.median(sizes) if sizes else float(line.y1 - line.y0)


def _laid_out(lines: list[_PdfLine], height: float) -> Iterator[_PageRow]:
    """Give lines their indentation back, and put pieces of one row side by side."""
    if not lines:
        return
    left = min(line[2] for line in lines)
    size = statistics.median(line[5] for line in lines) or 1.0
    rows: list[list[_PdfLine]] = []
    for line in sorted(lines, key=lambda each: -(each[0] + each[1])):
        middle = (line[0] + line[1]) / 2
        if rows and abs((rows[-1][0][0] + rows[-1][0][1]) / 2 - middle) < size * 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda each: each[2])
        indent = " " * (2 * round((row[0][2] - left) / size))
        text = row[0][4].rstrip()
        for before, after in pairwise(row):
            text += ("  " if after[2] - before[3] > size * 0.6 else "") + after[4].strip()
        y0, y1 = row[0][0], row[0][1]
        yield _PageRow(indent + text, y0 > height * (1 - _EDGE) or y1 < height * _EDGE, (y0 + y1) / 2)
