"""Wants and cans: which fit, how well, and why.

>>> from enishi.engines import matching
>>> matching.MatchWeights(meaning=1.0, words=0.5).of(matching.View.WORDS)
0.5

See docs/engines/matching.md.
"""

from enishi.engines.core import InvalidInputError
from enishi.engines.matching.combinations import Combination, Contribution, Need, combine
from enishi.engines.matching.fair_reach import FairReach, exposure, with_fair_reach
from enishi.engines.matching.joint_calls import JointCall, joint_calls
from enishi.engines.matching.learning import FEWEST_OUTCOMES, Outcome, Quality, Refit, refit
from enishi.engines.matching.merging import merge
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
from enishi.engines.matching.nearness import nearest
from enishi.engines.matching.ranking import best_pairs, rank, rank_wants, score_matrix
from enishi.engines.matching.reasons import explain
from enishi.engines.matching.scoring import ALL_RULES, DEFAULT_WEIGHTS
from enishi.engines.matching.search import search
from enishi.engines.matching.segments import Index, Segment, build_segment, label_code, term_hash
from enishi.engines.matching.space import Space

__all__ = [
    "ALL_RULES",
    "DEFAULT_WEIGHTS",
    "FEWEST_OUTCOMES",
    "NATIONWIDE",
    "Can",
    "Combination",
    "Contribution",
    "Evidence",
    "FairReach",
    "Index",
    "InvalidInputError",
    "JointCall",
    "Match",
    "MatchWeights",
    "Need",
    "Outcome",
    "Part",
    "Passage",
    "Period",
    "Phrase",
    "Quality",
    "Ranking",
    "Reason",
    "ReasonKind",
    "Refit",
    "Rule",
    "Segment",
    "Space",
    "View",
    "Want",
    "Word",
    "best_pairs",
    "build_segment",
    "combine",
    "explain",
    "exposure",
    "joint_calls",
    "label_code",
    "merge",
    "nearest",
    "rank",
    "rank_wants",
    "refit",
    "score_matrix",
    "search",
    "term_hash",
    "with_fair_reach",
]
