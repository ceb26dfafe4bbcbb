"""The structure of municipal policy documents: measures, actions, challenges, indicators, evidence, sources, cases.

>>> from enishi.engines import policydoc
>>> document = policydoc.read("課題\\n住民の課題\\n・買い物の場が遠い")
>>> document.challenges[0].title, document.challenges[0].quote.start
('買い物の場が遠い', 10)

See docs/engines/policydoc.md.
"""

from enishi.engines.core import InvalidInputError
from enishi.engines.policydoc.model import (
    Action,
    Case,
    Challenge,
    Evidence,
    Goal,
    Indicator,
    Kind,
    Level,
    Measure,
    Period,
    PolicyDocument,
    Present,
    Quote,
    Source,
    Who,
)
from enishi.engines.policydoc.plain import as_plain
from enishi.engines.policydoc.reading import MAX_CHARACTERS, read

__all__ = [
    "MAX_CHARACTERS",
    "Action",
    "Case",
    "Challenge",
    "Evidence",
    "Goal",
    "Indicator",
    "InvalidInputError",
    "Kind",
    "Level",
    "Measure",
    "Period",
    "PolicyDocument",
    "Present",
    "Quote",
    "Source",
    "Who",
    "as_plain",
    "read",
]
