"""A document file as it is kept: plain text, where its pages and headings begin, and how it was read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting import formats, mail, ocr, office, pdf
from enishi.language.extracting.notebook import Notebook
from enishi.language.extracting.notes import Note
from enishi.language.extracting.pages import Block, blocks_of, edges_of

MOST_BYTES = 200 * 1024 * 1024
MOST_CHARACTERS = 4_000_000
MOST_ATTACHMENTS = 20
_OFFICE = frozenset(".docx .docm .xlsx .xlsm .pptx .pptm".split())
ENDINGS = (formats.WRITTEN - {""}) | _OFFICE | {".pdf", ".eml"}
"""How the names of files end that can be read."""
_LEAST_READABLE = 0.7
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_RULE = re.compile(r"\s*\|?[\s:|-]*-{3,}[\s:|-]*|\s*```\w*\s*")
_STARS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Heading:
    """A heading and where it stands in the text."""

    level: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class DocumentText:
    """The text of a document. ``page_starts``: where each page begins (empty where there are no pages)."""

    text: str
    form: str
    title: str = ""
    page_starts: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    is_ocr: bool = False
    notes: tuple[Note, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the page (counted from 1) on which an offset lies."""
        if not self.page_starts:
            return None
        return max(1, sum(start <= offset for start in self.page_starts))


def read_document(
    content: bytes, *, name: str, tell: pdf.Tell | None = None, notebook: Notebook | None = None
) -> DocumentText:
    """Return the text of a file with its pages and headings.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name; where its ending does not fit, the content decides.
    tell : callable, optional
        Gets the number of pages read and their total.
    notebook : Notebook, optional
        Where the pages of a thick file are noted as they are read: begun again, the reading goes on behind them.

    Raises
    ------
    CannotReadFileError
        With a plain sentence: empty, too large, encrypted, broken, or of a kind that gives no text.
    """
    if not content.strip():
        raise CannotReadFileError("ファイルが空です。中身のあるファイルを選んでください。")
    if len(content) > MOST_BYTES:
        raise CannotReadFileError(
            "ファイルが大きすぎます(%(size)d MiB)。%(most)d MiB までに分けてください。",
            size=len(content) // 1024 // 1024,
            most=MOST_BYTES // 1024 // 1024,
        )
    found = _by_kind(content, name, tell, notebook)
    if not found.text.strip():
        raise CannotReadFileError(
            "文字が見つかりません。画像だけのファイルなら、文字認識をかけるか、文字の入ったファイルを選んでください。"
        )
    if len(found.text) > MOST_CHARACTERS:
        raise CannotReadFileError(
            "文章が長すぎます(%(length)s文字)。%(most)s文字までに分けてください。",
            length=f"{len(found.text):,}",
            most=f"{MOST_CHARACTERS:,}",
        )
    return found


def _by_kind(content: bytes, name: str, tell: pdf.Tell | None, notebook: Notebook | None) -> DocumentText:
    ending = PurePath(unicodedata.normalize("NFKC", name)).suffix.lower()
    if content.startswith(b"%PDF-") or b"%PDF-" in content[:1024]:
        return _pdf(content, tell, notebook)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if ending in (".eml", ".mht") or mail.looks_like_mail(content):
        return _mail(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotReadFileError(
            "古い形式のOfficeファイルか、パスワードの付いたファイルです。パスワードを外し、.docx・.xlsx・.pptx で保存し直してください。"
        )
    if ending == ".pdf" or ending in _OFFICE:
        raise CannotReadFileError(
            "名前は %(ending)s ですが、中身が違います。壊れているようです。元のファイルを選んでください。",
            ending=ending,
        )
    if ending not in formats.WRITTEN:
        raise CannotReadFileError(
            "%(ending)s のファイルは読めません。PDF・Word・Excel・PowerPoint・HTML・CSV・メール(.eml)・文章(txt・md)のどれかにしてください。",
            ending=ending,
        )
    # A page that somebody named .txt is still a page, and its scripts are no text.
    is_page = re.match(rb"\s*(?:<!doctype html|<html)", content[:2000], re.IGNORECASE)
    found = formats.extract(content, name="x.html" if is_page else f"x{ending}")
    is_marked_down = found.form == "text" and ending in (".md", ".markdown")
    lines = _without_marks(found.text) if is_marked_down else found.text.split("\n")
    return _of_lines(lines, found.form, is_marked=is_marked_down or found.form == "html")


def _without_marks(text: str) -> Iterable[str]:
    """The lines of Markdown without the stars around words and the rule under a table's head."""
    for line in text.split("\n"):
        if not _RULE.fullmatch(line):
            yield _STARS.sub(r"\2", line)


def _office(content: bytes) -> DocumentText:
    with office.check_archive(content, "Office") as archive:
        names = archive.namelist()
    notes: list[Note] = []
    if any(each.endswith("vbaProject.bin") for each in names):
        notes.append(Note("マクロが入っています。マクロは動かさず、文字だけを読みました。"))
    if any(each.startswith("xl/") for each in names):
        shown, hidden = office.sheets(content)
        if hidden:
            words = "隠れたシート%(count)d枚は読んでいません: %(names)s"
            notes.append(Note(words, count=len(hidden), names="、".join(hidden[:5])))
        return _of_parts(shown, "xlsx", notes, paged=False)
    if any(each.startswith("ppt/") for each in names):
        pages, left_out = office.slides(content)
        if left_out:
            notes.append(Note("非表示のスライド%(count)d枚は読んでいません。", count=left_out))
        return _of_parts(pages, "pptx", notes, paged=True)
    if "word/document.xml" in names:
        found = formats.extract(content, name="x.docx")
        return _of_lines(found.text.split("\n"), "docx", is_marked=True, notes=notes)
    raise CannotReadFileError(
        "圧縮ファイル(zip)など、文書ではないファイルです。中の文書を取り出してから選んでください。"
    )


def _mail(content: bytes) -> DocumentText:
    """An e-mail, and behind it the files that came with it as far as they can be read."""
    found = mail.read_mail(content)
    head = [f"差出人: {found.sender}", f"日時: {found.sent}"]
    lines = [f"# {found.subject}" if found.subject else "", *head, "", *found.body.splitlines()]
    notes: list[Note] = []
    unread = [name for name, _content in found.attachments[MOST_ATTACHMENTS:]]
    for name, attached in found.attachments[:MOST_ATTACHMENTS]:
        try:
            if mail.looks_like_mail(attached):
                raise CannotReadFileError("メールの中のメールは開きません。")
            inner = read_document(attached, name=name)
        except CannotReadFileError:
            unread.append(name)
            continue
        lines += [f"## 添付: {name}", *inner.text.splitlines()]
        notes += [Note("%(name)s: %(note)s", name=name, note=note) for note in inner.notes]
    if unread:
        words = "読めない添付ファイル%(count)d件は入っていません: %(names)s"
        notes.insert(0, Note(words, count=len(unread), names="、".join(unread[:5])))
    return _of_lines(lines, "eml", is_marked=True, notes=notes)


def _pdf(content: bytes, tell: pdf.Tell | None, notebook: Notebook | None) -> DocumentText:
    found = pdf.read_pdf(content, tell=tell, notebook=notebook)
    notes = []
    if found.unreadable:
        pages = "、".join(str(number) for number in found.unreadable[:10])
        notes.append(Note("%(pages)sページは壊れていて読めないので、除きました。", pages=pages))
    pictures = list(found.without_letters)
    if pdf.readable_share(found.pages) < _LEAST_READABLE:
        pictures = [page.number for page in found.pages]
        notes.append(Note("文字の対応表がないPDFなので、文字認識で読みました。"))
    drawn: dict[int, str] = {}
    if pictures and (len(pictures) == len(found.pages) or ocr.is_installed()):
        drawn = ocr.read_pictures(content, pictures, tell=tell, notebook=notebook)
    elif pictures:
        words = "画像だけのページ%(count)dページは読めませんでした(このサーバーに文字認識がありません)。"
        notes.append(Note(words, count=len(pictures)))
    edges, body = edges_of(found.pages), pdf.body_size(found.pages)
    writer = _Writer()
    for page in found.pages:
        writer.page()
        if page.number in drawn:
            writer.lines(drawn[page.number].splitlines())
        else:
            writer.blocks(blocks_of(page, edges, body))
    return writer.document("pdf", is_ocr=bool(drawn), notes=notes)


def _of_lines(
    lines: Iterable[str], form: str, *, is_marked: bool, notes: Iterable[Note] = ()
) -> DocumentText:
    writer = _Writer()
    for line in lines:
        match = _HEADING.fullmatch(line.strip()) if is_marked else None
        if match:
            writer.heading(match[2].strip(), len(match[1]))
        else:
            writer.lines([line])
    return writer.document(form, notes=notes)


def _of_parts(
    parts: Iterable[tuple[str, list[str]]], form: str, notes: Iterable[Note], *, paged: bool
) -> DocumentText:
    writer = _Writer()
    for title, lines in parts:
        if paged:
            writer.page()
        if title:
            writer.heading(title, 1)
        writer.lines(lines)
    return writer.document(form, notes=notes)


@dataclass
class _Writer:
    """Puts a text together and notes where things begin."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    starts: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    hidden: int = 0

    def page(self) -> None:
        self.starts.append(self.length)

    def heading(self, text: str, level: int) -> None:
        shown = self._clean(text).strip()
        if shown:
            self.headings.append(Heading(level, self.length, self.length + len(shown), shown))
            self._put(shown + "\n")

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._put(self._clean(line).rstrip() + "\n")

    def blocks(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            if block.level:
                self.heading(block.text, block.level)
            else:
                self.lines([block.text])

    def document(self, form: str, *, is_ocr: bool = False, notes: Iterable[Note] = ()) -> DocumentText:
        told = [*notes]
        if self.hidden:
            words = "目に見えない文字(向きを変える文字など)を%(count)s字取り除きました。"
            told.append(Note(words, count=f"{self.hidden:,}"))
        title = self.headings[0].text if self.headings else ""
        return DocumentText(
            "".join(self.pieces), form, title, tuple(self.starts), tuple(self.headings), is_ocr, tuple(told)
        )

    def _clean(self, text: str) -> str:
        cleaned, count = _HIDDEN.subn("", text)
        self.hidden += count
        return _CONTROL.sub("", cleaned)

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)
