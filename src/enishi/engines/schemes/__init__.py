"""Which legal form a collaboration may take, and why.

Values in, values out: the knowledge (schemes, rules, articles) is handed in as frozen dataclasses, the answers as a plain
mapping. Guidance, not legal advice: every answer carries the article it rests on and whether it was read there.
"""

from enishi.engines.schemes.advising import (
    Advice,
    ConditionResult,
    Recommendation,
    RuledOut,
    advise,
    next_question,
)
from enishi.engines.schemes.comparing import ComparedRow, compare
from enishi.engines.schemes.model import (
    Article,
    Citation,
    Condition,
    Council,
    Fact,
    Knowledge,
    Modifier,
    Notice,
    Question,
    Rule,
    Scheme,
)
from enishi.engines.schemes.reading import read_knowledge
from enishi.engines.schemes.risks import Gap, RiskShare, gaps, occurrence
from enishi.engines.schemes.thresholds import Limit, council_vote_needed, limits_for

__all__ = [
    "Advice",
    "Article",
    "Citation",
    "ComparedRow",
    "Condition",
    "ConditionResult",
    "Council",
    "Fact",
    "Gap",
    "Knowledge",
    "Limit",
    "Modifier",
    "Notice",
    "Question",
    "Recommendation",
    "RiskShare",
    "Rule",
    "RuledOut",
    "Scheme",
    "advise",
    "compare",
    "council_vote_needed",
    "gaps",
    "limits_for",
    "next_question",
    "occurrence",
    "read_knowledge",
]
