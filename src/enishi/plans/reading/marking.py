"""The text of a document in pieces: plain ones, and those that an item quotes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enishi.plans.models import ReadingItem


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. ``item`` is what it was read as, if anything."""

    text: str
    item: ReadingItem | None = None


def pieces_of(text: str, items: Iterable[ReadingItem]) -> list[Piece]:
    """Every character once, in order. Where quotations overlap, the one that begins first is marked."""
    found: list[Piece] = []
    at = 0
    for item in sorted(items, key=lambda each: (each.start, -each.end)):
        if item.start < at or item.end <= item.start:
            continue
        if item.start > at:
            found.append(Piece(text[at : item.start]))
        found.append(Piece(text[item.start : item.end], item))
        at = item.end
    return [*found, Piece(text[at:])] if at < len(text) else found


def anchors(pieces: Sequence[Piece], items: Iterable[ReadingItem]) -> dict[int, int]:
    """For each item the one whose mark shows its place: itself, or the one that covers it."""
    marked = [piece.item for piece in pieces if piece.item is not None]
    found = {}
    for item in items:
        cover = next((each for each in marked if each.start <= item.start < each.end), None)
        found[item.pk] = cover.pk if cover is not None else item.pk
    return found
