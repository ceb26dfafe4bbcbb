"""What programs send and get: organisations, fields, challenges, resources, matches.

What is sent is read strictly (a number is a number, a text a text, a name nobody knows is refused), so that a slip in a
program shows at once.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, Field, StrictBool, StrictStr

from enishi.exchange.enums import ChallengeStatus, CostTerms, ResourceKind, ResourceStatus, Sufferer
from enishi.exchange.values import MOST_YEN
from enishi.foundation.doorway import LARGEST, Named, Sent
from enishi.organizations.enums import OrganizationKind, Visibility

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(\D|$)")


def _whole(value: Any) -> Any:
    """A whole number, as JSON means it: 2.0 is one; "2" and true are none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


Key = Annotated[int, Field(strict=True, ge=1, le=LARGEST), BeforeValidator(_whole)]
Keys = Annotated[list[Key], Field(max_length=200)]
Yen = Annotated[int, Field(strict=True, ge=0, le=MOST_YEN), BeforeValidator(_whole)]


Line = Annotated[StrictStr, Field(max_length=300)]
Contact = Annotated[StrictStr, Field(max_length=100)]
Pitch = Annotated[StrictStr, Field(max_length=120)]
Reason = Annotated[StrictStr, Field(max_length=500)]
Title = Annotated[StrictStr, Field(min_length=1, max_length=120)]
FieldCode = Annotated[StrictStr, Field(min_length=1, max_length=40)]
Words = Annotated[StrictStr, Field(max_length=2_000)]
LongWords = Annotated[StrictStr, Field(max_length=4_000)]


def _written(value: Any) -> Any:
    """A day or moment comes as written text: a bare number would be read as seconds since 1970."""
    if value is None or (isinstance(value, str) and _DATED.match(value)):
        return value
    raise ValueError("日付は 2026-12-01、日時は 2026-12-01T09:00:00+09:00 のように書いてください。")


Day = Annotated[dt.date, BeforeValidator(_written)]
Moment = Annotated[dt.datetime, BeforeValidator(_written)]


class FieldShown(Schema):
    code: str
    name: str
    parent: str | None
    is_active: bool

    @staticmethod
    def resolve_parent(row: Any) -> str | None:
        return row.parent.code if row.parent_id else None


class OrganizationShown(Schema):
    id: int
    kind: OrganizationKind
    name: str
    kana: str
    code: str | None
    corporate_number: str | None
    prefecture_code: str
    summary: str
    url: str


class RecordShown(Schema):
    id: int
    url: str
    title: str
    organization: Named
    section: Named | None
    visibility: Visibility
    fields: list[str]
    areas: list[int]
    window_from: dt.date | None
    window_to: dt.date | None
    conditions: str
    contact_name: str
    status_reason: str
    published_at: dt.datetime | None
    updated_at: dt.datetime
    version: int

    @staticmethod
    def resolve_url(row: Any) -> str:
        return str(row.get_absolute_url())

    @staticmethod
    def resolve_fields(row: Any) -> list[str]:
        return [field.code for field in row.fields.all()]

    @staticmethod
    def resolve_areas(row: Any) -> list[int]:
        return [area.pk for area in row.areas.all()]


class ChallengeShown(RecordShown):
    status: ChallengeStatus
    present_state: str
    figures: str
    tried: str
    desired_state: str
    success_measure: str
    sufferers: list[Sufferer]
    resource_kinds: list[ResourceKind]
    budget_min_yen: int | None
    budget_max_yen: int | None
    budget_note: str
    due_on: dt.date | None
    shareable_data: str
    means_considered: str
    pitch: str


class ResourceShown(RecordShown):
    status: ResourceStatus
    kinds: list[ResourceKind]
    offer: str
    capacity: str
    is_nationwide: bool
    cost_terms: CostTerms
    cost_min_yen: int | None
    cost_max_yen: int | None
    cost_note: str
    track_record: str
    confirmed_on: dt.date | None
    expires_on: dt.date | None
    latitude: float | None
    longitude: float | None


class RecordSent(Sent):
    title: Title | None = None
    section_id: Key | None = None
    visibility: Visibility | None = None
    party_ids: Keys | None = None
    field_ids: Keys | None = None
    field_codes: Annotated[list[FieldCode], Field(max_length=90)] | None = None
    area_ids: Keys | None = None
    window_from: Day | None = None
    window_to: Day | None = None
    conditions: Words | None = None
    contact_name: Contact | None = None


class ChallengeSent(RecordSent):
    present_state: LongWords | None = None
    figures: Words | None = None
    tried: LongWords | None = None
    desired_state: LongWords | None = None
    success_measure: Words | None = None
    sufferers: Annotated[list[Sufferer], Field(max_length=3)] | None = None
    resource_kinds: Annotated[list[ResourceKind], Field(max_length=9)] | None = None
    budget_min_yen: Yen | None = None
    budget_max_yen: Yen | None = None
    budget_note: Line | None = None
    due_on: Day | None = None
    shareable_data: Words | None = None
    means_considered: Words | None = None
    pitch: Pitch | None = None


class ResourceSent(RecordSent):
    kinds: Annotated[list[ResourceKind], Field(max_length=9)] | None = None
    offer: LongWords | None = None
    capacity: Line | None = None
    is_nationwide: StrictBool | None = None
    cost_terms: CostTerms | None = None
    cost_min_yen: Yen | None = None
    cost_max_yen: Yen | None = None
    cost_note: Line | None = None
    track_record: Words | None = None
    expires_on: Day | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, strict=True)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, strict=True)] | None = None


class ChallengeNew(ChallengeSent):
    organization_id: Key
    title: Title


class ResourceNew(ResourceSent):
    organization_id: Key
    title: Title


class ChallengeEdit(ChallengeSent):
    """``version``: the one that was read; when somebody saved since, 409 answers."""

    version: Key


class ResourceEdit(ResourceSent):
    version: Key


class ChallengeMoved(Sent):
    status: ChallengeStatus
    reason: Reason = ""


class ResourceMoved(Sent):
    status: ResourceStatus
    reason: Reason = ""


class PartShown(Schema):
    """One view's share of a score: value × weight beyond what is neutral."""

    view: str
    value: float | None
    weight: float
    contribution: float


class PhraseShown(Schema):
    """Two pieces that met; each stands literally in its side's matched text."""

    want: str
    can: str
    shared: bool


class MatchShown(Schema):
    rank: int
    score: float
    challenge: Named
    resource: Named
    is_unexpected: bool
    parts: list[PartShown]
    phrases: list[PhraseShown]
    met: list[str]
    not_met: list[str]
    would_raise: list[str]


class Left(Schema):
    """How many visible ones a rule kept out."""

    why: str
    count: int


class MatchesShown(Schema):
    items: list[MatchShown]
    count: int
    considered: int
    left_out: list[Left]
    weights_version: str
    next_offset: int | None


class OrganizationsPage(Schema):
    items: list[OrganizationShown]
    next_cursor: str


class ChallengesPage(Schema):
    items: list[ChallengeShown]
    next_cursor: str


class ResourcesPage(Schema):
    items: list[ResourceShown]
    next_cursor: str


class Place(Schema):
    organization: Named
    section: Named | None
    role: str


class Myself(Schema):
    id: int
    name: str
    email: str
    places: list[Place]


def values_of(
    sent: RecordSent, *, leave_out: Sequence[str] = ("organization_id", "version")
) -> dict[str, Any]:
    """What was named in the body, as the services take it."""
    values = sent.model_dump(exclude_unset=True, exclude=set(leave_out) | {"field_codes"})
    return {name: _plain(value) for name, value in values.items() if not _is_unsaid(name, value)}


def _is_unsaid(name: str, value: Any) -> bool:
    """``null`` empties what may be empty; for a choice or a yes-or-no it says nothing."""
    return value is None and name in {"visibility", "cost_terms", "is_nationwide", "title"}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return getattr(value, "value", value)
