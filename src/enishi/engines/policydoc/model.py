"""What is found in a policy document: every item keeps its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Who(StrEnum):
    """Whose challenge it is."""

    RESIDENTS = "住民"
    COMMUNITY = "地域社会"
    ADMINISTRATION = "行政"


class Level(StrEnum):
    KGI = "KGI"
    KSI = "KSI"
    KPI = "KPI"


class Kind(StrEnum):
    OUTCOME = "outcome"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words and their place: ``source[start:end] == words``; ``words`` may hold line breaks of the document."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch or rhythm of time as written, and the fiscal or calendar year it names."""

    words: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as written.

    ``value`` is the number with 万, 億 and 割 worked out; ``upper`` closes a range. ``comparator`` is the word of the text
    (以上, 以下, 以内, 削減, 対前年比 …); ``change`` the word for the movement where the comparator does not say it.
    """

    quote: Quote
    value: Decimal | None
    unit: str | None = None
    comparator: str | None = None
    change: str | None = None
    period: str | None = None
    due: Period | None = None
    upper: Decimal | None = None
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The present value an indicator starts from, as written (現状平均3.7カ月)."""

    quote: Quote
    value: Decimal | None
    unit: str | None = None
    qualifier: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A 支援策 with its purposes."""

    title: str
    quote: Quote
    number: str | None = None
    purposes: tuple[Quote, ...] = ()
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A 主な取組 and the measure it belongs to."""

    title: str
    quote: Quote
    measure: str | None
    details: tuple[Quote, ...] = ()
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    title: str
    quote: Quote
    who: Who | None
    details: tuple[Quote, ...] = ()
    harm: Quote | None = None
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    name: str
    quote: Quote
    measure: str | None
    level: Level | None
    kind: Kind | None
    target: Goal | None = None
    baseline: Present | None = None
    method: Quote | None = None
    unsure: str | None = None
    further: tuple[Goal, ...] = ()
    """What else the same line sets as a target: the steps before the last one, or a second quantity."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from, taken apart as far as it is written."""

    quote: Quote
    publisher: str | None = None
    title: str | None = None
    year: int | None = None
    url: str | None = None
    about: str | None = None
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim with the figures in it, what it supports, and the source given for it."""

    quote: Quote
    claim: str
    figures: tuple[str, ...] = ()
    source: Source | None = None
    about: str | None = None
    section: str | None = None
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    quote: Quote
    place: str | None = None
    scope: str | None = None
    details: tuple[Quote, ...] = ()
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """Everything found, in the order of the text, and what could not be found, as Japanese sentences."""

    measures: tuple[Measure, ...] = ()
    actions: tuple[Action, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    sources: tuple[Source, ...] = ()
    cases: tuple[Case, ...] = ()
    not_found: tuple[str, ...] = field(default=())
