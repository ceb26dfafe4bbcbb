"""Wants and cans: which fit, how well, and why.

>>> from enishi.engines import matching
>>> matching.MatchWeights(meaning=1.0, words=0.5).of(matching.View.WORDS)
0.5

See docs/engines/matching.md.
"""

from enishi.engines.core import InvalidInputError
from enishi.engines.matching.model import (
    NATIONWIDE,
    Can,
    Evidence,
    Match,
    MatchWeights,
    Part,
    Passage,
    Period,
    Phrase,
    Ranking,
    Reason,
    ReasonKind,
    Rule,
    View,
    Want,
    Word,
)
from enishi.engines.matching.ranking import best_pairs, rank, rank_wants, score_matrix
from enishi.engines.matching.reasons import explain
from enishi.engines.matching.scoring import ALL_RULES, DEFAULT_WEIGHTS
from enishi.engines.matching.search import search
from enishi.engines.matching.segments import Index, Segment, build_segment, label_code, term_hash
from enishi.engines.matching.space import Space

__all__ = [
    "ALL_RULES",
    "DEFAULT_WEIGHTS",
    "NATIONWIDE",
    "Can",
    "Evidence",
    "Index",
    "InvalidInputError",
    "Match",
    "MatchWeights",
    "Part",
    "Passage",
    "Period",
    "Phrase",
    "Ranking",
    "Reason",
    "ReasonKind",
    "Rule",
    "Segment",
    "Space",
    "View",
    "Want",
    "Word",
    "best_pairs",
    "build_segment",
    "explain",
    "label_code",
    "rank",
    "rank_wants",
    "score_matrix",
    "search",
    "term_hash",
]
