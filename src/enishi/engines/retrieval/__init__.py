"""Which texts answer a question: words, meaning and the two together. See docs/engines/retrieval.md."""

from enishi.engines.retrieval.fusion import (
    DEFAULT_BLEND,
    Blend,
    coverage_fusion,
    reciprocal_ranks,
    spread,
)
from enishi.engines.retrieval.meaning import Interaction, Pieces, centred, side_mean
from enishi.engines.retrieval.passages import Candidate, Passages, PassageSegment, build_passages
from enishi.engines.retrieval.ranking import REREAD, Collection, Method, Said
from enishi.engines.retrieval.words import Asked, Rarity, Words, build_words, code_of, pairs_of

__all__ = [
    "DEFAULT_BLEND",
    "REREAD",
    "Asked",
    "Blend",
    "Candidate",
    "Collection",
    "Interaction",
    "Method",
    "PassageSegment",
    "Passages",
    "Pieces",
    "Rarity",
    "Said",
    "Words",
    "build_passages",
    "build_words",
    "centred",
    "code_of",
    "coverage_fusion",
    "pairs_of",
    "reciprocal_ranks",
    "side_mean",
    "spread",
]
