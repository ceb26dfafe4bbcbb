"""What search needs from a database: a table of words that answers in order of time."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from django.db import DatabaseError
from django.db.models.expressions import RawSQL

from enishi.knowledge.queries import Expression


class WordIndex(Protocol):
    """Which documents hold which words. Every adapter keeps the same promises (one test for all)."""

    def create(self) -> None:
        """Make the table, empty; one that is there, whole or broken, goes first."""

    def write(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Add documents, by key and words."""

    def erase(self, keys: Sequence[int]) -> None:
        """Take documents out; keys that are not there do no harm."""

    def keys(
        self, expression: Expression, *, limit: int, beyond: int | None, ascending: bool, expected: float
    ) -> list[int]:
        """The first keys from the newest down (or from the oldest up), after ``beyond``."""

    def subquery(self, expression: Expression, *, limit: int) -> RawSQL:
        """Any ``limit`` keys, to be joined with the documents."""

    def count(self, expression: Expression, *, limit: int) -> int:
        """How many documents, ``limit`` at most."""

    def frequencies(self) -> Iterable[tuple[str, int]]:
        """Every word and in how many documents it stands (about, where exact is dear)."""

    def begin_bulk(self) -> None:
        """Make ready for very many writes."""

    def end_bulk(self) -> None:
        """Put in order what ``begin_bulk`` put off."""

    def is_whole(self, *, thorough: bool = False) -> bool:
        """Whether the table is there and answers; ``thorough`` reads all of it."""

    def is_damage(self, error: DatabaseError) -> bool:
        """Whether the error says that the table is missing or damaged."""
