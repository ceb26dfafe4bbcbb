"""Where the exchange meets the matching engine: rows in, answers with their reasons out."""

import datetime as dt
import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from enishi.engines import matching
from enishi.engines.matching import Can, Index, Match, MatchWeights, Ranking, Rule, Want
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import inputs
from enishi.exchange.matches.evidence import profiles_of, vector_of
from enishi.exchange.matches.models import WeightsVersion
from enishi.exchange.matches.reader import reader, space_stamp
from enishi.exchange.matches.store import Standing, store
from enishi.exchange.matches.texts import PUBLIC_AUDIENCE
from enishi.exchange.models import Challenge, Resource
from enishi.language.ports import FloatArray

logger = logging.getLogger(__name__)
UNEXPECTED = 2
SEARCHED = 300
"""How far down a ranking filters look."""
WANTS_COMPARED = 200
"""How many challenges, nearest in meaning first, are scored in full for a resource."""


@dataclass(frozen=True)
class Answer:
    """A ranking with what it was made with."""

    matches: tuple[Match, ...]
    excluded: Mapping[Rule, int]
    considered: int
    weights: MatchWeights
    want: Want | None = None


def active_weights() -> MatchWeights:
    """The weights in use: the active version's, or those the engine came with."""
    version = WeightsVersion.objects.filter(is_active=True).first()
    return weights_of(version) if version is not None else matching.DEFAULT_WEIGHTS


def weights_of(version: WeightsVersion) -> MatchWeights:
    known = {view.value for view in matching.View}
    values = {name: float(value) for name, value in version.weights.items() if name in known}
    return replace(matching.DEFAULT_WEIGHTS, **values, version=str(version.number))


def rank_resources(
    challenge: Challenge,
    audiences: Collection[int],
    *,
    at: dt.datetime,
    top: int = SEARCHED,
    unexpected: int = UNEXPECTED,
    weights: MatchWeights | None = None,
) -> Answer:
    """The best resources for a challenge among those the circles may see, without reasons yet.

    Raises
    ------
    IndexAwayError
        If the index is being built.
    """
    (want,) = inputs.wants([challenge])
    return search(want, audiences, at=at, top=top, unexpected=unexpected, weights=weights)


def search(
    want: Want,
    audiences: Collection[int],
    *,
    at: dt.datetime,
    top: int = SEARCHED,
    unexpected: int = UNEXPECTED,
    weights: MatchWeights | None = None,
) -> Answer:
    """The same for a want that is at hand."""
    chosen = weights or active_weights()
    standing = store.cans()
    if not standing.segments:
        return Answer((), {}, 0, chosen, want)
    question = _Question(want, frozenset(audiences), timezone.localdate(at), top, unexpected, chosen)
    key = question.of(standing)
    known: Answer | None = standing.answers.get(key)
    if known is None:
        known = question.answered(standing)
        standing.answers.keep(key, known)
    return replace(known, want=want)


def warm() -> None:
    """Read the index in and rank once for the newest public challenge, so that nobody waits for either."""
    newest = Challenge.objects.visible_to(AnonymousUser()).seeking_partners().order_by("-pk").first()
    if newest is not None:
        rank_resources(newest, {PUBLIC_AUDIENCE}, at=timezone.now())


@dataclass(frozen=True)
class _Question:
    """Everything an answer depends on but the index."""

    want: Want
    audiences: frozenset[int]
    day: dt.date
    top: int
    unexpected: int
    weights: MatchWeights

    def of(self, standing: Standing) -> str:
        """The question with the index it is put to, by value: two wants that say the same are one question.

        The same in every process, so sets are named in order.
        """
        evidence = self.want.evidence
        said = [getattr(self.want, each.name) for each in fields(self.want) if each.name != "evidence"]
        asked = (self.audiences, self.day, self.top, self.unexpected, self.weights)
        index = (standing.epoch, standing.sequence, standing.stamp, space_stamp(reader()))
        spelled = [sorted(each) if isinstance(each, frozenset) else each for each in (*said, *asked, *index)]
        whole = hashlib.sha256(repr((spelled, evidence.text, evidence.words)).encode())
        whole.update(evidence.vector.tobytes())
        return whole.hexdigest()

    def answered(self, standing: Standing) -> Answer:
        try:
            ranking = self._searched(standing)
        except (IndexError, ValueError, OverflowError):
            # Arrays that contradict each other: build them anew from the database and ask once more.
            logger.exception("the matching index is damaged and will be built again")
            store.distrust()
            ranking = self._searched(store.cans())
        return Answer(ranking.matches, ranking.excluded, ranking.considered, self.weights)

    def _searched(self, standing: Standing) -> Ranking:
        return matching.search(
            standing.index,
            self.want,
            reader().space,
            as_of=self.day,
            top=self.top,
            weights=self.weights,
            audiences=self.audiences,
            unexpected=self.unexpected,
            threads=settings.MODEL_THREADS,
        )


def explain_with(
    want: Want | None, cans: Mapping[int, Can], matches: Iterable[Match], *, at: dt.datetime
) -> list[Match]:
    """The matches whose cans are at hand, with phrases and reasons, in their order; ``want`` is the answer's."""
    if want is None:
        return []
    return [
        _explained(want, cans[int(match.can_id)], match, at) for match in matches if int(match.can_id) in cans
    ]


def near_challenges(
    resource: Resource, audiences: Iterable[int], *, limit: int = WANTS_COMPARED
) -> list[int]:
    """Keys of the open challenges nearest in meaning to a resource, of those the circles may see."""
    wants = store.wants()
    circles = np.array(sorted(audiences), np.int64)
    visible = np.flatnonzero(np.isin(wants.audiences, circles))
    if len(visible) <= limit:
        return [int(key) for key in wants.keys[visible]]
    can = inputs.cans_with_texts([resource])[resource.pk]
    space = reader().space
    placed = space.place_cans(can.evidence.vector[None])
    near = space.scaled(
        wants.vectors[visible] @ placed[0], float(space.can_hubs(placed)[0]), wants.hubs[visible]
    )
    best = np.argpartition(-near, limit)[:limit]
    return [int(key) for key in wants.keys[visible[best]]]


def rank_challenges(
    resource: Resource,
    challenges: Iterable[Challenge],
    *,
    at: dt.datetime,
    explained: bool = True,
    top: int = 50,
) -> Answer:
    """The challenges a resource could serve best, out of these."""
    chosen = active_weights()
    can = inputs.cans_with_texts([resource])[resource.pk]
    wants = inputs.wants(challenges)
    if not wants:
        return Answer((), {}, 0, chosen)
    space, today = reader().space, timezone.localdate(at)
    rankings = matching.rank(
        wants, [can], space, as_of=today, top=1, weights=chosen, explain=False, among=_all_cans()
    )
    excluded = {rule: sum(ranking.excluded.get(rule, 0) for ranking in rankings) for rule in Rule}
    found = sorted(
        (match for ranking in rankings for match in ranking.matches), key=lambda match: -match.score
    )[:top]
    by_id = {want.id: want for want in wants}
    placed = tuple(
        _explained(by_id[match.want_id], can, replace(match, rank=place + 1), at) if explained else match
        for place, match in enumerate(found)
    )
    return Answer(placed, excluded, len(found), chosen)


def _all_cans() -> Index | None:
    """What the rarity of words is counted over, so that a pair alone scores as it does in its list."""
    standing = store.cans()
    return standing.index if standing.segments else None


def _explained(want: Want, can: Can, match: Match, at: dt.datetime) -> Match:
    return matching.explain(want, can, match, reader().space, as_of=timezone.localdate(at))


@dataclass(frozen=True)
class Pair:
    """One challenge held against one resource; ``broken`` names the rule that keeps the two apart."""

    match: Match
    want: Want
    can: Can
    broken: tuple[Rule, ...] = ()


def compare(challenge: Challenge, resource: Resource, *, at: dt.datetime) -> Pair:
    """How well the two fit and why, whether or not a hard rule keeps them apart."""
    (want,) = inputs.wants([challenge])
    can = inputs.cans_with_texts([resource])[resource.pk]
    chosen, space, today = active_weights(), reader().space, timezone.localdate(at)
    held = partial(
        matching.rank,
        [want],
        [can],
        space,
        as_of=today,
        top=1,
        weights=chosen,
        explain=False,
        among=_all_cans(),
    )
    (ranking,) = held()
    broken = tuple(rule for rule, count in ranking.excluded.items() if count)
    if broken:
        (ranking,) = held(rules=frozenset())
    match = _explained(want, can, ranking.matches[0], at)
    return Pair(match, want, can, broken)


def parts_as_json(match: Match) -> dict[str, float | None]:
    """A match's values by view: what weights are learnt from."""
    return {part.view.value: None if part.value is None else round(part.value, 4) for part in match.parts}


def likeness(challenge: Challenge, resource: Resource, pairs: Sequence[tuple[int, int]]) -> list[float]:
    """How like each past pair (challenge's key, resource's key) is to this one: the smaller of both sides' cosines."""
    wants = _placed(RecordKind.CHALLENGE, [challenge.pk, *(pair[0] for pair in pairs)])
    cans = _placed(RecordKind.RESOURCE, [resource.pk, *(pair[1] for pair in pairs)])
    if challenge.pk not in wants or resource.pk not in cans:
        return [0.0] * len(pairs)
    want, can = wants[challenge.pk], cans[resource.pk]
    return [
        min(float(want @ wants[left]), float(can @ cans[right])) if left in wants and right in cans else 0.0
        for left, right in pairs
    ]


def _placed(kind: RecordKind, keys: Iterable[int]) -> dict[int, FloatArray]:
    space = reader().space
    profiles = [each for each in profiles_of(kind, set(keys)).values() if each.vector is not None]
    if not profiles:
        return {}
    raw = np.stack([vector_of(profile) for profile in profiles])
    placed = space.place_wants(raw) if kind == RecordKind.CHALLENGE else space.place_cans(raw)
    return {profile.record_id: placed[row] for row, profile in enumerate(profiles)}


def same_challenges(
    challenge: Challenge, audiences: Iterable[int], *, limit: int = 10
) -> list[tuple[int, float]]:
    """Other organisations' open challenges nearest in meaning: key and cosine, nearest first."""
    wants = store.wants()
    mine = _placed(RecordKind.CHALLENGE, [challenge.pk]).get(challenge.pk)
    if mine is None or not len(wants.keys):
        return []
    circles = np.array(sorted(audiences), np.int64)
    rows = np.flatnonzero(np.isin(wants.audiences, circles) & (wants.owners != challenge.organization_id))
    near = wants.vectors[rows] @ mine
    best = np.argsort(-near, kind="stable")[:limit]
    return [(int(wants.keys[rows[place]]), float(near[place])) for place in best]


def near_own(own: Collection[int], audiences: Iterable[int], *, nearness: float) -> list[int]:
    """Keys of the own houses' open challenges and of others' near to any of them; the nearest others first."""
    wants = store.wants()
    visible = np.isin(wants.audiences, np.array(sorted(audiences), np.int64))
    is_own = np.isin(wants.owners, np.array(sorted(own), np.int64))
    mine, theirs = np.flatnonzero(is_own & visible), np.flatnonzero(visible & ~is_own)
    if not len(mine) or not len(theirs):
        return []
    near = (wants.vectors[theirs] @ wants.vectors[mine].T).max(axis=1)
    order = [row for row in np.argsort(-near, kind="stable") if near[row] >= nearness]
    return [int(key) for key in [*wants.keys[mine], *wants.keys[theirs[order]]]]
