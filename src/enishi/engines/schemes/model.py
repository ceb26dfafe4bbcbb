"""What is known about the legal forms: frozen, each fact with the article or the source it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Seen = Literal["statute", "secondary", "derived", "memory", "unverified"]
"""How a fact is known: read in the statute · read in another source · our own reading of the cited article · from memory · not checked."""
Needed = Literal["yes", "no", "conditional"]
Operator = Literal["eq", "ne", "in", "gt", "ge", "le", "lt", "le_q"]
Answer = str | bool | int | float


@dataclass(frozen=True)
class Citation:
    """A place in a statute: ``article`` is 条 as a number key (``252_2_2``), ``paragraph`` 項, ``item`` 号."""

    law: str
    article: str
    paragraph: int | None = None
    item: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.law, self.article)


@dataclass(frozen=True)
class Article:
    """The text of one article, as it stood on ``as_of`` (ISO day)."""

    law: str
    number: str
    name: str
    text: str
    as_of: str
    url: str
    is_truncated: bool = False


@dataclass(frozen=True)
class Fact:
    """One sentence, where it is written and how it is known."""

    text: str
    citations: tuple[Citation, ...] = ()
    seen: Seen = "statute"
    source: str = ""

    @property
    def is_verified(self) -> bool:
        return self.seen in {"statute", "secondary"}


@dataclass(frozen=True)
class Council:
    """Whether the council votes (議会の議決)."""

    needed: Needed
    note: str = ""
    exception: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Notice:
    """告示・届出・公表・許可: what must be told to whom."""

    kinds: tuple[str, ...] = ()
    to: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """One legal form."""

    id: str
    group: str
    name: str
    basis: tuple[Citation, ...]
    personality: Fact
    authority: Fact
    instrument: str
    council: Council
    notice: Notice
    exit: Fact
    duration: Fact
    limit: str
    uses: tuple[str, ...] = ()
    further: tuple[tuple[str, Fact], ...] = ()
    variants: tuple[str, ...] = ()
    required_terms: tuple[Citation, ...] = ()
    responsibility: Fact = field(default_factory=lambda: Fact("", seen="unverified"))
    lead_time: Fact = field(default_factory=lambda: Fact("", seen="unverified"))
    steps: tuple[Fact, ...] = ()
    seen: str = ""
    source: str = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every article this form rests on, each once, the basis first."""
        every = [*self.basis, *self.required_terms, *self.council.citations, *self.notice.citations]
        for fact in (self.authority, self.exit, self.personality, *(fact for _name, fact in self.further)):
            every += fact.citations
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True)
class Question:
    """Something to ask. ``labels`` holds the words for each value; an empty one asks for a number."""

    id: str
    ask: str
    labels: Mapping[Answer, str] = field(default_factory=dict)
    help: str = ""

    @property
    def is_number(self) -> bool:
        return not self.labels


@dataclass(frozen=True)
class Condition:
    """``question`` compared with ``value``; for ``le_q`` ``value`` names another question."""

    question: str
    operator: Operator
    value: Answer | tuple[Answer, ...]


@dataclass(frozen=True)
class Rule:
    """When every condition holds, ``recommend`` this form; rules are tried in order."""

    id: str
    when: tuple[Condition, ...]
    recommend: str
    alternatives: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Modifier:
    """A form of contract that comes on top of whatever was recommended."""

    id: str
    when: tuple[Condition, ...]
    add: str


@dataclass(frozen=True)
class Knowledge:
    """Everything ``advise`` needs."""

    schemes: Mapping[str, Scheme]
    questions: Mapping[str, Question]
    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    articles: Mapping[tuple[str, str], Article]

    def article(self, citation: Citation) -> Article | None:
        """The text behind a citation, if it is at hand."""
        return self.articles.get(citation.key)
