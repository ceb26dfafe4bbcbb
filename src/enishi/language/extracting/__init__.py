"""The text of document files: what a person would read, with pages and headings where the file has them."""

from enishi.language.errors import CannotReadFileError
from enishi.language.extracting.formats import (
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_PAGES,
    Extracted,
    extract,
)
from enishi.language.extracting.word import MAX_UNPACKED_BYTES

__all__ = [
    "MAX_BYTES",
    "MAX_CHARACTERS",
    "MAX_PAGES",
    "MAX_UNPACKED_BYTES",
    "CannotReadFileError",
    "Extracted",
    "extract",
]
