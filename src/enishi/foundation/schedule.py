"""What the worker does from time to time. Rooms register their rounds in ``apps.ready``."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError

from enishi.foundation.models import Round

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """``function(at)`` once every ``every``; safe to be called by several workers."""

    name: str
    every: dt.timedelta
    function: Callable[[dt.datetime], object]


_rounds: dict[str, Periodic] = {}


def register(periodic: Periodic) -> None:
    _rounds[periodic.name] = periodic


def make_due_rounds(at: dt.datetime) -> list[str]:
    """Do everything that is due. Returns the names of what was done."""
    return [periodic.name for periodic in _rounds.values() if _claim(periodic, at) and _do(periodic, at)]


def _claim(periodic: Periodic, at: dt.datetime) -> bool:
    """Only one worker makes a round: the one whose update finds it due."""
    due = Round.objects.filter(name=periodic.name, made_at__lte=at - periodic.every)
    if due.update(made_at=at):
        return True
    if Round.objects.filter(name=periodic.name).exists():
        return False
    try:
        Round.objects.create(name=periodic.name, made_at=at)
    except IntegrityError:
        return False
    return True


def _do(periodic: Periodic, at: dt.datetime) -> bool:
    try:
        periodic.function(at)
    except Exception:
        # One room's failing round must not keep the others from theirs.
        logger.exception("round failed", extra={"round": periodic.name})
        return False
    return True
