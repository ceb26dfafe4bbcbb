"""A document file as it is kept: plain text, where its pages and headings begin, and how it was read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting import formats, mail, ocr, office, pdf
from enishi.language.extracting.notebook import Notebook
from enishi.language.extracting.pages import Block, blocks_of, edges_of

MOST_BYTES = 200 * 1024 * 1024
MOST_CHARACTERS = 4_000_000
MOST_ATTACHMENTS = 20
_LEAST_READABLE = 0.7
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
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
    notes: tuple[str, ...] = ()

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
    ending = PurePath(name).suffix.lower()
    if content.startswith(b"%PDF-") or b"%PDF-" in content[:1024]:
        return _pdf(content, tell, notebook)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if ending in (".eml", ".mht") or mail.looks_like_mail(content):
        return _mail(content)
    if ending in (".pdf", ".xlsx", ".pptx", ".docx", ".xlsm", ".docm", ".pptm"):
        raise CannotReadFileError(
            "名前は %(ending)s ですが、中身が違います。壊れているようです。元のファイルを選んでください。",
            ending=ending,
        )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotReadFileError(
            "古い形式のOfficeファイルか、パスワードの付いたファイルです。パスワードを外し、.docx・.xlsx・.pptx で保存し直してください。"
        )
    if ending not in formats.WRITTEN:
        raise CannotReadFileError(
            "%(ending)s のファイルは読めません。PDF・Word・Excel・PowerPoint・HTML・CSV・メール(.eml)・文章(txt・md)のどれかにしてください。",
            ending=ending,
        )
    # A page that somebody named .txt is still a page, and its scripts are no text.
    named = "x.html" if re.match(rb"\s*(?:<!doctype html|<html)", content[:2000], re.IGNORECASE) else name
    found = formats.extract(content, name=named)
    is_marked = found.form == "html" or ending in (".md", ".markdown")
    return _of_lines(found.text.split("\n"), found.form, is_marked=is_marked, notes=found.notes)


def _office(content: bytes) -> DocumentText:
    with office.check_archive(content, "Office") as archive:
        names = archive.namelist()
    notes = (
        ("マクロが入っています。マクロは動かさず、文字だけを読みました。",)
        if any(each.endswith("vbaProject.bin") for each in names)
        else ()
    )
    if any(each.startswith("xl/") for each in names):
        shown, hidden = office.sheets(content)
        if hidden:
            names_told = "、".join(hidden[:5])
            notes = (*notes, f"隠れたシート{len(hidden)}枚は読んでいません: {names_told}")
        return _of_parts(shown, "xlsx", notes, paged=False)
    if any(each.startswith("ppt/") for each in names):
        pages, left_out = office.slides(content)
        if left_out:
            notes = (*notes, f"非表示のスライド{left_out}枚は読んでいません。")
        return _of_parts(pages, "pptx", notes, paged=True)
    if "word/document.xml" in names:
        found = formats.extract(content, name="x.docx")
        return _of_lines(found.text.split("\n"), "docx", is_marked=True, notes=(*found.notes, *notes))
    raise CannotReadFileError(
        "圧縮ファイル(zip)など、文書ではないファイルです。中の文書を取り出してから選んでください。"
    )


def _mail(content: bytes) -> DocumentText:
    """An e-mail, and behind it the files that came with it as far as they can be read."""
    found = mail.read_mail(content)
    head = [f"差出人: {found.sender}", f"日時: {found.sent}"]
    lines = [f"# {found.subject}" if found.subject else "", *head, "", *found.body.splitlines()]
    notes: list[str] = []
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
        notes += [f"{name}: {note}" for note in inner.notes]
    if unread:
        notes.insert(0, f"読めない添付ファイル{len(unread)}件は入っていません: {'、'.join(unread[:5])}")
    return _of_lines(lines, "eml", is_marked=True, notes=tuple(notes))


def _pdf(content: bytes, tell: pdf.Tell | None, notebook: Notebook | None) -> DocumentText:
    found = pdf.read_pdf(content, tell=tell, notebook=notebook)
    notes = []
    if found.unreadable:
        pages = "、".join(str(number) for number in found.unreadable[:10])
        notes.append(f"{pages}ページは壊れていて読めないので、除きました。")
    pictures = list(found.without_letters)
    if pdf.readable_share(found.pages) < _LEAST_READABLE:
        pictures = [page.number for page in found.pages]
        notes.append("文字の対応表がないPDFなので、文字認識で読みました。")
    drawn: dict[int, str] = {}
    if pictures and (len(pictures) == len(found.pages) or ocr.is_installed()):
        drawn = ocr.read_pictures(content, pictures, tell=tell, notebook=notebook)
    elif pictures:
        notes.append(
            f"画像だけのページ{len(pictures)}ページは読めませんでした(このサーバーに文字認識がありません)。"
        )
    edges, body = edges_of(found.pages), pdf.body_size(found.pages)
    writer = _Writer()
    for page in found.pages:
        writer.page()
        if page.number in drawn:
            writer.lines(drawn[page.number].splitlines())
        else:
            writer.blocks(blocks_of(page, edges, body))
    return writer.document("pdf", is_ocr=bool(drawn), notes=tuple(notes))


def _of_lines(lines: Iterable[str], form: str, *, is_marked: bool, notes: tuple[str, ...]) -> DocumentText:
    writer = _Writer()
    for line in lines:
        match = _HEADING.fullmatch(line.strip()) if is_marked else None
        if match:
            writer.heading(match[2].strip(), len(match[1]))
        else:
            writer.lines([line])
    return writer.document(form, notes=notes)


def _of_parts(
    parts: Iterable[tuple[str, list[str]]], form: str, notes: tuple[str, ...], *, paged: bool
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

    def document(self, form: str, *, is_ocr: bool = False, notes: tuple[str, ...] = ()) -> DocumentText:
        if self.hidden:
            notes = (
                *notes,
                f"目に見えない文字(向きを変える文字など)を{self.hidden:,}字取り除きました。",
            )
        title = self.headings[0].text if self.headings else ""
        return DocumentText(
            "".join(self.pieces), form, title, tuple(self.starts), tuple(self.headings), is_ocr, notes
        )

    def _clean(self, text: str) -> str:
        cleaned, count = _HIDDEN.subn("", text)
        self.hidden += count
        return _CONTROL.sub("", cleaned)

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)
