"""One word for how an indicator stands, and the sentence that says why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.attainment import series_progress, series_year_attainment
from enishi.engines.progress.series import Direction, Series
from enishi.engines.progress.values import (
    Because,
    Exact,
    Figure,
    Missing,
    Number,
    exact,
    percent_words,
    spoken,
)


class Status(StrEnum):
    ACHIEVED = "達成"
    ON_TRACK = "順調"
    SLIGHTLY_LATE = "やや遅れ"
    LATE = "遅れ"
    REGRESSED = "後退"
    UNDECIDABLE = "判定不能"


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where a municipality draws the lines; the lines are shown beside the status.

    Parameters
    ----------
    on_track, slightly_late : rates; at or above ``on_track`` is 順調, at or above ``slightly_late`` is やや遅れ
    far_off : tolerances; KEEP and RANGE outside the tolerance are やや遅れ up to here, 遅れ beyond
    """

    name: str = "標準"
    on_track: Number = Fraction(9, 10)
    slightly_late: Number = Fraction(7, 10)
    far_off: Number = 2

    def __post_init__(self) -> None:
        if not 0 <= exact(self.slightly_late, "slightly_late") <= exact(self.on_track, "on_track") <= 1:
            raise InvalidInputError("on_track", "thresholds must rise from 0 to 1")
        if exact(self.far_off, "far_off") < 1:
            raise InvalidInputError("far_off", "cannot lie inside the tolerance")

    @property
    def words(self) -> str:
        """The thresholds as a sentence.

        >>> Scheme().words
        '標準: 達成100%以上、順調90%以上、やや遅れ70%以上、遅れ0%以上、後退0%未満'
        """
        high, low = (spoken(exact(each, "") * 100, "%") for each in (self.on_track, self.slightly_late))
        return f"{self.name}: 達成100%以上、順調{high}以上、やや遅れ{low}以上、遅れ0%以上、後退0%未満"

    @property
    def distance_words(self) -> str:
        return f"{self.name}: 許容幅以内は達成、許容幅の{spoken(self.far_off)}倍以内はやや遅れ、それより離れれば遅れ"

    def status_of_rate(self, value: Fraction) -> Status:
        if value >= 1:
            return Status.ACHIEVED
        if value < 0:
            return Status.REGRESSED
        if value >= exact(self.on_track, "on_track"):
            return Status.ON_TRACK
        return Status.SLIGHTLY_LATE if value >= exact(self.slightly_late, "slightly_late") else Status.LATE

    def status_of_distance(self, value: Exact) -> Status:
        """Outside an interval without tolerance is 遅れ; nothing measured cannot be judged."""
        if isinstance(value, Missing):
            return Status.LATE if value.reason == Because.NO_TOLERANCE else Status.UNDECIDABLE
        if value <= 1:
            return Status.ACHIEVED
        return Status.SLIGHTLY_LATE if value <= exact(self.far_off, "far_off") else Status.LATE


STANDARD = Scheme()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A status with the figure it was judged by."""

    status: Status
    figure: Figure
    scheme: Scheme
    explanation: str

    @property
    def reason(self) -> str | None:
        """Why it could not be judged; None where it could."""
        if self.status is not Status.UNDECIDABLE:
            return None
        return self.figure.value.reason if isinstance(self.figure.value, Missing) else str(Because.NOT_DUE)


def judge_rate(figure: Figure, scheme: Scheme = STANDARD) -> Judgement:
    """Return the status of an UP or DOWN indicator from its rate.

    Examples
    --------
    >>> from enishi.engines.progress.attainment import year_attainment
    >>> rate = year_attainment(direction=Direction.UP, baseline=60, target_of_year=70, value=69)
    >>> judge_rate(rate).status.value
    '順調'
    """
    status = Status.UNDECIDABLE if isinstance(figure.value, Missing) else scheme.status_of_rate(figure.value)
    return Judgement(status, figure, scheme, _because(status, figure, scheme.words))


def judge_distance(figure: Figure, scheme: Scheme = STANDARD) -> Judgement:
    """Return the status of a KEEP or RANGE indicator from its distance; outside without a tolerance is 遅れ."""
    status = scheme.status_of_distance(figure.value)
    return Judgement(
        status, figure, scheme, f"{figure.explanation}。したがって「{status}」({scheme.distance_words})"
    )


def judge_done(figure: Figure, *, is_due: bool, scheme: Scheme = STANDARD) -> Judgement:
    """Return the status of a BINARY indicator: what is not done before its year cannot be judged yet."""
    value = figure.value
    if isinstance(value, Missing):
        status = Status.UNDECIDABLE
    elif value == 1:
        status = Status.ACHIEVED
    else:
        status = Status.LATE if is_due else Status.UNDECIDABLE
    when = "" if value == 1 or is_due else "。目標年度はまだ来ていない"
    return Judgement(status, figure, scheme, f"{figure.explanation}{when}。したがって「{status}」")


def judge(
    series: Series,
    *,
    fiscal_year: int,
    scheme: Scheme = STANDARD,
    by: str = "year",
    allow_provisional: bool = False,
) -> Judgement:
    """Return how an indicator stands in a fiscal year.

    Parameters
    ----------
    by : "year" judges the year's value by the year's target, "final" the latest value by the final target

    Examples
    --------
    >>> from enishi.engines.progress.series import Baseline, Target, yearly
    >>> series = Series(
    ...     Direction.DOWN, baseline=Baseline(2024, 100), targets=(Target(2028, 60),), readings=(yearly(2026, 110),)
    ... )
    >>> print(judge(series, fiscal_year=2026).explanation)
    年度達成率は-50.0% = 10 ÷ -20(補間)。基準100、目標80、実績110。したがって「後退」(標準: 達成100%以上、順調90%以上、やや遅れ70%以上、遅れ0%以上、後退0%未満)
    """
    if by not in ("year", "final"):
        raise InvalidInputError("by", "is 'year' or 'final'")
    if by == "year":
        figure = series_year_attainment(series, fiscal_year=fiscal_year, allow_provisional=allow_provisional)
    else:
        figure = series_progress(series, as_of=fiscal_year, allow_provisional=allow_provisional)
    if series.direction in (Direction.UP, Direction.DOWN):
        return judge_rate(figure, scheme)
    if series.direction is Direction.BINARY:
        first = min((each.fiscal_year for each in series.targets), default=fiscal_year)
        return judge_done(figure, is_due=fiscal_year >= first, scheme=scheme)
    return judge_distance(figure, scheme)


def _because(status: Status, figure: Figure, words: str) -> str:
    if isinstance(figure.value, Missing):
        return f"{figure.name}は{percent_words(figure.value)}。したがって「{status}」"
    return f"{figure.explanation}。したがって「{status}」({words})"
