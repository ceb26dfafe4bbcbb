"""Answers made of sentences that each carry their passage, or an honest refusal.

>>> from enishi.engines import answers
>>> answers.understand("粗大ごみの手数料はいくらですか").kind.value
'how_much'

See docs/engines/answers.md.
"""

from enishi.engines.answers.closeness import AskedPieces, Close, Reference
from enishi.engines.answers.clustering import Cluster, clusters, least_nearness
from enishi.engines.answers.confidence import FEATURES, MEANT, Calibration, Closeness, answer
from enishi.engines.answers.model import (
    Asked,
    Candidate,
    Choice,
    Cited,
    Line,
    Number,
    QuestionKind,
    Reading,
    Wanted,
)
from enishi.engines.answers.numbers import numbers_in, states
from enishi.engines.answers.questions import Understood, understand
from enishi.engines.answers.splitting import parts
from enishi.engines.answers.support import LEAST_COVERAGE, Verdict, check

__all__ = [
    "FEATURES",
    "LEAST_COVERAGE",
    "MEANT",
    "Asked",
    "AskedPieces",
    "Calibration",
    "Candidate",
    "Choice",
    "Cited",
    "Close",
    "Closeness",
    "Cluster",
    "Line",
    "Number",
    "QuestionKind",
    "Reading",
    "Reference",
    "Understood",
    "Verdict",
    "Wanted",
    "answer",
    "check",
    "clusters",
    "least_nearness",
    "numbers_in",
    "parts",
    "states",
    "understand",
]
