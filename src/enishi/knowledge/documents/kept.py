"""A document's text and passages, put into the tables. Called by services and by the worker, inside a transaction."""

import hashlib
import re
from pathlib import PurePosixPath

from django.db import transaction

from enishi.foundation import sentences
from enishi.knowledge.documents import counters
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.models import Document, Passage
from enishi.knowledge.documents.signals import documents_changed
from enishi.language.extracting.documents import DocumentText, read_document
from enishi.language.passages import Cut, cut

_AT_ONCE = 500


def write_typed(document: Document, text: str) -> None:
    """Keep a text somebody typed."""
    found = (
        read_document(text.encode("utf-8", "surrogatepass"), name="typed.md")
        if text.strip()
        else DocumentText(text="", form="text")
    )
    write(document, found)


@transaction.atomic
def write(document: Document, found: DocumentText) -> None:
    """Put a document's text and passages in the place of those there were.

    Passages are always made anew, so that a higher key is a later text; vectors of the same words are kept.
    """
    cuts = cut(found)
    hashes = [hash_of(one) for one in cuts]
    known = {
        row.content_hash: (row.embedder, row.vector)
        for row in document.passages.filter(vector__isnull=False).only("content_hash", "embedder", "vector")
    }
    document.passages.all().delete()
    rows = [
        Passage(
            document=document,
            order=order,
            page=one.page,
            heading_path=one.heading_path,
            start=one.start,
            end=one.end,
            text=one.text,
            content_hash=digest,
            embedder=known[digest][0] if digest in known else "",
            vector=known[digest][1] if digest in known else None,
        )
        for order, (one, digest) in enumerate(zip(cuts, hashes, strict=True), start=1)
    ]
    Passage.objects.bulk_create(rows, batch_size=_AT_ONCE)
    document.text, document.is_ocr = found.text, found.is_ocr
    document.page_count = len(found.page_starts) or None
    document.content_type = found.form
    note = sentences.joined(" ", [sentences.of_language_error(each) for each in found.notes])
    document.state, document.state_note = ReadingState.READY, sentences.in_source(note)[:500]
    document.said = sentences.in_other_languages(state_note=note)
    document.title = _title(document, found)
    document.sequence = counters.draw()
    changed = "title text is_ocr page_count content_type state state_note said sequence"
    document.save(update_fields=changed.split())
    pk = document.pk
    transaction.on_commit(lambda: documents_changed.send_robust(Document, ids=[pk]))


_NO_TITLE = re.compile(
    r"(?:第?[0-9０-９一二三四五六七八九十]+(?:章|条|節|編|部|号)|[0-9０-９]+[.．、)]|[(（[【]|はじめに|まえがき|目次|表紙|概要|趣旨|目的|問|Q[0-9.．:]"
    r"|(?:sheet|slide|シート|スライド|別紙|別添|様式|資料)\s*[0-9０-９-]*$)",
    re.IGNORECASE,
)
_FORMS_WITH_TITLES = frozenset({"pdf", "docx", "html", "text", "pptx", "eml"})
_SOON = 200
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠々]")
_NOT_A_NAME = re.compile(
    r"[。|]|(?:様|殿|御中|号|各位)$|^(?:令和|平成|昭和|\d{4})\S{0,3}年\s*\S{1,3}月\s*\S{1,3}日"
)
"""A sentence, a row of a table, whom a letter is to, its number or its day."""


def _title(document: Document, found: DocumentText) -> str:
    """What the document calls itself, where nobody has named it: a file is called 「R7_09_tousyin_saishu2」, its first line not."""
    if document.title != PurePosixPath(document.file_name).stem or found.form not in _FORMS_WITH_TITLES:
        return document.title
    if found.form == "eml":
        return found.title[:200] or document.title
    first = next((each.text for each in found.headings if each.level <= 2 and each.start <= _SOON), "")
    if not first and not _JAPANESE.search(document.title):
        # 「R8_03_koutsu_kaigi」: whatever stands first says more.
        first = next((line for line in found.text[:_SOON].split("\n") if line.strip()), "")
        first = "" if _NOT_A_NAME.search(first.strip()) else first
    told = " ".join(first.split())
    letters = _JAPANESE.findall(told)
    if len(letters) < 4 or len(told) > 100 or _NO_TITLE.match(told):
        return document.title
    plain = "".join(told.split())
    return document.title if plain in re.sub(r"[\s_\-]", "", document.title) else told


@transaction.atomic
def write_failure(document: Document, sentence: str) -> None:
    """Say on the document why its file could not be read."""
    document.state, document.state_note = ReadingState.FAILED, sentences.in_source(sentence)[:500]
    document.said = sentences.in_other_languages(state_note=sentence)
    document.sequence = counters.draw()
    document.save(update_fields=["state", "state_note", "said", "sequence"])


def hash_of(one: Cut) -> str:
    return hashlib.sha256(f"{one.heading_path}\0{one.text}".encode()).hexdigest()
