"""What may be borrowed of the documents that were found: whole sentences, by whoever answered, read once each."""

from bisect import bisect_right
from dataclasses import replace

from enishi.knowledge.documents.selectors import Found
from enishi.knowledge.drafting.borrowing import Fit, Turn, fit_sentences, turns_of
from enishi.knowledge.models import Document

AROUND = 400
"""Letters before and behind a passage that are read with it: sentences begin before and end behind it."""


class Papers:
    """The documents of one draft. A passage may begin in the middle of a speech, or of a sentence."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._turns: dict[int, list[tuple[int, Turn]]] = {}

    def fits(self, found: Found) -> list[Fit]:
        """The sentences that begin in the passage, each to its end."""
        passage, text = found.passage, self._text(found.document.pk)
        if text[passage.start : passage.end] != passage.text:
            return fit_sentences(passage.text, under=passage.heading_path)
        start = text.rfind("\n", 0, max(passage.start - AROUND, 0)) + 1
        end = text.find("\n", passage.end + AROUND)
        told = fit_sentences(
            text[start : end if end >= 0 else len(text)],
            under=passage.heading_path,
            turn=self._turn(found.document.pk, start),
        )
        return [
            replace(fit, at=start + fit.at) for fit in told if passage.start <= start + fit.at < passage.end
        ]

    def _text(self, document: int) -> str:
        if document not in self._texts:
            self._texts[document] = Document.objects.values_list("text", flat=True).get(pk=document)
        return self._texts[document]

    def _turn(self, document: int, at: int) -> Turn:
        if document not in self._turns:
            self._turns[document] = turns_of(self._texts[document])
        turns = self._turns[document]
        place = bisect_right(turns, at, key=lambda each: each[0]) - 1
        return turns[place][1] if place >= 0 else Turn()
