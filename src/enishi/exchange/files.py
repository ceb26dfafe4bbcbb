"""What a file really is, told from its first bytes and never from its name."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from enishi.exchange.errors import AttachmentRefusedError
from enishi.foundation.forms import file_name

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10


@dataclass(frozen=True)
class FileType:
    content_type: str
    endings: tuple[str, ...]


PDF = FileType("application/pdf", (".pdf",))
PNG = FileType("image/png", (".png",))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg"))
TEXT = FileType("text/plain", (".csv", ".txt"))
OFFICE = {
    "xl/": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "word/": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "ppt/": FileType("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)),
}
ENDINGS = (".pdf", ".png", ".jpg", ".jpeg", ".xlsx", ".docx", ".pptx", ".csv", ".txt")


def sniffed(content: bytes, name: str) -> FileType:
    """The file's type.

    Raises
    ------
    AttachmentRefusedError
        If it is empty, too large, of a type we do not keep, or not what its name says.
    """
    if not content:
        raise AttachmentRefusedError(_("「%(name)s」は空のファイルです。") % {"name": name})
    if len(content) > MOST_BYTES:
        raise AttachmentRefusedError(
            _("「%(name)s」は大きすぎます。10MBまでのファイルを選んでください。") % {"name": name}
        )
    found = _by_content(content)
    if found is None:
        raise AttachmentRefusedError(
            _(
                "「%(name)s」は添付できない形式です。PDF・画像(PNG、JPEG)・Excel・Word・PowerPoint・CSVを選んでください。"
            )
            % {"name": name}
        )
    if PurePosixPath(name.lower()).suffix not in found.endings:
        raise AttachmentRefusedError(
            _("「%(name)s」は名前の終わりと中身が合いません。中身は %(ending)s のファイルのようです。")
            % {"name": name, "ending": found.endings[0]}
        )
    return found


def safe_name(name: str) -> str:
    """The name a person gave, without folders and invisible characters, 150 characters at most."""
    return file_name(name, unnamed=_("添付ファイル"))


def _by_content(content: bytes) -> FileType | None:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return TEXT if _is_text(content) else None


def _office(content: bytes) -> FileType | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next(
        (kind for folder, kind in OFFICE.items() if any(name.startswith(folder) for name in names)), None
    )


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text)
    return False
