"""Cutting text into the pieces of a Unigram vocabulary (Kudo 2018), as multilingual-e5 expects it.

Written in plain Python on purpose: a dictionary of 250,000 pieces takes a tenth of the memory of the
``tokenizers`` package's trie, and cutting takes a few percent of the time of the encoder behind it.
The tests hold it to that package and to the definition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from enishi.language.ports import FloatArray

MARK = "\u2581"
_UNKNOWN_PENALTY = 10.0


class UnigramTokenizer:
    """Finds the most probable sequence of pieces."""

    def __init__(
        self, pieces: Sequence[str], scores: FloatArray, *, control: frozenset[int], unknown: int
    ) -> None:
        values = scores.tolist()
        self._entries = {
            piece: (values[index], index)
            for index, piece in enumerate(pieces)
            if index not in control and piece
        }
        self._unknown = unknown
        self._unknown_score = min(score for score, _ in self._entries.values()) - _UNKNOWN_PENALTY
        self._longest: dict[str, int] = {}
        for piece in self._entries:
            first = piece[0]
            if len(piece) > self._longest.get(first, 0):
                self._longest[first] = len(piece)

    def encode(self, text: str) -> list[int]:
        """Return the ids of the pieces; blanks become the word mark, unknown runs become one unknown piece."""
        return [piece for piece, _length in self._pieces(text)]

    def lengths(self, text: str) -> list[int]:
        """Return how many characters of the text each piece spells; blanks are not counted."""
        return [length for _piece, length in self._pieces(text)]

    def _pieces(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for word in text.replace(MARK, " ").split():
            first, *others = self._encode_word(MARK + word)
            found += [(first[0], first[1] - len(MARK)), *others]
        return found

    def _encode_word(self, word: str) -> list[tuple[int, int]]:
        entries, longest = self._entries, self._longest
        size = len(word)
        best = [-math.inf] * (size + 1)
        best[0] = 0.0
        came_from = [0] * (size + 1)
        piece_at = [self._unknown] * (size + 1)
        for start in range(size):
            so_far = best[start]
            stop = min(size, start + longest.get(word[start], 0))
            for end in range(start + 1, stop + 1):
                entry = entries.get(word[start:end])
                if entry is not None and so_far + entry[0] > best[end]:
                    best[end] = so_far + entry[0]
                    came_from[end] = start
                    piece_at[end] = entry[1]
            if word[start] not in entries and so_far + self._unknown_score > best[start + 1]:
                best[start + 1] = so_far + self._unknown_score
                came_from[start + 1] = start
                piece_at[start + 1] = self._unknown
        return self._walk_back(came_from, piece_at)

    def _walk_back(self, came_from: list[int], piece_at: list[int]) -> list[tuple[int, int]]:
        """Each piece with its length."""
        found: list[tuple[int, int]] = []
        end = len(came_from) - 1
        while end > 0:
            piece, length = piece_at[end], end - came_from[end]
            if piece == self._unknown and found and found[-1][0] == self._unknown:
                found[-1] = piece, found[-1][1] + length
            else:
                found.append((piece, length))
            end = came_from[end]
        found.reverse()
        return found
