import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "enishi.audit"
    verbose_name = _("操作の記録")

    def ready(self) -> None:
        from enishi.audit import panels as parts
        from enishi.audit import receivers, wording  # noqa: F401
        from enishi.foundation import erasing, panels, schedule, ui

        for subject in parts.subjects():
            wording.register(subject)
        for record in ("organizations.organization", "organizations.section"):
            panels.records.register(
                panels.RecordPanel(record, "audit/_history_panel.html", order=90, context=parts.latest)
            )
        # Here and not in the rooms: whatever is erased must stand in the record of acts.
        schedule.register(
            schedule.Periodic("trash-erase", dt.timedelta(days=1), erasing.erase_old, daily_at=dt.time(3, 10))
        )
        ui.navigation.register(
            ui.NavigationItem(
                _("操作の記録"), "audit:act_list", order=95, icon="clock", shown=parts.reads_acts
            )
        )
