"""How much of a finished text was suggested, and how much somebody wrote. Pure: characters in, counts out."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from enishi.knowledge.drafting.enums import Origin, SentenceState

SHORTEST_RUN = 2
"""Single letters in common are chance, not something kept."""
_BORROWED = frozenset({Origin.SOURCE.value, Origin.MINUTES.value})


@dataclass(frozen=True)
class Piece:
    """A sentence at the end: what was suggested, what became of it."""

    original: str
    text: str
    state: str
    origin: str


@dataclass(frozen=True)
class Share:
    """Characters of the final text (blanks not counted). ``suggested`` holds ``sources``; the rest is ``own``."""

    final: int = 0
    suggested: int = 0
    sources: int = 0

    @property
    def own(self) -> int:
        return self.final - self.suggested


def share_kept(pieces: Iterable[Piece]) -> Share:
    """Count what was kept of the suggestions, in whichever place it stands now. What was deleted counts nowhere.

    >>> share_kept([Piece("提案を受け付けます。", "提案を受け付けます。", "kept", "source"), Piece("", "以上です。", "own", "own")])
    Share(final=15, suggested=10, sources=10)
    """
    told = list(pieces)
    offered = {_bare(piece.original): piece.origin for piece in told if piece.original}
    final = suggested = sources = 0
    for piece in told:
        if piece.state == SentenceState.DELETED:
            continue
        text = _bare(piece.text)
        # A sentence moved to another box, or pasted under another heading, was suggested all the same.
        origin = offered.pop(text, None)
        kept = len(text) if origin else _kept(_bare(piece.original), text)
        final += len(text)
        suggested += kept
        sources += kept if (origin or piece.origin) in _BORROWED else 0
    return Share(final, suggested, sources)


def _kept(original: str, text: str) -> int:
    blocks = SequenceMatcher(a=original, b=text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= SHORTEST_RUN)


def _bare(text: str) -> str:
    return "".join(text.split())
