"""How indicators, decisions and durations stand: exact numbers, each with its parents and a sentence.

>>> from decimal import Decimal
>>> from enishi.engines import progress
>>> figure = progress.progress(
...     direction=progress.Direction.DOWN, baseline=Decimal(100), target=Decimal(60), value=Decimal(70)
... )
>>> figure.value, figure.explanation
(Fraction(3, 4), '進捗率は75.0% = -30 ÷ -40。基準100、目標60、実績70')

See docs/engines/progress.md; ``vectors.json`` beside this file publishes worked cases.
"""

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.attainment import (
    SIMPLE_FORMULAS,
    SimpleRate,
    distance,
    progress,
    series_progress,
    series_year_attainment,
    simple_rate,
    target_of_year,
    year_attainment,
)
from enishi.engines.progress.checks import parts_disagree
from enishi.engines.progress.costs import execution_rate, unit_cost
from enishi.engines.progress.decisions import (
    CONTINUED,
    REVIEWED,
    SCRAPPED,
    Course,
    Decision,
    Reflection,
    ReflectionRate,
    ReviewRate,
    reflection_rate,
    review_rate,
)
from enishi.engines.progress.durations import Duration, Ending, Waiting, waiting
from enishi.engines.progress.replay import replay
from enishi.engines.progress.rollup import Member, RollUp, roll_up
from enishi.engines.progress.series import (
    Aggregation,
    Baseline,
    Certainty,
    Direction,
    Reading,
    Series,
    Target,
    YearValue,
    fiscal_year_of,
    latest_value,
    value_of_year,
    yearly,
)
from enishi.engines.progress.shares import (
    ClosingRate,
    LogicModelRate,
    ModelState,
    ProposalFate,
    Unit,
    closing_rate,
    logic_model_rate,
    share,
)
from enishi.engines.progress.standing import Rate, YearStanding, standings
from enishi.engines.progress.status import (
    STANDARD,
    Judgement,
    Scheme,
    Status,
    judge,
    judge_distance,
    judge_done,
    judge_rate,
)
from enishi.engines.progress.trend import Trend, series_trend, trend, trend_is_good
from enishi.engines.progress.units import convert, same_unit
from enishi.engines.progress.values import (
    Amount,
    Because,
    Exact,
    Figure,
    Formula,
    Missing,
    Number,
    percent_words,
    rounded,
    spoken,
)

__all__ = [
    "CONTINUED",
    "REVIEWED",
    "SCRAPPED",
    "SIMPLE_FORMULAS",
    "STANDARD",
    "Aggregation",
    "Amount",
    "Baseline",
    "Because",
    "Certainty",
    "ClosingRate",
    "Course",
    "Decision",
    "Direction",
    "Duration",
    "Ending",
    "Exact",
    "Figure",
    "Formula",
    "InvalidInputError",
    "Judgement",
    "LogicModelRate",
    "Member",
    "Missing",
    "ModelState",
    "Number",
    "ProposalFate",
    "Rate",
    "Reading",
    "Reflection",
    "ReflectionRate",
    "ReviewRate",
    "RollUp",
    "Scheme",
    "Series",
    "SimpleRate",
    "Status",
    "Target",
    "Trend",
    "Unit",
    "Waiting",
    "YearStanding",
    "YearValue",
    "closing_rate",
    "convert",
    "distance",
    "execution_rate",
    "fiscal_year_of",
    "judge",
    "judge_distance",
    "judge_done",
    "judge_rate",
    "latest_value",
    "logic_model_rate",
    "parts_disagree",
    "percent_words",
    "progress",
    "reflection_rate",
    "replay",
    "review_rate",
    "roll_up",
    "rounded",
    "same_unit",
    "series_progress",
    "series_trend",
    "series_year_attainment",
    "share",
    "simple_rate",
    "spoken",
    "standings",
    "target_of_year",
    "trend",
    "trend_is_good",
    "unit_cost",
    "value_of_year",
    "waiting",
    "year_attainment",
    "yearly",
]
