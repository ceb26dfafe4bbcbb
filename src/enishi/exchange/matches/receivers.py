"""What the exchange tells of its records, taken to the index."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import tasks
from enishi.exchange.matches.services import index_now
from enishi.exchange.signals import challenge_changed, records_changed, resource_changed

READ_HERE = 10
"""More than these at once are given their meaning by the worker; by their words they are found at once."""


def connect() -> None:
    challenge_changed.connect(_read_challenge, dispatch_uid="matches-challenge")
    resource_changed.connect(_read_resource, dispatch_uid="matches-resource")
    records_changed.connect(_read_many, dispatch_uid="matches-records")


def _read_challenge(sender: object, challenge_id: int, **_more: Any) -> None:
    index_now(RecordKind.CHALLENGE.value, [challenge_id])


def _read_resource(sender: object, resource_id: int, **_more: Any) -> None:
    index_now(RecordKind.RESOURCE.value, [resource_id])


def _read_many(sender: object, kind: str, ids: Iterable[int], **_more: Any) -> None:
    keys = list(ids)
    few = len(keys) <= READ_HERE
    index_now(kind, keys, embed=few)
    if not few:
        tasks.start_embedding(at=timezone.now())
