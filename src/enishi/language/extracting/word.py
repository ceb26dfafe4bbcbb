"""Word files, as a reader sees them printed: changes accepted, hidden words left out, readings behind their words."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from enishi.language.errors import CannotReadFileError

MAX_UNPACKED_BYTES = 100 * 1024 * 1024

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSEEN = {
    # Where something was moved from or deleted, and what older programs show in place of a drawing: it stands elsewhere too.
    f"{_WORD}moveFrom",
    f"{_WORD}del",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}


def lines_of(content: bytes) -> list[str]:
    """Return the paragraphs and table rows of a Word file, headings and lists marked as in Markdown.

    Raises
    ------
    CannotReadFileError
        If it is broken, encrypted or swells beyond measure.
    """
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    broken = "Wordファイルを開けません。壊れているか、Word以外のファイルです。Wordで開いて .docx で保存し直してください。"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise CannotReadFileError(
                    "Wordファイルの中身が大きすぎます。図を除くか、分けて保存してください。"
                )
            root = ElementTree.fromstring(archive.read("word/document.xml"))
            names = archive.namelist()
            styles = archive.read("word/styles.xml") if "word/styles.xml" in names else b""
            forms = _word_styles(ElementTree.fromstring(styles)) if styles else {}
    except (
        zipfile.BadZipFile,
        KeyError,
        RuntimeError,
        ElementTree.ParseError,
        DefusedXmlException,
        OSError,
    ) as error:
        raise CannotReadFileError(broken) from error
    except NotImplementedError as error:
        raise CannotReadFileError(
            "パスワードの付いたファイルです。パスワードを外して保存し直してください。"
        ) from error
    body = root.find(f"{_WORD}body")
    if body is None:
        raise CannotReadFileError(broken)
    return list(_word_lines(body, forms))


def _word_styles(root: Any) -> dict[str, str]:
    """Return for each style of the document what its paragraphs begin with: the marks of a heading or of a list."""
    found = {}
    for style in root.iter(f"{_WORD}style"):
        named = style.find(f"{_WORD}name")
        name = named.get(f"{_WORD}val", "") if named is not None else ""
        if heading := re.fullmatch(r"(?:heading|見出し)\s?([1-6])", name, re.IGNORECASE):
            found[style.get(f"{_WORD}styleId", "")] = "#" * int(heading[1]) + " "
        elif name.lower() in ("title", "表題"):
            found[style.get(f"{_WORD}styleId", "")] = "# "
        elif listed := re.fullmatch(r"(?:List Bullet|箇条書き)\s?([2-5]?)", name, re.IGNORECASE):
            found[style.get(f"{_WORD}styleId", "")] = "  " * int(listed[1] or 1) + "・"
    return found


def _word_lines(parent: Any, forms: dict[str, str]) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_WORD}p":
            yield from _paragraph(child, forms).split("\n")
        elif child.tag == f"{_WORD}tbl":
            for row in child.iter(f"{_WORD}tr"):
                yield "| " + " | ".join(_cell(cell) for cell in row.findall(f"{_WORD}tc")) + " |"
        elif child.tag in (f"{_WORD}sdt", f"{_WORD}sdtContent", f"{_WORD}customXml"):
            yield from _word_lines(child, forms)


def _cell(cell: Any) -> str:
    return "".join(_words(paragraph) for paragraph in cell.iter(f"{_WORD}p")).replace("\n", "")


def _paragraph(paragraph: Any, forms: dict[str, str]) -> str:
    text = _words(paragraph)
    properties = paragraph.find(f"{_WORD}pPr")
    if properties is None or not text.strip():
        return text
    style = properties.find(f"{_WORD}pStyle")
    identity = style.get(f"{_WORD}val", "") if style is not None else ""
    mark = forms.get(identity, "")
    heading = re.fullmatch(r"(?:Heading|見出し\s?|heading\s?)?([1-6])", identity)
    if heading or mark.startswith("#"):
        return (mark or "#" * int(heading[1] if heading else 1) + " ") + text
    numbering = properties.find(f"{_WORD}numPr")
    if numbering is None:
        return mark + text
    level = numbering.find(f"{_WORD}ilvl")
    depth = int(level.get(f"{_WORD}val", "0")) if level is not None else 0
    return "  " * (depth + 1) + "・" + text


def _words(paragraph: Any) -> str:
    return "".join(_pieces(paragraph))


def _pieces(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag in _UNSEEN:
            continue
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag == f"{_WORD}tab":
            # Tab stops of a paragraph's form have the same name.
            yield "\t" if node.tag == f"{_WORD}r" else ""
        elif child.tag in (f"{_WORD}br", f"{_WORD}cr"):
            yield "\n"
        elif child.tag == f"{_WORD}txbxContent":
            # A box drawn beside the text: lines of its own.
            yield "".join(f"\n{_words(each)}" for each in child) + "\n"
        elif child.tag == f"{_WORD}ruby":
            yield from _ruby(child)
        elif not (child.tag == f"{_WORD}r" and _is_hidden(child)):
            yield from _pieces(child)


def _ruby(node: Any) -> Iterator[str]:
    """A word and its reading: 「縁(えにし)」."""
    base, reading = (node.find(f"{_WORD}{name}") for name in ("rubyBase", "rt"))
    told = _words(reading) if reading is not None else ""
    yield (_words(base) if base is not None else "") + (f"({told})" if told else "")


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_WORD}rPr/{_WORD}vanish")
    return mark is not None and mark.get(f"{_WORD}val", "1") not in ("0", "false", "off")
