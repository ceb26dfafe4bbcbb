"""What the engine takes and what it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from enishi.engines.core import Float32Array, InvalidInputError

NATIONWIDE = "nationwide"
"""The region label of a can that serves all of Japan."""


class View(StrEnum):
    """The kinds of evidence; each becomes one part of a score."""

    MEANING = "meaning"
    WORDS = "words"
    FIELDS = "fields"
    KINDS = "kinds"
    REGION = "region"
    WINDOW = "window"
    BUDGET = "budget"
    CAPACITY = "capacity"
    FRESHNESS = "freshness"
    TRACK_RECORD = "track_record"


class Rule(StrEnum):
    """Hard constraints: a can that breaks one is left out and counted."""

    NOT_VISIBLE = "not_visible"
    OWN_RESOURCE = "own_resource"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    EXPIRED = "expired"
    WINDOW_CLOSED = "window_closed"
    REGION_EXCLUDED = "region_excluded"


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: its normal form, its place in the text, how much it counts (a title's count more).

    ``is_telling``: by itself it tells people what the text is about, so it may be quoted as a reason.
    """

    normal: str
    start: int
    end: int
    weight: float = 1.0
    is_telling: bool = True


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a text and its place."""

    start: int
    end: int


@dataclass(frozen=True)
class Evidence:
    """What a text says, as the engine reads it.

    Attributes
    ----------
    text : str
        As people wrote it; every quoted reason is a piece of it.
    words : tuple of Word
        Content words in their order.
    vector : array, shape (d,), float32
        Meaning of the whole text; zeros when there is none yet (then words alone count).
    passages : tuple of Passage
        The sentences, in order.
    passage_vectors : array, shape (len(passages), d), float32
        Meaning of each sentence; may be empty, shape (0, d), when nobody needs quoted reasons.
    """

    text: str
    words: tuple[Word, ...]
    vector: Float32Array
    passages: tuple[Passage, ...] = ()
    passage_vectors: Float32Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __post_init__(self) -> None:
        if self.vector.ndim != 1:
            raise InvalidInputError("vector", "must have one dimension")
        if len(self.passage_vectors) not in (0, len(self.passages)):
            raise InvalidInputError("passage_vectors", "needs one row a passage, or none")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both included; None is open."""

    start: dt.date | None = None
    end: dt.date | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.end < self.start:
            raise InvalidInputError("end", "is before start")


@dataclass(frozen=True)
class Want:
    """A challenge that seeks a partner. Empty sets and None mean "not said" and count neither for nor against.

    Attributes
    ----------
    fields : frozenset of str
        ``"<field>"`` or ``"<field>/<subfield>"``, in any fixed vocabulary that wants and cans share.
    kinds : frozenset of str
        Kinds of resource sought.
    regions : frozenset of str
        Where it must work: codes of municipalities (5 or 6 digits) or prefectures (2 digits), or any label.
    window : Period
        When a partner can be taken on.
    budget_min_yen, budget_max_yen : int or None
    owner : str
        Whose challenge it is; its own cans are not proposed to it.
    conflicts : frozenset of str
        Owners that must not be proposed.
    """

    id: str
    evidence: Evidence
    fields: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    window: Period = Period()
    budget_min_yen: int | None = None
    budget_max_yen: int | None = None
    owner: str = ""
    conflicts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Can:
    """A resource on offer. Empty sets and None mean "not said" and count neither for nor against.

    Attributes
    ----------
    regions : frozenset of str
        Where it serves; ``NATIONWIDE`` for everywhere.
    cost_min_yen, cost_max_yen : int or None
        What it costs; 0 and 0 for free.
    capacity, engaged : int or None, int
        How many partners it can serve and how many it serves now.
    confirmed_on, expires_on : date or None
        When the owner last said that it still stands; after when it no longer counts.
    successes, attempts : int
        Past matches that led on, out of all that ended.
    audience : int
        A code of who may see it; :func:`rank` and :func:`search` take the codes that the viewer may see.
    is_underserved : bool
        A small local firm, an NPO or a remote town, for fair reach.
    """

    id: str
    evidence: Evidence
    fields: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    window: Period = Period()
    cost_min_yen: int | None = None
    cost_max_yen: int | None = None
    capacity: int | None = None
    engaged: int = 0
    confirmed_on: dt.date | None = None
    expires_on: dt.date | None = None
    successes: int = 0
    attempts: int = 0
    owner: str = ""
    audience: int = 0
    is_underserved: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.attempts:
            raise InvalidInputError("successes", "must lie between 0 and attempts")


@dataclass(frozen=True)
class MatchWeights:
    """How much each view counts. A weight is never negative: more evidence never lowers a score.

    Attributes
    ----------
    version : str
        Name under which a result can be traced to its weights.
    """

    meaning: float = 1.0
    words: float = 2.0
    fields: float = 0.3
    kinds: float = 0.2
    region: float = 0.4
    window: float = 0.3
    budget: float = 0.3
    capacity: float = 0.15
    freshness: float = 0.3
    track_record: float = 0.3
    version: str = "1"

    def __post_init__(self) -> None:
        for view in View:
            if not self.of(view) >= 0:
                raise InvalidInputError(view.value, "must not be negative")

    def of(self, view: View) -> float:
        """Return the weight of a view."""
        return float(getattr(self, view.value))


@dataclass(frozen=True, slots=True)
class Part:
    """One view's share of a score.

    Attributes
    ----------
    value : float or None
        How well the two fit in this view; meaning in standard deviations over unrelated pairs, all others from 0
        to 1. None when one side did not say.
    weight : float
    contribution : float
        What it adds to the score; 0 when ``value`` is None.
    """

    view: View
    value: float | None
    weight: float
    contribution: float


class ReasonKind(StrEnum):
    """What a reason is about and which way it points."""

    MET = "met"
    NOT_MET = "not_met"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence about a match, ready to be translated.

    ``template`` is a Japanese sentence with named places (``%(name)s``), ``values`` fills them; a value of several
    words can be translated word by word.
    """

    kind: ReasonKind
    view: View
    template: str
    values: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.template % {
            name: "、".join(value) if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two pieces of text that met: each stands literally in its own side's text.

    ``want_text[want_start:want_end] == want`` and the same for the can. ``shared`` tells a word
    that stands on both sides from two passages that are near in meaning.
    """

    want: str
    can: str
    want_start: int
    want_end: int
    can_start: int
    can_end: int
    strength: float
    shared: bool


@dataclass(frozen=True)
class Match:
    """A want and a can, how well they fit and why. ``score`` is the sum of the parts' contributions."""

    want_id: str
    can_id: str
    rank: int
    score: float
    parts: tuple[Part, ...]
    phrases: tuple[Phrase, ...] = ()
    reasons: tuple[Reason, ...] = ()
    is_unexpected: bool = False

    def part(self, view: View) -> Part:
        """Return the part of one view."""
        return next(part for part in self.parts if part.view == view)

    def reasons_of(self, kind: ReasonKind) -> tuple[Reason, ...]:
        """Return the reasons of one kind: met, not met, what would raise it."""
        return tuple(reason for reason in self.reasons if reason.kind == kind)


@dataclass(frozen=True)
class Ranking:
    """The best cans of one want, and how many others were left out by which rule."""

    want_id: str
    matches: tuple[Match, ...]
    excluded: Mapping[Rule, int]
    considered: int
