"""What changed is searchable at once."""

from typing import Any

from enishi.exchange.enums import RecordKind
from enishi.exchange.signals import challenge_changed, records_changed, resource_changed
from enishi.knowledge import services as knowledge


def connect() -> None:
    challenge_changed.connect(_challenge, dispatch_uid="search-challenge")
    resource_changed.connect(_resource, dispatch_uid="search-resource")
    records_changed.connect(_many, dispatch_uid="search-records")


def _challenge(challenge_id: int, **_named: Any) -> None:
    knowledge.index(RecordKind.CHALLENGE.value, [challenge_id])


def _resource(resource_id: int, **_named: Any) -> None:
    knowledge.index(RecordKind.RESOURCE.value, [resource_id])


def _many(kind: str, ids: list[int], **_named: Any) -> None:
    knowledge.index(kind, ids)
