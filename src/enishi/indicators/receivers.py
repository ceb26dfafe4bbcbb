"""What follows when values and baselines change."""

from typing import Any

from django.utils import timezone

from enishi.indicators.services.changes import work_out
from enishi.indicators.signals import standings_changed


def connect() -> None:
    standings_changed.connect(_work_out, dispatch_uid="indicators-change-targets")


def _work_out(ids: list[int], **_named: Any) -> None:
    work_out(ids, at=timezone.now())
