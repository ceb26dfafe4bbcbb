"""The red thread: one case from the want to the yen."""

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from enishi.foundation.access import Actor


class Stage(enum.Enum):
    """Where a case passes, in order: the seven knots of the thread, and the plan that takes up what was learnt."""

    CHALLENGE = "challenge"
    MATCH = "match"
    PROPOSAL = "proposal"
    AGREEMENT = "agreement"
    PROJECT = "project"
    EVALUATION = "evaluation"
    BUDGET = "budget"
    PLAN = "plan"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS: dict[Stage, Promise] = {
    Stage.CHALLENGE: pgettext_lazy("流れ", "課題"),
    Stage.MATCH: pgettext_lazy("流れ", "縁"),
    Stage.PROPOSAL: pgettext_lazy("流れ", "提案"),
    Stage.AGREEMENT: pgettext_lazy("流れ", "協定"),
    Stage.PROJECT: pgettext_lazy("流れ", "事業"),
    Stage.EVALUATION: pgettext_lazy("流れ", "評価"),
    Stage.BUDGET: pgettext_lazy("流れ", "予算"),
    Stage.PLAN: pgettext_lazy("流れ", "計画"),
}
KNOTS = tuple(Stage)[:7]


@dataclass(frozen=True)
class Reached:
    """A stage this case has come to: since when, and where its page is."""

    on: dt.date | None = None
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Knot:
    """One knot as a page draws it; ``state`` is ``past``, ``here`` or ``ahead``; ``days`` were spent until the next."""

    label: str | Promise
    state: str
    url: str = ""
    title: str = ""
    on: dt.date | None = None
    days: int | None = None


def case_thread(*, here: Stage, reached: Mapping[Stage, Reached], today: dt.date) -> list[Knot]:
    """The seven knots of a case seen from ``here``.

    Earlier and later stages that were reached are links; ``days`` counts from one reached stage to the next reached one,
    and for the last until ``today``.
    """
    dated = [(stage, reached[stage].on) for stage in KNOTS if stage in reached and reached[stage].on]
    followers = [*(on for _stage, on in dated[1:]), today]
    ends = {stage: until for (stage, _on), until in zip(dated, followers, strict=False)}
    return [_knot(stage, here, reached.get(stage), ends.get(stage)) for stage in KNOTS]


def _knot(stage: Stage, here: Stage, reached: Reached | None, until: dt.date | None) -> Knot:
    state = "here" if stage is here else "past" if reached else "ahead"
    reached = reached or Reached()
    days = (until - reached.on).days if until and reached.on and until >= reached.on else None
    return Knot(stage.label, state, reached.url if state == "past" else "", reached.title, reached.on, days)


# --- A whole case: what each room knows of it, joined without knowing the rooms --------------------------------------

Key = tuple[str, int]
"""The kind of a record and its number: ``("proposal", 12)``."""

MOST_RECORDS = 60
"""A comprehensive agreement may lead to very many projects; a page shows so many records of one kind."""


@dataclass(frozen=True)
class CaseStep:
    """One turn inside a record: from a day on it was in this state; ``who`` is empty where the reader may not know."""

    on: dt.date
    what: str | Promise
    who: str = ""
    note: str = ""
    days: int | None = None


@dataclass(frozen=True)
class CaseRecord:
    """One record of a case as its room tells it to one reader.

    ``until`` is the day it was over; ``parties`` are those who took part. A room may tell more of one record than one
    part (a proposal and its consultation, a project and its results): these share ``key`` and differ in ``stage`` or ``label``.
    """

    key: Key
    stage: Stage
    label: str | Promise
    title: str
    url: str
    on: dt.date | None = None
    until: dt.date | None = None
    state: str | Promise = ""
    parties: Sequence[str] = ()
    steps: Sequence[CaseStep] = ()
    facts: Sequence[tuple[str | Promise, str]] = ()
    days: int | None = None


@dataclass(frozen=True)
class CaseSource:
    """One kind of record that cases are made of. A room registers its own in ``apps.ready``.

    ``read(actor, ids)`` tells only what this reader may see. ``causes(ids)`` gives pairs: an id and a record it came from;
    ``consequences(kind, ids)`` the ids of this source's own records that came from those.
    """

    kind: str
    stage: Stage
    read: Callable[[Actor, Sequence[int]], Sequence[CaseRecord]]
    causes: Callable[[Sequence[int]], Iterable[tuple[int, Key]]]
    consequences: Callable[[str, Sequence[int]], Iterable[int]]


@dataclass(frozen=True)
class Sequel:
    """How one case leads to another: to the records with which the next begins, and from what this one began.

    Both answer with records of the other case, whose page tells the rest.
    """

    next_of: Callable[[Sequence[Key]], Iterable[Key]]
    before: Callable[[Sequence[Key]], Iterable[Key]]


@dataclass(frozen=True)
class Case:
    """The whole way of one case, in the order it went. ``branches`` are the cases that began from one challenge.

    ``earlier`` are the records from whose cases this one grew, ``following`` the challenges that grew out of it.
    """

    start: Key
    records: Sequence[CaseRecord]
    branches: Sequence[Sequence[CaseRecord]] = ()
    earlier: Sequence[CaseRecord] = ()
    following: Sequence[CaseRecord] = ()

    @property
    def title(self) -> str:
        return next(record.title for record in self.records if record.key == self.start)

    @property
    def reached(self) -> dict[Stage, Reached]:
        """Each stage with the first record that reached it, in whichever branch."""
        found: dict[Stage, Reached] = {}
        for record in sorted(
            [*self.records, *(each for branch in self.branches for each in branch)], key=_place
        ):
            found.setdefault(record.stage, Reached(record.on, record.url, record.title))
        return found

    def knots(self, today: dt.date, here: Stage | None = None) -> list[Knot]:
        """The red thread, seen from the record the case was opened from."""
        own = next(record.stage for record in self.records if record.key == self.start)
        return case_thread(here=here or own, reached=self.reached, today=today)


_sources: dict[str, CaseSource] = {}
_sequels: list[Sequel] = []
_ORDER = {stage: place for place, stage in enumerate(Stage)}


def register_source(source: CaseSource) -> None:
    _sources[source.kind] = source


def register_sequel(sequel: Sequel) -> None:
    _sequels.append(sequel)


def case_kinds() -> list[str]:
    return list(_sources)


def case_of(actor: Actor, kind: str, pk: int, today: dt.date) -> Case | None:
    """The case around one record as far as this reader may see it; ``None`` when not even the record.

    It holds what the record came from and what came of it, and the cases before and after. The way is followed through
    readable records only, so that nothing tells of a hidden one between two others.
    """
    case = _around(actor, kind, pk, today)
    if case is None or not _sequels:
        return case
    keys = {record.key for record in [*case.records, *(each for branch in case.branches for each in branch)]}
    asked = sorted(keys)
    earlier = {key for sequel in _sequels for key in sequel.before(asked)} - keys
    following = {key for sequel in _sequels for key in sequel.next_of(asked)} - keys
    return replace(
        case,
        earlier=_once(_read(actor, sorted(earlier))),
        following=_once(_read(actor, sorted(following))),
    )


def _once(records: Iterable[CaseRecord]) -> list[CaseRecord]:
    """Each record by the first part its room tells of it."""
    found: dict[Key, CaseRecord] = {}
    for record in sorted(records, key=_place):
        found.setdefault(record.key, record)
    return list(found.values())


def _around(actor: Actor, kind: str, pk: int, today: dt.date) -> Case | None:
    source = _sources.get(kind)
    own = list(source.read(actor, [pk])) if source else []
    if not own:
        return None
    before = _walk(actor, {(kind, pk)}, _causes_of)
    after = _walk(actor, {(kind, pk)}, _consequences_of)
    if source is not None and source.stage is Stage.CHALLENGE:
        branches = _branches(after, (kind, pk))
        if len(branches) > 1:
            return Case((kind, pk), _in_order([*own, *before], today), branches)
    return Case((kind, pk), _in_order([*before, *own, *after], today))


def case_knots(actor: Actor, kind: str, pk: int, today: dt.date, here: Stage | None = None) -> list[Knot]:
    """The red thread for a record's own page; empty when no room tells of this record."""
    case = _around(actor, kind, pk, today)
    return case.knots(today, here) if case is not None else []


def _walk(
    actor: Actor, start: set[Key], step: Callable[[Mapping[str, list[int]]], set[Key]]
) -> list[CaseRecord]:
    seen, edge, found = set(start), set(start), list[CaseRecord]()
    while edge:
        read = _read(actor, sorted(step(_by_kind(edge)) - seen))
        found += read
        edge = {record.key for record in read} - seen
        seen |= edge
    return found


def _read(actor: Actor, keys: Sequence[Key]) -> list[CaseRecord]:
    return [
        record
        for kind, ids in _by_kind(keys).items()
        if kind in _sources
        for record in _sources[kind].read(actor, ids[:MOST_RECORDS])
    ]


def _by_kind(keys: Iterable[Key]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for kind, pk in sorted(keys):
        grouped.setdefault(kind, []).append(pk)
    return grouped


def _causes_of(asked: Mapping[str, list[int]]) -> set[Key]:
    return {cause for _child, cause in _links(asked)}


def _links(asked: Mapping[str, list[int]]) -> set[tuple[Key, Key]]:
    """Each record with each of the records it came from."""
    return {
        ((kind, pk), cause)
        for kind, ids in asked.items()
        if kind in _sources
        for pk, cause in _sources[kind].causes(ids)
    }


def _consequences_of(asked: Mapping[str, list[int]]) -> set[Key]:
    return {
        (source.kind, pk)
        for kind, ids in asked.items()
        for source in _sources.values()
        for pk in source.consequences(kind, ids)
    }


def _branches(records: Sequence[CaseRecord], challenge: Key) -> list[list[CaseRecord]]:
    """The records that came of a challenge, parted into cases: those joined by a cause belong together."""
    keys = {record.key for record in records}
    group = {key: {key} for key in keys}
    for key, cause in sorted(_links(_by_kind(keys))):
        if cause in keys and group[cause] is not group[key]:
            joined = group[cause] | group[key]
            for member in joined:
                group[member] = joined
    distinct = {id(members): members for members in group.values()}
    parts = [[record for record in records if record.key in members] for members in distinct.values()]
    return sorted(
        (sorted(part, key=_place) for part in parts), key=lambda part: (_place(part[0]), part[0].key)
    )


def _place(record: CaseRecord) -> tuple[int, dt.date, int]:
    return (_ORDER[record.stage], record.on or dt.date.max, record.key[1])


def _in_order(records: Sequence[CaseRecord], today: dt.date) -> list[CaseRecord]:
    """Stage by stage, each with the days it took: until it was over, the next stage was reached, or today."""
    ordered = sorted(records, key=_place)
    return [replace(record, days=_days(record, ordered, today)) for record in ordered]


def _days(record: CaseRecord, ordered: Sequence[CaseRecord], today: dt.date) -> int | None:
    if record.on is None:
        return None
    later = [
        other.on
        for other in ordered
        if other.on and _ORDER[other.stage] > _ORDER[record.stage] and other.on >= record.on
    ]
    ends = record.until or min(later, default=today)
    return (ends - record.on).days if ends >= record.on else None
