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
    "apart",
    "least",
    "lead",
    "as_asked",
    "back",
    "agreed",
    "unsaid",
    "bound",
    "foreign",
    "foreign_unknown",
)
"""What is weighed where the model tells pieces: ``by_words`` is what the features above came to."""
_MOST_APART = 5.0
_MOST_LEAD = 3.0
_MOST_UNSAID = 4
_LEAST, _LEAST_FOREIGN = (1.2, 0.8), (2.0, 1.2)
"""Apart and met: one in fifty of the right answers of the labelled sets lies below the first."""
_WORDS_SAY = (-6.0, 4.0)
NEAREST = 3
NEAR_ENOUGH, NEAR_WITHOUT_WORDS = 2.0, 2.5
"""Spreads above the reference: of the right texts of the labelled sets one in fifty lies below the first; the second holds where
less than half of what the question names is said."""
_HALF = 0.5


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

    There are three thresholds, for what an answer leaves unsaid is what questions near to one another differ by: where all telling
    words of a question are said in the passage (``said``), where some are not (``unsaid``), and for questions in another language,
    of which words tell little either way (``foreign``). ``both`` is enough where words alone are sure as well and none is unsaid.
    """

    weights: Mapping[str, float]
    said: float
    unsaid: float
    foreign: float
    both: float = 1.0

    def confidence(self, features: Mapping[str, float]) -> float:
        weights = self.weights
        return _share(
            weights["bias"] + sum(weights.get(name, 0.0) * features.get(name, 0.0) for name in MEANT)
        )

    def is_sure(self, features: Mapping[str, float], sure: float, *, by_words: bool = False) -> bool:
        group = group_of(features)
        if by_words and not features.get("unsaid") and sure >= self.both:
            return True
        return sure >= {"said": self.said, "unsaid": self.unsaid, "foreign": self.foreign}[group]


def group_of(features: Mapping[str, float]) -> str:
    """By which threshold an answer is judged."""
    if features.get("foreign"):
        return "foreign"
    return "unsaid" if features.get("unsaid") else "said"


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
    if asked.language == "ja" and not telling_words(asked):
        # 「どうすればいいですか」: nothing to look for, however near some passage may seem.
        return Choice(nearest=tuple(row.candidate.key for row in rows[:NEAREST]))
    cited = choosing.chosen(asked, rows)
    found = features(asked, rows, cited)
    found["by_words"] = max(_WORDS_SAY[0], min(calibration.total(found), _WORDS_SAY[1]))
    sure = calibration.confidence(found)
    is_sure = sure >= calibration.threshold_for(asked)
    if closeness is not None and rows[0].candidate.close is not None:
        sure = closeness.confidence(found)
        stands_out = _stands_out(asked, rows[0].candidate)
        is_sure = closeness.is_sure(found, sure, by_words=is_sure and stands_out)
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


def _stands_out(asked: Asked, candidate: Candidate) -> bool:
    """Whether a text says more of what was asked than whatever else was found, however many of its words it holds.

    Of a question in another language few words are known: 「driving license」 stands in what is to be brought for a seal.
    """
    if candidate.close is None:
        return True
    apart, met = _LEAST_FOREIGN if asked.language != "ja" else _LEAST
    return candidate.close.apart >= apart and candidate.close.met >= met


def _is_near(asked: Asked, candidate: Candidate) -> bool:
    """Whether a text says something near enough to be shown beside what was asked."""
    if candidate.close is None:
        return True
    says = coverage(asked, telling_words(asked), candidate.words) >= _HALF
    return candidate.close.total >= (NEAR_ENOUGH if says else NEAR_WITHOUT_WORDS)


def _refusal(asked: Asked, found: Mapping[str, float]) -> str:
    if found["missing_names"]:
        return "name"
    if asked.is_strict and asked.kind is not QuestionKind.YES_NO and found["missing_numbers"]:
        return "number"
    if found["lacks_what_is_asked"] or found["speaks_of_opposite"]:
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
        "apart": min(close.apart, _MOST_APART),
        "least": close.least,
        "lead": max(-_MOST_LEAD, min(close.lead, _MOST_LEAD)),
        "as_asked": close.as_asked,
        "back": close.back,
        "agreed": float(_agree(rows)),
        "unsaid": float(min(sum(not asked.held(word, best.words) for word in words), _MOST_UNSAID)),
        "bound": float(is_bound(asked)),
        "missing_by_sentences": 1.0 - coverage(asked, words, held_by_sentences),
        "missing_nouns": float(sum(not asked.held(noun, best.words) for noun in nouns)),
        "nearness": near,
        "context_nearness": best.context_nearness,
        "margin": min(rows[0].by_words - max(rivals, default=0.0), 2.0),
        "missing_names": float(len(choosing.absent_names(asked, best))),
        "missing_numbers": float(choosing.absent_numbers(asked, best)),
        "lacks_what_is_asked": float(bool(choosing.lacking(asked, rows, cited))),
        "speaks_of_opposite": float(choosing.speaks_of_opposite(asked, best, cited)),
        "other_case": float(_is_other_case(asked, used, words)),
        "wanted_is_there": float(bool(asked.wanted)),
        "foreign": float(foreign),
        "foreign_unknown": asked.unknown if foreign else 0.0,
        "foreign_nearness": near if foreign else 0.0,
    }


def _agree(rows: Sequence[Scored]) -> int:
    """How many other views take the same text for the best: pieces, what the title says, its nearness as a whole."""
    views = (
        lambda row: row.candidate.close.total if row.candidate.close else 0.0,
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
