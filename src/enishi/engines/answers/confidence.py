"""How sure an answer is: features of question and passage, weighed as a labelled set taught, against a threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enishi.engines.answers import choosing
from enishi.engines.answers.choosing import Scored, coverage, telling_words
from enishi.engines.answers.closeness import Close
from enishi.engines.answers.model import Asked, Candidate, Choice, Cited, Line, QuestionKind
from enishi.engines.answers.questions import holds
from enishi.engines.core import InvalidInputError

FEATURES = (
    "missing_by_sentences",
    "missing_nouns",
    "nearness",
    "context_nearness",
    "margin",
    "other_case",
    "wanted_is_there",
    "foreign",
    "foreign_unknown",
    "foreign_nearness",
)
MEANT = (
    "by_words",
    "least",
    "lead",
    "lead_open",
    "agreed",
    "unsaid_asked",
    "word_least",
    "noun_least",
    "numbers_ahead",
    "sibling",
    "told",
    "bound",
    "foreign",
    "foreign_unknown",
)
"""What is weighed where the model tells pieces: ``by_words`` is what the features above came to."""
_MOST_LEAD = 3.0
_MOST_SIBLINGS = 2
_MOST_UNSAID = 4
_MOST_TOLD = 3
_WORD_MET, _WORD_LEAST, _WORD_MOST = 2.5, -2.0, 4.0
"""Spreads above the reference at which a word counts as said in another way, and between which it is told at all."""
_WORDS_SAY = (-6.0, 4.0)
NEAREST = 3
_NEAR_ENOUGH = ((0.5, 2.5), (0.01, 3.0), (0.0, 4.0))
"""Share of what the question names that a text says, and the spreads above the reference that are enough beside it: of 182 right
texts of fresh towns five lie below; of 516 beside a poem, 「asdf」 or an order to the machine, fourteen lie above."""
_ALL_UNKNOWN = 0.9
_MOST_SCALED = 5.0


@dataclass(frozen=True)
class Calibration:
    """Weights of the features and the thresholds chosen by cross-validation (training/answers).

    ``strict_threshold`` is for law, money and deadlines, ``foreign_threshold`` for questions in another language.
    """

    weights: Mapping[str, float]
    bias: float
    threshold: float
    strict_threshold: float
    foreign_threshold: float
    name: str = ""

    def __post_init__(self) -> None:
        unknown = set(self.weights) - set(FEATURES)
        if unknown:
            raise InvalidInputError("weights", f"unknown features {sorted(unknown)}")
        for field in ("threshold", "strict_threshold", "foreign_threshold"):
            if not 0.0 <= getattr(self, field) <= 1.0:
                raise InvalidInputError(field, "must lie between 0 and 1")

    def confidence(self, features: Mapping[str, float]) -> float:
        """The share of answers with such features that were right in the labelled set, between 0 and 1."""
        return _share(self.total(features))

    def total(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())

    def threshold_for(self, asked: Asked) -> float:
        needed = self.strict_threshold if asked.is_strict else self.threshold
        return max(needed, self.foreign_threshold) if asked.language != "ja" else needed


@dataclass(frozen=True)
class Closeness:
    """How sure an answer is where the model tells pieces: words and meaning weighed together.

    Each feature counts by itself and in pairs: a word left unsaid matters less the nearer the passage comes to saying it in another
    way. ``scales`` are the middle and spread of each. Of questions in another language words tell little: ``foreign`` is their threshold.
    """

    scales: Mapping[str, tuple[float, float]]
    weights: Mapping[str, float]
    japanese: float
    foreign: float

    def confidence(self, features: Mapping[str, float]) -> float:
        """The share of answers with such features that were right in the sets it is learnt from."""
        scaled = {
            name: (features.get(name, 0.0) - middle) / spread
            for name, (middle, spread) in self.scales.items()
        }
        return _share(sum(weight * _product(scaled, term) for term, weight in self.weights.items()))

    def threshold_for(self, asked: Asked) -> float:
        return self.japanese if asked.language == "ja" else self.foreign


def _product(scaled: Mapping[str, float], term: str) -> float:
    """What a term comes to: 1 for the ``bias``, a feature, or two of them (``least*unsaid``)."""
    if term == "bias":
        return 1.0
    return max(-_MOST_SCALED, min(math.prod(scaled[name] for name in term.split("*")), _MOST_SCALED))


def is_bound(asked: Asked) -> bool:
    """Whether a question asks for something that must literally be there, or is about law and money."""
    return asked.is_strict or bool(asked.wanted)


def _share(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(total, 40.0), -40.0)))


def answer(
    asked: Asked,
    candidates: Sequence[Candidate],
    calibration: Calibration,
    closeness: Closeness | None = None,
) -> Choice:
    """Choose the sentences that answer, or refuse and say why.

    Refused without weighing: nothing found, a name in the question that the passage does not hold, a number in a strict
    question that it does not state, and an amount, day or telephone number that was asked for and is not there.
    """
    rows = choosing.scored(asked, candidates)
    if not rows:
        return Choice()
    if not telling_words(asked) if asked.language == "ja" else asked.unknown >= _ALL_UNKNOWN:
        # 「どうすればいいですか」, 「qwerty」: nothing to look for, however near some passage may seem.
        return Choice(nearest=tuple(row.candidate.key for row in rows[:NEAREST]))
    cited = choosing.chosen(asked, rows)
    found = features(asked, rows, cited)
    found["by_words"] = max(_WORDS_SAY[0], min(calibration.total(found), _WORDS_SAY[1]))
    sure = calibration.confidence(found)
    is_sure = sure >= calibration.threshold_for(asked)
    if closeness is not None and rows[0].candidate.close is not None:
        sure = closeness.confidence(found)
        is_sure = sure >= closeness.threshold_for(asked)
    refused = _refusal(asked, found) or ("" if is_sure else "unsure")
    near = [row.candidate for row in rows[:NEAREST]]
    return Choice(
        sentences=tuple(cited),
        features=found,
        confidence=sure,
        refused=refused,
        nearest=tuple(candidate.key for candidate in near),
        close=near[0].close,
        differing=tuple(choosing.differing(asked, rows, cited)),
        offered=tuple(
            candidate.key for candidate in near if refused != "name" and _is_near(asked, candidate)
        ),
    )


def _is_near(asked: Asked, candidate: Candidate) -> bool:
    """Whether a text says something near enough to be shown beside what was asked."""
    if candidate.close is None:
        return True
    says = coverage(asked, telling_words(asked), candidate.words)
    return candidate.close.total >= next(enough for share, enough in _NEAR_ENOUGH if says >= share)


def _refusal(asked: Asked, found: Mapping[str, float]) -> str:
    if found["missing_names"]:
        return "name"
    if found["other_year"] or (
        asked.is_strict and asked.kind is not QuestionKind.YES_NO and found["missing_numbers"]
    ):
        return "number"
    if found["lacks_what_is_asked"] or found["speaks_of_opposite"] or found["unlisted"]:
        return "kind"
    return ""


def features(asked: Asked, rows: Sequence[Scored], cited: Sequence[Cited]) -> dict[str, float]:
    """What is known about a question and the passage that would answer it; ``FEATURES`` are those that are weighed."""
    best = rows[0].candidate
    words = telling_words(asked)
    foreign = asked.language != "ja"
    used = [
        line
        for line in best.lines
        if any(one.passage == best.key and one.start == line.start for one in cited)
    ]
    near = max((line.nearness for line in used), default=0.0)
    nouns = {word for word in words if word in asked.reading.nouns}
    held_by_sentences = (best.context.vocabulary | best.topic).union(*(line.reading.words for line in used))
    rivals = [
        row.by_words
        for row in rows[1:]
        if row.candidate.document != best.document and not choosing.says_the_same(rows[0], row)
    ]
    close = best.close or Close(0.0, 0.0)
    return {
        "least": close.least,
        "lead": max(-_MOST_LEAD, min(close.lead, _MOST_LEAD)),
        "agreed": float(_agree(rows)),
        **_left_unsaid(asked, best, words),
        **_beside_rivals(asked, rows, words),
        "sibling": float(min(choosing.siblings(asked, best), _MOST_SIBLINGS)),
        "told": float(min(asked.told, _MOST_TOLD)),
        "bound": float(is_bound(asked)),
        "missing_by_sentences": 1.0 - coverage(asked, words, held_by_sentences),
        "missing_nouns": float(sum(not asked.held(noun, best.words) for noun in nouns)),
        "nearness": near,
        "context_nearness": best.context_nearness,
        "margin": min(rows[0].by_words - max(rivals, default=0.0), 2.0),
        "missing_names": float(len(choosing.absent_names(asked, best))),
        "missing_numbers": float(len(choosing.absent_numbers(asked, best))),
        "other_year": float(choosing.is_of_another_year(asked, best)),
        "lacks_what_is_asked": float(bool(choosing.lacking(asked, rows, cited))),
        "speaks_of_opposite": float(choosing.speaks_of_opposite(asked, best, cited)),
        "unlisted": float(choosing.is_unlisted(asked, rows[0], cited)),
        "other_case": float(_is_other_case(asked, used, words)),
        "wanted_is_there": float(bool(asked.wanted)),
        "foreign": float(foreign),
        "foreign_unknown": asked.unknown if foreign else 0.0,
        "foreign_nearness": near if foreign else 0.0,
    }


def _left_unsaid(asked: Asked, best: Candidate, words: Mapping[str, float]) -> dict[str, float]:
    """What the best passage does not say in the question's own words, and how near it comes to saying it in others."""
    close = best.close

    def met(word: str) -> float:
        return max(_WORD_LEAST, min(close.words.get(word, _WORD_MET) if close else _WORD_MET, _WORD_MOST))

    unsaid = [word for word in words if not asked.held(word, best.words)]
    return {
        "unsaid_asked": float(min(sum(word in asked.asks for word in unsaid), _MOST_UNSAID)),
        "word_least": min((met(word) for word in unsaid), default=_WORD_MET),
        "noun_least": min((met(word) for word in words if word in asked.reading.nouns), default=_WORD_MET),
    }


def _beside_rivals(asked: Asked, rows: Sequence[Scored], words: Mapping[str, float]) -> dict[str, float]:
    """What tells the best passage from the others: its lead over those that say every word and number of the question that it
    says, and whether it states more of the numbers that are asked about: of three leaflets the one of 令和7年."""
    best, *rivals = (row.candidate for row in rows)
    mine = [word for word in words if asked.held(word, best.words)]
    numbers = choosing.numbers_met(asked, best)
    leads, met = [], [0.0]
    for rival in rivals:
        met.append(choosing.numbers_met(asked, rival))
        if met[-1] >= numbers and all(asked.held(word, rival.words) for word in mine):
            leads.append(_total(best) - _total(rival))
    return {
        "lead_open": max(-_MOST_LEAD, min([*leads, _MOST_LEAD])),
        "numbers_ahead": numbers - max(met),
    }


def _total(candidate: Candidate) -> float:
    return candidate.close.total if candidate.close else 0.0


def _agree(rows: Sequence[Scored]) -> int:
    """How many other views take the same text for the best: pieces, what the title says, its nearness as a whole."""
    views = (
        lambda row: _total(row.candidate),
        lambda row: row.candidate.close.as_asked if row.candidate.close else 0.0,
        lambda row: row.candidate.context_nearness,
    )
    return sum(max(rows, key=view) is rows[0] for view in views)


def _is_other_case(asked: Asked, used: Sequence[Line], words: Mapping[str, float]) -> bool:
    """Whether the only sentences that hold what is wanted speak of a case the question does not mention."""
    holding = [
        line
        for line in used
        if asked.wanted and all(holds(want, asked.unit, line.reading) for want in asked.wanted)
    ]
    own = frozenset(words)
    return bool(holding) and all(line.condition and not line.condition & own for line in holding)
