"""What the worker does from time to time. Rooms register their rounds in ``apps.ready``."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from enishi.foundation.models import Round

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """``function(at)`` once every ``every``, or once a day from ``daily_at`` (local time) on."""

    name: str
    every: dt.timedelta
    function: Callable[[dt.datetime], object]
    daily_at: dt.time | None = None

    def due_since(self, at: dt.datetime) -> dt.datetime:
        """A round made before this moment is due again."""
        if self.daily_at is None:
            return at - self.every
        local = timezone.localtime(at)
        today = local.replace(hour=self.daily_at.hour, minute=self.daily_at.minute, second=0, microsecond=0)
        return today if today <= local else today - dt.timedelta(days=1)


_rounds: dict[str, Periodic] = {}


def register(periodic: Periodic) -> None:
    _rounds[periodic.name] = periodic


def make_due_rounds(at: dt.datetime) -> list[str]:
    """Do everything that is due. Returns the names of what was done."""
    return [periodic.name for periodic in _rounds.values() if _claim(periodic, at) and _do(periodic, at)]


def _claim(periodic: Periodic, at: dt.datetime) -> bool:
    """Only one worker makes a round: the one whose update finds it due."""
    due = Round.objects.filter(name=periodic.name, made_at__lt=periodic.due_since(at))
    if due.update(made_at=at):
        return True
    if Round.objects.filter(name=periodic.name).exists():
        return False
    try:
        with transaction.atomic():
            Round.objects.create(name=periodic.name, made_at=at)
    except IntegrityError:
        return False
    # A new installation waits for the first morning.
    return periodic.daily_at is None


def _do(periodic: Periodic, at: dt.datetime) -> bool:
    try:
        periodic.function(at)
    except Exception:
        # One room's failing round must not keep the others from theirs.
        logger.exception("round failed", extra={"round": periodic.name})
        return False
    return True
