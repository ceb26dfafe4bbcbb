"""What every room's doorway for programs shares: how a refusal looks, what may stand in an address."""

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from ninja import Schema
from pydantic import ConfigDict
from pydantic import Field as Limits

LARGEST = 2**63 - 1
ROWS = 100


class Fault(Schema):
    where: str
    why: str


class Problem(Schema):
    """Every refusal: a sentence for people, and where it applies the places at fault."""

    sentence: str
    faults: list[Fault] = []


class Sent(Schema):
    """A body: no key but those named."""

    model_config = ConfigDict(extra="forbid")


class Named(Schema):
    id: int
    name: str


READ: dict[Any, Any] = {401: Problem, 404: Problem, 422: Problem, 429: Problem}
WRITE: dict[Any, Any] = {400: Problem, 403: Problem, 409: Problem, **READ}
OPEN: dict[str, Any] = {"security": [{"Bearer": []}, {"Session": []}, {}]}
"""Read by everybody; with a key or a session one sees what that person may see."""

KeyInPath = Annotated[int, Limits(ge=1, le=LARGEST)]
Cursor = Annotated[str, Limits(max_length=300)]
Size = Annotated[int, Limits(ge=1, le=ROWS)]
Code = Annotated[str, Limits(max_length=40)]


def with_zone(moment: dt.datetime) -> dt.datetime:
    """A moment without a zone is ours; one too near the ends of time is not searched beyond them."""
    try:
        return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).astimezone(dt.UTC)
    except OverflowError:
        return dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
