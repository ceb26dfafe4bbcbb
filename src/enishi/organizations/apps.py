import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "enishi.organizations"
    verbose_name = _("団体と人")

    def ready(self) -> None:
        from enishi.accounts import own_data
        from enishi.foundation import panels, schedule, ui
        from enishi.organizations import pieces, selectors, services

        for part, answer in (
            ("municipality", selectors.frame_municipality),
            ("is_staff", selectors.is_staff),
            ("affiliation", selectors.frame_affiliation),
            ("contact", selectors.frame_contact),
        ):
            ui.frame_parts.register(part, answer)
        own_data.register(own_data.OwnData("memberships", selectors.own_memberships))
        schedule.register(
            schedule.Periodic("reorganizations", dt.timedelta(days=1), services.carry_out_due, dt.time(0, 10))
        )
        for item in pieces.navigation():
            ui.navigation.register(item)
        panels.records.register(
            panels.RecordPanel(
                "accounts.person", "organizations/_own_places.html", order=10, context=pieces.own_places
            )
        )
        panels.home.register(
            panels.HomePanel(template="", order=20, context=pieces.waiting_for_me, group="today")
        )
