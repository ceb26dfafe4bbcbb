"""Projects and the register of indicators: its changes reach the projects, and its pages show which projects go by it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.foundation import panels
from enishi.foundation.access import Actor
from enishi.indicators.models import Indicator
from enishi.indicators.signals import indicator_changed, indicators_changed, standings_changed
from enishi.projects import services
from enishi.projects.access import project_access

FEW = 20


def register() -> None:
    """Called once, in ``apps.ready``."""
    indicator_changed.connect(_one, dispatch_uid="projects-indicator")
    indicators_changed.connect(_many, dispatch_uid="projects-indicators")
    standings_changed.connect(_many, dispatch_uid="projects-standings")
    panels.records.register(
        panels.RecordPanel(
            "indicators.indicator",
            "projects/_of_programme.html",
            70,
            of_indicator,
            gettext_lazy("この指標を成果とする事業"),
        )
    )


def _one(sender: Any, indicator_id: int, **kwargs: Any) -> None:
    services.keep_in_step([indicator_id], at=timezone.now())


def _many(sender: Any, ids: Iterable[int], **kwargs: Any) -> None:
    services.keep_in_step(ids, at=timezone.now())


def of_indicator(actor: Actor, indicator: Indicator) -> Mapping[str, Any] | None:
    rows = project_access.visible(actor).filter(
        measures__indicator=indicator, measures__retired_at__isnull=True
    )
    found = list(rows.select_related("organization").distinct().order_by("-updated_at", "-pk")[:FEW])
    return {"projects": found} if found else None
