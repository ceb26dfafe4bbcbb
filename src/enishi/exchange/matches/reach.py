"""How often small firms, NPOs and remote towns are seen among a public body's first ten places."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from enishi.engines import matching
from enishi.engines.matching import Match, Ranking
from enishi.exchange.enums import ResourceStatus
from enishi.exchange.matches.counters import EPOCH, read_counters
from enishi.exchange.matches.models import SuggestedMatch
from enishi.exchange.matches.texts import is_underserved
from enishi.exchange.models import Resource
from enishi.organizations.models import Organization

FIRST_PLACES = 10
COUNTED_AGAIN = 100
FLOORS = (10, 20, 30, 40, 50)


@dataclass(frozen=True)
class Group:
    """One kind of owner: its places among the first ten, and its share of all that is offered."""

    name: str
    places: int
    offered: int


@dataclass(frozen=True)
class Tried:
    """What a floor would change, and what it would cost."""

    percent: int
    before: float
    after: float
    loss: float
    places: int
    is_reached: bool

    @property
    def before_words(self) -> str:
        return _with_counts(self.before, self.places)

    @property
    def after_words(self) -> str:
        return _with_counts(self.after, self.places)

    @property
    def loss_words(self) -> str:
        return f"{100 * self.loss:.1f}%"


def _with_counts(share: float, places: int) -> str:
    return f"{100 * share:.1f}%({round(share * places)}/{places})"


@dataclass(frozen=True)
class Reach:
    groups: tuple[Group, ...]
    places: int
    offered: int
    underserved: int
    tried: tuple[Tried, ...]

    @property
    def exposure(self) -> float:
        return self.underserved / self.places if self.places else 0.0


def reach_of_organization(organization_id: int) -> Reach:
    """Measured over the kept rankings of an organisation's open challenges."""
    rows = list(
        SuggestedMatch.objects.filter(wanting_id=organization_id)
        .order_by("challenge_id", "rank")
        .values_list("challenge_id", "resource_id", "score", "is_underserved", "offering__kind", "rank")
    )
    first = [row for row in rows if row[5] <= FIRST_PLACES]
    offered = _offered()
    names = sorted({row[4] for row in first} | set(offered))
    groups = tuple(
        Group(name, sum(row[4] == name for row in first), offered.get(name, (0, 0))[0]) for name in names
    )
    return Reach(
        groups,
        len(first),
        sum(count for count, _few in offered.values()),
        sum(row[3] for row in first),
        tuple(
            _tried(_rankings(rows), {str(row[1]) for row in rows if row[3]}, percent) for percent in FLOORS
        ),
    )


def offered_underserved() -> tuple[int, int]:
    """How much of what is offered comes from those hardly seen, and how much there is."""
    counts = _offered().values()
    return sum(few for _count, few in counts), sum(count for count, _few in counts)


def _offered() -> dict[str, tuple[int, int]]:
    """Of each kind of owner, what is offered and what of it by those hardly seen; counted anew after some changes."""
    numbers = read_counters()
    key = f"matches-offered-{numbers.get(EPOCH, 0)}-{numbers.get('resource', 0) // COUNTED_AGAIN}"
    known: dict[str, tuple[int, int]] | None = cache.get(key)
    if known is None:
        known = _count_offered()
        cache.set(key, known, 3_600)
    return known


def _count_offered() -> dict[str, tuple[int, int]]:
    rows = (
        Resource.objects.filter(deleted_at__isnull=True, status=ResourceStatus.OPEN)
        .order_by()
        .values_list("organization_id")
        .annotate(count=Count("pk"))
    )
    counts = dict(rows)
    owners = Organization.objects.filter(pk__in=Resource.objects.order_by().values("organization_id"))
    found: dict[str, tuple[int, int]] = {}
    for owner in owners.select_related("seat").iterator(chunk_size=2_000):
        offered = counts.get(owner.pk, 0)
        seat = owner.seat.name if owner.seat else owner.name
        all_of_kind, few = found.get(owner.kind, (0, 0))
        seen_little = is_underserved(owner.kind, owner.size, seat)
        found[owner.kind] = all_of_kind + offered, few + offered * seen_little
    return {kind: pair for kind, pair in found.items() if pair[0]}


def _rankings(rows: Iterable[tuple[int, int, float, bool, str, int]]) -> list[Ranking]:
    lists: dict[int, list[Match]] = {}
    for challenge_id, resource_id, score, _few, _kind, _rank in rows:
        matches = lists.setdefault(challenge_id, [])
        matches.append(Match(str(challenge_id), str(resource_id), len(matches) + 1, score, ()))
    return [Ranking(str(key), tuple(matches), {}, len(matches)) for key, matches in lists.items()]


def _tried(rankings: list[Ranking], underserved: set[str], percent: int) -> Tried:
    found = matching.with_fair_reach(rankings, underserved, floor=percent / 100)
    return Tried(
        percent,
        found.exposure_before,
        found.exposure_after,
        found.relevance_loss,
        found.places,
        found.is_reached,
    )
