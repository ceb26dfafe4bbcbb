"""The numbers by which every process sees, with one small query, that something changed."""

import secrets
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from enishi.exchange.enums import RecordKind
from enishi.exchange.matches.models import MatchCounter

EPOCH = "epoch"
"""A random number, drawn once for a database and again at each rebuild: other numbers are compared within one epoch."""


def read_counters() -> Mapping[str, int]:
    """All counters; those of a database nothing was ever indexed in are missing."""
    return dict(MatchCounter.objects.values_list("name", "value"))


@transaction.atomic
def draw(kind: RecordKind, count: int) -> int:
    """The first of ``count`` new sequence numbers, which others wait for until this transaction ends."""
    ensure_epoch()
    MatchCounter.objects.get_or_create(name=kind.value)
    MatchCounter.objects.filter(name=kind.value).update(value=F("value") + count)
    return MatchCounter.objects.get(name=kind.value).value - count + 1


def ensure_epoch() -> None:
    MatchCounter.objects.get_or_create(name=EPOCH, defaults={"value": secrets.randbits(52)})


def new_epoch() -> None:
    """Have every process forget what it holds."""
    MatchCounter.objects.update_or_create(name=EPOCH, defaults={"value": secrets.randbits(52)})


def reached(name: str) -> int:
    """Up to which sequence some follower has come."""
    found = MatchCounter.objects.filter(name=name).values_list("value", flat=True).first()
    return found or 0


def note_reached(name: str, value: int) -> None:
    MatchCounter.objects.update_or_create(name=name, defaults={"value": value})
