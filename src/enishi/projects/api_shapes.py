"""What programs get: projects, their measures with values, and their trials."""

import datetime as dt
from decimal import Decimal

from ninja import Schema

from enishi.exchange.api_shapes import FieldShown
from enishi.foundation.doorway import Named
from enishi.projects.enums import ProjectStatus


class ProjectShown(Schema):
    id: int
    title: str
    purpose: str
    status: ProjectStatus
    is_trial: bool
    organization: Named
    section: Named | None
    visibility: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    started_on: dt.date | None
    ended_on: dt.date | None
    end_reason: str
    updated_at: dt.datetime


class TakesPart(Schema):
    name: str
    role: str


class TrialShown(Schema):
    round: int
    state: str
    hypothesis: str
    suggestion: str
    decision: str
    decision_reason: str
    people: int
    residents: int


class ProjectWhole(ProjectShown):
    content: str
    challenge_id: int | None
    proposal_id: int | None
    agreement_id: int | None
    fields: list[FieldShown]
    participants: list[TakesPart]
    trials: list[TrialShown]


class ProjectsPage(Schema):
    items: list[ProjectShown]
    next_cursor: str


class ValueShown(Schema):
    on: dt.date
    value: Decimal | None
    missing_reason: str
    source: str


class MeasureShown(Schema):
    id: int
    title: str
    kind: str
    tier: str
    unit: str
    direction: str
    baseline_value: Decimal | None
    baseline_on: dt.date | None
    target_value: Decimal | None
    target_on: dt.date | None
    source: str
    status: str
    explanation: str
    values: list[ValueShown]
