"""What happened in projects, told to the agreements whose listed risks it was."""

from collections.abc import Iterable
from typing import Any

from enishi.agreements import ports
from enishi.projects.models import Incident


def came_true(agreement_ids: Any) -> Iterable[tuple[int, str]]:
    """Incidents under a project's risk that stands in an agreement's table."""
    column = "risk__agreement_risk"
    rows = Incident.objects.filter(
        project__deleted_at__isnull=True, **{f"{column}__version__agreement__in": agreement_ids}
    )
    return rows.values_list(f"{column}__version__agreement_id", f"{column}__key").distinct()


def register() -> None:
    ports.tell_of_risks(came_true)
