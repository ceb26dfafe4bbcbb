"""One partner, one resource, one challenge of a nation made for measuring."""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from enishi.config import nation_phrases as phrases
from enishi.exchange.enums import ChallengeStatus, CostTerms, ResourceKind, ResourceStatus, Sufferer
from enishi.exchange.models import Field
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.enums import OrganizationKind, OrganizationSize, Visibility
from enishi.organizations.models import Organization

Tell = Callable[[str], None]
RESOURCES_PER_PARTNER = 40
SOURCE = "測定のために機械が組み立てた架空の団体"
_VISIBILITIES = (
    ([Visibility.PUBLIC.value] * 92) + ([Visibility.MEMBERS.value] * 5) + ([Visibility.INTERNAL.value] * 3)
)
_PARTNERS = (
    ["company"] * 50
    + ["npo"] * 20
    + ["association"] * 10
    + ["community"] * 8
    + ["corporation"] * 8
    + ["university"] * 4
)


@dataclass(frozen=True)
class Ground:
    """What every record stands on."""

    seed: int
    partners: Sequence[tuple[int, str]]
    bodies: Sequence[tuple[int, str, str]]
    prefectures: Mapping[str, int]
    fields: Sequence[tuple[int, str]]
    organizations: Mapping[int, Organization]
    fields_by_key: Mapping[int, Field]

    def pool(self, kind: str) -> phrases.Pool:
        return phrases.pool(kind, self.seed, self.towns, self.names)

    @cached_property
    def towns(self) -> tuple[str, ...]:
        return tuple(name for _pk, name, _code in self.bodies)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _pk, name in self.fields)


def prepare(resources: int, seed: int, tell: Tell) -> Ground:
    rows = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY, code__isnull=False).order_by(
        "code"
    )
    bodies = list(rows.values_list("pk", "name", "prefecture_code"))
    prefectures = dict(
        Organization.objects.filter(kind=OrganizationKind.PREFECTURE).values_list("prefecture_code", "pk")
    )
    fields = list(
        Field.objects.filter(parent__isnull=False, is_active=True).order_by("pk").values_list("pk", "name")
    )
    partners = _partners(max(20, resources // RESOURCES_PER_PARTNER), seed, bodies, tell)
    owners = {pk for pk, _code in partners} | {pk for pk, _name, _code in bodies} | set(prefectures.values())
    shown = Organization.objects.only("name", "kind", "code", "prefecture_code")
    return Ground(
        seed,
        partners,
        bodies,
        prefectures,
        fields,
        {one.pk: one for one in shown if one.pk in owners},
        {one.pk: one for one in Field.objects.select_related("parent")},
    )


def _partners(
    wanted: int, seed: int, bodies: Sequence[tuple[int, str, str]], tell: Tell
) -> list[tuple[int, str]]:
    """Imaginary owners, each seated in a town: key and prefecture."""
    source = f"{SOURCE}({seed})"
    known = Organization.objects.filter(source=source)
    chance = random.Random(f"partners-{seed}")  # noqa: S311  data for measuring, the same every time
    made = [_partner(chance, bodies, source) for _number in range(wanted)][known.count() :]
    Organization.objects.bulk_create(made, batch_size=1_000)
    if made:
        tell(f"架空の団体を作りました: {len(made):,}")
    return list(known.order_by("pk").values_list("pk", "prefecture_code")[:wanted])


def _partner(chance: random.Random, bodies: Sequence[tuple[int, str, str]], source: str) -> Organization:
    kind = chance.choice(_PARTNERS)
    seat, town, prefecture = chance.choice(bodies)
    name = f"{town}{chance.choice(phrases.NAMES_BEFORE)}{chance.choice(phrases.NAMES_AFTER[kind])}"
    return Organization(
        kind=kind,
        name=name,
        prefecture_code=prefecture,
        seat_id=seat,
        size=chance.choices(OrganizationSize.values, weights=(7, 2, 1))[0],
        summary="測定のために作られた架空の団体です。",
        source=source,
        is_demo=True,
    )


def _owned(chance: random.Random, owner: int, key: str, at: dt.datetime, age: float) -> dict[str, Any]:
    """``age`` runs from 0, two years ago, to 1, now: keys follow time."""
    moment = at - dt.timedelta(days=730 * (1 - age), minutes=1)
    begins = chance.choice(
        (None, FiscalYear.of(at.date()).first_day, FiscalYear.of(at.date()).next.first_day)
    )
    ends = FiscalYear.of(begins).last_day if begins and chance.random() < 0.5 else None
    return {
        "organization_id": owner,
        "visibility": chance.choice(_VISIBILITIES),
        "window_from": begins,
        "window_to": ends,
        "import_key": key,
        "is_demo": True,
        "version": 1,
        "created_at": moment,
        "updated_at": moment,
        "published_at": moment,
        "contact_name": "測定用の窓口",
    }


@dataclass(frozen=True)
class Row:
    values: dict[str, Any]
    fields: Sequence[int]
    areas: Sequence[int]


def _fields(chance: random.Random, ground: Ground) -> tuple[str, list[int]]:
    # Some fields are much more common than others, as in life.
    places = [
        min(int(len(ground.fields) * chance.random() ** 2), len(ground.fields) - 1) for _one in range(2)
    ]
    chosen = [ground.fields[place] for place in dict.fromkeys(places[: chance.choice((1, 1, 2))])]
    return chosen[0][1], [pk for pk, _name in chosen]


def resource(chance: random.Random, ground: Ground, key: str, at: dt.datetime, age: float) -> Row:
    owner, prefecture = chance.choice(ground.partners)
    name, fields = _fields(chance, ground)
    said, pool = phrases.said("resources", name), ground.pool("resources")
    sentences = chance.sample(said.sentences, min(len(said.sentences), chance.randint(1, 3)))
    low = chance.choice((None, 0, 10_000, 50_000, 300_000))
    confirmed = at.date() - dt.timedelta(days=chance.randint(0, 150 if chance.random() < 0.85 else 600))
    nationwide = chance.random() < 0.4
    values = _owned(chance, owner, key, at, age) | {
        "title": chance.choice(pool.titles[name]),
        "kinds": sorted(set(chance.choices(ResourceKind.values, k=2))),
        "offer": "".join([*sentences, chance.choice(pool.frames)]),
        "capacity": f"月{chance.randint(1, 40)}回まで",
        "is_nationwide": nationwide,
        "cost_terms": chance.choice(CostTerms.values),
        "cost_min_yen": low,
        "cost_max_yen": None if low is None else low * 10,
        "conditions": "",
        "track_record": chance.choice(said.records) if chance.random() < 0.6 else "",
        "status": ResourceStatus.OPEN.value,
        "confirmed_on": confirmed,
    }
    return Row(values, fields, [] if nationwide else [ground.prefectures[prefecture]])


def challenge(chance: random.Random, ground: Ground, key: str, at: dt.datetime, age: float) -> Row:
    owner = chance.choice(ground.bodies)[0]
    name, fields = _fields(chance, ground)
    said, pool = phrases.said("challenges", name), ground.pool("challenges")
    sentences = chance.sample(said.sentences, min(len(said.sentences), chance.randint(1, 3)))
    values = _owned(chance, owner, key, at, age) | {
        "title": chance.choice(pool.titles[name]),
        "present_state": "".join([*sentences, chance.choice(pool.frames)]),
        "desired_state": chance.choice(said.records),
        "sufferers": [chance.choice(Sufferer.values)],
        "resource_kinds": sorted(set(chance.choices(ResourceKind.values, k=2))),
        "budget_min_yen": 0,
        "budget_max_yen": chance.choice((0, 500_000, 3_000_000, 20_000_000)),
        "pitch": chance.choice(pool.frames)[:120],
        "due_on": at.date() + dt.timedelta(days=chance.randint(5, 300)),
        "status": chance.choices(
            [ChallengeStatus.OPEN.value, ChallengeStatus.IN_DIALOGUE.value, ChallengeStatus.SOLVED.value],
            weights=(80, 12, 8),
        )[0],
    }
    return Row(values, fields, [owner])
