"""E-mails kept as files."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.formats import html_text


@dataclass(frozen=True)
class Mail:
    """What a reader sees of an e-mail, and the files that came with it: name and content."""

    subject: str
    sender: str
    sent: str
    body: str
    attachments: tuple[tuple[str, bytes], ...]


def read_mail(content: bytes) -> Mail:
    """Return an e-mail's head and body; of several forms of the body, the plain one."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        part = message.get_body(preferencelist=("plain", "html"))
        body = str(part.get_content()) if part is not None else ""
        if part is not None and part.get_content_subtype() == "html":
            body = html_text(body)
        files = tuple(
            (each.get_filename() or "名前のない添付", payload)
            for each in message.iter_attachments()
            if isinstance(payload := each.get_payload(decode=True) or b"", bytes)
        )
        return Mail(str(message["subject"] or ""), str(message["from"] or ""), _sent(message), body, files)
    except (LookupError, ValueError, AssertionError, KeyError, UnicodeError, AttributeError) as error:
        raise CannotReadFileError(
            "メールのファイルを読めません。メールソフトで .eml として保存し直してください。"
        ) from error


def _sent(message: EmailMessage) -> str:
    """The day and hour as the sender's clock had them; as written, where they are no date."""
    head = message["date"]
    moment = getattr(head, "datetime", None)
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else str(head or "")


def looks_like_mail(content: bytes) -> bool:
    """Whether a file begins as e-mails do."""
    head = content[:4_000].decode("ascii", "ignore").lower()
    return sum(f"\n{name}:" in f"\n{head}" for name in ("from", "to", "subject", "date", "message-id")) >= 3
