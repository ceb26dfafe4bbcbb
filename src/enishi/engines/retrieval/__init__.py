"""Which texts answer a question: words, meaning and the two together. See docs/engines/retrieval.md."""

from enishi.engines.retrieval.fusion import (
    DEFAULT_BLEND,
    Blend,
    coverage_fusion,
    reciprocal_ranks,
    spread,
)
from enishi.engines.retrieval.meaning import Interaction, Pieces, centred, piece_mean, side_mean
from enishi.engines.retrieval.passages import Candidate, Passages, PassageSegment, build_passages
from enishi.engines.retrieval.ranking import REREAD, Collection, Method, Said
from enishi.engines.retrieval.rereading import HEAD, PieceSigns, Sample, reread, signs_of
from enishi.engines.retrieval.rereading import Candidate as Reread
from enishi.engines.retrieval.words import Asked, Rarity, Words, build_words, code_of, pairs_of

__all__ = [
    "DEFAULT_BLEND",
    "HEAD",
    "REREAD",
    "Asked",
    "Blend",
    "Candidate",
    "Collection",
    "Interaction",
    "Method",
    "PassageSegment",
    "Passages",
    "PieceSigns",
    "Pieces",
    "Rarity",
    "Reread",
    "Said",
    "Sample",
    "Words",
    "build_passages",
    "build_words",
    "centred",
    "code_of",
    "coverage_fusion",
    "pairs_of",
    "piece_mean",
    "reciprocal_ranks",
    "reread",
    "side_mean",
    "signs_of",
    "spread",
]
