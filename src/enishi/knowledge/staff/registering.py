"""Everything the tools for staff hand in while the application starts."""

import datetime as dt
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.foundation import schedule
from enishi.foundation.ui import NavigationItem, navigation
from enishi.knowledge.staff import trash
from enishi.knowledge.staff.access import is_staff


def register() -> None:
    """Called once, in ``apps.ready``."""
    _cases()


def _cases() -> None:
    from enishi.knowledge.cases import learning, readings, search, services, transfer  # noqa: F401  registers its jobs
    from enishi.knowledge.cases.access import case_access, path_access
    from enishi.knowledge.cases.enums import CaseOutcome, Verification

    search.register_source()
    navigation.register(
        NavigationItem(_("事例集"), "cases:case_list", order=62, shown=is_staff, icon="bookmark")
    )
    wording.register(
        wording.Subject(
            "knowledge.case",
            case_access.visible,
            {"verify": _("確認の状態を変えました。")},
            frozenset({"import_key", "contributed_key", "contributed_kind", "contributed_url"}),
            {"outcome": dict(CaseOutcome.choices), "verification": dict(Verification.choices)},
        )
    )
    trash.register(trash.Kind("case", _("事例"), case_access, _by_key(services.restore_case, "case_id")))
    trash.register(
        trash.Kind("path", _("学びの道筋"), path_access, _by_key(learning.restore_path, "path_id"))
    )
    minute = dt.timedelta(minutes=1)
    schedule.register(schedule.Periodic("knowledge.case_readings", every=minute, function=readings.catch_up))


def _by_key(service: Any, name: str) -> Any:
    return partial(_called, service, name)


def _called(service: Any, name: str, *, pk: int, **given: Any) -> Any:
    return service(**{name: pk}, **given)
