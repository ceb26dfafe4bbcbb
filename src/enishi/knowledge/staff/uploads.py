"""Files that people hand in: what they really are, told from their first bytes, and their text."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from enishi.foundation.forms import file_name
from enishi.knowledge.staff.errors import RefusedError
from enishi.language.extracting.mail import looks_like_mail

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file as it came in; ``ending`` is what its content says, with the dot."""

    name: str
    content: bytes
    ending: str
    content_type: str


_OFFICE = {
    "xl/": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ppt/": (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_ALIKE = {
    ".jpeg": ".jpg",
    ".md": ".txt",
    ".text": ".txt",
    ".tsv": ".csv",
    ".htm": ".html",
    ".xlsm": ".xlsx",
    ".docm": ".docx",
    ".pptm": ".pptx",
}
"""What is read alike. Macros are never run: of files that have some, only the letters are read."""


def received(file: Any) -> Upload:
    """An uploaded file, read.

    Raises
    ------
    RefusedError
        If it is empty, too large, of a kind we do not keep, or not what its name says.
    """
    name = safe_name(file.name or "")
    most = min(MOST_BYTES, settings.UPLOAD_MAX_BYTES)
    if file.size > most:
        raise RefusedError(
            _("「%(name)s」は大きすぎます。%(limit)dMBまでのファイルを選んでください。")
            % {"name": name, "limit": most // 1024 // 1024}
        )
    return understood(name, file.read())


def understood(name: str, content: bytes) -> Upload:
    name = safe_name(name)
    if not content.strip():
        raise RefusedError(
            _("「%(name)s」は空のファイルです。中身のあるファイルを選んでください。") % {"name": name}
        )
    said = PurePosixPath(name.lower()).suffix
    said = _ALIKE.get(said, said)
    ending, content_type = _by_content(content, said)
    if not ending:
        raise RefusedError(
            _("「%(name)s」は読めない形式です。Word・Excel・PDF・CSV・文章(txt)のどれかを選んでください。")
            % {"name": name}
        )
    if said != ending:
        raise RefusedError(
            _("「%(name)s」は名前の終わりと中身が合いません。中身は %(ending)s のファイルのようです。")
            % {"name": name, "ending": ending}
        )
    return Upload(name, content, ending, content_type)


def safe_name(name: str) -> str:
    """The name a person gave, without folders and invisible characters, 150 characters at most."""
    return file_name(name, unnamed=_("ファイル"))


def _by_content(content: bytes, said: str) -> tuple[str, str]:
    if content.startswith(b"%PDF-"):
        return ".pdf", "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png", "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg", "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    if said == ".eml" and looks_like_mail(content):
        return ".eml", "message/rfc822"
    if b"\x00" in content[:4000]:
        return "", ""
    return (said, "text/plain") if said in {".txt", ".csv", ".html"} else (".txt", "text/plain")


def _archive(content: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "", ""
    if unpacked > MOST_UNPACKED:
        raise RefusedError(
            _("ファイルを展開すると大きくなりすぎます。図や余分なシートを除いて保存し直してください。")
        )
    if "[Content_Types].xml" not in names:
        return ".zip", "application/zip"
    return next(
        (kind for folder, kind in _OFFICE.items() if any(name.startswith(folder) for name in names)), ("", "")
    )
