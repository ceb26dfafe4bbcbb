"""What is told to whoever asks: sentences with where they stand, near questions, and whom to ask. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from enishi.knowledge.answers import guards
from enishi.knowledge.answers.enums import Outcome
from enishi.knowledge.answers.sections import Help
from enishi.knowledge.models import ApprovedAnswer, AskedQuestion

PARTLY = "partly"
"""Why a reply leaves something open though it answers: of two questions in one it answers the other."""


@dataclass(frozen=True)
class Cite:
    """Where a sentence stands: its passage, and the page that shows it marked."""

    number: int
    title: str
    url: str
    place: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Told:
    """One sentence of an answer with its citation."""

    text: str
    cite: Cite | None
    is_item: bool = False


@dataclass(frozen=True)
class NearDocument:
    title: str
    url: str
    snippet: str


@dataclass(frozen=True)
class Offer:
    """An approved answer to a question near the one that was asked: the asker says whether it is the same."""

    question: str
    lines: tuple[str, ...]
    answer: ApprovedAnswer
    language: str = "ja"
    is_outdated: bool = False
    """Whether a document it rests on no longer holds."""


@dataclass(frozen=True)
class Reply:
    """What is told. ``language`` is the one the sentences are in; ``note`` says what is to be known about them."""

    outcome: Outcome
    reason: str = ""
    sentences: tuple[Told, ...] = ()
    cites: tuple[Cite, ...] = ()
    language: str = "ja"
    note: str = ""
    answer: ApprovedAnswer | None = None
    nearest: tuple[NearDocument, ...] = ()
    offers: tuple[Offer, ...] = ()
    differing: tuple[Cite, ...] = ()
    """Passages of other documents that state other numbers of the same."""
    help: Help | None = None
    confidence: float = 0.0
    masked: guards.Kept = field(default_factory=lambda: guards.Kept("", ()))
    dropped: int = 0
    model: str = ""
    was_cut: bool = False
    dangers: tuple[str, ...] = ()
    """Whose help may be needed at once, by kind: the page names the telephones that answer day and night."""
    is_overdue: bool = False
    """Whether the day to look at the approved answer again has passed: it is told, and said so."""
    asked: AskedQuestion | None = None
    parts: tuple[Part, ...] = ()
    """Each question by itself, where two were asked in one."""

    @property
    def is_danger(self) -> bool:
        return bool(self.dangers)

    @property
    def leaves_open(self) -> bool:
        """Whether something that was asked found no answer."""
        return not self.is_answered or any(not part.reply.is_answered for part in self.parts)

    @property
    def is_answered(self) -> bool:
        return self.outcome in (Outcome.APPROVED, Outcome.EXTRACTED, Outcome.GENERATED)


@dataclass(frozen=True)
class Part:
    """One of two questions that were asked in one."""

    question: str
    reply: Reply


def together(parts: Sequence[Part]) -> Reply:
    """One reply to questions asked in one, each with its own sentences and sources; it says which of them found nothing."""
    given = [part.reply for part in parts if part.reply.is_answered]
    outcomes = {reply.outcome for reply in given}
    renumbered = _numbered_on(parts)
    return Reply(
        outcomes.pop() if len(outcomes) == 1 else Outcome.EXTRACTED,
        PARTLY if len(given) < len(parts) else "",
        sentences=tuple(told for part in renumbered for told in part.reply.sentences),
        cites=tuple(cite for part in renumbered for cite in part.reply.cites),
        language=given[0].language,
        note=next((reply.note for reply in given if reply.note), ""),
        answer=given[0].answer if len(given) == 1 else None,
        confidence=min(reply.confidence for reply in given),
        dropped=sum(reply.dropped for reply in given),
        model=next((reply.model for reply in given if reply.model), ""),
        is_overdue=any(reply.is_overdue for reply in given),
        parts=renumbered,
    )


def _numbered_on(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with their sources numbered through, so that each number on a page leads to one source."""
    numbered, before = [], 0
    for part in parts:
        cites = {cite: replace(cite, number=cite.number + before) for cite in part.reply.cites}
        told = tuple(
            replace(each, cite=cites[each.cite] if each.cite else None) for each in part.reply.sentences
        )
        numbered.append(Part(part.question, replace(part.reply, sentences=told, cites=tuple(cites.values()))))
        before += len(cites)
    return tuple(numbered)
