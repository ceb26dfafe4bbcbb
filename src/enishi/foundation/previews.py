"""What a filled sheet would do, before anything is written: the shapes that the preview component (``c-import-preview``) shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from enishi.foundation import sentences


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be taken over, in the words of the sheet, and how to mend it."""

    row: int
    column: str
    value: str
    reason: str

    def as_json(self) -> dict[str, object]:
        """Ready to be kept: in the words of the source, with what differs in the other languages beside them."""
        said = sentences.in_other_languages(column=self.column, reason=self.reason)
        plain = {"column": sentences.in_source(self.column), "reason": sentences.in_source(self.reason)}
        return {"row": self.row, "value": self.value, **plain, **({"said": said} if said else {})}

    @staticmethod
    def in_words(kept: Mapping[str, Any], name: str) -> str:
        """The column or the reason of a kept fault in the language of the reader."""
        return sentences.kept_in_words(kept.get("said", {}), name, str(kept.get(name, "")))


@dataclass(frozen=True)
class Difference:
    """A cell that would change what is there."""

    row: int
    key: str
    column: str
    before: str
    after: str


@dataclass
class Preview:
    """What the sheet would do. ``rows`` can be kept as JSON; with one fault nothing is taken over."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.added and not self.changed
